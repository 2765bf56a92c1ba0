//! Signing what a client carries for us and brings back, such as the cursor of a list: it can be read but not made up.
//!
//! HMAC-SHA-256 under a key that is derived (HKDF, RFC 5869) from the key file for one purpose, so every process that
//! shares the file knows it again. A signed text is `key id (8, padded with noughts) · payload · tag (32)` in base64url.

use std::fmt;

use aws_lc_rs::{hkdf, hmac};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use crate::OrgId;

const HEAD_LEN: usize = 8;
const TAG_LEN: usize = 32;

/// Signs for one purpose. The first key signs; what older ones signed is still known.
#[derive(Clone)]
pub struct Signer {
    keys: Vec<([u8; HEAD_LEN], hmac::Key)>,
}

/// A text that was not signed here: for this purpose, organization and context, and unchanged since.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the text was not signed here, or for something else")]
pub struct NotSigned;

impl Signer {
    /// From the names and bytes of keys, the signing one first.
    pub(crate) fn derive<'k>(purpose: &str, keys: impl Iterator<Item = (&'k str, &'k [u8; 32])>) -> Self {
        let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, b"instep");
        let key = |(id, bytes): (&str, &[u8; 32])| {
            let mut head = [0; HEAD_LEN];
            head[..id.len()].copy_from_slice(id.as_bytes());
            let secret = salt.extract(bytes);
            let info = [purpose.as_bytes()];
            // Refused only for keys of more than 255 digests.
            let derived = secret.expand(&info, hmac::HMAC_SHA256).expect("one digest");
            (head, hmac::Key::from(derived))
        };
        Self {
            keys: keys.map(key).collect(),
        }
    }

    /// Signs a payload; [`Signer::verify`] wants the same organization and context.
    pub fn sign(&self, org: OrgId, context: &str, payload: &[u8]) -> String {
        let (head, key) = &self.keys[0];
        let mut signed = head.to_vec();
        signed.extend_from_slice(payload);
        let tag = hmac::sign(key, &message(org, context, &signed));
        signed.extend_from_slice(tag.as_ref());
        BASE64_URL_SAFE_NO_PAD.encode(signed)
    }

    /// The payload of a signed text.
    pub fn verify(&self, org: OrgId, context: &str, text: &str) -> Result<Vec<u8>, NotSigned> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| NotSigned)?;
        let length = bytes.len().checked_sub(TAG_LEN).ok_or(NotSigned)?;
        let (signed, tag) = bytes.split_at(length);
        let (head, payload) = signed.split_at_checked(HEAD_LEN).ok_or(NotSigned)?;
        let (_, key) = self.keys.iter().find(|(id, _)| id == head).ok_or(NotSigned)?;
        hmac::verify(key, &message(org, context, signed), tag).map_err(|_| NotSigned)?;
        Ok(payload.to_vec())
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").finish_non_exhaustive()
    }
}

/// What the tag stands for; no two different calls have one message.
fn message(org: OrgId, context: &str, signed: &[u8]) -> Vec<u8> {
    let length = (context.len() as u64).to_be_bytes();
    [org.as_bytes(), length.as_slice(), context.as_bytes(), signed].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Ambient, Keyring, ManualClock, SeededEntropy};

    fn ambient() -> Ambient {
        Ambient::new(ManualClock::default(), SeededEntropy::new(1))
    }

    #[test]
    fn is_known_again_by_whoever_shares_the_key_file() {
        let ambient = ambient();
        let (ring, org) = (Keyring::generate(&ambient), ambient.id());
        let text = ring.signer("cursor").sign(org, "users", b"place");
        let again = Keyring::from_json(&ring.to_json())
            .expect("own file")
            .signer("cursor");
        assert_eq!(again.verify(org, "users", &text).as_deref(), Ok(&b"place"[..]));
        assert_eq!(again.verify(ambient.id(), "users", &text), Err(NotSigned));
        assert_eq!(again.verify(org, "groups", &text), Err(NotSigned));
        assert_eq!(ring.signer("other").verify(org, "users", &text), Err(NotSigned));
        let other = Keyring::generate(&ambient).signer("cursor");
        assert_eq!(other.verify(org, "users", &text), Err(NotSigned));
    }

    #[test]
    fn older_keys_are_still_known() {
        let ambient = ambient();
        let (old, new) = (Keyring::generate(&ambient), Keyring::generate(&ambient));
        let entry = |ring: &Keyring, id: &str| {
            let file: serde_json::Value = serde_json::from_str(&ring.to_json()).expect("JSON");
            serde_json::json!({ "id": id, "key": file["keys"][0]["key"] })
        };
        let both = serde_json::json!({ "keys": [entry(&new, "k2"), entry(&old, "k1")] });
        let both = Keyring::from_json(&both.to_string())
            .expect("a file")
            .signer("cursor");
        let org = ambient.id();
        let text = old.signer("cursor").sign(org, "", b"place");
        assert!(both.verify(org, "", &text).is_ok());
        let text = both.sign(org, "", b"place");
        assert_eq!(old.signer("cursor").verify(org, "", &text), Err(NotSigned));
    }

    #[test]
    fn every_change_is_noticed() {
        let ambient = ambient();
        let (signer, org) = (Keyring::generate(&ambient).signer("cursor"), ambient.id());
        let text = signer.sign(org, "users", b"place");
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(&text).expect("base64url");
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            let changed = BASE64_URL_SAFE_NO_PAD.encode(changed);
            assert_eq!(signer.verify(org, "users", &changed), Err(NotSigned), "byte {at}");
        }
        for text in ["", "AAAA", "no base64!", &text[..text.len() - 2]] {
            assert_eq!(signer.verify(org, "users", text), Err(NotSigned), "{text}");
        }
    }
}
