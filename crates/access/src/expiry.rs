//! Warnings before a token of ours expires: an event, and a mail to whose it is.

use std::time::Duration;

use base::{Actor, Cause, OrgId, Timestamp, TokenId, UserId, expiry};
use serde_json::json;
use store::outbox::Draft;
use store::{Tx, Write};

use crate::{Access, Error, Role, tokens};

/// Nothing is warned of earlier.
const HORIZON: Duration = Duration::from_hours(24 * 31);

impl Access {
    /// Warns of every token that expires within thirty, fourteen, seven days or one, each time once; says of how many. The
    /// mail goes to the token's owner; for the operator account's to every active full administrator.
    pub async fn warn_of_expiry(&self, org: OrgId) -> Result<u64, Error> {
        let now = self.ambient.now();
        let soon = store::tokens::expiring(&mut self.store.reader(), org, (now, now + HORIZON)).await?;
        let mut warned = 0;
        for token in soon {
            let Some(expires) = token.expires else { continue };
            let Some(days) = expiry::warning(expires, Some(token.created), now) else {
                continue;
            };
            let write = Warn {
                org,
                id: token.id,
                recipients: self
                    .recipients(token.owner_home.unwrap_or(org), token.owner)
                    .await?,
                name: token.name,
                expires,
                days,
                cause: self.ambient.cause(Actor::system()),
            };
            warned += u64::from(self.store.write(write).await?);
        }
        Ok(warned)
    }

    async fn recipients(&self, org: OrgId, owner: Option<UserId>) -> Result<Vec<String>, Error> {
        let mut reader = self.store.reader();
        let people = match owner {
            Some(owner) => vec![owner],
            None => store::roles::holders(&mut reader, org, Role::FullAdmin.name()).await?,
        };
        let people = store::users::by_ids(&mut reader, org, &people).await?;
        Ok(people
            .iter()
            .filter(|person| person.active)
            .filter_map(|person| {
                let resource = serde_json::from_str(&person.doc).ok()?;
                directory::email(&resource).map(str::to_owned)
            })
            .collect())
    }
}

struct Warn {
    org: OrgId,
    id: TokenId,
    name: String,
    expires: Timestamp,
    days: u32,
    recipients: Vec<String>,
    cause: Cause,
}

impl Warn {
    fn letter(&self) -> (String, String) {
        let Self {
            org,
            name,
            expires,
            days,
            ..
        } = self;
        let unit = if *days == 1 { "day" } else { "days" };
        let text = format!(
            "The token {name} expires on {}. After that whoever uses it is let in no more.\n\n\
             Make a new one first:  instep token create --org {org} --name {name:?} --scope SCOPE\n\
             Which there are:       instep token list --org {org}\n",
            expires.to_minute()
        );
        (format!("The token {name} expires within {days} {unit}"), text)
    }
}

impl Write for Warn {
    type Out = bool;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, store::Error> {
        if !store::tokens::warn(tx, self.org, self.id, self.days).await? {
            return Ok(false);
        }
        let told = json!({ "name": self.name, "expires_at": self.expires, "days": self.days });
        tokens::tell(tx, self.org, "token_expiry", self.id, &told, &self.cause).await?;
        let (subject, text) = self.letter();
        for recipient in &self.recipients {
            let draft = Draft {
                recipient: recipient.clone(),
                subject: subject.clone(),
                text: text.clone(),
            };
            store::outbox::insert(tx, self.org, &draft, &self.cause).await?;
        }
        Ok(true)
    }
}
