//! Several identity providers, and who is led to which.

use federation::service_provider::{NewProvider, Route, RouteTo};
use serde_json::json;

use super::idp::Idp;
use super::{DOMAIN, Estate, person, settings, verify};
use crate::on_both;
use crate::pages::{Browser, PASSWORD, somebody};
use crate::world::{World, cause};

on_both!(
    domains_and_groups_lead_to_their_identity_provider,
    each_identity_provider_speaks_for_itself,
    without_routes_the_first_vouches_alone,
    two_domains_that_fold_to_one_are_two,
);

pub(super) async fn second(
    world: &World,
    estate: &Estate<'_>,
) -> (Idp, federation::service_provider::Provider) {
    let idp = Idp::with(
        world,
        "https://second.example",
        1,
        std::time::Duration::from_hours(24),
    );
    let new = NewProvider {
        name: "Second IdP".to_owned(),
        entity_id: idp.entity_id.clone(),
        settings: settings(json!({ "login_url": "https://second.example/sso" })),
        certificates: vec![idp.certificate.clone()],
    };
    let federation = &world.federation;
    let added = federation
        .add_provider(&cause(), estate.org.id, new)
        .await
        .expect("added");
    let active = federation
        .activate_provider(&cause(), estate.org.id, added.id, true)
        .await
        .expect("on");
    (idp, active)
}

async fn domains_and_groups_lead_to_their_identity_provider(world: &World) {
    let estate = Estate::new(world).await;
    let (_, second) = second(world, &estate).await;
    verify(world, estate.org, "second.example").await;
    let (anna, bert) = (format!("anna@{DOMAIN}"), format!("bert@{DOMAIN}"));
    person(estate.org, &anna).await;
    let bert_id = person(estate.org, &bert).await["id"].clone();
    let group = json!({ "displayName": "Partners", "members": [{ "value": bert_id }] });
    let group = estate.org.scim().post("/Groups", &group).await.expect(201);
    let group = group["id"]
        .as_str()
        .and_then(|id| id.parse().ok())
        .expect("an id");
    let leads = async |address: &str| {
        let browser = Browser::new(world);
        let page = browser.get("/sign-in").await;
        let led = browser.submit(&page, "/sign-in", &[("address", address)]).await;
        if led.text.contains("name=\"password\"") {
            return "password";
        }
        led.expect(200, "You are led there");
        if led.text.contains("Second IdP") {
            "second"
        } else {
            "first"
        }
    };
    let elsewhere = "x@second.example";
    let seen = async || {
        [
            leads(&anna).await,
            leads(&bert).await,
            leads(elsewhere).await,
            leads("x@y.example").await,
        ]
    };
    assert_eq!(
        seen().await,
        ["first", "first", "first", "password"],
        "without routes the first one"
    );
    let route = |to, provider| Route { to, provider };
    let set = async |routes: Vec<Route>| world.federation.set_routes(&cause(), estate.org.id, routes).await;
    let by_domain = route(RouteTo::Domain("Second.Example".to_owned()), second.id);
    set(vec![by_domain.clone()]).await.expect("set");
    assert_eq!(
        seen().await,
        ["password", "password", "second", "password"],
        "only those whom a route names"
    );
    let by_group = route(RouteTo::Group(group), second.id);
    let rest = route(RouteTo::Domain(DOMAIN.to_owned()), estate.provider.id);
    set(vec![by_domain.clone(), by_group.clone(), rest.clone()])
        .await
        .expect("set");
    assert_eq!(seen().await, ["first", "second", "second", "password"]);
    // The first route that fits.
    set(vec![rest, by_group, by_domain.clone()]).await.expect("set");
    assert_eq!(leads(&bert).await, "first");
    // Nor does an identity provider let others in than those whom a route leads there.
    set(vec![by_domain.clone()]).await.expect("set");
    let browser = Browser::new(world);
    let request = estate.ask(&browser, "").await;
    let xml = estate.idp.answer(&estate.said(Some(&request), &anna));
    let refused = estate.bring_home(&browser, &xml, None).await;
    refused.expect(403, "Untrusted Issuer (24)");
    // One that is switched off leads nowhere.
    world
        .federation
        .deactivate_provider(&cause(), estate.org.id, second.id)
        .await
        .expect("off");
    assert_eq!(leads(elsewhere).await, "password");
    for wrong in [
        vec![route(
            RouteTo::Domain("never-verified.example".to_owned()),
            second.id,
        )],
        vec![by_domain.clone(), by_domain],
        vec![route(
            RouteTo::Domain(DOMAIN.to_owned()),
            world.store.ambient().id(),
        )],
    ] {
        assert!(set(wrong).await.is_err());
    }
}

