//! The limits that the documentation names: accepted at the limit, refused one beyond it, and said to be so.

use http::Method;
use serde_json::{Value, json};

use super::{found, hire, patch_op, place};
use crate::client::{Answer, Client, encoded};
use crate::on_both;
use crate::world::World;

on_both!(bodies, resources, patches, filters, pages);

const DOCUMENTATION: &str = include_str!("../../../../../docs/src/reference/scim.md");

/// The limit that a row of the documentation's table names: its first number.
#[track_caller]
fn limit(of: &str) -> usize {
    let from = DOCUMENTATION.find("## Limits").expect("a chapter");
    let row = DOCUMENTATION[from..]
        .lines()
        .find_map(|line| line.strip_prefix(&format!("| {of} | ")));
    let row = row.unwrap_or_else(|| panic!("no limit of {of} is documented"));
    let digits = row.chars().filter(|letter| *letter != ',');
    let number: String = digits.take_while(char::is_ascii_digit).collect();
    number.parse().expect("a number")
}

async fn bodies(world: &World) {
    let scim = world.plain.scim();
    let bytes = limit("a body");
    for (bytes, status) in [(bytes, 201), (bytes + 1, 413)] {
        let mut body = json!({ "userName": format!("of-{bytes}") }).to_string();
        body.extend(std::iter::repeat_n(' ', bytes - body.len()));
        let answer = scim
            .call(Method::POST, "/Users")
            .body("application/scim+json", body)
            .send()
            .await;
        assert_limit(&answer, status, 201, "");
    }
    let most = limit("values of an attribute");
    for (values, status) in [(most, 201), (most + 1, 400)] {
        let mails: Vec<_> = (0..values)
            .map(|at| json!({ "value": format!("m{at}@x.example") }))
            .collect();
        let body = json!({ "userName": format!("with-{values}"), "emails": mails });
        assert_limit(&scim.post("/Users", &body).await, status, 201, "invalidValue");
    }
    let most = limit("a `userName`");
    for (letters, status) in [(most, 201), (most + 1, 400)] {
        let body = json!({ "userName": "u".repeat(letters) });
        assert_limit(&scim.post("/Users", &body).await, status, 201, "invalidValue");
    }
    let most = limit("operations of a Bulk");
    for (operations, status) in [(most, 200), (most + 1, 413)] {
        let delete = json!({ "method": "DELETE", "path": "/Users/nobody" });
        let answer = scim
            .post("/Bulk", &json!({ "Operations": vec![delete; operations] }))
            .await;
        assert_limit(&answer, status, 200, "");
    }
}

/// What small changes come to.
async fn resources(world: &World) {
    let (scim, most) = (
        world.plain.scim(),
        limit("a person or a group as it is stored, without members and `groups`"),
    );
    for (kind, body, attributes) in [
        (
            "/Users",
            json!({ "userName": "large" }),
            ["title", "nickName", "userType"],
        ),
        (
            "/Groups",
            json!({ "displayName": "large" }),
            [
                "externalId",
                "displayName",
                "urn:scim:schemas:extension:cisco:webexidentity:2.0:Group:usage",
            ],
        ),
    ] {
        let made = scim.post(kind, &body).await.expect(201);
        let set = async |name: &str, letters: usize| {
            let change = patch_op(json!([{ "op": "replace", "path": name, "value": "x".repeat(letters) }]));
            scim.patch(&place(&made), &change).await
        };
        let stored = async || {
            let query = format!("{}?excludedAttributes=members,groups", place(&made));
            let mut now = scim.get(&query).await.expect(200);
            let attributes = now.as_object_mut().expect("an object");
            attributes.retain(|name, _| name != "id" && name != "meta");
            now
        };
        let [first, second, third] = attributes;
        for name in [first, second] {
            let answer = set(name, 1_000_000).await;
            assert!(answer.status < 300, "{}", answer.text);
        }
        assert!(set(third, 1).await.status < 300);
        let room = most - stored().await.to_string().len() + 1;
        let before = stored().await;
        set(third, room + 1).await.scim_error(400, "invalidValue");
        assert_eq!(stored().await, before, "nothing of it is kept");
        assert!(set(third, room).await.status < 300);
        assert_eq!(stored().await.to_string().len(), most);
    }
}

/// An answer at a limit, or the refusal one beyond it.
#[track_caller]
fn assert_limit(answer: &Answer, status: u16, well: u16, scim_type: &str) {
    if status == well {
        answer.expect(status);
    } else {
        answer.scim_error(status, scim_type);
    }
}

async fn patches(world: &World) {
    let scim = world.plain.scim();
    let user = hire(&scim, &json!({ "userName": "anna" })).await;
    let most = limit("operations of a PATCH");
    for (operations, status) in [(most, 200), (most + 1, 413)] {
        let one = |at| json!({ "op": "replace", "path": "title", "value": format!("{at}") });
        let operations: Vec<_> = (0..operations).map(one).collect();
        let answer = scim.patch(&place(&user), &patch_op(json!(operations))).await;
        assert_limit(&answer, status, 200, "");
    }
    assert_eq!(
        scim.get(&place(&user)).await.expect(200)["title"],
        format!("{}", most - 1)
    );
    let most = limit("a filter, and a path of a PATCH");
    for (length, status) in [(most, 200), (most + 1, 400)] {
        let around = "emails[value eq \"\"]".len();
        let path = format!("emails[value eq \"{}\"]", "x".repeat(length - around));
        assert_eq!(path.len(), length);
        let answer = scim
            .patch(
                &place(&user),
                &patch_op(json!([{ "op": "remove", "path": path }])),
            )
            .await;
        assert_limit(&answer, status, 200, "invalidPath");
    }
    let most = limit("values of an attribute");
    let mails = |from: usize, to: usize| -> Value {
        (from..to)
            .map(|at| json!({ "value": format!("m{at}@x.example") }))
            .collect()
    };
    for (from, to, status) in [(0, most, 200), (most, most + 1, 400)] {
        let add = patch_op(json!([{ "op": "add", "path": "emails", "value": mails(from, to) }]));
        assert_limit(
            &scim.patch(&place(&user), &add).await,
            status,
            200,
            "invalidValue",
        );
    }
}

