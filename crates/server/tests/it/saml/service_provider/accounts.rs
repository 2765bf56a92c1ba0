//! Accounts that come with a sign-in, and whom a name means.

use federation::saml::message::NameId;
use federation::saml::names::name_id_format;
use federation::service_provider::{Route, RouteTo};
use serde_json::{Value, json};

use super::{DOMAIN, Estate, events, person, routes};
use crate::client::encoded;
use crate::on_both;
use crate::pages::Browser;
use crate::world::World;

on_both!(
    somebody_new_is_made_where_that_is_set,
    whom_nobody_vouches_for_is_not_made,
    no_address_is_given_that_is_not_its_own,
    a_group_is_joined_that_may_be,
    a_name_is_given_that_is_said,
    what_is_newer_is_written,
    a_name_that_stays_is_remembered,
    another_name_does_not_take_an_account_over,
    a_name_that_may_change_locks_nobody_out,
    somebody_is_found_by_what_links,
    a_domain_behind_the_name_is_cut_off,
    another_way_in_keeps_accounts_as_they_are,
    addresses_count_only_in_verified_domains,
);

pub(super) async fn of(world: &World, name: &str) -> Value {
    let path = format!("/Users?filter={}", encoded(&format!("userName eq \"{name}\"")));
    let found = world.plain.scim().get(&path).await.expect(200);
    found["Resources"][0].clone()
}

/// Somebody signs in with these attributes.
pub(super) async fn come(estate: &Estate<'_>, uid: &str, attributes: &[(&str, &str)]) -> crate::pages::Page {
    let browser = Browser::new(estate.world);
    let request = estate.ask(&browser, "").await;
    let said = estate.said(Some(&request), uid).and(attributes);
    let xml = estate.idp.answer(&said);
    estate.bring_home(&browser, &xml, None).await
}

const NAMES: [(&str, &str); 2] = [("firstname", "Anna"), ("lastname", "Berg")];

async fn somebody_new_is_made_where_that_is_set(world: &World) {
    let mut estate = Estate::new(world).await;
    let anna = format!("anna@{DOMAIN}");
    let whole = [
        ("email", anna.as_str()),
        NAMES[0],
        NAMES[1],
        ("jobTitle", "Chemist"),
        ("groupid", "Chemists"),
    ];
    come(&estate, &anna, &whole).await.expect(403, "(3)");
    let group = json!({ "displayName": "Chemists" });
    let group = estate.org.scim().post("/Groups", &group).await.expect(201);
    let joinable = json!([group["id"]]);
    estate
        .change(json!({ "auto_create": true, "joinable_groups": joinable }))
        .await;
    // Each of what must be there is asked for.
    for missing in ["uid", "email", "firstname", "lastname"] {
        let mut some = whole.to_vec();
        some.retain(|(name, _)| *name != missing);
        if missing == "uid" {
            // The name alone is enough to be found by, and not to be made by.
            some.push(("uid", ""));
        }
        come(&estate, &anna, &some)
            .await
            .expect(403, "Auto Account Creation failed (31)");
    }
    assert_eq!(of(world, &anna).await, Value::Null);
    come(&estate, &anna, &whole).await.leads_to("/account");
    let made = of(world, &anna).await;
    assert_eq!(made["name"], json!({ "givenName": "Anna", "familyName": "Berg" }));
    assert_eq!(made["title"], "Chemist");
    assert_eq!(made["groups"][0]["display"], "Chemists");
    let told = &events(world, estate.org.id, "user_create").await[0];
    assert_eq!(told["source"], "saml");
    // Nobody is invited who is in already, and nobody is made twice.
    assert!(world.letters(estate.org).await.is_empty());
    come(&estate, &anna, &whole).await.leads_to("/account");
}

async fn whom_nobody_vouches_for_is_not_made(world: &World) {
    let mut estate = Estate::new(world).await;
    estate.change(json!({ "auto_create": true })).await;
    let other = "anna@elsewhere.example";
    let page = come(&estate, other, &[("email", other), NAMES[0], NAMES[1]]).await;
    page.expect(403, "Auto Account Creation failed (31)");
    assert_eq!(of(world, other).await, Value::Null);
}

