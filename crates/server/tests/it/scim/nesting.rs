//! Groups within groups (RFC 7643 §4.1.2, §4.2).

use serde_json::{Value, json};

use super::{found, hire, id, names, patch_op, place};
use crate::client::Client;
use crate::on_both;
use crate::world::World;

on_both!(
    members_of_both_kinds,
    types_that_contradict,
    removing_by_type,
    put_and_replace,
    circles_are_refused,
    two_halves_of_a_circle_race,
    groups_direct_and_indirect,
    filters_on_both_sides,
    people_within_many_groups,
    long_names_are_shown_in_part,
    a_deleted_group_leaves,
    no_member_of_another_organization,
    members_in_webexs_pages,
    webexs_list_parameters,
);

/// A group of these members, by id.
async fn group(scim: &Client, name: &str, members: &[&Value]) -> Value {
    let members: Vec<Value> = members.iter().map(|one| json!({ "value": one["id"] })).collect();
    found(scim, &json!({ "displayName": name, "members": members })).await
}

async fn person(scim: &Client, name: &str) -> Value {
    hire(scim, &json!({ "userName": name })).await
}

/// The names of a group's members, groups first.
async fn inside(scim: &Client, group: &Value) -> Vec<String> {
    let group = scim.get(&place(group)).await.expect(200);
    let members = group["members"].as_array().expect("members").iter();
    members
        .map(|member| member["display"].as_str().expect("a name").to_owned())
        .collect()
}

/// `Name type`, as a person's document shows the groups.
async fn groups_of(scim: &Client, person: &Value) -> Vec<String> {
    let person = scim.get(&place(person)).await.expect(200);
    let groups = person["groups"].as_array().cloned().unwrap_or_default();
    groups
        .iter()
        .map(|one| {
            format!(
                "{} {}",
                one["display"].as_str().expect("a name"),
                one["type"].as_str().expect("a type")
            )
        })
        .collect()
}

async fn change(scim: &Client, group: &Value, operation: Value) {
    let body = patch_op(json!([operation]));
    scim.patch(&place(group), &body).await.expect(204);
}

async fn members_of_both_kinds(world: &World) {
    let scim = world.plain.scim();
    let anna = person(&scim, "anna").await;
    let sales = group(&scim, "Sales", &[]).await;
    let all = group(&scim, "All", &[&anna, &sales]).await;
    let address = |resource: &Value| format!("{}{}", scim.url, place(resource));
    let expected = json!([
        { "value": sales["id"], "$ref": address(&sales), "display": "Sales", "type": "Group" },
        { "value": anna["id"], "$ref": address(&anna), "display": "anna", "type": "User" },
    ]);
    assert_eq!(all["members"], expected);
    assert_eq!(scim.get(&place(&all)).await.expect(200), all);
    for member in [
        json!({ "value": sales["id"], "type": "Group" }),
        json!({ "value": sales["id"], "type": "GROUP" }),
        json!({ "value": sales["id"], "$ref": address(&sales) }),
        json!({ "value": sales["id"], "$ref": null, "type": "" }),
        sales["id"].clone(),
    ] {
        let clear = json!({ "op": "remove", "path": format!("members[value eq \"{}\"]", id(&sales)) });
        change(&scim, &all, clear).await;
        assert_eq!(inside(&scim, &all).await, ["anna"]);
        let add = json!({ "op": "add", "path": "members", "value": [member] });
        change(&scim, &all, add).await;
        assert_eq!(inside(&scim, &all).await, ["Sales", "anna"], "{member}");
        let remove = json!({ "op": "Remove", "path": "members", "value": [member] });
        change(&scim, &all, remove).await;
        assert_eq!(inside(&scim, &all).await, ["anna"], "{member}");
        change(
            &scim,
            &all,
            json!({ "op": "add", "value": { "members": [member] } }),
        )
        .await;
        assert_eq!(inside(&scim, &all).await, ["Sales", "anna"], "{member}");
    }
}

