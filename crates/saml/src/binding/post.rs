//! HTTP-POST (SAML bindings §3.5): the fields of a form. The page around them is the server's.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{BindingError, Incoming, Kind, LONGEST_RELAY_STATE};
use crate::xml::Limits;

/// The names and values of the form's fields.
pub fn encode(kind: Kind, xml: &str, relay_state: Option<&str>) -> Vec<(&'static str, String)> {
    let mut fields = vec![(kind.field(), STANDARD.encode(xml))];
    fields.extend(relay_state.map(|state| ("RelayState", state.to_owned())));
    fields
}

/// Reads the fields of a form, already decoded as one.
pub fn decode<'f>(fields: impl IntoIterator<Item = (&'f str, &'f str)>) -> Result<Incoming, BindingError> {
    let [mut request, mut response, mut relay_state] = [None; 3];
    for (name, value) in fields {
        let (place, name) = match name {
            "SAMLRequest" => (&mut request, "SAMLRequest"),
            "SAMLResponse" => (&mut response, "SAMLResponse"),
            "RelayState" => (&mut relay_state, "RelayState"),
            _ => continue,
        };
        if place.replace(value).is_some() {
            return Err(BindingError::Repeated(name));
        }
    }
    let (kind, message) = match (request, response) {
        (Some(message), None) => (Kind::Request, message),
        (None, Some(message)) => (Kind::Response, message),
        (Some(_), Some(_)) => return Err(BindingError::Both),
        (None, None) => return Err(BindingError::NoMessage),
    };
    // A third more than the text, and line breaks.
    if message.len() > Limits::MESSAGE.bytes * 3 / 2 {
        return Err(BindingError::TooLong(kind.field()));
    }
    if relay_state.is_some_and(|state| state.len() > LONGEST_RELAY_STATE) {
        return Err(BindingError::TooLong("RelayState"));
    }
    let compact: String = message.split_ascii_whitespace().collect();
    let xml = STANDARD
        .decode(compact)
        .map_err(|_| BindingError::Base64(kind.field()))?;
    Ok(Incoming {
        kind,
        xml: String::from_utf8(xml).map_err(|_| BindingError::Utf8)?,
        relay_state: relay_state.map(str::to_owned),
        signature: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_decoded() {
        let fields = encode(Kind::Response, "<a>ü</a>", Some("b&c"));
        let incoming = decode(fields.iter().map(|(name, value)| (*name, value.as_str()))).expect("a message");
        assert_eq!(incoming.kind, Kind::Response);
        assert_eq!(incoming.xml, "<a>ü</a>");
        assert_eq!(incoming.relay_state.as_deref(), Some("b&c"));
    }

    #[test]
    fn what_is_ambiguous_is_refused() {
        let long = "a".repeat(400_000);
        for (fields, code) in [
            (&[][..], "binding.no_message"),
            (
                &[("SAMLResponse", "YQ=="), ("SAMLResponse", "YQ==")],
                "binding.repeated",
            ),
            (
                &[("SAMLResponse", "YQ=="), ("SAMLRequest", "YQ==")],
                "binding.both",
            ),
            (&[("SAMLResponse", "*")], "binding.base64"),
            (&[("SAMLResponse", "/w==")], "binding.utf8"),
            (&[("SAMLResponse", &long)], "binding.too_long"),
            (
                &[("SAMLResponse", "YQ=="), ("RelayState", &long)],
                "binding.too_long",
            ),
        ] {
            let error = decode(fields.iter().copied()).map_or_else(|error| error.code(), |_| "none");
            assert_eq!(error, code);
        }
        assert!(decode([("SAMLResponse", "\r\nY\nQ==\n"), ("other", ""), ("other", "")]).is_ok());
    }
}
