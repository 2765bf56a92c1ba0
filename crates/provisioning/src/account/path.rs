//! Attribute paths of the target that a mapping can write to: RFC 7644 §3.5.2's paths, of which the engine
//! needs those that name one place: an attribute, a sub-attribute, or the sub-attribute of the one element
//! that `eq` comparisons pick out, such as `phoneNumbers[type eq "work"].value`.

use std::fmt;

use scim::Object;
use scim::schema::Kind;
use serde_json::{Map, Value};

use super::kind::{Shape, complete, complete_list};
use crate::target_attributes::{CustomAttribute, CustomKind};

/// Where a value goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetPath {
    /// As the mapping spells it; the key under which values are kept.
    text: String,
    /// The extension's URN, if it is not a core attribute.
    pub(crate) schema: Option<String>,
    pub(crate) attribute: String,
    /// What picks out the element, in order; empty when there is no filter.
    pub(crate) element: Vec<(String, Value)>,
    pub(crate) sub: Option<String>,
    pub(crate) shape: Shape,
}

/// A path that the engine cannot write to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path} is not a place that can be written to: {message}")]
pub struct PathError {
    pub path: String,
    pub message: String,
}

impl TargetPath {
    pub fn parse(text: &str) -> Result<Self, PathError> {
        complete(Self::take_apart(text)?)
    }

    /// The same, for values that are a whole list of elements with their sub-attributes, such as `roles`.
    pub fn parse_list(text: &str) -> Result<Self, PathError> {
        complete_list(Self::take_apart(text)?)
    }

    /// The same, where more attributes than those of the schemas are declared.
    pub(crate) fn declared(text: &str, custom: &[CustomAttribute]) -> Result<Self, PathError> {
        let path = Self::take_apart(text)?;
        let Some(declared) = custom.iter().find(|custom| path.is(&custom.name)) else {
            return complete(path);
        };
        Ok(Self {
            shape: Shape {
                kind: declared.kind.kind(),
                multi_valued: declared.multi_valued,
                reference: declared.kind == CustomKind::Reference && !declared.multi_valued,
                ..Shape::default()
            },
            ..path
        })
    }

    /// Whether it is this place, however that is spelt.
    pub(crate) fn is(&self, text: &str) -> bool {
        mapping::same_target(&self.text, text)
    }

