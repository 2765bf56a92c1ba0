//! Paging by cursor (RFC 9865).

use std::time::Duration;

use access::Scope;
use serde_json::{Value, json};

use super::{found, hire, id, place};
use crate::client::{Client, encoded};
use crate::on_both;
use crate::world::World;

on_both!(
    every_page,
    across_types_and_in_bodies,
    a_page_has_no_more_than_there_are,
    stable_while_people_come_and_go,
    stable_while_sorted_values_change,
    cursors_expire,
    cursors_of_something_else,
    counts,
);

const SEVEN: [&str; 7] = ["gus", "Fay", "eva", "Dan", "cleo", "Bert", "anna"];

/// Seven people beside the admin, and three groups.
async fn ten(scim: &Client) {
    for name in SEVEN {
        hire(
            scim,
            &json!({ "userName": name, "title": "t", "active": name != "eva" }),
        )
        .await;
    }
    for name in ["One", "Two", "Three"] {
        found(scim, &json!({ "displayName": name })).await;
    }
}

/// What all pages together hold; each but the last is full, and only the last has no `nextCursor`.
async fn walk(client: &Client, query: &str, count: usize) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    let mut total = None;
    loop {
        let page = client.get(&format!("{query}cursor={cursor}&count={count}")).await;
        let page = page.expect(200);
        assert_eq!(page.get("startIndex"), None, "{page}");
        let resources = page["Resources"].as_array().expect("Resources").clone();
        assert_eq!(page["itemsPerPage"], resources.len());
        assert_eq!(
            total.get_or_insert(page["totalResults"].clone()),
            &page["totalResults"]
        );
        all.extend(resources.iter().cloned());
        let Some(next) = page.get("nextCursor") else {
            assert!(resources.len() <= count);
            assert_eq!(total, Some(json!(all.len())));
            return all;
        };
        assert_eq!(resources.len(), count);
        next.as_str().expect("a text").clone_into(&mut cursor);
        let unreserved = |letter: char| letter.is_ascii_alphanumeric() || "-._~".contains(letter);
        assert!(!cursor.is_empty() && cursor.chars().all(unreserved), "{cursor}");
    }
}

async fn every_page(world: &World) {
    ten(&world.plain.scim()).await;
    for client in [world.plain.scim(), world.plain.identity()] {
        for query in [
            "/Users?".to_owned(),
            "/Groups?".to_owned(),
            format!("/Users?filter={}&", encoded("active eq true")),
            format!("/Users?filter={}&", encoded("userName sw \"nobody\"")),
            "/Users?sortBy=userName&".to_owned(),
            "/Users?sortBy=title&sortOrder=descending&attributes=userName&".to_owned(),
            format!(
                "/Groups?filter={}&sortBy=displayName&sortOrder=descending&",
                encoded("displayName co \"o\"")
            ),
        ] {
            let whole = client.get(&query).await.expect(200);
            for count in [1, 2, 3, 8, 1_000] {
                assert_eq!(
                    json!(walk(&client, &query, count).await),
                    whole["Resources"],
                    "{query} {count}"
                );
            }
        }
    }
    // No value at all is the first page too; without a cursor pages go by index.
    let scim = world.plain.scim();
    let page = scim.get("/Users?cursor&count=5").await.expect(200);
    assert!(page["nextCursor"].is_string(), "{page}");
    let page = scim.get("/Users?count=5").await.expect(200);
    assert_eq!((page.get("nextCursor"), &page["startIndex"]), (None, &json!(1)));
}

async fn across_types_and_in_bodies(world: &World) {
    let scim = world.plain.scim();
    ten(&scim).await;
    let whole = scim.get("").await.expect(200);
    assert_eq!(whole["totalResults"], 11);
    for count in 1..=11 {
        assert_eq!(
            json!(walk(&scim, "?", count).await),
            whole["Resources"],
            "{count}"
        );
    }
    for path in ["/.search", "/Users/.search", "/Groups/.search"] {
        let (mut seen, mut cursor) = (Vec::new(), json!(""));
        while cursor.is_string() {
            let request = json!({ "cursor": cursor, "count": 2, "filter": "id pr", "sortBy": "id" });
            let page = scim.post(path, &request).await.expect(200);
            seen.extend(page["Resources"].as_array().expect("Resources").clone());
            cursor = page["nextCursor"].clone();
        }
        let whole = scim
            .post(path, &json!({ "filter": "id pr", "sortBy": "id" }))
            .await;
        assert_eq!(json!(seen), whole.expect(200)["Resources"], "{path}");
    }
}