/// Neither somebody new nor somebody known gets an address of a domain that is not verified, or that a route leads elsewhere.
async fn no_address_is_given_that_is_not_its_own(world: &World) {
    let mut estate = Estate::new(world).await;
    let (_, second) = routes::second(world, &estate).await;
    super::verify(world, estate.org, "chiefs.example").await;
    let lead = |to: &str, provider| Route {
        to: RouteTo::Domain(to.to_owned()),
        provider,
    };
    let set = async |all: Vec<Route>| {
        let set = world
            .federation
            .set_routes(&crate::world::cause(), estate.org.id, all)
            .await;
        set.expect("set");
    };
    let own = lead(DOMAIN, estate.provider.id);
    set(vec![own.clone(), lead("chiefs.example", second.id)]).await;
    estate
        .change(json!({ "auto_create": true, "auto_update": true }))
        .await;
    let (new, known) = (format!("new@{DOMAIN}"), format!("known@{DOMAIN}"));
    person(estate.org, &known).await;
    let mut time = 0;
    for address in [
        "ceo@elsewhere.example",
        "ceo@chiefs.example",
        // What folds to it is in another domain.
        "ceo@chiefſ.example",
        "ceo\u{ff20}chiefs.example",
    ] {
        let page = come(&estate, &new, &[("email", address), NAMES[0], NAMES[1]]).await;
        page.expect(403, "Auto Account Creation failed (31)");
        assert_eq!(of(world, &new).await, Value::Null, "{address}");
        let page = come(&estate, address, &[("email", &new), NAMES[0], NAMES[1]]).await;
        assert_eq!(page.status, 403, "{address}: {}", page.text);
        assert_eq!(of(world, address).await, Value::Null, "{address}");
        time += 1;
        let said = [("email", address), ("updateTimeStamp", &*time.to_string())];
        let page = come(&estate, &known, &said).await;
        page.expect(403, "Auto Account Update failed (32)");
        assert_eq!(of(world, &known).await["emails"], Value::Null, "{address}");
    }
    // Within its own domain it may.
    let another = format!("known.too@{DOMAIN}");
    let said = [("email", another.as_str()), ("updateTimeStamp", "9")];
    come(&estate, &known, &said).await.leads_to("/account");
    assert_eq!(of(world, &known).await["emails"][0]["value"], another);
    set(vec![own, lead("chiefs.example", estate.provider.id)]).await;
    let said = [("email", "ceo@chiefs.example"), NAMES[0], NAMES[1]];
    come(&estate, &new, &said).await.leads_to("/account");
}

async fn a_group_is_joined_that_may_be(world: &World) {
    let mut estate = Estate::new(world).await;
    let mut ids = Vec::new();
    for name in ["Chemists", "Chiefs"] {
        let group = estate
            .org
            .scim()
            .post("/Groups", &json!({ "displayName": name }))
            .await;
        ids.push(group.expect(201)["id"].clone());
    }
    estate
        .change(json!({ "auto_create": true, "joinable_groups": [ids[0]] }))
        .await;
    let by_id = ids[1].as_str().expect("an id");
    for (number, (group, joined)) in [
        ("Chemists", json!("Chemists")),
        ("Chiefs", Value::Null),
        (by_id, Value::Null),
    ]
    .into_iter()
    .enumerate()
    {
        let address = format!("new{number}@{DOMAIN}");
        let said = [
            ("email", address.as_str()),
            NAMES[0],
            NAMES[1],
            ("groupid", group),
        ];
        come(&estate, &address, &said).await.leads_to("/account");
        assert_eq!(
            of(world, &address).await["groups"][0]["display"],
            joined,
            "{group}"
        );
    }
}

/// A NameID says who it is, and not what somebody is called.
async fn a_name_is_given_that_is_said(world: &World) {
    let mut estate = Estate::new(world).await;
    estate.change(json!({ "auto_update": true })).await;
    let anna = format!("anna@{DOMAIN}");
    let made = person(estate.org, "anna").await;
    let id = made["id"].as_str().expect("an id");
    let address = json!({ "schemas": made["schemas"], "userName": "anna", "emails": [{ "value": anna, "primary": true }] });
    estate
        .org
        .scim()
        .put(&format!("/Users/{id}"), &address)
        .await
        .expect(200);
    let browser = Browser::new(world);
    for (time, uid) in [("1", ""), ("2", "anna.berg")] {
        let request = estate.ask(&browser, "").await;
        let said = [("uid", uid), ("email", anna.as_str()), ("updateTimeStamp", time)];
        let mut said = estate.said(Some(&request), "x").and(&said);
        said.name_id = NameId::new("00u8f3", name_id_format::UNSPECIFIED);
        let xml = estate.idp.answer(&said);
        estate.bring_home(&browser, &xml, None).await.leads_to("/account");
        let called = if uid.is_empty() { "anna" } else { uid };
        assert_eq!(of(world, called).await["id"], id, "{called}");
    }
}

