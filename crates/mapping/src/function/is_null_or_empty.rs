//! `IsNullOrEmpty(expression)`

use super::{Arguments, Function, Kind, Parameter};
use crate::Value;

pub(super) static FUNCTION: Function = Function::new(
    "IsNullOrEmpty",
    &[Parameter::required("expression")],
    Kind::Boolean,
    evaluate,
);

fn evaluate(arguments: &Arguments<'_>) -> Result<Value, String> {
    Ok(Value::Boolean(arguments.value(0).is_empty()))
}

#[cfg(test)]
mod tests {
    use crate::function::testing::evaluate;

    #[test]
    fn absent_and_empty_alike() {
        let text = "IsNullOrEmpty([displayName])";
        assert_eq!(evaluate(text, &[]), true.into());
        assert_eq!(evaluate(text, &[("displayName", "")]), true.into());
        assert_eq!(evaluate(text, &[("displayName", " ")]), false.into());
        assert_eq!(evaluate("isnullorempty(0)", &[]), false.into());
    }
}
