//! The authorization server, as the guides of the Webex integrations use it.

use std::collections::BTreeMap;
use std::time::Duration;

use access::GUIDE_CLIENT;
use serde_json::{Value, json};

use crate::client::encoded;
use crate::on_both;
use crate::pages::{Browser, PASSWORD, Page, administrator, somebody};
use crate::world::{Organization, World};

on_both!(
    the_guides_address_leads_to_a_token,
    a_token_has_its_owners_rights,
    who_says_no_gets_none,
    what_is_wrong_is_told_where_it_belongs,
    it_is_off_unless_switched_on,
    a_consent_is_for_one_session,
    a_consent_is_good_once,
    others_can_sign_in_instead,
    expiry_and_metadata,
);

/// The address that the guides give, at one of the two places.
fn address(place: &str) -> String {
    format!(
        "{place}?response_type=token&client_id={}&redirect_uri=http%3A%2F%2Flocalhost%3A3000%2Fauth%2Fcode&\
         scope=spark%3Apeople_read%20spark%3Apeople_write%20Identity%3ASCIM&state=this-should-be-a-random-string",
        GUIDE_CLIENT.id
    )
}

const PLACE: &str = "/idb/oauth2/v1/authorize";

/// Signs in on the way to the consent; the page that asks.
async fn asked(browser: &Browser, place: &str, name: &str) -> Page {
    let there = address(place);
    let led = browser.get(&there).await;
    led.leads_to(&format!("/sign-in?to={}", encoded_as_form(&there)));
    browser.sign_in_for(&there, name, PASSWORD).await.leads_to(&there);
    browser.get(&there).await
}

fn encoded_as_form(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// The members behind the `#`, in their order.
#[track_caller]
fn fragment(page: &Page) -> Vec<(String, String)> {
    assert_eq!(page.status, 303, "{}", page.text);
    let there = page.header("location");
    let members = there
        .strip_prefix("http://localhost:3000/auth/code#")
        .unwrap_or_else(|| panic!("{there}"));
    url::form_urlencoded::parse(members.as_bytes())
        .into_owned()
        .collect()
}

async fn decide(browser: &Browser, page: &Page, decision: &str) -> Page {
    browser.submit(page, PLACE, &[("decision", decision)]).await
}

/// A token made in the way of the guides.
async fn token(world: &World, name: &str) -> String {
    let browser = Browser::new(world);
    let page = asked(&browser, PLACE, name).await;
    fragment(&decide(&browser, &page, "allow").await)[0].1.clone()
}

async fn the_guides_address_leads_to_a_token(world: &World) {
    let name = administrator(world, &world.webex).await;
    for place in [PLACE, "/v1/authorize"] {
        let browser = Browser::new(world);
        let page = asked(&browser, place, &name).await;
        for said in [
            &name,
            "Hub · Full administrator",
            "spark:people_write",
            "Identity:SCIM",
            "365 days",
            "http://localhost:3000/auth/code",
        ] {
            page.expect(200, said);
        }
        let policy = page.header("content-security-policy");
        assert!(
            policy.contains("form-action 'self' http://localhost:3000;"),
            "{policy}"
        );
        let allowed = decide(&browser, &page, "allow").await;
        assert_eq!(allowed.header("cache-control"), "no-store");
        let members = fragment(&allowed);
        let names: Vec<_> = members.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["access_token", "token_type", "expires_in", "state"]);
        assert_eq!(members[1].1, "Bearer");
        assert_eq!(members[3].1, "this-should-be-a-random-string");
        let seconds: u64 = members[2].1.parse().expect("seconds");
        assert!((365 * 86_400 - 5..365 * 86_400).contains(&seconds), "{seconds}");
        let scim = world.webex.scim().with(&members[0].1);
        let body = json!({ "userName": format!("new{}@example.com", place.len()) });
        let made = scim.post("/Users", &body).await.expect(201);
        let id = made["id"].as_str().expect("an id");
        scim.delete(&format!("/Users/{id}")).await.expect(204);
        world
            .webex
            .api()
            .with(&members[0].1)
            .get("/people")
            .await
            .problem(403, "forbidden");
    }
    let tokens = world.webex.api().get("/tokens").await.expect(200);
    let of_guides = tokens["items"].as_array().expect("tokens").iter();
    let of_guides: Vec<_> = of_guides
        .filter(|token| token["name"] == GUIDE_CLIENT.name)
        .collect();
    assert_eq!(of_guides.len(), 2);
    assert_eq!(of_guides[0]["owner"]["user_name"], name.as_str());
    assert_eq!(of_guides[0]["created_by"]["kind"], "user");
    // Nobody gets the next ones by itself, and whoever has them has no command line here.
    world.clock.advance(Duration::from_hours(24 * 336));
    world.warn_of_expiry(&world.webex).await;
    let mut letters = world.letters(&world.webex).await;
    letters.retain(|letter| letter.subject.contains(GUIDE_CLIENT.name));
    assert_eq!(letters.len(), 2);
    for letter in letters {
        assert_eq!(letter.to, name);
        assert!(letter.text.contains("\n/account/token\n"), "{}", letter.text);
    }
}

