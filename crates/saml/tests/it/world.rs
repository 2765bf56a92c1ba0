//! An identity provider, a service, somebody who is neither, and what they send each other.

use std::sync::OnceLock;
use std::time::Duration;

use base::Timestamp;
use saml::message::{Attribute, AuthnRequest, AuthnStatement, Head, NameId, NameIdPolicy, RequestedContext};
use saml::metadata::{Endpoint, IndexedEndpoint, Key, KeyUse, ServiceProviderRole};
use saml::names::{binding_uri, context_class, name_id_format};
use saml::profile::Clock;
use saml::profile::identity_provider::{Answer, Protection};
use saml::profile::service_provider::{Encryption, Expected, Signed};
use saml::security::{
    Algorithms, Certificate, Credential, DecryptionKey, DecryptionPolicy, KeyKind, SignatureAlgorithm,
    SigningKey,
};

pub const IDP: &str = "https://idp.example/saml2/app";
pub const SP: &str = "https://hub.example/org";
pub const ACS: &str = "https://hub.example/saml2/acs";
pub const SSO: &str = "https://idp.example/saml2/app/sso";
pub const SLO: &str = "https://idp.example/saml2/app/slo";
pub const NAME: &str = "barbara.jensen@example.com";

pub fn now() -> Timestamp {
    "2026-11-21T09:30:00Z".parse().expect("a time")
}

/// A key with its certificate, and what is kept of it.
pub struct Party {
    pub pkcs8: Vec<u8>,
    pub key: SigningKey,
    pub certificate: Certificate,
}

impl Party {
    fn new(kind: KeyKind, name: &str) -> Self {
        let (key, pkcs8) = SigningKey::generate(kind).expect("a key");
        let year = Duration::from_hours(365 * 24);
        let certificate = SigningKey::self_signed(&pkcs8, name, now() - year, now() + year, [7; 16]);
        Self {
            certificate: certificate.expect("a certificate"),
            pkcs8: pkcs8.to_vec(),
            key,
        }
    }

    pub fn credential(&self) -> Credential {
        Credential::new(self.key.clone(), self.certificate.clone())
    }

    pub fn signing_with(&self, algorithm: SignatureAlgorithm) -> Credential {
        Credential {
            algorithm,
            ..self.credential()
        }
    }
}

pub struct World {
    pub idp: Party,
    pub idp_p256: Party,
    pub idp_p384: Party,
    pub sp: Party,
    pub stranger: Party,
    pub stranger_p256: Party,
    /// All that the identity provider's metadata name.
    pub certificates: Vec<Certificate>,
    pub algorithms: Algorithms,
    pub decryption: Vec<DecryptionKey>,
    pub request: AuthnRequest,
}

/// Made once: keys take a while.
pub fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let idp = Party::new(KeyKind::Rsa2048, "idp");
        let idp_p256 = Party::new(KeyKind::P256, "idp p256");
        let idp_p384 = Party::new(KeyKind::P384, "idp p384");
        let sp = Party::new(KeyKind::Rsa2048, "sp");
        World {
            certificates: [&idp, &idp_p256, &idp_p384]
                .map(|party| party.certificate.clone())
                .to_vec(),
            decryption: vec![DecryptionKey::from_pkcs8(&sp.pkcs8).expect("a key")],
            stranger: Party::new(KeyKind::Rsa2048, "idp"),
            stranger_p256: Party::new(KeyKind::P256, "idp p256"),
            algorithms: Algorithms::default(),
            request: request(),
            idp,
            idp_p256,
            idp_p384,
            sp,
        }
    })
}

pub fn head(id: &str, issuer: &str, destination: &str) -> Head {
    Head {
        id: id.to_owned(),
        issued: now(),
        destination: Some(destination.to_owned()),
        consent: None,
        issuer: Some(issuer.to_owned()),
    }
}