async fn types_that_contradict(world: &World) {
    let scim = world.plain.scim();
    let anna = person(&scim, "anna").await;
    let sales = group(&scim, "Sales", &[&anna]).await;
    let all = group(&scim, "All", &[&anna, &sales]).await;
    let other = group(&scim, "Other", &[]).await;
    for member in [
        json!({ "value": anna["id"], "type": "Group" }),
        json!({ "value": sales["id"], "type": "user" }),
        json!({ "value": sales["id"], "$ref": format!("../Users/{}", id(&sales)) }),
        json!({ "value": anna["id"], "type": "Machine" }),
    ] {
        let body = json!({ "displayName": "New", "members": [member] });
        let detail = scim.post("/Groups", &body).await.scim_error(400, "invalidValue");
        assert!(
            detail.contains("could be a member") || detail.contains("members.type"),
            "{detail}"
        );
        for target in [&all, &other] {
            for op in ["add", "replace"] {
                let body = patch_op(json!([{ "op": op, "path": "members", "value": [member] }]));
                scim.patch(&place(target), &body)
                    .await
                    .scim_error(400, "invalidValue");
            }
        }
    }
    assert_eq!(inside(&scim, &all).await, ["Sales", "anna"], "all or nothing");
    // Removing what is not there is no error, as elsewhere.
    let wrong = json!({ "value": anna["id"], "type": "Group" });
    change(
        &scim,
        &all,
        json!({ "op": "remove", "path": "members", "value": [wrong] }),
    )
    .await;
    let path = format!("members[value eq \"{}\" and type eq \"Group\"]", id(&anna));
    change(&scim, &all, json!({ "op": "remove", "path": path })).await;
    assert_eq!(inside(&scim, &all).await, ["Sales", "anna"]);
    let path = format!("members[type eq \"group\" and value eq \"{}\"]", id(&sales));
    change(&scim, &all, json!({ "op": "remove", "path": path })).await;
    assert_eq!(inside(&scim, &all).await, ["anna"]);
}

async fn removing_by_type(world: &World) {
    let scim = world.plain.scim();
    let (anna, bert) = (person(&scim, "anna").await, person(&scim, "bert").await);
    let (sales, lab) = (group(&scim, "Sales", &[]).await, group(&scim, "Lab", &[]).await);
    let everybody = [&anna, &bert, &sales, &lab];
    for (path, left) in [
        ("members[type eq \"Group\"]".to_owned(), vec!["anna", "bert"]),
        ("members[type eq User]".to_owned(), vec!["Sales", "Lab"]),
        (
            format!("members[type eq \"group\" or value eq \"{}\"]", id(&bert)),
            vec!["anna"],
        ),
        (
            "members[type eq \"Machine\"]".to_owned(),
            vec!["Sales", "Lab", "anna", "bert"],
        ),
        ("members".to_owned(), vec![]),
    ] {
        let all = group(&scim, "All", &everybody).await;
        change(&scim, &all, json!({ "op": "remove", "path": path })).await;
        assert_eq!(inside(&scim, &all).await, left, "{path}");
    }
    // Any other filter is held against the members; to replace those whom it chooses by nobody is to remove them.
    for (body, left) in [
        (
            json!({ "op": "remove", "path": "members[type ne \"Group\"]" }),
            ["Sales", "Lab"],
        ),
        (
            json!({ "op": "replace", "path": "members[type eq \"Group\"]", "value": [] }),
            ["anna", "bert"],
        ),
        (
            json!({ "op": "replace", "path": "members[type ne \"User\"]", "value": null }),
            ["anna", "bert"],
        ),
    ] {
        let all = group(&scim, "All", &everybody).await;
        change(&scim, &all, body.clone()).await;
        assert_eq!(inside(&scim, &all).await, left, "{body}");
    }
}

async fn put_and_replace(world: &World) {
    let scim = world.plain.scim();
    let (anna, bert) = (person(&scim, "anna").await, person(&scim, "bert").await);
    let (sales, lab) = (group(&scim, "Sales", &[]).await, group(&scim, "Lab", &[]).await);
    let all = group(&scim, "All", &[&anna, &sales]).await;
    let members = json!([{ "value": bert["id"] }, { "value": sales["id"] }, { "value": lab["id"] }]);
    let body = json!({ "displayName": "All", "members": members });
    let after = scim.put(&place(&all), &body).await.expect(200);
    assert_eq!(inside(&scim, &all).await, ["Sales", "Lab", "bert"]);
    assert_eq!(
        scim.put(&place(&all), &body).await.expect(200),
        after,
        "nothing new is no new version"
    );
    assert_eq!(scim.put(&place(&all), &after).await.expect(200), after);
    let replace = json!({ "op": "replace", "path": "members", "value": [{ "value": lab["id"] }] });
    change(&scim, &all, replace).await;
    assert_eq!(inside(&scim, &all).await, ["Lab"]);
    change(
        &scim,
        &all,
        json!({ "op": "replace", "path": "members", "value": [] }),
    )
    .await;
    assert_eq!(inside(&scim, &all).await, [""; 0]);
}

