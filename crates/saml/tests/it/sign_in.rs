//! Answers of the true identity provider: what is taken, and what is refused for what it says.

use std::time::Duration;

use saml::message::{Comparison, RequestedContext, Status};
use saml::names::{context_class, name_id_format, status_code};
use saml::profile::identity_provider::{Answer, AnswerError, Protection};
use saml::profile::service_provider::{Expected, Signed, judge};
use saml::profile::{CheckCode, Outcome};
use saml::security::SignatureAlgorithm;

use crate::world::{ACS, IDP, Layout, NAME, SP, answer, now, world};

/// Makes something else of it.
type Change<T> = fn(&mut T);

fn xml_of(answer: &Answer) -> String {
    let credential = world().idp.credential();
    answer
        .to_xml(Layout::Both.protection(&credential))
        .expect("an answer")
}

#[test]
fn an_answer_is_taken_whichever_part_is_signed_and_however() {
    let world = world();
    for credential in [
        world.idp.credential(),
        world.idp.signing_with(SignatureAlgorithm::RsaSha384),
        world.idp.signing_with(SignatureAlgorithm::RsaSha512),
        world.idp_p256.credential(),
        world.idp_p384.credential(),
    ] {
        for layout in Layout::ALL {
            let xml = answer()
                .to_xml(layout.protection(&credential))
                .expect("an answer");
            let judgement = judge(&xml, &world.expected());
            let found = judgement.result.expect("signed in");
            assert_eq!(found.assertion, answer().assertion());
            assert_eq!(found.in_response_to.as_deref(), Some("_request"));
            assert_eq!(found.session_index.as_deref(), Some("_session"));
            assert_eq!(found.remember.assertion_id, "_assertion");
            assert_eq!(found.remember.until, now() + Duration::from_secs(330));
            assert_eq!(
                world.certificates[found.certificate],
                credential.certificate.clone().expect("a certificate")
            );
            assert!(
                judgement
                    .checks
                    .iter()
                    .all(|check| check.outcome != Outcome::Failed)
            );
        }
    }
}

#[test]
fn what_was_made_for_another_purpose_is_refused() {
    let minutes = |number: u64| Duration::from_mins(number);
    let cases: &[(&str, Change<Answer>, CheckCode)] = &[
        (
            "another audience",
            |answer| answer.audience = "https://other.example".into(),
            CheckCode::Audience,
        ),
        (
            "an audience that begins alike",
            |answer| answer.audience = format!("{SP}/"),
            CheckCode::Audience,
        ),
        (
            "another consumer",
            |answer| answer.consumer = "https://other.example".into(),
            CheckCode::Destination,
        ),
        (
            "a consumer in other letters",
            |answer| answer.consumer = ACS.to_uppercase(),
            CheckCode::Destination,
        ),
        (
            "another issuer",
            |answer| answer.issuer = "https://other.example".into(),
            CheckCode::Issuer,
        ),
        (
            "another request",
            |answer| answer.in_response_to = Some("_other".into()),
            CheckCode::InResponseTo,
        ),
        (
            "no request",
            |answer| answer.in_response_to = None,
            CheckCode::InResponseTo,
        ),
        (
            "another format",
            |answer| answer.name_id.format = Some(name_id_format::TRANSIENT.into()),
            CheckCode::NameIdFormat,
        ),
        (
            "a weaker sign-in",
            |answer| {
                answer.statement.context_class = Some(context_class::PASSWORD.into());
            },
            CheckCode::AuthnContext,
        ),
        (
            "no class",
            |answer| answer.statement.context_class = None,
            CheckCode::AuthnContext,
        ),
        (
            "signed in tomorrow",
            |answer| {
                answer.statement.instant = now() + Duration::from_hours(24);
            },
            CheckCode::AuthnInstant,
        ),
        (
            "a session that is over",
            |answer| {
                answer.statement.session_not_on_or_after = Some(now() - Duration::from_mins(1));
            },
            CheckCode::Session,
        ),
    ];
    let expected = || Expected {
        name_id_formats: &[name_id_format::EMAIL_ADDRESS],
        ..world().expected()
    };
    assert!(judge(&xml_of(&answer()), &expected()).result.is_ok());
    for (what, change, code) in cases {
        let mut changed = answer();
        change(&mut changed);
        let refusal = judge(&xml_of(&changed), &expected()).result.expect_err(what);
        assert_eq!(refusal.code, *code, "{what}: {refusal}");
    }

    // Times, seen from other times.
    let xml = xml_of(&answer());
    for (what, now, code) in [
        ("before it begins", now() - minutes(3), Some(CheckCode::Issued)),
        (
            "just before, with the skew",
            now() - Duration::from_secs(20),
            None,
        ),
        (
            "just at the end, with the skew",
            now() + Duration::from_secs(329),
            None,
        ),
        (
            "at the end",
            now() + Duration::from_secs(330),
            Some(CheckCode::NotOnOrAfter),
        ),
        ("long after", now() + minutes(11), Some(CheckCode::Issued)),
    ] {
        let mut expected = expected();
        expected.clock.now = now;
        let refusal = judge(&xml, &expected).result.err();
        assert_eq!(refusal.map(|refusal| refusal.code), code, "{what}");
    }
}

