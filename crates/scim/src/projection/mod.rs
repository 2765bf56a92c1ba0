//! Which attributes an answer holds (RFC 7644 §3.9 and §3.4.2.5, RFC 7643 §7 `returned`).

mod sent;

use std::borrow::Cow;

use serde_json::Value;

use crate::path::{self, AttributePath};
use crate::schema::{Attribute, ResourceType, Returned, Schema};
use crate::{Error, Object};

pub use sent::Sent;

/// Names in each of `attributes` and `excludedAttributes`, at most.
pub const MAX_NAMES: usize = 200;

/// `attributes` and `excludedAttributes` of a request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Projection {
    requested: Option<Vec<Name>>,
    excluded: Vec<Name>,
    sent: Sent,
}

/// A name in a list: a path, and the whole text in case it is a schema's URN.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Name {
    text: String,
    path: Option<AttributePath>,
}

/// How much of an attribute a list of names covers.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Cover<'n> {
    Nothing,
    Parts(Vec<&'n str>),
    Whole,
}

impl Projection {
    /// From the query's two parameters, names separated by commas. Names that no schema has are no error.
    pub fn parse(attributes: Option<&str>, excluded: Option<&str>) -> Result<Self, Error> {
        let requested = attributes
            .map(names)
            .transpose()?
            .filter(|names| !names.is_empty());
        Ok(Self {
            requested,
            excluded: excluded.map(names).transpose()?.unwrap_or_default(),
            sent: Sent::default(),
        })
    }

    /// The same for the answer to a request that wrote these attributes.
    #[must_use]
    pub fn after(self, sent: Sent) -> Self {
        Self { sent, ..self }
    }

    /// Whether the answer is everything that is returned by default.
    pub fn is_all(&self) -> bool {
        self.requested.is_none() && self.excluded.is_empty()
    }

    /// Whether an attribute of the core schema, or a part of it, will be in the answer: `groups`, `members`.
    pub fn wants(&self, attribute: &str) -> bool {
        let mentions = |name: &&Name| name.names(attribute) || name.is_core_schema();
        let excluded = self.excluded.iter().filter(mentions).any(|name| {
            name.path
                .as_ref()
                .is_none_or(|path| path.sub.is_none() || name.is_core_schema())
        });
        let requested = self
            .requested
            .as_ref()
            .is_none_or(|names| names.iter().any(|name| mentions(&name)));
        requested && !excluded
    }

    /// The resource with those attributes only. `schemas`, `id` and whatever else is returned always stay; what is
    /// never returned goes.
    pub fn apply(&self, object: &Object, resource_type: &ResourceType) -> Object {
        let mut projected = Object::new();
        for (key, value) in object {
            let value = match resource_type.extension(key) {
                Some(extension) => self.extension(value, extension),
                None => self.top_level(key, value, resource_type),
            };
            if let Some(value) = value {
                projected.insert(key.clone(), value);
            }
        }
        projected
    }

