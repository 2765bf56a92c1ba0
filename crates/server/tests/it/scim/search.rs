//! `.search` (RFC 7644 §3.4.3) and queries at the root (§3.4.2.1).

use access::Scope;
use serde_json::{Value, json};

use super::{found, hire};
use crate::client::{Client, encoded};
use crate::on_both;
use crate::world::World;

on_both!(
    the_same_as_a_query_string,
    names_and_numbers_in_every_form,
    over_both_types,
    pages_go_across_types,
    groups_only_for_whom_they_are,
    what_is_refused
);

/// A search with its message's URN.
fn search(mut request: Value) -> Value {
    request["schemas"] = json!(["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]);
    request
}

/// The admin, three people, two groups.
async fn six(scim: &Client) {
    for (name, title) in [("bert", "Engineer"), ("cleo", "Architect"), ("dora", "Engineer")] {
        hire(
            scim,
            &json!({ "userName": name, "displayName": name, "title": title }),
        )
        .await;
    }
    for name in ["Engineers", "all"] {
        found(scim, &json!({ "displayName": name })).await;
    }
}

fn names(list: &Value) -> Vec<&str> {
    list["Resources"]
        .as_array()
        .expect("Resources")
        .iter()
        .map(|one| {
            one["userName"]
                .as_str()
                .or(one["displayName"].as_str())
                .expect("a name")
        })
        .collect()
}

async fn the_same_as_a_query_string(world: &World) {
    six(&world.plain.scim()).await;
    for client in [world.plain.scim(), world.plain.identity()] {
        for (path, request, query) in [
            ("/Users", json!({}), String::new()),
            (
                "/Users",
                json!({ "filter": "title eq \"Engineer\"", "sortBy": "userName", "sortOrder": "descending", "count": 1 }),
                format!(
                    "filter={}&sortBy=userName&sortOrder=descending&count=1",
                    encoded("title eq \"Engineer\"")
                ),
            ),
            (
                "/Users",
                json!({ "startIndex": 2, "attributes": ["userName", "title"] }),
                "startIndex=2&attributes=userName,title".to_owned(),
            ),
            (
                "/Groups",
                json!({ "sortBy": "displayName", "excludedAttributes": ["members", "meta"] }),
                "sortBy=displayName&excludedAttributes=members,meta".to_owned(),
            ),
            (
                "",
                json!({ "filter": "displayName pr", "sortBy": "displayName" }),
                format!("filter={}&sortBy=displayName", encoded("displayName pr")),
            ),
        ] {
            let answer = client.post(&format!("{path}/.search"), &search(request)).await;
            assert_eq!(answer.header("content-type"), crate::client::SCIM);
            let asked = client.get(&format!("{path}?{query}")).await;
            assert_eq!(answer.expect(200), asked.expect(200), "{path} {query}");
        }
    }
}

async fn names_and_numbers_in_every_form(world: &World) {
    let scim = world.plain.scim();
    six(&scim).await;
    let request = json!({ "FILTER": "title pr", "sortby": "userName", "startIndex": "2", "Count": "1",
        "attributes": "userName", "excludedAttributes": null, "cursor": null, "unknown": 1 });
    let list = scim.post("/Users/.search", &request).await.expect(200);
    assert_eq!(
        (&list["totalResults"], &list["startIndex"], &list["itemsPerPage"]),
        (&json!(3), &json!(2), &json!(1))
    );
    let one = &list["Resources"][0];
    assert_eq!((&one["userName"], &one["title"]), (&json!("cleo"), &json!(null)));
    // A trailing slash, and another media type.
    let call = scim.call(http::Method::POST, "/Users/.search/");
    let answer = call
        .body("application/json;charset=utf-8", "{\"filter\":\"\"}")
        .send()
        .await;
    assert_eq!(answer.expect(200)["totalResults"], 4);
}

async fn over_both_types(world: &World) {
    let scim = world.plain.scim();
    six(&scim).await;
    let all = [
        "admin@northwind.example",
        "bert",
        "cleo",
        "dora",
        "Engineers",
        "all",
    ];
    for path in ["", "/", "?filter=id pr"] {
        let list = scim.get(path).await.expect(200);
        assert_eq!(list["totalResults"], 6);
        assert_eq!(names(&list), all, "people first, each kind in the order of ids");
        let kinds: Vec<_> = list["Resources"]
            .as_array()
            .expect("Resources")
            .iter()
            .map(|one| one["meta"]["resourceType"].as_str().unwrap_or_default())
            .collect();
        assert_eq!(kinds, ["User", "User", "User", "User", "Group", "Group"]);
    }
    for (request, expected) in [
        (
            json!({ "filter": "meta.resourceType eq \"Group\"" }),
            vec!["Engineers", "all"],
        ),
        (
            json!({ "filter": "title eq \"engineer\" or displayName sw \"eng\"" }),
            vec!["bert", "dora", "Engineers"],
        ),
        (json!({ "filter": "userName eq \"cleo\"" }), vec!["cleo"]),
        (
            json!({ "filter": "displayName pr", "sortBy": "displayName" }),
            vec![all[0], "all", "bert", "cleo", "dora", "Engineers"],
        ),
        // An attribute of one type only: the others have no value, and are in the order of their ids, backwards.
        (
            json!({ "filter": "displayName pr", "sortBy": "userName", "sortOrder": "descending" }),
            vec!["all", "Engineers", "dora", "cleo", "bert", all[0]],
        ),
    ] {
        let list = scim.post("/.search", &search(request.clone())).await.expect(200);
        assert_eq!(names(&list), expected, "{request}");
        assert_eq!(list["totalResults"], expected.len());
    }
}

async fn pages_go_across_types(world: &World) {
    let scim = world.plain.scim();
    six(&scim).await;
    let whole = scim.get("").await.expect(200);
    for filter in [json!(null), json!("id pr")] {
        for sort_by in [json!(null), json!("displayName")] {
            let request = |start: usize, count: usize| json!({ "filter": filter, "sortBy": sort_by, "startIndex": start, "count": count });
            let whole = match &sort_by {
                Value::Null => whole.clone(),
                _ => scim.post("/.search", &request(1, 100)).await.expect(200),
            };
            for count in 1..=6 {
                let mut seen = Vec::new();
                for start in (1..=7).step_by(count) {
                    let page = scim.post("/.search", &request(start, count)).await.expect(200);
                    assert_eq!(page["totalResults"], 6);
                    seen.extend(page["Resources"].as_array().expect("Resources").clone());
                }
                assert_eq!(json!(seen), whole["Resources"], "{filter} {sort_by} {count}");
            }
        }
    }
}

async fn groups_only_for_whom_they_are(world: &World) {
    six(&world.plain.scim()).await;
    let (_, people) = world.token(&world.plain, &[Scope::IdentityPeopleRead], 1).await;
    let (_, groups) = world.token(&world.plain, &[Scope::IdentityGroupsRead], 1).await;
    let scim = world.plain.scim();
    for list in [
        scim.with(&people).get("").await.expect(200),
        scim.with(&people)
            .post("/.search", &search(json!({})))
            .await
            .expect(200),
    ] {
        assert_eq!(list["totalResults"], 4, "people alone");
    }
    scim.with(&groups).get("").await.scim_error(403, "");
    scim.with(&groups)
        .post("/Groups/.search", &search(json!({})))
        .await
        .expect(200);
}

async fn what_is_refused(world: &World) {
    let scim = world.plain.scim();
    for path in ["/.search", "/Users/.search", "/Groups/.search"] {
        for (request, scim_type) in [
            (json!([]), "invalidSyntax"),
            (json!({ "filter": "userName" }), "invalidFilter"),
            (json!({ "filter": 1 }), "invalidValue"),
            (json!({ "count": "many" }), "invalidValue"),
            (json!({ "attributes": [1] }), "invalidValue"),
            (json!({ "sortBy": "meta" }), "invalidValue"),
        ] {
            scim.post(path, &request).await.scim_error(400, scim_type);
        }
        let call = scim.call(http::Method::POST, path);
        call.body("text/plain", "{}").send().await.scim_error(415, "");
        scim.get(path).await.scim_error(405, "");
    }
    scim.get("?filter=active gt true")
        .await
        .scim_error(400, "invalidFilter");
}
