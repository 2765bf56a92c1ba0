//! Full administrators from another organization: offered by the customer, taken up by the person, judged at each request.

use std::time::Duration;

use access::{GUIDE_CLIENT, NewToken, Owner, Role, Scope, Scopes};
use base::UserId;
use serde_json::{Value, json};

use crate::client::Client;
use crate::oauth_clients::{INTROSPECT, code_in, give_role, opens, refused, register, register_for, text};
use crate::on_both;
use crate::pages::factors::{APP, App};
use crate::pages::{Browser, PASSWORD, Page, administrator, somebody};
use crate::world::{World, cause};

on_both!(
    an_offer_is_taken_up_and_opens_the_customer,
    an_offer_tells_nothing_of_others,
    an_offer_is_for_one_person_and_a_while,
    whatever_ends_it_ends_old_tokens,
    a_withdrawn_partner_does_not_come_back_by_old_tokens,
    a_partner_lets_the_customers_clients_in,
    the_customer_demands_a_second_factor,
    a_partner_is_a_full_administrator_but_for_partners,
    nobody_else_at_home_inherits_anything,
    a_reset_at_home_ends_what_signing_in_gave,
    of_a_withdrawal_and_new_tokens_none_is_left,
);

const AUTHORIZE: &str = "/idb/oauth2/v1/authorize";
const PLACE: &str = "/account/partners";
const ANNA: &str = "anna@partner.example";

/// The address that Webex's guides give.
fn guide() -> String {
    format!(
        "{AUTHORIZE}?response_type=token&client_id={}&redirect_uri=http%3A%2F%2Flocalhost%3A3000%2Fauth%2Fcode&\
         scope=spark%3Apeople_read%20spark%3Apeople_write%20Identity%3ASCIM&state=s",
        GUIDE_CLIENT.id
    )
}

fn offer_to(world: &World, name: &str) -> Value {
    json!({ "organization_id": world.webex.id, "user_name": name })
}

/// The customer offers it to somebody; the offer's id.
async fn offered(world: &World, name: &str) -> String {
    let made = world.plain.api().post("/partners", &offer_to(world, name)).await;
    text(&made.expect(201), "id").to_owned()
}

async fn signed_in(world: &World, name: &str) -> Browser {
    let browser = Browser::new(world);
    browser.sign_in(name, PASSWORD).await.leads_to("/account");
    browser
}

async fn decided(browser: &Browser, decision: &str) -> Page {
    let account = browser.get("/account").await;
    browser.submit(&account, PLACE, &[("decision", decision)]).await
}

/// Somebody of the partner, without a role there, who has taken it up: browser, person, and the partner's id.
pub(crate) async fn partner(world: &World) -> (Browser, UserId, String) {
    world.set(&world.plain, "oauth.guide_client", "true").await;
    let user = somebody(world, &world.webex, ANNA).await;
    let id = offered(world, ANNA).await;
    let browser = signed_in(world, ANNA).await;
    decided(&browser, "take_up")
        .await
        .expect(200, "You administer this organization from now on.");
    (browser, user, id)
}

/// A token by the guides' ritual, for the customer.
async fn ritual(world: &World, browser: &Browser) -> String {
    let page = browser
        .get(&format!("{}&organization={}", guide(), world.plain.id))
        .await;
    page.expect(200, "Northwind · Full administrator, as a partner");
    let allowed = browser.submit(&page, AUTHORIZE, &[("decision", "allow")]).await;
    token_in(&allowed)
}

#[track_caller]
fn token_in(page: &Page) -> String {
    assert_eq!(page.status, 303, "{}", page.text);
    let there = page.header("location");
    let token = there.split("access_token=").nth(1);
    let token = token
        .and_then(|rest| rest.split('&').next())
        .unwrap_or_else(|| panic!("{there}"));
    token.to_owned()
}

/// A token of a partner with every scope, made by hand.
async fn whole(world: &World, user: UserId) -> Client {
    let new = NewToken {
        org: world.plain.id,
        name: "By a partner".to_owned(),
        owner: Owner::Partner(user),
        scopes: Scopes::new(Scope::ALL),
        days: 30,
    };
    let made = world.access.create_token(&cause(), new).await.expect("a token");
    world.plain.api().with(made.token.expose())
}