    /// What may be seen of the value under a key of a resource by whoever asks for it by name: all but what is hidden.
    pub fn visible<'v>(key: &str, value: &'v Value, resource_type: &ResourceType) -> Option<Cow<'v, Value>> {
        let shown = |sub: &Attribute| !sub.is_hidden();
        let seen = |attribute: &Attribute, value: &Value| {
            if attribute.is_hidden() {
                return None;
            }
            parts(value, attribute, &shown)
        };
        let Some(extension) = resource_type.extension(key) else {
            let attribute = resource_type.top_level().find(|one| one.name == key);
            return match attribute {
                Some(attribute) if attribute.is_hidden() => None,
                Some(attribute) if !keeps_all(value, attribute, &shown) => {
                    seen(attribute, value).map(Cow::Owned)
                }
                _ => Some(Cow::Borrowed(value)),
            };
        };
        let members = value.as_object()?;
        let is_seen = |(key, value): (&String, &Value)| {
            let attribute = extension.attribute(key);
            attribute.is_some_and(|one| !one.is_hidden() && keeps_all(value, one, &shown))
        };
        if !members.is_empty() && members.iter().all(is_seen) {
            return Some(Cow::Borrowed(value));
        }
        let members = members.iter().filter_map(|(key, value)| {
            let attribute = extension.attribute(key)?;
            Some((key.clone(), seen(attribute, value)?))
        });
        let members: Object = members.collect();
        (!members.is_empty()).then_some(Cow::Owned(Value::Object(members)))
    }

    fn top_level(&self, key: &str, value: &Value, resource_type: &ResourceType) -> Option<Value> {
        match resource_type
            .top_level()
            .find(|attribute| attribute.name.eq_ignore_ascii_case(key))
        {
            Some(attribute) => self.attribute(value, attribute, &resource_type.core, Place::Core),
            // Nothing of ours has such a name; with a list of names it was not asked for.
            None => self.requested.is_none().then(|| value.clone()),
        }
    }

    fn extension(&self, value: &Value, schema: &Schema) -> Option<Value> {
        let members = value.as_object()?;
        let mut projected = Object::new();
        for (key, value) in members {
            if let Some(attribute) = schema.attribute(key)
                && let Some(value) = self.attribute(value, attribute, schema, Place::Extension)
            {
                projected.insert(key.clone(), value);
            }
        }
        (!projected.is_empty()).then_some(Value::Object(projected))
    }

    fn attribute(
        &self,
        value: &Value,
        attribute: &Attribute,
        schema: &Schema,
        place: Place,
    ) -> Option<Value> {
        if attribute.is_hidden() {
            return None;
        }
        let requested = match &self.requested {
            Some(names) => cover(names, attribute, schema, place),
            None if attribute.returned == Returned::Request && !self.sent.holds(schema, attribute, None) => {
                Cover::Nothing
            }
            None => Cover::Whole,
        };
        let excluded = cover(&self.excluded, attribute, schema, place);
        let (requested, excluded) = match attribute.returned {
            Returned::Always => (requested.or_whole(), excluded.unless_whole()),
            _ => (requested, excluded),
        };
        if requested == Cover::Nothing || excluded == Cover::Whole {
            let always = |sub: &Attribute| sub.returned == Returned::Always && !sub.is_hidden();
            let has_such = attribute.sub_attributes.iter().any(always);
            return has_such.then(|| parts(value, attribute, &always)).flatten();
        }
        parts(value, attribute, &|sub| {
            !sub.is_hidden()
                && match sub.returned {
                    Returned::Never => false,
                    Returned::Always => true,
                    Returned::Default => requested.includes(&sub.name) && !excluded.names(&sub.name),
                    Returned::Request => {
                        let written =
                            || self.requested.is_none() && self.sent.holds(schema, attribute, Some(sub));
                        (requested.names(&sub.name) || written()) && !excluded.names(&sub.name)
                    }
                }
        })
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Core,
    Extension,
}

impl Name {
    fn names(&self, attribute: &str) -> bool {
        let Some(path) = &self.path else {
            return false;
        };
        let core = |urn: &str| {
            urn.eq_ignore_ascii_case(crate::schema::USER) || urn.eq_ignore_ascii_case(crate::schema::GROUP)
        };
        path.attribute.eq_ignore_ascii_case(attribute) && path.schema.as_deref().is_none_or(core)
    }

    fn is_core_schema(&self) -> bool {
        self.text.eq_ignore_ascii_case(crate::schema::USER)
            || self.text.eq_ignore_ascii_case(crate::schema::GROUP)
    }
}

impl Cover<'_> {
    fn or_whole(self) -> Self {
        if self == Self::Nothing { Self::Whole } else { self }
    }

    fn unless_whole(self) -> Self {
        if self == Self::Whole { Self::Nothing } else { self }
    }

    fn includes(&self, sub: &str) -> bool {
        *self == Cover::Whole || self.names(sub)
    }

    fn names(&self, sub: &str) -> bool {
        matches!(self, Cover::Parts(parts) if parts.iter().any(|part| part.eq_ignore_ascii_case(sub)))
    }
}

