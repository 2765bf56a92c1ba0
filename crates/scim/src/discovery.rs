//! What the service says about itself (RFC 7643 §5–7, RFC 7644 §4, RFC 9865 §2).

use serde_json::{Value, json};

use crate::message;
use crate::schema::{self, Attribute, Kind, ResourceType, ResourceTypes, Schema};

/// What the service can do, and its limits.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a `supported` of the document"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Features {
    pub patch: bool,
    pub bulk: Option<BulkLimits>,
    /// Resources on one page at most.
    pub max_results: u64,
    /// Resources on a page when the client does not say.
    pub default_page_size: u64,
    pub change_password: bool,
    pub sort: bool,
    pub etag: bool,
    /// Paging by cursor (RFC 9865), each of which is good for so many seconds; by index there always is.
    pub cursor_timeout: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BulkLimits {
    pub max_operations: u64,
    /// In bytes.
    pub max_payload_size: u64,
}

impl Default for Features {
    fn default() -> Self {
        Self {
            patch: true,
            bulk: None,
            max_results: 1_000,
            default_page_size: 100,
            change_password: true,
            sort: false,
            etag: true,
            cursor_timeout: None,
        }
    }
}

/// For whom the schemas are published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Audience {
    #[default]
    Everyone,
    /// Entra ID's "Test schema" refuses `password` and the `display` of e-mail addresses.
    EntraId,
}

/// `/ServiceProviderConfig`. The base URL has no slash at its end.
pub fn service_provider_config(base_url: &str, features: &Features) -> Value {
    let base_url = base_url.trim_end_matches('/');
    let bulk = features.bulk.unwrap_or(BulkLimits {
        max_operations: 0,
        max_payload_size: 0,
    });
    let mut pagination = json!({
        "cursor": features.cursor_timeout.is_some(),
        "index": true,
        "defaultPaginationMethod": "index",
        "defaultPageSize": features.default_page_size,
        "maxPageSize": features.max_results,
    });
    if let Some(seconds) = features.cursor_timeout {
        pagination["cursorTimeout"] = seconds.into();
    }
    json!({
        "schemas": [schema::SERVICE_PROVIDER_CONFIG],
        "patch": {"supported": features.patch},
        "bulk": {
            "supported": features.bulk.is_some(),
            "maxOperations": bulk.max_operations,
            "maxPayloadSize": bulk.max_payload_size,
        },
        "filter": {"supported": true, "maxResults": features.max_results},
        "changePassword": {"supported": features.change_password},
        "sort": {"supported": features.sort},
        "etag": {"supported": features.etag},
        "pagination": pagination,
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "OAuth bearer token",
            "description": "A token of the organization, sent in the Authorization header",
            "specUri": "https://www.rfc-editor.org/rfc/rfc6750",
            "primary": true,
        }],
        "meta": {
            "resourceType": "ServiceProviderConfig",
            "location": format!("{base_url}/ServiceProviderConfig"),
        },
    })
}

/// `/ResourceTypes`
pub fn resource_types(base_url: &str, types: &ResourceTypes) -> Value {
    let types = types.all().into_iter();
    list(types.map(|kind| describe_type(base_url, kind)).collect())
}

/// `/ResourceTypes/{id}`
pub fn resource_type(base_url: &str, types: &ResourceTypes, id: &str) -> Option<Value> {
    let kind = types.all().into_iter().find(|kind| kind.id == id)?;
    Some(describe_type(base_url, kind))
}

/// `/Schemas`
pub fn schemas(base_url: &str, types: &ResourceTypes, audience: Audience) -> Value {
    list(
        served(types)
            .map(|schema| describe_schema(base_url, schema, audience))
            .collect(),
    )
}

/// `/Schemas/{urn}`, in any case
pub fn schema(base_url: &str, types: &ResourceTypes, urn: &str, audience: Audience) -> Option<Value> {
    let schema = served(types).find(|schema| schema.id.eq_ignore_ascii_case(urn))?;
    Some(describe_schema(base_url, schema, audience))
}

fn served(types: &ResourceTypes) -> impl Iterator<Item = &Schema> {
    types.all().into_iter().flat_map(ResourceType::schemas)
}

fn list(resources: Vec<Value>) -> Value {
    message::list_response(resources.len() as u64, 1, resources)
}

fn describe_type(base_url: &str, kind: &ResourceType) -> Value {
    let extensions: Vec<Value> = kind
        .extensions
        .iter()
        .map(|extension| json!({"schema": extension.schema.id, "required": extension.required}))
        .collect();
    json!({
        "schemas": [schema::RESOURCE_TYPE],
        "id": kind.id,
        "name": kind.id,
        "endpoint": kind.endpoint,
        "description": kind.description,
        "schema": kind.core.id,
        "schemaExtensions": extensions,
        "meta": {
            "resourceType": "ResourceType",
            "location": format!("{}/ResourceTypes/{}", base_url.trim_end_matches('/'), kind.id),
        },
    })
}

