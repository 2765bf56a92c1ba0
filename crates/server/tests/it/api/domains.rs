//! E-mail domains: shown to be the organization's by the DNS, and claimed.

use std::sync::Arc;
use std::time::Duration;

use base::OrgId;
use directory::domains::{TxtAnswer, TxtRecords};
use directory::{Directory, DomainError, Error};
use serde_json::{Value, json};
use testkit::dns::Act;

use super::states::moves;
use super::{column, hire, text};
use crate::client::{Client, encoded};
use crate::on_both;
use crate::pages::{administrator, give_password};
use crate::scim::patch_op;
use crate::world::{Organization, World, cause};

on_both!(
    a_domain_is_verified_by_its_record,
    what_the_dns_says_instead_is_told,
    people_of_a_verified_domain_are_verified,
    whoever_was_there_is_verified_with_the_domain,
    whoever_comes_is_invited_all_the_same,
    one_domain_is_one_organizations,
    nobody_comes_elsewhere_with_an_address_of_a_claimed_domain,
    a_record_that_is_gone_is_noticed,
    a_dns_that_says_nothing_changes_nothing,
    the_dns_is_asked_so_often_and_no_oftener,
    what_was_changed_while_the_dns_was_asked_counts,
    addresses_link_within_verified_domains_only,
    a_domain_has_one_spelling,
    webex_addresses_and_names,
);

const DAY: Duration = Duration::from_hours(24);

/// Lets the DNS say what a domain is to say; what else it says of the name is gone.
fn publish(world: &World, domain: &Value) {
    let name = text(&domain["record"]["name"]);
    world.dns.set(name, Act::txt(&[text(&domain["record"]["value"])]));
}

async fn add(api: &Client, name: &str) -> Value {
    api.post("/domains", &json!({ "domain": name })).await.expect(201)
}

async fn verify(world: &World, api: &Client, name: &str) -> Value {
    publish(world, &add(api, name).await);
    api.post(&format!("/domains/{name}/verify"), &json!({}))
        .await
        .expect(200)
}

async fn person(api: &Client, name: &str) -> Value {
    api.get(&format!("/people/{}", encoded(name))).await.expect(200)
}

async fn state(api: &Client, name: &str) -> String {
    text(&person(api, name).await["state"]).to_owned()
}

async fn told(api: &Client, event_type: &str) -> Vec<Value> {
    let events = api.get(&format!("/events?type={event_type}")).await.expect(200);
    events["items"].as_array().expect("items").clone()
}

async fn a_domain_is_verified_by_its_record(world: &World) {
    let api = world.plain.api();
    let added = add(&api, "Northwind.Example.").await;
    assert_eq!(
        (&added["domain"], &added["state"]),
        (&json!("northwind.example"), &json!("pending"))
    );
    let value = text(&added["record"]["value"]);
    let token = value
        .strip_prefix("instep-domain-verification=")
        .expect("the record's beginning");
    assert_eq!(token.len(), 64);
    api.post("/domains", &json!({ "domain": "northwind.example" }))
        .await
        .problem(409, "domain.exists");
    world.dns.set(
        "northwind.example",
        Act::Records(vec![
            vec!["v=spf1 -all".to_owned()],
            vec!["instep-domain-verification=".to_owned() + &"0".repeat(64)],
            vec!["instep-domain-".to_owned(), "verification=".to_owned() + token],
        ]),
    );
    let verified = api
        .post("/domains/northwind.example/verify", &json!({}))
        .await
        .expect(200);
    assert_eq!(
        (&verified["state"], &verified["problem"]),
        (&json!("verified"), &Value::Null)
    );
    assert_eq!(verified["people"], json!({ "here": 1, "elsewhere": 0 }));
    assert_eq!(
        verified["record"]["value"], value,
        "the same until another one is made"
    );
    let event = &told(&api, "domain_verify").await[0];
    assert_eq!(event["success"], true);
    assert_eq!(
        event["detail"],
        json!({ "name": "northwind.example", "changes": [{ "field": "state", "from": "pending", "to": "verified" }] })
    );
    let listed = api.get("/domains").await.expect(200);
    assert_eq!(column(&listed, "domain"), ["northwind.example"]);
    // Nothing of it is to be seen in the other organization.
    assert_eq!(world.webex.api().get("/domains").await.expect(200)["total"], 0);

    let renewed = api
        .post("/domains/northwind.example/token", &json!({}))
        .await
        .expect(200);
    assert_ne!(renewed["record"]["value"], value);
    assert_eq!(renewed["state"], "verified");
    api.delete("/domains/northwind.example").await.expect(204);
    api.get("/domains/northwind.example")
        .await
        .problem(404, "domain.unknown");
    assert_eq!(
        state(&api, "admin@northwind.example").await,
        "verified",
        "that stays"
    );
}