async fn what_is_newer_is_written(world: &World) {
    let mut estate = Estate::new(world).await;
    let anna = format!("anna@{DOMAIN}");
    person(estate.org, &anna).await;
    let title = async |estate: &Estate<'_>, title: &str, time: Option<&str>| {
        let mut said = vec![("jobTitle", title)];
        said.extend(time.map(|time| ("updateTimeStamp", time)));
        come(estate, &anna, &said).await.leads_to("/account");
        of(world, &anna).await["title"].clone()
    };
    assert_eq!(
        title(&estate, "One", Some("2026-11-21T09:30:00Z")).await,
        Value::Null,
        "not set"
    );
    estate.change(json!({ "auto_update": true })).await;
    assert_eq!(title(&estate, "Two", None).await, Value::Null, "without a time");
    // The same moment in all three forms is no newer.
    assert_eq!(
        title(&estate, "Three", Some("2026-11-21T09:30:00Z")).await,
        "Three"
    );
    for same in [
        "20261121093000Z",
        "1795253400000",
        "2026-11-21T09:30:00Z",
        "20261121092959Z",
    ] {
        assert_eq!(title(&estate, "Four", Some(same)).await, "Three", "{same}");
    }
    assert_eq!(title(&estate, "Five", Some("20261121093001Z")).await, "Five");
    assert_eq!(title(&estate, "Six", Some("1795253402000")).await, "Six");
    // What it does not speak of stays.
    let address = format!("anna.berg@{DOMAIN}");
    let said = [("email", address.as_str()), ("updateTimeStamp", "1795253403000")];
    come(&estate, &anna, &said).await.leads_to("/account");
    let now = of(world, &anna).await;
    assert_eq!(
        (&now["title"], &now["emails"][0]["value"]),
        (&json!("Six"), &json!(address))
    );
}

async fn a_name_that_stays_is_remembered(world: &World) {
    let mut estate = Estate::new(world).await;
    estate
        .change(json!({ "name_id_format": "persistent", "auto_update": true }))
        .await;
    let anna = format!("anna@{DOMAIN}");
    let made = person(estate.org, &anna).await;
    let come = async |estate: &Estate<'_>, name: &str, uid: &str, time: &str| {
        let browser = Browser::new(world);
        let request = estate.ask(&browser, "").await;
        let mut said = estate.said(Some(&request), uid).and(&[("updateTimeStamp", time)]);
        said.name_id = NameId::new(name, name_id_format::PERSISTENT);
        let xml = estate.idp.answer(&said);
        estate.bring_home(&browser, &xml, None).await
    };
    // Found by the name that the directory knows, then by the one that stays: with it goes another userName.
    come(&estate, "p-1", &anna, "1").await.leads_to("/account");
    let married = format!("anna.lund@{DOMAIN}");
    come(&estate, "p-1", &married, "2").await.leads_to("/account");
    assert_eq!(of(world, &married).await["id"], made["id"]);
    assert_eq!(of(world, &anna).await, Value::Null);
    // Another name with the old address is nobody's any more.
    come(&estate, "p-2", &anna, "3").await.expect(403, "(3)");
    // Nobody and nothing is kept by it.
    let place = format!("/Users/{}", made["id"].as_str().expect("an id"));
    estate.org.scim().delete(&place).await.expect(204);
    come(&estate, "p-1", &married, "4").await.expect(403, "(3)");
    let path = format!("/sso/providers/{}", estate.provider.id);
    estate.org.api().delete(&path).await.expect(204);
}

/// Somebody comes by a name of a kind.
async fn named(
    estate: &Estate<'_>,
    (name, format): (&str, &str),
    said: &[(&str, &str)],
) -> crate::pages::Page {
    let browser = Browser::new(estate.world);
    let request = estate.ask(&browser, "").await;
    let mut all = estate.said(Some(&request), "").and(said);
    all.name_id = NameId::new(name, format);
    let xml = estate.idp.answer(&all);
    estate.bring_home(&browser, &xml, None).await
}

