//! Claiming: nobody comes to another organization of the server with an address of the domain, and nobody there gets one.
//! Whoever is there already stays, for that organization to deal with.

use base::{Cause, OrgId};
use store::{Tx, Write};

use super::{Domain, DomainError, event, held, refuse};
use crate::{Directory, Error};

/// What is to become of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Claimed,
    Released,
}

impl Directory {
    /// Claims a verified domain; one that is claimed stays so.
    pub async fn claim_domain(&self, cause: &Cause, org: OrgId, name: &str) -> Result<Domain, Error> {
        self.set_claim(cause, org, name, Wanted::Claimed).await
    }

    /// Gives the claim up; the domain stays verified.
    pub async fn release_domain(&self, cause: &Cause, org: OrgId, name: &str) -> Result<Domain, Error> {
        self.set_claim(cause, org, name, Wanted::Released).await
    }

    async fn set_claim(
        &self,
        cause: &Cause,
        org: OrgId,
        name: &str,
        wanted: Wanted,
    ) -> Result<Domain, Error> {
        let write = SetClaim {
            org,
            name: self.domain(org, name).await?.name,
            wanted,
            cause: cause.clone(),
        };
        Ok(self.store.write(write).await?)
    }
}

struct SetClaim {
    org: OrgId,
    name: String,
    wanted: Wanted,
    cause: Cause,
}

impl Write for SetClaim {
    type Out = Domain;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Domain, store::Error> {
        let (org, now) = (self.org, tx.ambient().now());
        let before = held(tx, org, &self.name).await?;
        let name = before.name.clone();
        let (claimed, event_type) = match (self.wanted, before.claimed) {
            (Wanted::Claimed, Some(_)) => return Ok(before),
            (Wanted::Claimed, None) if before.verified.is_none() => {
                return Err(refuse(DomainError::NotVerified { name }));
            }
            (Wanted::Claimed, None) => (Some(now), "domain_claim"),
            (Wanted::Released, None) => return Err(refuse(DomainError::NotClaimed { name })),
            (Wanted::Released, Some(_)) => (None, "domain_release"),
        };
        let after = Domain {
            claimed,
            ..before.clone()
        };
        store::domains::update(tx, org, &after).await?;
        store::domains::mark_claimed(tx, org, &name, claimed.is_some()).await?;
        event(event_type, org, Some(&before), Some(&after), &self.cause)
            .append(tx, org)
            .await?;
        Ok(after)
    }
}
