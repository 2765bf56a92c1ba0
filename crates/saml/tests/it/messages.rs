//! What is written is read back, whatever is in it.

use std::time::Duration;

use base::Timestamp;
use proptest::prelude::*;
use saml::message::{
    Assertion, Attribute, AttributeValue, AuthnRequest, AuthnStatement, Comparison, Conditions, Confirmation,
    Head, LogoutRequest, LogoutResponse, NameId, NameIdPolicy, RequestedContext, Response, Status, Subject,
    ValueType,
};
use saml::{Document, Element, Limits};

use crate::world::now;

fn written(element: &Element) -> String {
    element.to_xml().expect("XML")
}

/// Texts with all that has to be escaped.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("a".to_owned()),
        "[a-z&<>\"'\\]]{1,12}",
        "[!-~]{1,8}[ \t\r\n][!-~]{1,8}",
        "[ä-ž日本\u{10000}-\u{10010}]{1,6}",
        Just("]]>".to_owned()),
        Just("<!-- x -->".to_owned()),
        Just("&amp;".to_owned()),
    ]
}

fn id() -> impl Strategy<Value = String> {
    "_[a-zA-Z0-9.-]{1,20}"
}

fn time() -> impl Strategy<Value = Timestamp> {
    (0_i64..4_000_000_000_000).prop_map(|millis| Timestamp::from_micros(millis * 1_000))
}

fn maybe<T: std::fmt::Debug>(strategy: impl Strategy<Value = T>) -> impl Strategy<Value = Option<T>> {
    proptest::option::of(strategy)
}

fn few<T: std::fmt::Debug>(strategy: impl Strategy<Value = T>) -> impl Strategy<Value = Vec<T>> {
    proptest::collection::vec(strategy, 0..3)
}

prop_compose! {
    fn head()(id in id(), issued in time(), destination in maybe(text()), consent in maybe(text()), issuer in maybe(text()))
        -> Head
    {
        Head { id, issued, destination, consent, issuer }
    }
}

prop_compose! {
    fn name_id()(value in text(), format in maybe(text()), name_qualifier in maybe(text()),
        sp_name_qualifier in maybe(text()), sp_provided_id in maybe(text())) -> NameId
    {
        NameId { value, format, name_qualifier, sp_name_qualifier, sp_provided_id }
    }
}

fn comparison() -> impl Strategy<Value = Comparison> {
    prop_oneof![
        Just(Comparison::Exact),
        Just(Comparison::Minimum),
        Just(Comparison::Maximum),
        Just(Comparison::Better),
    ]
}

prop_compose! {
    fn context()(comparison in comparison(), first in text(), others in few(text()), declarations in few(text()))
        -> RequestedContext
    {
        let classes = std::iter::once(first).chain(others).collect();
        RequestedContext { comparison, classes, declarations }
    }
}

prop_compose! {
    fn policy()(format in maybe(text()), sp_name_qualifier in maybe(text()), allow_create in maybe(any::<bool>()))
        -> NameIdPolicy
    {
        NameIdPolicy { format, sp_name_qualifier, allow_create }
    }
}

prop_compose! {
    fn request()(head in head(), subject in maybe(name_id()), force_authn in any::<bool>(), is_passive in any::<bool>(),
        acs_url in maybe(text()), protocol_binding in maybe(text()), acs_index in maybe(any::<u16>()),
        attribute_consuming_index in maybe(any::<u16>()), provider_name in maybe(text()),
        name_id_policy in maybe(policy()), requested_context in maybe(context())) -> AuthnRequest
    {
        AuthnRequest {
            head, subject, force_authn, is_passive, acs_url, protocol_binding, acs_index, attribute_consuming_index,
            provider_name, name_id_policy, requested_context,
        }
    }
}

fn value_type() -> impl Strategy<Value = ValueType> {
    prop_oneof![
        Just(ValueType::String),
        Just(ValueType::Boolean),
        Just(ValueType::Integer),
        Just(ValueType::DateTime),
        Just(ValueType::AnyUri),
        Just(ValueType::Base64),
    ]
}

prop_compose! {
    fn value()(text in prop_oneof![text(), Just(String::new()), Just(" a\n".to_owned())], value_type in maybe(value_type()))
        -> AttributeValue
    {
        AttributeValue { text, value_type }
    }
}

prop_compose! {
    fn attribute()(name in text(), name_format in maybe(text()), friendly_name in maybe(text()), values in few(value()))
        -> Attribute
    {
        Attribute { name, name_format, friendly_name, values }
    }
}

prop_compose! {
    fn confirmation()(method in text(), recipient in maybe(text()), not_before in maybe(time()),
        not_on_or_after in maybe(time()), in_response_to in maybe(id()), address in maybe(text())) -> Confirmation
    {
        Confirmation { method, recipient, not_before, not_on_or_after, in_response_to, address }
    }
}

prop_compose! {
    fn conditions()(not_before in maybe(time()), not_on_or_after in maybe(time()),
        audience_restrictions in few(few(text())), one_time_use in any::<bool>(), proxy_count in maybe(any::<u16>()))
        -> Conditions
    {
        Conditions { not_before, not_on_or_after, audience_restrictions, one_time_use, proxy_count, unknown: Vec::new() }
    }
}

prop_compose! {
    fn statement()(instant in time(), session_index in maybe(text()), session_not_on_or_after in maybe(time()),
        context_class in maybe(text()), context_declaration in maybe(text()), authorities in few(text())) -> AuthnStatement
    {
        AuthnStatement { instant, session_index, session_not_on_or_after, context_class, context_declaration, authorities }
    }
}