async fn events(client: &Client, kind: &str) -> Vec<Value> {
    let events = client.get(&format!("/events?type={kind}")).await.expect(200);
    events["items"].as_array().expect("a list").clone()
}

async fn an_offer_is_taken_up_and_opens_the_customer(world: &World) {
    world.set(&world.plain, "oauth.guide_client", "true").await;
    let (customer, home) = (&world.plain, &world.webex);
    let user = somebody(world, home, ANNA).await;
    let id = offered(world, " Anna@Partner.example").await;
    let place = format!("/partners/{id}");
    let offer = customer.api().get(&place).await.expect(200);
    assert_eq!(
        (&offer["state"], &offer["user_id"], &offer["organization"]["name"]),
        (&json!("offered"), &Value::Null, &Value::Null),
        "{offer}"
    );

    let browser = signed_in(world, ANNA).await;
    // Nothing is to be chosen yet.
    browser
        .get(&guide())
        .await
        .expect(200, "Hub · No administrator role");
    let account = browser.get("/account").await;
    account
        .expect(200, "<strong>Northwind</strong> <span class=\"tag\">offer</span>")
        .expect(200, "Full administrator");
    let taken = browser.submit(&account, PLACE, &[("decision", "take_up")]).await;
    taken.expect(200, "You administer this organization from now on.");
    assert!(!taken.text.contains("<span class=\"tag\">offer</span>"));
    let listed = customer.api().get("/partners").await.expect(200)["items"][0].clone();
    assert_eq!(
        (&listed["state"], &listed["user_id"], &listed["user_name"]),
        (&json!("active"), &json!(user), &json!(ANNA)),
        "{listed}"
    );
    assert_eq!(listed["organization"]["name"], "Hub");

    // The ritual asks first which organization is meant, and goes on without script.
    let choice = browser.get(&guide()).await;
    choice
        .expect(200, "Choose an organization")
        .expect(200, "Northwind")
        .expect(200, "Hub");
    let link = format!(
        "href=\"{}&#38;organization={}\"",
        guide().replace('&', "&#38;"),
        customer.id
    );
    choice.expect(200, &link);
    let own = browser
        .get(&format!("{}&organization={}", guide(), home.id))
        .await;
    own.expect(200, "Hub · No administrator role");
    assert!(!own.text.contains("as a partner"));
    own.expect(200, &format!("href=\"{}\"", guide().replace('&', "&#38;")));
    let token = ritual(world, &browser).await;
    let scim = customer.scim().with(&token);
    let user_name = json!({ "userName": "made@by.partner.example" });
    let made = scim.post("/Users", &user_name).await.expect(201);
    scim.delete(&format!("/Users/{}", text(&made, "id")))
        .await
        .expect(204);
    assert_eq!(opens(home, &token).await, 404);
    scim.get("/Me").await.scim_error(404, "");

    // And so does the page that makes tokens.
    browser
        .get("/account/token")
        .await
        .expect(200, "Choose an organization");
    let page = browser
        .get(&format!("/account/token?organization={}", customer.id))
        .await;
    page.expect(200, "Northwind");
    let made = browser.submit(&page, "/account/token", &[("for", "okta")]).await;
    made.expect(200, &customer.id.to_string());
    // The role at home makes no tokens there.
    browser
        .get(&format!("/account/token?organization={}", home.id))
        .await
        .expect(403, "Your role does not let you make tokens");

    let tokens = customer.api().get("/tokens").await.expect(200);
    let tokens: Vec<_> = tokens["items"].as_array().expect("a list").iter().collect();
    let theirs = tokens.iter().filter(|token| token["owner"]["id"] == json!(user));
    let theirs: Vec<_> = theirs.collect();
    assert_eq!(theirs.len(), 2);
    for token in theirs {
        assert_eq!(
            token["owner"],
            json!({ "id": user, "user_name": ANNA, "organization_id": home.id })
        );
        assert_eq!(token["state"], "active");
    }
    let at_home = home.api().get("/tokens").await.text;
    assert!(!at_home.contains("Okta"), "{at_home}");
    // They are shown, and ended, at home.
    let account = browser.get("/account").await;
    account.expect(200, "<strong>Okta</strong> <span class=\"tag\">Northwind</span>");
    browser
        .submit(&account, "/account/tokens", &[])
        .await
        .expect(200, "opens nothing any more");
    assert_eq!(opens(customer, &token).await, 401);

    // Both sides know.
    let told = events(&customer.api(), "partner_admin_granted").await;
    assert_eq!(told[0]["actor"]["name"], ANNA);
    assert!(told[0]["client_ip"].is_string());
    assert_eq!(
        told[0]["detail"]["changes"],
        json!([{ "field": "role", "from": null, "to": "id_full_admin" }])
    );
    assert_eq!(
        told[0]["detail"]["partner"]["organization"],
        json!({ "id": home.id, "name": "Hub" })
    );
    let told = events(&home.api(), "partner_admin_granted").await;
    assert_eq!(
        told[0]["detail"]["customer"],
        json!({ "id": customer.id, "name": "Northwind" })
    );
    let told = events(&customer.api(), "token_create").await;
    let of_partner = told
        .iter()
        .find(|event| event["actor"]["name"] == ANNA)
        .expect("told");
    assert_eq!(of_partner["detail"]["partner"]["organization"]["name"], "Hub");
    assert_eq!(events(&customer.api(), "partner_admin_offered").await.len(), 1);
}

