//! `instep token`: bearer tokens, in the database itself.

use access::{NewToken, Owner, Replacement, Scopes, TokenView};
use base::Actor;
use clap::{Args, Subcommand};
use serde::Serialize;

use super::database::DatabaseArgs;
use super::org::organization_id;
use crate::confirm::confirm;
use crate::output::{Output, details, table, time};
use crate::secrets::Disclosed;
use crate::wiring::House;

/// Makes, lists and revokes the tokens that programs use to speak to the server
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
    /// Lists an organization's tokens, also those that open nothing any more
    List {
        /// The organization's id
        #[arg(long, value_name = "ID")]
        org: String,
    },
    /// Makes a token in the place of another one and prints it, this once
    ///
    /// It has the same name and scopes. Both are good for a while, so that whoever uses it can be given the new one. Tokens of
    /// people are replaced by them, at /account.
    Roll {
        /// The organization's id
        #[arg(long, value_name = "ID")]
        org: String,
        /// The token's id, as `token list` shows it
        token: String,
        /// How long the one before is good yet, up to 720; 0: it ends now
        #[arg(long, value_name = "HOURS", default_value_t = access::USUAL_OVERLAP_HOURS)]
        overlap_hours: u32,
        /// How many days the new one lives
        #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u32).range(1..=3650))]
        days: u32,
    },
    /// Revokes a token: from then on it opens nothing
    Revoke {
        /// The organization's id
        #[arg(long, value_name = "ID")]
        org: String,
        /// The token's id, as `token list` shows it
        token: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
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

/// What `token roll` answers.
#[derive(Debug, Serialize)]
struct Rolled {
    id: String,
    token: Disclosed,
    expires_at: String,
    former_expires_at: String,
}

pub(crate) async fn run(args: TokenArgs, output: Output) -> anyhow::Result<()> {
    match &args.command {
        TokenCommand::Create(create_args) => {
            output.value(&create(&args.database, create_args).await?, created_text)
        }
        TokenCommand::List { org } => {
            let tokens = list(&args.database, org).await?;
            output.value(&tokens, |tokens| list_text(tokens))
        }
        TokenCommand::Roll {
            org,
            token,
            overlap_hours,
            days,
        } => {
            let rolled = roll(&args.database, org, token, (*overlap_hours, *days)).await?;
            output.value(&rolled, rolled_text)
        }
        TokenCommand::Revoke { org, token, yes } => {
            let revoked = revoke(&args.database, org, token, *yes).await?;
            output.value(&revoked, |token| format!("Revoked the token {}.\n", token.name))
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

/// A token as it is listed.
#[derive(Debug, Serialize)]
struct Listed {
    id: String,
    name: String,
    state: &'static str,
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

impl From<TokenView> for Listed {
    fn from(token: TokenView) -> Self {
        let written = |time: Option<base::Timestamp>| time.map(|time| time.to_string());
        Self {
            id: token.id.to_string(),
            name: token.name,
            state: token.standing.as_str(),
            owner: token
                .owner
                .map(|(id, name)| name.unwrap_or_else(|| id.to_string())),
            scopes: token.scopes,
            created_at: token.created.to_string(),
            expires_at: written(token.expires),
            warning: token.warning,
            last_used_at: written(token.last_used),
            revoked_at: written(token.revoked),
        }
    }
}

async fn list(database: &DatabaseArgs, org: &str) -> anyhow::Result<Vec<Listed>> {
    const PAGE: u32 = 500;
    let org = organization_id(org)?;
    let house = House::open(&database.place()?).await?;
    // An organization that is not there is an error, and no empty list.
    house.directory.organization(org).await?;
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = house.access.tokens(org, after, PAGE).await?;
        after = page.last().map(|token| token.id);
        let full = page.len() >= PAGE as usize;
        all.extend(page.into_iter().map(Listed::from));
        if !full {
            return Ok(all);
        }
    }
}

async fn roll(
    database: &DatabaseArgs,
    org: &str,
    token: &str,
    (overlap_hours, days): (u32, u32),
) -> anyhow::Result<Rolled> {
    let org = organization_id(org)?;
    let id = token.parse().map_err(|_| unknown(token))?;
    let house = House::open(&database.place()?).await?;
    let wanted = Replacement {
        org,
        token: id,
        owner: Owner::Operator,
        overlap_hours,
        days,
    };
    let cause = house.ambient.cause(Actor::operator());
    let replaced = house
        .access
        .replace_token(&cause, wanted)
        .await
        .map_err(|error| match error {
            access::Error::UnknownToken => unknown(token),
            access::Error::OthersToken => anyhow::anyhow!(
                "it is somebody's own: its owner replaces it at /account, and `instep token revoke` ends it"
            ),
            other => other.into(),
        })?;
    Ok(Rolled {
        id: replaced.issued.id.to_string(),
        token: Disclosed(replaced.issued.token),
        expires_at: replaced.issued.expires.to_string(),
        former_expires_at: replaced.former_expires.to_string(),
    })
}

fn unknown(token: &str) -> anyhow::Error {
    anyhow::anyhow!("{token:?} is none of the organization's tokens: `instep token list` shows their ids")
}

async fn revoke(database: &DatabaseArgs, org: &str, token: &str, yes: bool) -> anyhow::Result<Listed> {
    let org = organization_id(org)?;
    let id = token.parse().map_err(|_| unknown(token))?;
    let house = House::open(&database.place()?).await?;
    let found = house.access.token(org, id).await.map_err(|error| match error {
        access::Error::UnknownToken => unknown(token),
        other => other.into(),
    })?;
    let question = format!(
        "Revoke the token {}? Whoever uses it is let in no more.",
        found.name
    );
    confirm(yes.into(), &question)?;
    let cause = house.ambient.cause(Actor::operator());
    Ok(house.access.revoke_token(&cause, org, id).await?.into())
}

fn list_text(tokens: &[Listed]) -> String {
    let when = |at: &Option<String>| at.as_deref().map_or_else(String::new, time);
    let row = |token: &Listed| {
        [
            token.id.clone(),
            token.name.clone(),
            token.state.to_owned(),
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
