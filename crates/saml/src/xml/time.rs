//! Points in time as `xs:dateTime` (SAML core §1.3.3: in UTC).

use base::Timestamp;

/// Reads `2026-11-21T09:30:00Z`. One without a zone is UTC, as the standard has it; one with another zone is understood.
pub fn parse_time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let bytes = text.as_bytes();
    let shaped = bytes.len() >= 19
        && bytes[..19].iter().enumerate().all(|(at, byte)| match at {
            4 | 7 => *byte == b'-',
            10 => *byte == b'T',
            13 | 16 => *byte == b':',
            _ => byte.is_ascii_digit(),
        });
    if !shaped {
        return None;
    }
    // Nobody needs more than nanoseconds, and some send them.
    let mut rest = &text[19..];
    let mut seconds = text[..19].to_owned();
    if let Some(fraction) = rest.strip_prefix('.') {
        let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            return None;
        }
        seconds.push('.');
        seconds.push_str(&fraction[..digits.min(9)]);
        rest = &fraction[digits..];
    }
    let zone_is_right = match rest.as_bytes() {
        [] | [b'Z'] => true,
        [b'+' | b'-', h1, h2, b':', m1, m2] => [h1, h2, m1, m2].iter().all(|digit| digit.is_ascii_digit()),
        _ => false,
    };
    if !zone_is_right {
        return None;
    }
    seconds.push_str(if rest.is_empty() { "Z" } else { rest });
    seconds.parse().ok()
}

/// To the millisecond: not everybody reads more.
pub fn format_time(time: Timestamp) -> String {
    Timestamp::from_micros(time.as_micros().div_euclid(1_000) * 1_000).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_others_write() {
        let time: Timestamp = "2026-11-21T09:30:00.25Z".parse().expect("a time");
        for text in [
            "2026-11-21T09:30:00.25Z",
            "2026-11-21T09:30:00.250",
            " 2026-11-21T10:30:00.2500000+01:00\n",
            "2026-11-21T09:30:00.250000000000Z",
        ] {
            assert_eq!(parse_time(text), Some(time), "{text}");
        }
        for text in [
            "",
            "2026-11-21",
            "2026-11-21 09:30:00Z",
            "2026-13-21T09:30:00Z",
            "2026-11-21T09:30:00.Z",
            "2026-11-21T09:30:00Zz",
            "2026-11-21T09:30:00[Europe/Berlin]",
            "+002026-11-21T09:30:00Z",
            "2026-11-21T09:30Z",
            "２026-11-21T09:30:00Z",
        ] {
            assert_eq!(parse_time(text), None, "{text}");
        }
    }

    #[test]
    fn writes_milliseconds() {
        assert_eq!(
            format_time(Timestamp::from_micros(1_999)),
            "1970-01-01T00:00:00.001Z"
        );
        assert_eq!(format_time(Timestamp::from_micros(0)), "1970-01-01T00:00:00Z");
        assert_eq!(
            format_time(Timestamp::from_micros(-1)),
            "1969-12-31T23:59:59.999Z"
        );
    }
}
