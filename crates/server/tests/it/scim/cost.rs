//! What memberships cost: the work for one member is the same in a group of ten and in one of thousands, and who does
//! not want members does not have them read.

use http::Method;
use serde_json::{Value, json};

use super::{found, hire, id, patch_op, place};
use crate::client::{Client, encoded};
use crate::on_both;
use crate::world::World;

on_both!(
    one_member_costs_the_same_in_every_group,
    people_with_their_groups_are_few_questions,
);

const SIZES: [usize; 3] = [10, 1_000, 2_500];

/// People, by their ids.
async fn people(scim: &Client, count: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for some in (0..count).collect::<Vec<_>>().chunks(1_000) {
        let create = |number: &usize| {
            json!({ "method": "POST", "path": "/Users", "bulkId": number.to_string(),
                "data": { "userName": format!("p{number:05}") } })
        };
        let operations: Vec<Value> = some.iter().map(create).collect();
        let answer = scim.post("/Bulk", &json!({ "Operations": operations })).await;
        for one in answer.expect(200)["Operations"].as_array().expect("Operations") {
            let location = one["location"].as_str().expect("a location");
            ids.push(location.rsplit('/').next().unwrap_or_default().to_owned());
        }
    }
    ids
}

async fn join(scim: &Client, group: &Value, ids: &[String]) {
    for some in ids.chunks(1_000) {
        let members: Vec<_> = some.iter().map(|id| json!({ "value": id })).collect();
        let add = patch_op(json!([{ "op": "add", "path": "members", "value": members }]));
        scim.patch(&place(group), &add).await.expect(204);
    }
}

/// Statements and rows of one request.
async fn work(
    world: &World,
    method: Method,
    path: &str,
    body: Option<&Value>,
    status: u16,
) -> (u64, u64, Value) {
    let scim = world.plain.scim();
    let before = world.store.stats();
    let mut call = scim.call(method, path);
    if let Some(body) = body {
        call = call.json(body);
    }
    let answer = call.send().await.expect(status);
    let after = world.store.stats();
    (
        after.statements - before.statements,
        after.rows - before.rows,
        answer,
    )
}

async fn one_member_costs_the_same_in_every_group(world: &World) {
    let scim = world.plain.scim();
    let all = people(&scim, SIZES[2]).await;
    let one = hire(&scim, &json!({ "userName": "one" })).await;
    let team = found(&scim, &json!({ "displayName": "Team" })).await;
    let mut works: Vec<Vec<(String, u64, u64)>> = Vec::new();
    for (at, size) in SIZES.into_iter().enumerate() {
        let group = found(&scim, &json!({ "displayName": format!("Group {at}") })).await;
        join(&scim, &group, &all[..size]).await;
        let here = place(&group);
        let add = |member: &Value| {
            patch_op(json!([{ "op": "add", "path": "members", "value": [{ "value": member["id"] }] }]))
        };
        let remove = |member: &Value| {
            let path = format!("members[value eq \"{}\"]", id(member));
            patch_op(json!([{ "op": "remove", "path": path }]))
        };
        let filtered =
            |filter: String| format!("/Groups?excludedAttributes=members&filter={}", encoded(&filter));
        let requests = [
            (
                Method::GET,
                format!("{here}?excludedAttributes=members"),
                None,
                200,
            ),
            (Method::GET, format!("{here}?attributes=displayName"), None, 200),
            (Method::PATCH, here.clone(), Some(add(&one)), 204),
            (Method::PATCH, here.clone(), Some(add(&one)), 204),
            (Method::PATCH, here.clone(), Some(add(&team)), 204),
            (
                Method::GET,
                filtered(format!("members.value eq \"{}\"", id(&one))),
                None,
                200,
            ),
            (
                Method::GET,
                filtered(format!(
                    "members[value eq \"{}\" and type eq \"Group\"]",
                    id(&team)
                )),
                None,
                200,
            ),
            (
                Method::GET,
                filtered(format!(
                    "displayName eq \"Group {at}\" and not (members eq \"{}\")",
                    id(&one)
                )),
                None,
                200,
            ),
            (Method::GET, place(&one), None, 200),
            (Method::PATCH, here.clone(), Some(remove(&one)), 204),
            (Method::PATCH, here.clone(), Some(remove(&team)), 204),
            (Method::PATCH, here.clone(), Some(remove(&team)), 204),
        ];
        let mut costs = Vec::new();
        for (number, (method, path, body, status)) in requests.into_iter().enumerate() {
            let (statements, rows, answer) = work(world, method.clone(), &path, body.as_ref(), status).await;
            if let 5..=7 = number {
                let found = u64::from(number != 7);
                assert_eq!(answer["totalResults"], found, "{path}: {answer}");
            }
            costs.push((format!("{number} {method}"), statements, rows));
        }
        works.push(costs);
    }
    assert_eq!(works[0], works[1]);
    assert_eq!(works[1], works[2]);
    let most = works[0].iter().map(|(_, _, rows)| *rows).max();
    assert!(most < Some(25), "{:?}", works[0]);
}

async fn people_with_their_groups_are_few_questions(world: &World) {
    let scim = world.plain.scim();
    let all = people(&scim, 210).await;
    let (mut outer, mut groups) = (None::<Value>, Vec::new());
    for level in 0..3 {
        let members: Vec<_> = outer
            .iter()
            .map(|group| json!({ "value": group["id"] }))
            .collect();
        let group = json!({ "displayName": format!("Level {level}"), "members": members });
        let group = found(&scim, &group).await;
        groups.push(group.clone());
        outer = Some(group);
    }
    join(&scim, &groups[0], &all).await;
    let mut statements = Vec::new();
    for count in [5, 50, 200] {
        let path = format!("/Users?count={count}&startIndex=2");
        let (asked, _, page) = work(world, Method::GET, &path, None, 200).await;
        let people = page["Resources"].as_array().expect("Resources");
        assert_eq!(people.len(), count);
        let grouped = people
            .iter()
            .filter(|one| one["groups"].as_array().map(Vec::len) == Some(3));
        assert!(grouped.count() >= count - 1, "but for the administrator");
        statements.push(asked);
    }
    assert_eq!(statements[0], statements[1]);
    assert_eq!(statements[0], statements[2]);
    // In a list, as alone: whoever does not want groups does not have them read.
    let (bare, ..) = work(world, Method::GET, "/Users?excludedAttributes=groups", None, 200).await;
    assert!(bare < statements[0], "{bare} {statements:?}");
    let group = encoded(&format!("groups.value eq \"{}\"", id(&groups[2])));
    let path = format!("/Users?count=1&filter={group}");
    let (_, _, found) = work(world, Method::GET, &path, None, 200).await;
    assert_eq!(found["totalResults"], 210, "of the group's group's members");
}
