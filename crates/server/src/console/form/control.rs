//! A field as it looks on a page.

use askama::Template;
use serde_json::Value;

use super::field::{Choice, Field, Kind, texts};

/// So many empty rows invite to fill in more.
const EMPTY_ROWS: usize = 2;

const MAYBE: &[Choice] = &[
    super::choice("", "Not said"),
    super::choice("yes", "Yes"),
    super::choice("no", "No"),
];

/// The first one is for what need not be said.
const SOURCES: &[Choice] = &[
    super::choice("", "As usual"),
    super::choice("attribute", "Attribute"),
    super::choice("constant", "Constant"),
    super::choice("entra", "Entra ID expression"),
    super::choice("okta", "Okta expression"),
];

/// One field, filled in or not, with its label.
#[derive(Debug, Template)]
#[template(path = "console/control.html")]
pub struct Control {
    /// Where it is in the form.
    at: String,
    id: String,
    label: &'static str,
    hint: &'static str,
    /// Whether a change of it was refused.
    wrong: bool,
    shape: Shape,
}

#[derive(Debug)]
enum Shape {
    Line(String),
    Number(String),
    Area { text: String, lines: usize },
    Tick(bool),
    Select(Vec<Shown>),
    Source { from: Vec<Shown>, text: String },
    Part(Vec<Control>),
    Rows(Vec<Vec<Control>>),
    Names(Vec<(&'static str, Control)>),
}

#[derive(Debug)]
struct Shown {
    value: &'static str,
    label: &'static str,
    chosen: bool,
    why_not: Option<&'static str>,
}

impl Control {
    /// A field at a place with its value; `wrong` names the one whose change was refused.
    pub fn new(field: &Field, at: &str, value: &Value, wrong: Option<&str>) -> Self {
        let shape = match &field.kind {
            Kind::Text | Kind::Optional => Shape::Line(word(value)),
            Kind::Number => Shape::Number(word(value)),
            Kind::Tick => Shape::Tick(value.as_bool() == Some(true)),
            Kind::Area | Kind::Certificate => area(word(value), 4),
            Kind::Maybe => Shape::Select(shown(MAYBE, maybe(value))),
            Kind::Choices(choices) => Shape::Select(shown(choices, &word(value))),
            Kind::Lines | Kind::Groups => area(texts(value).join("\n"), 2),
            Kind::Certificates => area(texts(value).join("\n"), 4),
            Kind::Source => source(value, &SOURCES[1..]),
            Kind::OptionalSource => source(value, SOURCES),
            Kind::Part(fields) | Kind::OptionalPart(fields) => Shape::Part(part(fields, at, value)),
            Kind::Rows(fields) => {
                let rows = value.as_array().map_or(&[][..], Vec::as_slice);
                let empty = std::iter::repeat_n(&Value::Null, EMPTY_ROWS);
                let rows = rows.iter().chain(empty).enumerate();
                Shape::Rows(
                    rows.map(|(number, row)| part(fields, &format!("{at}.{number}"), row))
                        .collect(),
                )
            }
            Kind::Names(known) => Shape::Names(names(known(), at, value)),
        };
        Self {
            at: at.to_owned(),
            id: at.replace('.', "-"),
            label: field.label,
            hint: field.hint,
            wrong: wrong == Some(field.name),
            shape,
        }
    }

    /// What says more of it, by its id.
    fn described(&self) -> Option<String> {
        (!self.hint.is_empty()).then(|| format!("{}-hint", self.id))
    }
}

fn part(fields: &[Field], at: &str, value: &Value) -> Vec<Control> {
    fields
        .iter()
        .map(|field| Control::new(field, &format!("{at}.{}", field.name), &value[field.name], None))
        .collect()
}

fn names(known: Vec<&'static str>, at: &str, value: &Value) -> Vec<(&'static str, Control)> {
    const LINES: &Field = &super::field("", Kind::Lines, "", "");
    known
        .into_iter()
        .map(|name| {
            (
                name,
                Control::new(LINES, &format!("{at}.{name}"), &value[name], None),
            )
        })
        .collect()
}

/// A text or a number, as it is written.
fn word(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn maybe(value: &Value) -> &'static str {
    match value.as_bool() {
        Some(true) => "yes",
        Some(false) => "no",
        None => "",
    }
}

fn area(text: String, least: usize) -> Shape {
    let lines = text.lines().count().clamp(least, 12);
    Shape::Area { text, lines }
}

fn shown(choices: &'static [Choice], chosen: &str) -> Vec<Shown> {
    choices
        .iter()
        .map(|one| Shown {
            value: one.value,
            label: one.label,
            chosen: one.value == chosen,
            why_not: one.why_not,
        })
        .collect()
}

fn source(value: &Value, sources: &'static [Choice]) -> Shape {
    if let Some(text) = value.as_str() {
        return Shape::Source {
            from: shown(sources, ""),
            text: text.to_owned(),
        };
    }
    let is_okta = value["language"] == "okta";
    let (from, text) = [("attribute", "attribute"), ("constant", "constant")]
        .into_iter()
        .chain([(if is_okta { "okta" } else { "entra" }, "expression")])
        .find_map(|(from, member)| Some((from, value[member].as_str()?)))
        .unwrap_or_default();
    Shape::Source {
        from: shown(sources, from),
        text: text.to_owned(),
    }
}
