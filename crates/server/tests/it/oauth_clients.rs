//! Registered clients of the authorization server: codes with PKCE, refresh tokens that are good once, tokens for themselves,
//! revocation and introspection.

use std::time::Duration;

use access::Role;
use serde_json::{Value, json};

use crate::client::Answer;
use crate::on_both;
use crate::pages::{Browser, PASSWORD, Page, administrator, somebody};
use crate::world::{Organization, World};

on_both!(
    a_code_leads_to_tokens,
    a_code_is_for_its_client_and_its_verifier,
    a_second_use_ends_everything,
    refresh_tokens_are_good_once,
    two_who_refresh_at_once,
    a_client_acts_for_itself,
    revoked_tokens_open_nothing,
    only_what_is_good_is_active,
    whoever_goes_takes_the_tokens_along,
    what_is_wrong_is_told,
    the_consent_says_what_the_token_can_do,
);

const AUTHORIZE: &str = "/idb/oauth2/v1/authorize";
pub(crate) const TOKEN: &str = "/idb/oauth2/v1/access_token";
pub(crate) const REVOKE: &str = "/idb/oauth2/v1/revoke";
pub(crate) const INTROSPECT: &str = "/idb/oauth2/v1/introspect";
pub(crate) const REDIRECT: &str = "https://app.example/callback?x=y";
/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

const GRANTS: [&str; 3] = ["authorization_code", "refresh_token", "client_credentials"];

/// A registered client.
pub(crate) struct App {
    pub(crate) id: String,
    pub(crate) client_id: String,
    pub(crate) secret: Option<String>,
}

pub(crate) async fn register(org: &Organization, kind: &str) -> App {
    register_for(org, kind, &["Identity:SCIM", "instep:read"]).await
}

pub(crate) async fn register_for(org: &Organization, kind: &str, scopes: &[&str]) -> App {
    let wanted = json!({
        "name": format!("A {kind} app"),
        "kind": kind,
        "redirects": [REDIRECT, "http://localhost:8400/"],
        "scopes": scopes,
        "grant_types": if kind == "public" { &GRANTS[..2] } else { &GRANTS[..] },
    });
    let made = org.api().post("/clients", &wanted).await.expect(201);
    let text = |name: &str| made[name].as_str().map(str::to_owned);
    App {
        id: text("id").expect("an id"),
        client_id: text("client_id").expect("a client_id"),
        secret: text("client_secret"),
    }
}

impl App {
    /// Sends a form as this client.
    pub(crate) async fn send(&self, world: &World, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut all = vec![("client_id", self.client_id.as_str())];
        all.extend(
            self.secret
                .iter()
                .map(|secret| ("client_secret", secret.as_str())),
        );
        all.extend(fields);
        form(world, path, &all).await
    }

    pub(crate) async fn redeem(&self, world: &World, code: &str) -> Answer {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", REDIRECT),
            ("code_verifier", VERIFIER),
        ];
        self.send(world, TOKEN, &fields).await
    }

    pub(crate) async fn refresh(&self, world: &World, token: &str) -> Answer {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", token)];
        self.send(world, TOKEN, &fields).await
    }

    pub(crate) fn request(&self) -> String {
        let redirect: String = url::form_urlencoded::byte_serialize(REDIRECT.as_bytes()).collect();
        format!(
            "{AUTHORIZE}?response_type=code&client_id={}&redirect_uri={redirect}&scope=Identity%3ASCIM&state=s-1&\
             code_challenge={CHALLENGE}&code_challenge_method=S256",
            self.client_id
        )
    }
}

async fn form(world: &World, path: &str, fields: &[(&str, &str)]) -> Answer {
    let body: String = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    let call = world.nobody().call(http::Method::POST, path);
    let answer = call.body("application/x-www-form-urlencoded", body).send().await;
    assert_eq!(answer.header("cache-control"), "no-store", "{}", answer.text);
    answer
}

#[track_caller]
pub(crate) fn refused(answer: &Answer, status: u16, error: &str) {
    assert_eq!(
        (answer.status, &answer.json()["error"]),
        (status, &json!(error)),
        "{}",
        answer.text
    );
    assert_eq!(answer.headers.contains_key("www-authenticate"), status == 401);
}