async fn an_offer_tells_nothing_of_others(world: &World) {
    let api = world.plain.api();
    somebody(world, &world.webex, ANNA).await;
    let nowhere: base::OrgId = world.store.ambient().id();
    let mut answers = Vec::new();
    for (home, name) in [
        (world.webex.id, ANNA),
        (world.webex.id, "nobody@partner.example"),
        (nowhere, ANNA),
    ] {
        let body = json!({ "organization_id": home, "user_name": name });
        let made = api.post("/partners", &body).await.expect(201);
        let read = api
            .get(&format!("/partners/{}", text(&made, "id")))
            .await
            .expect(200);
        assert_eq!(made, read);
        api.post("/partners", &body).await.problem(409, "partner.offered");
        let mut rest = made.clone();
        for own in ["id", "offered_at", "lapses_at", "user_name"] {
            rest[own].take();
        }
        rest["organization"]["id"].take();
        answers.push(rest);
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], answers[2]);
    // At home it is nobody's business before somebody has taken it up.
    assert!(
        events(&world.webex.api(), "partner_admin_offered")
            .await
            .is_empty()
    );
    for (body, code) in [
        (
            json!({ "organization_id": world.plain.id, "user_name": "x" }),
            "partner.own_organization",
        ),
        (
            json!({ "organization_id": "x", "user_name": "x" }),
            "partner.organization",
        ),
        (
            json!({ "organization_id": nowhere, "user_name": " " }),
            "partner.user_name",
        ),
    ] {
        api.post("/partners", &body).await.problem(400, code);
    }
}