async fn circles_are_refused(world: &World) {
    let scim = world.plain.scim();
    let team = group(&scim, "Team", &[]).await;
    let sales = group(&scim, "Sales", &[&team]).await;
    let all = group(&scim, "All", &[&sales]).await;
    for (outer, inner) in [(&all, &all), (&sales, &all), (&team, &sales), (&team, &all)] {
        let before = scim.get(&place(outer)).await.expect(200);
        let member = json!([{ "value": inner["id"] }]);
        for op in ["add", "replace"] {
            let body = patch_op(json!([
                { "op": "replace", "path": "displayName", "value": "Changed" },
                { "op": op, "path": "members", "value": member },
            ]));
            let detail = scim
                .patch(&place(outer), &body)
                .await
                .scim_error(400, "invalidValue");
            assert!(
                detail.contains(id(inner)) && detail.contains("itself"),
                "{detail}"
            );
        }
        let body = json!({ "displayName": "Changed", "members": member });
        scim.put(&place(outer), &body)
            .await
            .scim_error(400, "invalidValue");
        assert_eq!(scim.get(&place(outer)).await.expect(200), before);
    }
    // Two ways to the same group are no circle.
    let add = json!({ "op": "add", "path": "members", "value": [{ "value": team["id"] }] });
    change(&scim, &all, add).await;
    assert_eq!(inside(&scim, &all).await, ["Team", "Sales"]);
}

async fn two_halves_of_a_circle_race(world: &World) {
    let scim = world.plain.scim();
    for round in 0..6 {
        let (one, two) = (group(&scim, "One", &[]).await, group(&scim, "Two", &[]).await);
        let put = |outer: &Value, inner: &Value| {
            // A rename beside it: both write their own row before they come to the members.
            let body = patch_op(json!([
                { "op": "replace", "path": "displayName", "value": "Changed" },
                { "op": "add", "path": "members", "value": [{ "value": inner["id"] }] },
            ]));
            let (scim, place) = (scim.clone(), place(outer));
            async move { scim.patch(&place, &body).await.status }
        };
        let (left, right) = tokio::join!(put(&one, &two), put(&two, &one));
        let mut statuses = [left, right];
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 400], "round {round}");
    }
}

async fn groups_direct_and_indirect(world: &World) {
    let scim = world.plain.scim();
    let (anna, bert) = (person(&scim, "anna").await, person(&scim, "bert").await);
    let team = group(&scim, "Team", &[&anna]).await;
    let sales = group(&scim, "Sales", &[&team, &bert]).await;
    let all = group(&scim, "All", &[&sales, &bert]).await;
    assert_eq!(
        groups_of(&scim, &anna).await,
        ["Team direct", "Sales indirect", "All indirect"]
    );
    assert_eq!(groups_of(&scim, &bert).await, ["Sales direct", "All direct"]);
    let list = scim.get("/Users?sortBy=userName").await.expect(200);
    let shown = |name: &str| {
        let all = list["Resources"].as_array().expect("Resources").iter();
        let mut all = all.filter(|one| one["userName"] == name);
        all.next().expect("listed")["groups"].clone()
    };
    for user in [&anna, &bert] {
        let single = scim.get(&place(user)).await.expect(200);
        assert_eq!(
            shown(user["userName"].as_str().expect("a name")),
            single["groups"]
        );
    }
    let first = &shown("anna")[1];
    let address = format!("{}{}", scim.url, place(&sales));
    assert_eq!((&first["value"], &first["$ref"]), (&sales["id"], &json!(address)));
    let remove = json!({ "op": "remove", "path": format!("members[value eq \"{}\"]", id(&team)) });
    change(&scim, &sales, remove).await;
    assert_eq!(groups_of(&scim, &anna).await, ["Team direct"]);
    let add = json!({ "op": "add", "path": "members", "value": [{ "value": team["id"] }] });
    change(&scim, &all, add).await;
    assert_eq!(groups_of(&scim, &anna).await, ["Team direct", "All indirect"]);
}

