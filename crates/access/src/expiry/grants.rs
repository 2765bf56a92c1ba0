//! Of what people have allowed clients: it ends after a year however often it is used, and only they can allow it anew.

use base::expiry::{self, HORIZON, so_many};
use base::{Actor, Cause, GrantId, OrgId};
use serde_json::json;
use store::outbox::PUBLIC_URL;
use store::{Tx, Write};

use super::Letter;
use crate::issue::{LONGEST, event, to_be_renewed};
use crate::{Access, Error, GrantType, GrantTypes};

impl Access {
    pub(super) async fn warn_of_grants(&self, org: OrgId) -> Result<u64, Error> {
        let now = self.ambient.now();
        let began = (now - LONGEST, now + HORIZON - LONGEST);
        let lasting = store::grants::lasting(&mut self.store.reader(), org, began, now).await?;
        let mut warned = 0;
        for grant in lasting {
            let types: GrantTypes = grant
                .grant_types
                .parse()
                .map_err(|error| store::Error::internal(format!("a client's grants: {error}")))?;
            let ends = to_be_renewed(grant.created);
            let Some(days) = expiry::warning(ends, Some(grant.created), now) else {
                continue;
            };
            if !types.contains(GrantType::RefreshToken) {
                continue;
            }
            let name = grant.client_name;
            let write = Warn {
                org,
                id: grant.id,
                days,
                told: json!({ "name": name, "expires_at": ends, "days": days }),
                letter: Letter {
                    recipients: self
                        .recipients(grant.home.unwrap_or(org), Some(grant.user))
                        .await?,
                    subject: format!("What {name} may do in your name ends within {}", so_many(days)),
                    text: format!(
                        "You have let {name} act in your name. That ends on {}; after that it has to be let in anew.\n\n\
                         Do so first: sign in again there, or connect it again.\n\n\
                         Whom you have let in:\n{PUBLIC_URL}/account\n",
                        ends.to_minute()
                    ),
                },
                cause: self.ambient.cause(Actor::system()),
            };
            warned += u64::from(self.store.write(write).await?);
        }
        Ok(warned)
    }
}

struct Warn {
    org: OrgId,
    id: GrantId,
    days: u32,
    /// By its event.
    told: serde_json::Value,
    letter: Letter,
    cause: Cause,
}

impl Write for Warn {
    type Out = bool;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, store::Error> {
        if !store::grants::warn(tx, self.org, self.id, self.days).await? {
            return Ok(false);
        }
        let event = event("oauth_grant_expiry", self.id, &self.told);
        store::events::append(tx, self.org, &event, &self.cause).await?;
        self.letter.post(tx, self.org, &self.cause).await?;
        Ok(true)
    }
}