async fn what_the_dns_says_instead_is_told(world: &World) {
    let api = world.plain.api();
    add(&api, "northwind.example").await;
    for (act, status, code) in [
        (Act::NoSuchName, 409, "domain.no_such_name"),
        (Act::Nothing, 409, "domain.no_record"),
        (Act::txt(&["v=spf1 -all"]), 409, "domain.no_record"),
        (
            Act::txt(&["instep-domain-verification=0a1b"]),
            409,
            "domain.other_token",
        ),
        (Act::ServerFailure, 503, "domain.server_failed"),
        (Act::Silence, 503, "domain.timed_out"),
    ] {
        world.dns.set("northwind.example", act);
        world.clock.advance(Duration::from_mins(1));
        api.post("/domains/northwind.example/verify", &json!({}))
            .await
            .problem(status, code);
        let domain = api.get("/domains/northwind.example").await.expect(200);
        assert_eq!(domain["state"], "pending");
        assert_eq!(format!("domain.{}", text(&domain["problem"])), code);
    }
    let failed = told(&api, "domain_verify").await;
    assert_eq!(failed.len(), 6);
    assert!(failed.iter().all(|event| event["success"] == false));
}

/// Every way in, and every way to another address.
async fn people_of_a_verified_domain_are_verified(world: &World) {
    let (api, scim) = (world.plain.api(), world.plain.scim());
    verify(world, &api, "acme.example").await;
    let ids = hire(
        &world.plain,
        &[
            "scim@acme.example",
            "far@sub.acme.example",
            "far@acme.example.org",
        ],
    )
    .await;
    let other = json!({ "userName": "other@x.example", "emails": [{ "value": "other@acme.example", "type": "home" }] });
    scim.post("/Users", &other).await.expect(201);
    let by_mail = json!({ "userName": "mail", "emails": [{ "value": "Mail@ACME.example", "type": "work" }] });
    scim.post("/Users", &by_mail).await.expect(201);
    let off = json!({ "userName": "off@acme.example", "active": false });
    scim.post("/Users", &off).await.expect(201);
    let file = "userName\ncsv@acme.example\ncsv@x.example\n";
    let import = api
        .call(http::Method::POST, "/people/import")
        .body("text/csv", file)
        .send();
    import.await.expect(200);
    for (name, expected) in [
        ("scim@acme.example", "verified"),
        ("far@sub.acme.example", "not_verified"),
        ("far@acme.example.org", "not_verified"),
        ("other@x.example", "not_verified"),
        ("mail", "verified"),
        ("off@acme.example", "inactive"),
        ("csv@acme.example", "verified"),
        ("csv@x.example", "not_verified"),
    ] {
        assert_eq!(state(&api, name).await, expected, "{name}");
    }
    let enable = json!({ "active": true });
    let on = api.patch("/people/off@acme.example", &enable).await.expect(200);
    assert_eq!(on["state"], "verified");
    let rename = |to: &str| patch_op(json!([{ "op": "replace", "path": "userName", "value": to }]));
    let path = format!("/Users/{}", ids[0]);
    for (name, expected) in [
        ("scim@x.example", "not_verified"),
        ("scim@acme.example", "verified"),
        ("another@acme.example", "verified"),
    ] {
        scim.patch(&path, &rename(name)).await.expect(200);
        assert_eq!(state(&api, name).await, expected, "{name}");
    }
    // Without the domain as before it.
    api.delete("/domains/acme.example").await.expect(204);
    hire(&world.plain, &["late@acme.example"]).await;
    assert_eq!(state(&api, "late@acme.example").await, "not_verified");
    assert_eq!(state(&api, "another@acme.example").await, "verified");
}