async fn names_of(estate: &Estate<'_>, person: &str) -> Vec<Value> {
    let path = format!("/people/{person}/sso-subjects");
    let listed = estate.org.api().get(&path).await.expect(200);
    listed["items"].as_array().cloned().expect("a list")
}

/// Whom another persistent name stands for is somebody else, whatever is said beside it, until an administrator says that it is not.
async fn another_name_does_not_take_an_account_over(world: &World) {
    let mut estate = Estate::new(world).await;
    let persistent = json!({ "name_id_format": "persistent", "auto_update": true });
    estate.change(persistent).await;
    let anna = format!("anna@{DOMAIN}");
    let body = json!({
        "userName": anna, "externalId": "E-7", "emails": [{ "value": anna, "primary": true }],
    });
    estate.org.scim().post("/Users", &body).await.expect(201);
    let linking = json!([{ "attribute": "externalId", "saml": "number" }]);
    estate.change(json!({ "linking_attributes": linking })).await;
    let first = ("p-1", name_id_format::PERSISTENT);
    let second = ("p-2", name_id_format::PERSISTENT);
    named(&estate, first, &[("uid", &anna)])
        .await
        .leads_to("/account");
    let known = &names_of(&estate, &anna).await[0];
    assert_eq!(
        (&known["name_id"], &known["finds"]),
        (&json!("p-1"), &json!(true))
    );
    for said in [
        [
            ("uid", anna.as_str()),
            ("updateTimeStamp", "7"),
            ("jobTitle", "Chief"),
        ],
        [
            ("email", anna.as_str()),
            ("updateTimeStamp", "8"),
            ("jobTitle", "Chief"),
        ],
        [("number", "E-7"), ("updateTimeStamp", "9"), ("jobTitle", "Chief")],
    ] {
        let refused = named(&estate, second, &said).await;
        refused.expect(403, "(3)");
        assert_eq!(names_of(&estate, &anna).await[0]["name_id"], "p-1");
        assert_eq!(of(world, &anna).await["title"], Value::Null, "nothing is changed");
    }
    // Nor does the one who is known get somebody else's.
    named(&estate, first, &[("uid", &anna)])
        .await
        .leads_to("/account");
    let path = format!("/people/{anna}/sso-subjects/Example%20IdP");
    estate.org.api().delete(&path).await.expect(204);
    estate
        .org
        .api()
        .delete(&path)
        .await
        .problem(404, "sso.subject_unknown");
    named(&estate, second, &[("uid", &anna)])
        .await
        .leads_to("/account");
    named(&estate, first, &[("uid", &anna)]).await.expect(403, "(3)");
    let told = events(world, estate.org.id, "sso_subject_link").await;
    let names: Vec<_> = told
        .iter()
        .map(|one| &one["changes"][0]["to"]["name_id"])
        .collect();
    assert_eq!(names, ["p-2", "p-1"], "once for each");
    let gone = &events(world, estate.org.id, "sso_subject_unlink").await[0];
    assert_eq!(gone["changes"][0]["from"]["name_id"], "p-1");
}

/// Names of other kinds are remembered to be seen; whoever is called otherwise by now is the same person all the same, and whoever
/// gets a name that was another's is not that person.
async fn a_name_that_may_change_locks_nobody_out(world: &World) {
    let estate = Estate::new(world).await;
    let (anna, bert) = (format!("anna@{DOMAIN}"), format!("bert@{DOMAIN}"));
    for name in [&anna, &bert] {
        person(estate.org, name).await;
    }
    for format in [name_id_format::UNSPECIFIED, name_id_format::EMAIL_ADDRESS] {
        for name in [anna.as_str(), "00u8f3"] {
            named(&estate, (name, format), &[("uid", &anna)])
                .await
                .leads_to("/account");
            let known = names_of(&estate, &anna).await;
            assert_eq!(known.len(), 1);
            assert_eq!(known[0]["name_id"], name);
            assert_eq!(
                (&known[0]["format"], &known[0]["finds"]),
                (&json!(format), &json!(false))
            );
        }
    }
    named(
        &estate,
        ("00u8f3", name_id_format::UNSPECIFIED),
        &[("uid", &bert)],
    )
    .await
    .leads_to("/account");
    let nobody = format!("nobody@{DOMAIN}");
    named(
        &estate,
        ("00u8f3", name_id_format::UNSPECIFIED),
        &[("uid", &nobody)],
    )
    .await
    .expect(403, "(3)");
    // One that finds stays, whatever comes after it; one that is another each time is not kept.
    let persistent = ("p-1", name_id_format::PERSISTENT);
    named(&estate, persistent, &[("uid", &anna)])
        .await
        .leads_to("/account");
    for format in [name_id_format::UNSPECIFIED, name_id_format::TRANSIENT] {
        named(&estate, ("00u8f3", format), &[("uid", &anna)])
            .await
            .leads_to("/account");
        assert_eq!(names_of(&estate, &anna).await[0]["name_id"], "p-1");
    }
}

