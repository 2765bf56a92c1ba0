//! `Guid()`

use std::fmt::Write as _;

use super::{Arguments, Function, Kind, Nature};
use crate::Value;

pub(super) static FUNCTION: Function =
    Function::new("Guid", &[], Kind::Text, evaluate).being(Nature::Fleeting);

/// A version 4 UUID (RFC 9562 §5.4). Which one depends on person, app and mapping, so it stays the same.
fn evaluate(arguments: &Arguments<'_>) -> Result<Value, String> {
    let mut random = arguments.random();
    let mut bytes = [0; 16];
    bytes.fill_with(|| random.byte());
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut text = String::with_capacity(36);
    for (index, byte) in bytes.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        // Writing to a String does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    Ok(Value::Text(text))
}

#[cfg(test)]
mod tests {
    use crate::function::testing::{evaluate, evaluated};
    use crate::{Still, Value};

    #[test]
    fn has_the_form_and_stays_the_same() {
        let value = evaluate("Guid()", &[]);
        let text = value.as_text().expect("a text").into_owned();
        let form: Vec<_> = text.split('-').map(str::len).collect();
        assert_eq!(form, [8, 4, 4, 4, 12], "{text}");
        assert_eq!(&text[14..15], "4");
        assert_eq!(evaluate("Guid()", &[]), value);
        let other = evaluated(
            "Guid()",
            &[],
            Still {
                seed: 1,
                ..Still::default()
            },
        );
        assert_ne!(other.expect("a value").value, value);
    }

    #[test]
    fn two_of_them_differ() {
        let value = evaluate(r#"Join(",", Guid(), Guid())"#, &[]);
        let Value::Text(text) = value else {
            panic!("no text")
        };
        let (one, two) = text.split_once(',').expect("two");
        assert_ne!(one, two);
    }
}
