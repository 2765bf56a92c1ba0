//! Sealing secrets at rest: authenticated encryption under a named key, bound to organization and field.
//!
//! AES-256-GCM-SIV (RFC 8452), whose nonce may even repeat without giving the key away. A sealed value is
//! `version (1) · key id (8, padded with noughts) · nonce (12) · ciphertext and tag`.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, Nonce, UnboundKey};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{Ambient, Fingerprinter, OrgId, Sealer, Secret, fingerprint};

const VERSION: u8 = 1;
const KEY_ID_LEN: usize = 8;
const NONCE_LEN: usize = 12;

/// The name of a key, one to eight ASCII letters or digits, stored beside what it sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyId(String);

/// What a sealed value is: it opens only as the same field of the same organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    pub org: OrgId,
    pub name: &'static str,
}

/// Why something could not be sealed or opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    #[error("the key file is not valid: {0}")]
    KeyFile(String),
    #[error("sealed with the key {0:?}, which the key file does not hold")]
    UnknownKey(String),
    #[error("the sealed value is damaged, or belongs to another field or organization")]
    Damaged,
}

struct Key {
    id: KeyId,
    bytes: Zeroizing<[u8; 32]>,
}

/// The keys that seal and open; the first one seals. Older ones stay until nothing is sealed under them.
pub struct Keyring {
    keys: Vec<Key>,
    /// What fingerprints are derived from, once it is no longer the first key: they are to stay the same.
    root: Option<Zeroizing<[u8; 32]>>,
}

#[derive(Serialize, Deserialize)]
struct KeyFile {
    keys: Vec<KeyEntry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fingerprints: Option<Zeroizing<String>>,
}

#[derive(Serialize, Deserialize)]
struct KeyEntry {
    id: String,
    key: Zeroizing<String>,
}

impl Keyring {
    /// A ring with one new key.
    pub fn generate(ambient: &Ambient) -> Self {
        let id = KeyId("k1".to_owned());
        Self {
            keys: vec![Key {
                id,
                bytes: Zeroizing::new(ambient.random()),
            }],
            root: None,
        }
    }

    /// Reads the key file: `{"keys":[{"id":"k1","key":"<32 bytes in base64>"}]}`, the sealing key first.
    pub fn from_json(text: &str) -> Result<Self, SealError> {
        let file: KeyFile =
            serde_json::from_str(text).map_err(|error| SealError::KeyFile(error.to_string()))?;
        let keys = file
            .keys
            .into_iter()
            .map(read_key)
            .collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() {
            return Err(SealError::KeyFile("it holds no key".to_owned()));
        }
        let mut names: Vec<_> = keys.iter().map(|key| &key.id.0).collect();
        names.sort_unstable();
        let twice = names.windows(2).find(|pair| pair[0] == pair[1]);
        if let Some([twice, ..]) = twice {
            return Err(SealError::KeyFile(format!("it holds two keys {twice:?}")));
        }
        let root = file
            .fingerprints
            .map(|text| bytes("fingerprints", &text))
            .transpose()?;
        Ok(Self { keys, root })
    }

    /// Writes the key file.
    pub fn to_json(&self) -> Zeroizing<String> {
        let entry = |key: &Key| KeyEntry {
            id: key.id.0.clone(),
            key: Zeroizing::new(BASE64_STANDARD.encode(key.bytes.as_slice())),
        };
        let root = self.root.as_ref();
        let file = KeyFile {
            keys: self.keys.iter().map(entry).collect(),
            fingerprints: root.map(|root| Zeroizing::new(BASE64_STANDARD.encode(root.as_slice()))),
        };
        Zeroizing::new(serde_json::to_string_pretty(&file).unwrap_or_default())
    }

    /// A sealer of what clients carry for one purpose, with keys of its own that are derived from these.
    pub fn sealer(&self, purpose: &str) -> Sealer {
        Sealer::derive(
            purpose,
            self.keys.iter().map(|key| (key.id.0.as_str(), &*key.bytes)),
        )
    }

    /// Takes fingerprints for one purpose, under a key that is derived from the one that sealed first of all.
    pub fn fingerprinter(&self, purpose: &str) -> Fingerprinter {
        Fingerprinter::derive(purpose, &self.root())
    }

    fn root(&self) -> Zeroizing<[u8; 32]> {
        let own = || Zeroizing::new(fingerprint::root(&self.keys[0].bytes));
        self.root.clone().unwrap_or_else(own)
    }

