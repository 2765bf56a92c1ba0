//! Messages of the true identity provider in the hands of somebody who wants to be another.
//!
//! Each attack is tried on every way in which a message may be signed; beside each, the message that it was made of is
//! accepted, and for each it is said which check refuses it.

mod content;
mod encrypted;
mod requests;
mod signature;
mod wrapping;

use saml::profile::CheckCode;
use saml::profile::service_provider::judge;
use saml::security::{Credential, SignatureAlgorithm};

use crate::world::{Layout, NAME, answer, world};

const EVIL: &str = "admin@example.com";

/// A message in its parts.
struct Taken {
    layout: Layout,
    xml: String,
}

/// What an attack makes of a message, and what refuses it.
type Made = (String, CheckCode, Option<&'static str>);

impl Taken {
    /// From `<tag` to `</tag>`, the last of those.
    fn element(&self, tag: &str) -> &str {
        between(&self.xml, tag)
    }

    fn assertion(&self) -> &str {
        self.element("saml:Assertion")
    }

    /// The signature of the response, or of the assertion.
    fn signature_of(&self, text: &'static str) -> Option<String> {
        let text = if text == "assertion" {
            self.assertion().to_owned()
        } else {
            self.without_assertion()
        };
        text.contains("<ds:Signature ")
            .then(|| between(&text, "ds:Signature").to_owned())
    }

    fn without_assertion(&self) -> String {
        self.xml.replace(self.assertion(), "")
    }

    fn is_response_signed(&self) -> bool {
        self.layout != Layout::Assertion
    }

    fn is_assertion_signed(&self) -> bool {
        self.layout != Layout::Response
    }

    /// An assertion about somebody else, with an ID of its own and no signature.
    fn evil_assertion(&self) -> String {
        evil(&unsigned(self.assertion()))
    }

    /// What refuses a change that a signature covers, or else `otherwise`.
    fn covered(&self, otherwise: (CheckCode, Option<&'static str>)) -> (CheckCode, Option<&'static str>) {
        if self.is_response_signed() {
            (CheckCode::Signature, Some("signature.invalid"))
        } else {
            otherwise
        }
    }
}

pub fn between<'t>(text: &'t str, tag: &str) -> &'t str {
    let start = text
        .find(&format!("<{tag} "))
        .or_else(|| text.find(&format!("<{tag}>")))
        .expect("a beginning");
    let close = format!("</{tag}>");
    let end = text[start..].find(&close).expect("an end");
    &text[start..start + end + close.len()]
}

fn unsigned(element: &str) -> String {
    if element.contains("<ds:Signature ") {
        element.replacen(between(element, "ds:Signature"), "", 1)
    } else {
        element.to_owned()
    }
}

fn evil(element: &str) -> String {
    element
        .replace(NAME, EVIL)
        .replace("ID=\"_assertion\"", "ID=\"_evil\"")
}

fn before_end(element: &str, inserted: &str) -> String {
    let end = element.rfind("</").expect("an end");
    format!("{}{inserted}{}", &element[..end], &element[end..])
}

fn behind_issuer(element: &str, inserted: &str) -> String {
    element.replacen("</saml:Issuer>", &format!("</saml:Issuer>{inserted}"), 1)
}

const COUNT: (CheckCode, Option<&str>) = (CheckCode::AssertionCount, None);
const PLACE: (CheckCode, Option<&str>) = (CheckCode::Signature, Some("signature.place"));
const STRUCTURE: (CheckCode, Option<&str>) = (CheckCode::Signature, Some("signature.structure"));
const REFERENCE: (CheckCode, Option<&str>) = (CheckCode::Signature, Some("signature.reference"));
const INVALID: (CheckCode, Option<&str>) = (CheckCode::Signature, Some("signature.invalid"));

#[expect(
    clippy::unnecessary_wraps,
    reason = "an attack may not be possible on a message"
)]
fn made(xml: String, why: (CheckCode, Option<&'static str>)) -> Option<Made> {
    Some((xml, why.0, why.1))
}

type Attack = fn(&Taken) -> Option<Made>;

impl Taken {
    fn of(
        layout: Layout,
        credential: &Credential,
        change: impl FnOnce(&mut saml::profile::identity_provider::Answer),
    ) -> Self {
        let mut answer = answer();
        change(&mut answer);
        let xml = answer.to_xml(layout.protection(credential)).expect("an answer");
        Self { layout, xml }
    }
}

fn try_all(attacks: &[(&str, Attack)], at_least: usize) {
    let world = world();
    let mut tried = 0;
    for credential in [
        world.idp.credential(),
        world.idp.signing_with(SignatureAlgorithm::RsaSha512),
        world.idp_p256.credential(),
        world.idp_p384.credential(),
    ] {
        for layout in Layout::ALL {
            let taken = Taken::of(layout, &credential, |_| ());
            assert!(judge(&taken.xml, &world.expected()).result.is_ok());
            for (name, attack) in attacks {
                let Some((xml, code, cause)) = attack(&taken) else {
                    continue;
                };
                assert_ne!(xml, taken.xml, "{name} {layout:?}");
                let refusal = judge(&xml, &world.expected()).result.expect_err(name);
                assert_eq!(
                    (refusal.code, refusal.cause),
                    (code, cause),
                    "{name} {layout:?}: {refusal}"
                );
                tried += 1;
            }
        }
    }
    assert!(tried >= at_least, "{tried} were tried");
}

#[test]
fn what_is_wrapped_is_not_accepted() {
    try_all(wrapping::WRAPPING, 200);
}

#[test]
fn what_is_not_signed_by_the_identity_provider_is_not_accepted() {
    try_all(signature::SIGNATURES, 200);
}

#[test]
fn what_is_changed_is_not_accepted() {
    try_all(content::CONTENT, 400);
}

/// What looks cut in two and is whole stays whole.
#[test]
fn a_name_in_pieces_is_read_as_one() {
    for layout in Layout::ALL {
        let taken = Taken::of(layout, &world().idp.credential(), |_| ());
        for (from, to) in [
            ("example.com<", "<![CDATA[example.com]]><"),
            ("barbara", "&#98;arbar&#x61;"),
        ] {
            let xml = taken.xml.replace(from, to);
            assert_ne!(xml, taken.xml);
            let found = judge(&xml, &world().expected()).result.expect("signed in");
            assert_eq!(found.assertion, answer().assertion());
        }
    }
}

/// Who brings the same answer again gets the same ID to be looked up, and cannot get another.
#[test]
fn what_is_brought_again_is_known_again() {
    for layout in Layout::ALL {
        let taken = Taken::of(layout, &world().idp.credential(), |_| ());
        let remember = |xml: &str| judge(xml, &world().expected()).result.map(|found| found.remember);
        let first = remember(&taken.xml).expect("signed in");
        let spaced = taken
            .xml
            .replacen("<ds:SignatureValue>", "<ds:SignatureValue>\n", 1);
        assert_eq!(remember(&spaced), Ok(first));
        let other = taken
            .xml
            .replace("ID=\"_assertion\"", "ID=\"_other\"")
            .replace("#_assertion", "#_other");
        assert!(remember(&other).is_err());
    }
}
