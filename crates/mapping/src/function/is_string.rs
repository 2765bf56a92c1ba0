//! `IsString(expression)`

use super::{Arguments, Function, Kind, Parameter};
use crate::Value;

pub(super) static FUNCTION: Function = Function::new(
    "IsString",
    &[Parameter::required("expression")],
    Kind::Boolean,
    evaluate,
);

fn evaluate(arguments: &Arguments<'_>) -> Result<Value, String> {
    Ok(Value::Boolean(matches!(arguments.value(0), Value::Text(_))))
}

#[cfg(test)]
mod tests {
    use crate::function::testing::evaluate;

    #[test]
    fn of_every_kind() {
        for (argument, result) in [
            ("[absent]", false),
            ("\"\"", true),
            ("\"x\"", true),
            ("0", false),
            ("True", false),
            ("Split(\"a,b\", \",\")", false),
        ] {
            assert_eq!(
                evaluate(&format!("IsString({argument})"), &[]),
                result.into(),
                "{argument}"
            );
        }
    }
}
