//! Bulk requests (RFC 7644 §3.7).

mod references;

use access::Scope;
use serde_json::{Value, json};

use super::{ENTERPRISE, USER, found, hire, id, patch_op, place};
use crate::client::Client;
use crate::on_both;
use crate::world::World;

on_both!(
    every_method,
    failures_take_others_along,
    a_limit_to_failures,
    one_wrong_among_many,
    many_creates_are_few_transactions,
    the_same_names_in_other_orders,
    limits,
    spellings,
    versions,
    groups_only_for_whom_they_are,
    another_organizations_resources,
);

fn bulk(operations: Value) -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations })
}

fn user(bulk_id: &str, name: &str) -> Value {
    json!({ "method": "POST", "path": "/Users", "bulkId": bulk_id,
        "data": { "schemas": [USER], "userName": name } })
}

fn managed(bulk_id: &str, name: &str, manager: &str) -> Value {
    json!({ "method": "POST", "path": "/Users", "bulkId": bulk_id,
        "data": { "userName": name, (ENTERPRISE): { "manager": { "value": manager } } } })
}

fn group(bulk_id: &str, name: &str, members: &[&str]) -> Value {
    let members: Vec<_> = members.iter().map(|member| json!({ "value": member })).collect();
    json!({ "method": "POST", "path": "/Groups", "bulkId": bulk_id,
        "data": { "displayName": name, "members": members } })
}

/// The answers to the operations.
async fn run(client: &Client, operations: Value) -> Vec<Value> {
    let answer = client.post("/Bulk", &bulk(operations)).await;
    let body = answer.expect(200);
    assert_eq!(answer.header("content-type"), crate::client::SCIM);
    assert_eq!(
        body["schemas"],
        json!(["urn:ietf:params:scim:api:messages:2.0:BulkResponse"])
    );
    body["Operations"].as_array().expect("Operations").clone()
}

fn statuses(answers: &[Value]) -> Vec<&str> {
    answers.iter().filter_map(|one| one["status"].as_str()).collect()
}

/// Below the base: where an operation's resource is.
fn at<'a>(client: &Client, answer: &'a Value) -> &'a str {
    let location = answer["location"].as_str().expect("a location");
    location.strip_prefix(&client.url).expect("below the base")
}

async fn people(client: &Client) -> u64 {
    client.get("/Users?count=0").await.expect(200)["totalResults"]
        .as_u64()
        .expect("a number")
}

async fn every_method(world: &World) {
    for client in [world.plain.scim(), world.plain.identity()] {
        let anna = hire(&client, &json!({ "userName": "anna", "title": "x" })).await;
        let staff = found(&client, &json!({ "displayName": "Staff" })).await;
        let answers = run(
            &client,
            json!([
                user("one", "bert"),
                { "method": "PATCH", "path": place(&anna), "data": patch_op(json!([{ "op": "remove", "path": "title" }])) },
                { "method": "PUT", "path": place(&staff), "data": { "displayName": "Renamed", "members": [{ "value": id(&anna) }] } },
                { "method": "PATCH", "path": place(&staff), "data": [{ "op": "add", "path": "externalId", "value": "e" }] },
                group("two", "New", &[]),
                { "method": "PUT", "path": place(&anna), "data": { "userName": "anna", "nickName": "Ann" } },
                { "method": "DELETE", "path": "/Users/bulkId:one" },
            ]),
        )
        .await;
        assert_eq!(
            statuses(&answers),
            ["201", "200", "200", "200", "201", "200", "204"]
        );
        let methods: Vec<_> = answers.iter().filter_map(|one| one["method"].as_str()).collect();
        assert_eq!(
            methods,
            ["POST", "PATCH", "PUT", "PATCH", "POST", "PUT", "DELETE"]
        );
        let versions: Vec<_> = answers
            .iter()
            .map(|one| one["version"].as_str().unwrap_or_default())
            .collect();
        assert_eq!(
            versions,
            [
                "W/\"1\"", "W/\"2\"", "W/\"2\"", "W/\"3\"", "W/\"1\"", "W/\"3\"", ""
            ]
        );
        assert_eq!(
            (&answers[0]["bulkId"], &answers[4]["bulkId"]),
            (&json!("one"), &json!("two"))
        );
        assert_eq!(at(&client, &answers[1]), place(&anna));
        let anna = client.get(&place(&anna)).await.expect(200);
        assert_eq!((&anna["nickName"], anna.get("title")), (&json!("Ann"), None));
        assert_eq!(anna["groups"][0]["display"], "Renamed");
        let staff = client.get(&place(&staff)).await.expect(200);
        assert_eq!(
            (&staff["externalId"], &staff["meta"]["version"]),
            (&json!("e"), &answers[3]["version"])
        );
        client.get(at(&client, &answers[0])).await.scim_error(404, "");
        for gone in [
            at(&client, &answers[4]),
            at(&client, &answers[1]),
            at(&client, &answers[3]),
        ] {
            client.delete(gone).await.expect(204);
        }
    }
}

