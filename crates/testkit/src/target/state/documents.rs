//! What the target shows of itself and of a resource.

use serde_json::{Value, json};

use super::super::behaviour::Options;
use super::super::groups::GROUP;
use super::super::protocol::list;
use super::super::request::Query;
use super::super::users::USER;
use super::{Kind, Object, State};

impl State {
    pub(super) fn service_provider_config(&self) -> Value {
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
            "patch": {"supported": self.options.patch},
            "bulk": self.options.bulk.config(),
            "filter": {"supported": true, "maxResults": self.options.page_size},
            "changePassword": {"supported": false},
            "sort": {"supported": false},
            "etag": {"supported": true},
            "pagination": {"cursor": self.options.cursors, "index": true},
            "authenticationSchemes": [
                {"type": "oauthbearertoken", "name": "Bearer token", "description": "RFC 6750"},
            ],
        })
    }
}

pub(super) fn render(kind: Kind, base: &str, id: &str, resource: &Object, query: &Query) -> Value {
    let mut rendered = Object::new();
    rendered.insert("id".to_owned(), id.into());
    for (key, value) in resource {
        let named = |names: &[String]| {
            names.iter().any(|name| {
                name.split('.')
                    .next()
                    .is_some_and(|name| name.eq_ignore_ascii_case(key))
            })
        };
        let wanted = key == "schemas" || query.attributes.as_deref().is_none_or(named);
        if wanted && !named(&query.excluded) && key != "password" {
            rendered.insert(key.clone(), value.clone());
        }
    }
    if let Some(Value::Object(meta)) = rendered.get_mut("meta") {
        meta.insert(
            "resourceType".to_owned(),
            kind.endpoint().trim_end_matches('s').into(),
        );
        meta.insert(
            "location".to_owned(),
            format!("{base}/{}/{id}", kind.endpoint()).into(),
        );
    }
    Value::Object(rendered)
}

pub(super) fn resource_types(base: &str, options: &Options) -> Value {
    let known = if options.denies_groups { 1 } else { 2 };
    let kinds = [("User", USER), ("Group", GROUP)].into_iter().take(known);
    let kinds = kinds.map(|(name, schema)| {
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
            "id": name, "name": name, "endpoint": format!("/{name}s"), "schema": schema,
            "meta": {"resourceType": "ResourceType", "location": format!("{base}/ResourceTypes/{name}")},
        })
    });
    list(known, 1, kinds.collect())
}

/// The schemas, as far as they say that attributes are read-only.
pub(super) fn schemas(read_only: &[String]) -> Value {
    let attributes: Vec<_> = read_only
        .iter()
        .map(|name| json!({"name": name, "mutability": "readOnly"}))
        .collect();
    let schema = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
        "id": USER, "name": "User", "attributes": attributes,
    });
    let known = if attributes.is_empty() {
        Vec::new()
    } else {
        vec![schema]
    };
    list(known.len(), 1, known)
}
