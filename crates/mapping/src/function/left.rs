//! `Left(string, numChars)`

use super::{Arguments, Function, Parameter, nothing};
use crate::Value;

pub(super) static FUNCTION: Function = Function {
    name: "Left",
    parameters: &[Parameter::required("string"), Parameter::required("numChars")],
    repeats: 0,
    prepare: nothing,
    evaluate,
};

/// A null string is an empty one; a negative number takes everything.
fn evaluate(arguments: &Arguments<'_>) -> Result<Value, String> {
    let text = arguments.text(0).unwrap_or_default();
    let count = arguments.number(1, "numChars")?;
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    Ok(Value::Text(text.chars().take(count).collect()))
}

#[cfg(test)]
mod tests {
    use crate::function::testing::{evaluate, try_evaluate};

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
        let error = try_evaluate(r#"Left("x", "three")"#, &[]).unwrap_err();
        assert_eq!(
            error.to_string(),
            r#"Left: numChars must be a whole number, not "three""#
        );
    }
}