async fn failures_take_others_along(world: &World) {
    let scim = world.plain.scim();
    hire(&scim, &json!({ "userName": "taken" })).await;
    let answers = run(
        &scim,
        json!([
            user("a", "Taken"),
            managed("b", "bert", "bulkId:a"),
            managed("c", "cleo", "bulkId:b"),
            group("g", "Team", &["bulkId:d", "bulkId:c"]),
            user("d", "dora"),
            { "method": "DELETE", "path": "/Users/bulkId:a" },
            { "method": "DELETE", "path": "/Robots/7" },
            { "method": "POST", "path": "/Users", "bulkId": "e", "data": { "displayName": "No name" } },
            { "method": "DELETE", "path": format!("/Users/{}", crate::endpoints::NOBODY) },
        ]),
    )
    .await;
    assert_eq!(
        statuses(&answers),
        ["409", "409", "409", "409", "201", "409", "404", "400", "404"]
    );
    assert_eq!(answers[0]["response"]["scimType"], "uniqueness");
    assert_eq!(
        answers[0].get("location"),
        None,
        "what was not created is nowhere"
    );
    assert!(
        answers[8]["location"]
            .as_str()
            .is_some_and(|location| location.ends_with(crate::endpoints::NOBODY))
    );
    for answer in answers.iter().filter(|one| one["method"] != "POST") {
        assert!(
            at(&scim, answer).starts_with('/'),
            "all but a POST say where: {answer}"
        );
    }
    for answer in answers.iter().filter(|one| one["status"] != "201") {
        let error = &answer["response"];
        assert_eq!(
            error["schemas"],
            json!(["urn:ietf:params:scim:api:messages:2.0:Error"])
        );
        assert_eq!(error["status"], answer["status"]);
        assert!(error["detail"].as_str().is_some_and(|detail| !detail.is_empty()));
    }
    assert_eq!(people(&scim).await, 3, "the admin, taken, dora");
    assert_eq!(scim.get("/Groups").await.expect(200)["totalResults"], 0);
}

async fn a_limit_to_failures(world: &World) {
    let scim = world.plain.scim();
    hire(&scim, &json!({ "userName": "taken" })).await;
    let operations = |tag: &str| {
        json!([
            user("a", &format!("{tag}-a")),
            user("b", "taken"),
            user("c", &format!("{tag}-c")),
            user("d", "taken"),
            { "method": "DELETE", "path": format!("/Users/{}", crate::endpoints::NOBODY) },
            user("e", &format!("{tag}-e")),
        ])
    };
    for (limit, expected) in [
        (json!(1), vec!["201", "409"]),
        (json!(2), vec!["201", "409", "201", "409"]),
        (json!("3"), vec!["201", "409", "201", "409", "404"]),
        (json!(4), vec!["201", "409", "201", "409", "404", "201"]),
        (json!(null), vec!["201", "409", "201", "409", "404", "201"]),
    ] {
        let before = people(&scim).await;
        let mut request = bulk(operations(&format!("with{limit}").replace('"', "-")));
        request["failOnErrors"] = limit.clone();
        let answer = scim.post("/Bulk", &request).await.expect(200);
        let answers = answer["Operations"].as_array().expect("Operations");
        assert_eq!(statuses(answers), expected, "{limit}");
        let made = expected.iter().filter(|status| **status == "201").count();
        assert_eq!(people(&scim).await, before + made as u64, "{limit}");
    }
    for wrong in [json!(0), json!(-1), json!("many"), json!([])] {
        let mut request = bulk(json!([]));
        request["failOnErrors"] = wrong;
        scim.post("/Bulk", &request).await.scim_error(400, "invalidValue");
    }
}