#[test]
fn what_stands_in_the_assertion_counts_beside_what_stands_around_it() {
    let world = world();
    let credential = world.idp.credential();
    // The response says what it should, the assertion in it does not.
    let cases: &[(&str, Change<saml::message::Assertion>, CheckCode)] = &[
        (
            "another issuer",
            |own| own.issuer = "https://other.example".into(),
            CheckCode::AssertionIssuer,
        ),
        (
            "an old one",
            |own| own.issued = now() - Duration::from_hours(1),
            CheckCode::AssertionIssued,
        ),
        (
            "another recipient",
            |own| {
                own.subject.confirmations[0].recipient = Some("https://other.example".into());
            },
            CheckCode::Recipient,
        ),
        (
            "no recipient",
            |own| own.subject.confirmations[0].recipient = None,
            CheckCode::Recipient,
        ),
        (
            "another request",
            |own| {
                own.subject.confirmations[0].in_response_to = Some("_other".into());
            },
            CheckCode::ConfirmationInResponseTo,
        ),
        (
            "no request",
            |own| {
                own.subject.confirmations[0].in_response_to = None;
            },
            CheckCode::ConfirmationInResponseTo,
        ),
        (
            "no end",
            |own| own.subject.confirmations[0].not_on_or_after = None,
            CheckCode::ConfirmationTime,
        ),
        (
            "confirmed too late",
            |own| {
                own.subject.confirmations[0].not_on_or_after = Some(now() - Duration::from_mins(1));
            },
            CheckCode::ConfirmationTime,
        ),
        (
            "confirmed too early",
            |own| {
                own.subject.confirmations[0].not_before = Some(now() + Duration::from_mins(1));
            },
            CheckCode::ConfirmationTime,
        ),
        (
            "no confirmation",
            |own| own.subject.confirmations.clear(),
            CheckCode::Confirmation,
        ),
        (
            "another confirmation",
            |own| {
                own.subject.confirmations[0].method = "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key".into();
            },
            CheckCode::Confirmation,
        ),
        ("no name", |own| own.subject.name_id = None, CheckCode::NameId),
        (
            "no sign-in",
            |own| own.authn_statements.clear(),
            CheckCode::AuthnStatement,
        ),
        (
            "not yet",
            |own| own.conditions.not_before = Some(now() + Duration::from_mins(1)),
            CheckCode::NotBefore,
        ),
        (
            "no longer",
            |own| {
                own.conditions.not_on_or_after = Some(now() - Duration::from_mins(1));
            },
            CheckCode::NotOnOrAfter,
        ),
        (
            "no audience",
            |own| own.conditions.audience_restrictions.clear(),
            CheckCode::Audience,
        ),
        (
            "an audience that is nobody",
            |own| own.conditions.audience_restrictions[0].clear(),
            CheckCode::Audience,
        ),
        (
            "two audiences that must both be us",
            |own| {
                own.conditions
                    .audience_restrictions
                    .push(vec!["https://other.example".into()]);
            },
            CheckCode::Audience,
        ),
    ];
    let response = |own: &saml::message::Assertion| {
        let element = saml::message::Response {
            head: crate::world::head("_response", IDP, ACS),
            in_response_to: Some("_request".into()),
            status: Status::success(),
        };
        let inner = saml::security::sign(&own.to_element(), &credential).expect("an assertion");
        element.to_element(Some(inner)).to_xml().expect("a response")
    };
    assert!(
        judge(&response(&answer().assertion()), &world.expected())
            .result
            .is_ok()
    );
    for (what, change, code) in cases {
        let mut own = answer().assertion();
        change(&mut own);
        let refusal = judge(&response(&own), &world.expected()).result.expect_err(what);
        assert_eq!(refusal.code, *code, "{what}: {refusal}");
    }
    // One confirmation of several is enough, and so is one audience of those that are alternatives.
    let mut own = answer().assertion();
    let mut other = own.subject.confirmations[0].clone();
    other.recipient = Some("https://other.example".into());
    own.subject.confirmations.insert(0, other);
    own.conditions.audience_restrictions[0].insert(0, "https://other.example".into());
    own.conditions.one_time_use = true;
    own.conditions.proxy_count = Some(0);
    let found = judge(&response(&own), &world.expected())
        .result
        .expect("signed in");
    assert_eq!(found.assertion, own);
}

