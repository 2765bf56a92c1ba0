//! Verifying, with the keys of certificates that the caller trusts.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, UnparsedPublicKey,
    VerificationAlgorithm,
};
use bergshamra_dsig::{DsigContext, VerifyResult};
use bergshamra_keys::KeysManager;

use super::certificate::PublicKey;
use super::place::{Placed, signatures};
use super::{Algorithms, Certificate, SignatureAlgorithm, SignatureError};
use crate::xml::{Document, Node};

/// An element that is signed by somebody who is trusted. Only [`verify`] makes one.
#[derive(Debug, Clone, Copy)]
pub struct Verified<'d> {
    node: Node<'d>,
    certificate: usize,
    algorithm: SignatureAlgorithm,
}

impl<'d> Verified<'d> {
    /// What was signed.
    pub fn node(self) -> Node<'d> {
        self.node
    }

    /// Which of the certificates fits.
    pub fn certificate(self) -> usize {
        self.certificate
    }

    pub fn algorithm(self) -> SignatureAlgorithm {
        self.algorithm
    }
}

/// All signed elements of a document, none if there is no signature. One signature that is not well, and nothing is.
pub fn verify<'d>(
    document: &'d Document<'_>,
    certificates: &[Certificate],
    algorithms: &Algorithms,
) -> Result<Vec<Verified<'d>>, SignatureError> {
    let placed = signatures(document, algorithms)?;
    if !placed.is_empty() && certificates.is_empty() {
        return Err(SignatureError::NoCertificate);
    }
    placed
        .into_iter()
        .map(|placed| verify_one(document, placed, certificates))
        .collect()
}

fn verify_one<'d>(
    document: &'d Document<'_>,
    placed: Placed<'d>,
    certificates: &[Certificate],
) -> Result<Verified<'d>, SignatureError> {
    let fitting = Arc::new(AtomicUsize::new(usize::MAX));
    let context = DsigContext::new(KeysManager::new()).with_hsm_verifier(Box::new(Verifier {
        algorithm: placed.algorithm,
        keys: certificates
            .iter()
            .map(|certificate| certificate.key().clone())
            .collect(),
        fitting: Arc::clone(&fitting),
    }));
    let invalid = |reason: String| SignatureError::Invalid(reason);
    let results = bergshamra_dsig::verify::verify_all_document_with_source(
        &context,
        document.tree(),
        Some(document.source()),
    )
    .map_err(|error| invalid(error.to_string()))?;
    // All signatures of the document are gone through with this one's algorithm; only this one's result counts.
    let mut reason = "it was not looked at".to_owned();
    for result in results {
        match result {
            VerifyResult::Valid {
                signature_node,
                references,
                ..
            } if signature_node == placed.signature.id() => {
                let [reference] = &references[..] else {
                    return Err(invalid("another number of references".to_owned()));
                };
                if !reference.digest_verified || reference.resolved_node != Some(placed.signed.id()) {
                    return Err(invalid("it is about another element".to_owned()));
                }
                let certificate = fitting.load(Ordering::SeqCst);
                return Ok(Verified {
                    node: document.node(placed.signed.id()),
                    certificate,
                    algorithm: placed.algorithm,
                });
            }
            VerifyResult::Invalid { reason: why } => reason = why,
            VerifyResult::Valid { .. } => {}
        }
    }
    Err(invalid(reason))
}

/// Tries each of the keys that are trusted, with the algorithm that was looked at before.
struct Verifier {
    algorithm: SignatureAlgorithm,
    keys: Vec<PublicKey>,
    fitting: Arc<AtomicUsize>,
}

impl kryptering::Verifier for Verifier {
    fn algorithm(&self) -> kryptering::SignatureAlgorithm {
        self.algorithm.of_library()
    }

    fn verify(&self, data: &[u8], signature: &[u8]) -> Result<bool, kryptering::Error> {
        let found = self
            .keys
            .iter()
            .position(|key| fits(key, self.algorithm, data, signature));
        self.fitting.store(found.unwrap_or(usize::MAX), Ordering::SeqCst);
        Ok(found.is_some())
    }
}

fn fits(key: &PublicKey, algorithm: SignatureAlgorithm, data: &[u8], signature: &[u8]) -> bool {
    use SignatureAlgorithm::{EcdsaSha256, EcdsaSha384, RsaSha1, RsaSha256, RsaSha384, RsaSha512};
    let (verification, bytes): (&'static dyn VerificationAlgorithm, &[u8]) = match (key, algorithm) {
        (PublicKey::Rsa(key), RsaSha1) => (&RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, key),
        (PublicKey::Rsa(key), RsaSha256) => (&RSA_PKCS1_2048_8192_SHA256, key),
        (PublicKey::Rsa(key), RsaSha384) => (&RSA_PKCS1_2048_8192_SHA384, key),
        (PublicKey::Rsa(key), RsaSha512) => (&RSA_PKCS1_2048_8192_SHA512, key),
        (PublicKey::P256(key), EcdsaSha256) => (&ECDSA_P256_SHA256_FIXED, key),
        (PublicKey::P384(key), EcdsaSha384) => (&ECDSA_P384_SHA384_FIXED, key),
        _ => return false,
    };
    UnparsedPublicKey::new(verification, bytes)
        .verify(data, signature)
        .is_ok()
}

/// Which of the certificates a signature over plain bytes fits.
pub(crate) fn verify_bytes(
    certificates: &[Certificate],
    algorithm: SignatureAlgorithm,
    data: &[u8],
    signature: &[u8],
) -> Result<usize, SignatureError> {
    if certificates.is_empty() {
        return Err(SignatureError::NoCertificate);
    }
    certificates
        .iter()
        .position(|certificate| fits(certificate.key(), algorithm, data, signature))
        .ok_or_else(|| SignatureError::Invalid("none of the certificates fits".to_owned()))
}
