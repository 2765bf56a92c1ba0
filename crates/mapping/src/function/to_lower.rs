//! `ToLower(source, culture)`

use super::{Arguments, Function, Parameter, nothing};
use crate::Value;

pub(super) static FUNCTION: Function = Function {
    name: "ToLower",
    parameters: &[Parameter::required("source"), Parameter::optional("culture")],
    repeats: 0,
    prepare: nothing,
    evaluate,
};

/// Of all cultures only the Turkic ones lower letters in their own way.
#[allow(clippy::unnecessary_wraps, reason = "the shape of `Function::evaluate`")]
fn evaluate(arguments: &Arguments<'_>) -> Result<Value, String> {
    let Some(source) = arguments.text(0) else {
        return Ok(Value::Null);
    };
    let culture = arguments.text(1).unwrap_or_default().to_lowercase();
    let language = culture.split(['-', '_']).next().unwrap_or_default();
    if matches!(language, "tr" | "az") {
        let dotted = source
            .replace("I\u{307}", "i")
            .replace('İ', "i")
            .replace('I', "ı");
        return Ok(Value::Text(dotted.to_lowercase()));
    }
    Ok(Value::Text(source.to_lowercase()))
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