#[test]
fn conditions_that_are_not_understood_are_not_met() {
    let plain = answer().assertion().to_element().to_xml().expect("an assertion");
    let strange = plain.replace(
        "</saml:Conditions>",
        "<x:Strange xmlns:x='urn:x'/></saml:Conditions>",
    );
    assert_ne!(plain, strange);
    let xml = crate::signatures::craft_response(&strange);
    let refusal = judge(&xml, &world().expected()).result.expect_err("refused");
    assert_eq!(refusal.code, CheckCode::Conditions);
    assert_eq!(refusal.detail, "Strange");
}

#[test]
fn unsolicited_answers_are_taken_where_that_is_wanted() {
    let mut unsolicited = answer();
    unsolicited.in_response_to = None;
    let xml = xml_of(&unsolicited);
    let expecting = |request: bool, unsolicited: bool| Expected {
        request: request.then_some(&world().request),
        unsolicited,
        ..world().expected()
    };
    let code =
        |xml: &str, expected: &Expected<'_>| judge(xml, expected).result.err().map(|refusal| refusal.code);
    assert_eq!(code(&xml, &expecting(false, true)), None);
    assert_eq!(code(&xml, &expecting(true, true)), None);
    assert_eq!(
        code(&xml, &expecting(false, false)),
        Some(CheckCode::InResponseTo)
    );
    assert_eq!(code(&xml, &expecting(true, false)), Some(CheckCode::InResponseTo));
    // One that says that it was asked for must have been, whatever is wanted.
    let asked = xml_of(&answer());
    assert_eq!(
        code(&asked, &expecting(false, true)),
        Some(CheckCode::InResponseTo)
    );
    assert_eq!(code(&asked, &expecting(true, false)), None);
}

#[test]
fn signatures_are_where_they_are_wanted() {
    let world = world();
    let credential = world.idp.credential();
    for layout in Layout::ALL {
        let xml = answer()
            .to_xml(layout.protection(&credential))
            .expect("an answer");
        for (response, assertion) in [(false, false), (true, false), (false, true), (true, true)] {
            let expected = Expected {
                signed: Signed { response, assertion },
                ..world.expected()
            };
            let code = judge(&xml, &expected).result.err().map(|refusal| refusal.code);
            let wanted = match layout {
                Layout::Assertion if response => Some(CheckCode::MessageSigned),
                Layout::Response if assertion => Some(CheckCode::AssertionSigned),
                _ => None,
            };
            assert_eq!(
                code, wanted,
                "{layout:?}, response {response}, assertion {assertion}"
            );
        }
    }
    let protection = Protection {
        sign_response: false,
        sign_assertion: false,
        ..Layout::Both.protection(&credential)
    };
    assert_eq!(answer().to_xml(protection), Err(AnswerError::Unsigned));
}