fn names(page: &Value) -> Vec<&str> {
    let resources = page["Resources"].as_array().expect("Resources");
    resources
        .iter()
        .filter_map(|one| one["userName"].as_str())
        .collect()
}

async fn a_page_has_no_more_than_there_are(world: &World) {
    let scim = world.plain.scim();
    let fresh = async |name: &str| hire(&scim, &json!({ "userName": name, "title": "fresh" })).await;
    for name in ["one", "two"] {
        fresh(name).await;
    }
    let query =
        |count: u32, cursor: &str| format!("/Users?count={count}&filter=title eq \"fresh\"&cursor={cursor}");
    let first = scim.get(&query(1, "")).await.expect(200);
    assert_eq!(first["totalResults"], 2);
    for name in ["three", "four", "five"] {
        fresh(name).await;
    }
    let next = first["nextCursor"].as_str().expect("more");
    let second = scim.get(&query(10, next)).await.expect(200);
    assert_eq!(names(&second), ["two", "three", "four", "five"]);
    assert_eq!(second["totalResults"], 4);
}

async fn stable_while_people_come_and_go(world: &World) {
    let scim = world.plain.scim();
    ten(&scim).await;
    for filter in ["", "&filter=title pr or userName sw \"admin\""] {
        let query = |cursor: &str| format!("/Users?count=3{filter}&cursor={cursor}");
        let first = scim.get(&query("")).await.expect(200);
        assert_eq!(names(&first), ["admin@northwind.example", "gus", "Fay"]);
        // The last one of the page and one before it go, somebody comes.
        for gone in [1, 2] {
            scim.delete(&place(&first["Resources"][gone])).await.expect(204);
        }
        let newcomer = hire(&scim, &json!({ "userName": "newcomer", "title": "t" })).await;
        let second = scim
            .get(&query(first["nextCursor"].as_str().expect("more")))
            .await
            .expect(200);
        assert_eq!(
            names(&second),
            ["eva", "Dan", "cleo"],
            "nobody is skipped or shown twice"
        );
        assert_eq!(second["totalResults"], first["totalResults"], "counted once");
        let third = scim
            .get(&query(second["nextCursor"].as_str().expect("more")))
            .await
            .expect(200);
        assert_eq!(names(&third), ["Bert", "anna", "newcomer"]);
        assert_eq!(third.get("nextCursor"), None);
        // As it was before, though those who come again come last.
        scim.delete(&place(&newcomer)).await.expect(204);
        let rest = ["eva", "Dan", "cleo", "Bert", "anna"];
        for name in rest {
            let list = scim
                .get(&format!("/Users?filter=userName eq \"{name}\""))
                .await
                .expect(200);
            scim.delete(&place(&list["Resources"][0])).await.expect(204);
        }
        for name in SEVEN {
            hire(&scim, &json!({ "userName": name, "title": "t" })).await;
        }
    }
}

async fn stable_while_sorted_values_change(world: &World) {
    let scim = world.plain.scim();
    ten(&scim).await;
    let query = |cursor: &str| format!("/Users?sortBy=userName&count=3&cursor={cursor}");
    let first = scim.get(&query("")).await.expect(200);
    assert_eq!(names(&first), ["admin@northwind.example", "anna", "Bert"]);
    scim.delete(&place(&first["Resources"][2])).await.expect(204);
    hire(&scim, &json!({ "userName": "aaron" })).await;
    hire(&scim, &json!({ "userName": "dora" })).await;
    let second = scim
        .get(&query(first["nextCursor"].as_str().expect("more")))
        .await
        .expect(200);
    assert_eq!(names(&second), ["cleo", "Dan", "dora"]);
}