async fn filters_on_both_sides(world: &World) {
    let scim = world.plain.scim();
    let (anna, bert) = (person(&scim, "anna").await, person(&scim, "bert").await);
    let team = group(&scim, "Team", &[&anna]).await;
    let sales = group(&scim, "Sales", &[&team, &bert]).await;
    group(&scim, "All", &[&sales]).await;
    let (anna, bert, team, sales) = (id(&anna), id(&bert), id(&team), id(&sales));
    for (filter, expected) in [
        (format!("members.value eq \"{anna}\""), vec!["Team"]),
        (format!("members eq \"{bert}\""), vec!["Sales"]),
        (format!("members.value eq \"{team}\""), vec!["Sales"]),
        (format!("members[value eq \"{sales}\"]"), vec!["All"]),
        (
            format!("members[value eq \"{sales}\" and type eq \"Group\"]"),
            vec!["All"],
        ),
        (
            format!("members[value eq \"{sales}\" and type eq \"User\"]"),
            vec![],
        ),
        (format!("not (members.value eq \"{anna}\")"), vec!["Sales", "All"]),
        ("members.type eq \"Group\"".to_owned(), vec!["Sales", "All"]),
        ("members.type eq \"User\"".to_owned(), vec!["Team", "Sales"]),
        ("members.display eq \"sales\"".to_owned(), vec!["All"]),
        (
            format!("members.value eq \"{team}\" and members.value eq \"{bert}\""),
            vec!["Sales"],
        ),
        (
            format!("members.value eq \"{anna}\" and displayName eq \"Sales\""),
            vec![],
        ),
        ("members.value eq \"nobody\"".to_owned(), vec![]),
    ] {
        assert_eq!(names(&scim, "Groups", &filter).await, expected, "{filter}");
    }
    for (filter, expected) in [
        (format!("groups.value eq \"{team}\""), vec!["anna"]),
        (format!("groups.value eq \"{sales}\""), vec!["anna", "bert"]),
        (format!("groups eq \"{sales}\""), vec!["anna", "bert"]),
        ("groups.display eq \"all\"".to_owned(), vec!["anna", "bert"]),
        ("groups.display sw \"te\"".to_owned(), vec!["anna"]),
        ("groups.type eq \"direct\"".to_owned(), vec!["anna", "bert"]),
        (
            format!("groups[value eq \"{sales}\" and type eq \"direct\"]"),
            vec!["bert"],
        ),
        (
            format!("groups[value eq \"{sales}\" and type eq \"indirect\"]"),
            vec!["anna"],
        ),
        (
            format!("groups.value eq \"{sales}\" and not (groups.value eq \"{team}\")"),
            vec!["bert"],
        ),
    ] {
        assert_eq!(names(&scim, "Users", &filter).await, expected, "{filter}");
    }
}

/// More groups within a group than are read one by one for each page.
async fn people_within_many_groups(world: &World) {
    let scim = world.plain.scim();
    let everywhere = person(&scim, "everywhere").await;
    person(&scim, "outside").await;
    let (mut teams, mut expected) = (Vec::new(), vec!["everywhere".to_owned()]);
    for number in 10..32 {
        let name = format!("p{number}");
        let one = person(&scim, &name).await;
        teams.push(group(&scim, &format!("Team {number}"), &[&one, &everywhere]).await);
        expected.push(name);
    }
    let (half, rest) = teams.split_at(11);
    let inner = group(&scim, "Inner", &rest.iter().collect::<Vec<_>>()).await;
    let mut members: Vec<&Value> = half.iter().collect();
    members.push(&inner);
    let outer = group(&scim, "Outer", &members).await;
    for filter in [
        format!("groups.value eq \"{}\"", id(&outer)),
        format!("groups eq \"{}\" or groups eq \"{}\"", id(&inner), id(&outer)),
    ] {
        assert_eq!(names(&scim, "Users", &filter).await, expected, "{filter}");
        let mut found = Vec::new();
        let mut cursor = Some(String::new());
        while let Some(from) = cursor {
            let query = format!(
                "/Users?count=4&cursor={from}&filter={}",
                crate::client::encoded(&filter)
            );
            let page = scim.get(&query).await.expect(200);
            let people = page["Resources"].as_array().expect("people").iter();
            found.extend(people.map(|one| one["userName"].as_str().expect("a name").to_owned()));
            cursor = page["nextCursor"].as_str().map(str::to_owned);
        }
        assert_eq!(found, expected, "{filter}");
    }
    let of_inner = format!("groups eq \"{}\" and userName sw \"p\"", id(&inner));
    assert_eq!(names(&scim, "Users", &of_inner).await, expected[12..]);
}

