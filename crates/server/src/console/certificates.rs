//! Certificates and their ends, as they are shown.

use std::time::Duration;

use base::Timestamp;
use base::expiry::HORIZON;
use federation::saml::security::Certificate;

use crate::State;
use crate::pages::words;

const DAY: Duration = Duration::from_hours(24);

/// A certificate on a page.
#[derive(Debug)]
pub struct Shown {
    pub subject: String,
    pub fingerprint: String,
    pub from: String,
    pub until: String,
    pub warning: Option<String>,
    pub pem: String,
}

impl Shown {
    pub fn new(certificate: &Certificate, state: &State) -> Self {
        Self {
            subject: certificate.subject().to_owned(),
            fingerprint: certificate.fingerprint(),
            from: words::day(certificate.not_before()),
            until: words::day(certificate.not_after()),
            warning: warning(certificate.not_after(), state.ambient.now()),
            pem: certificate.to_pem(),
        }
    }
}

/// What is said of an end that has come, or comes soon.
pub fn warning(end: Timestamp, now: Timestamp) -> Option<String> {
    if end <= now {
        return Some("expired".to_owned());
    }
    let left = end.since(now);
    (left <= HORIZON).then(|| {
        let days = left.as_secs().div_ceil(DAY.as_secs());
        format!("expires within {}", words::several(days, "day"))
    })
}
