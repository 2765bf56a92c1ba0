//! Lists and their pages (RFC 7644 §3.4.2.4).

use directory::{Change, NewUser, Settings, Source};
use serde_json::{Value, json};
use store::members::MemberRef;

use super::{found, hire, id};
use crate::client::{Client, encoded};
use crate::on_both;
use crate::world::{World, cause};

on_both!(
    the_envelope,
    pages,
    odd_pages,
    what_is_no_number,
    the_largest_page,
    pages_that_would_be_too_long,
    pages_of_groups_with_many_members,
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

/// All pages of a list, one behind the other, and how many there were. None is empty or far longer than 4 MiB.
async fn in_pages(client: &Client, query: &str) -> (Vec<String>, usize) {
    let (mut seen, mut pages) = (Vec::new(), 0);
    loop {
        let path = format!("{query}&startIndex={}", seen.len() + 1);
        let answer = client.get(&path).await;
        let page = answer.expect(200);
        let size = page.to_string().len();
        let shown = ids(&page);
        assert!(!shown.is_empty() && size < 6 << 20, "{path}: {size} bytes");
        assert_eq!(page["itemsPerPage"], shown.len(), "{path}");
        seen.extend(shown.into_iter().map(ToOwned::to_owned));
        pages += 1;
        if page["totalResults"] == seen.len() {
            return (seen, pages);
        }
    }
}

/// The same by cursor, or by cursor in the bodies of searches.
async fn by_cursor(client: &Client, query: &str, body: Option<&Value>) -> (Vec<String>, usize) {
    let (mut seen, mut pages, mut cursor) = (Vec::new(), 0, String::new());
    loop {
        let page = match body {
            None => client.get(&format!("{query}&cursor={cursor}")).await,
            Some(body) => {
                let mut body = body.clone();
                body["cursor"] = cursor.as_str().into();
                client.post(query, &body).await
            }
        };
        let page = page.expect(200);
        let shown = ids(&page);
        assert!(!shown.is_empty() && page.to_string().len() < 6 << 20, "{query}");
        assert_eq!(page["itemsPerPage"], shown.len(), "{query}");
        seen.extend(shown.into_iter().map(ToOwned::to_owned));
        pages += 1;
        let Some(next) = page.get("nextCursor") else {
            assert_eq!(page["totalResults"], seen.len());
            return (seen, pages);
        };
        next.as_str().expect("a text").clone_into(&mut cursor);
    }
}

/// Ten people of 0.9 MB each stand on three pages, however the list is asked for.
async fn pages_that_would_be_too_long(world: &World) {
    let scim = world.plain.scim();
    let title = "x".repeat(900_000);
    let mut large = Vec::new();
    for number in 0..10 {
        let user = json!({ "userName": format!("large{number}"), "displayName": format!("{}", 9 - number), "title": title });
        large.push(id(&hire(&scim, &user).await).to_owned());
    }
    let backwards: Vec<String> = large.iter().rev().cloned().collect();
    let group = json!({ "displayName": "Large", "members": large.iter().map(|id| json!({ "value": id })).collect::<Value>() });
    let group = found(&scim, &group).await;
    let within = format!("groups.value eq \"{}\"", id(&group));
    for (filter, sort, expected) in [
        ("userName sw \"large\"", "", &large),
        ("title pr", "", &large),
        (within.as_str(), "", &large),
        ("title pr", "displayName", &backwards),
        ("title pr", "nickName", &large),
        ("userName sw \"large\"", "displayName", &backwards),
    ] {
        let query = format!("/Users?count=1000&filter={}&sortBy={sort}", encoded(filter));
        assert_eq!(in_pages(&scim, &query).await, (expected.clone(), 2), "{query}");
        assert_eq!(
            by_cursor(&scim, &query, None).await,
            (expected.clone(), 2),
            "{query}"
        );
        let body = json!({ "count": 1000, "filter": filter, "sortBy": sort });
        assert_eq!(
            by_cursor(&scim, "/.search", Some(&body)).await,
            (expected.clone(), 2),
            "{body}"
        );
    }
    for query in [
        "/Users?count=1000",
        "/Users?count=1000&sortBy=id",
        "/?count=1000",
        "/?count=1000&sortBy=id",
    ] {
        for (seen, pages) in [in_pages(&scim, query).await, by_cursor(&scim, query, None).await] {
            let seen: Vec<String> = seen.into_iter().filter(|id| large.contains(id)).collect();
            assert_eq!((seen, pages > 1), (large.clone(), true), "{query}");
        }
    }
    let few = scim
        .get(&format!("/Users?count=3&filter={}", encoded("title pr")))
        .await
        .expect(200);
    assert_eq!(
        (&few["itemsPerPage"], &few["totalResults"]),
        (&json!(3), &json!(10))
    );
}

/// What is counted is what is shown: members are rows of their own.
async fn pages_of_groups_with_many_members(world: &World) {
    let scim = world.plain.scim();
    let change = Change {
        cause: &cause(),
        source: Source::Scim,
        types: scim::ResourceTypes::built_in(),
        settings: Settings::default(),
    };
    let people = (0..2_500).map(|number| NewUser {
        id: world.store.ambient().id(),
        resource: serde_json::from_value(
            json!({ "schemas": [scim::schema::USER], "userName": format!("p{number}"), "active": true }),
        )
        .expect("an object"),
    });
    let people = people.collect();
    let people = world
        .directory
        .create_users(&change, world.plain.id, people)
        .await
        .expect("created");
    let members: Vec<MemberRef> = people.iter().map(|user| user.id.into()).collect();
    let mut all = Vec::new();
    for number in 0..12 {
        let resource = serde_json::from_value(
            json!({ "schemas": [scim::schema::GROUP], "displayName": format!("g{number}") }),
        )
        .expect("an object");
        let group = world
            .directory
            .create_group(&change, world.plain.id, resource, members.clone())
            .await;
        all.push(group.expect("created").id.to_string());
    }
    for query in ["/Groups?count=100", "/Groups?count=100&sortBy=externalId"] {
        let (seen, pages) = in_pages(&scim, query).await;
        assert_eq!((&seen, pages > 1), (&all, true), "{query}");
        let (seen, pages) = by_cursor(&scim, query, None).await;
        assert_eq!((&seen, pages > 1), (&all, true), "{query}");
    }
    let (seen, pages) = in_pages(&scim, "/Groups?count=100&excludedAttributes=members").await;
    assert_eq!((seen, pages), (all, 1), "without members there is room for all");
}
