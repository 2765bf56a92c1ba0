//! A service that people are to be signed in to: what it asks, and what it makes of the answer.

use std::time::Duration;

use base::Timestamp;
use saml::binding::{Incoming, Kind, post, redirect};
use saml::message::{AuthnRequest, Head};
use saml::metadata::import;
use saml::names::context_class;
use saml::profile::service_provider::{Encryption, Expected, Signed, SignedIn, judge};
use saml::profile::{Clock, Judgement, label};
use saml::security::{
    Algorithms, Certificate, Credential, DecryptionKey, DecryptionPolicy, KeyKind, SigningKey,
};
use serde_json::{Value, json};

use crate::pages::Page;
use crate::world::{Organization, World};

pub(crate) const ENTITY_ID: &str = "https://wiki.example/saml";
pub(crate) const CONSUMER: &str = "https://wiki.example/saml/acs";

/// An app that was set up here, and the service behind it.
pub(crate) struct Service {
    pub(crate) app: String,
    pub(crate) slug: String,
    /// Where it sends people.
    pub(crate) address: String,
    pub(crate) issuer: String,
    pub(crate) keys: Keys,
}

/// A key with its certificate.
pub(crate) struct Keys {
    pub(crate) credential: Credential,
    pub(crate) decryption: DecryptionKey,
    pub(crate) certificate: Certificate,
}

impl Keys {
    pub(crate) fn new() -> Self {
        let (key, pkcs8) = SigningKey::generate(KeyKind::Rsa2048).expect("a key");
        let from: Timestamp = "2020-01-01T00:00:00Z".parse().expect("a time");
        let until = from + Duration::from_hours(24 * 365 * 20);
        let made = SigningKey::self_signed(&pkcs8, "wiki", from, until, [3; 16]);
        let certificate = made.expect("a certificate");
        Self {
            credential: Credential::new(key, certificate.clone()),
            decryption: DecryptionKey::from_pkcs8(&pkcs8).expect("a key"),
            certificate,
        }
    }
}

impl Service {
    /// Sets an app up, for nobody yet.
    pub(crate) async fn set_up(world: &World, org: &Organization, slug: &str) -> Self {
        let api = org.api();
        let app = api
            .post("/apps", &json!({ "template": "saml", "name": slug }))
            .await
            .expect(201);
        let app = app["id"].as_str().expect("an id").to_owned();
        let settings = json!({
            "entity_id": ENTITY_ID,
            "consumers": [{ "url": CONSUMER, "index": 0 }, { "url": "https://wiki.example/other", "index": 7 }],
        });
        let made = api
            .put(
                &format!("/apps/{app}/sso"),
                &json!({ "slug": slug, "settings": settings }),
            )
            .await
            .expect(201);
        assert_eq!(made["active"], true, "{made}");
        Self {
            address: format!("{}/saml2/{slug}", world.address),
            issuer: made["entity_id"].as_str().expect("a name").to_owned(),
            app,
            slug: slug.to_owned(),
            keys: Keys::new(),
        }
    }

    pub(crate) async fn assign(&self, org: &Organization, user: base::UserId) {
        let body = json!({ "add": [{ "user": user }] });
        org.api()
            .post(&format!("/apps/{}/assignments", self.app), &body)
            .await
            .expect(200);
    }

    pub(crate) async fn change(&self, org: &Organization, settings: Value) -> Value {
        org.api()
            .patch(
                &format!("/apps/{}/sso", self.app),
                &json!({ "settings": settings }),
            )
            .await
            .expect(200)
    }

    pub(crate) fn request(&self, world: &World) -> AuthnRequest {
        AuthnRequest::new(Head {
            id: format!("_{}", world.store.ambient().id::<base::CorrelationId>()),
            issued: world.store.ambient().now(),
            destination: Some(self.address.clone()),
            consent: None,
            issuer: Some(ENTITY_ID.to_owned()),
        })
    }

    /// Where a request sends a browser, below the server's address.
    pub(crate) fn by_redirect(
        &self,
        world: &World,
        request: &AuthnRequest,
        relay_state: Option<&str>,
        credential: Option<&Credential>,
    ) -> String {
        let xml = request.to_element().to_xml().expect("XML");
        let url = redirect::encode(&self.address, Kind::Request, &xml, relay_state, credential);
        let url = url.expect("an address");
        url.strip_prefix(&world.address).expect("the server's").to_owned()
    }

    /// Begins here, and not at the service.
    pub(crate) fn path(&self) -> String {
        format!("/saml2/{}", self.slug)
    }

    /// What the service makes of a page that hands a message on to it.
    pub(crate) async fn judge(
        &self,
        world: &World,
        page: &Page,
        request: Option<&AuthnRequest>,
    ) -> Judgement<SignedIn> {
        let incoming = handed_on(page, CONSUMER);
        let metadata = world.nobody().get(&format!("{}/metadata", self.path())).await;
        assert_eq!(metadata.status, 200, "{}", metadata.text);
        let entity = import(&metadata.text, None).expect("metadata");
        let certificates = entity.identity_provider.expect("a role").signing_certificates();
        let expected = Expected {
            clock: Clock {
                now: world.store.ambient().now(),
                skew: Duration::from_secs(5),
            },
            entity_id: ENTITY_ID,
            consumer: CONSUMER,
            identity_provider: &self.issuer,
            certificates: &certificates,
            algorithms: &Algorithms::default(),
            signed: Signed::default(),
            refuse_expired_certificates: true,
            encryption: Encryption {
                keys: std::slice::from_ref(&self.keys.decryption),
                policy: DecryptionPolicy::default(),
                required: false,
            },
            request,
            unsolicited: request.is_none(),
            name_id_formats: &[],
            context: None,
            context_order: context_class::USUAL_ORDER,
            longest_age: Duration::from_mins(5),
        };
        judge(&incoming.xml, &expected)
    }

    /// The same where all is well.
    pub(crate) async fn signed_in(
        &self,
        world: &World,
        page: &Page,
        request: Option<&AuthnRequest>,
    ) -> SignedIn {
        let judged = self.judge(world, page, request).await;
        judged
            .result
            .unwrap_or_else(|refusal| panic!("{refusal}: {:?}", judged.checks))
    }
}

/// The message that a page hands on to an address.
#[track_caller]
pub(crate) fn handed_on(page: &Page, location: &str) -> Incoming {
    assert_eq!(page.status, 200, "{}", page.text);
    page.check();
    let fields = page.hidden(location);
    let fields = fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    post::decode(fields).expect("a message")
}

/// The status codes of a message that a page hands on, from the outermost to the innermost.
#[track_caller]
pub(crate) fn status(page: &Page) -> Vec<String> {
    let incoming = handed_on(page, CONSUMER);
    assert_eq!(label(&incoming.xml).expect("a message").message, "Response");
    let codes = incoming.xml.split("StatusCode Value=\"").skip(1);
    codes
        .map(|rest| {
            let code = rest.split('"').next().unwrap_or_default();
            code.rsplit(':').next().unwrap_or_default().to_owned()
        })
        .collect()
}
