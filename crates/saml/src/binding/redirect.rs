//! HTTP-Redirect (SAML bindings §3.4): deflated, in base64, in the query; signed there.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::{BindingError, Incoming, Kind, LONGEST_RELAY_STATE, QuerySignature};
use crate::security::{Credential, SignatureError};
use crate::xml::Limits;

/// What RFC 3986 leaves as it is.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Nobody's browser sends longer queries.
const LONGEST_QUERY: usize = 64 * 1024;

/// The address to send the browser to.
pub fn encode(
    location: &str,
    kind: Kind,
    xml: &str,
    relay_state: Option<&str>,
    credential: Option<&Credential>,
) -> Result<String, SignatureError> {
    let deflated = miniz_oxide::deflate::compress_to_vec(xml.as_bytes(), 9);
    let mut query = format!("{}={}", kind.field(), encoded(&STANDARD.encode(deflated)));
    if let Some(state) = relay_state {
        query.push_str("&RelayState=");
        query.push_str(&encoded(state));
    }
    if let Some(credential) = credential {
        query.push_str("&SigAlg=");
        query.push_str(&encoded(credential.algorithm.uri()));
        let signature = credential
            .key
            .sign_bytes(credential.algorithm, query.as_bytes())?;
        query.push_str("&Signature=");
        query.push_str(&encoded(&STANDARD.encode(signature)));
    }
    let (address, fragment) = match location.split_once('#') {
        Some((address, fragment)) => (address, format!("#{fragment}")),
        None => (location, String::new()),
    };
    let separator = match address.split_once('?') {
        None => "?",
        Some((_, "")) => "",
        Some((_, query)) if query.ends_with('&') => "",
        Some(_) => "&",
    };
    Ok(format!("{address}{separator}{query}{fragment}"))
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

/// Reads a query as it was received, still percent-encoded and without its question mark: a signature is over these
/// very bytes, and who encodes anew may not come back to them.
pub fn decode(query: &str) -> Result<Incoming, BindingError> {
    const FIELDS: [&str; 6] = [
        "SAMLRequest",
        "SAMLResponse",
        "RelayState",
        "SigAlg",
        "Signature",
        "SAMLEncoding",
    ];
    if query.len() > LONGEST_QUERY {
        return Err(BindingError::TooLong("the query"));
    }
    let mut found: [Option<&str>; FIELDS.len()] = [None; FIELDS.len()];
    for pair in query.split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        // Names that are written otherwise are other names; but none may hide behind its encoding.
        let plain = percent_decode_str(name).decode_utf8_lossy();
        let Some(index) = FIELDS.iter().position(|field| *field == plain) else {
            continue;
        };
        if name != FIELDS[index] {
            return Err(BindingError::Encoding(FIELDS[index]));
        }
        if found[index].replace(value).is_some() {
            return Err(BindingError::Repeated(FIELDS[index]));
        }
    }
    let [request, response, relay_state, algorithm, signature, encoding] = found;
    let (kind, message) = match (request, response) {
        (Some(message), None) => (Kind::Request, message),
        (None, Some(message)) => (Kind::Response, message),
        (Some(_), Some(_)) => return Err(BindingError::Both),
        (None, None) => return Err(BindingError::NoMessage),
    };
    if let Some(encoding) = encoding {
        let encoding = text("SAMLEncoding", encoding)?;
        if encoding != "urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE" {
            return Err(BindingError::SamlEncoding(encoding.chars().take(200).collect()));
        }
    }
    let signature = match (algorithm, signature) {
        (None, None) => None,
        (Some(algorithm), Some(signature)) => {
            let state = relay_state.map_or_else(String::new, |state| format!("&RelayState={state}"));
            Some(QuerySignature {
                algorithm: text("SigAlg", algorithm)?,
                value: bytes("Signature", signature)?,
                signed: format!("{}={message}{state}&SigAlg={algorithm}", kind.field()),
            })
        }
        _ => return Err(BindingError::HalfSigned),
    };
    let relay_state = relay_state
        .map(|state| text("RelayState", &state.replace('+', " ")))
        .transpose()?;
    if relay_state
        .as_ref()
        .is_some_and(|state| state.len() > LONGEST_RELAY_STATE)
    {
        return Err(BindingError::TooLong("RelayState"));
    }
    let deflated = bytes(kind.field(), message)?;
    let xml = miniz_oxide::inflate::decompress_to_vec_with_limit(&deflated, Limits::MESSAGE.bytes)
        .map_err(|_| BindingError::Deflate)?;
    Ok(Incoming {
        kind,
        xml: String::from_utf8(xml).map_err(|_| BindingError::Utf8)?,
        relay_state,
        signature,
    })
}

