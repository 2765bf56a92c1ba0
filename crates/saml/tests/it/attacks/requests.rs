//! Signed requests in other hands: for a sign-in elsewhere, for the end of somebody else's sessions.

use std::time::Duration;

use saml::binding::{Incoming, Kind};
use saml::message::{LogoutRequest, NameId};
use saml::names::{context_class, name_id_format};
use saml::profile::identity_provider::{self, Offered, Registered};
use saml::profile::logout::{self, Peer};
use saml::profile::{CheckCode, Refusal};
use saml::security::sign;

use super::{EVIL, before_end, behind_issuer, between, unsigned};
use crate::world::{NAME, SLO, SP, SSO, World, head, request, world};

fn judged(xml: &str) -> Option<Refusal> {
    let incoming = Incoming {
        kind: Kind::Request,
        xml: xml.to_owned(),
        relay_state: None,
        signature: None,
    };
    if xml.contains("LogoutRequest") {
        let peer = Peer {
            clock: World::clock(),
            entity_id: SP,
            certificates: std::slice::from_ref(&world().sp.certificate),
            algorithms: &world().algorithms,
            location: SLO,
            signed: true,
            longest_age: Duration::from_mins(10),
        };
        return logout::judge_request(&incoming, peer).result.err();
    }
    let role = world().service();
    let registered = Registered {
        entity_id: SP,
        role: &role,
        algorithms: &world().algorithms,
        signed: true,
    };
    let offered = Offered {
        clock: World::clock(),
        location: SSO,
        name_id_formats: name_id_format::OFFERED,
        contexts: &[context_class::PASSWORD_PROTECTED_TRANSPORT],
        context_order: context_class::USUAL_ORDER,
        longest_age: Duration::from_mins(10),
    };
    identity_provider::judge(&incoming, registered, offered)
        .result
        .err()
}

#[test]
fn a_signed_request_is_not_another() {
    let credential = world().sp.credential();
    let sign_in = sign(&request().to_element(), &credential).expect("a request");
    let sign_out = LogoutRequest {
        head: head("_request", SP, SLO),
        not_on_or_after: None,
        reason: None,
        name_id: NameId::new(NAME, name_id_format::EMAIL_ADDRESS),
        session_indexes: vec!["_session".into()],
    };
    let sign_out = sign(&sign_out.to_element(), &credential).expect("a request");
    for good in [sign_in, sign_out] {
        assert_eq!(judged(&good), None);
        let signature = between(&good, "ds:Signature").to_owned();
        let bare = unsigned(&good);
        let evil = bare
            .replace("ID=\"_request\"", "ID=\"_evil\"")
            .replace(NAME, EVIL)
            .replace("https://hub.example/saml2/acs", "https://hub.example/second");
        let extensions =
            |inner: &str| behind_issuer(&evil, &format!("<samlp:Extensions>{inner}</samlp:Extensions>"));
        let object = format!("<ds:Object>{bare}</ds:Object>");
        for (name, xml, code, cause) in [
            ("not signed", bare.clone(), CheckCode::MessageSigned, None),
            (
                "the signed one in the extensions",
                extensions(&good),
                CheckCode::Signature,
                Some("signature.place"),
            ),
            (
                "the signed one at the end",
                before_end(&evil, &good),
                CheckCode::Signature,
                Some("signature.place"),
            ),
            (
                "its signature",
                behind_issuer(&evil, &signature),
                CheckCode::Signature,
                Some("signature.reference"),
            ),
            (
                "the signed one within its signature",
                behind_issuer(&evil, &before_end(&signature, &bare)),
                CheckCode::Signature,
                Some("signature.structure"),
            ),
            (
                "the signed one in an object of its signature",
                behind_issuer(&evil, &before_end(&signature, &object)),
                CheckCode::Signature,
                Some("signature.structure"),
            ),
            (
                "the signed one before its signature",
                behind_issuer(&evil, &format!("{bare}{signature}")),
                CheckCode::Signature,
                Some("signature.place"),
            ),
            (
                "the signed one behind its signature",
                behind_issuer(&evil, &format!("{signature}{bare}")),
                CheckCode::Signature,
                Some("signature.reference"),
            ),
            (
                "twice",
                before_end(&good, &good),
                CheckCode::Parse,
                Some("xml.duplicate_id"),
            ),
            (
                "altered",
                good.replace("Version=\"2.0\"", "Version=\"2.0\" Consent=\"x\""),
                CheckCode::Signature,
                Some("signature.invalid"),
            ),
            (
                "a definition of the type",
                format!("<!DOCTYPE x>{good}"),
                CheckCode::Parse,
                Some("xml.doctype"),
            ),
            (
                "a comment in the issuer",
                good.replacen("hub.example/org<", "hub.example/<!---->org<", 1),
                CheckCode::Form,
                Some("xml.not_text"),
            ),
        ] {
            let refusal = judged(&xml).expect(name);
            assert_eq!((refusal.code, refusal.cause), (code, cause), "{name}: {refusal}");
        }
    }
}
