//! Anybody can encrypt for the service: its certificate is public. What is within has to be believed for another reason.

use saml::message::{Response, Status};
use saml::profile::service_provider::judge;
use saml::profile::{CheckCode, Refusal};
use saml::security::{Cipher, KeyTransport, encrypt, sign};

use super::{EVIL, before_end, behind_issuer, between, evil, unsigned};
use crate::world::{ACS, IDP, Layout, answer, head, world};

fn signed_assertion() -> String {
    sign(&answer().assertion().to_element(), &world().idp.credential()).expect("an assertion")
}

/// A response that nobody has signed, around what somebody has encrypted.
fn around(plain: &str, cipher: Cipher) -> String {
    let inner = encrypt(plain, &world().sp.certificate, cipher, KeyTransport::OaepSha1).expect("encrypted");
    let response = Response {
        head: head("_response", IDP, ACS),
        in_response_to: Some("_request".into()),
        status: Status::success(),
    };
    response.to_element(Some(inner)).to_xml().expect("a response")
}

fn refused(xml: &str) -> Option<Refusal> {
    judge(xml, &world().expected()).result.err()
}

#[test]
fn what_anybody_may_have_encrypted_is_not_accepted() {
    let good = signed_assertion();
    let signature = between(&good, "ds:Signature").to_owned();
    let evil_one = evil(&unsigned(&good));
    let mut other = answer().assertion();
    other.subject.name_id.as_mut().expect("a name").value = EVIL.to_owned();
    let by_stranger = sign(&other.to_element(), &world().stranger.credential()).expect("an assertion");
    let advice = format!("</saml:Conditions><saml:Advice>{good}</saml:Advice>");
    let object = format!("<ds:Object>{}</ds:Object>", unsigned(&good));

    let inner = |cause| (CheckCode::InnerSignature, Some(cause));
    // An assertion within another is not looked into.
    let undecryptable = (CheckCode::Decryption, None);
    for cipher in [Cipher::Aes128Gcm, Cipher::Aes256Gcm] {
        assert_eq!(refused(&around(&good, cipher)), None);
        for (name, plain, why) in [
            ("not signed", unsigned(&good), (CheckCode::AssertionSigned, None)),
            (
                "somebody else, not signed",
                evil_one.clone(),
                (CheckCode::AssertionSigned, None),
            ),
            (
                "signed by somebody else",
                by_stranger.clone(),
                inner("signature.invalid"),
            ),
            (
                "altered",
                good.replace("barbara", "admin"),
                inner("signature.invalid"),
            ),
            (
                "the signature of another",
                behind_issuer(&evil_one, &signature),
                inner("signature.reference"),
            ),
            (
                "the signed one in an object of its signature",
                behind_issuer(&evil_one, &before_end(&signature, &object)),
                undecryptable,
            ),
            (
                "the signed one as advice",
                evil_one.replacen("</saml:Conditions>", &advice, 1),
                undecryptable,
            ),
            (
                "the signed one in another",
                before_end(&evil_one, &good),
                undecryptable,
            ),
            ("two", format!("{good}{evil_one}"), undecryptable),
            ("none", "<x xmlns='urn:x'/>".to_owned(), undecryptable),
            ("no XML", "text".to_owned(), undecryptable),
            ("nothing but white space", "  ".to_owned(), undecryptable),
            (
                "a definition of the type",
                format!("<!DOCTYPE x>{good}"),
                undecryptable,
            ),
            ("encrypted twice", around(&good, cipher), undecryptable),
            (
                "too deep",
                before_end(&good, &format!("{}{}", "<x>".repeat(70), "</x>".repeat(70))),
                undecryptable,
            ),
        ] {
            let refusal = refused(&around(&plain, cipher)).expect(name);
            assert_eq!((refusal.code, refusal.cause), why, "{name}: {refusal}");
        }
    }
}

/// What is encrypted within a signed response is covered by that signature.
#[test]
fn what_is_encrypted_within_a_signed_response_cannot_be_exchanged() {
    let good = crate::decryption::encrypted(Layout::Response, Cipher::Aes256Gcm, KeyTransport::OaepSha1);
    assert_eq!(refused(&good), None);
    let own = between(&good, "saml:EncryptedAssertion").to_owned();
    let exchanged = around(&unsigned(&signed_assertion()), Cipher::Aes256Gcm);
    let other = between(&exchanged, "saml:EncryptedAssertion");
    for (name, xml, code) in [
        ("exchanged", good.replace(&own, other), CheckCode::Signature),
        (
            "doubled",
            good.replace(&own, &format!("{own}{other}")),
            CheckCode::Signature,
        ),
        (
            "beside",
            good.replace(&own, &format!("{own}{}", signed_assertion())),
            CheckCode::Signature,
        ),
        ("gone", good.replace(&own, ""), CheckCode::Signature),
        (
            "taken elsewhere",
            exchanged.replace(other, &own),
            CheckCode::AssertionSigned,
        ),
        (
            "beside a plain one",
            exchanged.replace(other, &format!("{other}{}", signed_assertion())),
            CheckCode::AssertionCount,
        ),
    ] {
        let refusal = refused(&xml).expect(name);
        assert_eq!(refusal.code, code, "{name}: {refusal}");
    }
}
