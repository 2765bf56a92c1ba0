//! Who stands behind a request.

use base::{Actor, ActorKind, GrantId, OrgId, Timestamp, TokenId, UserId};

use crate::{Owner, Permission, Refusal, Role, Scopes};

/// The holder of a valid token.
#[derive(Debug, Clone)]
pub struct Principal {
    pub org: OrgId,
    pub token: TokenId,
    pub token_name: String,
    /// The person to whom the token belongs; nobody: the organization's operator account.
    pub owner: Option<UserId>,
    pub role: Role,
    pub scopes: Scopes,
    /// When the token expires; nothing: never.
    pub expires: Option<Timestamp>,
    /// What a client got the token under, if one did.
    pub grant: Option<GrantId>,
    /// The organization that the owner belongs to, if that is another one: then he or she is here as its partner.
    pub home: Option<OrgId>,
}

impl Principal {
    /// May they? See [`Permission`] for the table.
    pub fn may(&self, permission: Permission) -> Result<(), Refusal> {
        permission.judge(self.role, &self.scopes)?;
        if self.grant.is_some() && permission.outlives_its_token() {
            return Err(Refusal::Granted);
        }
        if self.home.is_some() && permission == Permission::ManagePartners {
            return Err(Refusal::Partner);
        }
        Ok(())
    }

    /// Whose rights what the principal makes is to have.
    pub fn as_owner(&self) -> Owner {
        match (self.owner, self.home) {
            (None, _) => Owner::Operator,
            (Some(user), None) => Owner::User(user),
            (Some(user), Some(_)) => Owner::Partner(user),
        }
    }

    /// How the principal appears in feed, events and logs.
    pub fn actor(&self) -> Actor {
        Actor::new(ActorKind::Token, self.token, self.token_name.clone())
    }
}
