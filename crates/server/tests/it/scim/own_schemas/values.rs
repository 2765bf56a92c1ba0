//! What of the values is shown, and to whom they belong.

use serde_json::{Value, json};

use super::{URN, put};
use crate::client::Client;
use crate::on_both;
use crate::scim::{hire, names, patch_op, place};
use crate::world::World;

on_both!(
    hidden_values_are_nowhere,
    a_write_does_not_tell_what_a_hidden_value_is,
    requested_values_come_when_asked_for,
    unique_values_are_one_persons,
    of_many_with_one_value_one_wins,
    values_are_known_by_type_and_value,
);

async fn hidden_values_are_nowhere(world: &World) {
    let (scim, api) = (world.plain.scim(), world.plain.api());
    let attributes = json!([
        { "name": "pin", "mutability": "writeOnly" },
        { "name": "note", "returned": "never" },
        { "name": "card", "type": "complex", "multiValued": true,
          "subAttributes": [{ "name": "value" }, { "name": "cvv", "mutability": "writeOnly" }] },
        { "name": "desk" },
    ]);
    put(&world.plain, URN, "User", attributes).await;
    let own = json!({ "pin": "SECRET-1", "note": "SECRET-2", "card": [{ "value": "v", "cvv": "SECRET-3" }], "desk": "d" });
    let anna = scim
        .post("/Users", &json!({ "userName": "anna", URN: own }))
        .await;
    let user = anna.expect(201);
    assert_eq!(user[URN], json!({ "card": [{ "value": "v" }], "desk": "d" }));
    let path = place(&user);
    let mut answers = vec![anna];
    for query in [
        "",
        &format!("?attributes={URN}:pin,{URN}:note,{URN}:card.cvv"),
        &format!("?attributes={URN}"),
    ] {
        answers.push(scim.get(&format!("{path}{query}")).await);
        answers.push(scim.get(&format!("/Users{query}")).await);
    }
    let change = patch_op(
        json!([{ "op": "replace", "path": format!("{URN}:pin"), "value": "SECRET-4" },
        { "op": "replace", "path": "title", "value": "T" }]),
    );
    answers.push(scim.patch(&path, &change).await);
    answers.push(
        scim.put(&path, &json!({ "userName": "anna", URN: { "note": "SECRET-5" } }))
            .await,
    );
    for query in ["/people", "/people/anna", "/events"] {
        answers.push(api.get(query).await);
    }
    for answer in answers {
        assert!(
            answer.status < 300 && !answer.text.contains("SECRET"),
            "{}",
            answer.text
        );
    }
    // What the client cannot have read, a PUT leaves as it is.
    for (filter, finds) in [
        (format!("{URN}:pin eq \"SECRET-4\""), false),
        (format!("{URN}:pin pr"), false),
        (format!("{URN}:note sw \"S\""), false),
        (format!("{URN}:card[cvv eq \"SECRET-3\"]"), false),
        (format!("{URN}:pin eq null and userName eq \"anna\""), true),
    ] {
        assert_eq!(
            !names(&scim, "Users", &filter).await.is_empty(),
            finds,
            "{filter}"
        );
    }
    hire(&scim, &json!({ "userName": "bert", URN: { "pin": "A" } })).await;
    let sorted = scim
        .get(&format!("/Users?sortBy={URN}:pin&sortOrder=descending"))
        .await
        .expect(200);
    assert_eq!(
        sorted["Resources"][0]["userName"], "bert",
        "the order of ids, backwards: nothing is known of pins"
    );
    // It cannot be made visible while somebody has it.
    let shown = json!([{ "name": "pin" }, { "name": "note", "returned": "never" }, { "name": "desk" },
        { "name": "card", "type": "complex", "multiValued": true,
          "subAttributes": [{ "name": "value" }, { "name": "cvv", "mutability": "writeOnly" }] }]);
    let body = json!({ "resource_type": "User", "schema": { "id": URN, "attributes": shown } });
    api.put(&format!("/schemas/{URN}"), &body)
        .await
        .problem(409, "schema.incompatible");
}