/// The parameters of the address that a browser is sent to.
#[track_caller]
pub(crate) fn query(page: &Page) -> Vec<(String, String)> {
    assert_eq!(page.status, 303, "{}", page.text);
    let there = page.header("location");
    let members = there
        .strip_prefix("https://app.example/callback?x=y&")
        .unwrap_or_else(|| panic!("{there}"));
    url::form_urlencoded::parse(members.as_bytes())
        .into_owned()
        .collect()
}

/// Somebody signs in and agrees; the code.
pub(crate) async fn code(world: &World, app: &App, name: &str) -> String {
    let browser = Browser::new(world);
    browser.sign_in(name, PASSWORD).await.leads_to("/account");
    code_in(world, &browser, &app.request()).await
}

/// The same of somebody who is signed in.
pub(crate) async fn code_in(world: &World, browser: &Browser, request: &str) -> String {
    let page = browser.get(request).await;
    page.expect(200, "app in?");
    let done = browser.submit(&page, AUTHORIZE, &[("decision", "allow")]).await;
    let members = query(&done);
    let names: Vec<_> = members.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["code", "iss", "state"]);
    assert_eq!(
        (members[1].1.as_str(), members[2].1.as_str()),
        (world.address.as_str(), "s-1")
    );
    members[0].1.clone()
}

pub(crate) fn text<'a>(tokens: &'a Value, name: &str) -> &'a str {
    tokens[name]
        .as_str()
        .unwrap_or_else(|| panic!("{name}: {tokens}"))
}

pub(crate) async fn give_role(org: &Organization, user: base::UserId, role: Role) {
    let role = json!({ "role": role.name() });
    org.api()
        .put(&format!("/people/{user}/role"), &role)
        .await
        .expect(200);
}

/// Whether a token opens the people of an organization.
pub(crate) async fn opens(org: &Organization, token: &str) -> u16 {
    org.scim().with(token).get("/Users?count=1").await.status
}

async fn a_code_leads_to_tokens(world: &World) {
    let org = &world.plain;
    let name = administrator(world, org).await;
    for kind in ["confidential", "public"] {
        let app = register(org, kind).await;
        let code = code(world, &app, &name).await;
        let tokens = app.redeem(world, &code).await.expect(200);
        assert_eq!(
            (&tokens["token_type"], &tokens["expires_in"], &tokens["scope"]),
            (&json!("Bearer"), &json!(14 * 86_400), &json!("Identity:SCIM"))
        );
        assert_eq!(tokens["refresh_token_expires_in"], 90 * 86_400);
        let token = text(&tokens, "access_token");
        assert_eq!(opens(org, token).await, 200);
        assert_eq!(opens(&world.webex, token).await, 404);
        let user = json!({ "userName": format!("made-by-{kind}") });
        org.scim().with(token).post("/Users", &user).await.expect(201);
        org.api()
            .with(token)
            .get("/people")
            .await
            .problem(403, "forbidden");
        // A refresh token is no access token.
        assert_eq!(opens(org, text(&tokens, "refresh_token")).await, 401);
        world.clock.advance(Duration::from_hours(14 * 24));
        assert_eq!(opens(org, token).await, 401);
    }
    // Who may look only gets a token that looks only, and who says no is told to the client.
    let app = register(org, "public").await;
    let reader = somebody(world, org, "reader@example.com").await;
    give_role(org, reader, Role::ReadOnlyAdmin).await;
    let code = code(world, &app, "reader@example.com").await;
    let tokens = app.redeem(world, &code).await.expect(200);
    let scim = org.scim().with(text(&tokens, "access_token"));
    scim.get("/Users").await.expect(200);
    scim.post("/Users", &json!({ "userName": "nobody" }))
        .await
        .scim_error(403, "");
    let browser = Browser::new(world);
    browser.sign_in("reader@example.com", PASSWORD).await;
    let page = browser.get(&app.request()).await;
    let told = query(&browser.submit(&page, AUTHORIZE, &[("decision", "deny")]).await);
    assert_eq!(told[0].1, "access_denied");
}

