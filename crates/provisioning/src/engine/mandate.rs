//! What may be sent for a person: anything that is planned, or nothing but what was approved.

use base::Message;
use store::Query;
use store::lanes::Lease;

use super::config::Config;
use super::resolve::Source;
use crate::error::Error;
use crate::plan::Plan;
use crate::plans::item::{self, Basis};
use crate::provisioning::Provisioning;

/// What may be sent.
#[derive(Debug)]
pub(crate) enum Mandate {
    /// Whatever is planned.
    Free,
    /// This, and nothing else.
    Exactly { digest: String, basis: Basis },
    /// What was approved may not be carried out any more.
    Over,
}

impl Mandate {
    /// What an approved plan allows, if the lane stands in one.
    pub(crate) async fn read(q: &mut impl Query, config: &Config, lease: &Lease) -> Result<Self, Error> {
        let Some(plan) = lease.plan else {
            return Ok(Self::Free);
        };
        let Config { org, app, .. } = *config;
        let approved = store::plan_items::approved(q, org, app, plan, lease.subject).await?;
        Ok(match approved {
            None => Self::Free,
            Some(approved) if approved.until <= config.target.ambient().now() => Self::Over,
            Some(approved) => Self::Exactly {
                digest: approved.digest,
                basis: Basis::read(&approved.basis)?,
            },
        })
    }

    /// Whether a plan may be carried out; if not, why.
    pub(crate) fn allows(
        &self,
        provisioning: &Provisioning,
        config: &Config,
        source: &Source,
        plan: &Plan,
    ) -> Result<(), Message> {
        match self {
            Self::Free => Ok(()),
            Self::Over => Err(Message::new("plan.stale_expired")),
            Self::Exactly { digest, basis } => {
                if item::digest(&provisioning.fingerprinter, config.org, plan) == *digest {
                    return Ok(());
                }
                let now = Basis::new(source, config.version, plan.target.as_deref());
                Err(basis.stale(&now))
            }
        }
    }
}
