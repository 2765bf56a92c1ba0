//! Private keys. Parsed once; whoever signs often keeps them.
//!
//! Making a key, and signing on an elliptic curve, takes randomness from the library: a key that somebody else chose
//! would be none.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{self, KeySize, OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _,
    RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RsaEncoding,
};
use base::Timestamp;
use zeroize::Zeroizing;

use super::{Certificate, KeyError, KeyTransport, SignatureAlgorithm, SignatureError};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyKind {
    Rsa2048,
    Rsa3072,
    Rsa4096,
    P256,
    P384,
}

/// A key that signs. Cheap to clone.
#[derive(Clone)]
pub struct SigningKey(Arc<Inner>);

enum Inner {
    Rsa(rsa::KeyPair),
    P256(EcdsaKeyPair),
    P384(EcdsaKeyPair),
}

impl SigningKey {
    /// A new key, and what to keep of it: PKCS #8.
    pub fn generate(kind: KeyKind) -> Result<(Self, Zeroizing<Vec<u8>>), KeyError> {
        let failed = |_| KeyError::Generation;
        let size = match kind {
            KeyKind::P256 | KeyKind::P384 => {
                let algorithm = if kind == KeyKind::P256 {
                    &ECDSA_P256_SHA256_FIXED_SIGNING
                } else {
                    &ECDSA_P384_SHA384_FIXED_SIGNING
                };
                let document =
                    EcdsaKeyPair::generate_pkcs8(algorithm, &SystemRandom::new()).map_err(failed)?;
                let kept = Zeroizing::new(document.as_ref().to_vec());
                return Ok((Self::from_pkcs8(&kept)?, kept));
            }
            KeyKind::Rsa2048 => KeySize::Rsa2048,
            KeyKind::Rsa3072 => KeySize::Rsa3072,
            KeyKind::Rsa4096 => KeySize::Rsa4096,
        };
        let pair = rsa::KeyPair::generate(size).map_err(failed)?;
        let der: Pkcs8V1Der<'_> = pair.as_der().map_err(failed)?;
        let kept = Zeroizing::new(der.as_ref().to_vec());
        Ok((Self(Arc::new(Inner::Rsa(pair))), kept))
    }

