//! A certificate as the API shows it.

use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct Certificate {
    pub(super) fingerprint: String,
    pub(super) subject: String,
    pub(super) expires_at: String,
    pub(super) expired: bool,
}
