//! ETags, preconditions, and changes at the same time (RFC 7644 §3.14).

use futures_util::future::join_all;
use http::Method;
use serde_json::{Value, json};

use super::{found, hire, patch_op, place};
use crate::client::{Answer, Client};
use crate::on_both;
use crate::world::World;

on_both!(
    reads_with_if_none_match,
    writes_with_if_match,
    groups_have_versions_too,
    no_update_is_lost_without_a_condition,
    of_many_with_one_version_one_wins,
    of_many_creates_of_one_name_one_wins,
    members_come_together_from_many,
    a_read_sees_that_groups_have_changed,
);

fn version(resource: &Value) -> &str {
    resource["meta"]["version"].as_str().expect("a version")
}

async fn conditional(client: &Client, method: Method, path: &str, header: (&str, &str)) -> Answer {
    let call = client.call(method.clone(), path).header(header.0, header.1);
    let title = |title: &str| patch_op(json!([{ "op": "replace", "path": "displayName", "value": title }]));
    match method {
        Method::PATCH => call.json(&title(header.1)).send().await,
        Method::PUT => {
            call.json(&json!({ "userName": "v", "displayName": "Put" }))
                .send()
                .await
        }
        _ => call.send().await,
    }
}

async fn reads_with_if_none_match(world: &World) {
    let scim = world.plain.scim();
    let made = hire(&scim, &json!({ "userName": "v" })).await;
    for (tag, status) in [
        (version(&made), 304),
        ("*", 304),
        ("W/\"0\", W/\"1\"", 304),
        ("\"1\"", 304),
        ("W/\"2\"", 200),
        ("nonsense", 200),
    ] {
        let answer = conditional(&scim, Method::GET, &place(&made), ("If-None-Match", tag)).await;
        assert_eq!(answer.status, status, "{tag}");
        assert_eq!(answer.header("etag"), version(&made));
        assert_eq!(answer.text.is_empty(), status == 304);
    }
}

async fn writes_with_if_match(world: &World) {
    let scim = world.plain.scim();
    let made = hire(&scim, &json!({ "userName": "v" })).await;
    for method in [Method::PUT, Method::PATCH, Method::DELETE] {
        for tag in ["W/\"99\"", "nonsense", "\"\""] {
            let answer = conditional(&scim, method.clone(), &place(&made), ("If-Match", tag)).await;
            answer.scim_error(412, "");
        }
        for tag in ["*", version(&made)] {
            let answer = conditional(&scim, method.clone(), &place(&made), ("If-None-Match", tag)).await;
            answer.scim_error(412, "");
        }
    }
    assert_eq!(
        scim.get(&place(&made)).await.expect(200),
        made,
        "nothing came of it"
    );
    let first = conditional(&scim, Method::PATCH, &place(&made), ("If-Match", version(&made)))
        .await
        .expect(200);
    assert_ne!(version(&first), version(&made));
    conditional(&scim, Method::PATCH, &place(&made), ("If-Match", version(&made)))
        .await
        .scim_error(412, "");
    let second = conditional(&scim, Method::PUT, &place(&made), ("If-Match", version(&first)))
        .await
        .expect(200);
    conditional(&scim, Method::PATCH, &place(&made), ("If-Match", "*"))
        .await
        .expect(200);
    conditional(
        &scim,
        Method::DELETE,
        &place(&made),
        ("If-Match", version(&second)),
    )
    .await
    .scim_error(412, "");
    conditional(&scim, Method::DELETE, &place(&made), ("If-Match", "*"))
        .await
        .expect(204);
    for method in [Method::PUT, Method::PATCH, Method::DELETE] {
        conditional(&scim, method, &place(&made), ("If-Match", "*"))
            .await
            .scim_error(404, "");
    }
}

async fn groups_have_versions_too(world: &World) {
    let scim = world.plain.scim();
    let user = hire(&scim, &json!({ "userName": "v" })).await;
    let made = found(&scim, &json!({ "displayName": "G" })).await;
    let answer = conditional(
        &scim,
        Method::GET,
        &place(&made),
        ("If-None-Match", version(&made)),
    )
    .await;
    assert_eq!(answer.status, 304);
    let add = patch_op(json!([{ "op": "add", "path": "members", "value": [{ "value": user["id"] }] }]));
    let patch = |tag: String| {
        let call = scim.call(Method::PATCH, &place(&made)).header("If-Match", &tag);
        let call = call.json(&add);
        async move { call.send().await }
    };
    patch("W/\"99\"".to_owned()).await.scim_error(412, "");
    let answer = patch(version(&made).to_owned()).await;
    answer.expect(204);
    let now = scim.get(&place(&made)).await.expect(200);
    assert_ne!(version(&now), version(&made), "a member more is a new version");
    assert_eq!(answer.header("etag"), version(&now));
    patch(version(&made).to_owned()).await.scim_error(412, "");
    conditional(&scim, Method::DELETE, &place(&made), ("If-Match", version(&made)))
        .await
        .scim_error(412, "");
    conditional(&scim, Method::DELETE, &place(&made), ("If-Match", version(&now)))
        .await
        .expect(204);
}

