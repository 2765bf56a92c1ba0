//! `Word(string, wordNumber, delimiters)`

use super::{Arguments, Function, Kind, Parameter};
use crate::Value;

pub(super) static FUNCTION: Function = Function::new(
    "Word",
    &[
        Parameter::required("string"),
        Parameter::required("wordNumber").of(Kind::Number),
        Parameter::required("delimiters"),
    ],
    Kind::Text,
    evaluate,
);

/// Each character of delimiters ends a word. The first word has the number 1; an empty text if there is none such.
fn evaluate(arguments: &Arguments<'_>) -> Result<Value, String> {
    let text = arguments.text(0).unwrap_or_default();
    let number = arguments.number(1, "wordNumber")?;
    let delimiters = arguments.text(2).unwrap_or_default();
    let mut words = text
        .split(|c| delimiters.contains(c))
        .filter(|word| !word.is_empty());
    let word = usize::try_from(number - 1)
        .ok()
        .and_then(|index| words.nth(index));
    Ok(Value::text(word.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use crate::function::testing::evaluate;

    #[test]
    fn published_examples() {
        assert_eq!(
            evaluate(r#"Word("The quick brown fox",3," ")"#, &[]),
            "brown".into()
        );
        assert_eq!(
            evaluate(r#"Word("This,string!has&many separators",3,",!&#")"#, &[]),
            "has".into()
        );
    }

    #[test]
    fn outside_there_is_an_empty_text() {
        for (text, word) in [
            (r#"Word("a b", 0, " ")"#, ""),
            (r#"Word("a b", -3, " ")"#, ""),
            (r#"Word("a b", 3, " ")"#, ""),
            (r#"Word("a  b", 2, " ")"#, "b"),
            (r#"Word("a b", 1, "")"#, "a b"),
            (r#"Word([absent], 1, " ")"#, ""),
        ] {
            assert_eq!(evaluate(text, &[]), word.into(), "{text}");
        }
    }
}
