//! Moments as people write them: a time, a day, or how long ago.

use std::time::Duration;

use base::{Ambient, Timestamp};

/// For clap: `2026-11-21T09:30:00Z`, `2026-11-21` (its beginning in UTC), `30m`, `24h`, `7d`.
pub(crate) fn parse(text: &str) -> Result<Timestamp, String> {
    read(text, Ambient::system().now())
        .ok_or_else(|| "write it as 2026-11-21T09:30:00Z, as 2026-11-21, or as 30m, 24h or 7d ago".to_owned())
}

fn read(text: &str, now: Timestamp) -> Option<Timestamp> {
    if let Ok(time) = text.parse() {
        return Some(time);
    }
    if let Ok(day) = format!("{text}T00:00:00Z").parse() {
        return Some(day);
    }
    let unit = text.chars().last()?;
    let number: u64 = text.strip_suffix(unit)?.parse().ok()?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return None,
    };
    Some(now - Duration::from_secs(number.checked_mul(seconds)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_writing() {
        let now: Timestamp = "2026-11-21T12:00:00Z".parse().expect("a time");
        for (text, time) in [
            ("2026-11-21T09:30:00+01:00", Some("2026-11-21T08:30:00Z")),
            ("2026-11-20", Some("2026-11-20T00:00:00Z")),
            ("90s", Some("2026-11-21T11:58:30Z")),
            ("30m", Some("2026-11-21T11:30:00Z")),
            ("24h", Some("2026-11-20T12:00:00Z")),
            ("7d", Some("2026-11-14T12:00:00Z")),
            ("yesterday", None),
            ("7", None),
            ("d", None),
            ("é", None),
            ("", None),
            ("99999999999999999999d", None),
            ("9999999999999999999d", None),
        ] {
            let expected = time.map(|time| time.parse().expect("a time"));
            assert_eq!(read(text, now), expected, "{text}");
        }
    }
}
