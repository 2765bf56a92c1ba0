//! `instep token`: bearer tokens, in the database itself or at a server.

mod far;
mod near;

use clap::{Args, Subcommand};
use serde::Serialize;

use super::database::DatabaseArgs;
use crate::client::{Client, ServerArgs};
use crate::output::{Output, details, table, time};
use crate::secrets::Disclosed;

/// Makes, lists and revokes the tokens that programs use to speak to the server
///
/// With --org it opens the database itself, also beside a running server; without it, it asks the server at --url about the
/// organization of its own token.
#[derive(Debug, Args)]
pub(crate) struct TokenArgs {
    #[command(flatten)]
    pub(crate) database: DatabaseArgs,

    #[command(subcommand)]
    pub(crate) command: TokenCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Makes a token and prints it, this once
    #[command(after_help = "\
Examples:
  instep token create --org ID --name \"Entra ID\"
  instep token create --org ID --name cli --scope instep:admin --days 30
  instep token create --name Okta --url https://directory.example.com --token-file admin-token")]
    Create(CreateArgs),
    /// Lists an organization's tokens, also those that open nothing any more
    List {
        /// The organization's id: its database is opened [default: a server is asked about the token's organization]
        #[arg(long, value_name = "ID")]
        org: Option<String>,
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Makes a token in the place of another one and prints it, this once
    ///
    /// It has the same name and scopes. Both are good for a while, so that whoever uses it can be given the new one. Tokens of
    /// people are replaced by them, at /account or with a token of their own.
    Roll(RollArgs),
    /// Revokes a token: from then on it opens nothing
    Revoke {
        /// The organization's id: its database is opened [default: a server is asked about the token's organization]
        #[arg(long, value_name = "ID")]
        org: Option<String>,
        /// The token's id, as `token list` shows it
        #[arg(value_name = "TOKEN")]
        which: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        server: ServerArgs,
    },
}

#[derive(Debug, Args)]
pub(crate) struct CreateArgs {
    /// The organization's id: its database is opened, and the token is the operator's [default: a server is asked for one
    /// more token of whoever its own belongs to]
    #[arg(long, value_name = "ID")]
    pub(crate) org: Option<String>,

    /// What the token is for
    #[arg(long)]
    pub(crate) name: String,

    /// What the token may be used for, repeatable [default: Identity:SCIM spark:people_read spark:people_write]
    ///
    /// `instep:admin` is what this command line needs, `instep:read` lets it look only.
    #[arg(long = "scope", value_name = "SCOPE", value_delimiter = ' ')]
    pub(crate) scopes: Vec<String>,

    /// How many days the token lives
    #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub(crate) days: u32,

    #[command(flatten)]
    pub(crate) server: ServerArgs,
}

/// What `token create` answers.
#[derive(Debug, Serialize)]
pub(crate) struct Created {
    pub(crate) id: String,
    pub(crate) token: Disclosed,
    pub(crate) expires_at: String,
}

#[derive(Debug, Args)]
pub(crate) struct RollArgs {
    /// The organization's id: its database is opened [default: a server is asked about the token's organization]
    #[arg(long, value_name = "ID")]
    org: Option<String>,
    /// The token's id, as `token list` shows it
    #[arg(value_name = "TOKEN")]
    which: String,
    /// How long the one before is good yet, up to 720; 0: it ends now
    #[arg(long, value_name = "HOURS", default_value_t = access::USUAL_OVERLAP_HOURS)]
    overlap_hours: u32,
    /// How many days the new one lives
    #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u32).range(1..=3650))]
    days: u32,
    #[command(flatten)]
    server: ServerArgs,
}

/// What `token roll` answers.
#[derive(Debug, Serialize)]
struct Rolled {
    id: String,
    token: Disclosed,
    expires_at: String,
    former_expires_at: String,
}

pub(crate) async fn run(args: TokenArgs, output: Output) -> anyhow::Result<()> {
    let database = &args.database;
    match &args.command {
        TokenCommand::Create(create_args) => {
            let created = match &create_args.org {
                Some(org) => near::create(database, org, create_args).await?,
                None => far::create(&Client::new(&create_args.server)?, create_args).await?,
            };
            output.value(&created, created_text)
        }
        TokenCommand::List { org, server } => {
            let tokens = match org {
                Some(org) => near::list(database, org).await?,
                None => far::list(&Client::new(server)?).await?,
            };
            output.value(&tokens, |tokens| list_text(tokens))
        }
        TokenCommand::Roll(roll_args) => {
            let rolled = match &roll_args.org {
                Some(org) => near::roll(database, org, roll_args).await?,
                None => far::roll(&Client::new(&roll_args.server)?, roll_args).await?,
            };
            output.value(&rolled, rolled_text)
        }
        TokenCommand::Revoke {
            org,
            which,
            yes,
            server,
        } => {
            let revoked = match org {
                Some(org) => near::revoke(database, org, which, *yes).await?,
                None => far::revoke(&Client::new(server)?, which, *yes).await?,
            };
            output.value(&revoked, |token| format!("Revoked the token {}.\n", token.name))
        }
    }
}

/// A token as it is listed.
#[derive(Debug, Serialize)]
struct Listed {
    id: String,
    name: String,
    state: String,
    /// The userName, or the id of somebody who is gone; nothing for the operator account.
    owner: Option<String>,
    scopes: Vec<String>,
    created_at: String,
    expires_at: Option<String>,
    /// So many days ahead of its end is the warning whose time has come.
    warning: Option<u32>,
    last_used_at: Option<String>,
    revoked_at: Option<String>,
}

fn question(name: &str) -> String {
    format!("Revoke the token {name}? Whoever uses it is let in no more.")
}

fn list_text(tokens: &[Listed]) -> String {
    let when = |at: &Option<String>| at.as_deref().map_or_else(String::new, time);
    let row = |token: &Listed| {
        [
            token.id.clone(),
            token.name.clone(),
            token.state.clone(),
            token.owner.clone().unwrap_or_else(|| "operator".to_owned()),
            token.scopes.join(" "),
            when(&token.expires_at),
            when(&token.last_used_at),
        ]
    };
    let head = ["id", "name", "state", "owner", "scopes", "expires", "last used"];
    table(head, tokens.iter().map(row))
}

fn created_text(created: &Created) -> String {
    let lines = details(&[
        ("Token", created.token.0.expose().to_owned()),
        ("Expires", time(&created.expires_at)),
        ("Id", created.id.clone()),
    ]);
    lines + "The token is shown this once: keep it where secrets are kept.\n"
}

fn rolled_text(rolled: &Rolled) -> String {
    let lines = details(&[
        ("Token", rolled.token.0.expose().to_owned()),
        ("Expires", time(&rolled.expires_at)),
        ("Id", rolled.id.clone()),
        (
            "The one before",
            format!("until {}", time(&rolled.former_expires_at)),
        ),
    ]);
    lines + "The token is shown this once: put it where the one before is.\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::Secret;

    #[test]
    fn the_token_is_shown_this_once() {
        let created = Created {
            id: "0193".to_owned(),
            token: Disclosed(Secret::new("ist_abc")),
            expires_at: "2027-11-21T09:30:00Z".to_owned(),
        };
        insta::assert_snapshot!(created_text(&created), @r"
        Token:    ist_abc
        Expires:  2027-11-21 09:30:00Z
        Id:       0193
        The token is shown this once: keep it where secrets are kept.
        ");
        let expected = r#"{"id":"0193","token":"ist_abc","expires_at":"2027-11-21T09:30:00Z"}"#;
        assert_eq!(serde_json::to_string(&created).expect("JSON"), expected);
    }
}
