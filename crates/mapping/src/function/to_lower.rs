//! `ToLower(source, culture)`

use super::{Arguments, Function, Kind, Parameter};
use crate::Value;

pub(super) static FUNCTION: Function = Function::new(
    "ToLower",
    &[Parameter::required("source"), Parameter::optional("culture")],
    Kind::Text,
    evaluate,
);

/// Of all cultures only the Turkic ones lower letters in their own way.
fn evaluate(arguments: &Arguments<'_>) -> Result<Value, String> {
    let Some(source) = arguments.text(0) else {
        return Ok(Value::Null);
    };
    if is_turkic(&arguments.text(1).unwrap_or_default()) {
        let dotted = source
            .replace("I\u{307}", "i")
            .replace('İ', "i")
            .replace('I', "ı");
        return Ok(Value::Text(dotted.to_lowercase()));
    }
    Ok(Value::Text(source.to_lowercase()))
}

pub(super) fn is_turkic(culture: &str) -> bool {
    let language = culture.split(['-', '_']).next().unwrap_or_default();
    ["tr", "az"]
        .iter()
        .any(|turkic| language.eq_ignore_ascii_case(turkic))
}

#[cfg(test)]
mod tests {
    use crate::Value;
    use crate::function::testing::evaluate;

    #[test]
    fn cultures() {
        for (text, culture, lower) in [
            ("John.Smith@Contoso.COM", "", "john.smith@contoso.com"),
            ("ÉMILE", "fr-FR", "émile"),
            ("IŞIK İ", "tr-TR", "ışık i"),
            ("IRIS", "en-US", "iris"),
        ] {
            let expression = format!(r#"ToLower([x], "{culture}")"#);
            assert_eq!(evaluate(&expression, &[("x", text)]), lower.into());
        }
        assert_eq!(evaluate("ToLower([x])", &[("x", "ABC")]), "abc".into());
        assert_eq!(evaluate("ToLower([x])", &[]), Value::Null);
    }
}
