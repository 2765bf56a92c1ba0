//! Time, randomness and the directory's domain for the mappings of one person at one app.

use base::{AppId, Fingerprinter, OrgId, SubjectId, Timestamp};

/// What an expression that asks for the time or for chance is given. Chance depends on person, app and place and on
/// the key file, and on nothing else: the plan, the request and its repetition have the same values.
#[derive(Debug)]
pub(crate) struct Surroundings<'a> {
    pub(crate) now: Timestamp,
    pub(crate) fingerprinter: &'a Fingerprinter,
    pub(crate) org: OrgId,
    pub(crate) app: AppId,
    pub(crate) subject: SubjectId,
    pub(crate) default_domain: &'a str,
}

impl mapping::Ambient for Surroundings<'_> {
    fn now(&self) -> Timestamp {
        self.now
    }

    fn random(&self, place: &str, block: u32) -> [u8; 32] {
        let what = format!("{}/{}/{block}/{place}", self.app, self.subject);
        self.fingerprinter.bytes_of(self.org, what.as_bytes())
    }

    fn default_domain(&self) -> Option<&str> {
        (!self.default_domain.is_empty()).then_some(self.default_domain)
    }
}
