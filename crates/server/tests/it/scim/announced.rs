//! What the service says of itself, taken at its word: every flag and every limit of ServiceProviderConfig (RFC 7643 §5,
//! RFC 9865 §4) is tried, at the limit and one beyond; whatever ResourceTypes and Schemas name is there.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use super::{hire, patch_op, place};
use crate::client::{Client, encoded};
use crate::endpoints::NOBODY;
use crate::on_both;
use crate::world::World;

on_both!(the_configuration_is_true, the_resource_types_are_true);

/// What is announced, by the path of its name: `bulk.maxOperations`.
fn announced(config: &Value) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    for (name, value) in config.as_object().expect("an object") {
        match value {
            _ if ["schemas", "meta"].contains(&name.as_str()) => {}
            Value::Object(members) => {
                all.extend(
                    members
                        .iter()
                        .map(|(member, value)| (format!("{name}.{member}"), value.clone())),
                );
            }
            value => all.push((name.clone(), value.clone())),
        }
    }
    all
}

async fn the_configuration_is_true(world: &World) {
    let doors = [world.plain.scim(), world.plain.identity()];
    let config = doors[0].get("/ServiceProviderConfig").await.expect(200);
    let most = number(&config["pagination"]["maxPageSize"]);
    people(&doors[0], most).await;
    for scim in &doors {
        let config = scim.get("/ServiceProviderConfig").await.expect(200);
        let announced = announced(&config);
        assert!(announced.len() > 14, "{announced:?}");
        for (name, value) in announced {
            try_out(world, scim, &name, &value).await;
        }
    }
}

async fn try_out(world: &World, scim: &Client, name: &str, value: &Value) {
    match name {
        "patch.supported" => can_patch(scim, value).await,
        "bulk.supported" => assert_eq!(bulk(scim, 1).await, 200, "{value}"),
        "bulk.maxOperations" => {
            assert_eq!(bulk(scim, number(value)).await, 200);
            assert_eq!(bulk(scim, number(value) + 1).await, 413);
        }
        "bulk.maxPayloadSize" => {
            assert_eq!(payload(scim, number(value)).await, 200);
            assert_eq!(payload(scim, number(value) + 1).await, 413);
        }
        "filter.supported" => {
            let found = page(scim, "filter=userName+eq+%22p00007%22").await;
            assert_eq!((&found["totalResults"], value), (&json!(1), &json!(true)));
        }
        "filter.maxResults" => {
            for count in [number(value), number(value) + 1] {
                let found = page(scim, &format!("count={count}&filter=userName+pr")).await;
                assert_eq!(&found["itemsPerPage"], value);
                assert!(number(&found["totalResults"]) > number(value));
            }
        }
        "changePassword.supported" => keeps_no_password(scim, value).await,
        "sort.supported" => can_sort(scim, value).await,
        "etag.supported" => has_versions(scim, value).await,
        "pagination.index" => {
            let (first, second) = (
                page(scim, "count=2").await,
                page(scim, "count=1&startIndex=2").await,
            );
            assert_eq!(first["Resources"][1], second["Resources"][0], "{value}");
        }
        "pagination.cursor" => {
            let first = page(scim, "count=2&cursor=").await;
            let next = first["nextCursor"].as_str().expect("a cursor");
            let second = page(scim, &format!("count=2&cursor={next}")).await;
            let four = page(scim, "count=4").await;
            let both = [&first, &second].map(|page| page["Resources"].as_array().expect("Resources").clone());
            assert_eq!(json!(both.concat()), four["Resources"], "{value}");
        }
        "pagination.defaultPaginationMethod" => {
            let plain = page(scim, "count=2").await;
            let by_index = plain.get("startIndex").is_some() && plain.get("nextCursor").is_none();
            assert!(by_index && value == "index", "{value}: {plain}");
        }
        "pagination.defaultPageSize" => {
            for query in ["", "cursor="] {
                assert_eq!(&page(scim, query).await["itemsPerPage"], value, "{query}");
            }
        }
        "pagination.maxPageSize" => {
            for query in ["", "&cursor="] {
                for count in [number(value), number(value) + 1] {
                    let found = page(scim, &format!("count={count}{query}")).await;
                    assert_eq!(&found["itemsPerPage"], value, "{query}");
                }
            }
        }
        "pagination.cursorTimeout" => cursors_last(world, scim, number(value)).await,
        "authenticationSchemes" => takes_only(world, scim, value).await,
        other => panic!("{other} is announced, and nobody tries it"),
    }
}

