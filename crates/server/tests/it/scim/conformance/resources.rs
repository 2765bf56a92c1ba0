//! What resources look like (RFC 7643 §2–§4), and what becomes of those that clients send (RFC 7644 §3.3, §3.5, §3.7).

use http::Method;
use serde_json::{Value, json};

use crate::client::encoded;
use crate::on_both;
use crate::scim::{ENTERPRISE, GROUP, USER, hire, id, patch_op, place};
use crate::world::World;

on_both!(
    schemas_are_those_in_use,
    urns_in_bodies_in_any_case,
    common_attributes_are_the_services,
    required_and_read_only_in_a_put,
    a_patch_is_answered_with_what_was_asked_for,
    no_value_in_every_spelling,
    pairs_are_shown_once,
    messages_without_their_urn,
    bulk_without_ids,
    bulk_says_everything_as_text,
    bulk_operations_that_lack_something,
    times_are_in_utc,
    names_in_other_scripts,
    numbers_of_any_length,
    what_describes_no_value_goes,
);

/// RFC 7643 §3: not empty, each once, and only those that the resource uses.
async fn schemas_are_those_in_use(world: &World) {
    let scim = world.plain.scim();
    let made = hire(
        &scim,
        &json!({ "schemas": [ENTERPRISE, USER, USER, "urn:example:unknown", GROUP], "userName": "schemas" }),
    )
    .await;
    assert_eq!(made["schemas"], json!([USER]));
    let add = json!([{ "op": "add", "path": format!("{ENTERPRISE}:division"), "value": "D" }]);
    let more = scim.patch(&place(&made), &patch_op(add)).await.expect(200);
    assert_eq!(more["schemas"], json!([USER, ENTERPRISE]));
    let remove = json!([{ "op": "remove", "path": format!("{ENTERPRISE}:division") }]);
    let less = scim.patch(&place(&made), &patch_op(remove)).await.expect(200);
    assert_eq!((&less["schemas"], less.get(ENTERPRISE)), (&json!([USER]), None));
    // Left out, they are clear from the endpoint.
    for schemas in [json!([]), json!(null), json!([GROUP])] {
        let name = format!("schemas {schemas}");
        let made = hire(&scim, &json!({ "schemas": schemas, "userName": name })).await;
        assert_eq!(made["schemas"], json!([USER]), "{name}");
    }
    for wrong in [json!("x"), json!([7]), json!({})] {
        let answer = scim
            .post("/Users", &json!({ "schemas": wrong, "userName": "wrong" }))
            .await;
        assert!([201, 400].contains(&answer.status), "{wrong}: {}", answer.text);
        if answer.status == 201 {
            assert_eq!(answer.json()["schemas"], json!([USER]), "{wrong}");
            scim.delete(&place(&answer.json())).await.expect(204);
        }
    }
}

async fn urns_in_bodies_in_any_case(world: &World) {
    let scim = world.plain.scim();
    let body = json!({
        "schemas": [USER.to_uppercase(), ENTERPRISE.to_uppercase()], "userName": "case",
        (ENTERPRISE.to_uppercase()): { "DEPARTMENT": "Sales" },
    });
    let made = hire(&scim, &body).await;
    assert_eq!(made["schemas"], json!([USER, ENTERPRISE]));
    assert_eq!(made[ENTERPRISE], json!({ "department": "Sales" }));
    let path = format!("{}:Department", ENTERPRISE.to_lowercase());
    let change = json!([{ "op": "replace", "path": path, "value": "Art" }]);
    let now = scim.patch(&place(&made), &patch_op(change)).await.expect(200);
    assert_eq!(now[ENTERPRISE], json!({ "department": "Art" }));
    let change = json!([{ "op": "add", "value": { (ENTERPRISE.to_uppercase()): { "division": "D" } } }]);
    let now = scim.patch(&place(&made), &patch_op(change)).await.expect(200);
    assert_eq!(now[ENTERPRISE], json!({ "department": "Art", "division": "D" }));
    let mut message = patch_op(json!([{ "op": "remove", "path": format!("{}", ENTERPRISE.to_uppercase()) }]));
    message["schemas"] = json!(["URN:IETF:PARAMS:SCIM:API:MESSAGES:2.0:PATCHOP"]);
    let now = scim.patch(&place(&made), &message).await.expect(200);
    assert_eq!(now.get(ENTERPRISE), None);
}

