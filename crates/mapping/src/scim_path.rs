//! The part of SCIM's attribute paths (RFC 7644 §3.5.2) that mappings use: an attribute, a sub-attribute, a
//! choice among several values by what they equal, and the URN of an extension in front.

use std::fmt::Write as _;

use serde_json::{Map, Value as Json};

use crate::Value;

const CORE_USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

/// `urn:…:User:attribute[type eq "work" and primary eq true].sub`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ScimPath {
    /// The extension's URN; nothing for the core schema.
    schema: Option<String>,
    attribute: String,
    /// What an element must equal to be chosen; empty chooses all.
    filter: Vec<(String, Json)>,
    sub: Option<String>,
}

/// Whether two paths mean the same attribute, however they are spelt.
pub fn same_target(one: &str, other: &str) -> bool {
    match (ScimPath::parse(one), ScimPath::parse(other)) {
        (Ok(one), Ok(other)) => one.key() == other.key(),
        _ => one == other,
    }
}

impl ScimPath {
    /// Schema, attribute and sub-attribute.
    pub(crate) fn parts(&self) -> (Option<&str>, &str, Option<&str>) {
        (self.schema.as_deref(), &self.attribute, self.sub.as_deref())
    }

    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let head_end = text.find('[').unwrap_or(text.len());
        let (schema, rest) = split_schema(text, head_end);
        if let Some(open) = rest.find('[') {
            let (attribute, rest) = rest.split_at(open);
            let close = closing_bracket(rest).ok_or_else(|| format!("{text:?} has a [ without its ]"))?;
            let filter = parse_filter(&rest[1..close])?;
            let sub = match &rest[close + 1..] {
                "" => None,
                rest => Some(name(rest.strip_prefix('.').unwrap_or(""), text)?),
            };
            return Ok(Self {
                schema,
                attribute: name(attribute, text)?,
                filter,
                sub,
            });
        }
        let (attribute, sub) = match rest.split_once('.') {
            Some((attribute, sub)) => (attribute, Some(name(sub, text)?)),
            None => (rest, None),
        };
        Ok(Self {
            schema,
            attribute: name(attribute, text)?,
            filter: Vec::new(),
            sub,
        })
    }

    /// One spelling for all paths that mean the same attribute.
    pub(crate) fn key(&self) -> String {
        let mut key = self.schema.as_deref().unwrap_or_default().to_lowercase();
        let _ = write!(key, ":{}[", self.attribute.to_lowercase());
        let mut filter: Vec<_> = self
            .filter
            .iter()
            .map(|(name, value)| format!("{}={}", name.to_lowercase(), value.to_string().to_lowercase()))
            .collect();
        filter.sort();
        let _ = write!(key, "{}]", filter.join("&"));
        if let Some(sub) = &self.sub {
            let _ = write!(key, ".{}", sub.to_lowercase());
        }
        key
    }

    /// The value that a resource has there.
    pub(crate) fn read(&self, resource: &Map<String, Json>) -> Value {
        let holder = match &self.schema {
            None => Some(resource),
            Some(urn) => member(resource, urn).and_then(Json::as_object),
        };
        match holder.and_then(|holder| member(holder, &self.attribute)) {
            None => Value::Null,
            Some(Json::Array(elements)) if self.filter.is_empty() => {
                let texts: Vec<String> = elements
                    .iter()
                    .filter_map(|element| self.scalar(element).as_text().map(Into::into))
                    .collect();
                if texts.is_empty() {
                    Value::Null
                } else {
                    Value::List(texts)
                }
            }
            Some(Json::Array(elements)) => elements
                .iter()
                .filter(|element| self.chooses(element))
                .map(|element| self.scalar(element))
                .find(|value| !value.is_empty())
                .unwrap_or_default(),
            Some(single) => self.scalar(single),
        }
    }

    fn chooses(&self, element: &Json) -> bool {
        let Some(element) = element.as_object() else {
            return false;
        };
        self.filter
            .iter()
            .all(|(name, wanted)| match (member(element, name), wanted) {
                (Some(Json::String(found)), Json::String(wanted)) => {
                    found.to_lowercase() == wanted.to_lowercase()
                }
                (Some(found), wanted) => found == wanted,
                (None, wanted) => *wanted == Json::Bool(false),
            })
    }

    /// The sub-attribute asked for; of a complex value without one, its `value`.
    fn scalar(&self, json: &Json) -> Value {
        match json {
            Json::Object(object) => member(object, self.sub.as_deref().unwrap_or("value"))
                .map(simple)
                .unwrap_or_default(),
            other if self.sub.is_none() => simple(other),
            _ => Value::Null,
        }
    }
}

fn simple(json: &Json) -> Value {
    match json {
        Json::Bool(boolean) => Value::Boolean(*boolean),
        Json::Number(number) => number
            .as_i64()
            .map_or_else(|| Value::text(number.to_string()), Value::Number),
        Json::String(text) if !text.is_empty() => Value::text(text.as_str()),
        _ => Value::Null,
    }
}

/// A member whose name may be written in any case.
pub(crate) fn member<'o>(object: &'o Map<String, Json>, name: &str) -> Option<&'o Json> {
    object.get(name).or_else(|| {
        object
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    })
}