    fn take_apart(text: &str) -> Result<Self, PathError> {
        let error = |message: &str| PathError {
            path: text.to_owned(),
            message: message.to_owned(),
        };
        let trimmed = text.trim();
        let bracket = trimmed.find('[').unwrap_or(trimmed.len());
        let (schema, head) = split_schema(trimmed, bracket);
        let (attribute, element, sub) = match head.split_once('[') {
            None => match head.split_once('.') {
                None => (head, Vec::new(), None),
                Some((attribute, sub)) => (attribute, Vec::new(), Some(sub)),
            },
            Some((attribute, rest)) => {
                let close = closing(rest).ok_or_else(|| error("the bracket is not closed"))?;
                let sub = match &rest[close + 1..] {
                    "" => None,
                    tail => Some(
                        tail.strip_prefix('.')
                            .ok_or_else(|| error("a dot must follow the bracket"))?,
                    ),
                };
                let element = comparisons(&rest[..close])
                    .ok_or_else(|| error("an element is picked out by eq comparisons joined with and"))?;
                (attribute, element, sub)
            }
        };
        if attribute.eq_ignore_ascii_case("password") {
            return Err(error(
                "passwords are not provisioned: they would stand in plans and logs",
            ));
        }
        let core = schema.is_none_or(|schema| schema.eq_ignore_ascii_case(scim::schema::USER));
        if core
            && ["id", "meta", "schemas"]
                .iter()
                .any(|own| attribute.eq_ignore_ascii_case(own))
        {
            return Err(error("it is the target's own, or said by the engine itself"));
        }
        let is_name = |name: &str| {
            name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '$')
                && name
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "-_$".contains(c))
        };
        if !is_name(attribute) || !sub.is_none_or(is_name) {
            return Err(error("it is not an attribute's name"));
        }
        Ok(Self {
            text: trimmed.to_owned(),
            schema: schema.map(str::to_owned),
            attribute: attribute.to_owned(),
            element,
            sub: sub.map(str::to_owned),
            shape: Shape::default(),
        })
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it names one element of a multi-valued attribute.
    pub(crate) fn in_element(&self) -> bool {
        !self.element.is_empty()
    }

    /// Whether it names somebody else's account.
    pub(crate) fn is_reference(&self) -> bool {
        self.shape.reference
    }

    /// Whether it names a whole list of elements.
    pub(crate) fn is_list_of_elements(&self) -> bool {
        self.shape.multi_valued && self.shape.kind == Kind::Complex
    }

    /// Whether it holds a language tag (RFC 5646), or a list of them.
    pub(crate) fn is_language(&self) -> bool {
        let is = |name: &str| self.attribute.eq_ignore_ascii_case(name);
        self.schema.is_none() && (is("locale") || is("preferredLanguage"))
    }

    /// `URN:attribute`, or the attribute alone.
    pub(crate) fn attribute_path(&self) -> String {
        match &self.schema {
            Some(schema) => format!("{schema}:{}", self.attribute),
            None => self.attribute.clone(),
        }
    }

    /// Whether it lies at an attribute or a sub-attribute that is named without an element: `phoneNumbers.value`.
    pub(crate) fn is_of(&self, named: &str) -> bool {
        let attribute = self.attribute_path();
        let sub = self.sub.as_ref().map(|sub| format!("{attribute}.{sub}"));
        let is = |own: &str| own.eq_ignore_ascii_case(named);
        is(&attribute) || sub.as_deref().is_some_and(is)
    }

    /// The path without its sub-attribute: `phoneNumbers[type eq "work"]`.
    pub(crate) fn element_path(&self) -> String {
        match self.text.rfind(']') {
            Some(close) => self.text[..=close].to_owned(),
            None => self.attribute_path(),
        }
    }

    /// The value at this place of a resource.
    pub(crate) fn get<'a>(&self, resource: &'a Object) -> Option<&'a Value> {
        let value = self.holder(resource)?;
        let value = if self.in_element() {
            self.element_in(value)?
        } else {
            value
        };
        match (&self.sub, value) {
            (None, value) => Some(value),
            (Some(sub), Value::Object(object)) => member(object, sub),
            // A complex attribute written short, such as a manager given as a bare text.
            (Some(sub), value @ Value::String(_)) if sub.eq_ignore_ascii_case("value") => Some(value),
            _ => None,
        }
    }

    /// The element of a resource that the path picks out.
    pub(crate) fn get_element<'a>(&self, resource: &'a Object) -> Option<&'a Map<String, Value>> {
        self.element_in(self.holder(resource)?)?.as_object()
    }

    /// The same, to be changed.
    pub(crate) fn get_mut<'a>(&self, resource: &'a mut Object) -> Option<&'a mut Value> {
        let value = match &self.schema {
            Some(schema) => {
                let extension = member_mut(resource, schema)?.as_object_mut()?;
                member_mut(extension, &self.attribute)?
            }
            None => member_mut(resource, &self.attribute)?,
        };
        self.get_mut_in(value)
    }

    /// The value at this place of an attribute's value.
    pub(crate) fn get_mut_in<'a>(&self, value: &'a mut Value) -> Option<&'a mut Value> {
        let value = match (value, self.in_element()) {
            (Value::Array(elements), true) => elements.iter_mut().find(|element| self.is_element(element))?,
            (single, _) => single,
        };
        match (&self.sub, value) {
            (Some(sub), Value::Object(object)) => member_mut(object, sub),
            (_, value) => Some(value),
        }
    }

    /// As it stands in a PATCH operation: with the sub-attribute that a bare complex attribute means.
    pub(crate) fn written(&self) -> String {
        match &self.sub {
            Some(sub) => format!("{}.{sub}", self.element_path()),
            None => self.text.clone(),
        }
    }

    fn holder<'a>(&self, resource: &'a Object) -> Option<&'a Value> {
        match &self.schema {
            Some(schema) => member(member(resource, schema)?.as_object()?, &self.attribute),
            None => member(resource, &self.attribute),
        }
    }

    fn element_in<'a>(&self, value: &'a Value) -> Option<&'a Value> {
        let elements = match value {
            Value::Array(elements) => elements.as_slice(),
            single @ Value::Object(_) => std::slice::from_ref(single),
            _ => return None,
        };
        elements.iter().find(|element| self.is_element(element))
    }

    pub(crate) fn is_element(&self, element: &Value) -> bool {
        let Value::Object(object) = element else {
            return false;
        };
        self.element
            .iter()
            .all(|(name, wanted)| member(object, name).is_some_and(|found| alike(found, wanted)))
    }
}

impl fmt::Display for TargetPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A member by its name in any case.
pub(crate) fn member<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object.get(name).or_else(|| {
        object
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    })
}

/// The same, to be changed.
pub(crate) fn member_mut<'a>(object: &'a mut Map<String, Value>, name: &str) -> Option<&'a mut Value> {
    let key = object.keys().find(|key| key.eq_ignore_ascii_case(name))?.clone();
    object.get_mut(&key)
}

/// Literals of a filter against values of a resource: texts in any case, booleans also as texts.
fn alike(found: &Value, wanted: &Value) -> bool {
    match (found, wanted) {
        (Value::String(found), Value::String(wanted)) => {
            base::canonical::text(found) == base::canonical::text(wanted)
        }
        (Value::Bool(found), Value::String(wanted)) | (Value::String(wanted), Value::Bool(found)) => {
            wanted.eq_ignore_ascii_case(if *found { "true" } else { "false" })
        }
        (found, wanted) => found == wanted,
    }
}

