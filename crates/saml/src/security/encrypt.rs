//! Encrypting an assertion for whoever holds the key of a certificate (SAML core §2.3.4, XML Encryption 1.1).

use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::rsa::{
    OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey,
    PublicKey as PublicKey1,
};
use bergshamra_enc::EncContext;
use bergshamra_keys::KeysManager;

use super::algorithm::MGF1_SHA256;
use super::certificate::PublicKey;
use super::{Certificate, Cipher, DigestAlgorithm, KeyError, KeyTransport};
use crate::xml::Element;

/// Type of what is encrypted: a whole element.
pub(super) const ELEMENT: &str = "http://www.w3.org/2001/04/xmlenc#Element";

/// `EncryptedAssertion` around an assertion that is written already.
pub fn encrypt(
    assertion: &str,
    recipient: &Certificate,
    cipher: Cipher,
    transport: KeyTransport,
) -> Result<String, KeyError> {
    let failed = |error: &dyn std::fmt::Display| KeyError::Certificate(error.to_string());
    let PublicKey::Rsa(key) = recipient.key() else {
        return Err(KeyError::Unsupported);
    };
    let key = rsa_public_key(key).ok_or(KeyError::Unsupported)?;
    let template = template(cipher, transport, "", "")
        .to_xml()
        .map_err(|error| failed(&error))?;
    let context = EncContext::new(KeysManager::new())
        .with_hsm_encryptor(Box::new(Encryptor { key, transport }), &[transport.uri()]);
    let data = bergshamra_enc::encrypt::encrypt(&context, &template, assertion.as_bytes());
    let data = data.map_err(|error| failed(&error))?;
    Element::new("saml:EncryptedAssertion")
        .written(data)
        .to_xml()
        .map_err(|error| failed(&error))
}

/// A certificate that was read holds PKCS #1's form; for encrypting, the library wants the other one.
fn rsa_public_key(pkcs1: &[u8]) -> Option<OaepPublicEncryptingKey> {
    let der: PublicKeyX509Der<'_> = PublicKey1::from_der(pkcs1).ok()?.as_der().ok()?;
    OaepPublicEncryptingKey::new(PublicEncryptingKey::from_der(der.as_ref()).ok()?).ok()
}

/// `EncryptedData` with the two values that are secret, or with room for them.
pub(super) fn template(cipher: Cipher, transport: KeyTransport, key: &str, data: &str) -> Element {
    let method = |uri: &str| Element::new("xenc:EncryptionMethod").attr("Algorithm", uri);
    let value = |text: &str| {
        let value = Element::new("xenc:CipherValue");
        let value = if text.is_empty() { value } else { value.text(text) };
        Element::new("xenc:CipherData").child(value)
    };
    let digest = |digest: DigestAlgorithm| Element::new("ds:DigestMethod").attr("Algorithm", digest.uri());
    let transported = match transport {
        KeyTransport::OaepSha1 => method(transport.uri()).child(digest(DigestAlgorithm::Sha1)),
        KeyTransport::OaepSha256 => method(transport.uri())
            .child(digest(DigestAlgorithm::Sha256))
            .child(Element::new("xenc11:MGF").attr("Algorithm", MGF1_SHA256)),
    };
    let encrypted_key = Element::new("xenc:EncryptedKey")
        .child(transported)
        .child(value(key));
    Element::new("xenc:EncryptedData")
        .attr("Type", ELEMENT)
        .child(method(cipher.uri()))
        .child(Element::new("ds:KeyInfo").child(encrypted_key))
        .child(value(data))
}

struct Encryptor {
    key: OaepPublicEncryptingKey,
    transport: KeyTransport,
}

impl kryptering::Encryptor for Encryptor {
    fn encrypt(&self, plaintext: &[u8]) -> Result<Vec<u8>, kryptering::Error> {
        let algorithm = match self.transport {
            KeyTransport::OaepSha1 => &OAEP_SHA1_MGF1SHA1,
            KeyTransport::OaepSha256 => &OAEP_SHA256_MGF1SHA256,
        };
        let mut encrypted = vec![0; self.key.ciphertext_size()];
        let failed = |_| kryptering::Error::Crypto("RSA-OAEP refused".to_owned());
        let length = self
            .key
            .encrypt(algorithm, plaintext, &mut encrypted, None)
            .map_err(failed)?
            .len();
        encrypted.truncate(length);
        Ok(encrypted)
    }
}