/// The URN ends at the last colon before any bracket.
fn split_schema(text: &str, head_end: usize) -> (Option<String>, &str) {
    let is_urn = text
        .get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case("urn:"));
    match text[..head_end].rfind(':') {
        Some(colon) if is_urn => {
            let urn = &text[..colon];
            let schema = (!urn.eq_ignore_ascii_case(CORE_USER)).then(|| urn.to_owned());
            (schema, &text[colon + 1..])
        }
        _ => (None, text),
    }
}

fn name(text: &str, whole: &str) -> Result<String, String> {
    let text = text.trim();
    let mut characters = text.chars();
    let starts = characters
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == '$');
    if starts && characters.all(|next| next.is_ascii_alphanumeric() || matches!(next, '-' | '_')) {
        return Ok(text.to_owned());
    }
    Err(format!(
        "{whole:?} is no SCIM attribute path, such as name.familyName or phoneNumbers[type eq \"work\"].value"
    ))
}

/// The `]` that closes the `[` at the start; brackets in quotes do not count.
fn closing_bracket(text: &str) -> Option<usize> {
    let mut quoted = false;
    let mut escaped = false;
    for (at, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ']' if !quoted => return Some(at),
            _ => {}
        }
    }
    None
}

fn parse_filter(text: &str) -> Result<Vec<(String, Json)>, String> {
    let mut rest = text.trim();
    let mut filter = Vec::new();
    loop {
        let refusal = || format!("[{text}] is not of the form [type eq \"work\"], joined with and");
        let (name, after) = word(rest).ok_or_else(refusal)?;
        let (operator, after) = word(after).ok_or_else(refusal)?;
        if !operator.eq_ignore_ascii_case("eq") {
            return Err(refusal());
        }
        let (literal, after) = literal(after.trim_start()).ok_or_else(refusal)?;
        filter.push((name.to_owned(), literal));
        let Some((and, after)) = word(after) else { break };
        if !and.eq_ignore_ascii_case("and") {
            return Err(refusal());
        }
        rest = after;
    }
    Ok(filter)
}

fn word(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

/// A JSON text or boolean at the start, and what follows it.
fn literal(text: &str) -> Option<(Json, &str)> {
    let mut parsed = serde_json::Deserializer::from_str(text).into_iter::<Json>();
    let value = parsed.next()?.ok()?;
    let rest = &text[parsed.byte_offset()..];
    let ends = rest.is_empty() || rest.starts_with(char::is_whitespace);
    (ends && (value.is_string() || value.is_boolean())).then_some((value, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(path: &str) -> Value {
        let resource = serde_json::json!({
            "userName": "anna", "active": true, "nickName": "",
            "name": {"familyName": "Ó Sé"},
            "emails": [{"value": "a@x.example", "type": "home"}, {"value": "b@x.example", "type": "Work", "primary": true}],
            "phoneNumbers": [],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":
                {"department": "R&D", "manager": {"value": "42"}},
        });
        let path = ScimPath::parse(path).expect(path);
        path.read(resource.as_object().expect("an object"))
    }

    #[test]
    fn reads() {
        let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
        for (path, value) in [
            ("userName", "anna".into()),
            ("USERNAME", "anna".into()),
            (
                "urn:ietf:params:scim:schemas:core:2.0:User:userName",
                "anna".into(),
            ),
            ("active", true.into()),
            ("nickName", Value::Null),
            ("name.familyName", "Ó Sé".into()),
            ("name", Value::Null),
            ("userName.x", Value::Null),
            (
                "emails.value",
                Value::List(vec!["a@x.example".into(), "b@x.example".into()]),
            ),
            (
                "emails",
                Value::List(vec!["a@x.example".into(), "b@x.example".into()]),
            ),
            ("emails[type eq \"work\"].value", "b@x.example".into()),
            ("emails[primary eq true]", "b@x.example".into()),
            (
                "emails[type eq \"work\" and primary eq true].value",
                "b@x.example".into(),
            ),
            ("emails[primary eq false].value", "a@x.example".into()),
            ("emails[type eq \"other\"].value", Value::Null),
            ("phoneNumbers.value", Value::Null),
            (&format!("{enterprise}:department"), "R&D".into()),
            (&format!("{enterprise}:manager"), "42".into()),
            (&format!("{enterprise}:manager.value"), "42".into()),
            (&format!("{enterprise}:nothing"), Value::Null),
            ("urn:other:thing:x", Value::Null),
        ] {
            assert_eq!(read(path), value, "{path}");
        }
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for text in [
            "",
            " ",
            ".",
            "a.",
            ".a",
            "a.b.c",
            "a[",
            "a[]",
            "a[type]",
            "a[type eq]",
            "a[type eq \"work]",
            "a[type eq \"work\"]x",
            "a[type eq \"work\"].",
            "a[type ne \"work\"]",
            "a[type eq work]",
            "a[type eq \"x\" or type eq \"y\"]",
            "a b",
            "1a",
            "urn:x:",
            "é",
        ] {
            assert!(ScimPath::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn one_key_for_every_spelling() {
        let key = |text| ScimPath::parse(text).expect(text).key();
        assert_eq!(
            key("userName"),
            key("urn:ietf:params:scim:schemas:core:2.0:user:USERNAME")
        );
        assert_eq!(
            key("emails[type eq \"work\" and primary eq true].value"),
            key("Emails[primary  EQ true AND type eq \"Work\"].VALUE")
        );
        assert_ne!(
            key("emails[type eq \"work\"].value"),
            key("emails[type eq \"home\"].value")
        );
        assert_ne!(key("urn:a:b:x"), key("urn:a:c:x"));
    }
}
