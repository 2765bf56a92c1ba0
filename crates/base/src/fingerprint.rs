//! Fingerprints of what may hold secrets: whether two things are the same can be told, what they are cannot.
//!
//! HMAC-SHA-256 (RFC 2104) under a key that is derived (HKDF, RFC 5869) from the key file for one purpose. That
//! key is the one that sealed first of all: what is derived of it stays in the file when others seal.

use std::fmt;

use aws_lc_rs::{hkdf, hmac};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use crate::OrgId;

/// Takes fingerprints for one purpose.
#[derive(Clone)]
pub struct Fingerprinter(hmac::Key);

/// HKDF's first step (RFC 5869 §2.2): what of a key can be kept when the key itself is gone. It does not lead back to it.
pub(crate) fn root(key: &[u8; 32]) -> [u8; 32] {
    let salt = hmac::Key::new(hmac::HMAC_SHA256, b"instep");
    let mut root = [0; 32];
    root.copy_from_slice(hmac::sign(&salt, key).as_ref());
    root
}

impl Fingerprinter {
    /// From what [`root`] makes of a key.
    pub(crate) fn derive(purpose: &str, root: &[u8; 32]) -> Self {
        let secret = hkdf::Prk::new_less_safe(hkdf::HKDF_SHA256, root);
        let info = [purpose.as_bytes()];
        // Refused only for keys of more than 255 digests.
        let derived = secret.expand(&info, hmac::HMAC_SHA256).expect("one digest");
        Self(hmac::Key::from(derived))
    }

    /// The fingerprint of something that belongs to an organization, in base64url.
    pub fn of(&self, org: OrgId, what: &[u8]) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.bytes_of(org, what))
    }

    /// The same as bytes, which look like chance to whoever lacks the key.
    pub fn bytes_of(&self, org: OrgId, what: &[u8]) -> [u8; 32] {
        let message = [org.as_bytes().as_slice(), what].concat();
        let mut bytes = [0; 32];
        bytes.copy_from_slice(hmac::sign(&self.0, &message).as_ref());
        bytes
    }
}

impl fmt::Debug for Fingerprinter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Fingerprinter").finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Ambient, Keyring, Timestamp};

    /// What was stored by way of the key itself still compares.
    #[test]
    fn the_root_stands_for_its_key() {
        let (key, org) = ([7; 32], OrgId::new(Timestamp::from_micros(0), [1; 10]));
        let secret = hkdf::Salt::new(hkdf::HKDF_SHA256, b"instep").extract(&key);
        let info = [b"a".as_slice()];
        let direct = hmac::Key::from(secret.expand(&info, hmac::HMAC_SHA256).expect("one digest"));
        assert_eq!(
            Fingerprinter::derive("a", &root(&key)).of(org, b"text"),
            Fingerprinter(direct).of(org, b"text")
        );
    }

    #[test]
    fn the_same_only_for_the_same_purpose_organization_and_key() {
        let ambient = Ambient::system();
        let ring = Keyring::generate(&ambient);
        let org = |random| OrgId::new(Timestamp::from_micros(0), [random; 10]);
        let print = ring.fingerprinter("a").of(org(1), b"text");
        assert_eq!(ring.fingerprinter("a").of(org(1), b"text"), print);
        let others = [
            ring.fingerprinter("b").of(org(1), b"text"),
            ring.fingerprinter("a").of(org(2), b"text"),
            ring.fingerprinter("a").of(org(1), b"texts"),
            Keyring::generate(&ambient).fingerprinter("a").of(org(1), b"text"),
        ];
        assert!(others.iter().all(|other| *other != print));
    }
}
