//! `instep key`: the keys under which secrets are sealed at rest, in the key file and the database themselves.

use anyhow::{Context as _, bail};
use base::{Ambient, Keyring};
use clap::{Args, Subcommand};
use serde::Serialize;
use store::{Store, sealed};

use super::database::DatabaseArgs;
use crate::key_file;
use crate::output::{Output, table};
use crate::progress::{Bar, Progress};

/// The keys under which secrets are sealed at rest
#[derive(Debug, Args)]
#[command(after_help = "\
Another key, from the first step to the last:
  instep key add             a second key, which only opens yet; restart every server
  instep key rotate          the second key seals, and what is sealed is sealed anew; restart every server
  instep key rotate          what servers have sealed meanwhile
  instep key remove k1       the first key is gone; restart every server")]
pub(crate) struct KeyArgs {
    #[command(flatten)]
    database: DatabaseArgs,

    #[command(subcommand)]
    command: KeyCommand,
}

#[derive(Debug, Subcommand)]
enum KeyCommand {
    /// Adds a key to the key file: it only opens until `key rotate`
    Add,
    /// Lets the newest key seal, and seals anew what is under others
    Rotate {
        /// Another key than the newest
        key: Option<String>,
    },
    /// Lists the keys, and how much is sealed under each
    List,
    /// Takes a key under which nothing is sealed any more out of the key file
    Remove {
        /// The key's name, as `key list` shows it
        key: String,
    },
}

#[derive(Serialize)]
struct Added {
    key: String,
}

#[derive(Serialize)]
struct Rotated {
    key: String,
    /// How many values were sealed anew.
    sealed_anew: u64,
    /// How many were under the key already.
    unchanged: u64,
    /// How many open under no key of the file.
    not_opened: u64,
}

#[derive(Serialize)]
struct Listed {
    key: String,
    seals: bool,
    values: u64,
}

#[derive(Serialize)]
struct Removed {
    key: String,
    removed: bool,
}

pub(crate) async fn run(args: KeyArgs, output: Output) -> anyhow::Result<()> {
    let ambient = Ambient::system();
    let place = args.database.place()?;
    let keys = key_file::read(&place.data)?.with_context(|| {
        format!(
            "there is no key file in {}: a server makes it at its first start",
            place.data.display()
        )
    })?;
    if let KeyCommand::Add = args.command {
        let (after, key) = keys.with_new(&ambient);
        key_file::replace(&place.data, &keys, &after)?;
        return output.value(&Added { key }, |added| {
            format!(
                "Added the key {}, which only opens yet. Restart every server, with this key file; then run `instep key rotate`.\n",
                added.key
            )
        });
    }
    let store = Store::open(&place.database, ambient).await?;
    match args.command {
        KeyCommand::Add => Ok(()),
        KeyCommand::Rotate { key } => {
            let key = chosen(&keys, key)?;
            let after = keys.with_first(&key).with_context(|| no_such(&key))?;
            if keys.names().next() != Some(key.as_str()) {
                key_file::replace(&place.data, &keys, &after)?;
            }
            let rotated = seal_anew(&store, &after, key).await?;
            output.value(&rotated, rotated_text)?;
            match rotated.not_opened {
                0 => Ok(()),
                many => bail!("{many} values open under no key of the file, and were left as they are"),
            }
        }
        KeyCommand::List => {
            let mut listed = Vec::new();
            for (at, name) in keys.names().enumerate() {
                let tally = sealed::tally(&store, &keys, Some(name)).await?;
                listed.push(Listed {
                    key: name.to_owned(),
                    seals: at == 0,
                    values: tally.total(),
                });
            }
            output.value(&listed, |listed| list_text(listed))
        }
        KeyCommand::Remove { key } => {
            let after = match keys.without(&key) {
                Some(after) => after,
                None if keys.names().any(|name| name == key) => {
                    bail!(
                        "the key {key} is the one that seals: let another one seal first, with `instep key rotate`"
                    )
                }
                None => bail!(no_such(&key)),
            };
            let left = sealed::tally(&store, &keys, Some(&key)).await?.total();
            if left > 0 {
                bail!("{left} values are still sealed under the key {key}: run `instep key rotate` first");
            }
            key_file::replace(&place.data, &keys, &after)?;
            output.value(&Removed { key, removed: true }, |removed| {
                format!(
                    "Removed the key {}. Restart every server, with this key file.\n",
                    removed.key
                )
            })
        }
    }
}

fn no_such(key: &str) -> String {
    format!("there is no key {key} in the key file: `instep key list` shows those there are")
}

/// The key that is to seal: the newest, unless one is named.
fn chosen(keys: &Keyring, named: Option<String>) -> anyhow::Result<String> {
    if let Some(key) = named {
        return Ok(key);
    }
    let number = |name: &str| {
        name.strip_prefix('k')
            .and_then(|number| number.parse::<u32>().ok())
    };
    let newest = keys.names().max_by_key(|name| number(name));
    if keys.names().count() == 1 {
        bail!("there is no other key yet: run `instep key add`, and restart every server");
    }
    Ok(newest.unwrap_or_default().to_owned())
}

async fn seal_anew(store: &Store, keys: &Keyring, key: String) -> anyhow::Result<Rotated> {
    let total = sealed::tally(store, keys, None).await?.total();
    let bar = Bar::start("Sealing anew");
    let tally = sealed::seal_anew(store, keys, |done| bar.set(Progress { done, total })).await?;
    Ok(Rotated {
        key,
        sealed_anew: tally.older,
        unchanged: tally.present,
        not_opened: tally.strange,
    })
}

fn rotated_text(rotated: &Rotated) -> String {
    format!(
        "The key {} seals. {} values were sealed anew under it, {} were already. Restart every server, with this key file, and run \
         this once more for what was sealed meanwhile; then the other keys can be removed.\n",
        rotated.key, rotated.sealed_anew, rotated.unchanged
    )
}

fn list_text(listed: &[Listed]) -> String {
    let row = |one: &Listed| {
        let seals = if one.seals { "seals" } else { "opens" };
        [one.key.clone(), seals.to_owned(), one.values.to_string()]
    };
    table(["key", "use", "values"], listed.iter().map(row))
}
