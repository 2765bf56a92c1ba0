//! From the fields of a form that has come in to JSON.

use serde_json::{Map, Value, json};

use super::field::{Field, Kind, area, certificate, line, lines, some};
use crate::pages::Fields;

/// More rows are not read.
const MOST_ROWS: usize = 200;
const END: &str = "-----END CERTIFICATE-----";

impl Field {
    /// What has been filled in at a place.
    pub fn read(&self, at: &str, filled: &Fields) -> Value {
        let text = filled.text(at);
        match &self.kind {
            Kind::Text | Kind::Choices(_) => json!(line(text)),
            Kind::Area => json!(area(text)),
            Kind::Optional => json!(some(&line(text))),
            Kind::Maybe => match text {
                "yes" => json!(true),
                "no" => json!(false),
                _ => Value::Null,
            },
            Kind::Tick => json!(filled.has(at)),
            Kind::Number => {
                let text = line(text);
                text.parse::<u32>()
                    .map_or_else(|_| json!(text), |number| json!(number))
            }
            Kind::Lines | Kind::Groups => json!(lines(text)),
            Kind::Certificate => json!(certificate(text)),
            Kind::Certificates => json!(certificates(text)),
            Kind::Source | Kind::OptionalSource => source(filled.text(&format!("{at}.from")), text),
            Kind::Part(fields) => part(fields, at, filled),
            Kind::OptionalPart(fields) | Kind::Rows(fields) if fields.is_empty() => Value::Null,
            Kind::OptionalPart(fields) => {
                let value = part(fields, at, filled);
                if is_empty(fields, &value) {
                    Value::Null
                } else {
                    value
                }
            }
            Kind::Rows(fields) => {
                let first = fields[0].name;
                let rows = (0..MOST_ROWS)
                    .map(|row| format!("{at}.{row}"))
                    .take_while(|row| filled.has(&format!("{row}.{first}")))
                    .map(|row| part(fields, &row, filled))
                    .filter(|row| !is_empty(fields, row));
                rows.collect()
            }
            Kind::Names(known) => {
                let names = known().into_iter().filter_map(|name| {
                    let names = lines(filled.text(&format!("{at}.{name}")));
                    (!names.is_empty()).then(|| (name.to_owned(), json!(names)))
                });
                Value::Object(names.collect())
            }
        }
    }
}

fn part(fields: &[Field], at: &str, filled: &Fields) -> Value {
    let members = fields.iter().map(|field| {
        let value = field.read(&format!("{at}.{}", field.name), filled);
        (field.name.to_owned(), value)
    });
    Value::Object(members.collect::<Map<_, _>>())
}

/// Is nothing filled in? What is chosen or ticked does not count by itself.
fn is_empty(fields: &[Field], value: &Value) -> bool {
    let is_typed = |field: &&Field| !matches!(field.kind, Kind::Choices(_) | Kind::Tick | Kind::Maybe);
    fields.iter().filter(is_typed).all(|field| {
        let value = &value[field.name];
        value.is_null() || value == "" || SOURCES.iter().any(|name| value[name] == "")
    })
}

/// The members of a source that hold its text.
const SOURCES: [&str; 3] = ["attribute", "constant", "expression"];

/// One after the other in PEM; a single one may be in base64.
fn certificates(text: &str) -> Vec<String> {
    let parts = text.split_inclusive(END);
    parts
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(certificate)
        .collect()
}

/// A constant may begin and end with blanks, and an expression have several lines.
fn source(from: &str, text: &str) -> Value {
    let text = text.replace("\r\n", "\n");
    match from {
        "attribute" => json!({ "attribute": text }),
        "constant" => json!({ "constant": text }),
        "entra" => json!({ "expression": text }),
        "okta" => json!({ "expression": text, "language": "okta" }),
        _ if text.is_empty() => Value::Null,
        // As usual, and yet something else: it is refused as what it is.
        _ => json!(text),
    }
}

#[cfg(test)]
mod tests {
    use super::super::field::{choice, field};
    use super::*;

    const ROW: &[Field] = &[
        field("url", Kind::Text, "", ""),
        field("index", Kind::Number, "", ""),
        field("default", Kind::Tick, "", ""),
    ];
    const FIELDS: &[Field] = &[
        field("text", Kind::Text, "", ""),
        field("optional", Kind::Optional, "", ""),
        field("tick", Kind::Tick, "", ""),
        field("number", Kind::Number, "", ""),
        field("one", Kind::Choices(&[choice("a", ""), choice("b", "")]), "", ""),
        field("lines", Kind::Lines, "", ""),
        field("source", Kind::OptionalSource, "", ""),
        field("part", Kind::Part(ROW), "", ""),
        field("maybe", Kind::OptionalPart(ROW), "", ""),
        field("rows", Kind::Rows(ROW), "", ""),
        field("names", Kind::Names(|| vec!["a", "b"]), "", ""),
    ];

    fn read(text: &str) -> Value {
        let filled = Fields::parse(text.as_bytes());
        let members = FIELDS.iter().map(|field| {
            let value = field.read(&format!("s.{}", field.name), &filled);
            (field.name.to_owned(), value)
        });
        Value::Object(members.collect())
    }

    #[test]
    fn nothing_filled_in_is_nothing() {
        let expected = json!({
            "text": "", "optional": null, "tick": false, "number": "", "one": "", "lines": [], "source": null,
            "part": { "url": "", "index": "", "default": false }, "maybe": null, "rows": [], "names": {},
        });
        assert_eq!(read(""), expected);
    }

    #[test]
    fn what_is_filled_in_is_read_as_what_it_is() {
        let text = "s.text=+a+&s.optional=b&s.tick=yes&s.number=5&s.one=a&s.lines=x%0D%0A%0D%0A+y&s.source.from=okta\
                    &s.source=user.email&s.part.index=x&s.maybe.url=u&s.rows.0.url=&s.rows.1.url=v&s.rows.1.index=1\
                    &s.rows.1.default=yes&s.rows.3.url=out&s.names.b=p%0Aq&s.names.c=r";
        let expected = json!({
            "text": "a", "optional": "b", "tick": true, "number": 5, "one": "a", "lines": ["x", "y"],
            "source": { "expression": "user.email", "language": "okta" },
            "part": { "url": "", "index": "x", "default": false },
            "maybe": { "url": "u", "index": "", "default": false },
            "rows": [{ "url": "v", "index": 1, "default": true }],
            "names": { "b": ["p", "q"] },
        });
        let found = read(text);
        assert_eq!(found, expected);
        for field in FIELDS {
            assert_eq!(
                field.as_filled(&found[field.name]),
                found[field.name],
                "{}",
                field.name
            );
        }
    }
}