/// Whoever may write a hidden value could guess it, if only another one made a new version.
async fn a_write_does_not_tell_what_a_hidden_value_is(world: &World) {
    let (scim, api) = (world.plain.scim(), world.plain.api());
    let attributes = json!([
        { "name": "codes", "multiValued": true, "mutability": "writeOnly" },
        { "name": "card", "type": "complex", "multiValued": true,
          "subAttributes": [{ "name": "value" }, { "name": "cvv", "returned": "never" }] },
        { "name": "desk" },
    ]);
    put(&world.plain, URN, "User", attributes).await;
    let own = json!({ "codes": ["1111", "2222"], "card": [{ "value": "v", "cvv": "123" }], "desk": "d" });
    let user = hire(&scim, &json!({ "userName": "anna", URN: own })).await;
    let (path, codes, cards) = (place(&user), format!("{URN}:codes"), format!("{URN}:card"));
    let version = async || {
        let shown = scim.get(&path).await.expect(200);
        shown["meta"]["version"].as_str().expect("a version").to_owned()
    };
    let told = async || {
        let events = api.get("/events?limit=1").await.expect(200);
        let mut detail = events["items"][0]["detail"].clone();
        detail["at"] = Value::Null;
        detail
    };
    for (right, wrong) in [
        (
            json!({ "op": "add", "path": codes, "value": ["1111"] }),
            json!({ "op": "add", "path": codes, "value": ["1234"] }),
        ),
        (
            json!({ "op": "remove", "path": codes, "value": ["9999"] }),
            json!({ "op": "remove", "path": codes, "value": ["1234"] }),
        ),
        (
            json!({ "op": "add", "value": { codes.clone(): ["2222"] } }),
            json!({ "op": "add", "value": { codes.clone(): ["4321"] } }),
        ),
        (
            json!({ "op": "replace", "path": format!("{cards}[value eq \"v\"].cvv"), "value": "123" }),
            json!({ "op": "replace", "path": format!("{cards}[value eq \"v\"].cvv"), "value": "321" }),
        ),
    ] {
        let mut seen = Vec::new();
        for operation in [right, wrong] {
            let before = version().await;
            let answer = scim.patch(&path, &patch_op(json!([operation]))).await.expect(200);
            assert_ne!(answer["meta"]["version"], before, "{operation}");
            seen.push(told().await);
        }
        assert_eq!(seen[0], seen[1], "the trail does not tell either");
    }
    let whole =
        json!({ "userName": "anna", URN: { "codes": ["1111"], "desk": "d", "card": [{ "value": "v" }] } });
    for _ in 0..2 {
        let before = version().await;
        scim.put(&path, &whole).await.expect(200);
        assert_ne!(version().await, before);
    }
    let before = version().await;
    let desk = json!([{ "op": "replace", "path": format!("{URN}:desk"), "value": "d" }]);
    scim.patch(&path, &patch_op(desk)).await.expect(200);
    assert_eq!(version().await, before, "what is not hidden is as ever");
}

async fn values_are_known_by_type_and_value(world: &World) {
    let scim = world.plain.scim();
    let attributes = json!([
        { "name": "cx", "type": "complex", "multiValued": true, "subAttributes": [
            { "name": "value" }, { "name": "type" }, { "name": "im", "mutability": "immutable" }] },
        { "name": "desks", "type": "complex", "multiValued": true, "subAttributes": [
            { "name": "value", "required": true }, { "name": "type" }] },
    ]);
    put(&world.plain, URN, "User", attributes).await;
    let own = json!({ "cx": [{ "value": "1", "type": "T", "im": "x" }], "desks": [{ "value": "1", "type": "home" }] });
    let emails = json!([{ "value": "a@x.example", "type": "work" }]);
    let body = json!({ "userName": "anna", "emails": emails, URN: own });
    let anna = hire(&scim, &body).await;
    let path = place(&anna);
    let other = json!([{ "value": "1", "type": "T", "im": "z" }]);
    for op in ["add", "replace"] {
        for (name, value, refused) in [
            ("cx", &other, "mutability"),
            ("desks", &json!([{ "type": "home" }]), "invalidValue"),
        ] {
            let change = patch_op(json!([{ "op": op, "path": format!("{URN}:{name}"), "value": value }]));
            let error = scim.patch(&path, &change).await.expect(400);
            assert_eq!(error["scimType"], refused, "{op} {name}");
        }
    }
    let whole = json!({ "userName": "anna", "emails": emails, URN: { "cx": other, "desks": own["desks"] } });
    let error = scim.put(&path, &whole).await.expect(400);
    assert_eq!(error["scimType"], "mutability");
    let same = patch_op(json!([
        { "op": "add", "path": "emails", "value": [{ "value": "A@X.example", "type": "WORK" }] },
        { "op": "add", "path": format!("{URN}:cx"), "value": [{ "value": "1", "type": "t", "im": "X" }] },
    ]));
    scim.patch(&path, &same).await;
    let now = scim.get(&path).await.expect(200);
    assert_eq!(now, anna, "nothing was changed, the version neither");
}

