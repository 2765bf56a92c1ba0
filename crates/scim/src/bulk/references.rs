//! References within a bulk request to what another operation of it creates: `bulkId:` and its name (RFC 7644 §3.7.2).
//!
//! They stand where an id may stand: as a value anywhere in the data, at the end of the address in a `$ref`, and between
//! the quotes of the path of a PATCH.

use std::ops::Range;

use serde_json::Value;

use super::{Request, Verb};
use crate::{Error, ResourceType, dialect};

/// How a reference begins.
const REFERENCE: &str = "bulkId:";

/// What a text is, for the question where in it a reference may stand.
#[derive(Clone, Copy)]
enum Text {
    Value,
    /// `$ref`
    Address,
    /// Of an operation of a PATCH.
    Path,
}

impl Request {
    /// The bulkIds that the operation speaks of, in its data or as its target.
    pub fn references(&self) -> Vec<&str> {
        let mut found: Vec<&str> = reference(&self.id).into_iter().collect();
        match &self.data {
            Value::Object(members) => {
                for (name, value) in members {
                    if !is_read_only(self.resource_type, name) {
                        collect(value, Text::Value, &mut found);
                    }
                }
            }
            other => collect(other, Text::Value, &mut found),
        }
        for path in operations(self.verb, &self.data).filter_map(|operation| dialect::key(operation, "path"))
        {
            collect(path, Text::Path, &mut found);
        }
        found
    }

    /// Puts ids in the places of references. A bulkId that has none is 400 `invalidValue`.
    pub fn resolve(&mut self, id: &impl Fn(&str) -> Option<String>) -> Result<(), Error> {
        let resolved = |name: &str| {
            let detail = || format!("No POST of this request has the bulkId {name:?}");
            id(name).ok_or_else(|| Error::invalid_value(detail()))
        };
        if let Some(name) = reference(&self.id) {
            self.id = resolved(name)?;
        }
        let resource_type = self.resource_type;
        if self.verb == Verb::Patch {
            put_into_paths(&mut self.data, &resolved)?;
        }
        match &mut self.data {
            Value::Object(members) => members
                .iter_mut()
                .filter(|(name, _)| !is_read_only(resource_type, name))
                .try_for_each(|(_, value)| put(value, Text::Value, &resolved)),
            other => put(other, Text::Value, &resolved),
        }
    }
}

/// What is left out of a body anyway (`groups`) is no reference.
fn is_read_only(resource_type: &ResourceType, name: &str) -> bool {
    resource_type
        .top_level()
        .any(|attribute| attribute.is_read_only() && attribute.name.eq_ignore_ascii_case(name))
}

/// The operations of a PATCH, none of another request.
fn operations(verb: Verb, data: &Value) -> impl Iterator<Item = &crate::Object> {
    let members = data.as_object().filter(|_| verb == Verb::Patch);
    let operations = members.and_then(|members| dialect::key(members, "Operations")?.as_array());
    operations.into_iter().flatten().filter_map(Value::as_object)
}

fn put_into_paths(data: &mut Value, resolved: &impl Fn(&str) -> Result<String, Error>) -> Result<(), Error> {
    let operations = named(data.as_object_mut(), "Operations").filter_map(Value::as_array_mut);
    let operations = operations.flatten().map(Value::as_object_mut);
    let mut paths = operations.flat_map(|operation| named(operation, "path"));
    paths.try_for_each(|path| put(path, Text::Path, resolved))
}

/// What has this name, in any case.
fn named<'o>(object: Option<&'o mut crate::Object>, name: &str) -> impl Iterator<Item = &'o mut Value> {
    let members = object.into_iter().flatten();
    members.filter_map(move |(key, value)| key.eq_ignore_ascii_case(name).then_some(value))
}

/// The name in a text that is a reference and nothing else.
pub(super) fn reference(text: &str) -> Option<&str> {
    let (head, name) = text.split_at_checked(REFERENCE.len())?;
    head.eq_ignore_ascii_case(REFERENCE).then_some(name)
}

/// Where in a text references stand, one behind the other.
fn places(text: &str, what: Text) -> Vec<Range<usize>> {
    let from = |start: usize| std::iter::once(start..text.len()).collect();
    let mut places: Vec<Range<usize>> = match what {
        Text::Value => from(0),
        Text::Address => from(text.rfind('/').map_or(0, |slash| slash + 1)),
        Text::Path => quoted(text),
    };
    places.retain(|place| reference(&text[place.clone()]).is_some());
    places
}

/// What stands between quotes.
fn quoted(text: &str) -> Vec<Range<usize>> {
    let (mut found, mut open, mut escaped) = (Vec::new(), None, false);
    for (at, letter) in text.char_indices() {
        match (letter, open) {
            _ if escaped => escaped = false,
            ('\\', Some(_)) => escaped = true,
            ('"', None) => open = Some(at + 1),
            ('"', Some(start)) => {
                found.push(start..at);
                open = None;
            }
            _ => {}
        }
    }
    found
}

