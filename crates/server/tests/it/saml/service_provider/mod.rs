//! The organization's service provider, with an identity provider that the test plays.

mod accounts;
mod api;
mod by_choice;
mod directory_rules;
mod faults;
mod idp;
mod limits;
pub(crate) mod logout;
mod recovery;
mod routes;
mod settings;
mod sign_in;
mod trial;

use base::OrgId;
use federation::service_provider::{NewProvider, Provider, ProviderChange};
use serde_json::{Map, Value, json};
use testkit::dns::Act;

pub(crate) use idp::{Idp, Said, request_of};

use crate::pages::{Browser, Page};
use crate::world::{Organization, World, cause};

/// A domain that the organization has verified.
pub(crate) const DOMAIN: &str = "people.example";

/// An organization with an identity provider, switched on.
pub(crate) struct Estate<'w> {
    pub(crate) world: &'w World,
    pub(crate) org: &'w Organization,
    pub(crate) idp: Idp,
    pub(crate) provider: Provider,
}

/// Settings that differ from what they are at first.
pub(crate) fn settings(value: Value) -> Map<String, Value> {
    value.as_object().cloned().expect("an object")
}

impl<'w> Estate<'w> {
    pub(crate) async fn new(world: &'w World) -> Self {
        Self::with(world, json!({})).await
    }

    pub(crate) async fn with(world: &'w World, changes: Value) -> Self {
        let org = &world.plain;
        verify(world, org, DOMAIN).await;
        let idp = Idp::new(world, "https://idp.example/saml");
        let mut all = settings(json!({ "login_url": "https://idp.example/sso" }));
        all.extend(settings(changes));
        let new = NewProvider {
            name: "Example IdP".to_owned(),
            entity_id: idp.entity_id.clone(),
            settings: all,
            certificates: vec![idp.certificate.clone()],
        };
        let federation = &world.federation;
        let provider = federation.add_provider(&cause(), org.id, new).await;
        let provider = provider.expect("a provider");
        let provider = federation
            .activate_provider(&cause(), org.id, provider.id, true)
            .await
            .expect("switched on");
        federation
            .activate_sso(&cause(), org.id)
            .await
            .expect("switched on");
        Self {
            world,
            org,
            idp,
            provider,
        }
    }

    pub(crate) async fn change(&mut self, changes: Value) {
        let change = ProviderChange {
            settings: settings(changes),
            ..ProviderChange::default()
        };
        let federation = &self.world.federation;
        let changed = federation
            .change_provider(&cause(), self.org.id, self.provider.id, change)
            .await;
        self.provider = changed.expect("changed");
    }

    pub(crate) async fn change_sso(&self, changes: Value) {
        let federation = &self.world.federation;
        federation
            .change_sso(&cause(), self.org.id, &settings(changes))
            .await
            .expect("changed");
    }

    pub(crate) fn login(&self, query: &str) -> String {
        format!("/idb/saml2/{}/login{query}", self.org.id)
    }

    pub(crate) fn consumer(&self) -> String {
        format!("/idb/Consumer/metaAlias/{}/sp", self.org.id)
    }

    /// What an answer is to say, with nothing wrong.
    pub(crate) fn said(&self, request: Option<&str>, uid: &str) -> Said {
        let world = self.world;
        Said {
            consumer: format!("{}{}", world.state.config.public_url, self.consumer()),
            audience: format!("{}/{}", world.state.config.public_url, self.org.id),
            ..Said::new(world, request, uid)
        }
    }

    /// Begins a sign-in; gives the ID of the request.
    pub(crate) async fn ask(&self, browser: &Browser, query: &str) -> String {
        let page = browser.get(&self.login(query)).await;
        assert_eq!(page.status, 303, "{}", page.text);
        request_of(page.header("location")).head.id
    }

    /// Brings an answer, as the form of another site.
    pub(crate) async fn bring(&self, browser: &Browser, xml: &str, relay_state: Option<&str>) -> Page {
        let fields = idp::fields(xml, relay_state);
        // Cookies of this kind do not come with forms of other sites.
        let elsewhere = Browser::new(self.world);
        let headers = [
            ("origin", "https://idp.example"),
            ("sec-fetch-site", "cross-site"),
        ];
        let page = elsewhere.post(&self.consumer(), &fields, &headers).await;
        if let Some(landing) = elsewhere.cookie("instep-landing") {
            browser.set_cookie("instep-landing", &landing);
        }
        page
    }

    /// The whole way of somebody who signs in.
    pub(crate) async fn sign_in(&self, browser: &Browser, uid: &str) -> Page {
        let request = self.ask(browser, "").await;
        let xml = self.idp.answer(&self.said(Some(&request), uid));
        self.bring_home(browser, &xml, None).await
    }

    /// Brings an answer, and goes on to the landing.
    pub(crate) async fn bring_home(&self, browser: &Browser, xml: &str, relay_state: Option<&str>) -> Page {
        let page = self.bring(browser, xml, relay_state).await;
        if page.status != 303 {
            return page;
        }
        let to = page.header("location").to_owned();
        if to.starts_with('/') {
            browser.get(&to).await
        } else {
            page
        }
    }
}

/// Shows a domain to be the organization's.
pub(crate) async fn verify(world: &World, org: &Organization, name: &str) {
    let api = org.api();
    let added = api.post("/domains", &json!({ "domain": name })).await.expect(201);
    let record = added["record"]["value"].as_str().expect("a text");
    world.dns.set(name, Act::txt(&[record]));
    let path = format!("/domains/{name}/verify");
    api.post(&path, &json!({})).await.expect(200);
}

pub(crate) async fn person(org: &Organization, name: &str) -> Value {
    let body = json!({ "userName": name, "displayName": "Somebody" });
    org.scim().post("/Users", &body).await.expect(201)
}

/// Events of a type, the newest first.
pub(crate) async fn events(world: &World, org: OrgId, event_type: &str) -> Vec<Value> {
    let filter = store::events::Filter {
        event_type: Some(event_type.to_owned()),
        ..store::events::Filter::default()
    };
    let events = world.directory.events(org, &filter, 20).await.expect("events");
    events
        .iter()
        .map(|event| serde_json::from_str(&event.doc).expect("JSON"))
        .collect()
}
