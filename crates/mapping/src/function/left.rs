//! `Left(string, numChars)`

use super::{Arguments, Function, Kind, Parameter};
use crate::Value;

pub(super) static FUNCTION: Function = Function::new(
    "Left",
    &[
        Parameter::required("string"),
        Parameter::required("numChars").of(Kind::Number),
    ],
    Kind::Text,
    evaluate,
);

/// A null string is an empty one; a negative number takes everything.
fn evaluate(arguments: &Arguments<'_>) -> Result<Value, String> {
    let text = arguments.text(0).unwrap_or_default();
    let count = arguments.number(1, "numChars")?;
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    Ok(Value::Text(text.chars().take(count).collect()))
}

#[cfg(test)]
mod tests {
    use crate::function::testing::{evaluate, refusal, try_evaluate};

    #[test]
    fn published_examples() {
        for (expression, result) in [
            (r#"Left("John Doe", 3)"#, "Joh"),
            (r#"Left("John Doe", 0)"#, ""),
            (r#"Left("John Doe", -1)"#, "John Doe"),
            (r#"Left("John Doe", 80)"#, "John Doe"),
            ("Left([absent], 3)", ""),
        ] {
            assert_eq!(evaluate(expression, &[]), result.into(), "{expression}");
        }
    }

    #[test]
    fn characters_are_not_bytes() {
        assert_eq!(
            evaluate("Left([name], 2)", &[("name", "山田太郎")]),
            "山田".into()
        );
    }

    #[test]
    fn the_number_must_be_one() {
        let error = try_evaluate(r#"Left("x", [n])"#, &[("n", "three")]).unwrap_err();
        assert_eq!(
            error.to_string(),
            r#"Left: numChars must be a whole number, not "three""#
        );
        let (position, message) = refusal(r#"Left("x", "three")"#);
        assert_eq!(position, 10);
        assert!(message.contains("numChars, must be a whole number"), "{message}");
    }
}
