//! What Webex's own clients send to Webex's own base, and what they read in the answers there.

use http::Method;
use serde_json::{Value, json};

use super::{ENTERPRISE, GROUP, USER, found, hire, id, names, patch_op, place};
use crate::client::{Answer, Client, SCIM, encoded};
use crate::on_both;
use crate::world::World;

on_both!(
    the_organization_is_in_every_answer,
    where_somebody_came_from,
    a_person_round_trip,
    attributes_of_people,
    attributes_of_groups,
    a_group_is_answered,
    pages,
    bulk_as_webex_spells_it,
);

const WEBEX_USER: &str = "urn:scim:schemas:extension:cisco:webexidentity:2.0:User";
const WEBEX_GROUP: &str = "urn:scim:schemas:extension:cisco:webexidentity:2.0:Group";

/// As they write: plain JSON, also named where there is no body.
pub(super) async fn send(client: &Client, method: Method, path: &str, body: Option<&Value>) -> Answer {
    let call = client.call(method, path);
    let text = body.map(ToString::to_string).unwrap_or_default();
    call.body("application/json;charset=utf-8", text).send().await
}

async fn the_organization_is_in_every_answer(world: &World) {
    let (webex, plain) = (world.plain.webex(), world.plain.scim());
    let organization = world.plain.id.to_string();
    let user = hire(
        &webex,
        &json!({ "userName": "anna", (WEBEX_USER): { "mfaEnabled": true } }),
    )
    .await;
    let bare = hire(&plain, &json!({ "userName": "bert" })).await;
    let group = found(
        &webex,
        &json!({ "displayName": "Staff", "members": [{ "value": id(&user) }] }),
    )
    .await;
    let meta = json!({ "organizationId": organization });
    assert_eq!(user["schemas"], json!([USER, WEBEX_USER]));
    assert_eq!(
        user[WEBEX_USER],
        json!({ "meta": meta, "provisionSource": "SCIM", "mfaEnabled": true })
    );
    assert_eq!(group["schemas"], json!([GROUP, WEBEX_GROUP]));
    assert_eq!(
        group[WEBEX_GROUP],
        json!({ "meta": { "organizationID": organization }, "provisionSource": "SCIM" })
    );
    for one in [&user, &bare] {
        let read = webex.get(&place(one)).await.expect(200);
        assert_eq!(read[WEBEX_USER]["meta"], meta);
        let put = webex.put(&place(one), &read).await.expect(200);
        assert_eq!(put, read, "it comes back as it was, and changes nothing");
    }
    let list = webex.get("/Users").await.expect(200);
    for one in list["Resources"].as_array().expect("Resources") {
        assert_eq!(one[WEBEX_USER]["meta"], meta, "{one}");
    }
    let part = webex
        .get(&format!("{}?attributes={WEBEX_USER}:meta", place(&bare)))
        .await
        .expect(200);
    assert_eq!(part[WEBEX_USER], json!({ "meta": meta }));
    let part = webex
        .get(&format!("{}?attributes=userName", place(&user)))
        .await
        .expect(200);
    assert_eq!(part.get(WEBEX_USER), None);
    let without = webex
        .get(&format!("{}?excludedAttributes={WEBEX_USER}", place(&user)))
        .await
        .expect(200);
    assert_eq!(without.get(WEBEX_USER), None);
    let at_the_other = plain.call(Method::GET, &place(&bare));
    let as_the_rfc = webex.call(Method::GET, &place(&bare)).header("accept", SCIM);
    for call in [at_the_other, as_the_rfc] {
        let read = call.send().await.expect(200);
        assert_eq!((read.get(WEBEX_USER), &read["schemas"]), (None, &json!([USER])));
    }
    for (kind, filter, found) in [
        (
            "Users",
            format!("{WEBEX_USER}:meta.organizationId eq \"{organization}\""),
            3,
        ),
        (
            "Users",
            format!("{WEBEX_USER}:meta.organizationId eq \"{}\"", world.webex.id),
            0,
        ),
        (
            "Groups",
            format!("{WEBEX_GROUP}:meta.organizationID eq \"{organization}\""),
            1,
        ),
    ] {
        assert_eq!(names(&webex, kind, &filter).await.len(), found, "{filter}");
    }
}

