//! Operations on members that take each other back: a request raises the version by one at most, and by nothing, with
//! no event and nothing in the feed, where group and members are what they were (RFC 7644 §3.5.2, §3.14).

use http::Method;
use serde_json::{Value, json};
use store::changes::{Change, What};

use super::{found, hire, id, patch_op, place};
use crate::client::Client;
use crate::on_both;
use crate::world::World;

on_both!(
    what_is_taken_back_is_nothing,
    one_request_is_one_version,
    the_last_word_counts,
    a_put_of_the_same_is_nothing,
    who_is_unknown_is_refused_all_the_same,
);

/// A group with a person and a group in it, and one of each outside.
struct Cast {
    scim: Client,
    group: Value,
    ann: String,
    bob: String,
    team: String,
    crew: String,
}

impl Cast {
    async fn of(world: &World) -> Self {
        let scim = world.plain.scim();
        let ann = hire(&scim, &json!({ "userName": "ann" })).await;
        let bob = hire(&scim, &json!({ "userName": "bob" })).await;
        let team = found(&scim, &json!({ "displayName": "Team" })).await;
        let crew = found(&scim, &json!({ "displayName": "Crew" })).await;
        let [ann, bob, team, crew] = [ann, bob, team, crew].map(|one| id(&one).to_owned());
        let group = json!({ "displayName": "Lab", "members": [{ "value": ann }, { "value": team }] });
        let group = found(&scim, &group).await;
        assert_eq!(group["meta"]["version"], "W/\"1\"", "made in one go");
        Self {
            scim,
            group,
            ann,
            bob,
            team,
            crew,
        }
    }

    async fn now(&self) -> Value {
        self.scim.get(&place(&self.group)).await.expect(200)
    }

    async fn patch(&self, operations: &Value, tag: Option<&str>) {
        let mut call = self.scim.call(Method::PATCH, &place(&self.group));
        if let Some(tag) = tag {
            call = call.header("If-Match", tag);
        }
        let answer = call.json(&patch_op(operations.clone())).send().await;
        answer.expect(204);
        assert_eq!(answer.header("etag"), tag_of(&self.now().await), "{operations}");
    }
}

fn tag_of(group: &Value) -> &str {
    group["meta"]["version"].as_str().expect("a version")
}

fn number(group: &Value) -> u32 {
    let digits = tag_of(group).trim_start_matches("W/\"").trim_end_matches('"');
    digits.parse().expect("a number")
}

fn inside(group: &Value) -> Vec<String> {
    let members = group["members"].as_array().cloned().unwrap_or_default();
    let mut inside: Vec<String> = members
        .iter()
        .map(|one| one["value"].as_str().expect("an id").to_owned())
        .collect();
    inside.sort_unstable();
    inside
}

fn add(id: &str) -> Value {
    json!({ "op": "add", "path": "members", "value": [{ "value": id }] })
}

fn remove(id: &str) -> Value {
    json!({ "op": "remove", "path": "members", "value": [{ "value": id }] })
}

fn remove_by_filter(id: &str) -> Value {
    json!({ "op": "remove", "path": format!("members[value eq \"{id}\"]") })
}

fn replace(ids: &[&str]) -> Value {
    let members: Vec<_> = ids.iter().map(|id| json!({ "value": id })).collect();
    json!({ "op": "replace", "path": "members", "value": members })
}

fn rename(name: &str) -> Value {
    json!({ "op": "replace", "path": "displayName", "value": name })
}

fn remove_all() -> Value {
    json!({ "op": "remove", "path": "members" })
}

fn remove_kind(kind: &str) -> Value {
    json!({ "op": "remove", "path": format!("members[type eq \"{kind}\"]") })
}

async fn feed(world: &World) -> Vec<Change> {
    let head = store::changes::head(&world.store, world.plain.id, 0).await;
    let head = head.expect("a head");
    let mut reader = world.store.reader();
    let page = store::changes::page(&mut reader, world.plain.id, 0, head, 1_000);
    page.await.expect("a page")
}

async fn events(world: &World) -> Vec<Value> {
    let events = world.plain.api().get("/events").await.expect(200);
    events["items"].as_array().expect("items").clone()
}

