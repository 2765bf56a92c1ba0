//! What some settings choose between, each value by itself.

use federation::saml::message::{Attribute, NameId};
use federation::saml::names::name_id_format;
use federation::saml::security::Certificate;
use federation::service_provider::ProviderChange;
use federation::service_provider::settings::NameIdFormat;
use serde_json::json;

use super::idp::request_of;
use super::{DOMAIN, Estate, person, routes};
use crate::on_both;
use crate::pages::Browser;
use crate::world::{World, cause};

on_both!(
    each_format_of_names_is_asked_for_and_demanded,
    the_first_in_the_order_is_the_one_that_people_are_led_to,
    people_are_found_by_their_number,
    an_identity_provider_goes_by_another_name,
    sha1_is_believed_by_choice,
);

async fn each_format_of_names_is_asked_for_and_demanded(world: &World) {
    let mut estate = Estate::new(world).await;
    let anna = format!("anna@{DOMAIN}");
    person(estate.org, &anna).await;
    let browser = Browser::new(world);
    for format in NameIdFormat::ALL {
        estate.change(json!({ "name_id_format": format })).await;
        let page = browser.get(&estate.login("")).await;
        let request = request_of(page.header("location"));
        let policy = request.name_id_policy.expect("a policy");
        assert_eq!(policy.format.as_deref(), Some(format.uri()));
        let named = |uri: &str| {
            let mut said = estate.said(Some(&request.head.id), &anna);
            said.name_id = NameId::new("a name", uri);
            said.attributes = vec![Attribute::basic("uid", [&anna])];
            estate.idp.answer(&said)
        };
        // What is not asked for is refused, unless nothing is.
        let page = named(name_id_format::KERBEROS);
        let page = estate.bring_home(&browser, &page, None).await;
        if format == NameIdFormat::Unspecified {
            page.leads_to("/account");
            continue;
        }
        page.expect(403, "Name Identifier format is incorrect (25)");
        let page = estate.bring_home(&browser, &named(format.uri()), None).await;
        page.leads_to("/account");
    }
}

async fn the_first_in_the_order_is_the_one_that_people_are_led_to(world: &World) {
    let estate = Estate::new(world).await;
    routes::second(world, &estate).await;
    let api = estate.org.api();
    let leads = async || {
        let page = Browser::new(world).get(&estate.login("")).await;
        let location = page.header("location").to_owned();
        location.split('?').next().unwrap_or_default().to_owned()
    };
    assert_eq!(leads().await, "https://idp.example/sso");
    let first = json!({ "position": 0 });
    api.patch("/sso/providers/Second%20IdP", &first).await.expect(200);
    assert_eq!(leads().await, "https://second.example/sso");
    api.patch("/sso/providers/Example%20IdP", &first)
        .await
        .expect(200);
    assert_eq!(leads().await, "https://idp.example/sso");
}

async fn people_are_found_by_their_number(world: &World) {
    let mut estate = Estate::new(world).await;
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let body = json!({ "userName": "berta", enterprise: { "employeeNumber": "4711" } });
    estate.org.scim().post("/Users", &body).await.expect(201);
    let browser = Browser::new(world);
    let bring = async |estate: &Estate<'_>, number: &str| {
        let request = estate.ask(&browser, "").await;
        let mut said = estate.said(Some(&request), "somebody else");
        said.attributes = vec![
            Attribute::basic("uid", ["somebody else"]),
            Attribute::basic("staff", [number]),
        ];
        estate.bring_home(&browser, &estate.idp.answer(&said), None).await
    };
    bring(&estate, "4711").await.expect(403, "(3)");
    let link = json!([{ "attribute": "employeeNumber", "saml": "staff" }]);
    estate.change(json!({ "linking_attributes": link })).await;
    bring(&estate, "4711").await.leads_to("/account");
    browser.get("/account").await.expect(200, "berta");
    bring(&estate, "4712").await.expect(403, "(3)");
}

async fn an_identity_provider_goes_by_another_name(world: &World) {
    let estate = Estate::new(world).await;
    let anna = format!("anna@{DOMAIN}");
    person(estate.org, &anna).await;
    let browser = Browser::new(world);
    let bring = async |issuer: &str| {
        let request = estate.ask(&browser, "").await;
        let mut said = estate.said(Some(&request), &anna);
        said.issuer = Some(issuer.to_owned());
        estate.bring_home(&browser, &estate.idp.answer(&said), None).await
    };
    let other = "https://new.example/saml";
    bring(&estate.idp.entity_id).await.leads_to("/account");
    bring(other).await.expect(403, "Untrusted Issuer (24)");
    let change = json!({ "entity_id": other });
    let path = "/sso/providers/Example%20IdP";
    estate.org.api().patch(path, &change).await.expect(200);
    bring(other).await.leads_to("/account");
    bring(&estate.idp.entity_id)
        .await
        .expect(403, "Untrusted Issuer (24)");
}

/// Nothing of ours signs with it: the message is one that xmlsec1 has signed, for another place. Whether its signature is
/// believed is seen in the trace.
async fn sha1_is_believed_by_choice(world: &World) {
    let mut estate = Estate::new(world).await;
    let (federation, org, id) = (&world.federation, estate.org.id, estate.provider.id);
    let change = ProviderChange {
        entity_id: Some("https://idp.example/saml2/app".to_owned()),
        ..ProviderChange::default()
    };
    federation
        .change_provider(&cause(), org, id, change)
        .await
        .expect("changed");
    let pem = include_str!("../../../../../saml/tests/corpus/sha1/certificate.pem");
    let certificate = Certificate::from_text(pem).expect("a certificate");
    federation
        .add_provider_certificate(&cause(), org, id, certificate)
        .await
        .expect("added");
    let fields = super::idp::fields(
        include_str!("../../../../../saml/tests/corpus/sha1/response.xml"),
        None,
    );
    let browser = Browser::new(world);
    let believed = async |estate: &Estate<'_>| {
        let page = browser.post(&estate.consumer(), &fields, &[]).await;
        assert_eq!(page.status, 403);
        let traces = federation
            .traces(org, &federation::TraceFilter::default(), 1)
            .await;
        let trace = traces.expect("traces").remove(0);
        let of_signature = trace
            .checks
            .into_iter()
            .filter(|check| check.check.contains("signature"));
        of_signature
            .map(|check| (check.check, check.outcome))
            .collect::<Vec<_>>()
    };
    let refused = believed(&estate).await;
    estate.change(json!({ "allow_sha1": true })).await;
    let taken = believed(&estate).await;
    let has = |checks: &[(String, String)], outcome: &str| checks.iter().any(|(_, one)| one == outcome);
    assert!(has(&refused, "failed") && !has(&refused, "passed"), "{refused:?}");
    assert!(has(&taken, "passed") && !has(&taken, "failed"), "{taken:?}");
}
