//! What a group document must look like: RFC 7643 §4.2.

use serde_json::Value;

use super::Object;
use super::protocol::Refusal;
use super::users::require_schema;

pub(super) const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

pub(super) fn check(document: &Object) -> Result<Object, Refusal> {
    require_schema(document, GROUP)?;
    let mut kept = Object::new();
    for (key, value) in document {
        match key.as_str() {
            "schemas" => {
                kept.insert(key.clone(), value.clone());
            }
            "displayName" | "externalId" if value.is_string() => {
                kept.insert(key.clone(), value.clone());
            }
            "displayName" | "externalId" if value.is_null() => {}
            "displayName" | "externalId" => {
                return Err(Refusal::invalid_value(format!("{key} must be a string")));
            }
            "members" => {
                kept.insert(key.clone(), members(value)?);
            }
            urn if urn.starts_with("urn:") => {
                kept.insert(key.clone(), value.clone());
            }
            _ => {}
        }
    }
    match kept.get("displayName").and_then(Value::as_str) {
        Some(name) if !name.is_empty() => Ok(kept),
        _ => Err(Refusal::invalid_value("displayName is required")),
    }
}

/// Each member once.
fn members(value: &Value) -> Result<Value, Refusal> {
    let wrong = || Refusal::invalid_value("members must be a list of objects with a value");
    let mut kept: Vec<Value> = Vec::new();
    for member in value.as_array().ok_or_else(wrong)? {
        let id = member.get("value").and_then(Value::as_str).ok_or_else(wrong)?;
        if !kept.iter().any(|known| known["value"] == id) {
            kept.push(member.clone());
        }
    }
    Ok(Value::Array(kept))
}