async fn what_is_taken_back_is_nothing(world: &World) {
    let cast = Cast::of(world).await;
    let (ann, bob, team, crew) = (&*cast.ann, &*cast.bob, &*cast.team, &*cast.crew);
    let before = cast.now().await;
    let (fed, told) = (feed(world).await.len(), events(world).await.len());
    for operations in [
        json!([remove(ann), add(ann)]),
        json!([remove(team), add(team)]),
        json!([remove_by_filter(ann), add(ann)]),
        json!([remove_by_filter(team), add(team)]),
        json!([add(ann)]),
        json!([add(ann), add(ann), add(team)]),
        json!([remove(bob), remove(crew)]),
        json!([add(bob), remove(bob)]),
        json!([add(bob), remove_by_filter(bob)]),
        json!([add(crew), remove(crew)]),
        json!([add(crew), add(bob), remove(bob), remove(crew)]),
        json!([add(bob), remove(bob), add(bob), remove(bob)]),
        json!([remove(ann), add(ann), remove(ann), add(ann)]),
        json!([replace(&[]), add(ann), add(team)]),
        json!([replace(&[bob]), replace(&[team, ann])]),
        json!([replace(&[bob, crew, ann]), remove(crew), remove(bob), add(team)]),
        json!([replace(&[ann, team])]),
        json!([remove_all(), add(team), add(ann)]),
        json!([remove_all(), replace(&[ann, team])]),
        json!([remove_kind("User"), add(ann)]),
        json!([remove_kind("Group"), add(team)]),
        json!([remove_kind("User"), remove_kind("Group"), add(ann), add(team)]),
        json!([add(bob), remove_kind("User"), add(ann)]),
        json!([{ "op": "remove", "path": "members", "value": [{ "value": ann, "type": "Group" }] }]),
        json!([add(bob), { "op": "remove", "path": "members", "value": [{ "value": bob, "type": "User" }] }]),
        json!([remove(ann), { "op": "add", "path": "members", "value": [{ "value": ann, "type": "User" }] }]),
        json!([rename("Other"), remove(ann), rename("Lab"), add(ann)]),
        json!([{ "op": "replace", "value": { "displayName": "Lab", "members": [{ "value": ann }, { "value": team }] } }]),
    ] {
        for tag in [None, Some("*"), Some(tag_of(&before))] {
            cast.patch(&operations, tag).await;
            assert_eq!(cast.now().await, before, "{operations} {tag:?}");
        }
    }
    assert_eq!(feed(world).await.len(), fed, "nothing in the feed");
    assert_eq!(events(world).await.len(), told, "no event");
}

async fn one_request_is_one_version(world: &World) {
    let cast = Cast::of(world).await;
    let (ann, bob, team, crew) = (&*cast.ann, &*cast.bob, &*cast.team, &*cast.crew);
    let name = |from: &str, to: &str| json!([{ "field": "displayName", "from": from, "to": to }]);
    // Operations, how many come and go, and what the event says has changed.
    for (operations, comes, goes, changes) in [
        (json!([add(bob), add(crew)]), 2, 0, json!([])),
        (json!([remove(bob), remove(crew)]), 0, 2, json!([])),
        (json!([remove(ann), add(ann), add(bob)]), 1, 0, json!([])),
        (json!([replace(&[ann]), add(crew)]), 1, 2, json!([])),
        (json!([remove_all(), add(ann), add(team)]), 1, 1, json!([])),
        (json!([remove_kind("User"), add(bob), add(team)]), 1, 1, json!([])),
        (
            json!([remove_kind("User"), replace(&[ann, team])]),
            1,
            1,
            json!([]),
        ),
        (
            json!([rename("A"), remove(ann), add(ann)]),
            0,
            0,
            name("Lab", "A"),
        ),
        (json!([rename("B"), add(bob), remove(team)]), 1, 1, name("A", "B")),
        (json!([add(bob), rename("C"), replace(&[])]), 0, 2, name("B", "C")),
        (
            json!([add(bob), remove_all(), add(ann), add(team)]),
            2,
            0,
            json!([]),
        ),
    ] {
        for strict in [false, true] {
            let before = cast.now().await;
            let (fed, told) = (feed(world).await.len(), events(world).await.len());
            cast.patch(&operations, strict.then(|| tag_of(&before))).await;
            let after = cast.now().await;
            if strict {
                assert_eq!(after, before, "{operations}: done already");
                assert_eq!(feed(world).await.len(), fed, "{operations}");
                continue;
            }
            assert_eq!(number(&after), number(&before) + 1, "{operations}");
            assert_ne!(after["meta"]["lastModified"], before["meta"]["lastModified"]);
            let new = &feed(world).await[fed..];
            let count = |what| {
                let of_members = new.iter().filter(|change| change.related.is_some());
                of_members.filter(|change| change.what == what).count()
            };
            assert_eq!(
                (count(What::Added), count(What::Removed)),
                (comes, goes),
                "{operations}"
            );
            let events = events(world).await;
            assert_eq!(events.len(), told + 1, "{operations}");
            assert_eq!(events[0]["type"], "group_update");
            assert_eq!(events[0]["detail"]["changes"], changes, "{operations}");
            let members = &events[0]["detail"]["members"];
            let told = |what: &str| members[what].as_array().map_or(0, Vec::len);
            assert_eq!((told("added"), told("removed")), (comes, goes), "{operations}");
        }
    }
    let before = cast.now().await;
    let call = cast.scim.call(Method::PATCH, &place(&cast.group));
    let call = call
        .header("If-Match", tag_of(&before))
        .json(&patch_op(json!([add(crew)])));
    call.send().await.expect(204);
    assert_eq!(
        number(&cast.now().await),
        number(&before) + 1,
        "with If-Match too"
    );
}

