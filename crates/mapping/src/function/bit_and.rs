//! `BitAnd(value1, value2)`

use super::{Arguments, Function, Kind, Parameter};
use crate::Value;

pub(super) static FUNCTION: Function = Function::new(
    "BitAnd",
    &[
        Parameter::required("value1").of(Kind::Number),
        Parameter::required("value2").of(Kind::Number),
    ],
    Kind::Number,
    evaluate,
);

/// Null if either has no value.
fn evaluate(arguments: &Arguments<'_>) -> Result<Value, String> {
    let one = arguments.optional_number(0, "value1")?;
    let two = arguments.optional_number(1, "value2")?;
    Ok(one
        .zip(two)
        .map_or(Value::Null, |(one, two)| Value::Number(one & two)))
}

#[cfg(test)]
mod tests {
    use crate::Value;
    use crate::function::testing::{evaluate, refusal, try_evaluate};

    #[test]
    fn published_example() {
        assert_eq!(evaluate("BitAnd(&HF, &HF7)", &[]), Value::Number(7));
    }

    #[test]
    fn of_attributes() {
        assert_eq!(
            evaluate("BitAnd([flags], 2)", &[("flags", "514")]),
            Value::Number(2)
        );
        assert_eq!(evaluate("BitAnd([flags], 2)", &[]), Value::Null);
        assert_eq!(evaluate("BitAnd(-1, 6)", &[]), Value::Number(6));
        assert!(try_evaluate("BitAnd([flags], 2)", &[("flags", "many")]).is_err());
        assert_eq!(refusal("BitAnd(1, \"x\")").0, 10);
    }
}
