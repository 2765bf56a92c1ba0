//! An identity provider that the test plays.

use std::sync::OnceLock;
use std::time::Duration;

use base::Timestamp;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use federation::saml::binding::redirect;
use federation::saml::message::{Attribute, AuthnRequest, AuthnStatement, NameId};
use federation::saml::names::{context_class, name_id_format};
use federation::saml::profile::identity_provider::{Answer, Protection};
use federation::saml::security::{Certificate, Cipher, Credential, KeyKind, KeyTransport, SigningKey};
use federation::saml::{Document, Limits};

use crate::world::World;

/// A key with its certificate.
#[derive(Clone)]
pub(crate) struct Party {
    key: SigningKey,
    pkcs8: Vec<u8>,
}

pub(crate) struct Idp {
    pub(crate) entity_id: String,
    pub(crate) credential: Credential,
    pub(crate) certificate: Certificate,
}

/// What an answer says.
#[derive(Clone)]
pub(crate) struct Said {
    pub(crate) now: Timestamp,
    pub(crate) consumer: String,
    pub(crate) audience: String,
    pub(crate) issuer: Option<String>,
    pub(crate) in_response_to: Option<String>,
    pub(crate) name_id: NameId,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) context: Option<String>,
    /// None: now.
    pub(crate) authenticated: Option<Timestamp>,
    pub(crate) session_until: Option<Timestamp>,
    pub(crate) assertion_id: String,
    pub(crate) sign_assertion: bool,
    pub(crate) sign_response: bool,
}

impl Party {
    /// Made once for each place: keys take a while.
    fn nth(place: usize) -> &'static Self {
        static PARTIES: [OnceLock<Party>; 3] = [const { OnceLock::new() }; 3];
        PARTIES[place].get_or_init(|| {
            let (key, pkcs8) = SigningKey::generate(KeyKind::Rsa2048).expect("a key");
            Self {
                key,
                pkcs8: pkcs8.to_vec(),
            }
        })
    }

    fn certified(&self, name: &str, from: Timestamp, until: Timestamp) -> Certificate {
        SigningKey::self_signed(&self.pkcs8, name, from, until, [7; 16]).expect("a certificate")
    }
}

impl Idp {
    pub(crate) fn new(world: &World, entity_id: &str) -> Self {
        Self::with(world, entity_id, 0, Duration::from_hours(24 * 365))
    }

    /// Another key, which goes on for so long.
    pub(crate) fn with(world: &World, entity_id: &str, key: usize, lasting: Duration) -> Self {
        let now = world.store.ambient().now();
        let party = Party::nth(key);
        let certificate = party.certified(entity_id, now - Duration::from_hours(24 * 365), now + lasting);
        Self {
            entity_id: entity_id.to_owned(),
            credential: Credential::new(party.key.clone(), certificate.clone()),
            certificate,
        }
    }

    /// Signs an answer.
    pub(crate) fn answer(&self, said: &Said) -> String {
        self.answer_for(said, None)
    }

    pub(crate) fn answer_for(&self, said: &Said, encrypt_for: Option<&Certificate>) -> String {
        self.answer_with(
            said,
            encrypt_for.map(|certificate| (certificate, Cipher::Aes256Gcm)),
        )
    }

    pub(crate) fn answer_with(&self, said: &Said, encrypt_for: Option<(&Certificate, Cipher)>) -> String {
        let answer = Answer {
            response_id: format!("_r{}", said.assertion_id),
            assertion_id: said.assertion_id.clone(),
            now: said.now,
            issuer: said.issuer.clone().unwrap_or_else(|| self.entity_id.clone()),
            audience: said.audience.clone(),
            consumer: said.consumer.clone(),
            in_response_to: said.in_response_to.clone(),
            name_id: said.name_id.clone(),
            attributes: said.attributes.clone(),
            statement: AuthnStatement {
                instant: said.authenticated.unwrap_or(said.now),
                session_index: Some("_session".to_owned()),
                session_not_on_or_after: said.session_until,
                context_class: said.context.clone(),
                context_declaration: None,
                authorities: Vec::new(),
            },
            valid_before: Duration::from_mins(1),
            valid_for: Duration::from_mins(5),
            one_time_use: false,
        };
        let protection = Protection {
            credential: &self.credential,
            sign_response: said.sign_response,
            sign_assertion: said.sign_assertion,
            encrypt_for: encrypt_for
                .map(|(certificate, cipher)| (certificate, cipher, KeyTransport::OaepSha1)),
        };
        answer.to_xml(protection).expect("an answer")
    }
}

impl Said {
    pub(crate) fn new(world: &World, request: Option<&str>, uid: &str) -> Self {
        let id = u64::from_be_bytes(world.store.ambient().random());
        Self {
            now: world.store.ambient().now(),
            consumer: String::new(),
            audience: String::new(),
            issuer: None,
            in_response_to: request.map(str::to_owned),
            name_id: NameId::new(uid, name_id_format::UNSPECIFIED),
            attributes: vec![Attribute::basic("uid", [uid])],
            context: Some(context_class::PASSWORD_PROTECTED_TRANSPORT.to_owned()),
            authenticated: None,
            session_until: None,
            assertion_id: format!("_{id:016x}"),
            sign_assertion: true,
            sign_response: true,
        }
    }

    /// With more attributes.
    pub(crate) fn and(mut self, attributes: &[(&str, &str)]) -> Self {
        for (name, value) in attributes {
            self.attributes.retain(|attribute| attribute.name != *name);
            self.attributes.push(Attribute::basic(*name, [*value]));
        }
        self
    }

    /// What Webex demands of somebody new.
    pub(crate) fn whole(self, address: &str) -> Self {
        self.and(&[("email", address), ("firstname", "Anna"), ("lastname", "Berg")])
    }
}

/// The request in an address.
pub(crate) fn request_of(location: &str) -> AuthnRequest {
    let (_, query) = location.split_once('?').expect("a query");
    let xml = redirect::decode(query).expect("a request").xml;
    let document = Document::parse(&xml, Limits::MESSAGE).expect("XML");
    AuthnRequest::read(document.root()).expect("a request")
}

pub(crate) fn fields(xml: &str, relay_state: Option<&str>) -> Vec<(String, String)> {
    let mut fields = vec![("SAMLResponse".to_owned(), BASE64_STANDARD.encode(xml))];
    fields.extend(relay_state.map(|state| ("RelayState".to_owned(), state.to_owned())));
    fields
}
