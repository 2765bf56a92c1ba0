//! `instep app sso key`: the keys by which an app's messages are signed.

use clap::{Args, Subcommand};

use crate::client::Client;
use crate::commands::saml_keys::{self, NewKey, Start};
use crate::output::Output;

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
        #[command(flatten)]
        new: NewKey,
    },
    /// Lets a key sign, at once or from a date on
    Promote {
        /// Id or name
        app: String,
        /// The key's id
        key: String,
        #[command(flatten)]
        start: Start,
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

pub(super) async fn run(client: &Client, args: KeyArgs, output: Output) -> anyhow::Result<()> {
    match args.command {
        KeyCommand::List { app } => saml_keys::list(client, &of(&app), output).await,
        KeyCommand::Add { app, new } => saml_keys::add(client, &of(&app), &new, output).await,
        KeyCommand::Promote { app, key, start } => {
            saml_keys::promote(client, &of(&app), &key, &start, output).await
        }
        KeyCommand::Remove { app, key, yes } => saml_keys::remove(client, &of(&app), &key, yes, output).await,
    }
}

fn of(app: &str) -> [&str; 4] {
    ["apps", app, "sso", "keys"]
}