/// By SCIM, or by another door of which Webex has no name.
async fn where_somebody_came_from(world: &World) {
    let (webex, plain) = (world.plain.webex(), world.plain.scim());
    let pushed = hire(&plain, &json!({ "userName": "pushed" })).await;
    let group = found(&plain, &json!({ "displayName": "Pushed" })).await;
    // Made with the organization.
    let others = names(&webex, "Users", "userName ne \"pushed\"").await;
    let [admin] = others.as_slice() else {
        panic!("{others:?}");
    };
    let source = async |path: &str| webex.get(path).await.expect(200);
    assert_eq!(
        source(&place(&pushed)).await[WEBEX_USER]["provisionSource"],
        "SCIM"
    );
    assert_eq!(
        source(&place(&group)).await[WEBEX_GROUP]["provisionSource"],
        "SCIM"
    );
    let found = source(&format!(
        "/Users?filter={}",
        encoded(&format!("userName eq \"{admin}\""))
    ))
    .await;
    assert_eq!(found["Resources"][0][WEBEX_USER].get("provisionSource"), None);
    assert_eq!(plain.get(&place(&pushed)).await.expect(200).get(WEBEX_USER), None);
    for (kind, filter, expected) in [
        ("Users", "provisionSource eq \"scim\"".to_owned(), vec!["pushed"]),
        (
            "Users",
            format!("{WEBEX_USER}:provisionSource pr"),
            vec!["pushed"],
        ),
        (
            "Users",
            "not (provisionSource pr) and userName sw \"a\"".to_owned(),
            vec![admin.as_str()],
        ),
        ("Groups", "provisionSource eq \"SCIM\"".to_owned(), vec!["Pushed"]),
    ] {
        assert_eq!(names(&webex, kind, &filter).await, expected, "{filter}");
    }
}

/// Create, read, write back what was read, patch with texts, delete: the order of Webex's Python client.
async fn a_person_round_trip(world: &World) {
    let client = world.webex.webex();
    let body = json!({
        "userName": "lea.brun@example.com", "active": true,
        "name": { "givenName": "Lea", "familyName": "Brun" }, "displayName": "Lea Brun",
        "emails": [{ "value": "lea.brun@example.com", "type": "work", "primary": true }],
        "phoneNumbers": [{ "value": "+41315550100", "type": "work" }],
        "schemas": [USER, WEBEX_USER, ENTERPRISE], "userType": "user",
    });
    let made = send(&client, Method::POST, "/Users", Some(&body)).await;
    let location = made.header("location").to_owned();
    let made = made.expect(201);
    assert_eq!(made["meta"]["location"], location);
    assert!(location.contains("/identity/scim/") && location.contains("/v2/Users/"));
    let mut read = send(&client, Method::GET, &place(&made), None).await.expect(200);
    assert_eq!(read, made);
    for name in ["id", "meta", "schemas"] {
        read.as_object_mut().expect("an object").remove(name);
    }
    read["schemas"] = body["schemas"].clone();
    read["title"] = "Guide".into();
    let put = send(&client, Method::PUT, &place(&made), Some(&read))
        .await
        .expect(200);
    assert_eq!(put["title"], "Guide");
    let patch = patch_op(json!([
        { "op": "replace", "path": "active", "value": "false" },
        { "op": "add", "path": "phoneNumbers[type eq \"work_extension\"].value", "value": "4711" },
        { "op": "replace", "path": "title", "value": "Head guide" },
        { "op": "replace", "path": format!("{WEBEX_USER}:mfaEnabled"), "value": "true" },
    ]));
    let now = send(&client, Method::PATCH, &place(&made), Some(&patch))
        .await
        .expect(200);
    assert_eq!(
        (&now["active"], &now["title"]),
        (&json!(false), &json!("Head guide"))
    );
    assert_eq!(now[WEBEX_USER]["mfaEnabled"], true);
    assert_eq!(
        now["phoneNumbers"][1],
        json!({ "type": "work_extension", "value": "4711" })
    );
    for query in [
        "userName+eq+%22lea.brun%40example.com%22",
        "externalId%20pr%20or%20title+co+%22guide%22",
    ] {
        let found = send(&client, Method::GET, &format!("/Users?filter={query}"), None)
            .await
            .expect(200);
        assert_eq!(found["Resources"][0]["id"], made["id"], "{query}");
    }
    let gone = send(&client, Method::DELETE, &place(&made), None).await;
    assert_eq!((gone.status, gone.text.as_str()), (204, ""));
}

