//! A person and a group to try things on.

use std::sync::LazyLock;

use scim::resource::{self, Mode};
use scim::schema::{ENTERPRISE_USER, WEBEX_GROUP, WEBEX_USER};
use scim::{Object, ResourceType};
use serde_json::{Value, json};

/// As it is stored.
pub(crate) static PERSON: LazyLock<Object> = LazyLock::new(|| {
    stored(
        json!({
            "userName": "Anna@Example.com",
            "externalId": "701984",
            "displayName": "Anna Straße",
            "name": { "familyName": "Straße", "givenName": "Anna" },
            "active": true,
            "emails": [
                { "type": "work", "value": "anna@example.com", "primary": true },
                { "type": "home", "value": "anna@home.example" },
            ],
            "phoneNumbers": [{ "type": "work", "value": "+46 8 1234567" }],
            "addresses": [{ "type": "work", "country": "SE", "locality": "Malmö" }],
            "roles": [{ "value": "25", "display": "Reader", "primary": true }],
            ENTERPRISE_USER: { "department": "Research", "manager": { "value": "271", "$ref": "../Users/271" } },
            WEBEX_USER: {
                "accountStatus": ["active", "pending"],
                "loginIds": [{ "value": "anna", "type": "uid" }],
            },
        }),
        ResourceType::user(),
    )
});

/// As it is stored: without members.
pub(crate) static GROUP: LazyLock<Object> = LazyLock::new(|| {
    stored(
        json!({ "displayName": "Staff", "externalId": "g-1", WEBEX_GROUP: { "usage": "policy" } }),
        ResourceType::group(),
    )
});

fn stored(body: Value, resource_type: &ResourceType) -> Object {
    resource::read(body, resource_type, Mode::Create).expect("a resource")
}

/// Both, with what the service adds on the way out.
pub(crate) fn both() -> [(Object, &'static ResourceType); 2] {
    let (mut person, mut group) = (PERSON.clone(), GROUP.clone());
    let groups = json!([{ "value": "018f-7", "display": "Staff", "type": "direct" }]);
    person.insert("groups".to_owned(), groups);
    let members = json!([{ "value": "018f-1", "display": "Anna", "type": "User" }]);
    group.insert("members".to_owned(), members);
    for (id, kind, object) in [("018f-1", "User", &mut person), ("018f-7", "Group", &mut group)] {
        object.insert("id".to_owned(), id.into());
        let meta = json!({
            "resourceType": kind, "version": "W/\"3\"",
            "created": "2026-01-01T00:00:00Z", "lastModified": "2026-03-01T12:00:00.5Z",
        });
        object.insert("meta".to_owned(), meta);
    }
    [(person, ResourceType::user()), (group, ResourceType::group())]
}