async fn somebody_is_found_by_what_links(world: &World) {
    let mut estate = Estate::new(world).await;
    let body = json!({ "userName": "anna", "externalId": "E-7" });
    estate.org.scim().post("/Users", &body).await.expect(201);
    let other = format!("anna.lund@{DOMAIN}");
    come(&estate, &other, &[("employeenumber", "E-7")])
        .await
        .expect(403, "(3)");
    let linking = json!([{ "attribute": "externalId", "saml": "employeenumber" }]);
    estate.change(json!({ "linking_attributes": linking })).await;
    come(&estate, &other, &[("employeenumber", "E-8")])
        .await
        .expect(403, "(3)");
    come(&estate, &other, &[("employeenumber", "E-7")])
        .await
        .leads_to("/account");
}

async fn a_domain_behind_the_name_is_cut_off(world: &World) {
    let mut estate = Estate::new(world).await;
    person(estate.org, "anna").await;
    come(&estate, "anna@corp.local", &[]).await.expect(403, "(3)");
    let cut = json!({ "remove_uid_domain": true, "uid_domains": ["Corp.Local"] });
    estate.change(cut).await;
    come(&estate, "anna@corp.local", &[]).await.leads_to("/account");
    // Whoever is called so elsewhere is somebody else: what is not on the list is an address.
    come(&estate, "anna@partner.example", &[])
        .await
        .expect(403, "(3)");
    come(&estate, "anna@partner.example@corp.local", &[])
        .await
        .expect(403, "(3)");
    // Other names for what Webex calls uid.
    come(&estate, "x@y", &[("upn", "anna@corp.local"), ("uid", "")])
        .await
        .expect(403, "(3)");
    estate
        .change(json!({ "attributes": { "userName": ["upn", "uid"] } }))
        .await;
    come(&estate, "x@y", &[("upn", "anna@corp.local")])
        .await
        .leads_to("/account");
}

async fn another_way_in_keeps_accounts_as_they_are(world: &World) {
    let mut estate = Estate::new(world).await;
    estate
        .change(json!({ "auto_create": true, "auto_update": true }))
        .await;
    let anna = format!("anna@{DOMAIN}");
    person(estate.org, &anna).await;
    for source in ["scim", "connector"] {
        world.set(estate.org, "users.source", source).await;
        let new = format!("new@{DOMAIN}");
        let page = come(&estate, &new, &[("email", &new), NAMES[0], NAMES[1]]).await;
        page.expect(403, "Auto Account Creation failed (31)");
        let said = [("jobTitle", "Chemist"), ("updateTimeStamp", "20261121093001Z")];
        come(&estate, &anna, &said).await.leads_to("/account");
        world.set(estate.org, "users.source", "none").await;
        assert_eq!(of(world, &anna).await["title"], Value::Null, "{source}");
        assert_eq!(of(world, &new).await, Value::Null, "{source}");
    }
}

async fn addresses_count_only_in_verified_domains(world: &World) {
    let estate = Estate::new(world).await;
    let other = "anna@elsewhere.example";
    person(estate.org, other).await;
    come(&estate, other, &[]).await.expect(403, "(3)");
    come(&estate, "x7", &[("email", other)]).await.expect(403, "(3)");
    super::verify(world, estate.org, "elsewhere.example").await;
    come(&estate, other, &[]).await.leads_to("/account");
    come(&estate, "x7", &[("email", other)])
        .await
        .leads_to("/account");
}
