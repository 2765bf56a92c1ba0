//! ServiceProviderConfig, ResourceTypes, Schemas (RFC 7643 §5–7, RFC 7644 §4).

use serde_json::{Value, json};

use super::{ENTERPRISE, GROUP, USER};
use crate::client::{Client, SCIM};
use crate::on_both;
use crate::world::World;

on_both!(
    the_configuration,
    the_resource_types,
    the_schemas,
    filters_are_refused
);

const WEBEX: &str = "urn:scim:schemas:extension:cisco:webexidentity:2.0";

fn doors(world: &World) -> [Client; 2] {
    [world.plain.scim(), world.plain.identity()]
}

async fn the_configuration(world: &World) {
    for client in doors(world) {
        let answer = client.get("/ServiceProviderConfig").await;
        let config = answer.expect(200);
        assert_eq!(answer.header("content-type"), SCIM);
        assert_eq!(
            config["schemas"],
            json!(["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"])
        );
        assert_eq!(
            config["meta"]["location"],
            format!("{}/ServiceProviderConfig", client.url)
        );
        for (feature, supported) in [
            ("patch", true),
            ("filter", true),
            ("etag", true),
            ("bulk", false),
            ("sort", true),
            ("changePassword", false),
        ] {
            assert_eq!(config[feature]["supported"], supported, "{feature}");
        }
        assert_eq!(config["pagination"]["index"], true);
        assert_eq!(config["pagination"]["cursor"], true);
        assert_eq!(config["pagination"]["defaultPaginationMethod"], "index");
        assert_eq!(config["pagination"]["cursorTimeout"], 3_600);
        assert_eq!(
            config["pagination"]["maxPageSize"],
            config["filter"]["maxResults"]
        );
        assert_eq!(config["authenticationSchemes"][0]["type"], "oauthbearertoken");
    }
}

async fn the_resource_types(world: &World) {
    for client in doors(world) {
        let list = client.get("/ResourceTypes").await.expect(200);
        assert_eq!(list["totalResults"], 2);
        for (at, (name, endpoint, schema, extensions)) in [
            (
                "User",
                "/Users",
                USER,
                vec![ENTERPRISE.to_owned(), format!("{WEBEX}:User")],
            ),
            ("Group", "/Groups", GROUP, vec![format!("{WEBEX}:Group")]),
        ]
        .into_iter()
        .enumerate()
        {
            let one = client.get(&format!("/ResourceTypes/{name}")).await.expect(200);
            assert_eq!(list["Resources"][at], one);
            assert_eq!(
                (&one["name"], &one["endpoint"], &one["schema"]),
                (&json!(name), &json!(endpoint), &json!(schema))
            );
            assert_eq!(
                one["meta"]["location"],
                format!("{}/ResourceTypes/{name}", client.url)
            );
            let named: Vec<_> = one["schemaExtensions"]
                .as_array()
                .expect("extensions")
                .iter()
                .collect();
            let named: Vec<_> = named
                .iter()
                .map(|one| one["schema"].as_str().unwrap_or_default())
                .collect();
            assert_eq!(named, extensions);
            client.get(endpoint).await.expect(200);
        }
    }
}

async fn the_schemas(world: &World) {
    for client in doors(world) {
        let list = client.get("/Schemas").await.expect(200);
        let resources = list["Resources"].as_array().expect("Resources");
        assert_eq!(list["totalResults"], resources.len());
        let ids: Vec<_> = resources
            .iter()
            .map(|one| one["id"].as_str().unwrap_or_default())
            .collect();
        for urn in [
            USER,
            ENTERPRISE,
            GROUP,
            &format!("{WEBEX}:User"),
            &format!("{WEBEX}:Group"),
        ] {
            assert!(ids.contains(&urn), "{urn}");
        }
        for schema in resources {
            let urn = schema["id"].as_str().expect("an id");
            assert_eq!(
                schema["meta"]["location"],
                format!("{}/Schemas/{urn}", client.url)
            );
            assert_eq!(&client.get(&format!("/Schemas/{urn}")).await.expect(200), schema);
            assert_eq!(
                client
                    .get(&format!("/Schemas/{}", urn.to_uppercase()))
                    .await
                    .status,
                200
            );
            check_attributes(&schema["attributes"], urn);
        }
        assert!(!list.to_string().contains("null"), "Entra ID wants no nulls");
    }
}

/// RFC 7643 §7: what each attribute's definition has.
fn check_attributes(attributes: &Value, of: &str) {
    let attributes = attributes.as_array().expect("attributes");
    assert!(!attributes.is_empty(), "{of}");
    for attribute in attributes {
        let name = attribute["name"].as_str().expect("a name");
        for flag in ["multiValued", "required"] {
            assert!(attribute[flag].is_boolean(), "{of}:{name} {flag}");
        }
        for (member, known) in [
            (
                "mutability",
                &["readOnly", "readWrite", "immutable", "writeOnly"][..],
            ),
            ("returned", &["always", "never", "default", "request"]),
            ("uniqueness", &["none", "server", "global"]),
            (
                "type",
                &[
                    "string",
                    "boolean",
                    "decimal",
                    "integer",
                    "dateTime",
                    "reference",
                    "binary",
                    "complex",
                ],
            ),
        ] {
            assert!(
                attribute[member].as_str().is_some_and(|one| known.contains(&one)),
                "{of}:{name} {member}"
            );
        }
        if attribute["type"] == "complex" {
            check_attributes(&attribute["subAttributes"], &format!("{of}:{name}"));
        }
    }
}

async fn filters_are_refused(world: &World) {
    for path in ["/Schemas", "/ResourceTypes"] {
        let filtered = format!("{path}?filter=id eq \"x\"");
        world.plain.scim().get(&filtered).await.scim_error(403, "");
    }
}