async fn an_offer_is_for_one_person_and_a_while(world: &World) {
    world.set(&world.plain, "oauth.guide_client", "true").await;
    let api = world.plain.api();
    somebody(world, &world.webex, ANNA).await;
    somebody(world, &world.webex, "other@partner.example").await;
    let id = offered(world, ANNA).await;
    let other = signed_in(world, "other@partner.example").await;
    let account = other.get("/account").await;
    assert!(!account.text.contains("Northwind"));
    // Nor by its id, with a form that was meant for something else.
    for decision in ["take_up", "give_up"] {
        let mut fields = account.hidden("/sign-out");
        fields.push(("partner".to_owned(), id.clone()));
        fields.push(("decision".to_owned(), decision.to_owned()));
        let own = [("origin", world.address.as_str())];
        other
            .post(PLACE, &fields, &own)
            .await
            .expect(404, "This offer is good no more");
        // Without the form's token nothing is done at all.
        let anna = signed_in(world, ANNA).await;
        let bare = fields[1..].to_vec();
        anna.post(PLACE, &bare, &own).await.expect(403, "out of date");
        let foreign = [("origin", "https://evil.example")];
        let theirs = anna.get("/account").await.hidden(PLACE);
        anna.post(PLACE, &theirs, &foreign)
            .await
            .expect(403, "another site");
    }
    let place = format!("/partners/{id}");
    assert_eq!(api.get(&place).await.expect(200)["state"], "offered");
    other
        .get(&format!("{}&organization={}", guide(), world.plain.id))
        .await
        .expect(403, "You do not administer this organization");
    let nowhere: base::OrgId = world.store.ambient().id();
    other
        .get(&format!("{}&organization={nowhere}", guide()))
        .await
        .expect(403, "You do not administer this organization");
    other
        .get(&format!("{}&organization=x", guide()))
        .await
        .expect(400, "The organization in this address");

    // An old sign-in is confirmed first.
    let anna = signed_in(world, ANNA).await;
    let account = anna.get("/account").await;
    world.clock.advance(Duration::from_mins(11));
    anna.submit(&account, PLACE, &[("decision", "take_up")])
        .await
        .leads_to("/account/confirm?to=%2Faccount");
    world.clock.advance(Duration::from_hours(24 * 31));
    let anna = signed_in(world, ANNA).await;
    assert!(!anna.get("/account").await.text.contains("Northwind"));
    assert_eq!(api.get(&place).await.expect(200)["state"], "lapsed");
    // It can be offered anew, and declined.
    let again = offered(world, ANNA).await;
    api.get(&place).await.problem(404, "partner.unknown");
    let anna = signed_in(world, ANNA).await;
    decided(&anna, "give_up").await.expect(200, "no token of yours");
    api.get(&format!("/partners/{again}"))
        .await
        .problem(404, "partner.unknown");
    assert_eq!(events(&api, "partner_admin_declined").await.len(), 1);
    // What lapses is forgotten in the end.
    offered(world, ANNA).await;
    world.clock.advance(Duration::from_hours(24 * 61));
    let forgotten = world.access.forget_offers(world.plain.id).await;
    assert_eq!(forgotten.expect("forgotten"), 1);
    let left = api.get("/partners").await.expect(200);
    assert_eq!(left["items"], json!([]));
}

async fn whatever_ends_it_ends_old_tokens(world: &World) {
    let (browser, user, id) = partner(world).await;
    let token = ritual(world, &browser).await;
    let (customer, home) = (&world.plain, &world.webex);
    let place = format!("/partners/{id}");
    let person = format!("/people/{user}");
    for (active, status, state) in [(false, 401, "suspended"), (true, 200, "active")] {
        home.api()
            .patch(&person, &json!({ "active": active }))
            .await
            .expect(200);
        assert_eq!(opens(customer, &token).await, status);
        assert_eq!(customer.api().get(&place).await.expect(200)["state"], state);
    }
    // Another name changes nothing: it is this person's.
    let renamed =
        json!({ "Operations": [{ "op": "replace", "path": "userName", "value": "ann@partner.example" }] });
    home.scim()
        .patch(&format!("/Users/{user}"), &renamed)
        .await
        .expect(200);
    assert_eq!(opens(customer, &token).await, 200);
    let listed = customer.api().get(&place).await.expect(200);
    assert_eq!(listed["user_name"], "ann@partner.example");
    // Whoever has the name now has nothing of it.
    somebody(world, home, ANNA).await;
    let other = signed_in(world, ANNA).await;
    assert!(!other.get("/account").await.text.contains("Northwind"));
    home.api().delete(&person).await.expect(204);
    assert_eq!(opens(customer, &token).await, 401);
    assert_eq!(customer.api().get(&place).await.expect(200)["state"], "suspended");
    customer.api().delete(&place).await.expect(204);
    customer
        .api()
        .delete(&place)
        .await
        .problem(404, "partner.unknown");
}

