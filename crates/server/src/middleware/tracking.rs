//! The `TrackingID` of a request: Webex's clients send one and quote it to support; every answer carries one.

use base::CorrelationId;
use http::{HeaderMap, HeaderName, HeaderValue};

pub const HEADER: HeaderName = HeaderName::from_static("trackingid");
/// Longer ones are not taken over, in bytes.
const LONGEST: usize = 128;

/// What the client calls its request, or what we call it.
#[derive(Debug, Clone)]
pub struct TrackingId(HeaderValue);

impl TrackingId {
    /// The client's own if it is well-formed: up to 128 visible ASCII characters without quotes, brackets and
    /// backslashes. Else `INSTEP_` and the correlation id.
    pub fn of(headers: &HeaderMap, correlation: CorrelationId) -> Self {
        let sent = headers
            .get(&HEADER)
            .filter(|sent| is_well_formed(sent.as_bytes()));
        Self(match sent {
            Some(sent) => sent.clone(),
            None => HeaderValue::from_str(&format!("INSTEP_{correlation}"))
                .unwrap_or(HeaderValue::from_static("INSTEP")),
        })
    }

    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    pub fn into_header(self) -> HeaderValue {
        self.0
    }
}

fn is_well_formed(sent: &[u8]) -> bool {
    let is_fine = |byte: &u8| byte.is_ascii_graphic() && !b"\"'`<>\\".contains(byte);
    !sent.is_empty() && sent.len() <= LONGEST && sent.iter().all(is_fine)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_harmless_in_logs_is_taken_over() {
        for (sent, taken) in [
            ("SIMPLE_8f14e45f-ceea-467f-9575-1a2b3c4d5e6f", true),
            ("NA_1:2/3", true),
            ("", false),
            ("two words", false),
            ("\"quoted\"", false),
            ("a\tb", false),
            (&"x".repeat(LONGEST), true),
            (&"x".repeat(LONGEST + 1), false),
        ] {
            assert_eq!(is_well_formed(sent.as_bytes()), taken, "{sent:?}");
        }
        assert!(!is_well_formed("é".as_bytes()));
    }
}