async fn a_token_has_its_owners_rights(world: &World) {
    somebody(world, &world.webex, "reader@example.com").await;
    let give = async |role: &str| {
        let place = "/people/reader@example.com/role";
        world
            .webex
            .api()
            .put(place, &json!({ "role": role }))
            .await
            .expect(200);
    };
    give("id_readonly_admin").await;
    let scim = world.webex.scim().with(&token(world, "reader@example.com").await);
    let body = json!({ "userName": "new@example.com" });
    scim.get("/Users").await.expect(200);
    scim.post("/Users", &body).await.scim_error(403, "");
    give("id_user_admin").await;
    scim.post("/Users", &body).await.expect(201);
    give("none").await;
    scim.get("/Users").await.scim_error(403, "");
    let browser = Browser::new(world);
    let page = asked(&browser, PLACE, "reader@example.com").await;
    page.expect(200, "Your role opens nothing of this");
    give("id_readonly_admin").await;
    browser
        .get(&address(PLACE))
        .await
        .expect(200, "The token only reads");
    world
        .webex
        .api()
        .patch("/people/reader@example.com", &json!({ "active": false }))
        .await
        .expect(200);
    scim.get("/Users").await.scim_error(401, "");
}

async fn who_says_no_gets_none(world: &World) {
    let name = administrator(world, &world.webex).await;
    let browser = Browser::new(world);
    let page = asked(&browser, PLACE, &name).await;
    for decision in ["deny", "", "ALLOW"] {
        let members: BTreeMap<_, _> = fragment(&decide(&browser, &page, decision).await)
            .into_iter()
            .collect();
        assert_eq!(members["error"], "access_denied");
        assert_eq!(members["state"], "this-should-be-a-random-string");
        assert!(!members.contains_key("access_token"));
    }
}

async fn what_is_wrong_is_told_where_it_belongs(world: &World) {
    let browser = Browser::new(world);
    let good = address(PLACE);
    for wrong in [
        good.replace("localhost%3A3000", "evil.example"),
        good.replace(GUIDE_CLIENT.id, "C0"),
        PLACE.to_owned(),
    ] {
        browser.get(&wrong).await.expect(400, "That did not work");
    }
    let name = administrator(world, &world.webex).await;
    let known = Browser::new(world);
    known.sign_in(&name, PASSWORD).await.leads_to("/account");
    for (wrong, error) in [
        (good.replace("=token", "=code"), "unsupported_response_type"),
        (good.replace("response_type=token&", ""), "invalid_request"),
        (good.replace("Identity%3ASCIM", "instep%3Aadmin"), "invalid_scope"),
    ] {
        // Only whoever is signed in is sent there.
        browser
            .get(&wrong)
            .await
            .leads_to(&format!("/sign-in?to={}", encoded_as_form(&wrong)));
        let members = fragment(&known.get(&wrong).await);
        assert_eq!(members[0], ("error".to_owned(), error.to_owned()));
        assert_eq!(members[1].0, "error_description");
        assert_eq!(members[2].1, "this-should-be-a-random-string");
    }
    // As older guides have it, with their server's name around it.
    let wrapped = format!("https://idbroker.webex.com{good}");
    let wrapped = format!("/idb/saml2/jsp/doSSO.jsp?type=login&goto={}", encoded(&wrapped));
    browser.get(&wrapped).await.leads_to(&good);
    let elsewhere = format!(
        "/idb/saml2/jsp/doSSO.jsp?goto={}",
        encoded("https://evil.example/")
    );
    browser.get(&elsewhere).await.expect(400, "goto");
    // Somebody who has to sign in first comes back to the very same question.
    let odd = format!("{good}%20%26%23%2B");
    browser.sign_in_for(&odd, &name, PASSWORD).await.leads_to(&odd);
    let page = browser.get(&odd).await;
    let members = fragment(&decide(&browser, &page, "allow").await);
    assert_eq!(members[3].1, "this-should-be-a-random-string &#+");
}

async fn it_is_off_unless_switched_on(world: &World) {
    let name = administrator(world, &world.plain).await;
    let browser = Browser::new(world);
    let page = asked(&browser, PLACE, &name).await;
    page.expect(403, "oauth.guide_client");
    world.set(&world.plain, "oauth.guide_client", "true").await;
    let page = browser.get(&address(PLACE)).await;
    page.expect(200, "Make a token?");
    world.set(&world.plain, "oauth.guide_client", "false").await;
    decide(&browser, &page, "allow")
        .await
        .expect(403, "oauth.guide_client");
    let tokens = world.plain.api().get("/tokens").await.expect(200).to_string();
    assert!(!tokens.contains(GUIDE_CLIENT.name));
}

