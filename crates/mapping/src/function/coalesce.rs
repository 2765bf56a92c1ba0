//! `Coalesce(source1, source2, …, defaultValue)`

use super::{Branches, Function, Kind, Parameter};
use crate::{EvalError, Value};

pub(super) static FUNCTION: Function = Function::lazy(
    "Coalesce",
    &[Parameter::required("source"), Parameter::optional("source")],
    Kind::Anything,
    choose,
)
.repeating(1);

/// The first that is not null; the default is simply the last one. What comes after it is not worked out.
fn choose(branches: &Branches<'_>) -> Result<Value, EvalError> {
    for index in 0..branches.len() {
        let value = branches.value(index)?;
        if value != Value::Null {
            return Ok(value);
        }
    }
    Ok(Value::Null)
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
