//! Warnings before certificates of identity providers end. (Of our own it is warned where our keys are kept.)

use base::expiry::{self, HORIZON, so_many};
use base::{Actor, Cause, IdentityProviderId, OrgId, Timestamp};
use serde_json::json;
use store::outbox::{Draft, PUBLIC_URL};
use store::sso::certificates;
use store::{Tx, Write};

use super::Error;
use crate::Federation;
use crate::event::{Told, tell};

impl Federation {
    /// Warns of every certificate of an identity provider that ends within thirty, fourteen, seven days or one, and that no
    /// other one outlasts: an event, and a mail to every active full administrator, each once. Says of how many.
    pub async fn warn_of_provider_certificates(&self, org: OrgId) -> Result<u64, Error> {
        let now = self.ambient().now();
        let soon = certificates::expiring(&mut self.store.reader(), org, (now, now + HORIZON)).await?;
        let mut warned = 0;
        for certificate in soon {
            let Some(days) = expiry::warning(certificate.expires, Some(certificate.added), now) else {
                continue;
            };
            let Some(provider) = self.provider_by_id(org, certificate.provider).await? else {
                continue;
            };
            let is_outlasted = provider
                .certificates
                .iter()
                .any(|other| other.not_after() > certificate.expires && other.is_valid_at(now));
            if is_outlasted {
                continue;
            }
            let write = Warn {
                org,
                provider: provider.id,
                name: provider.name,
                fingerprint: certificate.fingerprint,
                expires: certificate.expires,
                days,
                recipients: self.directory.administrators(org).await?,
                cause: self.ambient().cause(Actor::system()),
            };
            warned += u64::from(self.store.write(write).await?);
        }
        Ok(warned)
    }
}

struct Warn {
    org: OrgId,
    provider: IdentityProviderId,
    name: String,
    fingerprint: Vec<u8>,
    expires: Timestamp,
    days: u32,
    recipients: Vec<String>,
    cause: Cause,
}

impl Write for Warn {
    type Out = bool;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, store::Error> {
        let (org, which) = (self.org, (self.provider, self.fingerprint.as_slice()));
        if !certificates::warn(tx, org, which, self.days).await? {
            return Ok(false);
        }
        let told = Told {
            more: json!({ "expires_at": self.expires, "days": self.days }),
            ..Told::new(
                "sso_certificate_expiry",
                "sso_provider",
                self.provider,
                &self.name,
            )
        };
        tell(tx, org, &told, &[], &self.cause).await?;
        for recipient in &self.recipients {
            let draft = Draft {
                recipient: recipient.clone(),
                subject: format!(
                    "The certificate of {} ends within {}",
                    self.name,
                    so_many(self.days)
                ),
                text: format!(
                    "The certificate by which {name} signs for your people ends on {end}. Get the next one from {name} and add \
                     it beside this one, before anything is signed with it:\n\n  instep sso provider certificate add \"{name}\" \
                     FILE\n\nThe server: {PUBLIC_URL}\n",
                    name = self.name,
                    end = self.expires.to_minute(),
                ),
            };
            store::outbox::insert(tx, org, &draft, &self.cause).await?;
        }
        Ok(true)
    }
}