async fn a_consent_is_for_one_session(world: &World) {
    let name = administrator(world, &world.webex).await;
    let (browser, thief) = (Browser::new(world), Browser::new(world));
    let page = asked(&browser, PLACE, &name).await;
    let theirs = asked(&thief, PLACE, &name).await;
    let carried = |page: &Page| page.hidden(PLACE)[1].clone();
    let fields = [
        theirs.hidden(PLACE)[0].clone(),
        carried(&page),
        ("decision".to_owned(), "allow".to_owned()),
    ];
    let own = [("origin", world.address.as_str())];
    thief.post(PLACE, &fields, &own).await.expect(403, "out of date");
    let foreign = [("origin", "http://localhost:3000")];
    let mut fields = page.hidden(PLACE);
    fields.push(("decision".to_owned(), "allow".to_owned()));
    browser
        .post(PLACE, &fields, &foreign)
        .await
        .expect(403, "another site");
    // Signed out and in again: asked anew.
    browser.sign_in(&name, PASSWORD).await.leads_to("/account");
    browser
        .post(PLACE, &fields, &own)
        .await
        .expect(403, "out of date");
    assert_eq!(
        decide(&browser, &browser.get(&address(PLACE)).await, "allow")
            .await
            .status,
        303
    );
    Browser::new(world)
        .post(PLACE, &fields, &own)
        .await
        .expect(403, "out of date");
}

async fn a_consent_is_good_once(world: &World) {
    let name = administrator(world, &world.webex).await;
    let browser = Browser::new(world);
    let page = asked(&browser, PLACE, &name).await;
    let again = browser.get(&address(PLACE)).await;
    let (one, two) = tokio::join!(decide(&browser, &page, "allow"), decide(&browser, &page, "allow"));
    let mut both = [one, two];
    both.sort_by_key(|answer| answer.status);
    assert_eq!(fragment(&both[0])[0].0, "access_token");
    both[1].expect(403, "sent already");
    decide(&browser, &page, "allow").await.expect(403, "sent already");
    let tokens = world.webex.api().get("/tokens").await.expect(200).to_string();
    assert_eq!(tokens.matches(GUIDE_CLIENT.name).count(), 1, "{tokens}");
    // Another form of the same session is another one.
    assert_eq!(
        fragment(&decide(&browser, &again, "allow").await)[0].0,
        "access_token"
    );
}

async fn others_can_sign_in_instead(world: &World) {
    let name = administrator(world, &world.webex).await;
    somebody(world, &world.webex, "other@example.com").await;
    let browser = Browser::new(world);
    let page = asked(&browser, PLACE, &name).await;
    let link = page
        .text
        .split("href=\"/sign-in?to=")
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    let link = format!("/sign-in?to={}", link.expect("a link"));
    let form = browser.get(&link).await;
    let fields = [("address", "other@example.com"), ("password", PASSWORD)];
    browser
        .submit(&form, "/sign-in", &fields)
        .await
        .leads_to(&address(PLACE));
    browser
        .get(&address(PLACE))
        .await
        .expect(200, "other@example.com");
}

async fn expiry_and_metadata(world: &World) {
    let before = world.store.ambient().now().as_micros() / 1_000;
    let (_, token) = world
        .token(&world.plain, &[access::Scope::SparkPeopleRead], 2)
        .await;
    let client = world.nobody().with(&token);
    let answer = client.get("/v1/authorizations/tokenExpiry").await.expect(200);
    let expires = answer["exp"].as_i64().expect("milliseconds");
    let days = 2 * 86_400_000;
    assert!(
        (before + days..before + days + 1_000).contains(&expires),
        "{answer}"
    );
    let metadata = world
        .nobody()
        .get("/.well-known/oauth-authorization-server")
        .await
        .expect(200);
    assert_eq!(metadata["issuer"], world.address.as_str());
    assert_eq!(
        metadata["authorization_endpoint"],
        format!("{}{PLACE}", world.address)
    );
    assert_eq!(metadata["response_types_supported"], json!(["code", "token"]));
    assert_eq!(metadata["code_challenge_methods_supported"], json!(["S256"]));
}

/// What depends on `oauth.guide_client`, and on `oauth.token_days`: whether one is asked, and how long the token lives.
pub(crate) async fn depends_on_settings(world: &World, marker: &str) -> [Value; 2] {
    let org: &Organization = &world.plain;
    let name = format!("{marker}-consent@example.com");
    somebody(world, org, &name).await;
    let browser = Browser::new(world);
    let status = asked(&browser, PLACE, &name).await.status;
    let is_on = world
        .directory
        .settings(org.id)
        .await
        .expect("settings")
        .guide_client;
    world.set(org, "oauth.guide_client", "true").await;
    let page = browser.get(&address(PLACE)).await;
    let members = fragment(&decide(&browser, &page, "allow").await);
    world.set(org, "oauth.guide_client", &is_on.to_string()).await;
    let seconds: u64 = members[2].1.parse().expect("seconds");
    [json!(status), json!(seconds.div_ceil(86_400))]
}
