//! Nothing secret in the logs, whatever happens.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use serde_json::json;
use store::{Tx, Write as StoreWrite};

use crate::on_both;
use crate::pages::{Browser, PASSWORD, administrator, factors, invitations};
use crate::scim::hire;
use crate::world::{World, cause};

on_both!(logs_hold_none);

/// Everything that is traced in this process, at every level.
#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Captured {
    fn shared() -> &'static Self {
        static SHARED: OnceLock<Captured> = OnceLock::new();
        SHARED.get_or_init(|| {
            let captured = Self::default();
            let writer = captured.clone();
            tracing_subscriber::fmt()
                .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
                .with_ansi(false)
                .with_writer(move || writer.clone())
                .init();
            captured
        })
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

/// A setting that the service complains about in its log: the sign that the log is heard here.
struct OddSetting(base::OrgId, String);

impl StoreWrite for OddSetting {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        store::settings::set(tx, self.0, "scim.schemas", &self.1, &cause())
            .await
            .map(drop)
    }
}

async fn logs_hold_none(world: &World) {
    let captured = Captured::shared();
    let (scim, api) = (world.plain.scim(), world.plain.api());
    let sign = format!("odd-{}", world.plain.id);
    world
        .store
        .write(OddSetting(world.plain.id, sign.clone()))
        .await
        .expect("written");

    let user = json!({ "userName": "anna", "password": "log-secret-password" });
    let made = scim.post("/Users", &user).await.expect(201);
    let path = format!("/Users/{}", made["id"].as_str().expect("an id"));
    scim.post("/Users", &user).await.scim_error(409, "uniqueness");
    let change =
        json!({ "Operations": [{ "op": "replace", "path": "password", "value": "log-secret-changed" }] });
    scim.patch(&path, &change).await.expect(200);
    let wrong =
        json!({ "Operations": [{ "op": "replace", "path": "password", "value": ["log-secret-odd", "b"] }] });
    scim.patch(&path, &wrong).await.scim_error(400, "invalidValue");
    scim.call(http::Method::POST, "/Users")
        .body("application/json", "{\"password\":\"log-secret-cut")
        .send()
        .await;
    for token in [
        "instep_log-secret-wrong",
        "log-secret-foreign",
        &world.webex.token,
    ] {
        assert!([401, 404].contains(&scim.with(token).get("/Users").await.status));
    }
    let app = json!({
        "template": "scim", "name": "Hub", "base_url": world.webex.scim().url, "token": "log-secret-target",
    });
    api.post("/apps", &app).await.expect(201);
    api.post("/apps/Hub/test", &json!({})).await.expect(200);
    api.post("/apps/Hub/plan", &json!({})).await;
    api.patch("/apps/Hub", &json!({ "token": world.webex.token }))
        .await
        .expect(200);
    api.post("/apps/Hub/test", &json!({})).await.expect(200);
    api.post(
        "/apps",
        &json!({ "template": "scim", "token": "log-secret-refused", "colour": 1 }),
    )
    .await
    .expect(400);

    let typed = Browser::new(world).sign_in("anna", "log-secret-typed").await;
    assert_eq!(typed.status, 403);
    // An address that is nobody's, too often; a form of another site, and one that was made up.
    let stranger = Browser::new(world);
    for _ in 0..6 {
        stranger
            .sign_in("log-secret-nobody@example.com", "log-secret-typed")
            .await;
    }
    let form = stranger.get("/sign-in").await.hidden("/sign-in");
    let elsewhere = [("origin", "https://evil.example")];
    assert_eq!(stranger.post("/sign-in", &form, &elsewhere).await.status, 403);
    let own = [("origin", world.address.as_str())];
    assert_eq!(stranger.post("/sign-in", &[], &own).await.status, 403);

    let address = administrator(world, &world.plain).await;
    let browser = Browser::new(world);
    browser.sign_in(&address, PASSWORD).await.leads_to("/account");
    let session = browser.cookie("instep-session").expect("a session");

    let app = factors::set_up(world, &browser).await;
    let code = app.next(world);
    let again = Browser::new(world);
    for code in ["log-secret-code", &app.recovery_codes[0], &code] {
        let half = again.sign_in(&address, PASSWORD).await;
        again.submit(&half, "/sign-in/factor", &[("code", code)]).await;
    }
    assert!(again.cookie("instep-session").is_some(), "signed in");

    let client = json!({ "name": "Log client", "scopes": ["Identity:SCIM"] });
    let client = world.plain.api().post("/clients", &client).await.expect(201);
    let known = |name: &str| client[name].as_str().expect("a text").to_owned();
    let (client_id, client_secret) = (known("client_id"), known("client_secret"));
    let mut issued = Vec::new();
    for secret in ["log-secret-client", client_secret.as_str()] {
        let form = format!("grant_type=client_credentials&client_id={client_id}&client_secret={secret}");
        let call = world.nobody().call(http::Method::POST, "/v1/access_token");
        let answer = call.body("application/x-www-form-urlencoded", form).send().await;
        issued.push(answer.json()["access_token"].as_str().map(str::to_owned));
    }
    let issued = issued.pop().flatten().expect("a token");

    // What came by mail, by a page, and what is answered again.
    hire(&scim, &json!({ "userName": "Log@example.com" })).await;
    let letter = invitations::invite(world, "Log@example.com").await;
    Browser::new(world).get(&letter.link()).await;
    let link = letter.link();
    let invitation = link
        .split_once("token=")
        .map(|(_, token)| token)
        .expect("a token");
    let page = again.get("/account/token").await;
    let made = again.submit(&page, "/account/token", &[("for", "okta")]).await;
    let shown = made.text.split("value=\"instep_").nth(1);
    let shown = shown.and_then(|rest| rest.split('"').next()).expect("a token");
    let mut answered = Vec::new();
    for _ in 0..2 {
        let call = api
            .call(http::Method::POST, "/clients")
            .header("idempotency-key", "log");
        let body = json!({ "name": "Twice", "scopes": ["Identity:SCIM"] });
        answered.push(call.json(&body).send().await.expect(201));
    }
    assert_eq!(answered[0], answered[1]);
    let replayed = answered[0]["client_secret"].as_str().expect("a secret");
    let oauth = json!({
        "token_url": format!("{}/nowhere/token", world.address), "client_id": "log", "client_secret": "log-secret-oauth",
        "refresh_token": "log-secret-refresh",
    });
    let target =
        json!({ "template": "scim", "name": "By OAuth", "base_url": world.webex.scim().url, "oauth": oauth });
    api.post("/apps", &target).await.expect(201);
    api.post("/apps/By%20OAuth/test", &json!({})).await.expect(200);

    let text = captured.text();
    assert!(text.contains(&sign), "the log is heard here");
    for refusal in [
        "token.invalid",
        "a request named another organization",
        "a client could not show who it is",
        "an address that is nobody's",
        "an attempt was kept waiting",
        "a page of another site",
        "a form came without its token",
        "a request could not be taken as it was",
    ] {
        assert!(text.contains(refusal), "{refusal}");
    }
    for secret in [
        "log-secret",
        PASSWORD,
        &session,
        &app.secret,
        &app.recovery_codes[0],
        &app.recovery_codes[1],
        &format!("\"{code}\""),
        &client_secret,
        &issued,
        invitation,
        shown,
        replayed,
        &world.plain.token,
        &world.webex.token,
    ] {
        let around = text.find(secret).map(|at| &text[at.saturating_sub(300)..at]);
        assert_eq!(around, None, "a secret is in the log");
    }
}
