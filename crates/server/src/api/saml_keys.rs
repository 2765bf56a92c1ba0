//! Keys that sign SAML messages, as they are given and shown: those of an app and those of the service provider.

use base::{SamlKeyId, Timestamp};
use federation::saml::security::{Certificate, KeyKind};
use federation::{Key, NewKey, Standing};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::Problem;
use super::openapi::given;
use crate::State;

/// The kinds, by the names that are given.
pub const KINDS: [(&str, KeyKind); 5] = [
    ("rsa_2048", KeyKind::Rsa2048),
    ("rsa_3072", KeyKind::Rsa3072),
    ("rsa_4096", KeyKind::Rsa4096),
    ("ec_p256", KeyKind::P256),
    ("ec_p384", KeyKind::P384),
];

/// What a new key is to be like.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewSamlKey)]
pub struct Wanted {
    #[schema(schema_with = given::key_kind)]
    kind: Option<String>,
    /// For how many days its certificate is good; three years if left out.
    #[schema(schema_with = given::key_days)]
    days: Option<u32>,
    /// From when on it signs; left out: when somebody says so.
    #[schema(schema_with = given::maybe_time)]
    from: Option<Timestamp>,
}

impl Wanted {
    pub fn read(&self) -> Result<NewKey, Problem> {
        let usual = NewKey::default();
        Ok(NewKey {
            kind: self.kind.as_deref().map_or(Ok(usual.kind), known)?,
            days: self.days.unwrap_or(usual.days),
            from: self.from,
        })
    }
}

fn known(name: &str) -> Result<KeyKind, Problem> {
    let found = KINDS.iter().find(|(known, _)| *known == name);
    found.map(|(_, kind)| *kind).ok_or_else(|| {
        let names = KINDS.map(|(known, _)| known).join(", ");
        let detail = format!("There is no kind of key {name:?}: there are {names}");
        Problem::bad_request("key.kind", detail)
    })
}

/// When a key begins to sign.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SamlKeyPromotion)]
pub struct Promotion {
    /// Left out: at once.
    #[schema(schema_with = given::maybe_time)]
    pub from: Option<Timestamp>,
}

/// The id in a path.
pub fn named(text: &str) -> Result<SamlKeyId, Problem> {
    text.parse()
        .map_err(|_| Problem::not_found("key.unknown", format!("There is no key {text:?} here")))
}

/// A key, as whoever administers it sees it.
pub fn render(key: &Key, state: &State) -> Value {
    json!({
        "id": key.id,
        "standing": key.standing.name(),
        "signs_from": match key.standing {
            Standing::Next { from } => from,
            Standing::Current | Standing::Previous => None,
        },
        "created_at": key.created,
        "certificate": certificate(&key.certificate, state),
    })
}

/// The same of a certificate.
pub fn certificate(certificate: &Certificate, state: &State) -> Value {
    let now = state.ambient.now();
    json!({
        "fingerprint": certificate.fingerprint(),
        "subject": certificate.subject(),
        "not_before": certificate.not_before(),
        "expires_at": certificate.not_after(),
        "expired": certificate.not_after() < now,
        "pem": certificate.to_pem(),
    })
}
