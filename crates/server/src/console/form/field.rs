//! What can be filled in.

use federation::saml::security::Certificate;
use serde_json::{Map, Value, json};

/// A setting, or a part of one.
#[derive(Debug)]
pub struct Field {
    /// As the API calls it.
    pub name: &'static str,
    pub label: &'static str,
    pub hint: &'static str,
    pub kind: Kind,
}

/// What is filled in, and what becomes of it as JSON.
#[derive(Debug)]
pub enum Kind {
    /// A text, be it empty.
    Text,
    /// A text; null if it is empty.
    Optional,
    /// A longer text.
    Area,
    Tick,
    /// Yes, no, or null: nothing is said.
    Maybe,
    /// A whole number; what is none is refused as the text that it is.
    Number,
    Choices(&'static [Choice]),
    /// Texts, one in each line.
    Lines,
    /// Groups by their names or ids, one in each line; ids in the end.
    Groups,
    /// A certificate in PEM or base64.
    Certificate,
    /// Some of those, one after the other.
    Certificates,
    /// Where a value comes from (`mapping::Source`).
    Source,
    /// The same; null if it is as usual.
    OptionalSource,
    /// Its members, each for itself.
    Part(&'static [Field]),
    /// The same; null if the first one is empty.
    OptionalPart(&'static [Field]),
    /// Some of the same kind; one whose first member is empty is none.
    Rows(&'static [Field]),
    /// Names for each of these, one in each line.
    Names(fn() -> Vec<&'static str>),
}

/// One of several values.
#[derive(Debug)]
pub struct Choice {
    pub value: &'static str,
    pub label: &'static str,
    /// Why it cannot be chosen.
    pub why_not: Option<&'static str>,
}

pub const fn choice(value: &'static str, label: &'static str) -> Choice {
    Choice {
        value,
        label,
        why_not: None,
    }
}

pub const fn unavailable(value: &'static str, label: &'static str, why_not: &'static str) -> Choice {
    Choice {
        value,
        label,
        why_not: Some(why_not),
    }
}

pub const fn field(name: &'static str, kind: Kind, label: &'static str, hint: &'static str) -> Field {
    Field {
        name,
        label,
        hint,
        kind,
    }
}

impl Field {
    /// A value as a form would give it back if nobody changed anything.
    pub fn as_filled(&self, value: &Value) -> Value {
        match &self.kind {
            Kind::Text => json!(line(word(value))),
            Kind::Area => json!(area(word(value))),
            Kind::Optional => json!(some(&line(word(value)))),
            Kind::Maybe => json!(value.as_bool()),
            Kind::Tick => json!(value.as_bool() == Some(true)),
            Kind::Number | Kind::Source | Kind::OptionalSource | Kind::Choices(_) => value.clone(),
            Kind::Lines | Kind::Groups => json!(lines(&texts(value).join("\n"))),
            Kind::Certificate => json!(certificate(value.as_str().unwrap_or_default())),
            Kind::Certificates => json!(texts(value).into_iter().map(certificate).collect::<Vec<_>>()),
            Kind::OptionalPart(_) if value.is_null() => Value::Null,
            Kind::Part(fields) | Kind::OptionalPart(fields) => part(fields, value),
            Kind::Rows(fields) => {
                let rows = value.as_array().into_iter().flatten();
                rows.map(|row| part(fields, row)).collect()
            }
            Kind::Names(known) => {
                let names = known().into_iter().filter_map(|name| {
                    let names = texts(&value[name]).join("\n");
                    let names = lines(&names);
                    (!names.is_empty()).then(|| (name.to_owned(), json!(names)))
                });
                Value::Object(names.collect())
            }
        }
    }
}

fn part(fields: &[Field], value: &Value) -> Value {
    let members = fields
        .iter()
        .map(|field| (field.name.to_owned(), field.as_filled(&value[field.name])));
    Value::Object(members.collect::<Map<_, _>>())
}

fn word(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// As a field of one line gives it back: browsers leave breaks out, and nobody sees blanks around it.
pub fn line(text: &str) -> String {
    text.replace(['\r', '\n'], "").trim().to_owned()
}

/// As a field of several lines gives it back.
pub fn area(text: &str) -> String {
    text.replace("\r\n", "\n").trim().to_owned()
}

pub fn some(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

/// What stands in the lines.
pub fn lines(text: &str) -> Vec<&str> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect()
}

pub fn texts(value: &Value) -> Vec<&str> {
    let all = value.as_array().into_iter().flatten();
    all.filter_map(Value::as_str).collect()
}

/// In PEM, if it is one; as it is, if not.
pub fn certificate(text: &str) -> String {
    match Certificate::from_text(text) {
        Ok(certificate) => certificate.to_pem().trim().to_owned(),
        Err(_) => text.trim().to_owned(),
    }
}
