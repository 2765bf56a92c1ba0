//! The element that a value filter describes: `emails[type eq "work"]` → `{"type": "work"}`.

use serde_json::Value;

use crate::Object;
use crate::filter::{Filter, Literal, Operator};
use crate::resource::coerce::{self, At};
use crate::schema::Attribute;

/// An element for which the filter holds; `None` unless the filter is made of `eq` and `and` alone.
pub(super) fn element(filter: &Filter, attribute: &Attribute) -> Option<Value> {
    if !attribute.is_complex() {
        return None;
    }
    let mut element = Object::new();
    gather(filter, attribute, &mut element)?;
    Some(Value::Object(element))
}

fn gather(filter: &Filter, attribute: &Attribute, element: &mut Object) -> Option<()> {
    match filter {
        Filter::And(parts) => parts.iter().try_for_each(|part| gather(part, attribute, element)),
        Filter::Compare {
            path,
            operator: Operator::Eq,
            value,
        } => {
            let sub = attribute
                .sub_attributes
                .iter()
                .find(|sub| path.is_plain(&sub.name))
                .filter(|sub| !sub.is_read_only())?;
            let value = match value {
                Literal::Boolean(boolean) => Value::Bool(*boolean),
                literal => Value::from(literal.as_text()?),
            };
            let value = coerce::attribute(value, sub, &At::top(&sub.name)).ok()?;
            if value.is_null() {
                return None;
            }
            match element.insert(sub.name.clone(), value.clone()) {
                Some(other) if other != value => None,
                _ => Some(()),
            }
        }
        _ => None,
    }
}
