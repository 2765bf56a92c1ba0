//! `Redact(source)`

use super::{Arguments, Function, Kind, Nature, Parameter};
use crate::Value;

pub(super) static FUNCTION: Function = Function::new(
    "Redact",
    &[Parameter::required("source")],
    Kind::Anything,
    evaluate,
)
.being(Nature::Secret);

/// The value goes to the target as it is; wherever it would be shown, something else is.
fn evaluate(arguments: &Arguments<'_>) -> Result<Value, String> {
    Ok(arguments.value(0).clone())
}

#[cfg(test)]
mod tests {
    use crate::Expression;
    use crate::function::testing::evaluate;

    #[test]
    fn published_examples() {
        for (text, result) in [
            ("Redact([userPrincipalName])", Some("anna@x")),
            (r#"Redact("StringToBeRedacted")"#, Some("StringToBeRedacted")),
            ("Redact(RandomString(6,3,0,0,3))", None),
        ] {
            let expression = Expression::parse(text).expect(text);
            assert!(expression.is_secret(), "{text}");
            let value = evaluate(text, &[("userPrincipalName", "anna@x")]);
            assert!(result.is_none_or(|result| value == result.into()), "{text}");
        }
    }

    #[test]
    fn a_part_makes_the_whole_secret() {
        let secret = |text| Expression::parse(text).expect(text).is_secret();
        assert!(secret(r#"Append("x", Redact([a]))"#));
        assert!(secret(r#"IIF(Redact([a]) = "x", "y", "z")"#));
        assert!(!secret("[a]"));
    }
}