/// What the page says is what the token does, and a form that is sent twice gives one code.
async fn the_consent_says_what_the_token_can_do(world: &World) {
    let org = &world.plain;
    let user = somebody(world, org, "asked@example.com").await;
    let wanted = json!({
        "name": "An app",
        "kind": "public",
        "redirects": [REDIRECT],
        "scopes": access::Scope::ALL.map(access::Scope::name),
    });
    let made = org.api().post("/clients", &wanted).await.expect(201);
    let app = App {
        id: String::new(),
        client_id: text(&made, "client_id").to_owned(),
        secret: None,
    };
    for (role, scope, opens, changes) in [
        (Role::FullAdmin, "instep:admin", true, true),
        (Role::FullAdmin, "instep:read", true, false),
        (Role::FullAdmin, "audit:events_read", true, false),
        (Role::UserAdmin, "instep:admin", true, true),
        (Role::GroupAdmin, "Identity:SCIM", true, true),
        (Role::GroupAdmin, "identity:people_rw", true, false),
        (
            Role::GroupAdmin,
            "identity:groups_rw identity:people_read",
            true,
            true,
        ),
        (Role::ReadOnlyAdmin, "instep:admin Identity:SCIM", true, false),
        (Role::ComplianceOfficer, "audit:events_read", true, false),
        (Role::ComplianceOfficer, "Identity:SCIM", false, false),
        (Role::None, "instep:admin Identity:SCIM", false, false),
    ] {
        give_role(org, user, role).await;
        let browser = Browser::new(world);
        browser.sign_in("asked@example.com", PASSWORD).await;
        let scope = scope.replace(':', "%3A").replace(' ', "%20");
        let page = browser
            .get(&app.request().replace("Identity%3ASCIM", &scope))
            .await;
        page.expect(200, "An app in?");
        let said = (
            !page.text.contains("opens nothing of this"),
            !page.text.contains("opens nothing of this") && !page.text.contains("only reads"),
        );
        assert_eq!(said, (opens, changes), "{role} {scope}");
        let done = browser.submit(&page, AUTHORIZE, &[("decision", "allow")]).await;
        let tokens = app.redeem(world, &query(&done)[0].1).await.expect(200);
        let token = text(&tokens, "access_token");
        let (api, scim) = (org.api().with(token), org.scim().with(token));
        let reads = [
            api.get("/people").await.status,
            scim.get("/Users").await.status,
            scim.get("/Groups").await.status,
        ];
        let only_events = scope.starts_with("audit");
        assert_eq!(
            reads.contains(&200),
            opens && !only_events,
            "{role} {scope}: {reads:?}"
        );
        let name = format!("{role}-{}", scope.len());
        let writes = [
            scim.post("/Users", &json!({ "userName": name })).await.status,
            scim.post("/Groups", &json!({ "displayName": name })).await.status,
            api.patch("/people/asked@example.com", &json!({ "active": true }))
                .await
                .status,
            api.post("/groups", &json!({ "display_name": format!("{name}-too") }))
                .await
                .status,
        ];
        let done = writes.iter().any(|status| matches!(status, 200 | 201));
        assert_eq!(done, changes, "{role} {scope}: {writes:?}");
        browser
            .submit(&page, AUTHORIZE, &[("decision", "allow")])
            .await
            .expect(403, "sent already");
    }
}

async fn a_code_is_for_its_client_and_its_verifier(world: &World) {
    let name = administrator(world, &world.plain).await;
    let (app, other) = (
        register(&world.plain, "confidential").await,
        register(&world.plain, "public").await,
    );
    let code = code(world, &app, &name).await;
    refused(&other.redeem(world, &code).await, 400, "invalid_grant");
    let good = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
    ];
    for (field, wrong, error) in [
        ("code", "nonsense", "invalid_grant"),
        ("redirect_uri", "http://localhost:8400/", "invalid_grant"),
        ("redirect_uri", "", "invalid_grant"),
        ("code_verifier", &"x".repeat(43), "invalid_grant"),
        ("code_verifier", "short", "invalid_request"),
        ("code_verifier", "", "invalid_request"),
        ("code", "", "invalid_request"),
        ("grant_type", "", "invalid_request"),
        ("grant_type", "password", "unsupported_grant_type"),
    ] {
        let fields: Vec<_> = good
            .iter()
            .map(|(name, value)| (*name, if *name == field { wrong } else { value }))
            .collect();
        refused(&app.send(world, TOKEN, &fields).await, 400, error);
    }
    let wrong = App {
        secret: Some("wrong".to_owned()),
        ..register(&world.plain, "confidential").await
    };
    refused(&wrong.redeem(world, &code).await, 401, "invalid_client");
    let without = App {
        secret: None,
        id: String::new(),
        client_id: app.client_id.clone(),
    };
    refused(&without.redeem(world, &code).await, 401, "invalid_client");
    // None of this has used the code up; time does.
    world.clock.advance(Duration::from_mins(2));
    refused(&app.redeem(world, &code).await, 400, "invalid_grant");
}