async fn whoever_was_there_is_verified_with_the_domain(world: &World) {
    let api = world.plain.api();
    let names: Vec<String> = (0..205)
        .map(|number| format!("p{number:03}@acme.example"))
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    hire(&world.plain, &names).await;
    hire(&world.plain, &["bo@x.example"]).await;
    verify(world, &api, "acme.example").await;
    let verified = super::through(&api, "/people?state=verified&limit=1000", "user_name").await;
    assert_eq!(verified.len(), 206, "and the administrator");
    assert_eq!(state(&api, "bo@x.example").await, "not_verified");
    let told = api
        .get("/events?type=user_state_change&limit=1000")
        .await
        .expect(200);
    let told = told["items"].as_array().expect("items");
    assert_eq!(told.len(), 205);
    assert!(told.iter().all(|event| event["detail"]["to"] == "verified"));
    assert_eq!(moves(&api).await[0][1], "not_verified");
    // Once.
    world.clock.advance(DAY * 2);
    assert_eq!(
        world
            .directory
            .recheck_domains(world.plain.id)
            .await
            .expect("looked for"),
        1
    );
    let told = api
        .get("/events?type=user_state_change&limit=1000")
        .await
        .expect(200);
    assert_eq!(told["items"].as_array().expect("items").len(), 205);
}

/// They still need a password.
async fn whoever_comes_is_invited_all_the_same(world: &World) {
    let (api, scim) = (world.plain.api(), world.plain.scim());
    verify(world, &api, "acme.example").await;
    world.set(&world.plain, "users.invite", "all").await;
    let ids = hire(&world.plain, &["new@acme.example"]).await;
    let new = person(&api, "new@acme.example").await;
    assert_eq!(new["state"], "verified");
    assert!(new["invited_at"].is_string(), "{new}");
    let letters = world.letters(&world.plain).await;
    assert_eq!(letters.len(), 1);
    assert!(
        letters[0].text.contains("Choose your password"),
        "{}",
        letters[0].text
    );
    // Whoever has one need confirm nothing: neither by asking, nor with another address.
    let id = ids[0].parse().expect("an id");
    give_password(world, world.plain.id, id).await;
    api.post("/people/new@acme.example/invitation", &json!({}))
        .await
        .problem(409, "invitation.not_needed");
    let rename = |to: &str| patch_op(json!([{ "op": "replace", "path": "userName", "value": to }]));
    let path = format!("/Users/{}", ids[0]);
    scim.patch(&path, &rename("new@x.example")).await.expect(200);
    api.post("/people/new@x.example/invitation", &json!({}))
        .await
        .expect(200);
    assert_eq!(world.letters(&world.plain).await.len(), 1);
    scim.patch(&path, &rename("new@acme.example")).await.expect(200);
    assert_eq!(state(&api, "new@acme.example").await, "verified");
    assert_eq!(world.letters(&world.plain).await.len(), 0);
}

async fn one_domain_is_one_organizations(world: &World) {
    let (one, other) = (world.plain.api(), world.webex.api());
    // Many may ask for one.
    let (first, second) = (add(&one, "acme.example").await, add(&other, "acme.example").await);
    let records = [&first, &second].map(|domain| text(&domain["record"]["value"]));
    assert_ne!(records[0], records[1]);
    let path = "/domains/acme.example/verify";
    world.dns.set("acme.example", Act::txt(&records));
    one.post(path, &json!({})).await.expect(200);
    let refused = other.post(path, &json!({})).await;
    refused.problem(409, "domain.taken");
    for telling in [&world.plain.id.to_string(), "Northwind"] {
        assert!(!refused.text.contains(telling), "{}", refused.text);
    }
    other
        .post("/domains/acme.example/claim", &json!({}))
        .await
        .problem(409, "domain.not_verified");
    // What is another's changes nothing here.
    hire(&world.webex, &["anna@acme.example"]).await;
    assert_eq!(state(&other, "anna@acme.example").await, "not_verified");
    let counted = one.get("/domains/acme.example").await.expect(200);
    assert_eq!(counted["people"], json!({ "here": 0, "elsewhere": 1 }));
    let counted = other.get("/domains/acme.example").await.expect(200);
    assert_eq!(
        counted["people"],
        json!({ "here": 1, "elsewhere": null }),
        "whose it is not is not told"
    );
    one.delete("/domains/acme.example").await.expect(204);
    world.clock.advance(Duration::from_mins(1));
    other.post(path, &json!({})).await.expect(200);
    assert_eq!(state(&other, "anna@acme.example").await, "verified");
}

