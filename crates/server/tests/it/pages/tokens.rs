//! The page that makes tokens for identity providers.

use access::Role;
use serde_json::json;

use super::{Browser, PASSWORD, administrator, somebody};
use crate::on_both;
use crate::world::World;

on_both!(
    a_token_is_made_and_shown_once,
    one_for_the_command_line,
    only_full_administrators_make_tokens
);

const PLACE: &str = "/account/token";

async fn a_token_is_made_and_shown_once(world: &World) {
    let org = &world.plain;
    let name = administrator(world, org).await;
    let browser = Browser::new(world);
    browser.sign_in(&name, PASSWORD).await.leads_to("/account");
    browser
        .get("/account")
        .await
        .expect(200, "href=\"/account/token\"");
    let page = browser.get(PLACE).await;
    page.expect(200, "JumpCloud");
    for (provider, title, address) in [
        (
            "entra-id",
            "Entra ID",
            format!("{}/v1/scim/{}?aadOptscim062020", world.address, org.id),
        ),
        (
            "okta",
            "Okta",
            format!("{}/identity/scim/{}/v2", world.address, org.id),
        ),
        (
            "jumpcloud",
            "JumpCloud",
            format!("{}/v1/scim/{}", world.address, org.id),
        ),
        (
            "other",
            "SCIM client",
            format!("{}/v1/scim/{}", world.address, org.id),
        ),
    ] {
        let made = browser.submit(&page, PLACE, &[("for", provider)]).await;
        made.expect(200, &format!("value=\"{address}\""));
        made.check();
        assert_eq!(made.header("cache-control"), "no-store");
        let token = made
            .text
            .split("value=\"instep_")
            .nth(1)
            .and_then(|rest| rest.split('"').next());
        let token = format!("instep_{}", token.expect("a token"));
        let scim = org.scim().with(&token);
        let user = json!({ "userName": format!("by-{provider}") });
        scim.post("/Users", &user).await.expect(201);
        org.api()
            .with(&token)
            .get("/people")
            .await
            .problem(403, "forbidden");
        let tokens = org.api().get("/tokens").await.expect(200);
        let items = tokens["items"].as_array().expect("a list");
        let listed = items.iter().find(|one| one["name"] == title).expect("listed");
        assert_eq!(listed["owner"]["user_name"], json!(name));
        assert!(!tokens.to_string().contains(&token));
    }
    browser
        .submit(&page, PLACE, &[("for", "x")])
        .await
        .expect(400, "Choose");
    // It lives as long as the organization says.
    world.set(org, "oauth.token_days", "7").await;
    let page = browser.get(PLACE).await;
    page.expect(200, "over SCIM only, for 7 days");
    page.expect(200, "all that your role allows, for 7 days");
}

async fn one_for_the_command_line(world: &World) {
    let org = &world.plain;
    let name = administrator(world, org).await;
    let browser = Browser::new(world);
    browser.sign_in(&name, PASSWORD).await.leads_to("/account");
    let page = browser.get(PLACE).await;
    page.expect(200, "over SCIM only, for 365 days");
    page.expect(200, "all that your role allows, for 90 days");
    let made = browser.submit(&page, PLACE, &[("for", "command-line")]).await;
    made.check();
    made.expect(200, "INSTEP_URL");
    made.expect(200, &format!("value=\"{}\"", world.address));
    made.expect(200, "INSTEP_TOKEN");
    assert_eq!(made.header("cache-control"), "no-store");
    let token = made
        .text
        .split("value=\"instep_")
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    let token = format!("instep_{}", token.expect("a token"));
    let api = org.api().with(&token);
    // It does what its maker's role allows, over the admin API and nowhere else, and follows the role.
    let organization = api.get("/organization").await.expect(200);
    assert_eq!(organization["id"], json!(org.id));
    api.post("/groups", &json!({ "display_name": "Made" }))
        .await
        .expect(201);
    org.scim().with(&token).get("/Users").await.expect(403);
    let tokens = api.get("/tokens").await.expect(200);
    let items = tokens["items"].as_array().expect("a list");
    let listed = items
        .iter()
        .find(|one| one["name"] == "Command line / admin API")
        .expect("listed");
    assert_eq!(listed["scopes"], json!(["instep:admin"]));
    let time = |name: &str| listed[name].as_str().expect("a time").parse::<base::Timestamp>();
    let (created, expires) = (
        time("created_at").expect("a time"),
        time("expires_at").expect("a time"),
    );
    assert_eq!(expires.since(created).as_secs().div_ceil(86_400), 90);
    let other = somebody(world, org, "second@example.com").await.to_string();
    for (person, role) in [(&other, Role::FullAdmin), (&name, Role::ReadOnlyAdmin)] {
        let role = json!({ "role": role.name() });
        org.api()
            .put(&format!("/people/{person}/role"), &role)
            .await
            .expect(200);
    }
    api.get("/organization").await.expect(200);
    api.post("/groups", &json!({ "display_name": "More" }))
        .await
        .problem(403, "forbidden");
}

async fn only_full_administrators_make_tokens(world: &World) {
    let org = &world.plain;
    let name = administrator(world, org).await;
    let browser = Browser::new(world);
    browser.sign_in(&name, PASSWORD).await.leads_to("/account");
    let page = browser.get(PLACE).await;
    let user = somebody(world, org, "second@example.com").await;
    let give = async |person: &str, role: Role| {
        let body = json!({ "role": role.name() });
        org.api()
            .put(&format!("/people/{person}/role"), &body)
            .await
            .expect(200);
    };
    give(&user.to_string(), Role::FullAdmin).await;
    let others = Role::ALL.into_iter().filter(|role| *role != Role::FullAdmin);
    for role in others {
        give(&name, role).await;
        browser.get(PLACE).await.expect(403, "full administrators do");
        let made = browser.submit(&page, PLACE, &[("for", "okta")]).await;
        made.expect(403, "full administrators do");
        assert!(!made.text.contains("instep_"));
        let account = browser.get("/account").await;
        assert!(!account.text.contains(PLACE), "{role}");
    }
}
