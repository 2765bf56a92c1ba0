//! Lists and their pages (RFC 7644 §3.4.2.4).

use serde_json::{Value, json};

use super::{found, hire, id};
use crate::client::Client;
use crate::on_both;
use crate::world::World;

on_both!(
    the_envelope,
    pages,
    odd_pages,
    what_is_no_number,
    the_largest_page
);

/// Seven people besides the admin, in their order.
async fn seven(scim: &Client) -> Vec<String> {
    let admin = scim.get("/Users").await.expect(200);
    let mut ids = vec![id(&admin["Resources"][0]).to_owned()];
    for number in 1..=7 {
        ids.push(id(&hire(scim, &json!({ "userName": format!("person{number}") })).await).to_owned());
    }
    ids
}

fn ids(list: &Value) -> Vec<&str> {
    list["Resources"]
        .as_array()
        .expect("Resources")
        .iter()
        .map(id)
        .collect()
}

async fn the_envelope(world: &World) {
    let scim = world.webex.scim();
    let list = scim.get("/Users").await.expect(200);
    assert_eq!(
        list["schemas"],
        json!(["urn:ietf:params:scim:api:messages:2.0:ListResponse"])
    );
    assert_eq!(
        (&list["totalResults"], &list["startIndex"], &list["itemsPerPage"]),
        (&json!(1), &json!(1), &json!(1))
    );
    assert_eq!(
        list["Resources"][0]["userName"], "admin@hub.example",
        "the admin is the first user"
    );
    let empty = scim.get("/Groups").await.expect(200);
    assert_eq!(
        (&empty["totalResults"], &empty["itemsPerPage"]),
        (&json!(0), &json!(0))
    );
    assert_eq!(
        empty["Resources"],
        json!([]),
        "no match is an empty list, not none"
    );
}

async fn pages(world: &World) {
    let scim = world.plain.scim();
    let all = seven(&scim).await;
    for filter in [
        "",
        "&filter=userName pr",
        "&filter=meta.created pr and userName pr",
    ] {
        let mut seen = Vec::new();
        for start in [1, 4, 7, 10] {
            let list = scim
                .get(&format!("/Users?startIndex={start}&count=3{filter}"))
                .await
                .expect(200);
            assert_eq!(
                (&list["totalResults"], &list["startIndex"]),
                (&json!(8), &json!(start))
            );
            assert_eq!(list["itemsPerPage"], ids(&list).len());
            seen.extend(ids(&list).into_iter().map(ToOwned::to_owned));
        }
        assert_eq!(seen, all, "{filter}: the order is that of creation");
    }
    for number in 1..=5 {
        found(&scim, &json!({ "displayName": format!("Group {number}") })).await;
    }
    for filter in ["", "&filter=displayName sw \"group\""] {
        let list = scim
            .get(&format!("/Groups?startIndex=5&count=2{filter}"))
            .await
            .expect(200);
        assert_eq!(
            (&list["totalResults"], &list["itemsPerPage"]),
            (&json!(5), &json!(1))
        );
        assert_eq!(list["Resources"][0]["displayName"], "Group 5");
    }
}

async fn odd_pages(world: &World) {
    let scim = world.plain.scim();
    let all = seven(&scim).await;
    for (query, start, expected) in [
        ("count=0", 1, 0),
        ("count=-5", 1, 0),
        ("startIndex=0", 1, 8),
        ("startIndex=-3&count=2", 1, 2),
        ("startIndex=9", 9, 0),
        ("startIndex=900&count=900", 900, 0),
        ("count=99999999999999999999", 1, 8),
        ("count=-99999999999999999999", 1, 0),
        ("startIndex=9223372036854775807&count=1000", i64::MAX, 0),
        ("count=9223372036854775807", 1, 8),
        ("STARTINDEX=7&COUNT=5", 7, 2),
        ("startIndex=&count=", 1, 8),
        ("sortBy=userName&sortOrder=descending&unknown=1", 1, 8),
        ("sortBy=&sortOrder=descending", 1, 8),
    ] {
        for filter in ["", "&filter=userName pr"] {
            let list = scim.get(&format!("/Users?{query}{filter}")).await.expect(200);
            assert_eq!(list["totalResults"], all.len(), "{query}");
            assert_eq!(
                (&list["startIndex"], ids(&list).len()),
                (&json!(start), expected),
                "{query}{filter}"
            );
        }
    }
}

async fn what_is_no_number(world: &World) {
    for query in ["count=many", "startIndex=1.5", "count=9e9"] {
        let detail = world
            .plain
            .scim()
            .get(&format!("/Users?{query}"))
            .await
            .scim_error(400, "invalidValue");
        assert!(
            detail.contains(query.split('=').next().unwrap_or_default()),
            "{detail}"
        );
    }
}

async fn the_largest_page(world: &World) {
    let scim = world.plain.scim();
    let config = scim.get("/ServiceProviderConfig").await.expect(200);
    let announced = config["filter"]["maxResults"].as_u64().expect("a number");
    // A staff file is the quickest way in for many.
    let rows: Vec<_> = (0..announced + 20).map(|number| format!("p{number}")).collect();
    let body = format!("userName\n{}\n", rows.join("\n"));
    let import = world
        .plain
        .api()
        .call(http::Method::POST, "/people/import")
        .body("text/csv", body);
    assert_eq!(import.send().await.expect(200)["created"], announced + 20);
    let list = scim
        .get("/Users?count=100000&attributes=userName")
        .await
        .expect(200);
    assert_eq!(list["totalResults"], announced + 21);
    assert_eq!(list["itemsPerPage"], announced);
    let default = scim.get("/Users?attributes=userName").await.expect(200);
    assert_eq!(default["itemsPerPage"], config["pagination"]["defaultPageSize"]);
}
