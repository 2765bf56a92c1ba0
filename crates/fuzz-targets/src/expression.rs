//! Mapping expressions, in either language.

use mapping::{Expression, Language, Person, Still};

use crate::sample;

/// An error says where it is; what parses prints as itself; its value is the same each time.
///
/// # Panics
/// If one of these does not hold.
pub fn expression(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    for language in Language::ALL {
        holds(language, text);
    }
}

fn holds(language: Language, text: &str) {
    let parsed = match Expression::parse_as(language, text) {
        Err(error) => {
            assert!(error.position <= text.chars().count(), "{error}");
            return;
        }
        Ok(parsed) => parsed,
    };
    let printed = parsed.to_string();
    // Names, texts and parentheses are written in full, so that it may be longer or deeper than what was read.
    match Expression::parse_as(language, &printed) {
        Ok(again) => assert_eq!(again, parsed, "{printed}"),
        Err(error) => assert!(error.message.contains("at most"), "{printed}: {error}"),
    }
    let person = Person::new(&sample::PERSON, "018f");
    let ambient = Still::default();
    let value = || format!("{:?}", parsed.evaluate(&person, &ambient, "x"));
    assert_eq!(value(), value(), "{printed}");
}