    /// The names of the keys, the sealing one first.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(|key| key.id.0.as_str())
    }

    /// The name of the key under which something was sealed, also of one that is not here.
    pub fn name_in(sealed: &[u8]) -> Option<String> {
        let head = sealed.get(1..=KEY_ID_LEN)?;
        let name = String::from_utf8_lossy(head);
        Some(name.trim_end_matches('\0').to_owned())
    }

    /// Is it sealed under the key that seals now?
    pub fn is_present(&self, sealed: &[u8]) -> bool {
        sealed.starts_with(&header(&self.keys[0].id))
    }

    /// The same ring with one more key, which only opens until [`Keyring::with_first`]; its name.
    pub fn with_new(&self, ambient: &Ambient) -> (Self, String) {
        let numbers = self
            .names()
            .filter_map(|name| name.strip_prefix('k')?.parse::<u32>().ok());
        // Names end at k9999999, after as many years.
        let name = format!("k{}", numbers.max().unwrap_or(0).saturating_add(1));
        let new = Key {
            id: KeyId(name.clone()),
            bytes: Zeroizing::new(ambient.random()),
        };
        (self.with(|keys| keys.push(new)), name)
    }

    /// The same ring in which this key seals; `None` if it is not there. Fingerprints stay the same.
    pub fn with_first(&self, name: &str) -> Option<Self> {
        let at = self.names().position(|other| other == name)?;
        Some(self.with(|keys| keys[..=at].rotate_right(1)))
    }

    /// The same ring without a key; `None` if it is not there, or is the one that seals.
    pub fn without(&self, name: &str) -> Option<Self> {
        let at = self.names().position(|other| other == name)?;
        (at > 0).then(|| {
            self.with(|keys| {
                keys.remove(at);
            })
        })
    }

    fn with(&self, change: impl FnOnce(&mut Vec<Key>)) -> Self {
        let copy = |key: &Key| Key {
            id: key.id.clone(),
            bytes: key.bytes.clone(),
        };
        let mut keys = self.keys.iter().map(copy).collect();
        change(&mut keys);
        let root = Some(self.root());
        Self { keys, root }
    }

    /// Seals a secret for one field of one organization.
    pub fn seal(&self, ambient: &Ambient, field: Field, secret: &Secret) -> Vec<u8> {
        let key = &self.keys[0];
        let nonce: [u8; NONCE_LEN] = ambient.random();
        let mut sealed = header(&key.id);
        sealed.extend_from_slice(&nonce);
        let mut text = secret.expose().as_bytes().to_vec();
        // Refused only for texts of gigabytes, which no caller can have.
        cipher(&key.bytes)
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                aad(&key.id, field),
                &mut text,
            )
            .expect("the text is short");
        sealed.append(&mut text);
        sealed
    }

    /// Opens what [`Keyring::seal`] sealed for the same field.
    pub fn open(&self, field: Field, sealed: &[u8]) -> Result<Secret, SealError> {
        let (head, rest) = sealed
            .split_at_checked(1 + KEY_ID_LEN)
            .ok_or(SealError::Damaged)?;
        let (nonce, ciphertext) = rest.split_at_checked(NONCE_LEN).ok_or(SealError::Damaged)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError::Damaged)?;
        let key = self
            .keys
            .iter()
            .find(|key| header(&key.id) == head)
            .ok_or_else(|| {
                SealError::UnknownKey(
                    String::from_utf8_lossy(&head[1..])
                        .trim_end_matches('\0')
                        .to_owned(),
                )
            })?;
        let mut text = Zeroizing::new(ciphertext.to_vec());
        let opened = cipher(&key.bytes)
            .open_in_place(nonce, aad(&key.id, field), &mut text)
            .map_err(|_| SealError::Damaged)?;
        std::str::from_utf8(opened)
            .map(Secret::new)
            .map_err(|_| SealError::Damaged)
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.keys.iter().map(|key| &key.id))
            .finish()
    }
}

fn read_key(entry: KeyEntry) -> Result<Key, SealError> {
    let id = entry.id;
    if id.is_empty() || id.len() > KEY_ID_LEN || !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(SealError::KeyFile(format!(
            "the key id {id:?} is not one to eight letters or digits"
        )));
    }
    let bytes = bytes(&id, &entry.key)?;
    Ok(Key { id: KeyId(id), bytes })
}

fn bytes(name: &str, text: &str) -> Result<Zeroizing<[u8; 32]>, SealError> {
    let bytes = Zeroizing::new(BASE64_STANDARD.decode(text.as_bytes()).unwrap_or_default());
    let bytes = <[u8; 32]>::try_from(bytes.as_slice())
        .map_err(|_| SealError::KeyFile(format!("{name:?} is not 32 bytes in base64")))?;
    Ok(Zeroizing::new(bytes))
}

