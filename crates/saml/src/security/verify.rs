//! Verifying, with the keys of certificates that the caller trusts.

use std::sync::{Arc, Mutex};

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_ASN1, ECDSA_P384_SHA384_FIXED,
    RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, UnparsedPublicKey, VerificationAlgorithm,
};
use bergshamra_dsig::verify::verify_all_document_with_source;
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
    let mut verified = vec![None; placed.len()];
    // The library goes through all signatures with one verifier; as a rule, all are made by the same algorithm.
    let mut todo: Vec<SignatureAlgorithm> = placed.iter().map(|placed| placed.algorithm).collect();
    todo.dedup();
    for algorithm in todo {
        verify_all_by(document, algorithm, &placed, certificates, &mut verified)?;
    }
    let missing = || SignatureError::Invalid("it was not looked at".to_owned());
    verified
        .into_iter()
        .map(|verified| verified.ok_or_else(missing))
        .collect()
}

/// Verifies those of the signatures that are made by `algorithm`.
fn verify_all_by<'d>(
    document: &'d Document<'_>,
    algorithm: SignatureAlgorithm,
    placed: &[Placed<'d>],
    certificates: &[Certificate],
    verified: &mut [Option<Verified<'d>>],
) -> Result<(), SignatureError> {
    let fitting = Arc::new(Mutex::new(Vec::new()));
    let context = DsigContext::new(KeysManager::new()).with_hsm_verifier(Box::new(Verifier {
        algorithm,
        keys: certificates
            .iter()
            .map(|certificate| certificate.key().clone())
            .collect(),
        fitting: Arc::clone(&fitting),
    }));
    let invalid = SignatureError::Invalid;
    let results = verify_all_document_with_source(&context, document.tree(), Some(document.source()))
        .map_err(|error| invalid(error.to_string()))?;
    if results.len() != placed.len() {
        return Err(invalid("others were looked at".to_owned()));
    }
    let fitting = fitting.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    // The verifier was asked once for each signature of its algorithm, in the order of the document, as long as all
    // is well; and it must be.
    let mut fitting = fitting.iter();
    for ((result, placed), verified) in results.into_iter().zip(placed).zip(verified) {
        if placed.algorithm != algorithm {
            continue;
        }
        let (signature, references) = match result {
            VerifyResult::Valid {
                signature_node,
                references,
                ..
            } => (signature_node, references),
            VerifyResult::Invalid { reason } => return Err(invalid(reason)),
        };
        let [reference] = &references[..] else {
            return Err(invalid("another number of references".to_owned()));
        };
        let is_this = signature == placed.signature.id()
            && reference.digest_verified
            && reference.resolved_node == Some(placed.signed.id());
        let certificate = fitting.next().copied().flatten();
        let (true, Some(certificate)) = (is_this, certificate) else {
            return Err(invalid("it is about another element".to_owned()));
        };
        *verified = Some(Verified {
            node: placed.signed,
            certificate,
            algorithm,
        });
    }
    Ok(())
}

/// Tries each of the keys that are trusted, with the algorithm that was looked at before.
struct Verifier {
    algorithm: SignatureAlgorithm,
    keys: Vec<PublicKey>,
    /// Which key, each time that it was asked.
    fitting: Arc<Mutex<Vec<Option<usize>>>>,
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
        let mut fitting = self
            .fitting
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        fitting.push(found);
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

/// Outside of XML, some write the two numbers of a signature on a curve as DER has it.
fn fits_as_der(key: &PublicKey, algorithm: SignatureAlgorithm, data: &[u8], signature: &[u8]) -> bool {
    let (verification, bytes): (&'static dyn VerificationAlgorithm, &[u8]) = match (key, algorithm) {
        (PublicKey::P256(key), SignatureAlgorithm::EcdsaSha256) => (&ECDSA_P256_SHA256_ASN1, key),
        (PublicKey::P384(key), SignatureAlgorithm::EcdsaSha384) => (&ECDSA_P384_SHA384_ASN1, key),
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
        .position(|certificate| {
            let key = certificate.key();
            fits(key, algorithm, data, signature) || fits_as_der(key, algorithm, data, signature)
        })
        .ok_or_else(|| SignatureError::Invalid("none of the certificates fits".to_owned()))
}
