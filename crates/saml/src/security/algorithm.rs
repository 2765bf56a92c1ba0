//! Algorithms by their URIs (RFC 9231).

use kryptering::{EcCurve, HashAlgorithm};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SignatureAlgorithm {
    /// Verified by choice only, never made.
    RsaSha1,
    RsaSha256,
    RsaSha384,
    RsaSha512,
    /// On P-256.
    EcdsaSha256,
    /// On P-384.
    EcdsaSha384,
}

impl SignatureAlgorithm {
    pub const ALL: [Self; 6] = [
        Self::RsaSha1,
        Self::RsaSha256,
        Self::RsaSha384,
        Self::RsaSha512,
        Self::EcdsaSha256,
        Self::EcdsaSha384,
    ];

    pub fn uri(self) -> &'static str {
        match self {
            Self::RsaSha1 => "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
            Self::RsaSha256 => "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            Self::RsaSha384 => "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
            Self::RsaSha512 => "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
            Self::EcdsaSha256 => "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
            Self::EcdsaSha384 => "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384",
        }
    }

    pub fn from_uri(uri: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.uri() == uri)
    }

    /// The digest that goes with it in what we sign.
    pub fn digest(self) -> DigestAlgorithm {
        match self {
            Self::RsaSha1 => DigestAlgorithm::Sha1,
            Self::RsaSha256 | Self::EcdsaSha256 => DigestAlgorithm::Sha256,
            Self::RsaSha384 | Self::EcdsaSha384 => DigestAlgorithm::Sha384,
            Self::RsaSha512 => DigestAlgorithm::Sha512,
        }
    }

    pub(super) fn of_library(self) -> kryptering::SignatureAlgorithm {
        use kryptering::SignatureAlgorithm::{Ecdsa, RsaPkcs1v15};
        match self {
            Self::RsaSha1 => RsaPkcs1v15(HashAlgorithm::Sha1),
            Self::RsaSha256 => RsaPkcs1v15(HashAlgorithm::Sha256),
            Self::RsaSha384 => RsaPkcs1v15(HashAlgorithm::Sha384),
            Self::RsaSha512 => RsaPkcs1v15(HashAlgorithm::Sha512),
            Self::EcdsaSha256 => Ecdsa(EcCurve::P256, HashAlgorithm::Sha256),
            Self::EcdsaSha384 => Ecdsa(EcCurve::P384, HashAlgorithm::Sha384),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DigestAlgorithm {
    /// By choice only.
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl DigestAlgorithm {
    pub const ALL: [Self; 4] = [Self::Sha1, Self::Sha256, Self::Sha384, Self::Sha512];

    pub fn uri(self) -> &'static str {
        match self {
            Self::Sha1 => "http://www.w3.org/2000/09/xmldsig#sha1",
            Self::Sha256 => "http://www.w3.org/2001/04/xmlenc#sha256",
            Self::Sha384 => "http://www.w3.org/2001/04/xmldsig-more#sha384",
            Self::Sha512 => "http://www.w3.org/2001/04/xmlenc#sha512",
        }
    }

    pub fn from_uri(uri: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.uri() == uri)
    }
}

/// What is taken from one peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Algorithms {
    pub signatures: Vec<SignatureAlgorithm>,
    pub digests: Vec<DigestAlgorithm>,
}

impl Default for Algorithms {
    /// All but SHA-1.
    fn default() -> Self {
        let mut all = Self::with_sha1();
        all.signatures
            .retain(|algorithm| *algorithm != SignatureAlgorithm::RsaSha1);
        all.digests
            .retain(|algorithm| *algorithm != DigestAlgorithm::Sha1);
        all
    }
}

impl Algorithms {
    /// For a peer that cannot do better.
    pub fn with_sha1() -> Self {
        Self {
            signatures: SignatureAlgorithm::ALL.to_vec(),
            digests: DigestAlgorithm::ALL.to_vec(),
        }
    }
}

/// What content is encrypted with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cipher {
    Aes128Gcm,
    Aes256Gcm,
    /// By choice only: what it protects can be altered unnoticed.
    Aes128Cbc,
    /// By choice only.
    Aes256Cbc,
}

impl Cipher {
    pub const ALL: [Self; 4] = [Self::Aes128Gcm, Self::Aes256Gcm, Self::Aes128Cbc, Self::Aes256Cbc];

    pub fn uri(self) -> &'static str {
        match self {
            Self::Aes128Gcm => "http://www.w3.org/2009/xmlenc11#aes128-gcm",
            Self::Aes256Gcm => "http://www.w3.org/2009/xmlenc11#aes256-gcm",
            Self::Aes128Cbc => "http://www.w3.org/2001/04/xmlenc#aes128-cbc",
            Self::Aes256Cbc => "http://www.w3.org/2001/04/xmlenc#aes256-cbc",
        }
    }

    pub fn from_uri(uri: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cipher| cipher.uri() == uri)
    }

    pub fn is_cbc(self) -> bool {
        matches!(self, Self::Aes128Cbc | Self::Aes256Cbc)
    }
}

/// What the content's key is encrypted with. PKCS #1 v1.5 is neither made nor read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum KeyTransport {
    /// RSA-OAEP with SHA-1, which everybody understands; its strength does not rest on that hash.
    #[default]
    OaepSha1,
    /// RSA-OAEP with SHA-256 in both places (XML Encryption 1.1).
    OaepSha256,
}

impl KeyTransport {
    pub fn uri(self) -> &'static str {
        match self {
            Self::OaepSha1 => "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p",
            Self::OaepSha256 => "http://www.w3.org/2009/xmlenc11#rsa-oaep",
        }
    }
}

/// MGF1 with SHA-256 (XML Encryption 1.1 §5.5.2).
pub(super) const MGF1_SHA256: &str = "http://www.w3.org/2009/xmlenc11#mgf1sha256";
/// MGF1 with SHA-1.
pub(super) const MGF1_SHA1: &str = "http://www.w3.org/2009/xmlenc11#mgf1sha1";
/// Exclusive canonicalization, without comments.
pub(super) const EXC_C14N: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
pub(super) const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