async fn a_withdrawn_partner_does_not_come_back_by_old_tokens(world: &World) {
    let (browser, user, id) = partner(world).await;
    let (customer, home) = (&world.plain, &world.webex);
    let by_ritual = ritual(world, &browser).await;
    let by_hand = whole(world, user).await;
    by_hand.get("/people").await.expect(200);
    customer
        .api()
        .delete(&format!("/partners/{id}"))
        .await
        .expect(204);
    assert_eq!(opens(customer, &by_ritual).await, 401);
    assert_eq!(by_hand.get("/people").await.status, 401);
    browser
        .get(&format!("{}&organization={}", guide(), customer.id))
        .await
        .expect(403, "You do not administer this organization");
    // The partner learns that it is so, and not by whom.
    let told = events(&home.api(), "partner_admin_revoked").await;
    assert_eq!(told[0]["actor"]["kind"], "system");
    assert_eq!(told[0]["client_ip"], Value::Null);
    assert_eq!(told[0]["detail"]["customer"]["name"], "Northwind");
    let told = events(&customer.api(), "partner_admin_revoked").await;
    assert_eq!(told[0]["actor"]["kind"], "token");
    assert_eq!(
        told[0]["detail"]["changes"],
        json!([{ "field": "role", "from": "id_full_admin", "to": null }])
    );
    assert_eq!(events(&customer.api(), "token_revoke").await.len(), 2);

    offered(world, ANNA).await;
    decided(&browser, "take_up").await.expect(200, "from now on");
    assert_eq!(opens(customer, &by_ritual).await, 401);
    assert_eq!(by_hand.get("/people").await.status, 401);
    let again = ritual(world, &browser).await;
    assert_eq!(opens(customer, &again).await, 200);
    // A form of before is for nothing once the person has given it up.
    let asked = browser
        .get(&format!("{}&organization={}", guide(), customer.id))
        .await;
    decided(&browser, "give_up")
        .await
        .expect(200, "no token of yours");
    assert_eq!(opens(customer, &again).await, 401);
    browser
        .submit(&asked, AUTHORIZE, &[("decision", "allow")])
        .await
        .expect(403, "You do not administer this organization");
    assert_eq!(
        events(&home.api(), "partner_admin_revoked").await[0]["actor"]["name"],
        ANNA
    );
}

async fn a_partner_lets_the_customers_clients_in(world: &World) {
    let (browser, user, id) = partner(world).await;
    let customer = &world.plain;
    let app = register(customer, "public").await;
    somebody(world, &world.webex, "other@partner.example").await;
    signed_in(world, "other@partner.example")
        .await
        .get(&app.request())
        .await
        .expect(403, "belongs to another organization");
    let code = code_in(world, &browser, &app.request()).await;
    let tokens = app.redeem(world, &code).await.expect(200);
    assert_eq!(opens(customer, text(&tokens, "access_token")).await, 200);
    let tokens = app
        .refresh(world, text(&tokens, "refresh_token"))
        .await
        .expect(200);
    assert_eq!(opens(customer, text(&tokens, "access_token")).await, 200);
    let watcher = register(customer, "confidential").await;
    let shown = [("token", text(&tokens, "access_token"))];
    let seen = watcher.send(world, INTROSPECT, &shown).await.expect(200);
    assert_eq!(
        (&seen["active"], &seen["username"]),
        (&json!(true), &json!(ANNA)),
        "{seen}"
    );
    let grants = customer.api().get("/grants").await.expect(200);
    assert_eq!(
        grants["items"][0]["person"],
        json!({ "id": user, "user_name": ANNA })
    );
    browser.get("/account").await.expect(
        200,
        "<strong>A public app</strong> <span class=\"tag\">Northwind</span>",
    );
    let told = events(&customer.api(), "oauth_grant").await;
    assert_eq!(told[0]["detail"]["partner"]["organization"]["name"], "Hub");

    // A client that a partner has registered acts for itself with the partner's rights.
    let own = whole(world, user).await;
    let wanted = json!({ "name": "Nightly", "scopes": ["Identity:SCIM"] });
    let nightly = own.post("/clients", &wanted).await.expect(201);
    let nightly = crate::oauth_clients::App {
        id: text(&nightly, "id").to_owned(),
        client_id: text(&nightly, "client_id").to_owned(),
        secret: nightly["client_secret"].as_str().map(str::to_owned),
    };
    let itself = [("grant_type", "client_credentials")];
    let acted = nightly
        .send(world, crate::oauth_clients::TOKEN, &itself)
        .await
        .expect(200);
    assert_eq!(opens(customer, text(&acted, "access_token")).await, 200);

    let waiting = code_in(world, &browser, &app.request()).await;
    customer
        .api()
        .delete(&format!("/partners/{id}"))
        .await
        .expect(204);
    for ended in [&tokens, &acted] {
        assert_eq!(opens(customer, text(ended, "access_token")).await, 401);
    }
    refused(&app.redeem(world, &waiting).await, 400, "invalid_grant");
    let again = app.refresh(world, text(&tokens, "refresh_token")).await;
    refused(&again, 400, "invalid_grant");
    let again = nightly.send(world, crate::oauth_clients::TOKEN, &itself).await;
    refused(&again, 400, "unauthorized_client");
    browser
        .get(&app.request())
        .await
        .expect(403, "belongs to another organization");
}

