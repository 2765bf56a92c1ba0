//! Signatures and encryption of XML: the only place that knows the libraries for either.
//!
//! The rules, whoever calls:
//! 1. A document is parsed once, under limits and without definitions of its type (`crate::xml`).
//! 2. Before anything is computed, every signature in it is looked at: where it stands, that it refers to the element
//!    around it and to nothing else, that its transforms are the two that SAML knows, that its algorithms are allowed.
//! 3. Keys come from metadata. What a message says of its key is not read.
//! 4. Only the element that the verifier names is handed out.
//! 5. Whatever goes wrong in decrypting looks the same from outside.

mod algorithm;
mod certificate;
mod decrypt;
mod encrypt;
mod key;
mod place;
mod sign;
mod verify;

pub use algorithm::{Algorithms, Cipher, DigestAlgorithm, KeyTransport, SignatureAlgorithm};
pub use certificate::Certificate;
pub use decrypt::{DecryptError, DecryptionPolicy, decrypt};
pub use encrypt::encrypt;
pub use key::{DecryptionKey, KeyKind, SigningKey};
pub use sign::{Credential, sign};
pub use verify::{Verified, verify};

pub(crate) use sign::key_info;
pub(crate) use verify::verify_bytes;

/// Why something is not taken as signed, or cannot be signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    #[error("a signature stands where none belongs: in {0}")]
    Place(String),
    #[error("{0} has more than one signature")]
    Several(String),
    #[error("a signature is not made as it should be: {0}")]
    Structure(String),
    #[error("a signature has {0} references instead of one")]
    References(usize),
    #[error("a signature refers to {0:?} instead of the element around it")]
    Reference(String),
    #[error("transforms are not those of an enveloped signature: {0}")]
    Transforms(String),
    #[error("canonicalization by {0:?} is not allowed")]
    Canonicalization(String),
    #[error("signatures by {0:?} are not allowed")]
    Algorithm(String),
    #[error("digests by {0:?} are not allowed")]
    Digest(String),
    #[error("no certificate is known to verify signatures with")]
    NoCertificate,
    #[error("the signature does not fit: {0}")]
    Invalid(String),
    #[error("SHA-1 is only verified, where that is allowed; nothing is signed with it")]
    Sha1Signing,
    #[error("a key of this kind does not sign with {0}")]
    KeyKind(&'static str),
    #[error("signing failed: {0}")]
    Signing(String),
}

impl SignatureError {
    /// For logs and traces; stable.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Place(_) => "signature.place",
            Self::Several(_) => "signature.several",
            Self::Structure(_) => "signature.structure",
            Self::References(_) => "signature.references",
            Self::Reference(_) => "signature.reference",
            Self::Transforms(_) => "signature.transforms",
            Self::Canonicalization(_) => "signature.canonicalization",
            Self::Algorithm(_) => "signature.algorithm",
            Self::Digest(_) => "signature.digest",
            Self::NoCertificate => "signature.no_certificate",
            Self::Invalid(_) => "signature.invalid",
            Self::Sha1Signing => "signature.sha1",
            Self::KeyKind(_) => "signature.key_kind",
            Self::Signing(_) => "signature.signing",
        }
    }
}

/// Why a key or a certificate is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("not a certificate in PEM, DER or base64: {0}")]
    Certificate(String),
    #[error("not a private key in PKCS #8: {0}")]
    PrivateKey(String),
    #[error("an RSA key of {0} bits is too short; 2048 is the least")]
    TooShort(usize),
    #[error("keys of this kind are not supported: RSA, and EC on P-256 or P-384, are")]
    Unsupported,
    #[error("the key could not be made")]
    Generation,
    #[error("the certificate could not be made: {0}")]
    SelfSigned(String),
}
