//! How much a target will take until when, where its answers say so: `RateLimit` (draft-ietf-httpapi-ratelimit-headers), and
//! the fields of its older drafts and of vendors, `RateLimit-Remaining` and `-Reset`, `X-RateLimit-…`, `X-Rate-Limit-…`.
//!
//! The time is in seconds from now on, or since 1970.

use std::time::Duration;

use base::Timestamp;
use outbound::header::HeaderMap;

/// So many requests until then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Quota {
    pub(crate) remaining: u64,
    pub(crate) resets: Timestamp,
}

/// A longer time is a mistake.
const LONGEST: Duration = Duration::from_hours(1);
/// Seconds, so two answers of the same time may differ by one.
const SAME: Duration = Duration::from_secs(1);
/// A number of seconds above it is since 1970.
const EPOCH: u64 = 1_000_000_000;

impl Quota {
    /// Whether both are about the same stretch of time.
    pub(super) fn is_same_as(self, other: Self) -> bool {
        self.resets.since(other.resets) <= SAME && other.resets.since(self.resets) <= SAME
    }
}

/// What the answer's headers say.
pub(super) fn quota(headers: &HeaderMap, now: Timestamp) -> Option<Quota> {
    let text = |name: &str| headers.get(name)?.to_str().ok();
    let number = |name: &str| text(name)?.split([',', ';']).next()?.trim().parse::<u64>().ok();
    let (remaining, reset) = match text("ratelimit").and_then(listed) {
        Some(found) => found,
        None => ["ratelimit", "x-ratelimit", "x-rate-limit"]
            .into_iter()
            .find_map(|prefix| {
                Some((
                    number(&format!("{prefix}-remaining"))?,
                    number(&format!("{prefix}-reset"))?,
                ))
            })?,
    };
    let resets = match reset {
        0..EPOCH => now + Duration::from_secs(reset).min(LONGEST),
        _ => (Timestamp::default() + Duration::from_secs(reset)).min(now + LONGEST),
    };
    (resets > now).then_some(Quota { remaining, resets })
}

/// `"default";r=50;t=30`, or `limit=100, remaining=50, reset=30`.
fn listed(text: &str) -> Option<(u64, u64)> {
    let value = |names: [&str; 2]| {
        text.split([',', ';'])
            .filter_map(|part| part.split_once('='))
            .find(|(name, _)| {
                names
                    .iter()
                    .any(|wanted| name.trim().eq_ignore_ascii_case(wanted))
            })
            .and_then(|(_, value)| value.trim().parse().ok())
    };
    Some((value(["r", "remaining"])?, value(["t", "reset"])?))
}

#[cfg(test)]
mod tests {
    use outbound::header::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn every_form_is_read() {
        let seconds = 1_800_000_000;
        let now = Timestamp::default() + Duration::from_secs(seconds);
        for (fields, expected) in [
            (&[("ratelimit", "\"default\";r=50;t=30")][..], Some((50, 30))),
            (&[("ratelimit", "limit=100, remaining=7, reset=5")], Some((7, 5))),
            (
                &[("ratelimit-remaining", "0"), ("ratelimit-reset", "12")],
                Some((0, 12)),
            ),
            (
                &[
                    ("x-ratelimit-limit", "9"),
                    ("x-ratelimit-remaining", "8"),
                    ("x-ratelimit-reset", "7"),
                ],
                Some((8, 7)),
            ),
            (
                &[
                    ("x-rate-limit-remaining", "3"),
                    ("x-rate-limit-reset", "1800000060"),
                ],
                Some((3, 60)),
            ),
            // Over already, or never.
            (
                &[
                    ("x-rate-limit-remaining", "3"),
                    ("x-rate-limit-reset", "1799999999"),
                ],
                None,
            ),
            (&[("ratelimit-remaining", "3"), ("ratelimit-reset", "0")], None),
            (
                &[("ratelimit-remaining", "0"), ("ratelimit-reset", "999999")],
                Some((0, 3_600)),
            ),
            (
                &[
                    ("ratelimit-remaining", "0"),
                    ("ratelimit-reset", "99999999999999"),
                ],
                Some((0, 3_600)),
            ),
            (&[("ratelimit-remaining", "3")], None),
            (&[("ratelimit", "soon")], None),
            (&[("ratelimit-remaining", "-3"), ("ratelimit-reset", "x")], None),
            (&[], None),
        ] {
            let headers: HeaderMap = fields
                .iter()
                .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
                .collect();
            let found =
                quota(&headers, now).map(|quota| (quota.remaining, quota.resets.since(now).as_secs()));
            assert_eq!(found, expected, "{fields:?}");
        }
    }
}
