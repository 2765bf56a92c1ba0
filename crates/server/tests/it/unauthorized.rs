//! Every endpoint, tried by everybody who may not use it.

use std::time::Duration;

use access::{Role, Scope};
use serde_json::json;

use crate::client::{Answer, Client};
use crate::endpoints::{Example, NOBODY, Needs, Places, examples};
use crate::on_both;
use crate::world::World;

on_both!(
    nobody,
    other_schemes_and_texts,
    expired_revoked_and_ownerless_tokens,
    small_scopes,
    small_roles,
    roles_are_judged_at_each_use,
    every_server_learns_of_an_end_at_once,
);

async fn send(client: &Client, example: &Example, places: &Places<'_>) -> Answer {
    let call = client.call(example.method.clone(), &example.path(places));
    match &example.body {
        Some(body) => call.json(body).send().await,
        None => call.send().await,
    }
}

fn guarded() -> impl Iterator<Item = Example> {
    examples().into_iter().filter(Example::is_guarded)
}

#[track_caller]
fn assert_unauthorized(answer: &Answer, example: &Example, code: &str) {
    let challenge = answer.header("www-authenticate");
    assert!(
        challenge.starts_with("Bearer realm=\"instep\""),
        "{example:?}: {challenge}"
    );
    assert_eq!(
        challenge.contains("error=\"invalid_token\""),
        code != "token.missing",
        "{example:?}"
    );
    if example.is_scim() {
        answer.scim_error(401, "");
    } else if example.is_webex() {
        answer.webex_error(401);
    } else if example.is_insights() {
        answer.message(401);
    } else {
        answer.problem(401, code);
    }
}

#[track_caller]
fn assert_forbidden(answer: &Answer, example: &Example) {
    assert_eq!(
        answer.status, 403,
        "{} {}: {}",
        example.method, example.template, answer.text
    );
    let by_scope = answer.text.contains("scope");
    let challenge = answer.header("www-authenticate");
    assert_eq!(
        challenge.contains("error=\"insufficient_scope\""),
        by_scope,
        "{example:?}: {challenge}"
    );
    if example.is_scim() {
        answer.scim_error(403, "");
    } else if example.is_webex() {
        answer.webex_error(403);
    } else if example.is_insights() {
        answer.message(403);
    } else {
        answer.problem(403, "forbidden");
    }
}

async fn nobody(world: &World) {
    let client = world.nobody();
    for example in examples() {
        let answer = send(&client, &example, &Places::nowhere(&world.plain)).await;
        if example.is_page() {
            answer_is_a_page(&answer, &example);
        } else if example.needs == Needs::Client {
            assert_eq!(answer.status, 401, "{example:?}");
            assert_eq!(answer.json()["error"], "invalid_client", "{example:?}");
        } else if [Needs::Nothing, Needs::OpenDiscovery].contains(&example.needs) {
            answer_is_open(&answer, &example);
        } else {
            assert_unauthorized(&answer, &example, "token.missing");
        }
    }
}

#[track_caller]
fn answer_is_open(answer: &Answer, example: &Example) {
    assert_eq!(answer.status, 200, "{example:?}");
}

/// Without a form of ours nothing is done; what is for people who are signed in leads to the sign-in.
#[track_caller]
fn answer_is_a_page(answer: &Answer, example: &Example) {
    if example.template.starts_with("/saml2/") {
        // Of no app.
        assert_eq!(answer.status, 404, "{example:?}");
    } else if example.method == http::Method::POST {
        assert_eq!(answer.status, 403, "{example:?}");
    } else {
        // Whoever asks for no token in particular is told so.
        let asks = ["/authorize", "/doSSO.jsp"]
            .iter()
            .any(|end| example.template.ends_with(end));
        let expected = match example.template.as_str() {
            "/invitation" => 404,
            _ if asks => 400,
            path if example.needs == Needs::Message && !path.ends_with("/metadata") => 403,
            _ => 200,
        };
        assert_eq!(answer.status, expected, "{example:?}");
        let leads_on = example.needs == Needs::SignedIn;
        assert!(
            !leads_on || answer.text.contains("action=\"/sign-in\""),
            "{example:?}"
        );
    }
    assert_eq!(answer.header("x-content-type-options"), "nosniff", "{example:?}");
}