/// RFC 7643 §3.1: `id` and `meta` are made here, `externalId` by the client, who may change it.
async fn common_attributes_are_the_services(world: &World) {
    let scim = world.plain.scim();
    let body = json!({ "userName": "common", "externalId": "Ab", "id": "mine",
        "meta": { "created": "2001-01-01T00:00:00Z", "location": "https://x.example", "resourceType": "Robot" } });
    let made = hire(&scim, &body).await;
    assert_ne!(id(&made), "mine");
    assert!(!id(&made).to_ascii_lowercase().contains("bulkid"));
    assert_eq!(made["meta"]["resourceType"], "User");
    assert_ne!(made["meta"]["created"], "2001-01-01T00:00:00Z");
    let mut put = made.clone();
    put["id"] = json!("another");
    put["externalId"] = json!("Cd");
    put["meta"] = json!({ "created": "2001-01-01T00:00:00Z" });
    let now = scim.put(&place(&made), &put).await.expect(200);
    assert_eq!((&now["id"], &now["externalId"]), (&made["id"], &json!("Cd")));
    assert_eq!(now["meta"]["created"], made["meta"]["created"]);
    assert_ne!(now["meta"]["lastModified"], made["meta"]["lastModified"]);
    // The one text of the common attributes that clients set is compared exactly.
    for (filter, total) in [("externalId eq \"Cd\"", 1), ("externalId eq \"cd\"", 0)] {
        let list = scim.get(&format!("/Users?filter={}", encoded(filter))).await;
        assert_eq!(list.expect(200)["totalResults"], total, "{filter}");
    }
    for path in ["id", "meta", "meta.created", "groups", "groups.value"] {
        let change = json!([{ "op": "replace", "path": path, "value": "x" }]);
        let answer = scim.patch(&place(&made), &patch_op(change)).await;
        answer.scim_error(400, "mutability");
    }
    let change = json!([{ "op": "replace", "path": "schemas", "value": [GROUP] }]);
    let same = scim.patch(&place(&made), &patch_op(change)).await.expect(200);
    assert_eq!(same, now, "which schemas it uses is worked out");
}

/// RFC 7644 §3.5.1.
async fn required_and_read_only_in_a_put(world: &World) {
    let scim = world.plain.scim();
    let manager = json!({ "value": "1", "displayName": "Boss" });
    let made = hire(
        &scim,
        &json!({ "userName": "put", "title": "T", (ENTERPRISE): { "manager": manager } }),
    )
    .await;
    assert_eq!(
        made[ENTERPRISE]["manager"],
        json!({ "value": "1" }),
        "its displayName is read-only"
    );
    for wrong in [json!({}), json!({ "userName": null }), json!({ "title": "U" })] {
        let detail = scim
            .put(&place(&made), &wrong)
            .await
            .scim_error(400, "invalidValue");
        assert!(detail.contains("userName"), "{detail}");
    }
    assert_eq!(
        scim.get(&place(&made)).await.expect(200),
        made,
        "nothing came of it"
    );
    let put = json!({ "userName": "put", "groups": [{ "value": "g" }], "meta": { "version": "W/\"9\"" } });
    let now = scim.put(&place(&made), &put).await.expect(200);
    assert_eq!((now.get("title"), now.get("groups")), (None, None));
    // A PUT makes nothing.
    let nowhere = format!("/Users/{}", crate::endpoints::NOBODY);
    scim.put(&nowhere, &json!({ "userName": "new" }))
        .await
        .scim_error(404, "");
    let list = scim.get("/Users?filter=userName+eq+%22new%22").await.expect(200);
    assert_eq!(list["totalResults"], 0);
}

/// RFC 7644 §3.5.2: `attributes` with a PATCH means 200, also where it would be 204.
async fn a_patch_is_answered_with_what_was_asked_for(world: &World) {
    for setting in ["auto", "body", "none"] {
        world.set(&world.plain, "scim.patch_response", setting).await;
        for client in [world.plain.scim(), world.plain.webex()] {
            for (kind, body) in [
                ("/Users", json!({ "userName": client.url, "displayName": "x" })),
                ("/Groups", json!({ "displayName": "x" })),
            ] {
                let made = client.post(kind, &body).await.expect(201);
                let change = patch_op(json!([{ "op": "replace", "path": "displayName", "value": "y" }]));
                let path = format!("{}?attributes=displayName", place(&made));
                let answer = client.patch(&path, &change).await.expect(200);
                assert_eq!(
                    (&answer["id"], &answer["displayName"], answer.get("meta")),
                    (&made["id"], &json!("y"), None),
                    "{setting}"
                );
                let plain = client.patch(&place(&made), &change).await;
                assert!(setting != "none" || plain.status == 204, "{}", plain.text);
                client.delete(&place(&made)).await.expect(204);
            }
        }
    }
}