async fn attributes_of_people(world: &World) {
    let client = world.plain.webex();
    let inherited = json!([{ "type": "role", "value": "id_user_admin", "source": "g-1" }]);
    let extension = json!({
        "accountStatus": "pending", "authProvider": "google", "isUCCallOnJabberEnabled": "True",
        "licenseID": ["CF_1"], "userNameType": "email", "pronouns": { "value": "she", "visibility": "Everyone" },
        "managedOrgs": [{ "orgId": "o-2", "role": "id_full_admin" }],
        "sipAddresses": [{ "value": "lea@sip.example", "type": "enterprise", "primary": "true" }],
        "loginIds": [{ "value": "lea", "type": "uid" }],
        "extensionAttribute1": "one", "extensionAttribute15": ["a", "b"],
        "externalAttribute7": [{ "source": "HR", "value": "x" }],
        "crossOrgAttribute3": [{ "orgId": "o-2", "value": "y" }],
        "provisionSource": "OKTA", "teamsClusterId": "t", "avatarSyncEnabled": true, "toBeConverted": "yes",
        "unheardOf": 1,
    });
    let body = json!({ "userName": "lea", "inheritances": inherited, (WEBEX_USER): extension,
        "schemas": [USER, WEBEX_USER, "urn:nobody:knows:1.0:User"],
        "roles": [{ "value": "id_full_admin", "type": "cirole", "display": "Full administrator" }] });
    let made = hire(&client, &body).await;
    let kept = &made[WEBEX_USER];
    assert_eq!(
        kept["accountStatus"],
        json!(["pending"]),
        "one status comes back as a list"
    );
    assert_eq!(kept["extensionAttribute1"], json!(["one"]));
    assert_eq!(kept["isUCCallOnJabberEnabled"], true);
    assert_eq!(kept["sipAddresses"][0]["primary"], true);
    for name in [
        "managedOrgs",
        "pronouns",
        "loginIds",
        "externalAttribute7",
        "crossOrgAttribute3",
        "userNameType",
    ] {
        assert_eq!(kept[name], body[WEBEX_USER][name], "{name}");
    }
    for name in [
        "teamsClusterId",
        "avatarSyncEnabled",
        "toBeConverted",
        "unheardOf",
    ] {
        assert_eq!(kept.get(name), None, "{name} is not the client's to say");
    }
    assert_eq!(kept["provisionSource"], "SCIM", "nor is where somebody came from");
    assert_eq!(made["inheritances"], inherited);
    assert_eq!(made["roles"], body["roles"]);
    let value = "inheritances[type eq \"role\"].value";
    let change = patch_op(json!([{ "op": "replace", "path": value, "value": "id_full_admin" }]));
    client
        .patch(&place(&made), &change)
        .await
        .scim_error(400, "mutability");
    let clear = patch_op(json!([{ "op": "remove", "path": value }]));
    client
        .patch(&place(&made), &clear)
        .await
        .scim_error(400, "mutability");
    let exchange = patch_op(json!([
        { "op": "remove", "path": "inheritances[type eq \"role\"]" },
        { "op": "add", "path": "inheritances", "value": [{ "type": "role", "value": "id_full_admin" }] },
    ]));
    let now = client.patch(&place(&made), &exchange).await.expect(200);
    assert_eq!(
        now["inheritances"],
        json!([{ "type": "role", "value": "id_full_admin" }])
    );
    for (filter, count) in [
        (format!("{WEBEX_USER}:accountStatus eq \"PENDING\""), 1),
        (format!("{WEBEX_USER}:sipAddresses[type eq \"enterprise\"]"), 1),
        (format!("{WEBEX_USER}:externalAttribute7.value eq \"X\""), 0),
    ] {
        assert_eq!(names(&client, "Users", &filter).await.len(), count, "{filter}");
    }
}

