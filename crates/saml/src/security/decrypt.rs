//! Decrypting an assertion, or the name in one. Of what came in, only the two values and the names of the algorithms reach the library, in
//! a form of our own: references to elsewhere, other ways to a key, and whatever else the format knows stay outside.

use bergshamra_enc::EncContext;
use bergshamra_keys::KeysManager;

use super::algorithm::{MGF1_SHA1, MGF1_SHA256};
use super::encrypt::{ELEMENT, template};
use super::{Cipher, DecryptionKey, DigestAlgorithm, KeyTransport};
use crate::names::ns;
use crate::xml::Node;

/// Whatever was wrong: who could tell one reason from the other could find out the content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the assertion cannot be decrypted")]
pub struct DecryptError;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DecryptionPolicy {
    /// Also takes AES-CBC.
    pub cbc: bool,
}

/// For so many recipients may one thing be encrypted: each may cost us an operation with every key of ours.
const MOST_RECIPIENTS: usize = 8;

/// The text within an `EncryptedAssertion` or an `EncryptedID`, decrypted with whichever of the keys fits. It may be encrypted
/// for several recipients (SAML core §2.2.4): which of them is us is found by trying.
pub fn decrypt(
    encrypted: Node<'_>,
    keys: &[DecryptionKey],
    policy: DecryptionPolicy,
) -> Result<String, DecryptError> {
    let parts = Parts::read(encrypted, policy).ok_or(DecryptError)?;
    let found = parts.keys.iter().find_map(|key| parts.open(key, keys));
    found.ok_or(DecryptError)
}

struct Parts {
    cipher: Cipher,
    /// One for each recipient.
    keys: Vec<TransportedKey>,
    data: String,
}

/// The key of the data, encrypted for somebody.
struct TransportedKey {
    transport: KeyTransport,
    value: String,
}

impl Parts {
    fn read(encrypted: Node<'_>, policy: DecryptionPolicy) -> Option<Self> {
        let data = encrypted.only_child(ns::ENC, "EncryptedData").ok()?;
        if data.attr("Type").is_some_and(|kind| kind != ELEMENT) {
            return None;
        }
        let cipher = Cipher::from_uri(method(data)?.attr("Algorithm")?)?;
        if cipher.is_cbc() && !policy.cbc {
            return None;
        }
        let info = data.child(ns::DSIG, "KeyInfo").ok()?;
        let within = info
            .into_iter()
            .flat_map(|info| info.children(ns::ENC, "EncryptedKey"));
        // They may also stand beside the data (SAML core §2.2.4).
        let beside = encrypted.children(ns::ENC, "EncryptedKey");
        let all: Vec<_> = within.chain(beside).collect();
        if all.len() > MOST_RECIPIENTS {
            return None;
        }
        Some(Self {
            cipher,
            keys: all.into_iter().filter_map(TransportedKey::read).collect(),
            data: value(data)?,
        })
    }

    fn open(&self, key: &TransportedKey, keys: &[DecryptionKey]) -> Option<String> {
        let document = template(self.cipher, key.transport, &key.value, &self.data).to_xml();
        let decryptor = Decryptor {
            keys: keys.to_vec(),
            transport: key.transport,
        };
        let context = EncContext::new(KeysManager::new())
            .with_disable_cipher_reference(true)
            .with_max_pbkdf2_iterations(0)
            .with_hsm_decryptor(Box::new(decryptor), &[key.transport.uri()]);
        bergshamra_enc::decrypt::decrypt(&context, &document.ok()?).ok()
    }
}

impl TransportedKey {
    /// None: by a way that is not ours. Another one may be.
    fn read(node: Node<'_>) -> Option<Self> {
        Some(Self {
            transport: transport(method(node)?)?,
            value: value(node)?,
        })
    }
}

fn method(node: Node<'_>) -> Option<Node<'_>> {
    node.only_child(ns::ENC, "EncryptionMethod").ok()
}

fn transport(method: Node<'_>) -> Option<KeyTransport> {
    let uri = method.attr("Algorithm")?;
    let parameter = |namespace, name| {
        let found = method.child(namespace, name).ok()?;
        Some(found.and_then(|node| node.attr("Algorithm")))
    };
    let digest = parameter(ns::DSIG, "DigestMethod")?;
    let mask = parameter(ns::ENC11, "MGF")?;
    if method.child(ns::ENC, "OAEPparams").ok()?.is_some() {
        return None;
    }
    let sha1 = DigestAlgorithm::Sha1.uri();
    let sha256 = DigestAlgorithm::Sha256.uri();
    if uri == KeyTransport::OaepSha1.uri() {
        let well = digest.is_none_or(|digest| digest == sha1) && mask.is_none();
        return well.then_some(KeyTransport::OaepSha1);
    }
    if uri == KeyTransport::OaepSha256.uri() {
        return match (digest, mask) {
            (Some(digest), Some(MGF1_SHA256)) if digest == sha256 => Some(KeyTransport::OaepSha256),
            // By default both are SHA-1 (XML Encryption 1.1 §5.5.2).
            (None, None | Some(MGF1_SHA1)) => Some(KeyTransport::OaepSha1),
            (Some(digest), None | Some(MGF1_SHA1)) if digest == sha1 => Some(KeyTransport::OaepSha1),
            _ => None,
        };
    }
    None
}

fn value(node: Node<'_>) -> Option<String> {
    let data = node.only_child(ns::ENC, "CipherData").ok()?;
    let text = data.only_child(ns::ENC, "CipherValue").ok()?.text().ok()?;
    let compact: String = text.split_ascii_whitespace().collect();
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    (!compact.is_empty() && compact.bytes().all(is_base64)).then_some(compact)
}

struct Decryptor {
    keys: Vec<DecryptionKey>,
    transport: KeyTransport,
}

impl kryptering::Decryptor for Decryptor {
    fn decrypt(&self, ciphertext: &[u8]) -> Result<Vec<u8>, kryptering::Error> {
        let found = self
            .keys
            .iter()
            .find_map(|key| key.decrypt(self.transport, ciphertext));
        let plain = found.ok_or_else(|| kryptering::Error::Crypto("RSA-OAEP refused".to_owned()))?;
        Ok(plain.to_vec())
    }
}
