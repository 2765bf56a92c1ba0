//! `Item(attribute, index)`

use super::{Arguments, Function, Kind, Parameter};
use crate::Value;

pub(super) static FUNCTION: Function = Function::new(
    "Item",
    &[
        Parameter::required("attribute").of(Kind::List),
        Parameter::required("index").of(Kind::Number),
    ],
    Kind::Text,
    evaluate,
);

/// The first has the index 1. Null beyond the last.
fn evaluate(arguments: &Arguments<'_>) -> Result<Value, String> {
    let index = arguments.number(1, "index")?;
    if index < 1 {
        return Err(format!("index counts from 1, so it cannot be {index}"));
    }
    let items = arguments.value(0).items();
    let item = usize::try_from(index - 1)
        .ok()
        .and_then(|index| items.into_iter().nth(index));
    Ok(item.map_or(Value::Null, |item| Value::Text(item.into_owned())))
}

#[cfg(test)]
mod tests {
    use crate::Value;
    use crate::function::testing::{evaluate, evaluate_list, try_evaluate};

    #[test]
    fn published_example() {
        assert_eq!(
            evaluate_list("Item([list], 1)", &["SMTP:a@x", "smtp:b@x"]),
            "SMTP:a@x".into()
        );
    }

    #[test]
    fn other_indexes() {
        assert_eq!(evaluate_list("Item([list], 2)", &["a", "b"]), "b".into());
        assert_eq!(evaluate_list("Item([list], 3)", &["a", "b"]), Value::Null);
        assert_eq!(evaluate("Item([one], 1)", &[("one", "x")]), "x".into());
        assert_eq!(evaluate("Item([absent], 1)", &[]), Value::Null);
        assert!(try_evaluate("Item([absent], 0)", &[]).is_err());
    }
}
