//! Of tokens, but for those that clients got: these know how to get the next one.

use base::expiry::{self, HORIZON, so_many};
use base::{Actor, Cause, OrgId, TokenId};
use serde_json::json;
use store::outbox::PUBLIC_URL;
use store::tokens::Token;
use store::{Tx, Write};

use super::Letter;
use crate::{Access, Error, tokens};

impl Access {
    pub(super) async fn warn_of_tokens(&self, org: OrgId) -> Result<u64, Error> {
        let now = self.ambient.now();
        let soon = store::tokens::expiring(&mut self.store.reader(), org, (now, now + HORIZON)).await?;
        let mut warned = 0;
        for token in soon {
            let Some(expires) = token.expires else { continue };
            let Some(days) = expiry::warning(expires, Some(token.created), now) else {
                continue;
            };
            let recipients = self
                .recipients(token.owner_home.unwrap_or(org), token.owner)
                .await?;
            let write = Warn {
                org,
                id: token.id,
                days,
                told: json!({ "name": token.name, "expires_at": expires, "days": days }),
                letter: Letter {
                    recipients,
                    subject: format!("The token {} expires within {}", token.name, so_many(days)),
                    text: format!(
                        "The token {} expires on {}. After that whoever uses it is let in no more.\n\n{}",
                        token.name,
                        expires.to_minute(),
                        next_one(&token)
                    ),
                },
                cause: self.ambient.cause(Actor::system()),
            };
            warned += u64::from(self.store.write(write).await?);
        }
        Ok(warned)
    }
}

/// How to get another one: whoever has a token by signing in has no command line on the server.
fn next_one(token: &Token) -> String {
    let Token { org, id, .. } = token;
    if token.owner.is_none() {
        return format!(
            "Replace it first:  instep token roll --org {org} {id}\n\
             Which there are:   instep token list --org {org}\n"
        );
    }
    let place = match token.owner_home {
        Some(_) => format!("{PUBLIC_URL}/account/token?organization={org}"),
        None => format!("{PUBLIC_URL}/account/token"),
    };
    format!(
        "Replace it first; for a week both are good:\n{PUBLIC_URL}/account\n\n\
         Or make another one, there or in the way in which you got this one:\n{place}\n"
    )
}

struct Warn {
    org: OrgId,
    id: TokenId,
    days: u32,
    /// By its event.
    told: serde_json::Value,
    letter: Letter,
    cause: Cause,
}

impl Write for Warn {
    type Out = bool;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, store::Error> {
        if !store::tokens::warn(tx, self.org, self.id, self.days).await? {
            return Ok(false);
        }
        tokens::tell(tx, self.org, "token_expiry", self.id, &self.told, &self.cause).await?;
        self.letter.post(tx, self.org, &self.cause).await?;
        Ok(true)
    }
}