fn names(list: &str) -> Result<Vec<Name>, Error> {
    let names = || list.split(',').map(str::trim).filter(|name| !name.is_empty());
    // Each of them is compared with each attribute of each resource.
    if names().nth(MAX_NAMES).is_some() {
        return Err(Error::invalid_value(format!(
            "there are more than {MAX_NAMES} attribute names"
        )));
    }
    names()
        .map(|name| {
            let path = path::parse(&with_colon(name)).ok();
            if path.is_none() && !name.contains(':') {
                return Err(Error::invalid_value(format!("{name:?} is no attribute name")));
            }
            Ok(Name {
                text: name.to_owned(),
                path,
            })
        })
        .collect()
}

/// A name of a core attribute with a dot after the URN, as if it had a colon there.
fn with_colon(name: &str) -> Cow<'_, str> {
    for urn in [crate::schema::USER, crate::schema::GROUP] {
        if let Some((start, rest)) = name.split_at_checked(urn.len())
            && start.eq_ignore_ascii_case(urn)
            && let Some(attribute) = rest.strip_prefix('.')
        {
            return Cow::Owned(format!("{urn}:{attribute}"));
        }
    }
    Cow::Borrowed(name)
}

fn cover<'n>(names: &'n [Name], attribute: &Attribute, schema: &Schema, place: Place) -> Cover<'n> {
    let mut parts = Vec::new();
    for name in names {
        if name.text.eq_ignore_ascii_case(&schema.id) {
            return Cover::Whole;
        }
        let Some(path) = &name.path else {
            continue;
        };
        match part(path, attribute, schema, place) {
            Cover::Whole => return Cover::Whole,
            Cover::Parts(more) => parts.extend(more),
            Cover::Nothing => {}
        }
    }
    if parts.is_empty() {
        Cover::Nothing
    } else {
        Cover::Parts(parts)
    }
}

/// How much of the attribute one path covers.
fn part<'n>(path: &'n AttributePath, attribute: &Attribute, schema: &Schema, place: Place) -> Cover<'n> {
    // A plain name also finds an attribute of an extension, as it does in paths.
    let schema_fits = path
        .schema
        .as_deref()
        .is_none_or(|urn| urn.eq_ignore_ascii_case(&schema.id));
    if schema_fits && path.attribute.eq_ignore_ascii_case(&attribute.name) {
        return path
            .sub
            .as_deref()
            .map_or(Cover::Whole, |sub| Cover::Parts(vec![sub]));
    }
    match (place, path.schema.as_deref(), path.sub.as_deref()) {
        // A dot after the URN.
        (Place::Extension, Some(urn), Some(sub))
            if sub.eq_ignore_ascii_case(&attribute.name)
                && format!("{urn}:{}", path.attribute).eq_ignore_ascii_case(&schema.id) =>
        {
            Cover::Whole
        }
        _ => Cover::Nothing,
    }
}

/// The value with those sub-attributes only; `None` if nothing is left.
/// Whether [`parts`] leaves nothing of the value out.
fn keeps_all(value: &Value, attribute: &Attribute, keep: &dyn Fn(&Attribute) -> bool) -> bool {
    match value {
        _ if !attribute.is_complex() => true,
        Value::Array(values) => values.iter().all(|value| keeps_all(value, attribute, keep)),
        Value::Object(members) => {
            let kept = |name: &String| attribute.sub_attribute(name).is_some_and(keep);
            !members.is_empty() && members.keys().all(kept)
        }
        _ => true,
    }
}

fn parts(value: &Value, attribute: &Attribute, keep: &dyn Fn(&Attribute) -> bool) -> Option<Value> {
    match value {
        _ if !attribute.is_complex() => Some(value.clone()),
        Value::Array(values) => {
            let kept: Vec<Value> = values
                .iter()
                .filter_map(|value| parts(value, attribute, keep))
                .collect();
            (values.is_empty() || !kept.is_empty()).then_some(Value::Array(kept))
        }
        Value::Object(members) => {
            let kept: Object = members
                .iter()
                .filter(|(name, _)| attribute.sub_attribute(name).is_some_and(keep))
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect();
            (!kept.is_empty()).then_some(Value::Object(kept))
        }
        other => Some(other.clone()),
    }
}
