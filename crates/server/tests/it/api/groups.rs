//! `/api/v1/groups`.

use serde_json::{Value, json};

use super::{column, hire, text, through};
use crate::client::encoded;
use crate::endpoints::NOBODY;
use crate::on_both;
use crate::world::World;

on_both!(
    a_group_lives_and_dies,
    a_group_gets_another_name,
    a_list_in_pages,
    members,
    members_that_are_none,
    groups_as_members,
    one_name_for_two
);

async fn a_group_lives_and_dies(world: &World) {
    let api = world.plain.api();
    let made = api
        .post(
            "/groups",
            &json!({ "display_name": "Field/Team ÅÄ", "external_id": "g-1" }),
        )
        .await
        .expect(201);
    let expected = json!({
        "id": made["id"], "display_name": "Field/Team ÅÄ", "external_id": "g-1", "created_at": made["created_at"],
        "modified_at": made["modified_at"], "version": 1, "members": 0,
    });
    assert_eq!(made, expected);
    let mut shown = made.clone();
    shown["apps"] = json!([]);
    for name in [text(&made["id"]), "Field/Team ÅÄ", "FIELD/TEAM åä"] {
        assert_eq!(
            api.get(&format!("/groups/{}", encoded(name))).await.expect(200),
            shown,
            "{name}"
        );
    }
    let other = api
        .post("/groups", &json!({ "display_name": "Other" }))
        .await
        .expect(201);
    assert_eq!(other["external_id"], Value::Null);
    for (body, code) in [
        (json!({}), "body.invalid"),
        (json!({ "display_name": "" }), "group.display_name"),
        (json!({ "display_name": "  " }), "group.display_name"),
        (json!({ "display_name": 5 }), "body.invalid"),
        (json!({ "display_name": "x", "colour": "blue" }), "body.invalid"),
        (json!({ "display_name": "a\u{0}b" }), "body.invalid"),
        (json!([]), "body.invalid"),
    ] {
        api.post("/groups", &body).await.problem(400, code);
    }
    api.delete("/groups/other").await.expect(204);
    api.delete(&format!("/groups/{}", text(&made["id"])))
        .await
        .expect(204);
    api.delete("/groups/other").await.problem(404, "group.unknown");
    api.get(&format!("/groups/{NOBODY}"))
        .await
        .problem(404, "group.unknown");
    assert_eq!(api.get("/groups").await.expect(200)["items"], json!([]));
}

async fn a_group_gets_another_name(world: &World) {
    let (api, scim) = (world.plain.api(), world.plain.scim());
    let ids = hire(&world.plain, &["anna"]).await;
    let group = json!({ "displayName": "Staff", "externalId": "g-1", "members": [{ "value": ids[0] }] });
    let group = scim.post("/Groups", &group).await.expect(201);
    let path = format!("/groups/{}", text(&group["id"]));
    let renamed = api
        .patch("/groups/staff", &json!({ "display_name": "Crew" }))
        .await
        .expect(200);
    assert_eq!(
        (
            &renamed["display_name"],
            &renamed["external_id"],
            &renamed["members"]
        ),
        (&json!("Crew"), &json!("g-1"), &json!(1))
    );
    api.get("/groups/staff").await.problem(404, "group.unknown");
    let read = scim.get(&format!("/Groups/{}", text(&group["id"]))).await;
    assert_eq!(read.expect(200)["displayName"], "Crew");
    let events = api.get("/events?type=group_update").await.expect(200);
    assert_eq!(
        events["items"][0]["detail"]["changes"],
        json!([{ "field": "displayName", "from": "Staff", "to": "Crew" }])
    );
    let change = json!({ "external_id": null });
    let cleared = api.patch(&path, &change).await.expect(200);
    assert_eq!(
        (&cleared["external_id"], &cleared["display_name"]),
        (&Value::Null, &json!("Crew"))
    );
    // What changes nothing is no new version.
    for nothing in [json!({}), json!({ "display_name": "Crew" }), change] {
        let same = api.patch(&path, &nothing).await.expect(200);
        assert_eq!(same["version"], cleared["version"], "{nothing}");
    }
    for (body, code) in [
        (json!({ "display_name": " " }), "group.display_name"),
        (json!({ "display_name": 5 }), "body.invalid"),
        (json!({ "members": [] }), "body.invalid"),
    ] {
        api.patch(&path, &body).await.problem(400, code);
    }
    api.patch("/groups/nobody", &json!({ "display_name": "x" }))
        .await
        .problem(404, "group.unknown");
}

