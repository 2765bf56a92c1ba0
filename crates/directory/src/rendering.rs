//! Between resources and what is stored of them.

use std::collections::BTreeMap;

use base::canonical;
use scim::projection::Projection;
use scim::schema::Origin;
use scim::{Object, ResourceType};
use serde_json::Value;
use store::groups::Group;
use store::users::User;
use store::{Attribute, Key};

use crate::{Error, Source};

/// The shape of stored documents; a later release that renders differently counts up and rewrites older ones.
pub const RENDERING: i64 = 1;

/// Which attribute came by which door.
pub type Provenance = BTreeMap<String, String>;

/// A stored User as an object: without id, meta and groups.
pub fn document(user: &User) -> Result<Object, Error> {
    serde_json::from_str(&user.doc).map_err(|_| Error::Damaged { id: user.id.into() })
}

/// A stored Group as an object: without id, meta and members.
pub fn group_document(group: &Group) -> Result<Object, Error> {
    serde_json::from_str(&group.doc).map_err(|_| Error::Damaged { id: group.id.into() })
}

/// The text that is stored.
pub fn render(object: &Object) -> String {
    serde_json::to_string(object).unwrap_or_default()
}

/// How much of a value an index holds, in bytes: PostgreSQL's entries have up to 2,700. Whatever is looked up is
/// shortened alike, and then compared whole.
pub const INDEXED: usize = 512;

/// A canonical value as an index holds it.
pub fn indexed(mut value: String) -> String {
    value.truncate(value.floor_char_boundary(INDEXED));
    value
}

/// An entry of an index.
pub fn key(attribute: Attribute, canonical: impl Into<String>) -> Key {
    Key::new(attribute, indexed(canonical.into()))
}

/// The entry under which resources with values of a schema are found.
pub fn schema_key(urn: &str) -> Key {
    key(Attribute::Schema, urn.to_ascii_lowercase())
}

/// Those of the organization's own schemas of which a resource has values.
pub fn schema_keys(resource: &Object, kind: &ResourceType) -> impl Iterator<Item = Key> {
    kind.extensions
        .iter()
        .filter(|extension| extension.origin == Origin::Organization)
        .map(|extension| extension.schema.id.as_str())
        .filter(|urn| resource.contains_key(*urn))
        .map(schema_key)
}

/// The values under which a user is found besides the userName, in canonical form.
pub fn keys(user: &Object, kind: &ResourceType) -> Vec<Key> {
    let text = |name: &str| {
        user.get(name)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    };
    let mut keys = Vec::new();
    keys.extend(text("externalId").map(|id| key(Attribute::ExternalId, id)));
    keys.extend(text("displayName").map(|name| key(Attribute::DisplayName, canonical::text(name))));
    let emails = user.get("emails").and_then(Value::as_array).into_iter().flatten();
    let addresses = emails.filter_map(|email| email["value"].as_str());
    keys.extend(addresses.map(|address| key(Attribute::Email, canonical::email(address))));
    keys.extend(schema_keys(user, kind));
    keys.sort();
    keys.dedup();
    keys
}

/// Notes the door for every attribute that a change touched.
pub fn trace(provenance: &str, before: &Object, after: &Object, source: Source) -> String {
    let mut known: Provenance = serde_json::from_str(provenance).unwrap_or_default();
    known.retain(|name, _| after.contains_key(name));
    for (name, value) in after {
        if name != "schemas" && before.get(name) != Some(value) {
            known.insert(name.clone(), source.name().to_owned());
        }
    }
    serde_json::to_string(&known).unwrap_or_default()
}

/// What a change did, as events and logs show it: attribute, old and new value.
pub fn differences(before: &Object, after: &Object) -> Vec<Difference> {
    let names = after
        .keys()
        .chain(before.keys().filter(|name| !after.contains_key(*name)));
    names
        .filter(|name| *name != "schemas" && before.get(*name) != after.get(*name))
        .map(|name| Difference {
            attribute: name.clone(),
            old: before.get(name).cloned().unwrap_or_default(),
            new: after.get(name).cloned().unwrap_or_default(),
        })
        .collect()
}

/// The same as it may be shown: without the values that nobody may learn.
pub fn visible(differences: &[Difference], kind: &ResourceType) -> Vec<Difference> {
    let seen = |name: &str, value: &Value| Projection::visible(name, value, kind).unwrap_or_default();
    differences
        .iter()
        .map(|one| Difference {
            attribute: one.attribute.clone(),
            old: seen(&one.attribute, &one.old),
            new: seen(&one.attribute, &one.new),
        })
        .collect()
}

/// One attribute that differs.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Difference {
    pub attribute: String,
    pub old: Value,
    pub new: Value,
}
