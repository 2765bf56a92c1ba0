//! Bodies of POST and PUT (RFC 7644 §3.3, §3.5.1).

use base::Timestamp;
use scim::projection::Projection;
use scim::resource::{self, Meta, Mode};
use scim::{Object, message};
use serde_json::Value;

use crate::sample;

/// What was read reads as itself, also after a GET; put in the place of itself it changes nothing.
///
/// # Panics
/// If one of these does not hold.
pub fn resource(data: &[u8]) {
    let Ok(body) = message::parse(data) else {
        return;
    };
    let _ = resource::take_members(&mut body.clone());
    for (stored, resource_type) in sample::both() {
        let Ok(read) = resource::read(body.clone(), resource_type, Mode::Create) else {
            continue;
        };
        let again = resource::read(Value::Object(read.clone()), resource_type, Mode::Replace);
        assert_eq!(again.as_ref(), Ok(&read), "what was read reads as itself");
        let shown = shown(&read);
        let again = resource::read(Value::Object(shown), resource_type, Mode::Replace);
        assert_eq!(again.as_ref(), Ok(&read), "so it does with what a GET adds");
        let put = resource::replace(&read, read.clone(), resource_type);
        assert_eq!(put.as_ref(), Ok(&read), "put in the place of itself");
        let _ = resource::replace(&stored, read.clone(), resource_type);
        Projection::default().apply(&read, resource_type);
    }
}

/// As a GET shows it.
fn shown(read: &Object) -> Object {
    let meta = Meta {
        resource_type: "User",
        created: Timestamp::from_micros(0),
        last_modified: Timestamp::from_micros(1),
        location: "https://hub.example/Users/\"1\"".to_owned(),
        version: resource::etag(1),
    };
    let document = Value::Object(read.clone()).to_string();
    let text = resource::splice(&document, "1", &meta, &[("groups", "[]")]);
    let shown: Object = serde_json::from_str(&text).expect("JSON");
    for (name, value) in read {
        assert_eq!(shown.get(name), Some(value), "nothing is lost");
    }
    shown
}
