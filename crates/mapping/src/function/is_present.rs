//! `IsPresent(expression)`

use super::{Arguments, Function, Kind, Parameter};
use crate::Value;

pub(super) static FUNCTION: Function = Function::new(
    "IsPresent",
    &[Parameter::required("expression")],
    Kind::Boolean,
    evaluate,
);

/// The inverse of `IsNullOrEmpty`.
fn evaluate(arguments: &Arguments<'_>) -> Result<Value, String> {
    Ok(Value::Boolean(!arguments.value(0).is_empty()))
}

#[cfg(test)]
mod tests {
    use crate::function::testing::evaluate;

    #[test]
    fn of_every_kind() {
        for (argument, result) in [("[absent]", false), ("\"\"", false), ("\"x\"", true), ("0", true)] {
            assert_eq!(
                evaluate(&format!("IsPresent({argument})"), &[]),
                result.into(),
                "{argument}"
            );
        }
    }
}
