//! `IgnoreFlowIfNullOrEmpty(expression)`

use super::{Branches, Function, Kind, Parameter};
use crate::{EvalError, Value};

pub(super) static FUNCTION: Function = Function::lazy(
    "IgnoreFlowIfNullOrEmpty",
    &[Parameter::required("expression")],
    Kind::Anything,
    choose,
);

/// Its argument; and if that has no value, the attribute is left out of whatever is sent, defaults and all.
fn choose(branches: &Branches<'_>) -> Result<Value, EvalError> {
    let value = branches.value(0)?;
    if value.is_empty() {
        branches.scene.ignore_flow();
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use crate::Still;
    use crate::function::testing::evaluated;

    #[test]
    fn published_examples() {
        let prefix = r#"IgnoreFlowIfNullOrEmpty(Switch([prefix], "", "3443", "Dr.", "3444", "Prof.", "3445", "Prof. Dr."))"#;
        for (text, attribute, input, output, ignored) in [
            (
                "IgnoreFlowIfNullOrEmpty([department])",
                "department",
                "R&D",
                "R&D",
                false,
            ),
            (
                "IgnoreFlowIfNullOrEmpty([department])",
                "department",
                "",
                "",
                true,
            ),
            (prefix, "prefix", "3444", "Prof.", false),
            (prefix, "prefix", "1", "", true),
        ] {
            let result = evaluated(text, &[(attribute, input.into())], Still::default()).expect(text);
            assert_eq!((result.value, result.ignored), (output.into(), ignored), "{text}");
        }
    }

    #[test]
    fn only_the_branch_that_is_taken_counts() {
        let text = r#"IIF([a] = "x", "fixed", IgnoreFlowIfNullOrEmpty([b]))"#;
        for (a, ignored) in [("x", false), ("y", true)] {
            let result = evaluated(text, &[("a", a.into())], Still::default()).expect(text);
            assert_eq!(result.ignored, ignored);
        }
    }
}