fn collect<'v>(value: &'v Value, what: Text, found: &mut Vec<&'v str>) {
    match value {
        Value::String(text) => {
            let places = places(text, what).into_iter();
            found.extend(places.filter_map(|place| reference(&text[place])));
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, what, found)),
        Value::Object(members) => members
            .iter()
            .for_each(|(name, value)| collect(value, within(name), found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn put(
    value: &mut Value,
    what: Text,
    resolved: &impl Fn(&str) -> Result<String, Error>,
) -> Result<(), Error> {
    match value {
        Value::String(text) => {
            for place in places(text, what).into_iter().rev() {
                if let Some(name) = reference(&text[place.clone()]) {
                    let id = resolved(name)?;
                    text.replace_range(place, &id);
                }
            }
            Ok(())
        }
        Value::Array(values) => values.iter_mut().try_for_each(|value| put(value, what, resolved)),
        Value::Object(members) => members
            .iter_mut()
            .try_for_each(|(name, value)| put(value, within(name), resolved)),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

fn within(name: &str) -> Text {
    if name.eq_ignore_ascii_case("$ref") {
        Text::Address
    } else {
        Text::Value
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ScimType;
    use crate::bulk::BulkRequest;
    use crate::discovery::BulkLimits;

    fn first(operation: Value) -> Request {
        let limits = BulkLimits {
            max_operations: 10,
            max_payload_size: 1_000,
        };
        let bulk = BulkRequest::parse(json!({ "Operations": [operation] }), limits).expect("a bulk request");
        bulk.operations[0].request.clone().expect("fine")
    }

    fn id(name: &str) -> Option<String> {
        (name != "nobody").then(|| format!("id-{name}"))
    }

    #[test]
    fn references_are_replaced_by_ids() {
        let mut request = first(
            json!({ "method": "PATCH", "path": "/Groups/bulkId:g", "data": { "Operations": [
            { "op": "add", "path": "members", "value": [{ "value": "bulkId:a" }, { "value": "7" }] },
            { "op": "replace", "path": "x", "value": "bulkId:b" },
        ] } }),
        );
        assert_eq!(request.references(), ["g", "a", "b"]);
        request.resolve(&id).expect("all known");
        assert_eq!(request.id, "id-g");
        assert_eq!(
            request.data["Operations"][0]["value"],
            json!([{ "value": "id-a" }, { "value": "7" }])
        );
        assert_eq!(request.data["Operations"][1]["value"], "id-b");
        let user = json!({ "method": "POST", "path": "/Users", "data": { "manager": { "value": "bulkId:nobody" } } });
        let error = first(user).resolve(&id).expect_err("unknown");
        assert_eq!(error.scim_type, Some(ScimType::InvalidValue));
        let ballast =
            json!({ "method": "POST", "path": "/Users", "data": { "Groups": [{ "value": "bulkId:g" }] } });
        assert!(first(ballast).references().is_empty());
    }

    #[test]
    fn references_in_paths() {
        for (path, names, resolved) in [
            (
                r#"members[value eq "bulkId:a"]"#,
                vec!["a"],
                r#"members[value eq "id-a"]"#,
            ),
            (
                r#"members[value eq "BULKID:a" or value eq "bulkId:bc"]"#,
                vec!["a", "bc"],
                r#"members[value eq "id-a" or value eq "id-bc"]"#,
            ),
            (
                r#"members[display eq "say \"bulkId:a\" or \\" and value eq "bulkId:b"]"#,
                vec!["b"],
                r#"members[display eq "say \"bulkId:a\" or \\" and value eq "id-b"]"#,
            ),
            (
                r#"members[display eq "x bulkId:a"]"#,
                vec![],
                r#"members[display eq "x bulkId:a"]"#,
            ),
            (
                r#"members[value eq "bulkId:a"#,
                vec![],
                r#"members[value eq "bulkId:a"#,
            ),
        ] {
            let data = json!({ "operations": [{ "op": "remove", "PATH": path }] });
            let mut request = first(json!({ "method": "PATCH", "path": "/Groups/7", "data": data }));
            assert_eq!(request.references(), names, "{path}");
            request.resolve(&id).expect("all known");
            assert_eq!(request.data["operations"][0]["PATH"], resolved);
        }
        let data = json!({ "path": "say \"bulkId:a\"" });
        let create = first(json!({ "method": "POST", "path": "/Users", "data": data }));
        assert!(create.references().is_empty(), "only a PATCH has paths");
    }

    #[test]
    fn references_in_addresses() {
        for (address, resolved) in [
            ("../Users/bulkId:a", "../Users/id-a"),
            (
                "https://x.example/v2/Users/bulkId:a",
                "https://x.example/v2/Users/id-a",
            ),
            ("bulkId:a", "id-a"),
            ("../Users/bulkId:a/photo", "../Users/bulkId:a/photo"),
        ] {
            let data = json!({ "members": [{ "value": "7", "$ref": address }] });
            let mut request = first(json!({ "method": "POST", "path": "/Groups", "data": data }));
            request.resolve(&id).expect("all known");
            assert_eq!(request.data["members"][0]["$ref"], resolved);
        }
    }
}