/// RFC 7643 §2.5: what has no value is not there, whichever way that was said.
async fn no_value_in_every_spelling(world: &World) {
    let scim = world.plain.scim();
    let body = json!({ "userName": "empty", "nickName": null, "emails": [], "phoneNumbers": null, "name": {},
        "title": "", "addresses": [{}], (ENTERPRISE): {} });
    let made = hire(&scim, &body).await;
    for absent in [
        "nickName",
        "emails",
        "phoneNumbers",
        "name",
        "title",
        "addresses",
        ENTERPRISE,
    ] {
        assert_eq!(made.get(absent), None, "{absent}");
    }
    assert_eq!(made["schemas"], json!([USER]));
    assert!(!made.to_string().contains("null"), "{made}");
}

/// RFC 7643 §2.4: one pair of `type` and `value` is not shown twice, and one value at most is primary.
async fn pairs_are_shown_once(world: &World) {
    let scim = world.plain.scim();
    let mail = |kind: &str, value: &str| json!({ "type": kind, "value": value });
    let emails = json!([
        mail("work", "a@x.example"),
        mail("work", "a@x.example"),
        mail("home", "a@x.example")
    ]);
    let made = hire(&scim, &json!({ "userName": "pairs", "emails": emails })).await;
    let once = json!([mail("work", "a@x.example"), mail("home", "a@x.example")]);
    assert_eq!(made["emails"], once);
    let put = json!({ "userName": "pairs", "emails": emails });
    assert_eq!(scim.put(&place(&made), &put).await.expect(200)["emails"], once);
    let add = json!([{ "op": "add", "path": "emails", "value": [mail("home", "a@x.example"), mail("other", "b@x.example")] }]);
    let now = scim.patch(&place(&made), &patch_op(add)).await.expect(200);
    assert_eq!(now["emails"].as_array().map(Vec::len), Some(3), "{now}");
    let two = json!([{ "value": "a", "primary": true }, { "value": "b", "primary": true }]);
    for answer in [
        scim.put(&place(&made), &json!({ "userName": "pairs", "emails": two }))
            .await,
        scim.post("/Users", &json!({ "userName": "two", "emails": two }))
            .await,
    ] {
        answer.scim_error(400, "invalidValue");
    }
}

/// The URN of a message says nothing that the endpoint does not.
async fn messages_without_their_urn(world: &World) {
    let scim = world.plain.scim();
    let made = hire(&scim, &json!({ "userName": "urn" })).await;
    for schemas in [
        json!(null),
        json!([]),
        json!(["urn:ietf:params:scim:api:messages:2.0:PatchOp"]),
        json!([USER]),
    ] {
        let title = schemas.to_string();
        let patch = json!({ "schemas": schemas, "Operations": [{ "op": "replace", "path": "title", "value": title }] });
        assert_eq!(
            scim.patch(&place(&made), &patch).await.expect(200)["title"],
            json!(title)
        );
        let search = json!({ "schemas": schemas, "filter": "title pr" });
        assert_eq!(
            scim.post("/.search", &search).await.expect(200)["totalResults"],
            1
        );
        let bulk = json!({ "schemas": schemas, "Operations": [] });
        let answer = scim.post("/Bulk", &bulk).await.expect(200);
        assert_eq!(
            answer["schemas"],
            json!(["urn:ietf:params:scim:api:messages:2.0:BulkResponse"])
        );
    }
}

