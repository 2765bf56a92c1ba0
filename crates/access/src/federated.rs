//! Somebody for whom an identity provider vouches: in the place of a password.
//!
//! A second factor of ours is asked for as behind a password, unless the organization trusts that of the identity provider.

use base::{OrgId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::{Access, Candidate, Error, Evidence};

/// What an identity provider has said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Federated {
    /// What is kept with the session: JSON, which nobody in here reads.
    pub vouched: String,
    /// When the person was authenticated.
    pub authenticated: Timestamp,
    /// Until when the word holds.
    pub until: Option<Timestamp>,
    /// The identity provider is believed to have asked for a second factor.
    pub trusts_second_factor: bool,
}

impl Candidate {
    /// Has the candidate a second factor, and still to show it?
    pub fn owes_factor(&self) -> bool {
        self.factors.any() && self.evidence == Evidence::Password && !self.is_trusted()
    }

    /// Is the second factor that of the identity provider, so that none of ours is asked for?
    pub fn is_trusted(&self) -> bool {
        self.federated
            .as_ref()
            .is_some_and(|federated| federated.trusts_second_factor)
    }
}

impl Access {
    /// Somebody for whom an identity provider has vouched a moment ago, as of now; over if he or she is disabled.
    pub async fn federated_candidate(
        &self,
        org: OrgId,
        user: UserId,
        federated: Federated,
    ) -> Result<Candidate, Error> {
        let mut reader = self.store.reader();
        let person = store::users::by_id(&mut reader, org, user).await?;
        let person = person.filter(|person| person.active).ok_or(Error::SignInOver)?;
        let organization = store::organizations::by_id(&mut reader, org).await?;
        Ok(Candidate {
            org,
            org_name: organization.ok_or(Error::SignInOver)?.name,
            user,
            user_name: person.user_name,
            role: self.role_of(org, user).await?,
            must_change: false,
            password_set: Timestamp::default(),
            address: String::new(),
            factors: self.factors(org, user).await?,
            evidence: Evidence::Password,
            federated: Some(federated),
        })
    }
}