async fn attributes_of_groups(world: &World) {
    let client = world.plain.webex();
    let extension = json!({
        "usage": "policy", "groupType": "dynamic", "owners": [{ "value": "u-1" }],
        "managedBy": [{ "orgId": "o-1", "type": "user", "id": "u-2", "role": "location_full_admin" }],
        "inheritances": [{ "type": "role", "value": "id_full_admin", "nested": "false", "scope": ["user"] }],
        "memberFilter": [{ "value": "department eq \"Sales\"", "type": "user" }],
        "provisionSource": "AD",
    });
    let made = found(
        &client,
        &json!({ "displayName": "Policy", "externalId": "g-1", (WEBEX_GROUP): extension }),
    )
    .await;
    let mut expected = extension.clone();
    expected["inheritances"][0]["nested"] = false.into();
    expected["meta"] = json!({ "organizationID": world.plain.id });
    expected["provisionSource"] = "SCIM".into();
    assert_eq!(made[WEBEX_GROUP], expected);
    let dotted = format!("{WEBEX_GROUP}.usage");
    for (path, value, status) in [
        (dotted.as_str(), json!("location"), 200),
        (
            &format!("{WEBEX_GROUP}:managedBy[id eq \"u-2\"].role"),
            json!("id_user_admin"),
            200,
        ),
        (
            &format!("{WEBEX_GROUP}:managedBy[id eq \"u-2\"].orgId"),
            json!("o-9"),
            400,
        ),
        (&format!("{WEBEX_GROUP}.inheritances"), json!([]), 200),
    ] {
        let patch = patch_op(json!([{ "op": "replace", "path": path, "value": value }]));
        let answer = client.patch(&place(&made), &patch).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text);
    }
    let now = client.get(&place(&made)).await.expect(200);
    assert_eq!(now[WEBEX_GROUP]["usage"], "location");
    assert_eq!(now[WEBEX_GROUP]["managedBy"][0]["role"], "id_user_admin");
    assert_eq!(now[WEBEX_GROUP].get("inheritances"), None);
}

/// Webex's clients read the group that a PATCH answers; the others want 204.
async fn a_group_is_answered(world: &World) {
    let (webex, plain) = (world.webex.webex(), world.webex.scim());
    let anna = hire(&plain, &json!({ "userName": "anna@example.com" })).await;
    let made = found(&plain, &json!({ "displayName": "Staff" })).await;
    let add = patch_op(json!([
        { "op": "add", "path": "members", "value": [{ "value": id(&anna), "type": "user" }] },
        { "op": "replace", "path": "displayName", "value": "All" },
    ]));
    let answer = send(&webex, Method::PATCH, &place(&made), Some(&add)).await;
    let group = answer.expect(200);
    assert_eq!(
        (&group["displayName"], &group["members"][0]["value"]),
        (&json!("All"), &anna["id"])
    );
    assert_eq!(answer.header("etag"), group["meta"]["version"]);
    let without = format!("{}?excludedAttributes=members", place(&made));
    let group = send(&webex, Method::PATCH, &without, Some(&add))
        .await
        .expect(200);
    assert_eq!(group.get("members"), None);
    for (setting, to_webex, to_others) in [("none", 204, 204), ("body", 200, 200), ("auto", 200, 204)] {
        world.set(&world.webex, "scim.patch_response", setting).await;
        for (client, accept, status) in [
            (&webex, "*/*", to_webex),
            (&webex, SCIM, to_others),
            (&plain, "*/*", to_others),
        ] {
            let call = client.call(Method::PATCH, &place(&made)).header("accept", accept);
            assert_eq!(
                call.json(&add).send().await.status,
                status,
                "{setting} {accept} {}",
                client.url
            );
        }
    }
}

