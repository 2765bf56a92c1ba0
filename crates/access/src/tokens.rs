//! The tokens of an organization: what admins see of them, and their end.

use base::{Actor, Cause, GrantId, OrgId, Timestamp, TokenId, UserId, expiry};
use serde_json::{Value, json};
use store::events::{NewEvent, Outcome};
use store::tokens::Token;
use store::{Lock, StoredId as _, Tx, Write};

use crate::{Access, Error};

/// A token as admins see it; neither it nor its hash is in here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenView {
    pub id: TokenId,
    pub name: String,
    /// Whose rights it carries, with the userName of somebody who is still there; none for the organization's operator
    /// account.
    pub owner: Option<(UserId, Option<String>)>,
    /// The organization that the owner belongs to, if that is another one.
    pub owner_home: Option<OrgId>,
    pub scopes: Vec<String>,
    pub created: Timestamp,
    pub created_by: Actor,
    pub expires: Option<Timestamp>,
    pub revoked: Option<Timestamp>,
    /// To five minutes.
    pub last_used: Option<Timestamp>,
    pub standing: Standing,
    /// So many days ahead of its end is the warning whose time has come, of one that somebody has to replace.
    pub warning: Option<u32>,
    /// What a client got it under.
    pub grant: Option<GrantId>,
}

/// Whether a token opens anything now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Active,
    Expired,
    Revoked,
    /// Its owner is disabled or gone.
    Orphaned,
}

impl Standing {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::Orphaned => "orphaned",
        }
    }
}

impl Access {
    /// A page of the organization's tokens, the oldest first, also of those that open nothing any more.
    pub async fn tokens(
        &self,
        org: OrgId,
        after: Option<TokenId>,
        limit: u32,
    ) -> Result<Vec<TokenView>, Error> {
        let page = store::tokens::page(&mut self.store.reader(), org, after, limit).await?;
        Ok(page.into_iter().map(|token| self.view(token)).collect())
    }

    pub async fn token(&self, org: OrgId, id: TokenId) -> Result<TokenView, Error> {
        let found = store::tokens::by_id(&mut self.store.reader(), org, id).await?;
        found.map(|token| self.view(token)).ok_or(Error::UnknownToken)
    }

    /// Ends a token's validity, at once and on every server; one that was revoked before stays as it is. What a client got
    /// ends together with its grant: the other tokens that came of it, and its refresh token.
    pub async fn revoke_token(&self, cause: &Cause, org: OrgId, id: TokenId) -> Result<TokenView, Error> {
        let token = self.token(org, id).await?;
        let write = Revoke {
            org,
            id,
            grant: token.grant,
            name: token.name,
            cause: cause.clone(),
        };
        self.store.write(write).await?;
        self.token(org, id).await
    }

    pub(crate) fn view(&self, token: Token) -> TokenView {
        let now = self.ambient.now();
        let standing = if token.revoked.is_some() {
            Standing::Revoked
        } else if token.expires.is_some_and(|at| at <= now) {
            Standing::Expired
        } else if token.owner.is_some() && !token.owner_active {
            Standing::Orphaned
        } else {
            Standing::Active
        };
        let is_replaced_by_hand = standing == Standing::Active && token.grant.is_none();
        let expires = token.expires.filter(|_| is_replaced_by_hand);
        let warning = expires.and_then(|at| expiry::warning(at, Some(token.created), now));
        let name = token.owner_name;
        TokenView {
            id: token.id,
            name: token.name,
            owner: token.owner.map(|id| (id, name)),
            owner_home: token.owner_home,
            scopes: token.scopes.split_whitespace().map(str::to_owned).collect(),
            created: token.created,
            created_by: token.actor,
            expires: token.expires,
            revoked: token.revoked,
            last_used: token.last_used,
            standing,
            warning,
            grant: token.grant,
        }
    }
}

/// Writes an event of a token, in the transaction of what it tells of.
pub(crate) async fn tell(
    tx: &mut Tx<'_>,
    org: OrgId,
    event_type: &str,
    id: TokenId,
    detail: &Value,
    cause: &Cause,
) -> Result<(), store::Error> {
    let event = NewEvent {
        event_type: event_type.to_owned(),
        outcome: Outcome::Succeeded,
        resource_kind: "token".to_owned(),
        resource_id: Some(id.stored()),
        doc: detail.to_string(),
    };
    store::events::append(tx, org, &event, cause).await.map(drop)
}

struct Revoke {
    org: OrgId,
    id: TokenId,
    grant: Option<GrantId>,
    name: String,
    cause: Cause,
}

impl Write for Revoke {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        let told = json!({ "name": self.name });
        tx.lock(Lock::Feed(self.org)).await?;
        // The grant before its tokens: that is the order of all who end or use one.
        if let Some(grant) = self.grant {
            store::grants::hold(tx, self.org, grant).await?;
        }
        if store::tokens::revoke(tx, self.org, self.id, &self.cause).await? {
            tell(tx, self.org, "token_revoke", self.id, &told, &self.cause).await?;
        }
        let Some(grant) = self.grant else {
            return Ok(());
        };
        if store::grants::revoke(tx, self.org, grant, &self.cause).await? {
            let event = crate::issue::event("oauth_grant_revoke", grant, &told);
            store::events::append(tx, self.org, &event, &self.cause).await?;
        }
        Ok(())
    }
}
