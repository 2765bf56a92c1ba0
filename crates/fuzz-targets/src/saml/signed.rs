//! Signed responses, in the hands of somebody without the key.

use std::sync::LazyLock;
use std::time::Duration;

use saml::message::{Assertion, AuthnRequest, Head};
use saml::names::context_class;
use saml::profile::Clock;
use saml::profile::service_provider::{Encryption, Expected, Signed, judge};
use saml::security::{Algorithms, Certificate, DecryptionPolicy};
use saml::{Document, Limits, parse_time};

/// The two that the responses in the corpus are signed with; the keys were thrown away.
static CERTIFICATES: LazyLock<Vec<Certificate>> = LazyLock::new(|| {
    let texts = [include_str!("rsa.pem"), include_str!("p256.pem")];
    let read = |text| Certificate::from_text(text).expect("a certificate");
    texts.map(read).to_vec()
});

/// What they say, all of them.
static SAID: LazyLock<Assertion> = LazyLock::new(|| {
    let document = Document::parse(include_str!("said.xml"), Limits::MESSAGE).expect("a document");
    Assertion::read(document.root()).expect("an assertion")
});

/// Nothing is believed but what was signed.
///
/// # Panics
/// If something else is.
pub fn saml_signed(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    assert_ne!(is_believed(text), Some(false), "something else is believed");
}

/// Whether a response is accepted, and if so, as what it should be.
pub(crate) fn is_believed(text: &str) -> Option<bool> {
    let now = parse_time("2026-11-21T09:30:05Z").expect("a time");
    let request = AuthnRequest::new(Head {
        id: "_request".to_owned(),
        issued: now,
        destination: None,
        consent: None,
        issuer: None,
    });
    let expected = Expected {
        clock: Clock {
            now,
            skew: Duration::from_secs(30),
        },
        entity_id: "https://hub.example/org",
        consumer: "https://hub.example/saml2/acs",
        identity_provider: "https://idp.example/saml2/app",
        certificates: &CERTIFICATES,
        algorithms: &Algorithms::with_sha1(),
        signed: Signed::default(),
        refuse_expired_certificates: false,
        encryption: Encryption {
            keys: &[],
            policy: DecryptionPolicy::default(),
            required: false,
        },
        request: Some(&request),
        unsolicited: false,
        name_id_formats: &[],
        context: None,
        context_order: context_class::USUAL_ORDER,
        longest_age: Duration::from_mins(10),
    };
    let found = judge(text, &expected).result.ok()?;
    Some(found.assertion == *SAID)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Otherwise the target would look at refusals only.
    #[test]
    fn the_corpus_is_believed() {
        for text in [
            include_str!("../../../../fuzz/corpus/saml_signed/response"),
            include_str!("../../../../fuzz/corpus/saml_signed/assertion"),
        ] {
            assert_eq!(is_believed(text), Some(true));
        }
    }
}
