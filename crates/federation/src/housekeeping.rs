//! What is done now and then: saying that another key signs, warning of certificates that end, forgetting what was good once.

use base::expiry::{self, HORIZON, so_many};
use base::{Actor, Cause, OrgId, SamlKeyId, Timestamp};
use serde_json::json;
use store::outbox::{Draft, PUBLIC_URL};
use store::saml_keys::Owner;
use store::{Tx, Write};

use crate::event::{Told, tell};
use crate::keys::{KIND, owner_name};
use crate::{Error, Federation};

/// Rows forgotten in one transaction. Others write in between.
const BATCH: u32 = 500;

impl Federation {
    /// Tells of every key that has begun to sign on its date, each once; says of how many.
    pub async fn announce_keys(&self, org: OrgId) -> Result<u64, Error> {
        let now = self.ambient().now();
        let mut announced = 0;
        for key in store::saml_keys::begun(&mut self.store.reader(), org, now).await? {
            let write = Announce {
                org,
                id: key.id,
                owner: key.owner,
                since: key.active_from.unwrap_or(now),
                cause: self.ambient().cause(Actor::system()),
            };
            announced += u64::from(self.store.write(write).await?);
        }
        Ok(announced)
    }

    /// Warns of every key whose certificate ends within thirty, fourteen, seven days or one, and that signs or is to sign:
    /// an event, and a mail to every active full administrator, each once. Says of how many.
    pub async fn warn_of_certificates(&self, org: OrgId) -> Result<u64, Error> {
        let now = self.ambient().now();
        let soon = store::saml_keys::expiring(&mut self.store.reader(), org, (now, now + HORIZON)).await?;
        let mut warned = 0;
        for key in soon {
            let Some(days) = expiry::warning(key.expires, Some(key.created), now) else {
                continue;
            };
            if !self
                .keys(org, key.owner)
                .await?
                .iter()
                .any(|one| one.id == key.id && one.is_needed())
            {
                continue;
            }
            let write = Warn {
                org,
                id: key.id,
                days,
                owner: key.owner,
                expires: key.expires,
                recipients: self.directory.administrators(org).await?,
                cause: self.ambient().cause(Actor::system()),
            };
            warned += u64::from(self.store.write(write).await?);
        }
        Ok(warned)
    }

    /// Forgets what was good once and would be refused for its age by now.
    pub async fn forget_used(&self, org: OrgId) -> Result<u64, Error> {
        let now = self.ambient().now();
        let mut total = 0;
        loop {
            let gone = self.store.write(Forget { org, now }).await?;
            total += gone;
            if gone < u64::from(BATCH) {
                return Ok(total);
            }
        }
    }
}

struct Announce {
    org: OrgId,
    id: SamlKeyId,
    owner: Owner,
    since: Timestamp,
    cause: Cause,
}

impl Write for Announce {
    type Out = bool;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, store::Error> {
        if !store::saml_keys::announce(tx, self.org, self.id).await? {
            return Ok(false);
        }
        let name = owner_name(tx, self.org, self.owner).await?;
        let told = Told::new("saml_key_promote", KIND, self.id, &name);
        let change = ("active_from", json!(null), json!(self.since));
        tell(tx, self.org, &told, &[change], &self.cause).await?;
        Ok(true)
    }
}

struct Warn {
    org: OrgId,
    id: SamlKeyId,
    days: u32,
    owner: Owner,
    expires: Timestamp,
    recipients: Vec<String>,
    cause: Cause,
}

impl Write for Warn {
    type Out = bool;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, store::Error> {
        if !store::saml_keys::warn(tx, self.org, self.id, self.days).await? {
            return Ok(false);
        }
        let name = owner_name(tx, self.org, self.owner).await?;
        let told = Told {
            more: json!({ "expires_at": self.expires, "days": self.days }),
            ..Told::new("saml_key_expiry", KIND, self.id, &name)
        };
        tell(tx, self.org, &told, &[], &self.cause).await?;
        for recipient in &self.recipients {
            let draft = Draft {
                recipient: recipient.clone(),
                subject: format!("A SAML certificate of {name} ends within {}", so_many(self.days)),
                text: format!(
                    "The certificate by which {name} signs SAML messages ends on {}. After that the other side may let nobody \
                     in.\n\nMake the next key, give the other side its certificate, and let the key sign from a date on:\n{}\n\n\
                     The server: {PUBLIC_URL}\n",
                    self.expires.to_minute(),
                    match self.owner {
                        Owner::App(app) => format!("instep app sso key add {app}"),
                        Owner::ServiceProvider => "instep sso key add".to_owned(),
                    }
                ),
            };
            store::outbox::insert(tx, self.org, &draft, &self.cause).await?;
        }
        Ok(true)
    }
}

struct Forget {
    org: OrgId,
    now: Timestamp,
}

impl Write for Forget {
    type Out = u64;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<u64, store::Error> {
        store::saml_once::prune(tx, self.org, self.now, BATCH).await
    }
}
