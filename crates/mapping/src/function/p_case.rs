//! `PCase(source, wordSeparators)`

use super::{Arguments, Function, Kind, Parameter};
use crate::Value;

pub(super) static FUNCTION: Function = Function::new(
    "PCase",
    &[
        Parameter::required("source"),
        Parameter::optional("wordSeparators"),
    ],
    Kind::Text,
    evaluate,
);

/// Words begin after one of the separators; if none are given, after whatever is no letter, save an apostrophe
/// within a word, as .NET's `ToTitleCase` has it.
fn evaluate(arguments: &Arguments<'_>) -> Result<Value, String> {
    let Some(source) = arguments.text(0) else {
        return Ok(Value::Null);
    };
    let separators = arguments.text(1).unwrap_or_default();
    let mut out = String::with_capacity(source.len());
    let mut begins = true;
    for character in source.chars() {
        if begins {
            out.extend(title(character));
        } else {
            out.extend(character.to_lowercase());
        }
        begins = if separators.is_empty() {
            let goes_on = character.is_alphabetic() || is_mark(character) || (!begins && character == '\'');
            !goes_on
        } else {
            separators.contains(character)
        };
    }
    Ok(Value::Text(out))
}

fn is_mark(character: char) -> bool {
    unicode_normalization::char::is_combining_mark(character)
}

/// In upper case, unless that would be several letters.
fn title(character: char) -> impl Iterator<Item = char> {
    let mut upper = character.to_uppercase();
    let (first, more) = (upper.next(), upper.next());
    let single = if more.is_none() { first } else { None };
    std::iter::once(single.unwrap_or(character))
}

#[cfg(test)]
mod tests {
    use crate::Value;
    use crate::function::testing::evaluate;

    #[test]
    fn published_examples() {
        assert_eq!(
            evaluate("PCase([firstName])", &[("firstName", "PABLO GONSALVES (SECOND)")]),
            "Pablo Gonsalves (Second)".into()
        );
        assert_eq!(
            evaluate(r#"PCase([lastName]," '-")"#, &[("lastName", "PINTO-DE'SILVA")]),
            "Pinto-De'Silva".into()
        );
        assert_eq!(
            evaluate(
                r#"PCase(Join(" ",[firstName],[lastName]))"#,
                &[("firstName", "GREGORY"), ("lastName", "JAMES")]
            ),
            "Gregory James".into()
        );
    }

    #[test]
    fn default_separators() {
        for (text, result) in [
            ("o'neil-smith_jones", "O'neil-Smith_Jones"),
            ("they're", "They're"),
            ("'quoted'", "'Quoted'"),
            ("ZOE\u{308} ÉMILE", "Zoe\u{308} Émile"),
            ("ßa", "ßa"),
            ("2nd", "2Nd"),
            ("", ""),
        ] {
            assert_eq!(evaluate("PCase([x])", &[("x", text)]), result.into(), "{text}");
        }
        assert_eq!(evaluate("PCase([x])", &[]), Value::Null);
    }

    #[test]
    fn given_separators_are_the_only_ones() {
        assert_eq!(evaluate(r#"PCase("A B-C", "-")"#, &[]), "A b-C".into());
    }
}
