//! How messages travel through browsers (SAML bindings §3.4, §3.5): in the query of an address, or as a form.

pub mod post;
pub mod redirect;

use crate::security::{
    Algorithms, Certificate, Credential, SignatureAlgorithm, SignatureError, sign, verify_bytes,
};
use crate::xml::Element;

/// What a message is, by the name of the field that it comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    Request,
    Response,
}

impl Kind {
    pub fn field(self) -> &'static str {
        match self {
            Self::Request => "SAMLRequest",
            Self::Response => "SAMLResponse",
        }
    }
}

/// A message as it came in, not yet parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    pub kind: Kind,
    pub xml: String,
    pub relay_state: Option<String>,
    /// That of the query, which covers the message and the relay state. Signatures within the message are another thing.
    pub signature: Option<QuerySignature>,
}

/// By which of the two ways something is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Way {
    Redirect,
    Post,
}

/// What the browser is told to do with a message of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outgoing {
    /// To go to this address.
    Redirect(String),
    /// To send a form with these fields to this address.
    Post {
        location: String,
        fields: Vec<(&'static str, String)>,
    },
}

/// Writes a request, or an answer to a logout, signed where there is a credential: in the query or in the message, as
/// the way has it. (Answers with assertions are made by [`crate::profile::identity_provider`].)
pub fn send(
    way: Way,
    location: &str,
    kind: Kind,
    message: &Element,
    relay_state: Option<&str>,
    credential: Option<&Credential>,
) -> Result<Outgoing, SignatureError> {
    let plain = || {
        message
            .to_xml()
            .map_err(|error| SignatureError::Signing(error.to_string()))
    };
    match way {
        Way::Redirect => {
            redirect::encode(location, kind, &plain()?, relay_state, credential).map(Outgoing::Redirect)
        }
        Way::Post => {
            let xml = match credential {
                Some(credential) => sign(message, credential)?,
                None => plain()?,
            };
            Ok(Outgoing::Post {
                location: location.to_owned(),
                fields: post::encode(kind, &xml, relay_state),
            })
        }
    }
}

/// A signature over the query of an address, and over which bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct QuerySignature {
    algorithm: String,
    value: Vec<u8>,
    signed: String,
}

impl QuerySignature {
    /// Which of the certificates it fits.
    pub fn verify(
        &self,
        certificates: &[Certificate],
        algorithms: &Algorithms,
    ) -> Result<usize, SignatureError> {
        let algorithm = SignatureAlgorithm::from_uri(&self.algorithm)
            .filter(|algorithm| algorithms.signatures.contains(algorithm))
            .ok_or_else(|| SignatureError::Algorithm(self.algorithm.clone()))?;
        verify_bytes(certificates, algorithm, self.signed.as_bytes(), &self.value)
    }
}

impl std::fmt::Debug for QuerySignature {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "QuerySignature({})", self.algorithm)
    }
}

/// The RelayState that has come back with an answer, whatever the answer is like. None, if that is not clear.
pub fn brought_back<'f>(fields: impl IntoIterator<Item = (&'f str, &'f str)>) -> Option<&'f str> {
    let (mut is_answer, mut state) = (false, None);
    for (name, value) in fields {
        match name {
            "SAMLRequest" => return None,
            "SAMLResponse" => is_answer = true,
            "RelayState" if state.replace(value).is_some() => return None,
            _ => {}
        }
    }
    state.filter(|state| is_answer && state.len() <= LONGEST_RELAY_STATE)
}

/// Why nothing can be made of what came in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BindingError {
    #[error("there is no SAMLRequest and no SAMLResponse")]
    NoMessage,
    #[error("{0} is there twice")]
    Repeated(&'static str),
    #[error("SAMLRequest and SAMLResponse are both there")]
    Both,
    #[error("{0} is too long")]
    TooLong(&'static str),
    #[error("{0} is not percent-encoded UTF-8")]
    Encoding(&'static str),
    #[error("{0} is not base64")]
    Base64(&'static str),
    #[error("the message is not compressed as it should be, or is too large")]
    Deflate,
    #[error("the message is encoded by {0:?}, which is not understood")]
    SamlEncoding(String),
    #[error("there is a signature without its algorithm, or the other way round")]
    HalfSigned,
    #[error("the message is not UTF-8")]
    Utf8,
}

impl BindingError {
    /// For logs and traces; stable.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoMessage => "binding.no_message",
            Self::Repeated(_) => "binding.repeated",
            Self::Both => "binding.both",
            Self::TooLong(_) => "binding.too_long",
            Self::Encoding(_) => "binding.encoding",
            Self::Base64(_) => "binding.base64",
            Self::Deflate => "binding.deflate",
            Self::SamlEncoding(_) => "binding.saml_encoding",
            Self::HalfSigned => "binding.half_signed",
            Self::Utf8 => "binding.utf8",
        }
    }
}

/// The standard says 80 bytes; many send more.
pub const LONGEST_RELAY_STATE: usize = 2_048;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_answer_brings_back_is_known_whatever_it_says() {
        let long = "a".repeat(LONGEST_RELAY_STATE + 1);
        for (fields, state) in [
            (&[("SAMLResponse", "*"), ("RelayState", "a")][..], Some("a")),
            (
                &[("RelayState", "a"), ("SAMLResponse", ""), ("SigAlg", "x")],
                Some("a"),
            ),
            (&[("SAMLResponse", "*")], None),
            (&[("RelayState", "a")], None),
            (&[("SAMLRequest", "*"), ("RelayState", "a")], None),
            (
                &[("SAMLResponse", "*"), ("SAMLRequest", "*"), ("RelayState", "a")],
                None,
            ),
            (
                &[("SAMLResponse", "*"), ("RelayState", "a"), ("RelayState", "b")],
                None,
            ),
            (&[("SAMLResponse", "*"), ("RelayState", &long)], None),
        ] {
            assert_eq!(brought_back(fields.iter().copied()), state, "{fields:?}");
        }
    }
}
