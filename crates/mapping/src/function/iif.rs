//! `IIF(condition, valueIfTrue, valueIfFalse)`

use super::{Branches, Function, Kind, Parameter};
use crate::{EvalError, Value};

pub(super) static FUNCTION: Function = Function::lazy(
    "IIF",
    &[
        Parameter::required("condition"),
        Parameter::blank("valueIfTrue"),
        Parameter::blank("valueIfFalse"),
    ],
    Kind::Anything,
    choose,
)
.conditional();

/// The branch that is not taken is not worked out.
fn choose(branches: &Branches<'_>) -> Result<Value, EvalError> {
    let branch = if holds(&branches.value(0)?) { 1 } else { 2 };
    branches.value(branch)
}

/// True, or a number that is not nought. A condition without a value fails.
pub(super) fn holds(condition: &Value) -> bool {
    condition
        .as_boolean()
        .or_else(|| condition.as_number().map(|number| number != 0))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use crate::Value;
    use crate::function::testing::evaluate;

    #[test]
    fn published_examples() {
        let expression = r#"IIF([country]="USA",[country],[department])"#;
        for (country, result) in [("USA", "USA"), ("UK", "Sales"), ("usa", "Sales")] {
            let attributes = [("country", country), ("department", "Sales")];
            assert_eq!(evaluate(expression, &attributes), result.into());
        }
        let and = r#"IIF([country]="USA",IIF([state]="CA","True","False"),"False")"#;
        let or = r#"IIF([country]="USA","True",IIF([state]="CA","True","False"))"#;
        for (country, state, both, either) in [
            ("USA", "CA", "True", "True"),
            ("USA", "NV", "False", "True"),
            ("UK", "CA", "False", "True"),
            ("UK", "", "False", "False"),
        ] {
            let attributes = [("country", country), ("state", state)];
            assert_eq!(evaluate(and, &attributes), both.into());
            assert_eq!(evaluate(or, &attributes), either.into());
        }
    }

    #[test]
    fn every_operator() {
        for (condition, holds) in [
            (r#""b" = "b""#, true),
            (r#""b" = "B""#, false),
            (r#""b" <> "B""#, true),
            (r#""a" < "b""#, true),
            (r#""b" <= "b""#, true),
            (r#""b" > "a""#, true),
            (r#""a" >= "b""#, false),
            (r#""10" < "9""#, true),
            (r#""10" < 9"#, false),
            ("10 >= 9", true),
            ("&HF = 15", true),
            (r#""007" = 7"#, true),
            ("-1 < 0", true),
            ("True = True", true),
            (r#"Not("True") = "False""#, true),
            ("1", true),
            ("0", false),
            (r#""true""#, true),
            (r#""maybe""#, false),
        ] {
            let text = format!(r#"IIF({condition}, "yes", "no")"#);
            let wanted = if holds { "yes" } else { "no" };
            assert_eq!(evaluate(&text, &[]), wanted.into(), "{condition}");
        }
    }

    #[test]
    fn nothing_satisfies_no_comparison() {
        for operator in ["=", "<>", "<", "<=", ">", ">="] {
            for (left, right) in [
                ("[a]", "\"x\""),
                ("\"x\"", "[a]"),
                ("[a]", "[a]"),
                ("[a]", "\"\""),
            ] {
                let text = format!(r#"IIF({left}{operator}{right}, "yes", "no")"#);
                assert_eq!(evaluate(&text, &[]), "no".into(), "{text}");
            }
        }
    }

    #[test]
    fn a_branch_may_be_left_empty() {
        assert_eq!(evaluate(r#"IIF([a] = "x", , "no")"#, &[("a", "x")]), Value::Null);
        assert_eq!(evaluate(r#"IIF([a] = "x", "yes", )"#, &[]), Value::Null);
    }
}