/// A page of members has a size, however long their names are.
async fn long_names_are_shown_in_part(world: &World) {
    let scim = world.plain.scim();
    let long = format!("{}é{}", "x".repeat(511), "y".repeat(100_000));
    let shown = format!("{}é", "x".repeat(511));
    let anna = hire(&scim, &json!({ "userName": "anna", "displayName": long })).await;
    let team = group(&scim, &long, &[&anna]).await;
    let all = group(&scim, "All", &[&team, &anna]).await;
    assert_eq!(
        scim.get(&place(&team)).await.expect(200)["displayName"],
        long.as_str()
    );
    assert_eq!(inside(&scim, &all).await, [shown.as_str(), &shown]);
    let pages = scim.get(&format!("{}/Members", place(&all))).await.expect(200);
    assert_eq!(
        (&pages["members"][0]["display"], &pages["members"][1]["display"]),
        (&json!(shown), &json!(shown))
    );
    let groups = scim.get(&place(&anna)).await.expect(200)["groups"].clone();
    let groups = groups.as_array().expect("groups");
    assert!(
        groups.iter().any(|group| group["display"] == shown.as_str()),
        "{groups:?}"
    );
    let by_name = format!("members.display eq \"{shown}\"");
    assert_eq!(names(&scim, "Groups", &by_name).await, [&long, "All"]);
}

async fn a_deleted_group_leaves(world: &World) {
    let scim = world.plain.scim();
    let anna = person(&scim, "anna").await;
    let team = group(&scim, "Team", &[&anna]).await;
    let sales = group(&scim, "Sales", &[&team]).await;
    let all = group(&scim, "All", &[&sales]).await;
    let version = |group: &Value| group["meta"]["version"].clone();
    scim.delete(&place(&sales)).await.expect(204);
    let now = scim.get(&place(&all)).await.expect(200);
    assert_eq!(now["members"], json!([]));
    assert_ne!(version(&now), version(&all));
    assert_eq!(groups_of(&scim, &anna).await, ["Team direct"]);
    scim.delete(&place(&team)).await.expect(204);
    assert_eq!(groups_of(&scim, &anna).await, [""; 0]);
}

async fn no_member_of_another_organization(world: &World) {
    let (scim, theirs) = (world.plain.scim(), world.webex.scim());
    let foreign = found(&theirs, &json!({ "displayName": "Theirs" })).await;
    let ours = group(&scim, "Ours", &[]).await;
    for kind in [json!(null), json!("Group"), json!("User")] {
        let member = json!([{ "value": foreign["id"], "type": kind }]);
        let body = patch_op(json!([{ "op": "add", "path": "members", "value": member }]));
        scim.patch(&place(&ours), &body)
            .await
            .scim_error(400, "invalidValue");
    }
    assert_eq!(inside(&scim, &ours).await, [""; 0]);
}

const MEMBERS: &str = "urn:scim:schemas:extension:cisco:webexidentity:2.0:GroupMembers";

