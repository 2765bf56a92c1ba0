//! Keys that sign SAML messages, under one path or another: those of an app and those of the service provider.

use base::Timestamp;
use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::saml_certificate::Certificate;
use crate::client::Client;
use crate::confirm::confirm;
use crate::moment;
use crate::output::{Output, optional_time, table, time};

/// What a new key is to be like; what is left out is as the server has it.
#[derive(Debug, Args, Serialize)]
pub(super) struct NewKey {
    /// rsa_2048, rsa_3072, rsa_4096, ec_p256 or ec_p384
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<String>,

    /// For how many days its certificate is good
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    days: Option<u32>,

    #[command(flatten)]
    #[serde(flatten)]
    start: Start,
}

/// When a key begins to sign.
#[derive(Debug, Args, Serialize)]
pub(super) struct Start {
    /// From when on it signs, such as 2027-01-15T02:00:00Z
    #[arg(long, value_name = "TIME", value_parser = moment::parse)]
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Key {
    id: String,
    standing: String,
    signs_from: Option<String>,
    certificate: Certificate,
}

pub(super) async fn list(client: &Client, keys: &[&str], output: Output) -> anyhow::Result<()> {
    let keys = client.list_all(keys, &[]).await?;
    let hint = "No key yet: the first one is made when it is needed.";
    output.list(&keys, hint, list_text)
}

pub(super) async fn add(client: &Client, keys: &[&str], new: &NewKey, output: Output) -> anyhow::Result<()> {
    let added = client.post_json(keys, new).await?;
    output.answer(&added, |key: &Key, _| text(key))
}

pub(super) async fn promote(
    client: &Client,
    keys: &[&str],
    key: &str,
    start: &Start,
    output: Output,
) -> anyhow::Result<()> {
    let path = [keys, &[key, "promote"]].concat();
    let promoted = client.post_json(&path, start).await?;
    output.answer(&promoted, |key: &Key, _| text(key))
}

pub(super) async fn remove(
    client: &Client,
    keys: &[&str],
    key: &str,
    yes: bool,
    output: Output,
) -> anyhow::Result<()> {
    let question = format!("Remove the key {key}? What it has signed is believed no longer.");
    confirm(yes.into(), &question)?;
    client.delete(&[keys, &[key]].concat(), &[]).await?;
    output.value(&json!({ "key": key, "removed": true }), |_| {
        format!("Removed the key {key}.\n")
    })
}

fn text(key: &Key) -> String {
    let when = match (key.standing.as_str(), &key.signs_from) {
        ("current", _) => "signs".to_owned(),
        (_, Some(from)) => format!("signs from {} on", time(from)),
        (standing, None) => format!("is {standing}"),
    };
    format!(
        "The key {} {when}. Its certificate ends on {}.\n",
        key.id,
        time(&key.certificate.expires_at)
    )
}

fn list_text(keys: &[Key]) -> String {
    let row = |key: &Key| {
        [
            key.standing.clone(),
            optional_time(key.signs_from.as_ref()),
            time(&key.certificate.expires_at),
            key.certificate.fingerprint.chars().take(23).collect(),
            key.id.clone(),
        ]
    };
    table(
        ["standing", "signs from", "ends", "fingerprint", "id"],
        keys.iter().map(row),
    )
}
