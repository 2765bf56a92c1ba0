//! `CBool(expression)`

use super::iif::holds;
use super::{Arguments, Function, Kind, Parameter};
use crate::Value;

pub(super) static FUNCTION: Function = Function::new(
    "CBool",
    &[Parameter::required("expression")],
    Kind::Boolean,
    evaluate,
);

/// True for True and for a number that is not nought; False for everything else, nothing included.
fn evaluate(arguments: &Arguments<'_>) -> Result<Value, String> {
    Ok(Value::Boolean(holds(arguments.value(0))))
}

#[cfg(test)]
mod tests {
    use crate::function::testing::evaluate;

    #[test]
    fn published_example() {
        let text = "CBool([attribute1] = [attribute2])";
        assert_eq!(
            evaluate(text, &[("attribute1", "x"), ("attribute2", "x")]),
            true.into()
        );
        assert_eq!(
            evaluate(text, &[("attribute1", "x"), ("attribute2", "y")]),
            false.into()
        );
    }

    #[test]
    fn numbers_and_texts() {
        for (argument, result) in [
            ("0", false),
            ("-2", true),
            ("\"0\"", false),
            ("\"7\"", true),
            ("\"true\"", true),
            ("\"False\"", false),
            ("\"yes\"", false),
            ("[absent]", false),
        ] {
            assert_eq!(
                evaluate(&format!("CBool({argument})"), &[]),
                result.into(),
                "{argument}"
            );
        }
    }
}
