//! The protocol core as its callers see it.

mod characteristics;
mod every_characteristic;
mod fixtures;
mod grammar;
mod models;
mod parts;
mod parts_of_many;
mod patch;
mod patch_members;
mod patch_multi_valued;
mod patch_properties;
mod projection;
mod read;
mod robustness;

use scim::Object;
use serde_json::Value;

/// The members of a JSON object.
fn object(value: Value) -> Object {
    match value {
        Value::Object(object) => object,
        other => panic!("no object: {other}"),
    }
}