async fn members_in_webexs_pages(world: &World) {
    for scim in [world.plain.scim(), world.plain.webex()] {
        let mut people = Vec::new();
        for name in ["anna", "bert", "cleo"] {
            let name = format!("{name}{}", scim.url.len());
            people.push(person(&scim, &name).await);
        }
        let team = group(&scim, "Team", &[]).await;
        let all = group(&scim, "All", &[&people[0], &people[1], &people[2], &team]).await;
        let path = format!("{}/Members", place(&all));
        let answer = scim.get(&path).await.expect(200);
        let member = |one: &Value, kind: &str, name: &str| json!({ "value": one["id"], "type": kind, "display": one[name] });
        let mut expected = vec![member(&team, "group", "displayName")];
        expected.extend(people.iter().map(|one| member(one, "user", "userName")));
        assert_eq!(
            answer,
            json!({
                "schemas": [MEMBERS], "displayName": "All", "memberSize": 4, "itemsPerPage": 4, "startIndex": 1,
                "members": expected,
            })
        );
        for (query, size, start, from, to) in [
            ("?startIndex=1&count=3", 4, 1, 0, 3),
            ("?startIndex=4&count=3", 4, 4, 3, 4),
            ("?startIndex=9", 4, 9, 4, 4),
            ("?startIndex=0&count=9999", 4, 1, 0, 4),
            ("?count=-1", 4, 1, 0, 0),
            ("?memberType=user", 3, 1, 1, 4),
            ("?memberType=USER&startIndex=2&count=1", 3, 2, 2, 3),
            ("?memberType=Group", 1, 1, 0, 1),
            ("?memberType=machine", 0, 1, 0, 0),
        ] {
            let page = scim.get(&format!("{path}{query}")).await.expect(200);
            assert_eq!(page["members"], json!(expected[from..to]), "{query}");
            let numbers = [&page["memberSize"], &page["startIndex"], &page["itemsPerPage"]];
            assert_eq!(
                numbers,
                [&json!(size), &json!(start), &json!(to - from)],
                "{query}"
            );
        }
        for query in ["?memberType=robot", "?count=many", "?startIndex=x"] {
            scim.get(&format!("{path}{query}"))
                .await
                .scim_error(400, "invalidValue");
        }
        scim.get(&format!("/Groups/{}/Members", crate::endpoints::NOBODY))
            .await
            .scim_error(404, "");
        scim.post(&path, &json!({})).await.scim_error(405, "");
        scim.delete(&place(&all)).await.expect(204);
        scim.delete(&place(&team)).await.expect(204);
    }
}

async fn webexs_list_parameters(world: &World) {
    let scim = world.plain.scim();
    let anna = person(&scim, "anna").await;
    let team = group(&scim, "Team", &[&anna]).await;
    group(&scim, "All", &[&anna, &team]).await;
    let find = |path: String| {
        let scim = scim.clone();
        async move { scim.get(&path).await.expect(200)["Resources"][0].clone() }
    };
    for (query, shown) in [
        ("", true),
        ("&returnGroups=true", true),
        ("&returnGroups=false", false),
        ("&returnGroups=False&includeGroupDetails=false", false),
        ("&returnGroups=false&includeGroupDetails=true", true),
        ("&includeGroupDetails=true", true),
        ("&returnGroups=true&excludedAttributes=groups", false),
        ("&returnGroups=false&attributes=userName,groups", false),
    ] {
        let found = find(format!("/Users?filter=userName+eq+%22anna%22{query}")).await;
        assert_eq!(found.get("groups").is_some(), shown, "{query}: {found}");
        assert_eq!(found["userName"], "anna", "{query}");
    }
    for (query, types) in [
        ("", Some(vec!["Group", "User"])),
        ("&includeMembers=true", Some(vec!["Group", "User"])),
        ("&includeMembers=false", None),
        ("&includeMembers=true&memberType=user", Some(vec!["User"])),
        ("&memberType=group", Some(vec!["Group"])),
        ("&memberType=machine", Some(vec![])),
        ("&includeMembers=false&memberType=group", None),
        ("&includeMembers=false&excludedAttributes=displayName", None),
    ] {
        let found = find(format!("/Groups?filter=displayName+eq+%22all%22{query}")).await;
        let shown = found.get("members").map(|members| {
            let members = members.as_array().expect("members").iter();
            let kinds = members.map(|one| one["type"].as_str().expect("a type").to_owned());
            kinds.collect::<Vec<_>>()
        });
        let types: Option<Vec<String>> = types.map(|all| all.into_iter().map(str::to_owned).collect());
        assert_eq!(shown, types, "{query}");
    }
    for query in ["/Users?returnGroups=perhaps", "/Groups?memberType=robot"] {
        scim.get(query).await.scim_error(400, "invalidValue");
    }
}