fn describe_schema(base_url: &str, schema: &Schema, audience: Audience) -> Value {
    let attributes: Vec<Value> = schema
        .attributes
        .iter()
        .filter(|attribute| audience == Audience::Everyone || attribute.name != "password")
        .map(|attribute| describe_attribute(attribute, audience))
        .collect();
    json!({
        "schemas": [schema::SCHEMA],
        "id": schema.id,
        "name": schema.name,
        "description": schema.description,
        "attributes": attributes,
        "meta": {
            "resourceType": "Schema",
            "location": format!("{}/Schemas/{}", base_url.trim_end_matches('/'), schema.id),
        },
    })
}

/// The RFC's members only: which of them there are depends on the type (RFC 7643 §7).
fn describe_attribute(attribute: &Attribute, audience: Audience) -> Value {
    let mut described = json!({
        "name": attribute.name,
        "type": attribute.kind,
        "multiValued": attribute.multi_valued,
        "description": attribute.description,
        "required": attribute.required,
        "mutability": attribute.mutability,
        "returned": attribute.returned,
        "uniqueness": attribute.uniqueness,
    });
    if !matches!(attribute.kind, Kind::Boolean | Kind::Complex) {
        described["caseExact"] = attribute.case_exact.into();
    }
    if !attribute.canonical_values.is_empty() {
        described["canonicalValues"] = attribute.canonical_values.clone().into();
    }
    if attribute.kind == Kind::Reference {
        described["referenceTypes"] = attribute.reference_types.clone().into();
    }
    if attribute.is_complex() {
        let subs: Vec<Value> = attribute
            .sub_attributes
            .iter()
            .filter(|sub| {
                audience == Audience::Everyone || attribute.name != "emails" || sub.name != "display"
            })
            .map(|sub| describe_attribute(sub, audience))
            .collect();
        described["subAttributes"] = subs.into();
    }
    described
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "https://hub.example/v1/scim/o";

    fn types() -> &'static ResourceTypes {
        ResourceTypes::built_in()
    }

    #[test]
    fn every_document_says_where_it_is() {
        let config = service_provider_config(BASE, &Features::default());
        assert_eq!(
            config["meta"]["location"],
            format!("{BASE}/ServiceProviderConfig")
        );
        for list in [
            resource_types(BASE, types()),
            schemas(BASE, types(), Audience::Everyone),
        ] {
            let resources = list["Resources"].as_array().expect("resources");
            assert_eq!(list["totalResults"], resources.len());
            for resource in resources {
                let location = resource["meta"]["location"].as_str().expect("a location");
                let id = resource["id"].as_str().expect("an id");
                assert!(location.ends_with(id), "{location}");
                assert!(resource["meta"]["resourceType"].is_string());
            }
        }
    }

    #[test]
    fn one_is_the_same_as_in_the_list() {
        assert_eq!(
            resource_type(BASE, types(), "Group").as_ref(),
            resource_types(BASE, types())["Resources"].get(1)
        );
        assert_eq!(resource_type(BASE, types(), "Robot"), None);
        let user = schema(BASE, types(), &schema::USER.to_uppercase(), Audience::Everyone);
        assert_eq!(
            user.as_ref(),
            schemas(BASE, types(), Audience::Everyone)["Resources"].get(0)
        );
        assert_eq!(schema(BASE, types(), "urn:x", Audience::Everyone), None);
    }

    #[test]
    fn limits_are_those_of_the_features() {
        let features = Features {
            bulk: Some(BulkLimits {
                max_operations: 10,
                max_payload_size: 2_000,
            }),
            cursor_timeout: Some(600),
            ..Features::default()
        };
        let config = service_provider_config(BASE, &features);
        assert_eq!(
            config["bulk"],
            json!({"supported": true, "maxOperations": 10, "maxPayloadSize": 2_000})
        );
        assert_eq!(config["pagination"]["cursor"], true);
        let plain = service_provider_config(BASE, &Features::default());
        assert_eq!(plain["bulk"]["supported"], false);
    }

    #[test]
    fn entra_id_is_spared_what_it_refuses() {
        let names = |audience: Audience| {
            let user = schema(BASE, types(), schema::USER, audience).expect("the schema");
            user.to_string()
        };
        assert!(names(Audience::Everyone).contains("\"password\""));
        assert!(!names(Audience::EntraId).contains("\"password\""));
        let user = schema(BASE, types(), schema::USER, Audience::EntraId).expect("the schema");
        let attributes = user["attributes"].as_array().expect("attributes");
        let emails = attributes
            .iter()
            .find(|attribute| attribute["name"] == "emails")
            .expect("emails");
        assert!(!emails.to_string().contains("display"));
    }

    #[test]
    fn attributes_hold_no_nulls() {
        assert!(
            !schemas(BASE, types(), Audience::Everyone)
                .to_string()
                .contains("null")
        );
    }
}