async fn nobody_comes_elsewhere_with_an_address_of_a_claimed_domain(world: &World) {
    let (api, elsewhere, scim) = (world.plain.api(), world.webex.api(), world.webex.scim());
    hire(&world.webex, &["there@acme.example"]).await;
    let there = hire(&world.webex, &["bo@x.example"]).await;
    verify(world, &api, "acme.example").await;
    // Verified is not claimed.
    hire(&world.webex, &["also@acme.example"]).await;
    let claimed = api
        .post("/domains/acme.example/claim", &json!({}))
        .await
        .expect(200);
    assert_eq!(
        (&claimed["claimed"], &claimed["people"]["elsewhere"]),
        (&json!(true), &json!(2))
    );

    let refused = scim
        .post("/Users", &json!({ "userName": "new@ACME.example" }))
        .await;
    let said = refused.scim_error(403, "");
    assert!(said.contains("claimed") && !said.contains("Northwind"), "{said}");
    let hidden = json!({ "userName": "new@acme。example" });
    scim.post("/Users", &hidden).await.scim_error(403, "");
    let rename = |to: &str| patch_op(json!([{ "op": "replace", "path": "userName", "value": to }]));
    scim.patch(&format!("/Users/{}", there[0]), &rename("bo@acme.example"))
        .await
        .scim_error(403, "");
    let bulk = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [
            { "method": "POST", "path": "/Users", "bulkId": "a", "data": { "userName": "bulk@acme.example" } },
            { "method": "POST", "path": "/Users", "bulkId": "b", "data": { "userName": "bulk@x.example" } },
        ],
    });
    let answered = scim.post("/Bulk", &bulk).await.expect(200);
    let statuses = answered["Operations"].as_array().expect("operations").iter();
    let statuses: Vec<&Value> = statuses.map(|operation| &operation["status"]).collect();
    assert_eq!(statuses, ["403", "201"]);
    let file = "userName\ncsv@acme.example\ncsv@x.example\n";
    let import = elsewhere
        .call(http::Method::POST, "/people/import")
        .body("text/csv", file)
        .send();
    let report = import.await.expect(200);
    assert_eq!(
        (&report["created"], report["problems"].as_array().map(Vec::len)),
        (&json!(1), Some(1))
    );
    // Below it is another domain, and at home everybody comes.
    hire(&world.webex, &["new@sub.acme.example"]).await;
    hire(&world.plain, &["new@acme.example"]).await;

    // Whoever was there stays, can be changed, and is named to their own organization only.
    let listed = elsewhere.get("/claimed-people").await.expect(200);
    assert_eq!(
        column(&listed, "user_name"),
        ["there@acme.example", "also@acme.example"]
    );
    assert_eq!(column(&listed, "domain"), ["acme.example", "acme.example"]);
    let first = elsewhere.get("/claimed-people?limit=1").await.expect(200);
    let next = elsewhere
        .get(&format!("/claimed-people?limit=1&after={}", text(&first["next"])))
        .await
        .expect(200);
    assert_eq!(column(&next, "user_name"), ["also@acme.example"]);
    assert_eq!(
        column(&api.get("/claimed-people").await.expect(200), "user_name"),
        [""; 0]
    );
    let id = text(&listed["items"][0]["id"]).to_owned();
    let title = patch_op(json!([{ "op": "replace", "path": "title", "value": "Boss" }]));
    scim.patch(&format!("/Users/{id}"), &title).await.expect(200);
    elsewhere
        .patch("/people/there@acme.example", &json!({ "active": false }))
        .await
        .expect(200);
    scim.patch(&format!("/Users/{id}"), &rename("there@x.example"))
        .await
        .expect(200);
    let listed = elsewhere.get("/claimed-people").await.expect(200);
    assert_eq!(column(&listed, "user_name"), ["also@acme.example"]);

    api.delete("/domains/acme.example")
        .await
        .problem(409, "domain.claimed");
    api.delete("/domains/acme.example/claim").await.expect(204);
    api.delete("/domains/acme.example/claim")
        .await
        .problem(409, "domain.not_claimed");
    hire(&world.webex, &["free@acme.example"]).await;
    assert_eq!(
        elsewhere.get("/claimed-people").await.expect(200)["items"],
        json!([])
    );
    assert_eq!(
        api.get("/domains/acme.example").await.expect(200)["state"],
        "verified"
    );
}