async fn a_second_use_ends_everything(world: &World) {
    let org = &world.plain;
    let name = administrator(world, org).await;
    let app = register(org, "public").await;
    let code = code(world, &app, &name).await;
    let tokens = app.redeem(world, &code).await.expect(200);
    assert_eq!(opens(org, text(&tokens, "access_token")).await, 200);
    refused(&app.redeem(world, &code).await, 400, "invalid_grant");
    assert_eq!(opens(org, text(&tokens, "access_token")).await, 401);
    let refresh = text(&tokens, "refresh_token");
    refused(&app.refresh(world, refresh).await, 400, "invalid_grant");
    let events = org.api().get("/events").await.expect(200).to_string();
    for told in [
        "oauth_client_create",
        "oauth_grant",
        "oauth_grant_revoke",
        "token_create",
    ] {
        assert!(events.contains(&format!("\"{told}\"")), "{told}");
    }
    for secret in [code.as_str(), refresh, text(&tokens, "access_token")] {
        assert!(!events.contains(secret));
    }
}

async fn refresh_tokens_are_good_once(world: &World) {
    let org = &world.plain;
    let name = administrator(world, org).await;
    let (app, other) = (register(org, "public").await, register(org, "confidential").await);
    let code = code(world, &app, &name).await;
    let first = app.redeem(world, &code).await.expect(200);
    let old = text(&first, "refresh_token");
    refused(&other.refresh(world, old).await, 400, "invalid_grant");
    let fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", old),
        ("scope", "Identity:SCIM instep:read"),
    ];
    refused(&app.send(world, TOKEN, &fields).await, 400, "invalid_scope");
    world.clock.advance(Duration::from_hours(89 * 24));
    let second = app.refresh(world, old).await.expect(200);
    assert_eq!(opens(org, text(&second, "access_token")).await, 200);
    let new = text(&second, "refresh_token");
    assert_ne!(old, new);
    // Whoever comes with the old one has stolen it, or the other one has.
    refused(&app.refresh(world, old).await, 400, "invalid_grant");
    refused(&app.refresh(world, new).await, 400, "invalid_grant");
    assert_eq!(opens(org, text(&second, "access_token")).await, 401);
    let code = self::code(world, &app, &name).await;
    let unused = app.redeem(world, &code).await.expect(200);
    world.clock.advance(Duration::from_hours(90 * 24));
    world.access.forget_exchanges(org.id).await.expect("forgotten");
    refused(
        &app.refresh(world, text(&unused, "refresh_token")).await,
        400,
        "invalid_grant",
    );
}

async fn two_who_refresh_at_once(world: &World) {
    let org = &world.plain;
    let name = administrator(world, org).await;
    let app = register(org, "public").await;
    let code = code(world, &app, &name).await;
    let (one, two) = tokio::join!(app.redeem(world, &code), app.redeem(world, &code));
    let mut both = [one, two];
    both.sort_by_key(|answer| answer.status);
    assert_eq!(both.each_ref().map(|answer| answer.status), [200, 400]);
    let tokens = both[0].json();
    assert_eq!(opens(org, text(&tokens, "access_token")).await, 401);
}

