//! Warnings before a target stops taking a token: thirty, fourteen, seven days and one day ahead, each once.

use std::time::Duration;

use base::{Actor, ActorKind, AppId, Cause, OrgId, Timestamp};
use store::{Tx, Write};

use crate::announcements::{Announcement, announce};
use crate::error::Error;
use crate::provisioning::Provisioning;

/// In days, the last warning first.
const AHEAD: [u32; 4] = [1, 7, 14, 30];
const REASON: &str = "token_expiry";

/// Which warning is due: of those whose time has come, the last.
fn due(expires: Timestamp, now: Timestamp) -> Option<u32> {
    let ahead = |days: &u32| now + Duration::from_hours(24 * u64::from(*days)) >= expires;
    AHEAD.into_iter().find(ahead).filter(|_| now < expires)
}

impl Provisioning {
    /// Warns of every token that expires soon and was not yet warned of; says of how many.
    pub async fn warn_of_expiry(&self, org: OrgId) -> Result<u64, Error> {
        let now = self.ambient().now();
        let mut warned = 0;
        for app in store::apps::all(&mut self.reader(), org).await? {
            let Some(expires) = app.credentials_expire else {
                continue;
            };
            let Some(days) = due(expires, now) else {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_warning_whose_time_has_come() {
        let expires = Timestamp::default() + Duration::from_hours(24 * 100);
        for (hours_before, expected) in [
            (24 * 31, None),
            (24 * 30, Some(30)),
            (24 * 15, Some(30)),
            (24 * 14, Some(14)),
            (24 * 7, Some(7)),
            (25, Some(7)),
            (24, Some(1)),
            (1, Some(1)),
            (0, None),
        ] {
            let now = expires - Duration::from_hours(hours_before);
            assert_eq!(due(expires, now), expected, "{hours_before}");
        }
    }
}
