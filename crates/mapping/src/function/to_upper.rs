//! `ToUpper(source, culture)`

use super::to_lower::is_turkic;
use super::{Arguments, Function, Kind, Parameter};
use crate::Value;

pub(super) static FUNCTION: Function = Function::new(
    "ToUpper",
    &[Parameter::required("source"), Parameter::optional("culture")],
    Kind::Text,
    evaluate,
);

/// Letter by letter, as .NET does: a letter whose capital would be several, such as ß, stays.
fn evaluate(arguments: &Arguments<'_>) -> Result<Value, String> {
    let Some(source) = arguments.text(0) else {
        return Ok(Value::Null);
    };
    let dots = is_turkic(&arguments.text(1).unwrap_or_default());
    let upper = source.chars().map(|letter| {
        let mut capitals = letter.to_uppercase();
        match (letter, capitals.next(), capitals.next()) {
            ('i', ..) if dots => 'İ',
            (_, Some(capital), None) => capital,
            _ => letter,
        }
    });
    Ok(Value::Text(upper.collect()))
}

#[cfg(test)]
mod tests {
    use crate::Value;
    use crate::function::testing::evaluate;

    #[test]
    fn cultures() {
        for (text, culture, upper) in [
            ("john.smith", "", "JOHN.SMITH"),
            ("émile", "fr-FR", "ÉMILE"),
            ("ışık i", "tr-TR", "IŞIK İ"),
            ("straße", "de-DE", "STRAßE"),
            ("iris", "en-US", "IRIS"),
        ] {
            let expression = format!(r#"ToUpper([x], "{culture}")"#);
            assert_eq!(evaluate(&expression, &[("x", text)]), upper.into());
        }
        assert_eq!(evaluate("ToUpper([x])", &[("x", "abc")]), "ABC".into());
        assert_eq!(evaluate("ToUpper([x])", &[]), Value::Null);
    }
}
