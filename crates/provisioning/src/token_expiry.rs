//! Warnings before a target stops taking a token: thirty, fourteen, seven days and one day ahead, each once.

use base::{Actor, ActorKind, AppId, Cause, OrgId, Timestamp, expiry};
use store::{Tx, Write};

use crate::announcements::{Announcement, announce};
use crate::error::Error;
use crate::provisioning::Provisioning;

const REASON: &str = "token_expiry";

impl Provisioning {
    /// Warns of every token that expires soon and was not yet warned of; says of how many.
    pub async fn warn_of_expiry(&self, org: OrgId) -> Result<u64, Error> {
        let now = self.ambient().now();
        let mut warned = 0;
        for app in store::apps::all(&mut self.reader(), org).await? {
            let Some(expires) = app.credentials_expire else {
                continue;
            };
            let Some(days) = expiry::warning(expires, None, now) else {
                continue;
            };
            let write = Warn {
                org,
                app: app.id,
                cause: self
                    .ambient()
                    .cause(Actor::new(ActorKind::App, app.id, &app.name)),
                name: app.name,
                expires,
                days,
            };
            warned += u64::from(self.store.write(write).await?);
        }
        Ok(warned)
    }
}

struct Warn {
    org: OrgId,
    app: AppId,
    name: String,
    expires: Timestamp,
    days: u32,
    cause: Cause,
}

impl Write for Warn {
    type Out = bool;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, store::Error> {
        let (at, days) = (self.expires, self.days);
        let key = format!("{at} {days}");
        if !store::notices::raise(tx, self.org, self.app, REASON, &key).await? {
            return Ok(false);
        }
        let expires = Announcement::TokenExpires { at, days };
        announce(tx, self.org, (self.app, &self.name), &expires, &self.cause).await?;
        Ok(true)
    }
}
