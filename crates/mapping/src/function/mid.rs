//! `Mid(source, start, length)`

use super::{Arguments, Function, Kind, Parameter};
use crate::Value;

pub(super) static FUNCTION: Function = Function::new(
    "Mid",
    &[
        Parameter::required("source"),
        Parameter::required("start").of(Kind::Number),
        Parameter::required("length").of(Kind::Number),
    ],
    Kind::Text,
    evaluate,
);

/// The first character has the index 1. What lies outside the source is left out.
fn evaluate(arguments: &Arguments<'_>) -> Result<Value, String> {
    let Some(source) = arguments.text(0) else {
        return Ok(Value::Null);
    };
    let start = arguments.number(1, "start")?;
    let length = arguments.number(2, "length")?;
    if start < 1 {
        return Err(format!("start counts from 1, so it cannot be {start}"));
    }
    let skip = usize::try_from(start - 1).unwrap_or(usize::MAX);
    let take = usize::try_from(length.max(0)).unwrap_or(usize::MAX);
    Ok(Value::Text(source.chars().skip(skip).take(take).collect()))
}

#[cfg(test)]
mod tests {
    use crate::Value;
    use crate::function::testing::{evaluate, try_evaluate};

    #[test]
    fn inside_and_outside() {
        for (expression, result) in [
            (r#"Mid("John", 1, 3)"#, "Joh"),
            (r#"Mid("John", 3, 99)"#, "hn"),
            (r#"Mid("John", 5, 1)"#, ""),
            (r#"Mid("John", 2, 0)"#, ""),
            (r#"Mid("John", 2, -1)"#, ""),
            (r#"Mid("Ångström", 2, 2)"#, "ng"),
        ] {
            assert_eq!(evaluate(expression, &[]), result.into(), "{expression}");
        }
        assert_eq!(evaluate("Mid([absent], 1, 3)", &[]), Value::Null);
    }

    #[test]
    fn counts_from_one() {
        let error = try_evaluate(r#"Mid("John", 0, 1)"#, &[]).unwrap_err();
        assert_eq!(error.function, "Mid");
    }
}
