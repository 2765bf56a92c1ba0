//! `instep token`: bearer tokens, made in the database itself.

use access::{NewToken, Owner, Scopes};
use base::Actor;
use clap::{Args, Subcommand};
use serde::Serialize;

use super::database::DatabaseArgs;
use super::org::organization_id;
use crate::output::{Output, details, time};
use crate::secrets::Disclosed;
use crate::wiring::House;

/// Makes tokens that programs use to speak to the server
///
/// Opens the database itself, also beside a running server.
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
  instep token create --org ID --name cli --scope instep:admin --days 30")]
    Create(CreateArgs),
}

#[derive(Debug, Args)]
pub(crate) struct CreateArgs {
    /// The organization's id
    #[arg(long, value_name = "ID")]
    pub(crate) org: String,

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
}

/// What `token create` answers.
#[derive(Debug, Serialize)]
pub(crate) struct Created {
    pub(crate) id: String,
    pub(crate) token: Disclosed,
    pub(crate) expires_at: String,
}

pub(crate) async fn run(args: TokenArgs, output: Output) -> anyhow::Result<()> {
    match &args.command {
        TokenCommand::Create(create_args) => {
            output.value(&create(&args.database, create_args).await?, created_text)
        }
    }
}

async fn create(database: &DatabaseArgs, args: &CreateArgs) -> anyhow::Result<Created> {
    let org = organization_id(&args.org)?;
    let scopes = if args.scopes.is_empty() {
        Scopes::for_provisioning()
    } else {
        args.scopes.join(" ").parse()?
    };
    let house = House::open(&database.place()?).await?;
    let new = NewToken {
        org,
        name: args.name.clone(),
        owner: Owner::Operator,
        scopes,
        days: args.days,
    };
    let cause = house.ambient.cause(Actor::operator());
    let issued = house.access.create_token(&cause, new).await?;
    Ok(Created {
        id: issued.id.to_string(),
        token: Disclosed(issued.token),
        expires_at: issued.expires.to_string(),
    })
}

fn created_text(created: &Created) -> String {
    let lines = details(&[
        ("Token", created.token.0.expose().to_owned()),
        ("Expires", time(&created.expires_at)),
        ("Id", created.id.clone()),
    ]);
    lines + "The token is shown this once: keep it where secrets are kept.\n"
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