async fn a_list_in_pages(world: &World) {
    let api = world.plain.api();
    let mut ids = Vec::new();
    for number in 1..=5 {
        let made = api
            .post("/groups", &json!({ "display_name": format!("Group {number}") }))
            .await
            .expect(201);
        ids.push(text(&made["id"]).to_owned());
    }
    for limit in 1..=6 {
        assert_eq!(
            through(&api, &format!("/groups?limit={limit}"), "id").await,
            ids,
            "limit {limit}"
        );
    }
}

async fn members(world: &World) {
    let api = world.plain.api();
    let ids = hire(&world.plain, &["anna", "bert", "carl", "dora"]).await;
    api.post("/groups", &json!({ "display_name": "Staff" }))
        .await
        .expect(201);
    for (body, added, removed, expected) in [
        (json!({ "add": ["anna", ids[1]] }), 2, 0, &["anna", "bert"][..]),
        (
            json!({ "add": ["ANNA", "anna", ids[0], "carl"] }),
            1,
            0,
            &["anna", "bert", "carl"],
        ),
        (
            json!({ "add": ["dora"], "remove": ["anna", ids[1]] }),
            1,
            2,
            &["carl", "dora"],
        ),
        (json!({ "remove": ["anna"] }), 0, 0, &["carl", "dora"]),
        (
            json!({ "add": ["anna"], "remove": ["anna"] }),
            0,
            0,
            &["carl", "dora"],
        ),
        (json!({}), 0, 0, &["carl", "dora"]),
    ] {
        let answer = api.post("/groups/staff/members", &body).await.expect(200);
        assert_eq!(answer, json!({ "added": added, "removed": removed }), "{body}");
        let list = api.get("/groups/staff/members").await.expect(200);
        assert_eq!(column(&list, "user_name"), expected, "{body}");
        assert_eq!(
            api.get("/groups/staff").await.expect(200)["members"],
            expected.len()
        );
    }
    let list = api.get("/groups/staff/members?limit=1").await.expect(200);
    let first = json!({ "id": ids[2], "type": "User", "user_name": "carl", "display_name": null });
    assert_eq!(list["items"], json!([first]));
    for limit in 1..=3 {
        let all = through(&api, &format!("/groups/staff/members?limit={limit}"), "user_name").await;
        assert_eq!(all, ["carl", "dora"], "limit {limit}");
    }
    let scim = world.plain.scim().get("/Groups").await.expect(200);
    assert_eq!(
        scim["Resources"][0]["members"].as_array().map(Vec::len),
        Some(2),
        "the same by the other door"
    );
}

async fn members_that_are_none(world: &World) {
    let api = world.plain.api();
    hire(&world.plain, &["anna"]).await;
    api.post("/groups", &json!({ "display_name": "Staff" }))
        .await
        .expect(201);
    api.post("/groups/staff/members", &json!({ "add": ["anna", "nobody"] }))
        .await
        .problem(404, "person.unknown");
    api.post("/groups/staff/members", &json!({ "remove": ["nobody"] }))
        .await
        .problem(404, "person.unknown");
    let answer = api
        .post("/groups/staff/members", &json!({ "add": ["anna", NOBODY] }))
        .await;
    assert!([400, 404].contains(&answer.status), "{}", answer.text);
    for body in [
        json!({ "add": "anna" }),
        json!({ "added": ["anna"] }),
        json!({ "add": [{ "id": "anna" }] }),
    ] {
        api.post("/groups/staff/members", &body)
            .await
            .problem(400, "body.invalid");
    }
    assert_eq!(
        api.get("/groups/staff").await.expect(200)["members"],
        0,
        "all or nobody"
    );
    api.post("/groups/nothing/members", &json!({ "add": ["anna"] }))
        .await
        .problem(404, "group.unknown");
    api.get("/groups/nothing/members")
        .await
        .problem(404, "group.unknown");
}