async fn a_client_acts_for_itself(world: &World) {
    let org = &world.plain;
    let app = register(org, "confidential").await;
    let itself = [("grant_type", "client_credentials")];
    let tokens = app.send(world, TOKEN, &itself).await.expect(200);
    assert_eq!(tokens["scope"], "Identity:SCIM instep:read");
    assert!(tokens.get("refresh_token").is_none(), "RFC 6749 §4.4.3");
    let token = text(&tokens, "access_token");
    assert_eq!(opens(org, token).await, 200);
    org.api().with(token).get("/people").await.expect(200);
    let less = [("grant_type", "client_credentials"), ("scope", "instep:read")];
    let tokens = app.send(world, "/v1/access_token", &less).await.expect(200);
    assert_eq!(opens(org, text(&tokens, "access_token")).await, 403);
    let more = [("grant_type", "client_credentials"), ("scope", "instep:admin")];
    refused(&app.send(world, TOKEN, &more).await, 400, "invalid_scope");
    let public = register(org, "public").await;
    refused(
        &public.send(world, TOKEN, &itself).await,
        400,
        "unauthorized_client",
    );
    // Its rights are those of who has registered it, as of now.
    let (owner, registrar) = world.token_of(org, Role::FullAdmin).await;
    let wanted = json!({ "name": "Theirs", "scopes": ["Identity:SCIM"] });
    let made = org
        .api()
        .with(&registrar)
        .post("/clients", &wanted)
        .await
        .expect(201);
    let theirs = App {
        id: String::new(),
        client_id: text(&made, "client_id").to_owned(),
        secret: Some(text(&made, "client_secret").to_owned()),
    };
    let tokens = theirs.send(world, TOKEN, &itself).await.expect(200);
    let scim = org.scim().with(text(&tokens, "access_token"));
    scim.post("/Users", &json!({ "userName": "first" }))
        .await
        .expect(201);
    let less = json!({ "role": "id_readonly_admin" });
    org.api()
        .put(&format!("/people/{owner}/role"), &less)
        .await
        .expect(200);
    scim.post("/Users", &json!({ "userName": "second" }))
        .await
        .scim_error(403, "");
    org.api()
        .patch(&format!("/people/{owner}"), &json!({ "active": false }))
        .await
        .expect(200);
    scim.get("/Users").await.scim_error(401, "");
    refused(
        &theirs.send(world, TOKEN, &itself).await,
        400,
        "unauthorized_client",
    );
}

async fn revoked_tokens_open_nothing(world: &World) {
    let org = &world.plain;
    let name = administrator(world, org).await;
    let (app, other) = (register(org, "public").await, register(org, "confidential").await);
    let code = code(world, &app, &name).await;
    let tokens = app.redeem(world, &code).await.expect(200);
    let (access, refresh) = (text(&tokens, "access_token"), text(&tokens, "refresh_token"));
    for token in [access, refresh, &org.token] {
        refused(
            &other.send(world, REVOKE, &[("token", token)]).await,
            400,
            "invalid_grant",
        );
    }
    for unknown in ["nonsense", world.webex.token.as_str()] {
        assert_eq!(app.send(world, REVOKE, &[("token", unknown)]).await.status, 200);
    }
    refused(&app.send(world, REVOKE, &[]).await, 400, "invalid_request");
    assert_eq!(opens(org, access).await, 200);
    for _ in 0..2 {
        assert_eq!(app.send(world, REVOKE, &[("token", access)]).await.status, 200);
        assert_eq!(opens(org, access).await, 401);
    }
    let tokens = app.refresh(world, refresh).await.expect(200);
    let (access, refresh) = (text(&tokens, "access_token"), text(&tokens, "refresh_token"));
    assert_eq!(app.send(world, REVOKE, &[("token", refresh)]).await.status, 200);
    assert_eq!(opens(org, access).await, 401);
    refused(&app.refresh(world, refresh).await, 400, "invalid_grant");
}

async fn only_what_is_good_is_active(world: &World) {
    let org = &world.plain;
    let name = administrator(world, org).await;
    let (app, public) = (register(org, "confidential").await, register(org, "public").await);
    let code = code(world, &public, &name).await;
    let tokens = public.redeem(world, &code).await.expect(200);
    let access = text(&tokens, "access_token");
    let asked = async |token: &str| app.send(world, INTROSPECT, &[("token", token)]).await.expect(200);
    let found = asked(access).await;
    assert_eq!(
        (
            &found["active"],
            &found["scope"],
            &found["client_id"],
            &found["username"]
        ),
        (
            &json!(true),
            &json!("Identity:SCIM"),
            &json!(public.client_id),
            &json!(name)
        )
    );
    let lives = found["exp"].as_i64().expect("a time") - found["iat"].as_i64().expect("a time");
    assert!((14 * 86_400 - 1..=14 * 86_400).contains(&lives), "{found}");
    for nothing in [
        text(&tokens, "refresh_token"),
        world.webex.token.as_str(),
        "nonsense",
    ] {
        assert_eq!(asked(nothing).await, json!({ "active": false }));
    }
    assert_eq!(asked(&org.token).await["active"], true);
    refused(
        &public.send(world, INTROSPECT, &[("token", access)]).await,
        401,
        "invalid_client",
    );
    public.send(world, REVOKE, &[("token", access)]).await;
    assert_eq!(asked(access).await, json!({ "active": false }));
}