async fn the_last_word_counts(world: &World) {
    let cast = Cast::of(world).await;
    let (ann, bob, team, crew) = (&*cast.ann, &*cast.bob, &*cast.team, &*cast.crew);
    for (operations, members) in [
        (json!([add(ann), remove(ann)]), vec![team]),
        (json!([add(bob), remove(bob), add(bob)]), vec![ann, team, bob]),
        (json!([remove(ann), add(ann), remove_by_filter(ann)]), vec![team]),
        (json!([replace(&[bob]), add(crew), remove(bob)]), vec![crew]),
        (json!([add(bob), replace(&[crew])]), vec![crew]),
        (json!([add(bob), remove_all()]), vec![]),
        (
            json!([add(bob), add(crew), remove_kind("User")]),
            vec![team, crew],
        ),
        (json!([add(bob), add(crew), remove_kind("Group")]), vec![ann, bob]),
        (json!([remove_kind("Group"), add(bob)]), vec![ann, bob]),
        (json!([remove_kind("User"), add(crew), remove(team)]), vec![crew]),
    ] {
        cast.patch(&json!([replace(&[ann, team])]), None).await;
        cast.patch(&operations, None).await;
        let mut members: Vec<String> = members.into_iter().map(str::to_owned).collect();
        members.sort_unstable();
        assert_eq!(inside(&cast.now().await), members, "{operations}");
    }
}

async fn a_put_of_the_same_is_nothing(world: &World) {
    let cast = Cast::of(world).await;
    let before = cast.now().await;
    let told = events(world).await.len();
    for tag in ["*", tag_of(&before)] {
        let call = cast.scim.call(Method::PUT, &place(&before));
        let answer = call.header("If-Match", tag).json(&before).send().await;
        assert_eq!(answer.expect(200), before);
    }
    assert_eq!(events(world).await.len(), told);
    let other = json!({ "displayName": "Other", "members": [{ "value": cast.bob }] });
    let after = cast.scim.put(&place(&before), &other).await.expect(200);
    assert_eq!(number(&after), number(&before) + 1, "name and members at once");
    assert_eq!(inside(&after), std::slice::from_ref(&cast.bob));
}

async fn who_is_unknown_is_refused_all_the_same(world: &World) {
    let cast = Cast::of(world).await;
    let before = cast.now().await;
    let nobody = "00000000-0000-4000-8000-000000000000";
    for operations in [
        json!([add(nobody)]),
        json!([add(nobody), remove(nobody)]),
        json!([replace(&[nobody]), replace(&[&cast.ann])]),
        json!([remove(&cast.ann), add(&cast.ann), add(nobody)]),
        json!([rename("Other"), remove(&cast.ann), add(nobody)]),
        json!([add(id(&before))]),
    ] {
        let answer = cast
            .scim
            .patch(&place(&before), &patch_op(operations.clone()))
            .await;
        answer.scim_error(400, "invalidValue");
        assert_eq!(cast.now().await, before, "{operations}");
    }
}
