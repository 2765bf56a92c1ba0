//! `Count(attribute)`

use super::{Arguments, Function, Kind, Parameter};
use crate::Value;

pub(super) static FUNCTION: Function = Function::new(
    "Count",
    &[Parameter::required("attribute").of(Kind::List)],
    Kind::Number,
    evaluate,
);

/// 0 for nothing, 1 for an attribute that has a single value.
fn evaluate(arguments: &Arguments<'_>) -> Result<Value, String> {
    let count = match arguments.value(0) {
        Value::List(items) => items.len(),
        Value::Complex(elements) => elements.len(),
        single => usize::from(!single.is_empty()),
    };
    Ok(Value::Number(i64::try_from(count).unwrap_or(i64::MAX)))
}

#[cfg(test)]
mod tests {
    use crate::Value;
    use crate::function::testing::{evaluate, evaluate_list};

    #[test]
    fn of_lists_and_single_values() {
        assert_eq!(evaluate_list("Count([list])", &["a", "a", "b"]), Value::Number(3));
        assert_eq!(evaluate("Count([one])", &[("one", "x")]), Value::Number(1));
        assert_eq!(evaluate("Count([one])", &[]), Value::Number(0));
        assert_eq!(evaluate(r#"Count(Split("a,b", ","))"#, &[]), Value::Number(2));
    }
}
