//! Schemas that an organization adds (RFC 7643 §7).

use scim::resource::{self, Mode};
use scim::schema::{Extension, Origin, definition, refuse_incompatible};
use scim::{ResourceType, message};
use serde_json::{Value, json};

/// What is taken can be served and taken again, is compatible with itself, and resources can be read with it.
///
/// # Panics
/// If one of these does not hold.
pub fn schema(data: &[u8]) {
    let Ok(body) = message::parse(data) else {
        return;
    };
    let Ok(schema) = definition::read(&body) else {
        return;
    };
    let written = serde_json::to_value(&schema).expect("JSON");
    assert_eq!(definition::read(&written).as_ref(), Ok(&schema));
    assert_eq!(refuse_incompatible(&schema, &schema), Ok(()));
    let urn = schema.id.clone();
    let parts: scim::Object = schema
        .attributes
        .iter()
        .map(|attribute| (attribute.name.clone(), Value::from("7")))
        .collect();
    let users = ResourceType::user().extended([Extension {
        schema,
        required: false,
        origin: Origin::Organization,
    }]);
    let user = json!({ "userName": "anna", urn: parts });
    if let Ok(read) = resource::read(user, &users, Mode::Create) {
        let again = resource::read(Value::Object(read.clone()), &users, Mode::Replace);
        assert_eq!(again, Ok(read), "what was read reads as itself");
    }
}
