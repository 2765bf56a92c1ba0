//! `Join(separator, source1, source2, …)`

use super::{Arguments, Function, Kind, Parameter};
use crate::Value;

pub(super) static FUNCTION: Function = Function::new(
    "Join",
    &[Parameter::required("separator"), Parameter::required("source")],
    Kind::Text,
    evaluate,
)
.repeating(1);

/// Every value of a multi-valued source is joined; what is null or empty is passed over with its separator.
fn evaluate(arguments: &Arguments<'_>) -> Result<Value, String> {
    let separator = arguments.text(0).unwrap_or_default();
    let mut parts: Vec<String> = Vec::new();
    for source in arguments.all().skip(1) {
        match source {
            Value::List(items) => parts.extend(items.iter().cloned()),
            single => parts.extend(single.as_text().map(Into::into)),
        }
    }
    parts.retain(|part| !part.is_empty());
    if parts.is_empty() {
        return Ok(Value::Null);
    }
    Ok(Value::Text(parts.join(&separator)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::function::testing::evaluate;
    use crate::{Expression, Value};

    #[test]
    fn published_examples() {
        let doe = [("givenName", "John"), ("surname", "Doe")];
        assert_eq!(
            evaluate(r#"Join(", ", "", [surname], [givenName])"#, &doe),
            "Doe, John".into()
        );
        assert_eq!(
            evaluate(
                r#"ToLower(Join("@", NormalizeDiacritics(Join(".",  [PreferredFirstName], [PreferredLastName])), "contoso.com"))"#,
                &[("PreferredFirstName", "John"), ("PreferredLastName", "Smith")]
            ),
            "john.smith@contoso.com".into()
        );
        assert_eq!(
            evaluate(
                r#"Join("", 1000, Replace([objectId], , "[a-zA-Z_]*", , "", , ))"#,
                &[("objectId", "00aa00aa-bb11")]
            ),
            "10000000-11".into()
        );
    }

    #[test]
    fn without_a_surname_there_is_no_comma() {
        assert_eq!(
            evaluate(
                r#"Join(" ", [givenName], [surname])"#,
                &[("givenName", "Suharto")]
            ),
            "Suharto".into()
        );
        assert_eq!(evaluate(r#"Join(" ", [givenName], [surname])"#, &[]), Value::Null);
    }

    #[test]
    fn several_values_are_joined_too() {
        let attributes = BTreeMap::from([("mails".to_owned(), Value::List(vec!["a".into(), "b".into()]))]);
        let value = Expression::parse(r#"Join("; ", [mails], "c")"#)
            .expect("parses")
            .evaluate(&attributes, &crate::Still::default(), "x")
            .map(|evaluated| evaluated.value);
        assert_eq!(value.expect("a value"), "a; b; c".into());
    }
}
