//! `Not(source)`

use super::{Arguments, Function, Kind, Parameter};
use crate::Value;

pub(super) static FUNCTION: Function =
    Function::new("Not", &[Parameter::required("source")], Kind::Boolean, evaluate);

/// True becomes False; everything else, nothing too, becomes True.
fn evaluate(arguments: &Arguments<'_>) -> Result<Value, String> {
    Ok(Value::Boolean(arguments.value(0).as_boolean() != Some(true)))
}

#[cfg(test)]
mod tests {
    use crate::function::testing::evaluate;

    #[test]
    fn flips() {
        let text = "Not([IsSoftDeleted])";
        for (value, result) in [("True", false), ("true", false), ("False", true), ("other", true)] {
            assert_eq!(evaluate(text, &[("IsSoftDeleted", value)]), result.into());
        }
        assert_eq!(evaluate(text, &[]), true.into());
        assert_eq!(evaluate("Not(Not(True))", &[]), true.into());
    }
}