async fn filters(world: &World) {
    let scim = world.plain.scim();
    let length = limit("a filter, and a path of a PATCH");
    let depth = limit("levels of a filter");
    let comparisons = limit("comparisons of a filter");
    let long = |length: usize| format!("title eq \"{}\"", "x".repeat(length - "title eq \"\"".len()));
    let deep = |depth: usize| format!("{}title pr{}", "(".repeat(depth), ")".repeat(depth));
    let nots = |depth: usize| format!("{}title pr{}", "not (".repeat(depth), ")".repeat(depth));
    let wide = |terms: usize| vec!["title pr"; terms].join(" or ");
    assert_eq!(long(length).len(), length);
    for (fits, refused) in [
        (long(length), long(length + 1)),
        (deep(depth), deep(depth + 1)),
        (nots(depth), nots(depth + 1)),
        (wide(comparisons), wide(comparisons + 1)),
    ] {
        for (filter, status) in [(fits, 200), (refused, 400)] {
            for answer in asked(&scim, &filter).await {
                assert_limit(&answer, status, 200, "invalidFilter");
            }
        }
    }
}

/// A filter, at every endpoint that takes one.
async fn asked(scim: &Client, filter: &str) -> Vec<Answer> {
    let mut answers = Vec::new();
    for path in ["/Users", "/Groups", ""] {
        answers.push(scim.get(&format!("{path}?filter={}", encoded(filter))).await);
        let search = json!({ "filter": filter });
        answers.push(scim.post(&format!("{path}/.search"), &search).await);
    }
    answers
}

async fn pages(world: &World) {
    let scim = world.plain.scim();
    let most = limit("resources on a page");
    let create = |at| {
        json!({ "method": "POST", "path": "/Users", "bulkId": format!("{at}"),
            "data": { "userName": format!("p{at}") } })
    };
    let operations: Vec<_> = (0..most).map(create).collect();
    let made = scim
        .post("/Bulk", &json!({ "Operations": operations }))
        .await
        .expect(200);
    for count in [most, most + 1, 1_000_000] {
        let page = scim.get(&format!("/Users?count={count}")).await.expect(200);
        assert_eq!(
            (&page["itemsPerPage"], &page["totalResults"]),
            (&json!(most), &json!(most + 1))
        );
        let page = scim
            .post("/.search", &json!({ "count": count }))
            .await
            .expect(200);
        assert_eq!(page["itemsPerPage"], most);
    }
    let id = |one: &Value| {
        let location = one["location"].as_str().expect("a location");
        location.rsplit('/').next().unwrap_or_default().to_owned()
    };
    let most = limit("members on a page of `/Members`");
    let ids = made["Operations"].as_array().expect("Operations").iter();
    let mut members: Vec<_> = ids.map(|one| json!({ "value": id(one) })).collect();
    let team = found(&scim, &json!({ "displayName": "Team" })).await;
    members.push(json!({ "value": team["id"] }));
    let all = members.len();
    assert!(all > limit("values of an attribute"), "members are not limited");
    let group = found(&scim, &json!({ "displayName": "All", "members": members })).await;
    assert_eq!(group["members"].as_array().map(Vec::len), Some(all));
    for query in ["", "?count=500", "?count=501"] {
        let page = scim
            .get(&format!("{}/Members{query}", place(&group)))
            .await
            .expect(200);
        assert_eq!(
            (&page["itemsPerPage"], &page["memberSize"]),
            (&json!(most), &json!(all))
        );
    }
    // The answer to a PATCH by Webex's clients, which read on at `/Members`.
    let rename = patch_op(json!([{ "op": "replace", "path": "displayName", "value": "Everybody" }]));
    let webex = world.plain.webex();
    let first = scim.get(&format!("{}/Members", place(&group))).await.expect(200);
    let ids = |list: &Value| -> Vec<Value> {
        let members = list["members"].as_array().expect("members").iter();
        members.map(|one| one["value"].clone()).collect()
    };
    let answer = webex.patch(&place(&group), &rename).await.expect(200);
    assert_eq!((ids(&answer).len(), ids(&answer)), (most, ids(&first)));
    let bare = format!("{}?excludedAttributes=members", place(&group));
    assert_eq!(webex.patch(&bare, &rename).await.expect(200).get("members"), None);
    let read = webex.get(&place(&group)).await.expect(200);
    assert_eq!(ids(&read).len(), all, "a GET shows them all");
    world.set(&world.plain, "scim.patch_response", "body").await;
    let answer = scim.patch(&place(&group), &rename).await.expect(200);
    assert_eq!(
        ids(&answer).len(),
        all,
        "so does the RFC's way, where a body is wanted"
    );
}