async fn one_name_for_two(world: &World) {
    let api = world.plain.api();
    let one = api
        .post("/groups", &json!({ "display_name": "Staff" }))
        .await
        .expect(201);
    api.post("/groups", &json!({ "display_name": "STAFF" }))
        .await
        .expect(201);
    api.get("/groups/staff").await.problem(409, "group.ambiguous");
    api.delete("/groups/staff").await.problem(409, "group.ambiguous");
    api.post("/groups/staff/members", &json!({}))
        .await
        .problem(409, "group.ambiguous");
    api.delete(&format!("/groups/{}", text(&one["id"])))
        .await
        .expect(204);
    api.get("/groups/staff").await.expect(200);
}

async fn groups_as_members(world: &World) {
    let api = world.plain.api();
    let ids = hire(&world.plain, &["anna", "bert"]).await;
    for name in ["All", "Sales", "Lab"] {
        api.post("/groups", &json!({ "display_name": name }))
            .await
            .expect(201);
    }
    let lab = api.get("/groups/lab").await.expect(200)["id"].clone();
    let sales = api.get("/groups/sales").await.expect(200);
    let id_of = |name: &str| match name {
        "Sales" => text(&sales["id"]),
        "Lab" => text(&lab),
        "anna" => ids[0].as_str(),
        _ => ids[1].as_str(),
    };
    for (body, added, removed, expected) in [
        (
            json!({ "add": ["anna", { "group": "Sales" }] }),
            2,
            0,
            &["Sales", "anna"][..],
        ),
        (
            json!({ "add": [lab, { "user": "bert" }] }),
            2,
            0,
            &["Sales", "Lab", "anna", "bert"],
        ),
        (
            json!({ "remove": [{ "group": lab }, { "user": ids[1] }] }),
            0,
            2,
            &["Sales", "anna"],
        ),
        (
            json!({ "remove": [{ "group": "LAB" }] }),
            0,
            0,
            &["Sales", "anna"],
        ),
    ] {
        let answer = api.post("/groups/all/members", &body).await.expect(200);
        assert_eq!(answer, json!({ "added": added, "removed": removed }), "{body}");
        for limit in [1, 2, 9] {
            let path = format!("/groups/all/members?limit={limit}");
            let found = through(&api, &path, "id").await;
            let expected: Vec<&str> = expected.iter().map(|name| id_of(name)).collect();
            assert_eq!(found, expected, "{body} limit {limit}");
        }
        assert_eq!(
            api.get("/groups/all").await.expect(200)["members"],
            expected.len()
        );
    }
    let list = api.get("/groups/all/members?limit=1").await.expect(200);
    assert_eq!(
        list["items"],
        json!([{ "id": sales["id"], "type": "Group", "user_name": null, "display_name": "Sales" }])
    );
    let circle = json!({ "add": [{ "group": "All" }] });
    api.post("/groups/sales/members", &circle)
        .await
        .problem(400, "group.circular");
    api.post("/groups/all/members", &circle)
        .await
        .problem(400, "group.circular");
    api.post("/groups/all/members", &json!({ "add": [{ "group": "nobody" }] }))
        .await
        .problem(404, "group.unknown");
    api.post("/groups/all/members", &json!({ "add": [{ "user": lab }] }))
        .await
        .problem(404, "person.unknown");
    for after in ["user:x", "robot:1", lab.as_str().expect("an id")] {
        api.get(&format!("/groups/all/members?after={after}"))
            .await
            .problem(400, "after");
    }
    for body in [json!({ "add": [{ "robot": "x" }] }), json!({ "add": [7] })] {
        let problem = api.post("/groups/all/members", &body).await;
        assert!(problem.text.contains("PERSON"), "{}", problem.text);
        problem.problem(400, "body.invalid");
    }
}
