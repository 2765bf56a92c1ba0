//! What of the answers is shown, and how.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::commands::saml_certificate::Certificate;
use crate::output::{details, optional_time, table, time, yes_no};

#[derive(Deserialize)]
pub(super) struct Sso {
    pub(super) active: bool,
    pub(super) entity_id: String,
    pub(super) consumer_url: String,
    pub(super) login_url: String,
    pub(super) logout_url: String,
    pub(super) metadata_url: String,
    pub(super) settings: Map<String, Value>,
}

#[derive(Deserialize)]
pub(super) struct Provider {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) entity_id: String,
    pub(super) active: bool,
    pub(super) tested_at: Option<String>,
    pub(super) settings: Map<String, Value>,
    pub(super) certificates: Vec<Certificate>,
    /// What of its metadata was not taken.
    #[serde(default)]
    pub(super) left_out: Vec<String>,
}

pub(super) fn sso_text(sso: &Sso) -> String {
    let mut pairs = vec![
        ("Single sign-on", on_off(sso.active)),
        ("Entity ID", sso.entity_id.clone()),
        ("Consumer", sso.consumer_url.clone()),
        ("Login", sso.login_url.clone()),
        ("Logout", sso.logout_url.clone()),
        ("Metadata", sso.metadata_url.clone()),
    ];
    pairs.extend(
        shown(&sso.settings)
            .into_iter()
            .filter(|(key, _)| *key != "entity_id"),
    );
    details(&pairs)
}

pub(super) fn provider_text(one: &Provider) -> String {
    let mut pairs = vec![
        ("Identity provider", one.name.clone()),
        ("Id", one.id.clone()),
        ("Entity ID", one.entity_id.clone()),
        ("Switched", on_off(one.active)),
        ("Tested", optional_time(one.tested_at.as_ref())),
    ];
    pairs.extend(shown(&one.settings));
    format!("{}\n{}", details(&pairs), certificates_text(&one.certificates))
}

fn shown(settings: &Map<String, Value>) -> Vec<(&str, String)> {
    let text = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    settings
        .iter()
        .map(|(key, value)| (key.as_str(), text(value)))
        .collect()
}

fn on_off(active: bool) -> String {
    if active { "on" } else { "off" }.to_owned()
}

pub(super) fn list_text(providers: &[Provider]) -> String {
    let row = |one: &Provider| {
        let ends = one.certificates.first().map(|first| time(&first.expires_at));
        [
            one.name.clone(),
            on_off(one.active),
            optional_time(one.tested_at.as_ref()),
            ends.unwrap_or_default(),
            one.entity_id.clone(),
        ]
    };
    table(
        ["name", "switched", "tested", "certificate until", "entity id"],
        providers.iter().map(row),
    )
}

pub(super) fn certificates_text(certificates: &[Certificate]) -> String {
    let row = |one: &Certificate| {
        [
            one.subject.clone(),
            time(&one.expires_at),
            yes_no(one.expired),
            one.fingerprint.clone(),
        ]
    };
    table(
        ["certificate", "until", "expired", "fingerprint"],
        certificates.iter().map(row),
    )
}

pub(super) fn routes_text(routes: &Value) -> String {
    let items = routes["items"].as_array().map(Vec::as_slice).unwrap_or_default();
    if items.is_empty() {
        return "No routes: everybody of a verified domain goes to the first identity provider that is switched on.\n"
            .to_owned();
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let row = |one: &Value| {
        let (kind, name) = match one["domain"].as_str() {
            Some(domain) => ("domain", domain.to_owned()),
            None => ("group", text(&one["group"]["display_name"])),
        };
        [kind.to_owned(), name, text(&one["provider"]["name"])]
    };
    table(["whom", "name", "identity provider"], items.iter().map(row))
}