fn number(value: &Value) -> usize {
    let number = value.as_u64().unwrap_or_else(|| panic!("a number, not {value}"));
    usize::try_from(number).expect("a small number")
}

async fn page(scim: &Client, query: &str) -> Value {
    scim.get(&format!("/Users?{query}")).await.expect(200)
}

/// So many people, and the administrator.
async fn people(scim: &Client, count: usize) {
    let create = |number| {
        json!({ "method": "POST", "path": "/Users", "bulkId": format!("{number}"),
            "data": { "userName": format!("p{number:05}") } })
    };
    let operations: Vec<_> = (0..count).map(create).collect();
    scim.post("/Bulk", &json!({ "Operations": operations }))
        .await
        .expect(200);
}

async fn bulk(scim: &Client, operations: usize) -> u16 {
    let delete = json!({ "method": "DELETE", "path": format!("/Users/{NOBODY}") });
    let answer = scim
        .post("/Bulk", &json!({ "Operations": vec![delete; operations] }))
        .await;
    if answer.status == 200 {
        assert_eq!(
            answer.json()["Operations"].as_array().map(Vec::len),
            Some(operations)
        );
    } else {
        answer.scim_error(413, "");
    }
    answer.status
}

/// A bulk request of just so many bytes.
async fn payload(scim: &Client, bytes: usize) -> u16 {
    let mut body =
        json!({ "Operations": [{ "method": "DELETE", "path": format!("/Users/{NOBODY}") }] }).to_string();
    body.extend(std::iter::repeat_n(' ', bytes - body.len()));
    let answer = scim
        .call(http::Method::POST, "/Bulk")
        .body("application/scim+json", body)
        .send()
        .await;
    if answer.status != 200 {
        answer.scim_error(413, "");
    }
    answer.status
}

async fn somebody(scim: &Client) -> Value {
    page(scim, "filter=userName+eq+%22p00007%22").await["Resources"][0].clone()
}

async fn can_patch(scim: &Client, announced: &Value) {
    let path = place(&somebody(scim).await);
    let title = format!("At {}", scim.url.len());
    let change = patch_op(json!([{ "op": "replace", "path": "title", "value": title }]));
    scim.patch(&path, &change).await.expect(200);
    assert_eq!(scim.get(&path).await.expect(200)["title"], title, "{announced}");
}

/// A password is taken, and nothing is different afterwards.
async fn keeps_no_password(scim: &Client, announced: &Value) {
    let before = somebody(scim).await;
    let change = patch_op(json!([{ "op": "replace", "path": "password", "value": "t1meOut!" }]));
    let changed = scim.patch(&place(&before), &change).await.expect(200);
    assert_eq!((announced, &changed), (&json!(false), &before));
}

async fn can_sort(scim: &Client, announced: &Value) {
    let names = |page: Value| -> Vec<String> {
        let people = page["Resources"].as_array().expect("Resources").iter();
        people
            .map(|one| one["userName"].as_str().expect("a name").to_owned())
            .collect()
    };
    let mut down = names(page(scim, "sortBy=userName&sortOrder=descending&count=1000").await);
    assert!(down.is_sorted_by(|one, next| one > next), "{announced}");
    let up = names(page(scim, "sortBy=userName&count=1").await);
    down.truncate(1);
    assert!(up < down);
}

