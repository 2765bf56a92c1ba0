//! What somebody has given away: to clients that he or she let in, and as tokens of his or her own.

use base::{Cause, ClientId, GrantId, OrgId, Timestamp, TokenId, UserId};
use serde_json::json;
use store::{Lock, Tx, Write};

use crate::issue::to_be_renewed;
use crate::{Access, Error, TokenView, Visit, Visitor};

/// So many of each are shown.
const SHOWN: u32 = 100;

/// A client that somebody has let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantView {
    pub id: GrantId,
    pub client: ClientId,
    pub client_name: String,
    /// Who has.
    pub user: UserId,
    pub user_name: String,
    pub scopes: Vec<String>,
    pub created: Timestamp,
    /// When it must be agreed to anew.
    pub expires: Timestamp,
}

impl Access {
    /// A page of what people have allowed clients, one person or all: the oldest first.
    pub async fn grants(
        &self,
        org: OrgId,
        user: Option<UserId>,
        after: Option<GrantId>,
        limit: u32,
    ) -> Result<Vec<GrantView>, Error> {
        let found = store::grants::given(&mut self.store.reader(), org, user, after, limit).await?;
        let view = |given: store::grants::Given| GrantView {
            id: given.id,
            client: given.client,
            client_name: given.client_name,
            user: given.user,
            user_name: given.user_name,
            scopes: given.scopes.split_whitespace().map(str::to_owned).collect(),
            created: given.created,
            expires: to_be_renewed(given.created),
        };
        Ok(found.into_iter().map(view).collect())
    }

    /// Whom somebody has let in, the oldest first.
    pub async fn grants_of(&self, org: OrgId, user: UserId) -> Result<Vec<GrantView>, Error> {
        self.grants(org, Some(user), None, SHOWN).await
    }

    /// The tokens that carry somebody's rights and open something, but for those that clients got: the oldest first.
    pub async fn tokens_of(&self, org: OrgId, user: UserId) -> Result<Vec<TokenView>, Error> {
        let now = self.ambient.now();
        let found = store::tokens::of_owner(&mut self.store.reader(), org, user, now, SHOWN).await?;
        Ok(found.into_iter().map(|token| self.view(token)).collect())
    }

    /// Ends what whoever is signed in has allowed a client, with all that came of it; also in an organization that he or she
    /// administers as a partner.
    pub async fn end_own_grant(&self, visit: &Visit, visitor: &Visitor, id: GrantId) -> Result<(), Error> {
        for org in self.acts_in(visitor).await? {
            let write = EndGrant {
                org,
                user: Some(visitor.user),
                id,
                reason: "whoever had agreed has ended it",
                cause: visit.cause(visitor.user, &visitor.user_name),
            };
            match self.end(write).await {
                Err(Error::UnknownGrant) => {}
                ended => return ended,
            }
        }
        Err(Error::UnknownGrant)
    }

    /// Where somebody may have given something away: the own organization, and those that he or she administers.
    async fn acts_in(&self, visitor: &Visitor) -> Result<Vec<OrgId>, Error> {
        let customers = self.administered(visitor).await?;
        let customers = customers.into_iter().map(|customer| customer.org);
        Ok([visitor.org].into_iter().chain(customers).collect())
    }

    /// Ends what somebody has allowed a client, with all that came of it.
    pub async fn end_grant(&self, cause: &Cause, org: OrgId, id: GrantId) -> Result<(), Error> {
        let write = EndGrant {
            org,
            user: None,
            id,
            reason: "an administrator has ended it",
            cause: cause.clone(),
        };
        self.end(write).await
    }

    async fn end(&self, write: EndGrant) -> Result<(), Error> {
        if self.store.write(write).await? {
            Ok(())
        } else {
            Err(Error::UnknownGrant)
        }
    }

    /// Ends a token that carries the rights of whoever is signed in; also in an organization that he or she administers as a
    /// partner.
    pub async fn end_own_token(&self, visit: &Visit, visitor: &Visitor, id: TokenId) -> Result<(), Error> {
        for org in self.acts_in(visitor).await? {
            let token = match self.token(org, id).await {
                Err(Error::UnknownToken) => continue,
                found => found?,
            };
            if token.owner.is_none_or(|(owner, _)| owner != visitor.user) {
                return Err(Error::UnknownToken);
            }
            let cause = visit.cause(visitor.user, &visitor.user_name);
            return self.revoke_token(&cause, org, id).await.map(drop);
        }
        Err(Error::UnknownToken)
    }
}

struct EndGrant {
    org: OrgId,
    /// Whose it must be, if that matters.
    user: Option<UserId>,
    id: GrantId,
    reason: &'static str,
    cause: Cause,
}

impl Write for EndGrant {
    type Out = bool;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, store::Error> {
        tx.lock(Lock::Feed(self.org)).await?;
        let grant = store::grants::hold(tx, self.org, self.id).await?;
        let whose = grant.and_then(|grant| grant.user);
        if whose.is_none() || self.user.is_some_and(|user| whose != Some(user)) {
            return Ok(false);
        }
        store::grants::revoke(tx, self.org, self.id, &self.cause).await?;
        let told = json!({ "name": self.cause.actor.name, "reason": self.reason });
        let event = crate::issue::event("oauth_grant_revoke", self.id, &told);
        store::events::append(tx, self.org, &event, &self.cause).await?;
        Ok(true)
    }
}
