//! Sealing what a client carries for us and brings back, such as the cursor of a list: it can neither be read nor
//! made up.
//!
//! AES-256-GCM-SIV (RFC 8452) under a key that is derived (HKDF, RFC 5869) from the key file for one purpose, so every
//! process that shares the file opens it. A sealed text is `key id (8, padded with noughts) · nonce (12) · ciphertext and
//! tag` in base64url.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::hkdf;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use crate::{Ambient, OrgId};

const HEAD_LEN: usize = 8;
const NONCE_LEN: usize = 12;

/// Seals for one purpose. The first key seals; what older ones sealed still opens.
#[derive(Clone)]
pub struct Sealer {
    keys: Arc<[([u8; HEAD_LEN], LessSafeKey)]>,
}

/// A text that was not sealed here: for this purpose, organization and context, and unchanged since.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the text was not sealed here, or for something else")]
pub struct NotOurs;

impl Sealer {
    /// From the names and bytes of keys, the sealing one first.
    pub(crate) fn derive<'k>(purpose: &str, keys: impl Iterator<Item = (&'k str, &'k [u8; 32])>) -> Self {
        let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, b"instep");
        let key = |(id, bytes): (&str, &[u8; 32])| {
            let mut head = [0; HEAD_LEN];
            head[..id.len()].copy_from_slice(id.as_bytes());
            let secret = salt.extract(bytes);
            let info = [purpose.as_bytes()];
            // Refused only for keys of more than 255 digests.
            let derived = secret.expand(&info, &AES_256_GCM_SIV).expect("one digest");
            (head, LessSafeKey::new(UnboundKey::from(derived)))
        };
        Self {
            keys: keys.map(key).collect(),
        }
    }

    /// Seals a payload; [`Sealer::open`] wants the same organization and context.
    pub fn seal(&self, ambient: &Ambient, org: OrgId, context: &str, payload: &[u8]) -> String {
        let (head, key) = &self.keys[0];
        let nonce: [u8; NONCE_LEN] = ambient.random();
        let mut text = payload.to_vec();
        // Refused only for payloads of gigabytes, which no caller can have.
        key.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            aad(org, context, *head),
            &mut text,
        )
        .expect("the payload is short");
        BASE64_URL_SAFE_NO_PAD.encode([head.as_slice(), &nonce, &text].concat())
    }

    /// The payload of a sealed text.
    pub fn open(&self, org: OrgId, context: &str, text: &str) -> Result<Vec<u8>, NotOurs> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| NotOurs)?;
        let (head, rest) = bytes.split_at_checked(HEAD_LEN).ok_or(NotOurs)?;
        let (nonce, ciphertext) = rest.split_at_checked(NONCE_LEN).ok_or(NotOurs)?;
        let (head, key) = self.keys.iter().find(|(id, _)| id == head).ok_or(NotOurs)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| NotOurs)?;
        let mut payload = ciphertext.to_vec();
        let length = key
            .open_in_place(nonce, aad(org, context, *head), &mut payload)
            .map_err(|_| NotOurs)?
            .len();
        payload.truncate(length);
        Ok(payload)
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealer").finish_non_exhaustive()
    }
}

/// What the tag stands for besides the payload; no two different calls have one.
fn aad(org: OrgId, context: &str, head: [u8; HEAD_LEN]) -> Aad<Vec<u8>> {
    Aad::from([org.as_bytes(), head.as_slice(), context.as_bytes()].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Ambient, Keyring, ManualClock, SeededEntropy};

    fn ambient() -> Ambient {
        Ambient::new(ManualClock::default(), SeededEntropy::new(1))
    }

    #[test]
    fn opens_for_whoever_shares_the_key_file() {
        let ambient = ambient();
        let (ring, org) = (Keyring::generate(&ambient), ambient.id());
        let text = ring.sealer("cursor").seal(&ambient, org, "users", b"place");
        let again = Keyring::from_json(&ring.to_json())
            .expect("own file")
            .sealer("cursor");
        assert_eq!(again.open(org, "users", &text).as_deref(), Ok(&b"place"[..]));
        assert_eq!(again.open(ambient.id(), "users", &text), Err(NotOurs));
        assert_eq!(again.open(org, "groups", &text), Err(NotOurs));
        assert_eq!(ring.sealer("other").open(org, "users", &text), Err(NotOurs));
        let other = Keyring::generate(&ambient).sealer("cursor");
        assert_eq!(other.open(org, "users", &text), Err(NotOurs));
    }

    #[test]
    fn what_older_keys_sealed_still_opens() {
        let ambient = ambient();
        let (old, new) = (Keyring::generate(&ambient), Keyring::generate(&ambient));
        let entry = |ring: &Keyring, id: &str| {
            let file: serde_json::Value = serde_json::from_str(&ring.to_json()).expect("JSON");
            serde_json::json!({ "id": id, "key": file["keys"][0]["key"] })
        };
        let both = serde_json::json!({ "keys": [entry(&new, "k2"), entry(&old, "k1")] });
        let both = Keyring::from_json(&both.to_string())
            .expect("a file")
            .sealer("cursor");
        let org = ambient.id();
        let text = old.sealer("cursor").seal(&ambient, org, "", b"place");
        assert!(both.open(org, "", &text).is_ok());
        let text = both.seal(&ambient, org, "", b"place");
        assert_eq!(old.sealer("cursor").open(org, "", &text), Err(NotOurs));
    }

    #[test]
    fn every_change_is_noticed() {
        let ambient = ambient();
        let (sealer, org) = (Keyring::generate(&ambient).sealer("cursor"), ambient.id());
        let text = sealer.seal(&ambient, org, "users", b"place");
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(&text).expect("base64url");
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            let changed = BASE64_URL_SAFE_NO_PAD.encode(changed);
            assert_eq!(sealer.open(org, "users", &changed), Err(NotOurs), "byte {at}");
        }
        assert!(!bytes.windows(5).any(|part| part == b"place"), "readable");
        for text in ["", "AAAA", "no base64!", &text[..text.len() - 2]] {
            assert_eq!(sealer.open(org, "users", text), Err(NotOurs), "{text}");
        }
    }
}