async fn no_update_is_lost_without_a_condition(world: &World) {
    let scim = world.plain.scim();
    let made = hire(&scim, &json!({ "userName": "v" })).await;
    let all = (0..12).map(|number| {
        let phone = json!([{ "value": format!("+1 555 01{number:02}"), "type": format!("t{number}") }]);
        let body = patch_op(json!([{ "op": "add", "path": "phoneNumbers", "value": phone }]));
        let (scim, place) = (scim.clone(), place(&made));
        async move { scim.patch(&place, &body).await.expect(200) }
    });
    join_all(all).await;
    let now = scim.get(&place(&made)).await.expect(200);
    assert_eq!(now["phoneNumbers"].as_array().map(Vec::len), Some(12), "{now}");
    assert_eq!(version(&now), "W/\"13\"", "each change is a version");
}

async fn of_many_with_one_version_one_wins(world: &World) {
    let scim = world.plain.scim();
    let made = hire(&scim, &json!({ "userName": "v" })).await;
    let all = (0..8).map(|number| {
        let body =
            patch_op(json!([{ "op": "replace", "path": "title", "value": format!("Title {number}") }]));
        let call = scim
            .call(Method::PATCH, &place(&made))
            .header("If-Match", version(&made));
        call.json(&body).send()
    });
    let mut statuses: Vec<u16> = join_all(all).await.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412, 412, 412, 412, 412, 412]);
    assert_eq!(version(&scim.get(&place(&made)).await.expect(200)), "W/\"2\"");
}

async fn of_many_creates_of_one_name_one_wins(world: &World) {
    let scim = world.plain.scim();
    let all = ["race", "RACE", "Race", "rAce", "raCe", "racE"].map(|name| {
        let scim = scim.clone();
        async move { scim.post("/Users", &json!({ "userName": name })).await.status }
    });
    let mut statuses = join_all(all).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409]);
}

async fn members_come_together_from_many(world: &World) {
    let scim = world.plain.scim();
    let group = found(&scim, &json!({ "displayName": "Crowd" })).await;
    let mut ids = Vec::new();
    for number in 0..12 {
        ids.push(hire(&scim, &json!({ "userName": format!("m{number}") })).await["id"].clone());
    }
    let all = ids.iter().map(|id| {
        let body = patch_op(json!([{ "op": "add", "path": "members", "value": [{ "value": id }] }]));
        let (scim, place) = (scim.clone(), place(&group));
        async move { scim.patch(&place, &body).await.expect(204) }
    });
    join_all(all).await;
    let members = scim.get(&place(&group)).await.expect(200)["members"].clone();
    assert_eq!(members.as_array().map(Vec::len), Some(12));
}

async fn a_read_sees_that_groups_have_changed(world: &World) {
    let scim = world.plain.scim();
    let user = hire(&scim, &json!({ "userName": "v" })).await;
    let inner = found(&scim, &json!({ "displayName": "Inner" })).await;
    let outer = found(&scim, &json!({ "displayName": "Outer" })).await;
    let bare = format!("{}?excludedAttributes=groups", place(&user));
    let change = |group: &Value, operation: Value| {
        let (scim, place, body) = (scim.clone(), place(group), patch_op(json!([operation])));
        async move { scim.patch(&place, &body).await.expect(204) }
    };
    let add =
        |member: &Value| json!({ "op": "add", "path": "members", "value": [{ "value": member["id"] }] });
    let mut seen = vec![version(&user).to_owned()];
    for step in 0..5 {
        match step {
            0 => change(&inner, add(&user)).await,
            1 => change(&outer, add(&inner)).await,
            2 => change(&outer, add(&user)).await,
            3 => {
                let rename = json!({ "op": "replace", "path": "displayName", "value": "Renamed" });
                change(&outer, rename).await
            }
            _ => change(&inner, json!({ "op": "remove", "path": "members" })).await,
        };
        for old in &seen {
            let answer = conditional(&scim, Method::GET, &place(&user), ("If-None-Match", old)).await;
            answer.expect(200);
            assert_ne!(answer.header("etag"), old, "step {step}");
        }
        let now = scim.get(&place(&user)).await.expect(200);
        let answer = conditional(
            &scim,
            Method::GET,
            &place(&user),
            ("If-None-Match", version(&now)),
        )
        .await;
        assert_eq!(
            (answer.status, answer.header("etag")),
            (304, version(&now)),
            "step {step}"
        );
        let list = scim.get("/Users?filter=userName+eq+%22v%22").await.expect(200);
        assert_eq!(version(&list["Resources"][0]), version(&now), "step {step}");
        let answer = conditional(&scim, Method::GET, &bare, ("If-None-Match", version(&user))).await;
        assert_eq!(
            answer.status, 304,
            "step {step}: without groups nothing has changed"
        );
        seen.push(version(&now).to_owned());
    }
    // What a write could change has one version all the time.
    for old in &seen {
        let call = scim.call(Method::PATCH, &place(&user)).header("If-Match", old);
        let nothing = patch_op(json!([{ "op": "replace", "path": "userName", "value": "v" }]));
        call.json(&nothing).send().await.expect(200);
    }
    let answer = conditional(&scim, Method::PATCH, &place(&user), ("If-Match", &seen[3])).await;
    assert_eq!(answer.header("etag"), version(&answer.expect(200)));
    conditional(&scim, Method::PATCH, &place(&user), ("If-Match", &seen[3]))
        .await
        .scim_error(412, "");
    // A group's own version goes with its members, of whichever kind.
    let now = scim.get(&place(&outer)).await.expect(200);
    assert_eq!((version(&outer), version(&now)), ("W/\"1\"", "W/\"4\""));
}
