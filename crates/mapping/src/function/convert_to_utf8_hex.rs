//! `ConvertToUTF8Hex(source)`

use std::fmt::Write as _;

use super::{Arguments, Function, Kind, Parameter};
use crate::Value;

pub(super) static FUNCTION: Function = Function::new(
    "ConvertToUTF8Hex",
    &[Parameter::required("source")],
    Kind::Text,
    evaluate,
);

fn evaluate(arguments: &Arguments<'_>) -> Result<Value, String> {
    let Some(source) = arguments.text(0) else {
        return Ok(Value::Null);
    };
    let mut hex = String::with_capacity(2 * source.len());
    for byte in source.bytes() {
        // Writing to a String does not fail.
        let _ = write!(hex, "{byte:02X}");
    }
    Ok(Value::Text(hex))
}

#[cfg(test)]
mod tests {
    use crate::Value;
    use crate::function::testing::evaluate;

    #[test]
    fn published_example() {
        assert_eq!(
            evaluate("ConvertToUTF8Hex(\"Hello world!\")", &[]),
            "48656C6C6F20776F726C6421".into()
        );
        assert_eq!(evaluate("ConvertToUTF8Hex([absent])", &[]), Value::Null);
    }

    /// The published example leaves out the letters of the hexadecimal digits with `Replace`.
    #[test]
    fn an_id_of_digits() {
        let text = r#"Join("", 1000, Replace(ConvertToUTF8Hex([objectId]), , "[a-zA-Z_]*", , "", , ))"#;
        assert_eq!(evaluate(text, &[("objectId", "0a2-")]), "10003061322".into());
    }
}