prop_compose! {
    fn assertion()(id in id(), issued in time(), issuer in text(), name_id in maybe(name_id()),
        confirmations in few(confirmation()), conditions in conditions(), authn_statements in few(statement()),
        attributes in few(attribute())) -> Assertion
    {
        Assertion {
            id, issued, issuer, subject: Subject { name_id, confirmations }, conditions, authn_statements, attributes,
        }
    }
}

prop_compose! {
    fn status()(first in text(), others in few(text()), message in maybe(text())) -> Status {
        Status { codes: std::iter::once(first).chain(others).collect(), message }
    }
}

proptest! {
    #[test]
    fn requests_are_read_back(request in request()) {
        let xml = written(&request.to_element());
        let document = Document::parse(&xml, Limits::MESSAGE).expect(&xml);
        prop_assert_eq!(AuthnRequest::read(document.root()), Ok(request));
    }

    #[test]
    fn assertions_are_read_back(assertion in assertion()) {
        let xml = written(&assertion.to_element());
        let document = Document::parse(&xml, Limits::MESSAGE).expect(&xml);
        prop_assert_eq!(Assertion::read(document.root()), Ok(assertion));
    }

    #[test]
    fn responses_are_read_back(head in head(), in_response_to in maybe(id()), status in status()) {
        let response = Response { head: head.clone(), in_response_to: in_response_to.clone(), status: status.clone() };
        let xml = written(&response.to_element(None));
        let document = Document::parse(&xml, Limits::MESSAGE).expect(&xml);
        prop_assert_eq!(Response::read(document.root()), Ok(response));
        let response = LogoutResponse { head, in_response_to, status };
        let xml = written(&response.to_element());
        let document = Document::parse(&xml, Limits::MESSAGE).expect(&xml);
        prop_assert_eq!(LogoutResponse::read(document.root()), Ok(response));
    }

    #[test]
    fn logouts_are_read_back(head in head(), not_on_or_after in maybe(time()), reason in maybe(text()), name_id in name_id(),
        session_indexes in few(text()))
    {
        let request = LogoutRequest { head, not_on_or_after, reason, name_id, session_indexes };
        let xml = written(&request.to_element());
        let document = Document::parse(&xml, Limits::MESSAGE).expect(&xml);
        prop_assert_eq!(LogoutRequest::read(document.root()), Ok(request));
    }
}

#[test]
fn what_cannot_be_written_is_not() {
    let name = NameId::new("a\u{1}b", "x");
    let request = LogoutRequest {
        head: crate::world::head("_a", "b", "c"),
        not_on_or_after: Some(now() + Duration::from_secs(1)),
        reason: None,
        name_id: name,
        session_indexes: Vec::new(),
    };
    assert_eq!(
        request.to_element().to_xml().map_err(|error| error.code()),
        Err("xml.character")
    );
}

#[test]
fn what_others_write_is_read() {
    let xml = "<Assertion xmlns='urn:oasis:names:tc:SAML:2.0:assertion' ID='a' Version='2.0' \
         IssueInstant='2026-11-21T10:30:00.0000000+01:00'><Issuer Format='urn:oasis:names:tc:SAML:2.0:nameid-format:entity'>\
         \n  me\n</Issuer><Subject><NameID>\n you </NameID></Subject><AttributeStatement>\
         <Attribute Name='a'><AttributeValue xsi:nil='true' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'/>\
         <AttributeValue><NameID>id</NameID></AttributeValue><AttributeValue><x xmlns='urn:x'/></AttributeValue></Attribute>\
         <Attribute Name='b'/></AttributeStatement><AttributeStatement><Attribute Name='c'>\
         <AttributeValue xsi:type='other:string' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'> c </AttributeValue>\
         </Attribute></AttributeStatement></Assertion>";
    let document = Document::parse(xml, Limits::MESSAGE).expect("a document");
    let assertion = Assertion::read(document.root()).expect("an assertion");
    assert_eq!(assertion.issued, now());
    assert_eq!(assertion.issuer, "me");
    assert_eq!(
        assertion.subject.name_id.as_ref().map(|name| name.value.as_str()),
        Some("you")
    );
    let values = |name: &str| {
        assertion
            .attribute(name)
            .map(|own| own.values.iter().map(|value| value.text.as_str()).collect())
    };
    assert_eq!(values("a"), Some(vec!["id"]));
    assert_eq!(values("b"), Some(vec![]));
    assert_eq!(values("c"), Some(vec![" c "]));
    assert_eq!(assertion.attribute("d"), None);
}

#[test]
fn a_label_says_who_it_may_be_from() {
    let credential = crate::world::world().idp.credential();
    let layout = crate::world::Layout::Both;
    let xml = crate::world::answer().to_xml(layout.protection(&credential));
    let xml = xml.expect("an answer");
    let label = |xml: &str| saml::profile::label(xml).map_err(|error| error.code());
    let found = label(&xml).expect("a label");
    assert_eq!(found.message, "Response");
    assert_eq!(found.id.as_deref(), Some("_response"));
    assert_eq!(found.issuer.as_deref(), Some(crate::world::IDP));
    assert_eq!(found.in_response_to.as_deref(), Some("_request"));
    // Without an issuer around it, that of the assertion.
    let start = xml.find("<saml:Issuer").expect("an issuer");
    let end = xml.find("</saml:Issuer>").expect("an issuer") + "</saml:Issuer>".len();
    let without = format!("{}{}", &xml[..start], &xml[end..]);
    assert_eq!(
        label(&without).map(|label| label.issuer),
        Ok(Some(crate::world::IDP.to_owned()))
    );
    assert_eq!(label("<!DOCTYPE a><a/>"), Err("xml.doctype"));
    assert_eq!(
        label("<a><Issuer>x</Issuer></a>").map(|label| label.issuer),
        Ok(None)
    );
}