#[test]
fn a_fresh_sign_in_is_fresh_and_a_context_is_met() {
    let mut request = world().request.clone();
    request.force_authn = true;
    request.requested_context = None;
    let minimum = RequestedContext {
        comparison: Comparison::Minimum,
        ..RequestedContext::exact([context_class::PASSWORD_PROTECTED_TRANSPORT])
    };
    let expected = Expected {
        request: Some(&request),
        context: Some(&minimum),
        ..world().expected()
    };
    let code = |answer: &Answer| {
        judge(&xml_of(answer), &expected)
            .result
            .err()
            .map(|refusal| refusal.code)
    };
    let mut changed = answer();
    assert_eq!(code(&changed), None);
    changed.statement.context_class = Some(context_class::X509.into());
    assert_eq!(code(&changed), None);
    changed.statement.context_class = Some(context_class::PASSWORD.into());
    assert_eq!(code(&changed), Some(CheckCode::AuthnContext));
    changed = answer();
    changed.statement.instant = now() - Duration::from_hours(1);
    assert_eq!(code(&changed), Some(CheckCode::AuthnInstant));
}

#[test]
fn certificates_that_are_too_old_are_refused_where_that_is_wanted() {
    let year = Duration::from_hours(400 * 24);
    let mut late = answer();
    late.now = now() + year;
    late.statement.instant = late.now;
    late.statement.session_not_on_or_after = None;
    let mut request = world().request.clone();
    request.head.issued = late.now;
    let mut expected = Expected {
        request: Some(&request),
        ..world().expected()
    };
    expected.clock.now = late.now;
    let judgement = judge(&xml_of(&late), &expected);
    assert!(judgement.result.is_ok());
    let check = judgement.check(CheckCode::Certificate).expect("a check");
    assert_eq!(check.outcome, Outcome::NotApplicable);
    expected.refuse_expired_certificates = true;
    let refusal = judge(&xml_of(&late), &expected).result.expect_err("refused");
    assert_eq!(refusal.code, CheckCode::Certificate);
    assert_eq!(refusal.code.webex_error().code(), 15);
}

#[test]
fn what_went_wrong_over_there_is_told() {
    let credential = world().idp.credential();
    let status = Status::failure(
        status_code::REQUESTER,
        status_code::NO_AUTHN_CONTEXT,
        "no such class",
    );
    let head = crate::world::head("_response", IDP, ACS);
    let xml = saml::profile::identity_provider::refuse(head, Some("_request".into()), status, &credential);
    let refusal = judge(&xml.expect("an answer"), &world().expected())
        .result
        .expect_err("refused");
    assert_eq!(refusal.code, CheckCode::Status);
    assert!(
        refusal.detail.contains("NoAuthnContext no such class"),
        "{}",
        refusal.detail
    );
}

#[test]
fn a_refusal_has_the_number_that_webex_gives_it() {
    let world = world();
    let code = |xml: &str, expected: &Expected<'_>| {
        let refusal = judge(xml, expected).result.expect_err("refused");
        refusal.webex_error().code()
    };
    let good = xml_of(&answer());
    let without = Expected {
        certificates: &[],
        ..world.expected()
    };
    assert_eq!(code(&good, &without), 4);
    assert_eq!(code(&good.replace(NAME, "x"), &world.expected()), 23);
    assert_eq!(code("", &world.expected()), 29);
    let elsewhere = Expected {
        consumer: "https://other.example",
        ..world.expected()
    };
    assert_eq!(code(&good, &elsewhere), 14);
    let other_idp = Expected {
        identity_provider: "https://other.example",
        ..world.expected()
    };
    assert_eq!(code(&good, &other_idp), 24);
    let another = Expected {
        entity_id: "https://other.example",
        ..world.expected()
    };
    assert_eq!(code(&good, &another), 13);
    let nobody_asked = Expected {
        request: None,
        ..world.expected()
    };
    assert_eq!(code(&good, &nobody_asked), 28);
    let format = Expected {
        name_id_formats: &[name_id_format::PERSISTENT],
        ..world.expected()
    };
    assert_eq!(code(&good, &format), 25);
    let mut late = world.expected();
    late.clock.now = now() + Duration::from_secs(330);
    assert_eq!(code(&good, &late), 19);
}

#[test]
fn every_check_has_a_name_of_its_own_and_a_trace_has_no_secrets() {
    let names: std::collections::BTreeSet<_> = CheckCode::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(names.len(), CheckCode::ALL.len());
    let judgement = judge(&xml_of(&answer()), &world().expected());
    let name = judgement.check(CheckCode::NameId).expect("a check");
    assert_eq!(name.detail, NAME);
    assert_eq!(format!("{:?}", world().idp.key), "SigningKey(***)");
    assert_eq!(format!("{:?}", world().decryption[0]), "DecryptionKey(***)");
}
