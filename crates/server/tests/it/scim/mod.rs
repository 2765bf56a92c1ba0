//! The SCIM service.

mod announced;
mod bulk;
mod characteristics;
mod conformance;
mod control_characters;
mod cost;
mod cursors;
mod discovery;
mod entra_id;
mod errors;
mod exchanges;
mod filters;
mod groups;
mod jump_cloud;
mod limits;
mod lists;
mod me;
mod mixed;
mod nesting;
mod netting;
mod okta;
mod own_schemas;
mod patch;
mod projection;
mod query_plans;
mod random_members;
mod search;
mod sorting;
mod users;
mod versions;
mod webex;
mod webex_clients;
mod webex_errors;

use base::Timestamp;
use serde_json::{Value, json};

use crate::client::{Client, encoded};

pub(crate) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub(crate) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
pub(crate) const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

/// A PatchOp message.
pub(crate) fn patch_op(operations: Value) -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations })
}

/// Creates a person and answers the resource.
pub(crate) async fn hire(client: &Client, user: &Value) -> Value {
    client.post("/Users", user).await.expect(201)
}

/// Creates a group and answers the resource.
pub(crate) async fn found(client: &Client, group: &Value) -> Value {
    client.post("/Groups", group).await.expect(201)
}

pub(crate) fn id(resource: &Value) -> &str {
    resource["id"].as_str().expect("ids are strings")
}

/// As a time: as texts times are not in order.
pub(crate) fn modified(resource: &Value) -> Timestamp {
    let text = resource["meta"]["lastModified"].as_str().expect("a time");
    text.parse().expect("RFC 3339")
}

/// Where a resource is, below the base: `/Users/{id}`.
pub(crate) fn place(resource: &Value) -> String {
    let kind = resource["meta"]["resourceType"]
        .as_str()
        .expect("a resource type");
    format!("/{kind}s/{}", id(resource))
}

/// The userNames (or the display names of groups) that a filter finds, in their order.
pub(crate) async fn names(client: &Client, kind: &str, filter: &str) -> Vec<String> {
    let list = client.get(&format!("/{kind}?filter={}", encoded(filter))).await;
    let list = list.expect(200);
    let names: Vec<String> = list["Resources"]
        .as_array()
        .expect("Resources")
        .iter()
        .map(|one| {
            one.get("userName")
                .unwrap_or(&one["displayName"])
                .as_str()
                .expect("a name")
                .to_owned()
        })
        .collect();
    assert_eq!(list["totalResults"], names.len(), "{filter}");
    names
}
