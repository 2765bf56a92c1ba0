//! What memberships cost: the work for one member is the same in a group of ten and in one of thousands, and who does
//! not want members does not have them read. What a statement looks at to find its rows, `query_plans` and the store's
//! own plans of members say: ranges of a key, each as long as what is found.

use directory::{Change, NewUser, Settings, Source};
use http::Method;
use scim::ResourceTypes;
use scim::resource::Mode;
use serde_json::{Value, json};

use super::{found, hire, id, patch_op, place};
use crate::client::{Client, encoded};
use crate::on_both;
use crate::world::{World, cause};

on_both!(
    one_member_costs_the_same_in_every_group,
    webexs_answer_to_a_patch_is_bounded,
    people_with_their_groups_are_few_questions,
);

async fn one_member_costs_the_same_in_every_group(world: &World) {
    compare(world, &[10, 1_000, 2_500]).await;
}

mod soak {
    use super::*;

    const SIZES: [usize; 2] = [10, 100_000];

    #[ignore = "takes long: cargo xtask soak runs it"]
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn soak_one_member_of_many_on_sqlite() {
        compare(&World::sqlite().await, &SIZES).await;
    }

    #[ignore = "takes long: cargo xtask soak runs it"]
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn soak_one_member_of_many_on_postgres() {
        compare(&World::postgres().await, &SIZES).await;
    }
}

/// People, by their ids.
async fn people(world: &World, count: usize) -> Vec<String> {
    let change = Change {
        cause: &cause(),
        source: Source::Scim,
        types: ResourceTypes::built_in(),
        settings: Settings::default(),
    };
    let new = |number: &usize| {
        let resource = json!({ "userName": format!("p{number:06}") });
        let resource = scim::resource::read(resource, &change.types.user, Mode::Create);
        NewUser {
            id: world.store.ambient().id(),
            resource: resource.expect("a person"),
        }
    };
    let mut ids = Vec::new();
    for some in (0..count).collect::<Vec<_>>().chunks(10_000) {
        let people = some.iter().map(new).collect();
        let made = world
            .directory
            .create_users(&change, world.plain.id, people)
            .await;
        ids.extend(made.expect("created").iter().map(|user| user.id.to_string()));
    }
    ids
}

async fn join(scim: &Client, group: &Value, ids: &[String]) {
    for some in ids.chunks(10_000) {
        let members: Vec<_> = some.iter().map(|id| json!({ "value": id })).collect();
        let add = patch_op(json!([{ "op": "add", "path": "members", "value": members }]));
        scim.patch(&place(group), &add).await.expect(204);
    }
}

/// A request whose work is counted.
struct Asked {
    client: Client,
    method: Method,
    path: String,
    body: Option<Value>,
    status: u16,
    /// How many of a list there must be.
    finds: Option<u64>,
}

impl Asked {
    fn get(client: &Client, path: String) -> Self {
        Self {
            client: client.clone(),
            method: Method::GET,
            path,
            body: None,
            status: 200,
            finds: None,
        }
    }

    fn finds(self, count: u64) -> Self {
        Self {
            finds: Some(count),
            ..self
        }
    }

    fn change(client: &Client, method: Method, path: String, body: Value, status: u16) -> Self {
        Self {
            method,
            body: Some(body),
            status,
            ..Self::get(client, path)
        }
    }
}

/// Statements and rows of one request, and its answer.
async fn work(world: &World, asked: &Asked) -> (u64, u64, Value) {
    let before = world.store.stats();
    let mut call = asked.client.call(asked.method.clone(), &asked.path);
    if let Some(body) = &asked.body {
        call = call.json(body);
    }
    let answer = call.send().await.expect(asked.status);
    let after = world.store.stats();
    if let Some(count) = asked.finds {
        assert_eq!(answer["totalResults"], count, "{}: {answer}", asked.path);
    }
    (
        after.statements - before.statements,
        after.rows - before.rows,
        answer,
    )
}

fn adding(member: &Value) -> Value {
    patch_op(json!([{ "op": "add", "path": "members", "value": [{ "value": member["id"] }] }]))
}

fn removing(member: &Value) -> Value {
    let path = format!("members[value eq \"{}\"]", id(member));
    patch_op(json!([{ "op": "remove", "path": path }]))
}

/// As Okta says it: the same person goes and comes.
fn renewing(member: &Value) -> Value {
    let of = |op: &str| json!({ "op": op, "path": "members", "value": [{ "value": member["id"] }] });
    patch_op(json!([of("remove"), of("add")]))
}

