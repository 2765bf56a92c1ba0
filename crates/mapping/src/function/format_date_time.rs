//! `FormatDateTime(source, dateTimeStyles, inputFormat, outputFormat)`

use super::{Arguments, Function, Kind, Parameter, Prepared, Refusal};
use crate::Value;
use crate::date::{DateTime, Pattern, STYLES, Styles, White, dotnet_pattern};
use crate::expression::{Argument, Node};

pub(super) static FUNCTION: Function = Function::new(
    "FormatDateTime",
    &[
        Parameter::required("source"),
        Parameter::blank("dateTimeStyles").of(Kind::Words(&STYLES)),
        Parameter::required("inputFormat"),
        Parameter::required("outputFormat"),
    ],
    Kind::Text,
    evaluate,
)
.preparing(prepare);

const STYLE: usize = 1;
const INPUT: usize = 2;
const OUTPUT: usize = 3;

fn prepare(arguments: &[Argument]) -> Result<Prepared, Refusal> {
    for index in [INPUT, OUTPUT] {
        let text = arguments
            .get(index)
            .and_then(Option::as_ref)
            .and_then(Node::constant_text);
        if let Some(text) = text {
            dotnet_pattern(text).map_err(|message| Refusal::at(index, message))?;
        }
    }
    Ok(Prepared::Nothing)
}

/// Times with an offset become UTC, as on the provisioning service's machines. Nothing stays nothing.
fn evaluate(arguments: &Arguments<'_>) -> Result<Value, String> {
    let Some(source) = arguments.text(0).filter(|source| !source.is_empty()) else {
        return Ok(Value::Null);
    };
    let styles = Styles::read(&arguments.text(STYLE).unwrap_or_default());
    let input = arguments.text(INPUT).unwrap_or_default();
    let pattern = dotnet_pattern(&input)?;
    let mut date = read(&source, &pattern, styles.white)
        .unwrap_or_else(|| Err(format!("{source:?} is not of the form {input:?}")))?;
    date.is_zoned |= styles.assume_universal;
    let output = dotnet_pattern(&arguments.text(OUTPUT).unwrap_or_default())?;
    Ok(Value::Text(output.print(date)))
}

fn read(source: &str, pattern: &Pattern, white: White) -> Option<Result<DateTime, String>> {
    match white {
        White::Nowhere => pattern.parse(source),
        White::Around => pattern.parse(source.trim()),
        White::Everywhere => pattern.parse(source.trim()).or_else(|| {
            let bare: String = source.chars().filter(|c| !c.is_whitespace()).collect();
            pattern.without_white_space().parse(&bare)
        }),
    }
}

#[cfg(test)]
mod tests {
    use crate::Value;
    use crate::function::testing::{evaluate, refusal, try_evaluate};

    #[test]
    fn published_example() {
        assert_eq!(
            evaluate(
                r#"FormatDateTime([extensionAttribute1], , "yyyyMMddHHmmss.fZ", "yyyy-MM-dd")"#,
                &[("extensionAttribute1", "20150123105347.1Z")]
            ),
            "2015-01-23".into()
        );
    }

    #[test]
    fn offsets_become_utc() {
        let text = r#"FormatDateTime([d], , "yyyy-MM-ddzzz", "yyyy-MM-ddTHH:mmK")"#;
        assert_eq!(
            evaluate(text, &[("d", "2020-12-31-08:00")]),
            "2020-12-31T08:00Z".into()
        );
        assert_eq!(
            evaluate(text, &[("d", "2020-12-31+08:00")]),
            "2020-12-30T16:00Z".into()
        );
        assert_eq!(evaluate(text, &[]), Value::Null);
    }

    #[test]
    fn styles() {
        for (style, source, result) in [
            ("", " 2020-01-02 ", Some("2020-01-02")),
            ("None", " 2020-01-02 ", None),
            ("None", "2020-01-02", Some("2020-01-02")),
            ("AllowTrailingWhite", " 2020-01-02", Some("2020-01-02")),
            ("RoundtripKind", "2020- 01-02", None),
            ("AllowInnerWhite", "2020- 01-02", Some("2020-01-02")),
            (
                "\"AssumeUniversal, AllowWhiteSpaces\"",
                "2020 -01-02",
                Some("2020-01-02Z"),
            ),
            ("AssumeUniversal", "2020-01-02", Some("2020-01-02Z")),
        ] {
            let text = format!(r#"FormatDateTime([d], {style}, "yyyy-MM-dd", "yyyy-MM-ddK")"#);
            let value = try_evaluate(&text, &[("d", source)]).ok();
            assert_eq!(value, result.map(Value::from), "{style} {source:?}");
        }
    }

    #[test]
    fn formats_and_styles_are_checked_when_saved() {
        for (text, position) in [
            (r#"FormatDateTime([d], Sideways, "yyyy", "yyyy")"#, 20),
            (r#"FormatDateTime([d], "Sideways", "yyyy", "yyyy")"#, 20),
            (r#"FormatDateTime([d], , "", "yyyy")"#, 22),
            (r#"FormatDateTime([d], , "yyyy", "'x")"#, 30),
            (r#"FormatDateTime([d], "yyyy", "yyyy")"#, 0),
        ] {
            assert_eq!(refusal(text).0, position, "{text}");
        }
    }
}
