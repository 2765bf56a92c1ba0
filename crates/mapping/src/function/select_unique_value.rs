//! `SelectUniqueValue(rule1, rule2, …)`

use super::{Branches, Function, Kind, Nature, Parameter};
use crate::{EvalError, Value};

/// Which of its values is taken depends on the target, so that evaluation gives them all: see
/// [`Evaluated::candidates`](crate::Evaluated::candidates).
pub(super) static FUNCTION: Function = Function::lazy(
    "SelectUniqueValue",
    &[
        Parameter::required("uniqueValueRule1"),
        Parameter::required("uniqueValueRule2"),
        Parameter::optional("uniqueValueRule"),
    ],
    Kind::Text,
    choose,
)
.repeating(1)
.being(Nature::Candidates);

/// Asked for only when no rule gives a value.
fn choose(_: &Branches<'_>) -> Result<Value, EvalError> {
    Ok(Value::Null)
}

#[cfg(test)]
mod tests {
    use crate::function::testing::{evaluated, refusal};
    use crate::{Still, Value};

    const UPN: &str = r#"SelectUniqueValue(
        Join("@", NormalizeDiacritics(StripSpaces(Join(".",  [PreferredFirstName], [PreferredLastName]))), "contoso.com"),
        Join("@", NormalizeDiacritics(StripSpaces(Join(".",  Mid([PreferredFirstName], 1, 1), [PreferredLastName]))), "contoso.com"),
        Join("@", NormalizeDiacritics(StripSpaces(Join(".",  Mid([PreferredFirstName], 1, 2), [PreferredLastName]))), "contoso.com"))"#;

    #[test]
    fn published_example() {
        let john = [
            ("PreferredFirstName", "John".into()),
            ("PreferredLastName", "Smith".into()),
        ];
        let result = evaluated(UPN, &john, Still::default()).expect("a value");
        assert_eq!(
            result.candidates,
            [
                Value::from("John.Smith@contoso.com"),
                "J.Smith@contoso.com".into(),
                "Jo.Smith@contoso.com".into()
            ]
        );
        assert_eq!(result.value, result.candidates[0]);
    }

    #[test]
    fn each_candidate_comes_once_and_none_is_empty() {
        let text = r#"SelectUniqueValue([a], [b], [a], "c")"#;
        let result = evaluated(text, &[("a", "x".into())], Still::default()).expect("a value");
        assert_eq!(result.candidates, [Value::from("x"), "c".into()]);
        let nothing = evaluated("SelectUniqueValue([a], [b])", &[], Still::default()).expect("a value");
        assert_eq!((nothing.value, nothing.candidates), (Value::Null, vec![]));
    }

    #[test]
    fn only_as_the_outermost_function() {
        let (position, message) = refusal(r#"Append(SelectUniqueValue([a], [b]), "x")"#);
        assert_eq!(position, 7);
        assert!(message.contains("outermost"), "{message}");
        assert_eq!(refusal("SelectUniqueValue([a])").0, 0);
    }
}
