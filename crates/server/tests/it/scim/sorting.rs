//! Sorting (RFC 7644 §3.4.2.3).

use serde_json::{Value, json};

use super::{ENTERPRISE, found, hire};
use crate::client::{Client, encoded};
use crate::on_both;
use crate::world::World;

on_both!(
    people,
    with_filter_and_pages,
    groups,
    by_what_is_kept_elsewhere,
    what_is_refused
);

/// Three people beside the admin, whose name is `admin@northwind.example`.
async fn three(scim: &Client) {
    for person in [
        json!({ "userName": "bert", "title": "Engineer", "active": true, "externalId": "b",
            "emails": [{ "value": "z@x.example" }, { "value": "c@x.example", "primary": true }],
            (ENTERPRISE): { "department": "Sales" } }),
        json!({ "userName": "Cleo", "title": "architect", "active": false, "externalId": "B",
            "emails": [{ "value": "A@x.example" }] }),
        json!({ "userName": "dora", "active": true,
            "emails": [{ "value": "b@x.example" }],
            (ENTERPRISE): { "department": "art" } }),
    ] {
        hire(scim, &person).await;
    }
}

/// First letters of the names, in their order.
fn letters(list: &Value) -> String {
    let name = |one: &Value| {
        let name = one["userName"].as_str().or(one["displayName"].as_str());
        name.and_then(|name| name.chars().next()).expect("a name")
    };
    list["Resources"]
        .as_array()
        .expect("Resources")
        .iter()
        .map(name)
        .collect()
}

async fn sorted(client: &Client, query: &str) -> String {
    letters(&client.get(query).await.expect(200))
}

async fn people(world: &World) {
    three(&world.plain.scim()).await;
    for client in [world.plain.scim(), world.plain.identity()] {
        for (by, ascending) in [
            ("userName", "abCd"),
            ("USERNAME", "abCd"),
            ("urn:ietf:params:scim:schemas:core:2.0:User:userName", "abCd"),
            // Who has no title comes last; among them the order is that of the ids.
            ("title", "Cbad"),
            ("externalId", "Cbad"),
            ("active", "Cabd"),
            ("department", "dbaC"),
            ("id", "abCd"),
            ("meta.created", "abCd"),
            ("shoeSize", "abCd"),
            ("password", "abCd"),
        ] {
            assert_eq!(
                sorted(&client, &format!("/Users?sortBy={by}")).await,
                ascending,
                "{by}"
            );
            let query = format!("/Users?sortBy={by}&sortOrder=descending");
            let descending: String = ascending.chars().rev().collect();
            assert_eq!(sorted(&client, &query).await, descending, "{by} descending");
        }
        let emails = sorted(
            &client,
            "/Users?sortBy=emails.value&filter=emails.value ew \"@x.example\"",
        )
        .await;
        assert_eq!(emails, "Cdb", "the primary address counts, or else the first");
    }
}

async fn with_filter_and_pages(world: &World) {
    let scim = world.plain.scim();
    three(&scim).await;
    let filter = encoded("active eq true");
    for (start, expected) in [(1, "db"), (3, "a"), (4, "")] {
        let query = format!(
            "/Users?filter={filter}&sortBy=userName&sortOrder=descending&startIndex={start}&count=2&attributes=userName"
        );
        let list = scim.get(&query).await.expect(200);
        assert_eq!(letters(&list), expected);
        assert_eq!(
            (&list["totalResults"], &list["startIndex"]),
            (&json!(3), &json!(start))
        );
    }
    let none = scim.get("/Users?sortBy=userName&count=0").await.expect(200);
    assert_eq!(
        (&none["totalResults"], &none["Resources"]),
        (&json!(4), &json!([]))
    );
    let changed = json!({ "Operations": [{ "op": "replace", "path": "title", "value": "Boss" }] });
    let list = scim.get("/Users?filter=userName eq \"bert\"").await.expect(200);
    scim.patch(&super::place(&list["Resources"][0]), &changed)
        .await
        .expect(200);
    assert_eq!(
        sorted(
            &scim,
            "/Users?sortBy=meta.lastModified&sortOrder=descending&count=1"
        )
        .await,
        "b"
    );
}

async fn groups(world: &World) {
    let scim = world.plain.scim();
    for (name, external) in [
        ("beta", json!("1")),
        ("Alpha", json!(null)),
        ("gamma", json!("0")),
    ] {
        found(&scim, &json!({ "displayName": name, "externalId": external })).await;
    }
    for (query, expected) in [
        ("sortBy=displayName", "Abg"),
        ("sortBy=displayName&sortOrder=Descending", "gbA"),
        ("sortBy=externalId", "gbA"),
        ("sortBy=externalId&sortOrder=descending", "Abg"),
        ("sortBy=displayName&filter=displayName ne \"beta\"", "Ag"),
        ("sortBy=displayName&startIndex=2&count=1", "b"),
    ] {
        assert_eq!(
            sorted(&scim, &format!("/Groups?{query}")).await,
            expected,
            "{query}"
        );
    }
}

async fn by_what_is_kept_elsewhere(world: &World) {
    let scim = world.plain.scim();
    let bert = hire(&scim, &json!({ "userName": "bert" })).await;
    let cleo = hire(&scim, &json!({ "userName": "cleo" })).await;
    for (name, member) in [("Z", &bert), ("Y", &cleo)] {
        let group = json!({ "displayName": name, "members": [{ "value": member["id"] }] });
        found(&scim, &group).await;
    }
    assert_eq!(sorted(&scim, "/Users?sortBy=groups.display").await, "cba");
    assert_eq!(sorted(&scim, "/Groups?sortBy=members.value").await, "ZY");
    assert_eq!(
        sorted(&scim, "/Groups?sortBy=members.display&sortOrder=descending").await,
        "YZ"
    );
}

async fn what_is_refused(world: &World) {
    let scim = world.plain.scim();
    for (query, said) in [
        ("/Users?sortBy=name", "name.formatted"),
        ("/Users?sortBy=name..x", "sortBy"),
        ("/Users?sortBy=userName&sortOrder=up", "sortOrder"),
        ("/Groups?sortBy=meta", "meta.resourceType"),
    ] {
        let detail = scim.get(query).await.scim_error(400, "invalidValue");
        assert!(detail.contains(said), "{detail}");
    }
}