async fn the_customer_demands_a_second_factor(world: &World) {
    let (browser, ..) = partner(world).await;
    let asked = format!("{}&organization={}", guide(), world.plain.id);
    let before = browser.get(&asked).await;
    before.expect(200, "as a partner");
    world
        .set(&world.plain, "sign_in.second_factor", "administrators")
        .await;
    let place = format!("/account/token?organization={}", world.plain.id);
    for place in [&asked, &place] {
        browser
            .get(place)
            .await
            .expect(403, "Northwind demands a second factor")
            .expect(403, "href=\"/account/authenticator\"");
    }
    // A form of before is no way round.
    browser
        .submit(&before, AUTHORIZE, &[("decision", "allow")])
        .await
        .expect(403, "Northwind demands a second factor");
    // What is at home is not touched by it.
    browser
        .get(&format!("{}&organization={}", guide(), world.webex.id))
        .await
        .expect(200, "Hub");
    let page = browser.get(APP).await;
    let app = App::read(&page);
    let code = app.code(world);
    browser
        .submit(&page, APP, &[("code", &code)])
        .await
        .expect(200, "ecovery codes");
    let token = ritual(world, &browser).await;
    assert_eq!(opens(&world.plain, &token).await, 200);
}

async fn a_partner_is_a_full_administrator_but_for_partners(world: &World) {
    let (_, user, id) = partner(world).await;
    let customer = &world.plain;
    let api = whole(world, user).await;
    api.get("/partners").await.expect(200);
    api.post("/partners", &offer_to(world, "other@partner.example"))
        .await
        .problem(403, "forbidden");
    api.delete(&format!("/partners/{id}"))
        .await
        .problem(403, "forbidden");
    // A partner is no help where the last one of the organization's own would go.
    let people = customer.api().get("/people").await.expect(200);
    let first = text(&people["items"][0], "id").to_owned();
    let less = json!({ "role": "none" });
    let place = format!("/people/{first}/role");
    api.put(&place, &less).await.problem(409, "person.last_admin");
    // All else is as for any full administrator, whoever it is about.
    let second = somebody(world, customer, "second@northwind.example").await;
    give_role(customer, second, Role::FullAdmin).await;
    api.patch(&format!("/people/{second}"), &json!({ "active": false }))
        .await
        .expect(200);
    let settings = json!({ "settings": { "scim.schemas": "entra" } });
    api.patch("/organization", &settings).await.expect(200);
    let made = api.post("/tokens", &json!({ "name": "Next" })).await.expect(201);
    assert_eq!(opens(customer, text(&made, "token")).await, 200);
    let listed = api
        .get(&format!("/tokens/{}", text(&made, "id")))
        .await
        .expect(200);
    assert_eq!(listed["owner"]["organization_id"], json!(world.webex.id));
    // A client's token makes nothing that lasts, a partner's neither.
    world.set(customer, "oauth.refresh_token_days", "365").await;
    let browser = signed_in(world, ANNA).await;
    let app = register_for(customer, "public", &["instep:admin", "Identity:SCIM"]).await;
    let request = app.request().replace("Identity%3ASCIM", "instep%3Aadmin");
    let code = code_in(world, &browser, &request).await;
    let tokens = app.redeem(world, &code).await.expect(200);
    let granted = customer.api().with(text(&tokens, "access_token"));
    granted.get("/people").await.expect(200);
    granted
        .post("/tokens", &json!({ "name": "Lasting" }))
        .await
        .problem(403, "forbidden");
    // Whoever warns of a token's end knows where its owner's address is.
    world.clock.advance(Duration::from_hours(24 * 25));
    world.warn_of_expiry(customer).await;
    let told = async |subject: &str| {
        let letters = world.letters(customer).await;
        let mut hers = letters.into_iter().filter(|letter| letter.to == ANNA);
        let found = hers.find(|letter| letter.subject.contains(subject));
        found.unwrap_or_else(|| panic!("{subject}")).text
    };
    let place = format!("/account/token?organization={}\n", customer.id);
    assert!(told("By a partner").await.contains(&place));
    world.clock.advance(Duration::from_hours(24 * 311));
    world.warn_of_expiry(customer).await;
    told("A public app may do in your name").await;
}