async fn recheck(world: &World) -> u64 {
    world
        .directory
        .recheck_domains(world.plain.id)
        .await
        .expect("looked for")
}

async fn a_record_that_is_gone_is_noticed(world: &World) {
    let (api, other) = (world.plain.api(), world.webex.api());
    administrator(world, &world.plain).await;
    let mut added = add(&api, "acme.example").await;
    publish(world, &added);
    added = api
        .post("/domains/acme.example/verify", &json!({}))
        .await
        .expect(200);
    api.post("/domains/acme.example/claim", &json!({}))
        .await
        .expect(200);
    assert_eq!(recheck(world).await, 0, "not before a day is over");
    world.clock.advance(DAY);
    assert_eq!(recheck(world).await, 1);
    assert_eq!(recheck(world).await, 0);

    world.dns.set("acme.example", Act::NoSuchName);
    world.clock.advance(DAY);
    assert_eq!(recheck(world).await, 1);
    let missing = api.get("/domains/acme.example").await.expect(200);
    assert_eq!(
        (&missing["state"], &missing["claimed"]),
        (&json!("verified"), &json!(true))
    );
    assert_eq!(missing["problem"], "no_such_name");
    assert!(missing["lapses_at"].as_str() > missing["record_missing_since"].as_str());
    assert_eq!(told(&api, "domain_record_missing").await.len(), 1);
    let letters = world.letters(&world.plain).await;
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].to, "admin@northwind.example");
    assert!(
        letters[0].text.contains(text(&missing["record"]["value"])),
        "{}",
        letters[0].text
    );

    // Back again, then gone for good.
    publish(world, &added);
    world.clock.advance(DAY);
    recheck(world).await;
    assert_eq!(told(&api, "domain_record_found").await.len(), 1);
    let found = api.get("/domains/acme.example").await.expect(200);
    assert_eq!(found["record_missing_since"], Value::Null);
    world.dns.set(
        "acme.example",
        Act::txt(&["instep-domain-verification=somebody-elses"]),
    );
    for day in 0..15 {
        world.clock.advance(DAY);
        assert_eq!(recheck(world).await, 1);
        let domain = api.get("/domains/acme.example").await.expect(200);
        assert_eq!(
            domain["state"],
            if day < 14 { "verified" } else { "lapsed" },
            "{day}"
        );
    }
    let lapsed = api.get("/domains/acme.example").await.expect(200);
    assert_eq!(
        (&lapsed["claimed"], &lapsed["people"]["elsewhere"]),
        (&json!(false), &Value::Null)
    );
    assert_eq!(
        told(&api, "domain_record_missing").await.len(),
        2,
        "told once each time"
    );
    assert_eq!(told(&api, "domain_lapse").await.len(), 1);
    assert_eq!(world.letters(&world.plain).await.len(), 2);
    world.clock.advance(DAY);
    assert_eq!(recheck(world).await, 0);
    // It is free for whoever has it now, and counts no more for whoever had it.
    verify(world, &other, "acme.example").await;
    hire(&world.plain, &["late@acme.example"]).await;
    assert_eq!(state(&api, "late@acme.example").await, "not_verified");
    world
        .dns
        .set("acme.example", Act::txt(&[text(&lapsed["record"]["value"])]));
    world.clock.advance(DAY);
    api.post("/domains/acme.example/verify", &json!({}))
        .await
        .problem(409, "domain.taken");
}

async fn a_dns_that_says_nothing_changes_nothing(world: &World) {
    let api = world.plain.api();
    verify(world, &api, "acme.example").await;
    for act in [Act::ServerFailure, Act::Silence, Act::Refused] {
        world.dns.set("acme.example", act);
        world.clock.advance(DAY * 20);
        assert_eq!(recheck(world).await, 1);
        let domain = api.get("/domains/acme.example").await.expect(200);
        assert_eq!(
            (&domain["state"], &domain["record_missing_since"]),
            (&json!("verified"), &Value::Null)
        );
        assert!(domain["problem"].is_string(), "{domain}");
    }
    assert_eq!(told(&api, "domain_record_missing").await.len(), 0);
}

