//! `InStr(value1, value2, start, compareType)`

use super::{Arguments, Function, Kind, Parameter};
use crate::Value;

pub(super) static FUNCTION: Function = Function::new(
    "InStr",
    &[
        Parameter::required("value1"),
        Parameter::required("value2"),
        Parameter::optional("start").of(Kind::Number),
        Parameter::optional("compareType").of(Kind::Words(&["vbBinaryCompare", "vbTextCompare"])),
    ],
    Kind::Number,
    evaluate,
);

/// The first character has the index 1; 0 if the text is not found. `vbTextCompare` does not regard case.
fn evaluate(arguments: &Arguments<'_>) -> Result<Value, String> {
    let (Some(whole), Some(part)) = (arguments.text(0), arguments.text(1)) else {
        return Ok(Value::Number(0));
    };
    let start = arguments.optional_number(2, "start")?.unwrap_or(1);
    if start < 1 {
        return Err(format!("start counts from 1, so it cannot be {start}"));
    }
    let compare = arguments.text(3).unwrap_or_default();
    let whole: Vec<String> = characters(&whole, &compare);
    let part: Vec<String> = characters(&part, &compare);
    let skip = usize::try_from(start - 1).unwrap_or(usize::MAX);
    if skip > whole.len() || (skip == whole.len() && !part.is_empty()) {
        return Ok(Value::Number(0));
    }
    if part.is_empty() {
        return Ok(Value::Number(start));
    }
    let found = whole[skip..]
        .windows(part.len())
        .position(|window| window == part);
    let index = found.map_or(0, |at| skip + at + 1);
    Ok(Value::Number(i64::try_from(index).unwrap_or(i64::MAX)))
}

fn characters(text: &str, compare: &str) -> Vec<String> {
    let folds = compare.trim().eq_ignore_ascii_case("vbTextCompare");
    text.chars()
        .map(|c| {
            if folds {
                c.to_lowercase().collect()
            } else {
                c.to_string()
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::Value;
    use crate::function::testing::{evaluate, refusal, try_evaluate};

    #[test]
    fn published_examples() {
        assert_eq!(
            evaluate(r#"InStr("The quick brown fox","quick")"#, &[]),
            Value::Number(5)
        );
        assert_eq!(
            evaluate(r#"InStr("repEated","e",3,vbBinaryCompare)"#, &[]),
            Value::Number(7)
        );
    }

    #[test]
    fn where_and_how() {
        for (text, index) in [
            (r#"InStr("repEated","e",3,vbTextCompare)"#, 4),
            (r#"InStr("repEated","E")"#, 4),
            (r#"InStr("abc","x")"#, 0),
            (r#"InStr("abc","c", 4)"#, 0),
            (r#"InStr("abc","c", 99)"#, 0),
            (r#"InStr("abc","", 2)"#, 2),
            (r#"InStr("Ångström","ö", , vbTextCompare)"#, 7),
            (r#"InStr([absent],"ö")"#, 0),
        ] {
            assert_eq!(evaluate(text, &[]), Value::Number(index), "{text}");
        }
        assert!(try_evaluate(r#"InStr("a","a",0)"#, &[]).is_err());
        assert_eq!(refusal(r#"InStr("a","a",1,vbNoCompare)"#).0, 16);
        assert_eq!(refusal(r#"InStr("a","a",1,True)"#).0, 16);
    }
}