async fn each_identity_provider_speaks_for_itself(world: &World) {
    let estate = Estate::new(world).await;
    let (other, second) = second(world, &estate).await;
    let anna = format!("anna@{DOMAIN}");
    person(estate.org, &anna).await;
    let browser = Browser::new(world);
    // What one was asked the other does not answer.
    let request = estate.ask(&browser, "?provider=Second%20IdP").await;
    let xml = estate.idp.answer(&estate.said(Some(&request), &anna));
    estate.bring_home(&browser, &xml, None).await.expect(403, "(8)");
    let to_second = Route {
        to: RouteTo::Domain(DOMAIN.to_owned()),
        provider: second.id,
    };
    world
        .federation
        .set_routes(&cause(), estate.org.id, vec![to_second])
        .await
        .expect("set");
    let request = estate.ask(&browser, &format!("?provider={}", second.id)).await;
    let xml = other.answer(&estate.said(Some(&request), &anna));
    estate.bring_home(&browser, &xml, None).await.leads_to("/account");
    // With the first one's name, and the second one's key.
    let mut said = estate.said(Some(&estate.ask(&browser, "").await), &anna);
    said.issuer = Some(estate.idp.entity_id.clone());
    let refused = estate.bring_home(&browser, &other.answer(&said), None).await;
    refused.expect(403, "(8)");
}

/// Whoever else is switched on vouches for nobody until a route says for whom: else each of them could let in everybody.
async fn without_routes_the_first_vouches_alone(world: &World) {
    let estate = Estate::new(world).await;
    let (other, second) = second(world, &estate).await;
    let anna = format!("anna@{DOMAIN}");
    person(estate.org, &anna).await;
    person(estate.org, "guest").await;
    let come = async |idp: &Idp, provider: base::IdentityProviderId, uid: &str| {
        let browser = Browser::new(world);
        let request = estate.ask(&browser, &format!("?provider={provider}")).await;
        let xml = idp.answer(&estate.said(Some(&request), uid));
        estate.bring_home(&browser, &xml, None).await
    };
    for uid in [anna.as_str(), "guest"] {
        let refused = come(&other, second.id, uid).await;
        refused.expect(403, "Untrusted Issuer (24)");
        come(&estate.idp, estate.provider.id, uid)
            .await
            .leads_to("/account");
    }
    // With the first one switched off, the other is the first.
    world
        .federation
        .deactivate_provider(&cause(), estate.org.id, estate.provider.id)
        .await
        .expect("off");
    come(&other, second.id, &anna).await.leads_to("/account");
}

/// People are found by an address as it is folded, where `ß` is `ss` and `ς` is `σ`: to the DNS they are two domains.
async fn two_domains_that_fold_to_one_are_two(world: &World) {
    let estate = Estate::new(world).await;
    for (own, twin) in [
        ("strasse.example", "straße.example"),
        ("gruß.example", "gruss.example"),
        ("οδοσ.example", "οδος.example"),
        ("λογος.example", "λογοσ.example"),
    ] {
        let name = directory::domains::domain_of(&format!("@{own}")).expect("a name");
        verify(world, estate.org, &name).await;
        let address = format!("anna@{own}");
        somebody(world, estate.org, &address).await;
        // With the twin's spelling nobody gets around the identity provider.
        for domain in [own, twin] {
            let browser = Browser::new(world);
            let page = browser.sign_in(&format!("anna@{domain}"), PASSWORD).await;
            page.expect(200, "You are led there");
        }
        // Nor does the identity provider of one vouch for the other.
        let come = async |uid: &str| {
            let browser = Browser::new(world);
            let request = estate.ask(&browser, "").await;
            let xml = estate.idp.answer(&estate.said(Some(&request), uid));
            estate.bring_home(&browser, &xml, None).await
        };
        come(&address).await.leads_to("/account");
        come(&format!("anna@{twin}")).await.expect(403, "(3)");
    }
}
