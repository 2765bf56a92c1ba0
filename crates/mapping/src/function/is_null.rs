//! `IsNull(expression)`

use super::{Arguments, Function, Kind, Parameter};
use crate::Value;

pub(super) static FUNCTION: Function = Function::new(
    "IsNull",
    &[Parameter::required("expression")],
    Kind::Boolean,
    evaluate,
);

/// True for an attribute that is not there; an empty text is there.
fn evaluate(arguments: &Arguments<'_>) -> Result<Value, String> {
    Ok(Value::Boolean(*arguments.value(0) == Value::Null))
}

#[cfg(test)]
mod tests {
    use crate::function::testing::evaluate;

    #[test]
    fn of_every_kind() {
        for (argument, result) in [
            ("[absent]", true),
            ("\"\"", false),
            ("\"x\"", false),
            ("Switch(\"a\", , \"b\", \"c\")", true),
        ] {
            assert_eq!(
                evaluate(&format!("IsNull({argument})"), &[]),
                result.into(),
                "{argument}"
            );
        }
    }
}