async fn one_wrong_among_many(world: &World) {
    let hub = world.webex.scim();
    let name = |at: usize| match at {
        // No address, which this organization wants; and one that is there twice in the request itself.
        17 => "no-address".to_owned(),
        33 => "person2@example.com".to_owned(),
        at => format!("person{at}@example.com"),
    };
    let operations: Vec<_> = (0..60).map(|at| user(&at.to_string(), &name(at))).collect();
    let answers = run(&hub, json!(operations)).await;
    for (at, answer) in answers.iter().enumerate() {
        let expected = match at {
            17 => "400",
            33 => "409",
            _ => "201",
        };
        assert_eq!(answer["status"], expected, "{at}: {answer}");
        assert_eq!(answer["bulkId"], at.to_string());
    }
    let detail = answers[33]["response"]["detail"].as_str().unwrap_or_default();
    assert!(detail.contains("person2@example.com"), "{detail}");
    assert_eq!(people(&hub).await, 59);
}

async fn many_creates_are_few_transactions(world: &World) {
    let scim = world.plain.scim();
    let mut operations: Vec<_> = (0..900)
        .map(|at| managed(&at.to_string(), &format!("p{at}"), &format!("bulkId:{}", at / 2)))
        .collect();
    operations
        .extend((900..1_000).map(|at| group(&at.to_string(), &format!("g{at}"), &["bulkId:3", "bulkId:7"])));
    let before = *world.store.changes().borrow();
    let answers = run(&scim, json!(operations)).await;
    let commits = *world.store.changes().borrow() - before;
    assert_eq!(statuses(&answers), ["201"; 1_000]);
    assert!(commits <= 10, "{commits} transactions");
    assert_eq!(people(&scim).await, 901);
    let last = scim.get(at(&scim, &answers[899])).await.expect(200);
    let manager = answers[449]["location"].as_str().unwrap_or_default();
    assert!(manager.ends_with(last[ENTERPRISE]["manager"]["value"].as_str().expect("a manager")));
    let group = scim.get(at(&scim, &answers[999])).await.expect(200);
    assert_eq!(group["members"].as_array().map(Vec::len), Some(2));
    let events = world.plain.api().get("/events?limit=1").await.expect(200);
    assert_eq!(events["items"].as_array().map(Vec::len), Some(1));
}

/// Whoever is second hears that the names are taken, and neither waits for the other's rows for long.
async fn the_same_names_in_other_orders(world: &World) {
    let client = world.plain.scim();
    let one = async |number: usize| {
        let mut operations: Vec<Value> = (0..40)
            .map(|at| user(&format!("b{at}"), &format!("shared-{at}")))
            .collect();
        if number % 2 == 1 {
            operations.reverse();
        }
        run(&client, operations.into()).await
    };
    let answers = futures_util::future::join_all((0..4).map(one)).await.concat();
    let count = |status: &str| {
        statuses(&answers)
            .into_iter()
            .filter(|one| *one == status)
            .count()
    };
    assert_eq!(
        (count("201"), count("409")),
        (40, 120),
        "{:?}",
        statuses(&answers)
    );
}

async fn limits(world: &World) {
    let scim = world.plain.scim();
    let config = scim.get("/ServiceProviderConfig").await.expect(200);
    assert_eq!(config["bulk"]["supported"], true);
    let operations = config["bulk"]["maxOperations"].as_u64().expect("a number");
    let delete = json!({ "method": "DELETE", "path": format!("/Users/{}", crate::endpoints::NOBODY) });
    let many = |count: u64| {
        bulk(json!(vec![
            delete.clone();
            usize::try_from(count).expect("small")
        ]))
    };
    let detail = scim
        .post("/Bulk", &many(operations + 1))
        .await
        .scim_error(413, "");
    assert!(detail.contains(&operations.to_string()), "{detail}");
    scim.post("/Bulk", &many(operations)).await.expect(200);
    let size = config["bulk"]["maxPayloadSize"].as_u64().expect("a number");
    let mut large = bulk(json!([user("a", "large")]));
    large["Operations"][0]["data"]["nickName"] = "x".repeat(usize::try_from(size).expect("small")).into();
    let detail = scim.post("/Bulk", &large).await.scim_error(413, "");
    assert!(detail.contains(&size.to_string()), "{detail}");
    assert_eq!(people(&scim).await, 1);
}

