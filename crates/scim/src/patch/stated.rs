//! Values that a request states without a part that they must have (RFC 7643 §2.2), and of which nothing else is left.
//!
//! Those that it clears, part by part with `""` or `null`, are meant to go.

use serde_json::Value;

use super::values::is_hollow;
use crate::resource::coerce::{self, At};
use crate::schema::Attribute;
use crate::{Error, dialect};

/// Such values among all that are given for an attribute. They were like that before, or are refused as a create
/// refuses them.
pub(super) fn lacking(value: &Value, before: &[Value], attribute: &Attribute) -> Result<Vec<Value>, Error> {
    let mut found = Vec::new();
    if required(attribute).next().is_none() || dialect::is_no_value(value) {
        return Ok(found);
    }
    let at = At::top(&attribute.name);
    for said in dialect::several(value.clone()) {
        let said = coerce::element(said, attribute, &at)?;
        let stated = coerce::without_nulls(said.clone());
        if !before.contains(&stated) {
            refuse_hollow(&stated, &said, attribute)?;
        } else if is_hollow(&stated) && unsaid(&stated, &said, attribute).is_some() {
            found.push(stated);
        }
    }
    Ok(found)
}

/// Refuses a new value that would be hollow without being cleared.
pub(super) fn refuse_hollow(value: &Value, said: &Value, attribute: &Attribute) -> Result<(), Error> {
    if !is_hollow(value) {
        return Ok(());
    }
    match unsaid(value, said, attribute) {
        None => Ok(()),
        Some(sub) => Err(Error::invalid_value(format!(
            "{}.{} is required",
            attribute.name, sub.name
        ))),
    }
}

/// What the value must have and does not, unless the request says that it has none.
fn unsaid<'a>(value: &Value, said: &Value, attribute: &'a Attribute) -> Option<&'a Attribute> {
    let is_cleared = |name: &str| said.get(name) == Some(&Value::Null);
    let cleared = is_cleared("value") || required(attribute).any(|sub| is_cleared(&sub.name));
    if cleared || !value.is_object() {
        return None;
    }
    required(attribute).find(|sub| value.get(&sub.name).is_none())
}

fn required(attribute: &Attribute) -> impl Iterator<Item = &Attribute> {
    attribute
        .sub_attributes
        .iter()
        .filter(|sub| sub.required && !sub.is_read_only())
}