async fn nobody_else_at_home_inherits_anything(world: &World) {
    let (..) = partner(world).await;
    let (customer, home) = (&world.plain, &world.webex);
    let boss = administrator(world, home).await;
    let browser = signed_in(world, &boss).await;
    assert!(!browser.get("/account").await.text.contains("Northwind"));
    browser
        .get(&format!("{}&organization={}", guide(), customer.id))
        .await
        .expect(403, "You do not administer this organization");
    let (_, token) = world.token_of(home, Role::FullAdmin).await;
    assert_eq!(opens(customer, &token).await, 404);
    let partners = home.api().with(&token).get("/partners").await.expect(200);
    assert_eq!(partners["items"], json!([]));
    // Nor has the customer anything at its partner.
    let (_, token) = world.token_of(customer, Role::FullAdmin).await;
    assert_eq!(opens(home, &token).await, 404);
}

async fn a_reset_at_home_ends_what_signing_in_gave(world: &World) {
    let (browser, user, _) = partner(world).await;
    let token = ritual(world, &browser).await;
    let by_hand = whole(world, user).await;
    world
        .access
        .reset_password(&cause(), world.webex.id, user)
        .await
        .expect("reset");
    assert_eq!(opens(&world.plain, &token).await, 401);
    // What was made at the command line, or by another token, is not the password's.
    by_hand.get("/people").await.expect(200);
    let told = events(&world.plain.api(), "token_revoke").await;
    assert_eq!(told[0]["detail"]["reason"], "the password was reset");
}

async fn of_a_withdrawal_and_new_tokens_none_is_left(world: &World) {
    let (_, user, first) = partner(world).await;
    let browser = signed_in(world, ANNA).await;
    let mut id = first;
    for _ in 0..4 {
        let make = |name: &'static str| NewToken {
            org: world.plain.id,
            name: name.to_owned(),
            owner: Owner::Partner(user),
            scopes: Scopes::for_provisioning(),
            days: 1,
        };
        let cause = cause();
        let place = format!("/partners/{id}");
        let api = world.plain.api();
        let (one, gone, two) = tokio::join!(
            world.access.create_token(&cause, make("One")),
            api.delete(&place),
            world.access.create_token(&cause, make("Two")),
        );
        gone.expect(204);
        id = offered(world, ANNA).await;
        decided(&browser, "take_up").await.expect(200, "from now on");
        for made in [one, two].into_iter().flatten() {
            assert_eq!(opens(&world.plain, made.token.expose()).await, 401);
        }
    }
}