/// RFC 7644 §3.7 wants a `bulkId` of every POST; one that nothing refers to can do without.
async fn bulk_without_ids(world: &World) {
    let scim = world.plain.scim();
    let post = json!({ "method": "POST", "path": "/Users", "data": { "userName": "without" } });
    let answer = scim
        .post("/Bulk", &json!({ "Operations": [post] }))
        .await
        .expect(200);
    let operation = &answer["Operations"][0];
    assert_eq!(
        (&operation["status"], operation.get("bulkId")),
        (&json!("201"), None)
    );
    let list = scim
        .get("/Users?filter=userName+eq+%22without%22")
        .await
        .expect(200);
    assert_eq!(operation["location"], list["Resources"][0]["meta"]["location"]);
    assert_eq!(operation["version"], list["Resources"][0]["meta"]["version"]);
}

async fn bulk_says_everything_as_text(world: &World) {
    let scim = world.plain.scim();
    let user = hire(&scim, &json!({ "userName": "texts" })).await;
    let change = patch_op(json!([{ "op": "replace", "path": "title", "value": "T" }]));
    let operations = json!([
        { "method": "POST", "bulkId": "a", "path": "/Users", "data": { "userName": "new" } },
        { "method": "PUT", "path": place(&user), "data": { "userName": "texts", "title": "S" } },
        { "method": "PATCH", "path": place(&user), "data": change },
        { "method": "DELETE", "path": place(&user) },
        { "method": "POST", "bulkId": "b", "path": "/Users", "data": { "userName": "NEW" } },
        { "method": "PATCH", "path": place(&user), "data": change },
    ]);
    let answer = scim
        .post("/Bulk", &json!({ "Operations": operations }))
        .await
        .expect(200);
    let answers = answer["Operations"].as_array().expect("Operations");
    let seen: Vec<_> = answers
        .iter()
        .map(|one| {
            let has = |name: &str| one.get(name).is_some_and(Value::is_string);
            let error = one["response"]["status"].as_str().unwrap_or_default();
            (
                one["status"].as_str().expect("a text"),
                has("location"),
                has("version"),
                has("bulkId"),
                error,
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("201", true, true, true, ""),
            ("200", true, true, false, ""),
            ("200", true, true, false, ""),
            ("204", true, false, false, ""),
            ("409", false, false, true, "409"),
            ("404", true, false, false, "404"),
        ]
    );
}

/// RFC 7644 §3.7: what each operation must have, and where it can lead.
async fn bulk_operations_that_lack_something(world: &World) {
    let scim = world.plain.scim();
    let user = hire(&scim, &json!({ "userName": "lacks" })).await;
    for (operation, status, scim_type) in [
        (json!({ "method": "DELETE" }), "400", "invalidSyntax"),
        (
            json!({ "method": "POST", "bulkId": "a", "data": { "userName": "x" } }),
            "400",
            "invalidSyntax",
        ),
        (
            json!({ "method": "POST", "bulkId": "a", "path": "/Users" }),
            "400",
            "invalidSyntax",
        ),
        (
            json!({ "method": "PUT", "path": place(&user) }),
            "400",
            "invalidSyntax",
        ),
        (
            json!({ "method": "PATCH", "path": place(&user), "data": {} }),
            "400",
            "invalidSyntax",
        ),
        (
            json!({ "method": "POST", "bulkId": "a", "path": "/Users", "data": {} }),
            "400",
            "invalidValue",
        ),
        (
            json!({ "method": "PATCH", "path": "/Users", "data": {} }),
            "405",
            "",
        ),
        (
            json!({ "method": "POST", "bulkId": "a", "path": place(&user), "data": {} }),
            "405",
            "",
        ),
        (
            json!({ "method": "POST", "bulkId": "a", "path": "/Bulk", "data": {} }),
            "404",
            "",
        ),
        (json!({ "method": "DELETE", "path": "/Me" }), "404", ""),
        (json!({ "method": "DELETE", "path": "/Users/nobody" }), "404", ""),
    ] {
        let answer = scim
            .post("/Bulk", &json!({ "Operations": [operation] }))
            .await
            .expect(200);
        let answered = &answer["Operations"][0];
        assert_eq!(answered["status"], status, "{operation}: {answered}");
        assert_eq!(
            answered["response"]["scimType"].as_str().unwrap_or_default(),
            scim_type,
            "{operation}"
        );
        assert_eq!(
            answered.get("location").is_some(),
            operation["method"] != "POST",
            "{operation}"
        );
    }
    let get = json!({ "method": "GET", "path": place(&user) });
    scim.post("/Bulk", &json!({ "Operations": [get] }))
        .await
        .scim_error(400, "invalidSyntax");
    assert_eq!(scim.get(&place(&user)).await.expect(200), user);
}

/// RFC 7643 §2.3.5: a date and a time with its zone; ours are in UTC.
async fn times_are_in_utc(world: &World) {
    let scim = world.plain.scim();
    let made = hire(&scim, &json!({ "userName": "times" })).await;
    for name in ["created", "lastModified"] {
        let time = made["meta"][name].as_str().expect("a time");
        assert!(time.contains('T') && time.ends_with('Z'), "{time}");
    }
    let earlier = made["meta"]["created"]
        .as_str()
        .expect("a time")
        .replace('Z', "+00:00");
    let filter = encoded(&format!(
        "userName eq \"times\" and meta.created eq \"{earlier}\""
    ));
    let list = scim.get(&format!("/Users?filter={filter}")).await.expect(200);
    assert_eq!(
        list["totalResults"], 1,
        "the same moment, in another zone's writing"
    );
}

/// RFC 7644 §5: names that look the same are the same.
async fn names_in_other_scripts(world: &World) {
    let scim = world.plain.scim();
    for (name, same) in [
        ("Ångström", "a\u{30a}ngstro\u{308}m"),
        ("ＦＵＬＬ", "full"),
        ("ΌΣΟΣ", "όσος"),
        ("王伟", "王伟"),
        ("Дмитрий", "ДМИТРИЙ"),
    ] {
        let made = hire(&scim, &json!({ "userName": name })).await;
        assert_eq!(made["userName"], name, "kept as it was written");
        let found = scim
            .get(&format!(
                "/Users?filter={}",
                encoded(&format!("userName eq \"{same}\""))
            ))
            .await;
        assert_eq!(found.expect(200)["Resources"], json!([made]), "{same}");
        scim.post("/Users", &json!({ "userName": same }))
            .await
            .scim_error(409, "uniqueness");
    }
    let call = scim.call(Method::POST, "/Users").header("accept-language", "sv");
    call.json(&json!({ "userName": "Ångström" }))
        .send()
        .await
        .scim_error(409, "uniqueness");
}

/// RFC 7643 §2.3: what is given for a text keeps its digits, and what is no such number is refused.
async fn numbers_of_any_length(world: &World) {
    let scim = world.plain.scim();
    for digits in [
        "12345678901234567890123",
        "9007199254740993",
        "-0.12345678901234567890",
        "7",
    ] {
        let body = format!(
            "{{\"userName\":\"n{digits}\",\"externalId\":{digits},\"phoneNumbers\":[{{\"value\":{digits}}}]}}"
        );
        let call = scim
            .call(Method::POST, "/Users")
            .body("application/scim+json", body);
        let made = call.send().await.expect(201);
        assert_eq!(
            (&made["externalId"], &made["phoneNumbers"][0]["value"]),
            (&json!(digits), &json!(digits))
        );
        let patch = format!("{{\"Operations\":[{{\"op\":\"add\",\"path\":\"title\",\"value\":{digits}}}]}}");
        let call = scim
            .call(Method::PATCH, &place(&made))
            .body("application/scim+json", patch);
        assert_eq!(call.send().await.expect(200)["title"], digits);
    }
    let body = "{\"count\":12345678901234567890123}".to_owned();
    let call = scim
        .call(Method::POST, "/Users/.search")
        .body("application/scim+json", body);
    call.send().await.scim_error(400, "invalidValue");
    let twice = json!({ "filter": "userName pr", "FILTER": "title pr" });
    scim.post("/Users/.search", &twice)
        .await
        .scim_error(400, "invalidSyntax");
}

/// RFC 7643 §2.4: an address that is taken away takes along what described it.
async fn what_describes_no_value_goes(world: &World) {
    let scim = world.plain.scim();
    let phones = json!([
        { "type": "work", "value": "+46 1", "display": "desk", "primary": true },
        { "type": "home", "value": "", "display": "none" },
    ]);
    let made = hire(&scim, &json!({ "userName": "husk", "phoneNumbers": phones })).await;
    assert_eq!(made["phoneNumbers"], json!([phones[0]]));
    let clear = json!([{ "op": "replace", "path": "phoneNumbers[type eq \"work\"].value", "value": "" }]);
    let after = scim.patch(&place(&made), &patch_op(clear)).await.expect(200);
    assert_eq!(after.get("phoneNumbers"), None);
}