    /// From PKCS #8 in DER.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, KeyError> {
        if let Ok(pair) = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der) {
            return Ok(Self(Arc::new(Inner::P256(pair))));
        }
        if let Ok(pair) = EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, der) {
            return Ok(Self(Arc::new(Inner::P384(pair))));
        }
        let pair = rsa::KeyPair::from_pkcs8(der).map_err(|error| KeyError::PrivateKey(error.to_string()))?;
        let bits = pair.public_modulus_len() * 8;
        if bits < 2_048 {
            return Err(KeyError::TooShort(bits));
        }
        Ok(Self(Arc::new(Inner::Rsa(pair))))
    }

    /// What this key signs with unless told otherwise.
    pub fn default_algorithm(&self) -> SignatureAlgorithm {
        match &*self.0 {
            Inner::Rsa(_) => SignatureAlgorithm::RsaSha256,
            Inner::P256(_) => SignatureAlgorithm::EcdsaSha256,
            Inner::P384(_) => SignatureAlgorithm::EcdsaSha384,
        }
    }

    /// Whether the certificate is this key's.
    pub fn is_key_of(&self, certificate: &Certificate) -> bool {
        use super::certificate::PublicKey;
        match (&*self.0, certificate.key()) {
            (Inner::Rsa(own), PublicKey::Rsa(other)) => own.public_key().as_ref() == other.as_slice(),
            (Inner::P256(own), PublicKey::P256(other)) | (Inner::P384(own), PublicKey::P384(other)) => {
                own.public_key().as_ref() == other.as_slice()
            }
            _ => false,
        }
    }

    /// Whether the key can sign by that algorithm.
    pub fn check(&self, algorithm: SignatureAlgorithm) -> Result<(), SignatureError> {
        use SignatureAlgorithm::{EcdsaSha256, EcdsaSha384, RsaSha1, RsaSha256, RsaSha384, RsaSha512};
        match (&*self.0, algorithm) {
            (_, RsaSha1) => Err(SignatureError::Sha1Signing),
            (Inner::Rsa(_), RsaSha256 | RsaSha384 | RsaSha512)
            | (Inner::P256(_), EcdsaSha256)
            | (Inner::P384(_), EcdsaSha384) => Ok(()),
            _ => Err(SignatureError::KeyKind(algorithm.uri())),
        }
    }

    /// Signs bytes; on a curve, the two numbers one after the other (RFC 9231 §2.3.6).
    pub(crate) fn sign_bytes(
        &self,
        algorithm: SignatureAlgorithm,
        bytes: &[u8],
    ) -> Result<Vec<u8>, SignatureError> {
        self.check(algorithm)?;
        let failed = |_| SignatureError::Signing("the library refused".to_owned());
        match &*self.0 {
            Inner::Rsa(pair) => {
                let padding: &'static dyn RsaEncoding = match algorithm {
                    SignatureAlgorithm::RsaSha384 => &RSA_PKCS1_SHA384,
                    SignatureAlgorithm::RsaSha512 => &RSA_PKCS1_SHA512,
                    _ => &RSA_PKCS1_SHA256,
                };
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(padding, &SystemRandom::new(), bytes, &mut signature)
                    .map_err(failed)?;
                Ok(signature)
            }
            Inner::P256(pair) | Inner::P384(pair) => {
                let signature = pair.sign(&SystemRandom::new(), bytes).map_err(failed)?;
                Ok(signature.as_ref().to_vec())
            }
        }
    }

    /// A certificate that the key signs for itself: from `from` to `until`, with 16 random bytes for a number.
    pub fn self_signed(
        pkcs8: &[u8],
        common_name: &str,
        from: Timestamp,
        until: Timestamp,
        serial: [u8; 16],
    ) -> Result<Certificate, KeyError> {
        let failed = |error: rcgen::Error| KeyError::SelfSigned(error.to_string());
        let pair = rcgen::KeyPair::try_from(pkcs8).map_err(failed)?;
        let mut params = rcgen::CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params
            .distinguished_name
            .push(rcgen::DnType::CommonName, common_name);
        let epoch = rcgen::date_time_ymd(1970, 1, 1);
        params.not_before = epoch + from.since(Timestamp::from_micros(0));
        params.not_after = epoch + until.since(Timestamp::from_micros(0));
        // Positive, and not nought.
        let mut number = serial.to_vec();
        number[0] = number[0] & 0x7f | 0x40;
        params.serial_number = Some(number.into());
        let certificate = params.self_signed(&pair).map_err(failed)?;
        Certificate::from_der(certificate.der())
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(***)")
    }
}

/// A key that decrypts. Cheap to clone.
#[derive(Clone)]
pub struct DecryptionKey(Arc<OaepPrivateDecryptingKey>);

impl DecryptionKey {
    /// From an RSA key in PKCS #8, DER.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, KeyError> {
        let bad = |error: &dyn fmt::Display| KeyError::PrivateKey(error.to_string());
        let key = rsa::PrivateDecryptingKey::from_pkcs8(der).map_err(|error| bad(&error))?;
        let key = OaepPrivateDecryptingKey::new(key).map_err(|error| bad(&error))?;
        Ok(Self(Arc::new(key)))
    }

    pub(super) fn decrypt(&self, transport: KeyTransport, bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let algorithm = match transport {
            KeyTransport::OaepSha1 => &OAEP_SHA1_MGF1SHA1,
            KeyTransport::OaepSha256 => &OAEP_SHA256_MGF1SHA256,
        };
        let mut plain = Zeroizing::new(vec![0; self.0.min_output_size()]);
        let length = self.0.decrypt(algorithm, bytes, &mut plain, None).ok()?.len();
        plain.truncate(length);
        Some(plain)
    }
}

impl fmt::Debug for DecryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DecryptionKey(***)")
    }
}
