//! Certificates, as metadata carry them: keys with a name and a time. Nobody's authority is asked.

use std::fmt;

use aws_lc_rs::digest;
use base::Timestamp;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use x509_parser::prelude::{FromDer as _, X509Certificate};
use x509_parser::public_key::PublicKey as Parsed;

use super::KeyError;

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    key: PublicKey,
    subject: String,
    not_before: Timestamp,
    not_after: Timestamp,
}

/// A public key that may verify something.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum PublicKey {
    /// PKCS #1's `RSAPublicKey`.
    Rsa(Vec<u8>),
    /// Uncompressed points.
    P256(Vec<u8>),
    P384(Vec<u8>),
}

impl Certificate {
    /// From DER.
    pub fn from_der(der: &[u8]) -> Result<Self, KeyError> {
        let bad = |error: &dyn fmt::Display| KeyError::Certificate(error.to_string());
        let (rest, parsed) = X509Certificate::from_der(der).map_err(|error| bad(&error))?;
        if !rest.is_empty() {
            return Err(bad(&"something comes behind it"));
        }
        let bits = parsed.public_key().subject_public_key.data.to_vec();
        let key = match parsed.public_key().parsed() {
            Ok(Parsed::RSA(key)) if key.key_size() < 2_048 => return Err(KeyError::TooShort(key.key_size())),
            Ok(Parsed::RSA(_)) => PublicKey::Rsa(bits),
            Ok(Parsed::EC(_)) if bits.len() == 65 => PublicKey::P256(bits),
            Ok(Parsed::EC(_)) if bits.len() == 97 => PublicKey::P384(bits),
            _ => return Err(KeyError::Unsupported),
        };
        let time = |seconds: i64| Timestamp::from_micros(seconds.saturating_mul(1_000_000));
        let validity = parsed.validity();
        Ok(Self {
            key,
            subject: parsed.subject().to_string(),
            not_before: time(validity.not_before.timestamp()),
            not_after: time(validity.not_after.timestamp()),
            der: der.to_vec(),
        })
    }

    /// From PEM, or from base64 as in metadata. Of several nobody could tell which is meant.
    pub fn from_text(text: &str) -> Result<Self, KeyError> {
        let bad = |said: &str| KeyError::Certificate(said.to_owned());
        let inner = match text.split_once(BEGIN) {
            Some((_, rest)) => {
                let (inner, rest) = rest.split_once(END).ok_or_else(|| bad("its end is missing"))?;
                if rest.contains(BEGIN) {
                    return Err(bad("there are several: give one"));
                }
                inner
            }
            None => text,
        };
        let compact: String = inner.split_ascii_whitespace().collect();
        let der = STANDARD.decode(compact);
        Self::from_der(&der.map_err(|error| KeyError::Certificate(error.to_string()))?)
    }

    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// As it stands in metadata and signatures.
    pub fn to_base64(&self) -> String {
        STANDARD.encode(&self.der)
    }

    pub fn to_pem(&self) -> String {
        let mut pem = format!("{BEGIN}\n");
        let text = self.to_base64();
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let (line, more) = rest.split_at(rest.len().min(64));
            pem.push_str(line);
            pem.push('\n');
            rest = more;
        }
        pem.push_str(END);
        pem.push('\n');
        pem
    }

    /// `CN=…`.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    pub fn not_before(&self) -> Timestamp {
        self.not_before
    }

    pub fn not_after(&self) -> Timestamp {
        self.not_after
    }

    pub fn is_valid_at(&self, now: Timestamp) -> bool {
        self.not_before <= now && now <= self.not_after
    }

    /// SHA-256, `3A:…`, as other products show it.
    pub fn fingerprint(&self) -> String {
        let hash = digest::digest(&digest::SHA256, &self.der);
        let pairs: Vec<String> = hash.as_ref().iter().map(|byte| format!("{byte:02X}")).collect();
        pairs.join(":")
    }

    /// Whether something can be encrypted for it.
    pub fn is_rsa(&self) -> bool {
        matches!(self.key, PublicKey::Rsa(_))
    }

    pub(super) fn key(&self) -> &PublicKey {
        &self.key
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({}, {})", self.subject, self.fingerprint())
    }
}
