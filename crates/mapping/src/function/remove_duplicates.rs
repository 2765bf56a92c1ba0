//! `RemoveDuplicates(attribute)`

use super::{Arguments, Function, Kind, Parameter};
use crate::Value;

pub(super) static FUNCTION: Function = Function::new(
    "RemoveDuplicates",
    &[Parameter::required("attribute").of(Kind::List)],
    Kind::List,
    evaluate,
);

/// The first of each is kept; letter case counts.
fn evaluate(arguments: &Arguments<'_>) -> Result<Value, String> {
    let Value::List(items) = arguments.value(0) else {
        return Ok(arguments.value(0).clone());
    };
    let mut seen = std::collections::HashSet::new();
    let distinct = items.iter().filter(|item| seen.insert(item.as_str()));
    Ok(Value::List(distinct.cloned().collect()))
}

#[cfg(test)]
mod tests {
    use crate::Value;
    use crate::function::testing::{evaluate, evaluate_list};

    #[test]
    fn the_first_of_each_is_kept() {
        assert_eq!(
            evaluate_list("RemoveDuplicates([list])", &["b", "a", "b", "A"]),
            Value::List(vec!["b".into(), "a".into(), "A".into()])
        );
        assert_eq!(evaluate("RemoveDuplicates([x])", &[("x", "y")]), "y".into());
        assert_eq!(evaluate("RemoveDuplicates([x])", &[]), Value::Null);
    }
}
