//! Signing: an enveloped signature right behind the issuer (SAML core §5.4).

use bergshamra_dsig::DsigContext;
use bergshamra_keys::KeysManager;

use super::algorithm::{ENVELOPED, EXC_C14N};
use super::{Certificate, SignatureAlgorithm, SignatureError, SigningKey};
use crate::xml::Element;

/// Who signs: a key, how, and the certificate to be told of.
#[derive(Debug, Clone)]
pub struct Credential {
    pub key: SigningKey,
    pub algorithm: SignatureAlgorithm,
    pub certificate: Option<Certificate>,
}

impl Credential {
    /// With what the key signs by unless told otherwise.
    pub fn new(key: SigningKey, certificate: Certificate) -> Self {
        Self {
            algorithm: key.default_algorithm(),
            key,
            certificate: Some(certificate),
        }
    }
}

/// The element, signed, as XML. It must have an `ID`.
pub fn sign(element: &Element, credential: &Credential) -> Result<String, SignatureError> {
    let failed = |error: &dyn std::fmt::Display| SignatureError::Signing(error.to_string());
    credential.key.check(credential.algorithm)?;
    let id = element
        .attribute("ID")
        .ok_or_else(|| failed(&"what is signed has no ID"))?;
    let template = element
        .with_signature(template(id, credential))
        .to_xml()
        .map_err(|error| failed(&error))?;
    let context = DsigContext::new(KeysManager::new()).with_hsm_signer(Box::new(Signer(credential.clone())));
    bergshamra_dsig::sign::sign(&context, &template).map_err(|error| failed(&error))
}

fn template(id: &str, credential: &Credential) -> Element {
    let method = |name, uri| Element::new(name).attr("Algorithm", uri);
    let transforms = Element::new("ds:Transforms")
        .child(method("ds:Transform", ENVELOPED))
        .child(method("ds:Transform", EXC_C14N));
    let reference = Element::new("ds:Reference")
        .attr("URI", format!("#{id}"))
        .child(transforms)
        .child(method("ds:DigestMethod", credential.algorithm.digest().uri()))
        .child(Element::new("ds:DigestValue"));
    let info = Element::new("ds:SignedInfo")
        .child(method("ds:CanonicalizationMethod", EXC_C14N))
        .child(method("ds:SignatureMethod", credential.algorithm.uri()))
        .child(reference);
    Element::new("ds:Signature")
        .child(info)
        .child(Element::new("ds:SignatureValue"))
        .children(credential.certificate.as_ref().map(key_info))
}

/// A certificate, where there is to be one.
pub(crate) fn key_info(certificate: &Certificate) -> Element {
    let certificate = Element::new("ds:X509Certificate").text(certificate.to_base64());
    Element::new("ds:KeyInfo").child(Element::new("ds:X509Data").child(certificate))
}

struct Signer(Credential);

impl kryptering::Signer for Signer {
    fn algorithm(&self) -> kryptering::SignatureAlgorithm {
        self.0.algorithm.of_library()
    }

    fn sign(&self, data: &[u8]) -> Result<Vec<u8>, kryptering::Error> {
        let signature = self.0.key.sign_bytes(self.0.algorithm, data);
        signature.map_err(|error| kryptering::Error::Crypto(error.to_string()))
    }
}
