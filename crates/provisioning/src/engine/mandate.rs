//! What may be sent for a person: anything that is planned, nothing by which an account goes, nothing but what was
//! approved, or nothing at all.

use base::Message;
use store::Query;
use store::lanes::{Judged, Lease};

use super::claim::Mode;
use super::config::Config;
use super::source::Source;
use crate::error::Error;
use crate::plan::Plan;
use crate::plans::item::{self, Basis};
use crate::provisioning::Provisioning;

/// What may be sent.
#[derive(Debug)]
pub(crate) enum Mandate {
    /// Whatever is planned.
    Free,
    /// Whatever is planned, as long as no account goes by it.
    Harmless,
    /// This, and nothing else.
    Exactly { digest: String, basis: Basis },
    /// What was approved may not be carried out any more.
    Over,
    /// Nothing: it is gathered for approval.
    Nothing,
}

/// Why something may not be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Denied {
    /// What was approved is no longer what is to be done; the message says why.
    Stale(Message),
    /// It is to be gathered for approval.
    Gather,
    /// An account would go, and that it may was not judged.
    Suspect,
}

impl Mandate {
    pub(crate) async fn read(
        q: &mut impl Query,
        config: &Config,
        lease: &Lease,
        mode: Mode,
    ) -> Result<Self, Error> {
        if let Some(plan) = lease.plan {
            let Config { org, app, .. } = *config;
            let approved = store::plan_items::approved(q, org, app, plan, lease.subject).await?;
            match approved {
                Some(approved) if approved.until <= config.target.ambient().now() => return Ok(Self::Over),
                Some(approved) => {
                    return Ok(Self::Exactly {
                        digest: approved.digest,
                        basis: Basis::read(&approved.basis)?,
                    });
                }
                None => {}
            }
        }
        Ok(match (mode, lease.judged) {
            (Mode::Gather, _) => Self::Nothing,
            (Mode::Free, _) | (Mode::Judged, Judged::Counted) => Self::Free,
            (Mode::Judged, _) => Self::Harmless,
        })
    }

    /// Whether a plan may be carried out.
    pub(crate) fn allows(
        &self,
        provisioning: &Provisioning,
        config: &Config,
        source: &Source,
        plan: &Plan,
    ) -> Result<(), Denied> {
        match self {
            Self::Harmless if plan.is_destructive(config.mappings.active()) => Err(Denied::Suspect),
            Self::Free | Self::Harmless => Ok(()),
            Self::Nothing => Err(Denied::Gather),
            Self::Over => Err(Denied::Stale(Message::new("plan.stale_expired"))),
            Self::Exactly { digest, basis } => {
                if item::digest(&provisioning.fingerprinter, config.org, plan) == *digest {
                    return Ok(());
                }
                let now = Basis::new(source, config.version, plan.target.as_deref());
                Err(Denied::Stale(basis.stale(&now)))
            }
        }
    }
}
