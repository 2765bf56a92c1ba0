//! `StripSpaces(source)`

use super::{Arguments, Function, Kind, Parameter};
use crate::Value;

pub(super) static FUNCTION: Function = Function::new(
    "StripSpaces",
    &[Parameter::required("source")],
    Kind::Text,
    evaluate,
);

/// Of all white space only the space itself.
fn evaluate(arguments: &Arguments<'_>) -> Result<Value, String> {
    Ok(arguments
        .text(0)
        .map_or(Value::Null, |text| Value::Text(text.replace(' ', ""))))
}

#[cfg(test)]
mod tests {
    use crate::Value;
    use crate::function::testing::evaluate;

    #[test]
    fn spaces_go_and_nothing_else() {
        assert_eq!(evaluate("StripSpaces([x])", &[("x", " a b\tc ")]), "ab\tc".into());
        assert_eq!(evaluate("StripSpaces([x])", &[]), Value::Null);
    }

    #[test]
    fn published_example() {
        assert_eq!(
            evaluate(
                r#"ToLower(Join("@", NormalizeDiacritics(StripSpaces(Join(".",  [PreferredFirstName], [PreferredLastName]))), "contoso.com"))"#,
                &[("PreferredFirstName", "John"), ("PreferredLastName", "Smith")]
            ),
            "john.smith@contoso.com".into()
        );
    }
}
