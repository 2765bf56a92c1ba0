//! Who stands behind a request.

use base::{Actor, ActorKind, GrantId, OrgId, Timestamp, TokenId, UserId};

use crate::{Permission, Refusal, Role, Scopes};

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
}

impl Principal {
    /// May they? See [`Permission`] for the table.
    pub fn may(&self, permission: Permission) -> Result<(), Refusal> {
        permission.judge(self.role, &self.scopes)?;
        if self.grant.is_some() && permission.outlives_its_token() {
            return Err(Refusal::Granted);
        }
        Ok(())
    }

    /// How the principal appears in feed, events and logs.
    pub fn actor(&self) -> Actor {
        Actor::new(ActorKind::Token, self.token, self.token_name.clone())
    }
}
