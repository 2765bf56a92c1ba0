//! `Coalesce(source1, source2, …, defaultValue)`

use super::{Arguments, Function, Parameter, nothing};
use crate::Value;

pub(super) static FUNCTION: Function = Function {
    name: "Coalesce",
    parameters: &[Parameter::required("source"), Parameter::optional("source")],
    repeats: 1,
    prepare: nothing,
    evaluate,
};

/// The first that is not null; the default is simply the last one.
#[allow(clippy::unnecessary_wraps, reason = "the shape of `Function::evaluate`")]
fn evaluate(arguments: &Arguments<'_>) -> Result<Value, String> {
    Ok(arguments
        .all()
        .find(|value| **value != Value::Null)
        .cloned()
        .unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use crate::Value;
    use crate::function::testing::evaluate;

    #[test]
    fn published_example() {
        assert_eq!(
            evaluate(
                "Coalesce([mail],[userPrincipalName])",
                &[("userPrincipalName", "John.Doe@contoso.com")]
            ),
            "John.Doe@contoso.com".into()
        );
    }

    #[test]
    fn the_default_may_be_empty_or_missing() {
        assert_eq!(evaluate(r#"Coalesce([a], [b], "")"#, &[]), "".into());
        assert_eq!(evaluate("Coalesce([a], [b], )", &[]), Value::Null);
        assert_eq!(evaluate("Coalesce([a])", &[("a", "x")]), "x".into());
        assert_eq!(evaluate(r#"Coalesce([a], "d")"#, &[("a", "x")]), "x".into());
    }
}