async fn the_dns_is_asked_so_often_and_no_oftener(world: &World) {
    let api = world.plain.api();
    add(&api, "acme.example").await;
    let path = "/domains/acme.example/verify";
    api.post(path, &json!({}))
        .await
        .problem(409, "domain.no_such_name");
    let refused = api.post(path, &json!({})).await;
    refused.problem(429, "domain.too_soon");
    assert_eq!(refused.header("retry-after"), "5");
    world.clock.advance(Duration::from_secs(10));
    api.post(path, &json!({}))
        .await
        .problem(409, "domain.no_such_name");
    for number in 0..20 {
        let name = format!("d{number}.example");
        add(&api, &name).await;
        let answer = api.post(&format!("/domains/{name}/verify"), &json!({})).await;
        let (status, code) = if number < 19 {
            (409, "domain.no_such_name")
        } else {
            (429, "domain.too_soon")
        };
        answer.problem(status, code);
    }
    // The others have a limit of their own.
    let other = world.webex.api();
    add(&other, "acme.example").await;
    other
        .post(path, &json!({}))
        .await
        .problem(409, "domain.no_such_name");
    assert_eq!(world.dns.asked().len(), 22);
}

/// Renews the token while the DNS is asked for the one before, which it says.
struct Meddler {
    directory: Directory,
    org: OrgId,
    record: String,
}

impl TxtRecords for Meddler {
    fn txt<'a>(&'a self, name: &'a str) -> TxtAnswer<'a> {
        Box::pin(async move {
            let renewed = self.directory.renew_domain_token(&cause(), self.org, name).await;
            renewed.expect("renewed");
            Ok(vec![self.record.clone()])
        })
    }
}

async fn what_was_changed_while_the_dns_was_asked_counts(world: &World) {
    let api = world.plain.api();
    let added = add(&api, "acme.example").await;
    let meddler = Meddler {
        directory: world.directory.clone(),
        org: world.plain.id,
        record: text(&added["record"]["value"]).to_owned(),
    };
    let directory = world.directory.clone().with_dns(Arc::new(meddler));
    let verified = directory
        .verify_domain(&cause(), world.plain.id, "acme.example")
        .await;
    assert!(
        matches!(verified, Err(Error::Domain(DomainError::Renewed))),
        "{verified:?}"
    );
    assert_eq!(
        api.get("/domains/acme.example").await.expect(200)["state"],
        "pending"
    );
}

async fn linked(world: &World, org: &Organization, address: &str) -> Option<String> {
    let found = world
        .directory
        .person_to_link(org.id, address)
        .await
        .expect("looked for");
    found.map(|person| person.user_name)
}

async fn addresses_link_within_verified_domains_only(world: &World) {
    let (api, scim) = (world.plain.api(), world.plain.scim());
    hire(&world.plain, &["anna@acme.example", "bo@x.example"]).await;
    let second =
        json!({ "userName": "c@x.example", "emails": [{ "value": "second@acme.example", "type": "home" }] });
    scim.post("/Users", &second).await.expect(201);
    for number in 0..2 {
        let two = json!({ "userName": format!("two{number}"), "emails": [{ "value": "two@acme.example" }] });
        scim.post("/Users", &two).await.expect(201);
    }
    assert_eq!(linked(world, &world.plain, "anna@acme.example").await, None);
    verify(world, &api, "acme.example").await;
    for (address, found) in [
        ("Anna@ACME.example", Some("anna@acme.example")),
        ("bo@x.example", None),
        ("second@acme.example", None),
        ("two@acme.example", None),
        ("nobody@acme.example", None),
        ("anna", None),
    ] {
        assert_eq!(
            linked(world, &world.plain, address).await.as_deref(),
            found,
            "{address}"
        );
    }
    hire(&world.webex, &["anna@acme.example"]).await;
    assert_eq!(linked(world, &world.webex, "anna@acme.example").await, None);
    // Nor once the DNS has ceased to say so.
    world.dns.set("acme.example", Act::Nothing);
    world.clock.advance(DAY);
    recheck(world).await;
    assert_eq!(linked(world, &world.plain, "anna@acme.example").await, None);
}