pub fn request() -> AuthnRequest {
    AuthnRequest {
        acs_url: Some(ACS.to_owned()),
        protocol_binding: Some(binding_uri::HTTP_POST.to_owned()),
        provider_name: Some("Hub & Co".to_owned()),
        name_id_policy: Some(NameIdPolicy {
            format: Some(name_id_format::EMAIL_ADDRESS.to_owned()),
            sp_name_qualifier: None,
            allow_create: Some(true),
        }),
        requested_context: Some(RequestedContext::exact([
            context_class::PASSWORD_PROTECTED_TRANSPORT,
        ])),
        ..AuthnRequest::new(head("_request", SP, SSO))
    }
}

pub fn answer() -> Answer {
    Answer {
        response_id: "_response".to_owned(),
        assertion_id: "_assertion".to_owned(),
        now: now(),
        issuer: IDP.to_owned(),
        audience: SP.to_owned(),
        consumer: ACS.to_owned(),
        in_response_to: Some("_request".to_owned()),
        name_id: NameId::new(NAME, name_id_format::EMAIL_ADDRESS),
        attributes: vec![
            Attribute::basic("uid", [NAME]),
            Attribute::basic("firstname", ["Bärbel"]),
            Attribute::uri("urn:oid:2.5.4.4", "sn", ["O'Jensen <&> \"x\""]),
        ],
        statement: AuthnStatement {
            instant: now(),
            session_index: Some("_session".to_owned()),
            session_not_on_or_after: Some(now() + Duration::from_hours(8)),
            context_class: Some(context_class::PASSWORD_PROTECTED_TRANSPORT.to_owned()),
            context_declaration: None,
            authorities: Vec::new(),
        },
        valid_before: Duration::from_mins(1),
        valid_for: Duration::from_mins(5),
        one_time_use: false,
    }
}

/// What is signed of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    Response,
    Assertion,
    Both,
}

impl Layout {
    pub const ALL: [Self; 3] = [Self::Response, Self::Assertion, Self::Both];

    pub fn protection(self, credential: &Credential) -> Protection<'_> {
        Protection {
            credential,
            sign_response: self != Self::Assertion,
            sign_assertion: self != Self::Response,
            encrypt_for: None,
        }
    }
}

impl World {
    pub fn clock() -> Clock {
        Clock {
            now: now() + Duration::from_secs(5),
            skew: Duration::from_secs(30),
        }
    }

    pub fn expected(&self) -> Expected<'_> {
        Expected {
            clock: Self::clock(),
            entity_id: SP,
            consumer: ACS,
            identity_provider: IDP,
            certificates: &self.certificates,
            algorithms: &self.algorithms,
            signed: Signed::default(),
            refuse_expired_certificates: false,
            encryption: Encryption {
                keys: &self.decryption,
                policy: DecryptionPolicy::default(),
                required: false,
            },
            request: Some(&self.request),
            unsolicited: false,
            name_id_formats: &[],
            context: None,
            context_order: context_class::USUAL_ORDER,
            longest_age: Duration::from_mins(10),
        }
    }

    /// The service, as it is registered at the identity provider.
    pub fn service(&self) -> ServiceProviderRole {
        let consumer = |index, location: &str, binding: &str| IndexedEndpoint {
            endpoint: Endpoint::new(binding, location),
            index,
            is_default: None,
        };
        ServiceProviderRole {
            keys: vec![
                Key {
                    key_use: Some(KeyUse::Signing),
                    certificate: self.sp.certificate.clone(),
                },
                Key {
                    key_use: None,
                    certificate: self.sp.certificate.clone(),
                },
            ],
            name_id_formats: vec![name_id_format::EMAIL_ADDRESS.to_owned()],
            assertion_consumers: vec![
                consumer(
                    0,
                    "https://hub.example/artifact",
                    "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact",
                ),
                consumer(1, ACS, binding_uri::HTTP_POST),
                consumer(2, "https://hub.example/second", binding_uri::HTTP_POST),
            ],
            single_logout: vec![Endpoint::new(
                binding_uri::HTTP_REDIRECT,
                "https://hub.example/slo",
            )],
            ..ServiceProviderRole::default()
        }
    }
}
