//! People, made by number.

use serde_json::{Value, json};

pub(crate) fn user(number: usize) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": format!("person{number:06}@example.com"),
        "displayName": format!("Person {number}"),
        "name": {"givenName": "Person", "familyName": format!("Number-{number}")},
        "active": true,
        "title": "Engineer",
        "emails": [{"type": "work", "value": format!("person{number:06}@example.com"), "primary": true}],
        "phoneNumbers": [{"type": "work", "value": format!("+49 89 {number:07}")}],
        "addresses": [{"type": "work", "country": "DE", "locality": "München", "postalCode": "80331"}],
    })
}

/// The same people as a file to import, with SCIM's names.
pub(crate) fn csv(count: usize) -> String {
    let header = "userPrincipalName,displayName,surname,givenName,jobTitle,usageLocation,city,accountEnabled"
        .to_owned();
    let row = |number| {
        format!(
            "person{number:06}@example.com,Person {number},Number-{number},Person,Engineer,DE,München,True"
        )
    };
    let mut lines: Vec<String> = std::iter::once(header).chain((0..count).map(row)).collect();
    lines.push(String::new());
    lines.join("\n")
}