async fn first_cursor(client: &Client, query: &str) -> String {
    let page = client.get(&format!("{query}cursor=&count=2")).await.expect(200);
    page["nextCursor"].as_str().expect("more").to_owned()
}

async fn cursors_expire(world: &World) {
    let scim = world.plain.scim();
    ten(&scim).await;
    let config = scim.get("/ServiceProviderConfig").await.expect(200);
    let seconds = config["pagination"]["cursorTimeout"].as_u64().expect("a number");
    let cursor = first_cursor(&scim, "/Users?").await;
    let path = format!("/Users?cursor={cursor}&count=2");
    world.clock.advance(Duration::from_secs(seconds - 60));
    let page = scim.get(&path).await.expect(200);
    world.clock.advance(Duration::from_mins(1));
    let detail = scim.get(&path).await.scim_error(400, "expiredCursor");
    assert!(detail.contains(&seconds.to_string()), "{detail}");
    let next = page["nextCursor"].as_str().expect("more");
    scim.get(&format!("/Users?cursor={next}")).await.expect(200);
}

async fn cursors_of_something_else(world: &World) {
    let scim = world.plain.scim();
    ten(&scim).await;
    let filtered = format!("/Users?filter={}&", encoded("active eq true"));
    let cursor = first_cursor(&scim, &filtered).await;
    // The same, however it is spelled; what is shown of each, and how many, is no part of it.
    for query in [
        filtered.clone(),
        format!(
            "/Users?filter={}&attributes=userName&count=7&",
            encoded("active EQ true")
        ),
        format!("/Users/?startIndex=5&filter={}&", encoded("(active eq true)")),
    ] {
        scim.get(&format!("{query}cursor={cursor}")).await.expect(200);
    }
    let changed = format!("{}{}", &cursor[..cursor.len() - 4], "AAAA");
    for query in [
        format!("/Users?cursor={cursor}"),
        format!("/Groups?filter={}&cursor={cursor}", encoded("active eq true")),
        format!("?filter={}&cursor={cursor}", encoded("active eq true")),
        format!("{filtered}sortBy=userName&cursor={cursor}"),
        format!("{filtered}cursor={changed}"),
        format!("{filtered}cursor=1"),
        format!("{filtered}cursor=%00"),
        format!("{filtered}cursor={}", "A".repeat(20_000)),
        format!(
            "{filtered}cursor={}",
            id(&scim.get("/Users").await.expect(200)["Resources"][0])
        ),
    ] {
        let detail = scim.get(&query).await.scim_error(400, "invalidCursor");
        assert!(detail.contains("nextCursor"), "{detail}");
    }
    // Another organization's, and one that showed more than this token may see.
    let theirs = world
        .webex
        .scim()
        .get(&format!("{filtered}cursor={cursor}"))
        .await;
    theirs.scim_error(400, "invalidCursor");
    let everything = first_cursor(&scim, "?").await;
    let (_, people) = world.token(&world.plain, &[Scope::IdentityPeopleRead], 1).await;
    let less = scim.with(&people).get(&format!("?cursor={everything}")).await;
    less.scim_error(400, "invalidCursor");
}

async fn counts(world: &World) {
    let scim = world.plain.scim();
    ten(&scim).await;
    for count in ["0", "-1", "many", "1.5"] {
        let detail = scim.get(&format!("/Users?cursor=&count={count}")).await;
        let detail = detail.scim_error(400, "invalidCount");
        assert!(detail.contains("count"), "{detail}");
    }
    let request = json!({ "cursor": "", "count": 0 });
    scim.post("/.search", &request)
        .await
        .scim_error(400, "invalidCount");
    let cursor = first_cursor(&scim, "/Users?").await;
    // More than is announced is read as that, and a page may be of another size than the one before.
    let page = scim
        .get(&format!("/Users?cursor={cursor}&count=100000"))
        .await
        .expect(200);
    assert_eq!(page["itemsPerPage"], 6);
    let page = scim.get(&format!("/Users?cursor={cursor}")).await.expect(200);
    assert_eq!(page["itemsPerPage"], 6);
}