/// What is asked about a group, one person and another group.
fn questions(world: &World, group: &Value, one: &Value, team: &Value) -> Vec<Asked> {
    let (scim, webex, api) = (world.plain.scim(), world.plain.webex(), world.plain.api());
    let (here, name) = (place(group), group["displayName"].as_str().expect("a name"));
    let bare = format!("{here}?excludedAttributes=members");
    let members = format!("/groups/{}/members", id(group));
    let filtered = |filter: String| {
        let path = format!("/Groups?excludedAttributes=members&filter={}", encoded(&filter));
        Asked::get(&scim, path)
    };
    let patch = |body| Asked::change(&scim, Method::PATCH, here.clone(), body, 204);
    let webex_patch = |body| Asked::change(&webex, Method::PATCH, bare.clone(), body, 200);
    let post = |body| Asked::change(&api, Method::POST, members.clone(), body, 200);
    vec![
        Asked::get(&scim, bare.clone()),
        Asked::get(&scim, format!("{here}?attributes=displayName")),
        Asked::get(&scim, format!("{here}/Members?count=5")),
        Asked::get(&scim, format!("{here}/Members?count=5&startIndex=4")),
        patch(adding(one)),
        patch(adding(one)),
        patch(renewing(one)),
        patch(adding(team)),
        filtered(format!("members.value eq \"{}\"", id(one))).finds(1),
        filtered(format!(
            "members[value eq \"{}\" and type eq \"Group\"]",
            id(team)
        ))
        .finds(1),
        filtered(format!(
            "displayName eq \"{name}\" and not (members eq \"{}\")",
            id(one)
        ))
        .finds(0),
        Asked::get(&scim, "/Groups?includeMembers=false".to_owned()),
        Asked::get(&scim, place(one)),
        Asked::get(&api, format!("/people/{}", id(one))),
        patch(removing(one)),
        patch(removing(team)),
        patch(removing(team)),
        webex_patch(adding(one)),
        webex_patch(removing(one)),
        post(json!({ "add": [one["id"]] })),
        post(json!({ "remove": [one["id"]] })),
    ]
}

/// The same work in groups of these sizes.
async fn compare(world: &World, sizes: &[usize]) {
    let scim = world.plain.scim();
    let most = sizes.iter().max().expect("a size");
    let all = people(world, *most).await;
    let one = hire(&scim, &json!({ "userName": "one" })).await;
    let team = found(&scim, &json!({ "displayName": "Team" })).await;
    let mut groups = Vec::new();
    for (at, size) in sizes.iter().enumerate() {
        let group = found(&scim, &json!({ "displayName": format!("Group {at}") })).await;
        join(&scim, &group, &all[..*size]).await;
        groups.push(group);
    }
    let mut works: Vec<Vec<(String, u64, u64)>> = Vec::new();
    for group in &groups {
        let mut costs = Vec::new();
        for (number, asked) in questions(world, group, &one, &team).iter().enumerate() {
            let (statements, rows, _) = work(world, asked).await;
            costs.push((format!("{number} {}", asked.method), statements, rows));
        }
        works.push(costs);
    }
    for work in &works[1..] {
        assert_eq!(&works[0], work);
    }
    let most = works[0].iter().map(|(_, _, rows)| *rows).max();
    assert!(most < Some(25), "{:?}", works[0]);
}

async fn webexs_answer_to_a_patch_is_bounded(world: &World) {
    let (scim, webex) = (world.plain.scim(), world.plain.webex());
    let all = people(world, 1_200).await;
    let one = hire(&scim, &json!({ "userName": "one" })).await;
    let mut works = Vec::new();
    for size in [600, 1_200] {
        let group = found(&scim, &json!({ "displayName": format!("Group {size}") })).await;
        join(&scim, &group, &all[..size]).await;
        let patch = Asked::change(&webex, Method::PATCH, place(&group), adding(&one), 200);
        let (statements, rows, answer) = work(world, &patch).await;
        assert_eq!(answer["members"].as_array().map(Vec::len), Some(500));
        works.push((statements, rows));
    }
    assert_eq!(works[0], works[1]);
}

async fn people_with_their_groups_are_few_questions(world: &World) {
    let scim = world.plain.scim();
    let all = people(world, 210).await;
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
        let (asked, _, page) = work(world, &Asked::get(&scim, path)).await;
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
    let bare = Asked::get(&scim, "/Users?excludedAttributes=groups".to_owned());
    let (bare, ..) = work(world, &bare).await;
    assert!(bare < statements[0], "{bare} {statements:?}");
    let group = encoded(&format!("groups.value eq \"{}\"", id(&groups[2])));
    let path = format!("/Users?count=1&filter={group}");
    // Of the group's group's members.
    work(world, &Asked::get(&scim, path).finds(210)).await;
}
