//! Messages, assertions and metadata.

use std::fmt::Debug;

use saml::message::{Assertion, AuthnRequest, LogoutRequest, LogoutResponse, Response};
use saml::{Document, Element, Limits, Node, XmlError, metadata};

/// Whatever is read can be written, and what is written is read as the same.
///
/// # Panics
/// If one of these does not hold.
pub fn saml_message(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(document) = Document::parse(text, Limits::MESSAGE) {
        let root = document.root();
        check(root, AuthnRequest::read, AuthnRequest::to_element);
        check(root, Response::read, |response| response.to_element(None));
        check(root, Assertion::read, Assertion::to_element);
        check(root, LogoutRequest::read, LogoutRequest::to_element);
        check(root, LogoutResponse::read, LogoutResponse::to_element);
    }
    if let Ok(entity) = metadata::import(text, None) {
        let again = metadata::import(&xml(&entity.to_element()), None).expect("what was written is read");
        let third = metadata::import(&xml(&again.to_element()), None).expect("what was written is read");
        assert_eq!(again, third);
    }
}

fn check<T: PartialEq + Debug>(
    root: Node<'_>,
    read: impl Fn(Node<'_>) -> Result<T, XmlError>,
    write: impl Fn(&T) -> Element,
) {
    let Ok(found) = read(root) else {
        return;
    };
    // Times lose their microseconds on the way, and conditions that nobody knows are gone: after that, nothing is.
    let again = reread(&write(&found), &read);
    let third = reread(&write(&again), &read);
    assert_eq!(again, third);
}

fn reread<T>(element: &Element, read: impl Fn(Node<'_>) -> Result<T, XmlError>) -> T {
    let text = xml(element);
    let limits = Limits {
        bytes: usize::MAX,
        ..Limits::MESSAGE
    };
    let document = Document::parse(&text, limits).expect("what was written is XML");
    read(document.root()).expect("what was written is read")
}

fn xml(element: &Element) -> String {
    element.to_xml().expect("what was read can be written")
}