async fn has_versions(scim: &Client, announced: &Value) {
    let path = place(&somebody(scim).await);
    let read = scim.get(&path).await;
    let tag = read.header("etag");
    assert_eq!(read.json()["meta"]["version"], tag, "{announced}");
    let again = scim.call(http::Method::GET, &path).header("if-none-match", tag);
    assert_eq!(again.send().await.status, 304);
    for (tag, status) in [("W/\"99\"", 412), (tag, 200)] {
        let same = patch_op(json!([{ "op": "replace", "path": "nickName", "value": "x" }]));
        let call = scim
            .call(http::Method::PATCH, &path)
            .header("if-match", tag)
            .json(&same);
        assert_eq!(call.send().await.status, status, "{tag}");
    }
}

async fn cursors_last(world: &World, scim: &Client, seconds: usize) {
    let first = page(scim, "count=2&cursor=").await;
    let next = first["nextCursor"].as_str().expect("a cursor");
    let path = format!("/Users?count=2&cursor={next}");
    let nearly = Duration::from_secs(seconds as u64 - 5);
    world.clock.advance(nearly);
    scim.get(&path).await.expect(200);
    world.clock.advance(Duration::from_secs(5));
    scim.get(&path).await.scim_error(400, "expiredCursor");
}

async fn takes_only(world: &World, scim: &Client, schemes: &Value) {
    let types: Vec<_> = schemes
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| &one["type"])
        .collect();
    assert_eq!(types, [&json!("oauthbearertoken")]);
    scim.get("/Users?count=0").await.expect(200);
    let path = scim.url.replace(&world.address, "");
    for scheme in ["Basic", "Digest", "OAuth"] {
        let call = world.nobody().call(http::Method::GET, &format!("{path}/Users"));
        let answer = call
            .header("authorization", &format!("{scheme} {}", world.plain.token))
            .send()
            .await;
        answer.scim_error(401, "");
        assert!(
            answer.header("www-authenticate").starts_with("Bearer "),
            "{scheme}"
        );
    }
}

async fn the_resource_types_are_true(world: &World) {
    for scim in [world.plain.scim(), world.plain.identity()] {
        let served = scim.get("/Schemas").await.expect(200);
        let served: BTreeSet<_> = resources(&served).map(|schema| text(&schema["id"])).collect();
        let types = scim.get("/ResourceTypes").await.expect(200);
        let mut named = BTreeSet::new();
        for kind in resources(&types) {
            let extensions = kind["schemaExtensions"].as_array().expect("extensions");
            named.insert(text(&kind["schema"]));
            named.extend(extensions.iter().map(|one| text(&one["schema"])));
            let endpoint = text(&kind["endpoint"]);
            scim.get(&endpoint).await.expect(200);
            scim.post(&format!("{endpoint}/.search"), &json!({}))
                .await
                .expect(200);
            let mut body = json!({ "userName": "x", "displayName": "x", "schemas": [kind["schema"]] });
            assert!(extensions.iter().all(|one| one["required"] == false), "{kind}");
            body["externalId"] = scim.url.clone().into();
            let made = if endpoint == "/Users" {
                hire(&scim, &body).await
            } else {
                scim.post(&endpoint, &body).await.expect(201)
            };
            assert_eq!(made["meta"]["resourceType"], kind["name"]);
            let location = format!("{}{endpoint}/{}", scim.url, text(&made["id"]));
            assert_eq!(made["meta"]["location"], location);
            let filter = encoded(&format!(
                "{}:externalId eq \"{}\"",
                text(&kind["schema"]),
                scim.url
            ));
            let found = scim.get(&format!("{endpoint}?filter={filter}")).await.expect(200);
            assert_eq!(found["totalResults"], 1, "an attribute by its schema's name");
            scim.delete(&place(&made)).await.expect(204);
        }
        assert_eq!(named, served);
        for urn in served {
            scim.get(&format!("/Schemas/{urn}")).await.expect(200);
        }
    }
}

fn resources(list: &Value) -> impl Iterator<Item = &Value> {
    list["Resources"].as_array().expect("Resources").iter()
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}
