//! What becomes of tokens that a client shows: revocation (RFC 7009) and introspection (RFC 7662).

use base::{Actor, ActorKind, Cause, GrantId, OrgId, Origin, Secret, Timestamp, TokenId};
use serde_json::json;
use store::{Lock, Tx, Write};

use crate::fresh::hash;
use crate::{Access, Error, GrantError, RegisteredClient, registered, tokens};

/// What a resource server is told of a token that is good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspected {
    pub scopes: String,
    /// Of tokens that a client got.
    pub client_id: Option<String>,
    /// Nothing: the operator account.
    pub user_name: Option<String>,
    /// The person's id.
    pub subject: Option<String>,
    pub expires: Option<Timestamp>,
    pub issued: Timestamp,
}

/// What a text that a client shows stands for, of its own organization.
enum Shown {
    Access(TokenId, Option<GrantId>),
    Refresh(GrantId),
}

impl Access {
    /// Ends an access token, or a refresh token with everything of its grant (RFC 7009 §2.1). What is unknown is passed over.
    pub async fn revoke_shown(
        &self,
        origin: Origin,
        client: &RegisteredClient,
        token: &Secret,
    ) -> Result<(), GrantError> {
        let Some(shown) = self.shown(client.org, token).await? else {
            return Ok(());
        };
        let grant = match &shown {
            Shown::Access(_, grant) => *grant,
            Shown::Refresh(grant) => Some(*grant),
        };
        let grant = match grant {
            Some(grant) => store::grants::valid(&mut self.store.reader(), client.org, grant).await?,
            None => None,
        };
        let Some(grant) = grant else {
            return match shown {
                Shown::Access(_, None) => Err(GrantError::Grant(ANOTHERS)),
                // What it belongs to is revoked already.
                _ => Ok(()),
            };
        };
        if grant.client != client.id {
            return Err(GrantError::Grant(ANOTHERS));
        }
        let write = Revoke {
            org: client.org,
            shown,
            name: client.name.clone(),
            cause: Cause::of(
                Actor::new(ActorKind::Client, client.id, client.name.clone()),
                origin,
            ),
        };
        Ok(self.store.write(write).await?)
    }

    /// What a token is good for; nothing for one that is good for nothing, or of another organization.
    pub async fn inspect(
        &self,
        client: &RegisteredClient,
        token: &Secret,
    ) -> Result<Option<Inspected>, Error> {
        match self.shown(client.org, token).await? {
            Some(Shown::Access(id, grant)) => self.inspect_access(client, id, grant).await,
            _ => Ok(None),
        }
    }

    async fn inspect_access(
        &self,
        client: &RegisteredClient,
        id: TokenId,
        grant: Option<GrantId>,
    ) -> Result<Option<Inspected>, Error> {
        let (org, mut reader) = (client.org, self.store.reader());
        let Some(token) = store::tokens::by_id(&mut reader, org, id).await? else {
            return Ok(None);
        };
        let is_over = token.expires.is_some_and(|at| at <= self.ambient.now());
        let is_orphaned = token.owner.is_some() && !token.owner_active;
        if token.revoked.is_some() || is_over || is_orphaned {
            return Ok(None);
        }
        let of = match grant {
            Some(grant) => {
                let Some(grant) = store::grants::valid(&mut reader, org, grant).await? else {
                    return Ok(None);
                };
                Some(registered::client_id(org, grant.client))
            }
            None => None,
        };
        Ok(Some(Inspected {
            scopes: token.scopes,
            client_id: of,
            user_name: token.owner_name,
            subject: token.owner.map(|owner| owner.to_string()),
            expires: token.expires,
            issued: token.created,
        }))
    }

    async fn shown(&self, org: OrgId, token: &Secret) -> Result<Option<Shown>, Error> {
        let (hash, mut reader) = (hash(token.expose()), self.store.reader());
        if let Some(found) = store::tokens::presented(&mut reader, &hash).await? {
            if found.org != org {
                return Ok(None);
            }
            let row = store::tokens::by_id(&mut reader, org, found.id).await?;
            return Ok(row.map(|row| Shown::Access(row.id, row.grant)));
        }
        let found = store::grants::refresh_token(&mut reader, org, &hash).await?;
        Ok(found.map(|(grant, ..)| Shown::Refresh(grant)))
    }
}

const ANOTHERS: &str = "the token was not issued to this client";

struct Revoke {
    org: OrgId,
    shown: Shown,
    name: String,
    cause: Cause,
}

impl Write for Revoke {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        tx.lock(Lock::Feed(self.org)).await?;
        let told = json!({ "name": self.name });
        match self.shown {
            Shown::Access(id, grant) => {
                if let Some(grant) = grant {
                    store::grants::hold(tx, self.org, grant).await?;
                }
                if store::tokens::revoke(tx, self.org, id, &self.cause).await? {
                    tokens::tell(tx, self.org, "token_revoke", id, &told, &self.cause).await?;
                }
            }
            Shown::Refresh(grant) => {
                if store::grants::revoke(tx, self.org, grant, &self.cause).await? {
                    let event = crate::issue::event("oauth_grant_revoke", grant, &told);
                    store::events::append(tx, self.org, &event, &self.cause).await?;
                }
            }
        }
        Ok(())
    }
}
