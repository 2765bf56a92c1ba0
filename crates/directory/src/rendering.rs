//! Between resources and what is stored of them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use base::canonical;
use scim::projection::Projection;
use scim::schema::Origin;
use scim::sort::ABSENT;
use scim::webex::ProvisionSource;
use scim::{Object, ResourceType};
use serde_json::Value;
use store::groups::Group;
use store::users::User;
use store::{Attribute, Key};

use crate::{Error, Source, domains};

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

/// The largest text that is stored of one resource, in bytes: half of what a page holds.
const LARGEST: usize = 2 << 20;

/// The text that is stored. Changes that fit one by one may come to more than there is room for.
pub fn render(object: &Object) -> Result<String, Error> {
    let text = serde_json::to_string(object).unwrap_or_default();
    if text.len() <= LARGEST {
        return Ok(text);
    }
    let detail = format!(
        "The resource would have {} bytes then; it can have up to {LARGEST}",
        text.len()
    );
    Err(Error::Scim(scim::Error::invalid_value(detail)))
}

/// How much of a value an index holds, in bytes: PostgreSQL's entries have up to 2,700. Whatever is looked up is
/// shortened alike, and then compared whole.
pub const INDEXED: usize = scim::sort::COMPARED;

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

/// The values by which a user is found and sorted besides the userName, in canonical form: for each attribute by which
/// people are sorted exactly one.
pub fn keys(user: &Object, kind: &ResourceType) -> Vec<Key> {
    let emails = user.get("emails").and_then(Value::as_array);
    let emails = emails.map(Vec::as_slice).unwrap_or_default();
    let main = sorted_by(emails).map(canonical::email);
    let mut keys = vec![
        sort_key(
            Attribute::ExternalId,
            text(user, "externalId").map(ToOwned::to_owned),
        ),
        sort_key(
            Attribute::DisplayName,
            text(user, "displayName").map(canonical::text),
        ),
        sort_key(Attribute::Email, main.clone()),
    ];
    let others = emails.iter().filter_map(address).map(canonical::email);
    keys.extend(
        others
            .filter(|other| Some(other) != main.as_ref())
            .map(|other| key(Attribute::OtherEmail, other)),
    );
    keys.extend(domains::of_person(user).map(|domain| key(Attribute::Domain, domain)));
    keys.extend(schema_keys(user, kind));
    keys.sort();
    keys.dedup();
    keys
}

/// The index entries of a stored User, which follow from the document; unless another release has made them.
pub fn known_keys(user: &User, document: &Object, kind: &ResourceType) -> Option<Vec<Key>> {
    (user.rendering == RENDERING).then(|| keys(document, kind))
}

/// The values by which a group is found and sorted.
pub fn group_keys(group: &Object, kind: &ResourceType) -> Vec<Key> {
    let mut keys = vec![
        sort_key(
            Attribute::ExternalId,
            text(group, "externalId").map(ToOwned::to_owned),
        ),
        sort_key(
            Attribute::DisplayName,
            text(group, "displayName").map(canonical::text),
        ),
    ];
    keys.extend(schema_keys(group, kind));
    keys
}

fn sort_key(attribute: Attribute, canonical: Option<String>) -> Key {
    key(attribute, canonical.unwrap_or_else(|| ABSENT.to_owned()))
}

fn text<'o>(object: &'o Object, name: &str) -> Option<&'o str> {
    object
        .get(name)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
}

/// The address that counts when people are sorted by `emails`: the primary one, or else the first.
fn sorted_by(emails: &[Value]) -> Option<&str> {
    let mut primary = emails.iter().filter(|email| email["primary"] == true);
    primary
        .find_map(address)
        .or_else(|| emails.iter().find_map(address))
}

fn address(email: &Value) -> Option<&str> {
    email["value"].as_str().filter(|address| !address.is_empty())
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

/// Where a person comes from, in Webex's words: by which door the name came in.
pub fn user_source(user: &User) -> Option<ProvisionSource> {
    source_of("userName", &user.provenance)
}

/// The same for a group.
pub fn group_source(group: &Group) -> Option<ProvisionSource> {
    source_of("displayName", &group.provenance)
}

fn source_of(attribute: &str, provenance: &str) -> Option<ProvisionSource> {
    // Names of attributes and doors need no escapes.
    let came_by_scim = format!("\"{attribute}\":\"{}\"", Source::Scim.name());
    provenance
        .contains(&came_by_scim)
        .then_some(ProvisionSource::Scim)
}

/// One attribute that a change touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Touched<'o> {
    pub attribute: &'o str,
    pub old: Option<&'o Value>,
    pub new: Option<&'o Value>,
}

/// What a change did.
pub fn touched<'o>(before: &'o Object, after: &'o Object) -> Vec<Touched<'o>> {
    let names = after
        .keys()
        .chain(before.keys().filter(|name| !after.contains_key(*name)));
    names
        .filter(|name| *name != "schemas")
        .map(|name| Touched {
            attribute: name,
            old: before.get(name),
            new: after.get(name),
        })
        .filter(|one| one.old != one.new)
        .collect()
}

/// Adds attributes that a change has written, whatever came of it.
pub fn touch<'o>(
    touched: &mut Vec<Touched<'o>>,
    attributes: &'o [String],
    before: &'o Object,
    after: &'o Object,
) {
    for attribute in attributes {
        if !touched.iter().any(|one| one.attribute == attribute) {
            touched.push(Touched {
                attribute,
                old: before.get(attribute),
                new: after.get(attribute),
            });
        }
    }
}

impl<'o> Touched<'o> {
    /// The old and the new value as they may be shown: without what nobody may learn.
    pub fn visible(&self, kind: &ResourceType) -> (Cow<'o, Value>, Cow<'o, Value>) {
        let seen = |value: Option<&'o Value>| {
            let seen = value.and_then(|value| Projection::visible(self.attribute, value, kind));
            seen.unwrap_or(Cow::Owned(Value::Null))
        };
        (seen(self.old), seen(self.new))
    }
}

/// What a change did, as it is shown to people.
pub fn differences(touched: &[Touched<'_>], kind: &ResourceType) -> Vec<Difference> {
    let shown = |one: &Touched<'_>| {
        let (old, new) = one.visible(kind);
        Difference {
            attribute: one.attribute.to_owned(),
            old: old.into_owned(),
            new: new.into_owned(),
        }
    };
    touched.iter().map(shown).collect()
}

/// One attribute that differs.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Difference {
    pub attribute: String,
    pub old: Value,
    pub new: Value,
}