async fn whoever_goes_takes_the_tokens_along(world: &World) {
    let org = &world.plain;
    let app = register(org, "public").await;
    let user = somebody(world, org, "leaver@example.com").await;
    give_role(org, user, Role::UserAdmin).await;
    let first = code(world, &app, "leaver@example.com").await;
    let second = code(world, &app, "leaver@example.com").await;
    let tokens = app.redeem(world, &first).await.expect(200);
    let off = json!({ "active": false });
    org.api()
        .patch(&format!("/people/{user}"), &off)
        .await
        .expect(200);
    refused(
        &app.refresh(world, text(&tokens, "refresh_token")).await,
        400,
        "invalid_grant",
    );
    refused(&app.redeem(world, &second).await, 400, "invalid_grant");
    assert_eq!(opens(org, text(&tokens, "access_token")).await, 401);
    org.api().delete(&format!("/people/{user}")).await.expect(204);
    refused(
        &app.refresh(world, text(&tokens, "refresh_token")).await,
        400,
        "invalid_grant",
    );
}

async fn what_is_wrong_is_told(world: &World) {
    let name = administrator(world, &world.plain).await;
    let app = register(&world.plain, "public").await;
    let browser = Browser::new(world);
    let good = app.request();
    for wrong in [
        good.replace("app.example", "evil.example"),
        good.replace("x%3Dy", "x%3Dz"),
        good.replace(&app.client_id, &app.client_id.replace('C', "D")),
        // One redirect of several must be named.
        good.replace("redirect_uri=", "x="),
    ] {
        browser.get(&wrong).await.expect(400, "That did not work");
    }
    // Nobody is sent there before it is known who asks.
    let to = |place: &str| -> String { url::form_urlencoded::byte_serialize(place.as_bytes()).collect() };
    let nope = good.replace("Identity%3ASCIM", "nope");
    browser
        .get(&nope)
        .await
        .leads_to(&format!("/sign-in?to={}", to(&nope)));
    browser.sign_in(&name, PASSWORD).await.leads_to("/account");
    for (wrong, error) in [
        (good.replace("=code&", "=token&"), "unsupported_response_type"),
        (good.replace("=S256", "=plain"), "invalid_request"),
        (good.replace("code_challenge=", "x="), "invalid_request"),
        (good.replace("Identity%3ASCIM", "instep%3Aadmin"), "invalid_scope"),
    ] {
        let told = query(&browser.get(&wrong).await);
        let names: Vec<_> = told.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["error", "error_description", "iss", "state"]);
        assert_eq!(told[0].1, error);
    }
    // Nobody lets a client of another organization in.
    let foreign = register(&world.webex, "public").await.request();
    for asked in [
        foreign.clone(),
        foreign.replace("Identity%3ASCIM", "nope"),
        foreign.replace("=S256", "=plain"),
    ] {
        let page = browser.get(&asked).await;
        page.expect(403, "another organization");
        assert_eq!(page.header("location"), "");
    }
    // A client that is gone while somebody thinks.
    let page = browser.get(&good).await;
    world
        .plain
        .api()
        .delete(&format!("/clients/{}", app.id))
        .await
        .expect(204);
    browser
        .submit(&page, AUTHORIZE, &[("decision", "allow")])
        .await
        .expect(400, "No client");
    for path in [TOKEN, REVOKE, INTROSPECT] {
        for media_type in [
            "text/plain",
            "application/json",
            "multipart/form-data; boundary=x",
        ] {
            let call = world.nobody().call(http::Method::POST, path);
            let answer = call
                .body(media_type, "client_id=x&token=x".to_owned())
                .send()
                .await;
            refused(&answer, 400, "invalid_request");
        }
        refused(&form(world, path, &[]).await, 401, "invalid_client");
        refused(
            &app.send(world, path, &[("token", "x")]).await,
            401,
            "invalid_client",
        );
        let twice = [("client_id", "a"), ("client_id", "b")];
        refused(&form(world, path, &twice).await, 400, "invalid_request");
    }
}
