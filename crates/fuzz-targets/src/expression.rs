//! Mapping expressions.

use mapping::{Expression, Person, Still};

use crate::sample;

/// An error says where it is; what parses prints as itself; its value is the same each time.
///
/// # Panics
/// If one of these does not hold.
pub fn expression(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let parsed = match Expression::parse(text) {
        Err(error) => {
            assert!(error.position <= text.chars().count(), "{error}");
            return;
        }
        Ok(parsed) => parsed,
    };
    let printed = parsed.to_string();
    // Names and texts are written in full, so that it may be longer than what was read.
    if printed.chars().count() <= mapping::expression::MAX_LENGTH {
        assert_eq!(Expression::parse(&printed).as_ref(), Ok(&parsed), "{printed}");
    }
    let person = Person {
        resource: &sample::PERSON,
        id: "018f",
        is_soft_deleted: false,
    };
    let ambient = Still::default();
    let value = || format!("{:?}", parsed.evaluate(&person, &ambient, "x"));
    assert_eq!(value(), value(), "{printed}");
}
