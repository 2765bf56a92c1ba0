//! `updateTimeStamp`: by which Webex decides whether an account is to be updated. It comes as a long (milliseconds since
//! 1970), as UTC time, or as LDIF time (generalized time, RFC 4517 §3.3.13).

use base::Timestamp;

use crate::xml::parse_time;

/// Reads any of the three forms.
pub fn parse_update_time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    parse_ldif(text)
        .or_else(|| parse_long(text))
        .or_else(|| parse_time(text))
}

/// Milliseconds; what is too small for those is seconds.
fn parse_long(text: &str) -> Option<Timestamp> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: i64 = text.parse().ok()?;
    // In seconds that is the year 5138, in milliseconds 1973.
    let scale = if number < 100_000_000_000 {
        1_000_000
    } else {
        1_000
    };
    number.checked_mul(scale).map(Timestamp::from_micros)
}

/// `20261121093000Z`, `20261121093000.5Z`, `20261121103000+0100`, and without seconds.
fn parse_ldif(text: &str) -> Option<Timestamp> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if !matches!(digits, 12 | 14) {
        return None;
    }
    let (time, rest) = text.split_at(digits);
    let end = rest.find(['Z', '+', '-'])?;
    let (fraction, zone) = rest.split_at(end);
    let seconds = if digits == 14 { &time[12..] } else { "00" };
    let fraction = match fraction.as_bytes() {
        [] => String::new(),
        [b'.' | b',', digits @ ..]
            if digits.iter().all(u8::is_ascii_digit) && digits_are_of_seconds(time) =>
        {
            format!(".{}", &fraction[1..])
        }
        _ => return None,
    };
    let zone = match zone.as_bytes() {
        [b'Z'] => "Z".to_owned(),
        [_, digits @ ..] if digits.len() == 4 && digits.iter().all(u8::is_ascii_digit) => {
            format!("{}:{}", &zone[..3], &zone[3..])
        }
        [_, digits @ ..] if digits.len() == 2 && digits.iter().all(u8::is_ascii_digit) => {
            format!("{zone}:00")
        }
        _ => return None,
    };
    let (year, month, day) = (&time[..4], &time[4..6], &time[6..8]);
    let (hour, minute) = (&time[8..10], &time[10..12]);
    parse_time(&format!(
        "{year}-{month}-{day}T{hour}:{minute}:{seconds}{fraction}{zone}"
    ))
}

/// A fraction of a minute is somebody's joke.
fn digits_are_of_seconds(time: &str) -> bool {
    time.len() == 14
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_three_forms_are_understood() {
        let time: Timestamp = "2026-11-21T09:30:00Z".parse().expect("a time");
        for text in [
            "1795253400000",
            "1795253400",
            "2026-11-21T09:30:00Z",
            "2026-11-21T10:30:00.000+01:00",
            "20261121093000Z",
            "20261121093000.0Z",
            "20261121093000,000Z",
            "202611210930Z",
            "20261121103000+0100",
            "20261121043000-05",
            " 20261121093000Z ",
        ] {
            assert_eq!(parse_update_time(text), Some(time), "{text}");
        }
        for text in [
            "",
            "yesterday",
            "20261121",
            "20261121093000",
            "20261321093000Z",
            "20261121093000ZZ",
            "20261121093000+1",
            "20261121093000.xZ",
            "99999999999999999999",
            "-5",
        ] {
            let wrong = parse_update_time(text);
            // A number of 14 digits, or of 8, is a long.
            let long = text.bytes().all(|byte| byte.is_ascii_digit()) && matches!(text.len(), 8 | 14);
            assert_eq!(wrong.is_some(), long, "{text}");
        }
    }
}
