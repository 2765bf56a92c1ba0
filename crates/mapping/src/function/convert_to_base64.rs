//! `ConvertToBase64(source)`

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::{Arguments, Function, Kind, Parameter};
use crate::Value;

pub(super) static FUNCTION: Function = Function::new(
    "ConvertToBase64",
    &[Parameter::required("source")],
    Kind::Text,
    evaluate,
);

/// Of the text's UTF-16 (little endian), as .NET holds texts.
fn evaluate(arguments: &Arguments<'_>) -> Result<Value, String> {
    let Some(source) = arguments.text(0) else {
        return Ok(Value::Null);
    };
    let bytes: Vec<u8> = source.encode_utf16().flat_map(u16::to_le_bytes).collect();
    Ok(Value::Text(BASE64_STANDARD.encode(bytes)))
}

#[cfg(test)]
mod tests {
    use crate::Value;
    use crate::function::testing::evaluate;

    #[test]
    fn published_example() {
        assert_eq!(
            evaluate("ConvertToBase64(\"Hello world!\")", &[]),
            "SABlAGwAbABvACAAdwBvAHIAbABkACEA".into()
        );
    }

    #[test]
    fn beyond_latin() {
        assert_eq!(evaluate("ConvertToBase64(\"😀\")", &[]), "PdgA3g==".into());
        assert_eq!(evaluate("ConvertToBase64([absent])", &[]), Value::Null);
    }
}