async fn other_schemes_and_texts(world: &World) {
    let path = format!("/v1/scim/{}/Users", world.plain.id);
    let token = &world.plain.token;
    let shifted = format!("{token}x");
    for (header, status) in [
        (format!("Bearer {token}"), 200),
        (format!("bearer {token}"), 200),
        (format!("BEARER   {token}  "), 200),
        (format!("Basic {token}"), 401),
        (token.clone(), 401),
        ("Bearer".to_owned(), 401),
        ("Bearer ".to_owned(), 401),
        (format!("Bearer {shifted}"), 401),
        ("Bearer instep_".to_owned(), 401),
        (format!("Bearer instep_{}", "x".repeat(5_000)), 401),
        ("Bearer somebody-else's".to_owned(), 401),
    ] {
        let call = world
            .nobody()
            .call(http::Method::GET, &path)
            .header("authorization", &header);
        assert_eq!(
            call.send().await.status,
            status,
            "{}",
            &header[..header.len().min(60)]
        );
    }
    for example in guarded() {
        let client = world
            .nobody()
            .with("instep_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
        let answer = send(&client, &example, &Places::nowhere(&world.plain)).await;
        assert_unauthorized(&answer, &example, "token.invalid");
    }
}

async fn expired_revoked_and_ownerless_tokens(world: &World) {
    let (_, short) = world.token(&world.plain, &Scope::ALL, 1).await;
    let (id, revoked) = world.token(&world.plain, &Scope::ALL, 365).await;
    let (disabled_owner, disabled) = world.token_of(&world.plain, Role::FullAdmin).await;
    let (deleted_owner, deleted) = world.token_of(&world.plain, Role::UserAdmin).await;
    let users = world.plain.scim();
    for token in [&short, &revoked, &disabled, &deleted] {
        users.with(token).get("/Users").await.expect(200);
    }
    world.clock.advance(Duration::from_hours(25));
    world.revoke(&world.plain, id).await;
    let disable = json!({ "Operations": [{ "op": "replace", "path": "active", "value": false }] });
    users
        .patch(&format!("/Users/{disabled_owner}"), &disable)
        .await
        .expect(200);
    users.delete(&format!("/Users/{deleted_owner}")).await.expect(204);
    for example in guarded() {
        for (token, code) in [
            (&short, "token.expired"),
            (&revoked, "token.invalid"),
            (&disabled, "token.invalid"),
            (&deleted, "token.invalid"),
        ] {
            let client = world.nobody().with(token);
            let answer = send(&client, &example, &Places::nowhere(&world.plain)).await;
            assert_unauthorized(&answer, &example, code);
        }
    }
}

async fn small_scopes(world: &World) {
    let mut tokens = vec![(String::new(), world.token(&world.plain, &[], 365).await.1)];
    for scope in Scope::ALL {
        tokens.push((
            scope.name().to_owned(),
            world.token(&world.plain, &[scope], 365).await.1,
        ));
    }
    for (scope, token) in &tokens {
        let client = world.nobody().with(token);
        for example in guarded() {
            let answer = send(&client, &example, &Places::nowhere(&world.plain)).await;
            if example.needs.scopes().contains(&scope.as_str()) {
                assert!(
                    ![401, 403].contains(&answer.status),
                    "{scope}: {example:?}: {}",
                    answer.text
                );
            } else {
                assert_forbidden(&answer, &example);
                assert!(
                    answer.text.contains(example.needs.scopes()[0]),
                    "which scope is missing: {}",
                    answer.text
                );
            }
        }
    }
}

async fn small_roles(world: &World) {
    for role in Role::ALL {
        let (_, token) = world.token_of(&world.plain, role).await;
        let client = world.nobody().with(&token);
        for example in guarded() {
            let answer = send(&client, &example, &Places::nowhere(&world.plain)).await;
            if example.needs.roles().contains(&role.name()) {
                assert!(
                    ![401, 403].contains(&answer.status),
                    "{role}: {example:?}: {}",
                    answer.text
                );
            } else {
                assert_forbidden(&answer, &example);
            }
        }
    }
}

async fn roles_are_judged_at_each_use(world: &World) {
    let (owner, token) = world.token_of(&world.plain, Role::UserAdmin).await;
    let theirs = world.plain.scim().with(&token);
    let body = json!({ "userName": "somebody-new" });
    theirs.post("/Users", &body).await.expect(201);
    let user = format!("/Users/{owner}");
    for (active, status) in [(false, 401), (true, 200), (false, 401)] {
        let body = json!({ "Operations": [{ "op": "replace", "path": "active", "value": active }] });
        world.plain.scim().patch(&user, &body).await.expect(200);
        assert_eq!(theirs.get("/Users").await.status, status, "active: {active}");
    }
    theirs.get(&format!("/Users/{NOBODY}")).await.scim_error(401, "");
}

/// Whoever was let in by a server is remembered there; what ends or narrows the token may happen at another.
async fn every_server_learns_of_an_end_at_once(world: &World) {
    let (id, revoked) = world.token(&world.plain, &Scope::ALL, 365).await;
    let (demoted_owner, demoted) = world.token_of(&world.plain, Role::UserAdmin).await;
    let (disabled_owner, disabled) = world.token_of(&world.plain, Role::FullAdmin).await;
    let (deleted_owner, deleted) = world.token_of(&world.plain, Role::ReadOnlyAdmin).await;
    let neighbour = world.neighbour().await;
    let servers = [world.plain.scim(), world.plain.at(&neighbour).scim()];
    let (person, new) = (format!("/Users/{NOBODY}"), json!({ "userName": "" }));
    let all = [
        (&revoked, [401; 3]),
        (&demoted, [403; 3]),
        (&disabled, [401; 3]),
        (&deleted, [401; 3]),
    ];
    let asked = async |client: &Client, token: &str| {
        let client = client.with(token);
        [
            client.get(&person).await.status,
            client.get("/Users?count=1").await.status,
            client.post("/Users", &new).await.status,
        ]
    };
    for _ in 0..2 {
        for server in &servers {
            for (token, _) in &all[..3] {
                assert_eq!(asked(server, token).await, [404, 200, 400]);
            }
            assert_eq!(asked(server, &deleted).await, [404, 200, 403]);
        }
    }
    let disable = json!({ "Operations": [{ "op": "replace", "path": "active", "value": false }] });
    world.revoke(&world.plain, id).await;
    world.demote(&world.plain, demoted_owner, Role::UserAdmin).await;
    let first = &servers[0];
    first
        .patch(&format!("/Users/{disabled_owner}"), &disable)
        .await
        .expect(200);
    first.delete(&format!("/Users/{deleted_owner}")).await.expect(204);
    for server in servers.iter().rev() {
        for (token, statuses) in &all {
            assert_eq!(asked(server, token).await, *statuses);
        }
    }
}
