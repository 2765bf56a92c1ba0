//! `instep app sso key`: the keys by which an app's messages are signed.

use base::Timestamp;
use clap::{Args, Subcommand};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::client::Client;
use crate::confirm::confirm;
use crate::output::{Output, optional_time, table, time};

/// The keys by which an app's messages are signed
///
/// Another key, from the first step to the last: `add` one, give the service the new metadata, `promote` it, and `remove` the
/// one before once nobody asks for it.
#[derive(Debug, Args)]
pub(crate) struct KeyArgs {
    #[command(subcommand)]
    command: KeyCommand,
}

#[derive(Debug, Subcommand)]
enum KeyCommand {
    /// Lists the keys, the one that signs first
    List {
        /// Id or name
        app: String,
    },
    /// Makes a key; it is published at once, and signs when it is promoted
    Add {
        /// Id or name
        app: String,

        /// rsa_2048, rsa_3072, rsa_4096, ec_p256 or ec_p384
        #[arg(long)]
        kind: Option<String>,

        /// How long its certificate is good for
        #[arg(long)]
        days: Option<u32>,

        /// From when on it signs
        #[arg(long, value_name = "TIME")]
        from: Option<Timestamp>,
    },
    /// Lets a key sign, at once or from a date on
    Promote {
        /// Id or name
        app: String,
        /// The key's id
        key: String,

        /// From when on
        #[arg(long, value_name = "TIME")]
        from: Option<Timestamp>,
    },
    /// Removes a key that does not sign
    Remove {
        /// Id or name
        app: String,
        /// The key's id
        key: String,

        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Deserialize)]
struct Key {
    id: String,
    standing: String,
    signs_from: Option<String>,
    fingerprint: String,
    expires_at: String,
}

pub(super) async fn run(client: &Client, args: KeyArgs, output: Output) -> anyhow::Result<()> {
    match args.command {
        KeyCommand::List { app } => {
            let keys = client.list_all(&["apps", &app, "sso", "keys"], &[]).await?;
            let hint = "No keys yet: the first is made when it is needed.";
            output.list(&keys, hint, list_text)
        }
        KeyCommand::Add {
            app,
            kind,
            days,
            from,
        } => {
            let mut body = Map::new();
            let mut put = |name: &str, value: Option<Value>| {
                body.extend(value.map(|value| (name.to_owned(), value)));
            };
            put("kind", kind.map(Value::from));
            put("days", days.map(Value::from));
            put("from", from.map(|from| json!(from)));
            let added = client.post_json(&["apps", &app, "sso", "keys"], &body).await?;
            output.answer(&added, |key: &Key, _| key_text(key))
        }
        KeyCommand::Promote { app, key, from } => {
            let body = from.map_or_else(|| json!({}), |from| json!({ "from": from }));
            let path = ["apps", &app, "sso", "keys", &key, "promote"];
            let promoted = client.post_json(&path, &body).await?;
            output.answer(&promoted, |key: &Key, _| key_text(key))
        }
        KeyCommand::Remove { app, key, yes } => {
            let question =
                format!("Remove the key {key} of {app}? What it has signed is believed no longer.");
            confirm(yes.into(), &question)?;
            client.delete(&["apps", &app, "sso", "keys", &key], &[]).await?;
            output.value(&json!({ "key": key, "removed": true }), |_| {
                format!("Removed the key {key}.\n")
            })
        }
    }
}

fn key_text(key: &Key) -> String {
    let when = match (key.standing.as_str(), &key.signs_from) {
        ("current", _) => "signs".to_owned(),
        (_, Some(from)) => format!("signs from {} on", time(from)),
        (standing, None) => format!("is {standing}"),
    };
    format!(
        "The key {} {when}. Its certificate ends on {}.\n",
        key.id,
        time(&key.expires_at)
    )
}

fn list_text(keys: &[Key]) -> String {
    let row = |key: &Key| {
        [
            key.standing.clone(),
            optional_time(key.signs_from.as_ref()),
            time(&key.expires_at),
            key.fingerprint.chars().take(23).collect(),
            key.id.clone(),
        ]
    };
    table(
        ["standing", "signs from", "ends", "fingerprint", "id"],
        keys.iter().map(row),
    )
}