async fn requested_values_come_when_asked_for(world: &World) {
    let scim = world.plain.scim();
    let attributes = json!([{ "name": "photo", "type": "binary", "returned": "request" }, { "name": "tag", "returned": "always" }]);
    put(&world.plain, URN, "User", attributes).await;
    let anna = hire(
        &scim,
        &json!({ "userName": "anna", URN: { "photo": "aGk=", "tag": "t" } }),
    )
    .await;
    let all = json!({ "photo": "aGk=", "tag": "t" });
    assert_eq!(
        anna[URN], all,
        "whoever writes it is answered with it (RFC 7643 section 7)"
    );
    let path = place(&anna);
    for (query, expected) in [
        (String::new(), json!({ "tag": "t" })),
        (format!("?attributes={URN}:photo"), all.clone()),
        ("?attributes=title".to_owned(), json!({ "tag": "t" })),
        (format!("?excludedAttributes={URN}"), json!({ "tag": "t" })),
    ] {
        assert_eq!(
            scim.get(&format!("{path}{query}")).await.expect(200)[URN],
            expected,
            "{query}"
        );
    }
    let title = patch_op(json!([{ "op": "add", "path": "title", "value": "T" }]));
    assert_eq!(
        scim.patch(&path, &title).await.expect(200)[URN],
        json!({ "tag": "t" })
    );
    let photo = patch_op(json!([{ "op": "add", "path": format!("{URN}:photo"), "value": "eW8=" }]));
    assert_eq!(scim.patch(&path, &photo).await.expect(200)[URN]["photo"], "eW8=");
    let put = json!({ "userName": "anna", URN: { "photo": "aGk=" } });
    assert_eq!(
        scim.put(&path, &put).await.expect(200)[URN],
        json!({ "photo": "aGk=" })
    );
}