async fn pages(world: &World) {
    let client = world.plain.webex();
    let people: Vec<Value> = (0..105)
        .map(|number| {
            json!({ "method": "POST", "path": "/Users", "bulkId": number.to_string(),
            "data": { "userName": format!("p{number:03}"), "userType": "user" } })
        })
        .collect();
    send(
        &client,
        Method::POST,
        "/Bulk",
        Some(&json!({ "operations": people })),
    )
    .await
    .expect(200);
    let first = send(&client, Method::GET, "/Users", None).await.expect(200);
    assert_eq!(first["itemsPerPage"], 100, "Webex's default");
    // Their loop: on by itemsPerPage until it passes totalResults.
    let (mut start, mut seen) = (1, 0);
    loop {
        let path = format!("/Users?startIndex={start}&count=40&returnGroups=false&includeGroupDetails=false");
        let page = send(&client, Method::GET, &path, None).await.expect(200);
        let items = page["itemsPerPage"].as_u64().expect("a number");
        assert_eq!(
            page["Resources"].as_array().map(|all| all.len() as u64),
            Some(items)
        );
        assert!(items > 0, "or they would never end");
        seen += items;
        start += items;
        if start > page["totalResults"].as_u64().expect("a number") {
            break;
        }
    }
    assert_eq!(seen, 106, "with the admin");
    for sort in ["userName", "id", "meta.lastModified"] {
        let path =
            format!("/Users?sortBy={sort}&sortOrder=descending&count=1&attributes=id,userName,displayName");
        let page = send(&client, Method::GET, &path, None).await.expect(200);
        let names: Vec<_> = page["Resources"][0]
            .as_object()
            .expect("a person")
            .keys()
            .cloned()
            .collect();
        assert_eq!(names, ["id", "schemas", "userName"], "{sort}");
    }
    for filter in [
        "userName Sw \"P00\"",
        "name.familyName eq \"x\" OR userName ew \"104\"",
        "externalId pr",
    ] {
        send(
            &client,
            Method::GET,
            &format!("/Users?filter={}", encoded(filter)),
            None,
        )
        .await
        .expect(200);
    }
}

async fn bulk_as_webex_spells_it(world: &World) {
    let client = world.webex.webex();
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "failOnErrors": 1,
        "operations": [
            { "method": "POST", "path": "/Users", "bulkId": "u",
                "data": { "schemas": [USER, WEBEX_USER, ENTERPRISE], "userName": "b@example.com", "userType": "user" } },
            { "method": "POST", "path": "/Groups", "bulkId": "g", "data": { "schemas": [GROUP, WEBEX_GROUP],
                "displayName": "Bulk", "members": [{ "value": "bulkId:u", "type": "user" }] } },
        ],
    });
    let answer = send(&client, Method::POST, "/Bulk", Some(&body)).await;
    assert_eq!(
        answer.header("content-type"),
        "application/json",
        "they read nothing else"
    );
    let answer = answer.expect(200);
    assert_eq!(answer.get("Operations"), None);
    for (at, path, bulk_id) in [(0, "/Users/", "u"), (1, "/Groups/", "g")] {
        let one = &answer["operations"][at];
        assert_eq!((&one["status"], &one["bulkId"]), (&json!("201"), &json!(bulk_id)));
        let location = one["location"].as_str().expect("a location");
        let (base, id) = location.split_once("/v2").expect("Webex's base");
        assert!(
            base.ends_with(&format!("/identity/scim/{}", world.webex.id)),
            "{location}"
        );
        assert!(id.starts_with(path));
        assert!(one["version"].is_string());
    }
}
