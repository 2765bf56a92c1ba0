//! What a client has sent: an attribute that is returned on `request` is also returned to whoever has just written it
//! (RFC 7643 §7).

use serde_json::Value;

use crate::patch::PatchRequest;
use crate::resource::key_target;
use crate::schema::{Attribute, AttributeTarget, ResourceType, Schema, Target};
use crate::{Object, dialect};

/// The attributes and sub-attributes that a request speaks of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sent(Vec<Place>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    schema: String,
    attribute: String,
    sub: Option<String>,
}

impl Sent {
    /// Those in the body of a POST, PUT or PATCH, as far as it can be read.
    pub fn of_body(body: &Value, resource_type: &ResourceType) -> Self {
        let mut sent = Self::default();
        let Value::Object(members) = body else {
            return sent;
        };
        if dialect::key(members, "Operations").is_none() {
            sent.note_members(members, resource_type);
            return sent;
        }
        let operations = PatchRequest::parse(body.clone()).map(|request| request.operations);
        for operation in operations.unwrap_or_default() {
            let target = operation
                .path
                .as_ref()
                .map(|path| resource_type.resolve_path(path));
            match (target, operation.value.as_ref()) {
                (None, Some(Value::Object(members))) => sent.note_members(members, resource_type),
                (Some(Some(target)), value) => sent.note(target, value, resource_type),
                _ => {}
            }
        }
        sent
    }

    /// Under which keys of a resource anything is written that nobody may learn, or that holds such a thing.
    pub fn hidden(&self, resource_type: &ResourceType) -> Vec<String> {
        let mut keys = Vec::new();
        for place in &self.0 {
            let of_core = place.schema == resource_type.core.id;
            let schema = if of_core {
                Some(&resource_type.core)
            } else {
                resource_type.extension(&place.schema)
            };
            let Some(attribute) = schema.and_then(|schema| schema.attribute(&place.attribute)) else {
                continue;
            };
            let hides = attribute.is_hidden()
                || match &place.sub {
                    Some(name) => attribute.sub_attribute(name).is_some_and(Attribute::is_hidden),
                    None => attribute.sub_attributes.iter().any(Attribute::is_hidden),
                };
            let key = if of_core { &attribute.name } else { &place.schema };
            if hides && !keys.contains(key) {
                keys.push(key.clone());
            }
        }
        keys
    }

    /// Whether the attribute is among them, or the sub-attribute of it.
    pub(super) fn holds(&self, schema: &Schema, attribute: &Attribute, sub: Option<&Attribute>) -> bool {
        self.0.iter().any(|place| {
            place.schema == schema.id
                && place.attribute == attribute.name
                && sub.is_none_or(|sub| place.sub.as_ref() == Some(&sub.name))
        })
    }

    fn note_members(&mut self, members: &Object, resource_type: &ResourceType) {
        for (key, value) in members {
            if let Some(target) = key_target(key, resource_type) {
                self.note(target, Some(value), resource_type);
            }
        }
    }

    fn note(&mut self, target: Target<'_>, value: Option<&Value>, resource_type: &ResourceType) {
        match (target, value) {
            (Target::Schema(schema), Some(Value::Object(members))) => {
                // A schema within a schema there is not.
                for (key, value) in members {
                    let target = resource_type.resolve(Some(&schema.id), key, None);
                    if let Some(Target::Attribute(target)) = target {
                        self.note_attribute(&target, Some(value), resource_type);
                    }
                }
            }
            (Target::Schema(_), _) => {}
            (Target::Attribute(target), value) => self.note_attribute(&target, value, resource_type),
        }
    }

    fn note_attribute(
        &mut self,
        target: &AttributeTarget<'_>,
        value: Option<&Value>,
        resource_type: &ResourceType,
    ) {
        let schema = target.extension.unwrap_or(&resource_type.core);
        let mut add = |sub: Option<&Attribute>| {
            self.0.push(Place {
                schema: schema.id.clone(),
                attribute: target.attribute.name.clone(),
                sub: sub.map(|sub| sub.name.clone()),
            });
        };
        if target.sub.is_some() {
            return add(target.sub);
        }
        add(None);
        let elements = match value {
            Some(Value::Array(elements)) => elements.as_slice(),
            Some(single) => std::slice::from_ref(single),
            None => &[],
        };
        for members in elements.iter().filter_map(Value::as_object) {
            members
                .keys()
                .filter_map(|name| target.attribute.sub_attribute(name))
                .for_each(|sub| add(Some(sub)));
        }
    }
}
