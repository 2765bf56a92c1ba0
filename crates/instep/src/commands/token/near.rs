//! Tokens in the database itself.

use access::{NewToken, Owner, Replacement, Scopes, TokenView};
use base::Actor;

use super::{CreateArgs, Created, Listed, RollArgs, Rolled, question};
use crate::commands::database::DatabaseArgs;
use crate::commands::org::organization_id;
use crate::confirm::confirm;
use crate::secrets::Disclosed;
use crate::wiring::House;

pub(super) async fn create(database: &DatabaseArgs, org: &str, args: &CreateArgs) -> anyhow::Result<Created> {
    let org = organization_id(org)?;
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

impl From<TokenView> for Listed {
    fn from(token: TokenView) -> Self {
        let written = |time: Option<base::Timestamp>| time.map(|time| time.to_string());
        Self {
            id: token.id.to_string(),
            name: token.name,
            state: token.standing.as_str().to_owned(),
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

pub(super) async fn list(database: &DatabaseArgs, org: &str) -> anyhow::Result<Vec<Listed>> {
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

pub(super) async fn roll(database: &DatabaseArgs, org: &str, args: &RollArgs) -> anyhow::Result<Rolled> {
    let (org, token) = (organization_id(org)?, &args.which);
    let wanted = Replacement {
        org,
        token: token.parse().map_err(|_| unknown(token))?,
        owner: Owner::Operator,
        overlap_hours: args.overlap_hours,
        days: args.days,
    };
    let house = House::open(&database.place()?).await?;
    let cause = house.ambient.cause(Actor::operator());
    let replaced = house.access.replace_token(&cause, wanted).await;
    let replaced = replaced.map_err(|error| match error {
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

pub(super) async fn revoke(
    database: &DatabaseArgs,
    org: &str,
    token: &str,
    yes: bool,
) -> anyhow::Result<Listed> {
    let org = organization_id(org)?;
    let id = token.parse().map_err(|_| unknown(token))?;
    let house = House::open(&database.place()?).await?;
    let found = house.access.token(org, id).await.map_err(|error| match error {
        access::Error::UnknownToken => unknown(token),
        other => other.into(),
    })?;
    confirm(yes.into(), &question(&found.name))?;
    let cause = house.ambient.cause(Actor::operator());
    Ok(house.access.revoke_token(&cause, org, id).await?.into())
}