async fn unique_values_are_one_persons(world: &World) {
    let scim = world.plain.scim();
    let attributes = json!([
        { "name": "badge", "uniqueness": "server" },
        { "name": "code", "uniqueness": "global", "caseExact": true },
        { "name": "keys", "type": "complex", "multiValued": true,
          "subAttributes": [{ "name": "value", "uniqueness": "server" }, { "name": "type" }] },
    ]);
    put(&world.plain, URN, "User", attributes.clone()).await;
    put(&world.webex, URN, "User", attributes).await;
    let own = json!({ "badge": "A1", "code": "x", "keys": [{ "value": "1" }, { "value": "2" }] });
    let anna = hire(&scim, &json!({ "userName": "anna", URN: own })).await;
    let bert = hire(
        &scim,
        &json!({ "userName": "bert", URN: { "code": "X", "keys": [{ "value": "3" }] } }),
    )
    .await;
    for own in [
        json!({ "badge": "a1" }),
        json!({ "code": "x" }),
        json!({ "keys": [{ "value": "9" }, { "value": "2" }] }),
    ] {
        let refused = [
            scim.post("/Users", &json!({ "userName": "cleo", URN: own }))
                .await,
            scim.put(&place(&bert), &json!({ "userName": "bert", URN: own }))
                .await,
            scim.patch(
                &place(&bert),
                &patch_op(json!([{ "op": "replace", "path": URN, "value": own }])),
            )
            .await,
        ];
        for answer in refused {
            let detail = answer.scim_error(409, "uniqueness");
            assert!(detail.contains(URN), "{detail}");
        }
    }
    assert_eq!(
        names(&scim, "Users", "userName eq \"cleo\"").await,
        Vec::<String>::new()
    );
    assert_eq!(
        scim.get(&place(&bert)).await.expect(200),
        bert,
        "nothing of it was written"
    );
    // One's own values may stay, move within oneself, and are free once they are given up.
    let moved = json!({ "badge": "a1", "code": "x", "keys": [{ "value": "2" }, { "value": "1" }, { "value": "1", "type": "t" }] });
    scim.put(&place(&anna), &json!({ "userName": "anna", URN: moved }))
        .await
        .expect(200);
    scim.patch(
        &place(&anna),
        &patch_op(json!([{ "op": "remove", "path": format!("{URN}:badge") }])),
    )
    .await
    .expect(200);
    scim.patch(
        &place(&bert),
        &patch_op(json!([{ "op": "add", "path": format!("{URN}:badge"), "value": "A1" }])),
    )
    .await
    .expect(200);
    scim.delete(&place(&anna)).await.expect(204);
    hire(
        &scim,
        &json!({ "userName": "cleo", URN: { "code": "x", "keys": [{ "value": "1" }] } }),
    )
    .await;
    let long = json!({ "userName": "dora", URN: { "badge": "x".repeat(600) } });
    scim.post("/Users", &long).await.scim_error(400, "invalidValue");
    // Other organizations are worlds of their own.
    let other = json!({ "userName": "anna@hub.example", URN: { "badge": "A1", "code": "x" } });
    hire(&world.webex.scim(), &other).await;
    // What need no longer be unique may be shared, and what others share cannot become so.
    put(&world.plain, URN, "User", json!([{ "name": "badge" }, { "name": "code" },
        { "name": "keys", "type": "complex", "multiValued": true, "subAttributes": [{ "name": "value" }, { "name": "type" }] }])).await;
    hire(
        &scim,
        &json!({ "userName": "emil", URN: { "badge": "A1", "code": "x" } }),
    )
    .await;
}

async fn of_many_with_one_value_one_wins(world: &World) {
    let (one, process) = (world.plain.scim(), world.neighbour().await);
    let other = world.plain.at(&process).scim();
    put(
        &world.plain,
        URN,
        "User",
        json!([{ "name": "badge", "uniqueness": "server" }, { "name": "desk", "uniqueness": "server" }]),
    )
    .await;
    for round in 0..4 {
        let contender = async |number: usize| {
            let client = if number.is_multiple_of(2) { &one } else { &other };
            let body = json!({ "userName": format!("u{round}-{number}"),
                URN: { "badge": format!("b{round}"), "desk": format!("d{}", number % 3) } });
            client.post("/Users", &body).await.status
        };
        let statuses = futures_util::future::join_all((0..12).map(contender)).await;
        assert!(
            statuses.iter().all(|status| [201, 409].contains(status)),
            "{statuses:?}"
        );
        let won = statuses.iter().filter(|status| **status == 201).count();
        assert!(won <= 1, "{statuses:?}");
        assert_eq!(won == 1, round < 3, "three desks are free: {statuses:?}");
    }
    // Two who give each other what they had never end with both having the same.
    let users = [
        hire(&one, &json!({ "userName": "x", URN: { "badge": "x" } })).await,
        hire(&one, &json!({ "userName": "y", URN: { "badge": "y" } })).await,
    ];
    let change = async |client: &Client, user: &Value, badge: &str| {
        let change = patch_op(json!([{ "op": "replace", "path": format!("{URN}:badge"), "value": badge }]));
        client.patch(&place(user), &change).await.status
    };
    for round in 0..6 {
        let (a, b) = tokio::join!(
            change(&one, &users[round % 2], "shared"),
            change(&other, &users[(round + 1) % 2], "shared")
        );
        assert!([(200, 409), (409, 200)].contains(&(a, b)), "{a} {b}");
        change(&one, &users[0], "x").await;
        change(&one, &users[1], "y").await;
    }
}