fn text(field: &'static str, value: &str) -> Result<String, BindingError> {
    let decoded = percent_decode_str(value).decode_utf8();
    Ok(decoded.map_err(|_| BindingError::Encoding(field))?.into_owned())
}

fn bytes(field: &'static str, value: &str) -> Result<Vec<u8>, BindingError> {
    // Some break it into lines.
    let compact: String = text(field, value)?.split_ascii_whitespace().collect();
    STANDARD.decode(compact).map_err(|_| BindingError::Base64(field))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(query: &str) -> &'static str {
        decode(query).map_or_else(|error| error.code(), |_| "none")
    }

    #[test]
    fn what_is_encoded_is_decoded() {
        for (location, address) in [
            ("https://a.example/sso", "https://a.example/sso?SAMLRequest="),
            ("https://a.example/sso?", "https://a.example/sso?SAMLRequest="),
            (
                "https://a.example/sso?b=c",
                "https://a.example/sso?b=c&SAMLRequest=",
            ),
        ] {
            let url = encode(location, Kind::Request, "<a>ü</a>", Some("b&c=d e+ü"), None);
            let url = url.expect("an address");
            assert!(url.starts_with(address), "{url}");
            let (_, query) = url.split_once('?').expect("a query");
            let incoming = decode(query).expect("a message");
            assert_eq!(incoming.xml, "<a>ü</a>");
            assert_eq!(incoming.relay_state.as_deref(), Some("b&c=d e+ü"));
            assert_eq!(incoming.kind, Kind::Request);
            assert_eq!(incoming.signature, None);
        }
    }

    #[test]
    fn a_bomb_is_not_inflated() {
        let bomb = miniz_oxide::deflate::compress_to_vec(&vec![b' '; 10_000_000], 9);
        let query = format!("SAMLRequest={}", encoded(&STANDARD.encode(bomb)));
        assert!(query.len() < LONGEST_QUERY);
        assert_eq!(error(&query), "binding.deflate");
    }

    #[test]
    fn what_is_ambiguous_is_refused() {
        let good = encode("", Kind::Request, "<a/>", None, None).expect("an address");
        let good = &good[1..];
        assert_eq!(error(good), "none");
        for (query, code) in [
            (String::new(), "binding.no_message"),
            (format!("{good}&{good}"), "binding.repeated"),
            (format!("{good}&SAMLResponse=x"), "binding.both"),
            (format!("{good}&RelayState=a&RelayState=b"), "binding.repeated"),
            (format!("{good}&Relay%53tate=a"), "binding.encoding"),
            (format!("{good}&RelayState=%ff"), "binding.encoding"),
            (
                format!("{good}&RelayState={}", "a".repeat(3_000)),
                "binding.too_long",
            ),
            (format!("{good}&SigAlg=a"), "binding.half_signed"),
            (format!("{good}&Signature=YQ%3D%3D"), "binding.half_signed"),
            (format!("{good}&SigAlg=a&Signature=*"), "binding.base64"),
            (format!("{good}&SAMLEncoding=none"), "binding.saml_encoding"),
            ("SAMLRequest=%2A".to_owned(), "binding.base64"),
            ("SAMLRequest=YWJj".to_owned(), "binding.deflate"),
            ("a".repeat(70_000), "binding.too_long"),
        ] {
            assert_eq!(error(&query), code, "{query}");
        }
    }
}
