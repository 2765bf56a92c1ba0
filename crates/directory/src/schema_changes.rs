//! What has changed of a schema of the organization's own, for the event that tells of it.

use std::collections::BTreeMap;

use scim::schema::Schema;
use serde_json::{Value, json};

use crate::Kind;

/// A schema, whom it extends, and whether all of them must have it.
pub type Side<'s> = (&'s Schema, Kind, bool);

/// Each part that differs, an attribute whole. No side: it was not there, or is gone.
pub fn changes(before: Option<Side<'_>>, after: Option<Side<'_>>) -> Vec<Value> {
    let (before, after) = (before.map(parts), after.map(parts));
    let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
    let mut fields: Vec<_> = before.keys().chain(after.keys()).collect();
    fields.sort();
    fields.dedup();
    fields
        .into_iter()
        .filter(|field| before.get(*field) != after.get(*field))
        .map(|field| json!({ "field": field, "from": before.get(field), "to": after.get(field) }))
        .collect()
}

fn parts((schema, kind, required): Side<'_>) -> BTreeMap<String, Value> {
    let kind = match kind {
        Kind::User => "User",
        Kind::Group => "Group",
    };
    let whole = [
        ("name", json!(schema.name)),
        ("description", json!(schema.description)),
        ("resource_type", json!(kind)),
        ("required", json!(required)),
    ];
    let attributes = schema
        .attributes
        .iter()
        .map(|attribute| (format!("attribute {}", attribute.name), json!(attribute)));
    let whole = whole.map(|(name, value)| (name.to_owned(), value));
    whole.into_iter().chain(attributes).collect()
}