async fn spellings(world: &World) {
    let scim = world.plain.scim();
    let request = json!({ "operations": [
        { "METHOD": "post", "Path": "Users", "BulkId": "a", "DATA": { "USERNAME": "anna" } },
        { "method": "Patch", "path": "/Users/bulkid:a/", "data": [{ "op": "Replace", "path": "title", "value": "x" }] },
    ] });
    let answer = scim.post("/Bulk/", &request).await.expect(200);
    assert_eq!(answer.get("Operations"), None, "answered as asked");
    let answers = answer["operations"].as_array().expect("operations");
    assert_eq!(statuses(answers), ["201", "200"]);
    assert_eq!(answers[0]["method"], "POST");
    assert_eq!(run(&scim, json!([])).await, Vec::<Value>::new());
    for wrong in [
        json!([]),
        json!({}),
        json!({ "Operations": 1 }),
        json!({ "Operations": ["x"] }),
    ] {
        scim.post("/Bulk", &wrong).await.scim_error(400, "invalidSyntax");
    }
    let answers = run(&scim, json!([user("a", "b"), user("a", "c")])).await;
    assert_eq!(statuses(&answers), ["201", "400"]);
}

async fn versions(world: &World) {
    let scim = world.plain.scim();
    let anna = hire(&scim, &json!({ "userName": "anna" })).await;
    let title = |title: &str, version: &str| {
        json!({ "method": "PATCH", "path": place(&anna), "version": version,
            "data": patch_op(json!([{ "op": "replace", "path": "title", "value": title }])) })
    };
    let delete = |version: &str| json!({ "method": "DELETE", "path": place(&anna), "version": version });
    let answers = run(
        &scim,
        json!([
            title("a", "W/\"1\""),
            title("b", "W/\"1\""),
            title("c", "W/\"2\""),
            delete("W/\"2\""),
            delete("W/\"3\""),
        ]),
    )
    .await;
    assert_eq!(statuses(&answers), ["200", "412", "200", "412", "204"]);
    assert_eq!(at(&scim, &answers[1]), place(&anna));
    scim.get(&place(&anna)).await.scim_error(404, "");
}

async fn groups_only_for_whom_they_are(world: &World) {
    let (_, people) = world.token(&world.plain, &[Scope::IdentityPeopleRw], 1).await;
    let (_, groups) = world.token(&world.plain, &[Scope::IdentityGroupsRw], 1).await;
    let scim = world.plain.scim();
    let staff = found(&scim, &json!({ "displayName": "Staff" })).await;
    let answers = run(
        &scim.with(&people),
        json!([
            user("a", "anna"),
            group("g", "Team", &["bulkId:a"]),
            { "method": "DELETE", "path": place(&staff) },
            { "method": "PATCH", "path": "/Groups/bulkId:g", "data": [] },
        ]),
    )
    .await;
    assert_eq!(statuses(&answers), ["201", "403", "403", "403"]);
    scim.get(&place(&staff)).await.expect(200);
    scim.with(&groups)
        .post("/Bulk", &bulk(json!([])))
        .await
        .scim_error(403, "");
}

async fn another_organizations_resources(world: &World) {
    let scim = world.plain.scim();
    let anna = hire(&scim, &json!({ "userName": "anna" })).await;
    let staff = found(&scim, &json!({ "displayName": "Staff" })).await;
    let change = patch_op(json!([{ "op": "replace", "path": "displayName", "value": "Changed" }]));
    let answers = run(
        &world.webex.scim(),
        json!([
            { "method": "PATCH", "path": place(&anna), "data": change },
            { "method": "PUT", "path": place(&staff), "data": { "displayName": "Changed" } },
            { "method": "DELETE", "path": place(&anna) },
            { "method": "DELETE", "path": place(&staff) },
            group("g", "Ours", &[id(&anna)]),
        ]),
    )
    .await;
    assert_eq!(statuses(&answers), ["404", "404", "404", "404", "400"]);
    assert_eq!(scim.get(&place(&anna)).await.expect(200), anna);
    assert_eq!(scim.get(&place(&staff)).await.expect(200)["displayName"], "Staff");
    assert_eq!(
        world.webex.scim().get("/Groups").await.expect(200)["totalResults"],
        0
    );
}
