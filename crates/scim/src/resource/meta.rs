//! What the service adds to a stored document on its way out: `id`, `meta`, and what is kept elsewhere.

use base::Timestamp;
use serde_json::{Value, json};

use crate::Object;

/// A resource's metadata (RFC 7643 §3.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meta {
    pub resource_type: &'static str,
    pub created: Timestamp,
    pub last_modified: Timestamp,
    pub location: String,
    /// As in the ETag; [`etag`] makes it of a version's number.
    pub version: String,
}

impl Meta {
    pub fn to_json(&self) -> Value {
        json!({
            "resourceType": self.resource_type,
            "created": self.created.to_string(),
            "lastModified": self.last_modified.to_string(),
            "location": self.location,
            "version": self.version,
        })
    }
}

/// The ETag of a version: `W/"3"`.
pub fn etag(version: u64) -> String {
    format!("W/\"{version}\"")
}

/// Puts `id` and `meta` into a resource, for filters and projections that speak of them.
pub fn set_meta(object: &mut Object, id: &str, meta: &Meta) {
    object.shift_insert(0, "id".into(), id.into());
    object.insert("meta".into(), meta.to_json());
}

/// The same on a stored document's text, without parsing it. `extra` are names with values that are JSON already
/// (`groups`, `members`).
pub fn splice(doc: &str, id: &str, meta: &Meta, extra: &[(&str, &str)]) -> String {
    let body = doc.trim();
    let body = body.strip_prefix('{').unwrap_or(body);
    let body = body.strip_suffix('}').unwrap_or(body).trim();
    let more: usize = extra
        .iter()
        .map(|(name, value)| name.len() + value.len() + 4)
        .sum();
    let mut text = String::with_capacity(body.len() + id.len() + meta.location.len() + more + 224);
    text.push_str("{\"id\":");
    push_string(&mut text, id);
    if !body.is_empty() {
        text.push(',');
        text.push_str(body);
    }
    for (name, value) in extra {
        text.push(',');
        push_string(&mut text, name);
        text.push(':');
        text.push_str(value);
    }
    text.push_str(",\"meta\":{\"resourceType\":");
    push_string(&mut text, meta.resource_type);
    text.push_str(",\"created\":\"");
    text.push_str(&meta.created.to_string());
    text.push_str("\",\"lastModified\":\"");
    text.push_str(&meta.last_modified.to_string());
    text.push_str("\",\"location\":");
    push_string(&mut text, &meta.location);
    text.push_str(",\"version\":");
    push_string(&mut text, &meta.version);
    text.push_str("}}");
    text
}

fn push_string(text: &mut String, string: &str) {
    if !string.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        text.push_str(&Value::from(string).to_string());
        return;
    }
    text.push('"');
    let mut rest = string;
    while let Some(at) = rest.find(['"', '\\']) {
        text.push_str(&rest[..at]);
        text.push('\\');
        text.push_str(&rest[at..=at]);
        rest = &rest[at + 1..];
    }
    text.push_str(rest);
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_tree_are_the_same() {
        let meta = Meta {
            resource_type: "User",
            created: Timestamp::from_micros(1_764_000_000_000_000),
            last_modified: Timestamp::from_micros(1_764_000_000_250_000),
            location: "https://hub.example/v1/scim/o/Users/\"1\"\\2".into(),
            version: etag(3),
        };
        for doc in ["{}", "{\"userName\":\"änna\"}", " {\"a\":{\"b\":1}} "] {
            let text = splice(doc, "1", &meta, &[("groups", "[{\"value\":\"7\"}]")]);
            let text: Object = serde_json::from_str(&text).expect("JSON");
            let mut tree: Object = serde_json::from_str(doc).expect("JSON");
            tree.insert("groups".into(), json!([{"value": "7"}]));
            set_meta(&mut tree, "1", &meta);
            assert_eq!(text, tree);
            assert_eq!(text["meta"]["version"], "W/\"3\"");
        }
    }
}
