//! `Append(source, suffix)`

use super::{Arguments, Function, Kind, Parameter};
use crate::Value;

pub(super) static FUNCTION: Function = Function::new(
    "Append",
    &[Parameter::required("source"), Parameter::required("suffix")],
    Kind::Text,
    evaluate,
);

/// Without a source there is nothing to append to.
fn evaluate(arguments: &Arguments<'_>) -> Result<Value, String> {
    let Some(source) = arguments.text(0) else {
        return Ok(Value::Null);
    };
    let suffix = arguments.text(1).unwrap_or_default();
    Ok(Value::Text(format!("{source}{suffix}")))
}

#[cfg(test)]
mod tests {
    use crate::Value;
    use crate::function::testing::evaluate;

    #[test]
    fn published_examples() {
        assert_eq!(
            evaluate(
                r#"Append([userPrincipalName], ".test")"#,
                &[("userPrincipalName", "John.Doe@contoso.com")]
            ),
            "John.Doe@contoso.com.test".into()
        );
        assert_eq!(
            evaluate(
                "Append(Mid([givenName], 1, 3), Mid([surname], 1, 5))",
                &[("givenName", "John"), ("surname", "Doe")]
            ),
            "JohDoe".into()
        );
    }

    #[test]
    fn nulls() {
        assert_eq!(evaluate(r#"Append([a], "x")"#, &[]), Value::Null);
        assert_eq!(evaluate("Append([a], [b])", &[("a", "x")]), "x".into());
    }
}
