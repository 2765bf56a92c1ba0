//! `Retry-After` in both forms (RFC 9110 §10.2.3).

use std::time::{Duration, SystemTime};

use base::Timestamp;
use outbound::{HeaderMap, header};

/// How long the target asks us to wait from now on, if it says so and it can be read.
pub(crate) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    let since_1970 = date.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    Some((Timestamp::default() + since_1970).since(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<u64> {
        let mut headers = HeaderMap::new();
        headers.insert(header::RETRY_AFTER, text.parse().expect("a header"));
        let now = "2026-11-21T09:30:00Z".parse().expect("a time");
        retry_after(&headers, now).map(|wait| wait.as_secs())
    }

    #[test]
    fn both_forms() {
        for (text, seconds) in [
            ("120", Some(120)),
            ("0", Some(0)),
            ("Sat, 21 Nov 2026 09:31:30 GMT", Some(90)),
            ("Sat, 21 Nov 2026 09:00:00 GMT", Some(0)),
            // The obsolete forms, which recipients must read all the same (RFC 9110 §5.6.7).
            ("Saturday, 21-Nov-26 09:31:30 GMT", Some(90)),
            ("Sat Nov 21 09:31:30 2026", Some(90)),
            ("Sat Nov 21 25:31:30 2026", None),
            ("soon", None),
            ("-1", None),
            ("1.5", None),
        ] {
            assert_eq!(read(text), seconds, "{text}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), Timestamp::default()), None);
    }
}