fn header(id: &KeyId) -> Vec<u8> {
    let mut head = vec![VERSION];
    head.extend_from_slice(id.0.as_bytes());
    head.resize(1 + KEY_ID_LEN, 0);
    head
}

fn aad(id: &KeyId, field: Field) -> Aad<Vec<u8>> {
    let mut bytes = header(id);
    bytes.extend_from_slice(field.org.as_bytes());
    bytes.extend_from_slice(field.name.as_bytes());
    Aad::from(bytes)
}

fn cipher(bytes: &[u8; 32]) -> LessSafeKey {
    // Refused only for another key length than the type says.
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM_SIV, bytes).expect("32 bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ManualClock, SeededEntropy};

    fn ambient() -> Ambient {
        Ambient::new(ManualClock::default(), SeededEntropy::new(1))
    }

    #[test]
    fn opens_only_as_the_same_field_of_the_same_organization() {
        let ambient = ambient();
        let ring = Keyring::from_json(&Keyring::generate(&ambient).to_json()).expect("own file");
        let field = Field {
            org: ambient.id(),
            name: "app.token",
        };
        let sealed = ring.seal(&ambient, field, &Secret::new("bearer"));
        assert_eq!(ring.open(field, &sealed).expect("opens").expose(), "bearer");
        for other in [
            Field {
                org: ambient.id(),
                ..field
            },
            Field {
                name: "app.other",
                ..field
            },
        ] {
            assert_eq!(ring.open(other, &sealed).unwrap_err(), SealError::Damaged);
        }
    }

    #[test]
    fn keys_come_and_go() {
        let ambient = ambient();
        let old = Keyring::generate(&ambient);
        let field = Field {
            org: ambient.id(),
            name: "app.token",
        };
        let (sealed, secret) = (old.seal(&ambient, field, &Secret::new("bearer")), "bearer");
        let print = old.fingerprinter("a").of(field.org, b"text");
        let (both, name) = old.with_new(&ambient);
        assert_eq!(name, "k2");
        assert!(both.is_present(&sealed), "a new key only opens");
        let ring = both.with_first("k2").expect("there");
        let ring = Keyring::from_json(&ring.to_json()).expect("own file");
        assert_eq!(ring.names().collect::<Vec<_>>(), ["k2", "k1"]);
        assert!(!ring.is_present(&sealed));
        assert_eq!(Keyring::name_in(&sealed).as_deref(), Some("k1"));
        assert_eq!(ring.open(field, &sealed).expect("opens").expose(), secret);
        let anew = ring.seal(&ambient, field, &Secret::new(secret));
        assert!(ring.is_present(&anew));
        assert_eq!(both.open(field, &anew).expect("opens").expose(), secret);
        assert!(ring.without("k2").is_none(), "the one that seals");
        assert!(ring.without("k3").is_none() && ring.with_first("k3").is_none());
        let ring = ring.without("k1").expect("there");
        let refused = ring.open(field, &sealed).expect_err("gone");
        assert_eq!(refused, SealError::UnknownKey("k1".to_owned()));
        assert_eq!(ring.open(field, &anew).expect("opens").expose(), secret);
        assert_eq!(ring.with_new(&ambient).1, "k3");
        // What goes by fingerprints is the same as ever.
        assert_eq!(ring.fingerprinter("a").of(field.org, b"text"), print);
        let twice = ring
            .to_json()
            .replace("\"keys\": [", "\"keys\": [{\"id\":\"k2\",\"key\":\"\"},");
        assert!(Keyring::from_json(&twice).is_err());
    }

    #[test]
    fn damage_and_strange_keys_are_refused() {
        let ambient = ambient();
        let ring = Keyring::generate(&ambient);
        let field = Field {
            org: ambient.id(),
            name: "app.token",
        };
        let sealed = ring.seal(&ambient, field, &Secret::new("bearer"));
        for at in [0, 1, 12, sealed.len() - 1] {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(ring.open(field, &changed).is_err(), "byte {at}");
        }
        for length in 0..sealed.len() {
            assert!(ring.open(field, &sealed[..length]).is_err(), "length {length}");
        }
        for file in [
            "",
            "{}",
            r#"{"keys":[]}"#,
            r#"{"keys":[{"id":"k 1","key":""}]}"#,
            r#"{"keys":[{"id":"k","key":"AA=="}]}"#,
        ] {
            assert!(Keyring::from_json(file).is_err(), "{file}");
        }
    }
}