async fn a_domain_has_one_spelling(world: &World) {
    let api = world.plain.api();
    let added = add(&api, "straße.example").await;
    assert_eq!(
        (&added["domain"], &added["shown"]),
        (&json!("xn--strae-oqa.example"), &json!("straße.example"))
    );
    publish(world, &added);
    let path = format!("/domains/{}/verify", encoded("STRASSE.example"));
    api.post(&path, &json!({})).await.problem(404, "domain.unknown");
    let path = format!("/domains/{}/verify", encoded("straße.example"));
    api.post(&path, &json!({})).await.expect(200);
    // Of two addresses that are one userName, one is in the domain.
    let ids = hire(&world.plain, &["anna@straße.example"]).await;
    hire(&world.plain, &["bo@strasse.example"]).await;
    assert_eq!(state(&api, "bo@strasse.example").await, "not_verified");
    assert_eq!(state(&api, &ids[0]).await, "verified");
    let rename = patch_op(json!([{ "op": "replace", "path": "userName", "value": "anna@strasse.example" }]));
    world
        .plain
        .scim()
        .patch(&format!("/Users/{}", ids[0]), &rename)
        .await
        .expect(200);
    assert_eq!(state(&api, &ids[0]).await, "not_verified");
    for wrong in ["com", "co.uk", "localhost", "127.0.0.1", "anna@acme.example", "-"] {
        let body = json!({ "domain": wrong });
        api.post("/domains", &body).await.problem(400, "domain.name");
    }
}

async fn webex_addresses_and_names(world: &World) {
    let actions = |org: &Organization| {
        let url = format!("{}/identity/organizations/{}/actions", world.address, org.id);
        Client::new(url, Some(&org.token), "application/json")
    };
    let (webex, other) = (actions(&world.webex), actions(&world.plain));
    let named = json!({ "domain": "acme.example" });
    webex
        .post("/verifyDomain", &named)
        .await
        .problem(400, "domain.no_token");
    let token = webex
        .post("/getDomainVerificationToken", &named)
        .await
        .expect(200);
    assert_eq!(token["verificationMethod"], "DNS_TXT");
    let again = webex
        .post("/getDomainVerificationToken", &named)
        .await
        .expect(200);
    assert_eq!(token["token"], again["token"]);
    let record = format!("instep-domain-verification={}", text(&token["token"]));
    world.dns.set("acme.example", Act::txt(&[&record]));
    webex
        .post("/claimDomain", &json!({ "data": [named] }))
        .await
        .problem(409, "domain.not_verified");
    let reserved = json!({ "domain": "acme.example", "reserveDomain": true });
    webex
        .post("/verifyDomain", &reserved)
        .await
        .problem(400, "domain.reserve");
    let verified = webex.post("/verifyDomain", &named).await.expect(200);
    assert_eq!(
        verified,
        json!({ "verifiedDomains": ["acme.example"], "claimedDomains": [] })
    );

    hire(&world.plain, &["anna@acme.example"]).await;
    let claim = |force: bool| json!({ "data": [{ "domain": "acme.example" }], "forceDomainClaim": force });
    webex
        .post("/claimDomain", &claim(false))
        .await
        .problem(409, "domain.inhabited");
    let claimed = webex.post("/claimDomain", &claim(true)).await.expect(200);
    assert_eq!(claimed["claimedDomains"], json!(["acme.example"]));
    other
        .post("/getDomainVerificationToken", &named)
        .await
        .problem(409, "domain.taken");
    webex
        .post("/unverifyDomain", &named)
        .await
        .problem(400, "domain.claimed");
    let released = webex.post("/unclaimDomain", &named).await.expect(200);
    assert_eq!(released["claimedDomains"], json!([]));
    let removed = webex.post("/unverifyDomain", &named).await.expect(200);
    assert_eq!(removed["verifiedDomains"], json!([]));
    webex
        .post("/unverifyDomain", &named)
        .await
        .problem(404, "domain.unknown");

    webex
        .post("/getDomainVerificationToken", &named)
        .await
        .expect(200);
    webex
        .post("/unverifyDomain", &named)
        .await
        .problem(400, "domain.not_verified");
    let pending = json!({ "domain": "acme.example", "removePending": true });
    webex.post("/unverifyDomain", &pending).await.expect(200);
    world.clock.advance(Duration::from_mins(1));
    let token = webex
        .post("/getDomainVerificationToken", &named)
        .await
        .expect(200);
    let record = format!("instep-domain-verification={}", text(&token["token"]));
    world.dns.set("acme.example", Act::txt(&[&record]));
    let both = json!({ "domain": "acme.example", "claimDomain": true });
    let both = webex.post("/verifyDomain", &both).await.expect(200);
    assert_eq!(
        both,
        json!({ "verifiedDomains": ["acme.example"], "claimedDomains": ["acme.example"] })
    );
}