fn split_schema(text: &str, bracket: usize) -> (Option<&str>, &str) {
    if !text
        .get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case("urn:"))
    {
        return (None, text);
    }
    match text[..bracket].rfind(':') {
        Some(colon) => (Some(&text[..colon]), &text[colon + 1..]),
        None => (None, text),
    }
}

/// Where the bracket closes, quoted texts skipped.
fn closing(text: &str) -> Option<usize> {
    let mut quoted = false;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ']' if !quoted => return Some(at),
            _ => {}
        }
    }
    None
}

/// `type eq "work" and primary eq true`.
fn comparisons(text: &str) -> Option<Vec<(String, Value)>> {
    let mut rest = text.trim();
    let mut found = Vec::new();
    loop {
        let (name, after) = rest.split_once(char::is_whitespace)?;
        let (operator, after) = after.trim_start().split_once(char::is_whitespace)?;
        if !operator.eq_ignore_ascii_case("eq") {
            return None;
        }
        let (value, after) = literal(after.trim_start())?;
        found.push((name.to_owned(), value));
        let after = after.trim_start();
        if after.is_empty() {
            return Some(found);
        }
        let (and, next) = after.split_once(char::is_whitespace)?;
        if !and.eq_ignore_ascii_case("and") {
            return None;
        }
        rest = next.trim_start();
    }
}

/// A JSON literal (or a bare word) and what follows it.
fn literal(text: &str) -> Option<(Value, &str)> {
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    if let Some(Ok(value @ (Value::String(_) | Value::Bool(_) | Value::Number(_)))) = stream.next() {
        return Some((value, &text[stream.byte_offset()..]));
    }
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let word = &text[..end];
    let value = match word.to_ascii_lowercase().as_str() {
        "" => return None,
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ => Value::from(word),
    };
    Some((value, &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn paths_are_taken_apart() {
        for (text, schema, attribute, element, sub) in [
            ("userName", None, "userName", vec![], None),
            ("name.familyName", None, "name", vec![], Some("familyName")),
            (
                r#"phoneNumbers[type eq "work"].value"#,
                None,
                "phoneNumbers",
                vec![("type".to_owned(), json!("work"))],
                Some("value"),
            ),
            (
                r#"emails[type eq "a]b" and primary eq True].value"#,
                None,
                "emails",
                vec![
                    ("type".to_owned(), json!("a]b")),
                    ("primary".to_owned(), json!(true)),
                ],
                Some("value"),
            ),
            (
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
                Some("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"),
                "manager",
                vec![],
                Some("value"),
            ),
        ] {
            let path = TargetPath::parse(text).expect(text);
            assert_eq!(path.schema.as_deref(), schema, "{text}");
            assert_eq!(path.attribute, attribute, "{text}");
            assert_eq!(path.element, element, "{text}");
            assert_eq!(path.sub.as_deref(), sub, "{text}");
        }
    }

    #[test]
    fn an_element_is_told_by_values_of_their_kind() {
        for (text, wanted) in [
            (r#"roles[primary eq "True"].value"#, json!(true)),
            (r#"roles[primary eq "false"].value"#, json!(false)),
            (r#"roles[type eq "True"].value"#, json!("True")),
        ] {
            let path = TargetPath::parse(text).expect("a path");
            assert_eq!(path.element[0].1, wanted, "{text}");
        }
    }

    #[test]
    fn what_names_no_one_place_is_refused() {
        for text in [
            "",
            "a b",
            "emails[type eq",
            r#"emails[type sw "w"].value"#,
            r#"emails[type eq "w"]value"#,
            r#"emails[type eq "w" or primary eq true].value"#,
            ".value",
            "password",
            "id",
            "Schemas",
            "meta.location",
            "urn:ietf:params:scim:schemas:core:2.0:User:id",
        ] {
            assert!(TargetPath::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn values_are_found_whatever_the_case() {
        let Value::Object(resource) = json!({
            "UserName": "a",
            "phoneNumbers": [{"type": "home", "value": "1"}, {"Type": "Work", "Value": "2"}],
            "roles": [{"primary": "True", "value": "r"}],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"manager": "m"}
        }) else {
            unreachable!()
        };
        for (path, value) in [
            ("userName", json!("a")),
            (r#"phoneNumbers[type eq "work"].value"#, json!("2")),
            ("roles[primary eq true].value", json!("r")),
            (
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
                json!("m"),
            ),
        ] {
            let path = TargetPath::parse(path).expect("a path");
            assert_eq!(path.get(&resource), Some(&value), "{path}");
        }
    }
}
