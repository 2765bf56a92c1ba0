//! Tokens that a confidential client gets for itself (RFC 6749 §4.4).

use base::{Actor, ActorKind, Cause, Origin};
use store::grants::{self, Grant};
use store::{Lock, Tx, Write};

use crate::fresh::{Fresh, FreshRows, issue};
use crate::issue::{GrantError, Issued, is_within};
use crate::partners::owner_held;
use crate::{Access, GrantType, RegisteredClient, Scopes};

const TOO_MUCH: &str = "the client was not registered for all of these scopes";

impl Access {
    /// A token that a confidential client gets for itself, with its owner's rights (§4.4).
    pub async fn client_credentials(
        &self,
        origin: Origin,
        client: &RegisteredClient,
        scopes: Option<Scopes>,
    ) -> Result<Issued, GrantError> {
        client.require(GrantType::ClientCredentials)?;
        let scopes = scopes.unwrap_or_else(|| client.scopes.clone());
        if !scopes.iter().all(|scope| client.scopes.contains(scope)) {
            return Err(GrantError::Scope(TOO_MUCH));
        }
        let fresh = Fresh::new(&self.ambient, self.lifetimes(client.org).await?);
        let grant = Grant {
            id: self.ambient.id(),
            client: client.id,
            user: None,
            scopes: scopes.to_string(),
            created: self.ambient.now(),
        };
        let write = ActForItself {
            client: client.clone(),
            grant,
            fresh: fresh.rows(),
            origin,
        };
        match self.store.write(write).await? {
            Acted::Issued => {}
            Acted::NoOwner => {
                let why = "whoever registered the client is disabled or gone";
                return Err(GrantError::Unauthorized(why));
            }
            Acted::NoClient => return Err(GrantError::Client),
            Acted::TooMuch => return Err(GrantError::Scope(TOO_MUCH)),
        }
        Ok(Issued {
            expires_in: fresh.expires_in(),
            access_token: fresh.access,
            refresh_token: None,
            scopes: scopes.to_string(),
        })
    }
}

struct ActForItself {
    client: RegisteredClient,
    grant: Grant,
    fresh: FreshRows,
    origin: Origin,
}

/// What became of it, as of now.
enum Acted {
    Issued,
    NoOwner,
    NoClient,
    TooMuch,
}

impl Write for ActForItself {
    type Out = Acted;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Acted, store::Error> {
        let org = self.client.org;
        tx.lock(Lock::Feed(org)).await?;
        let Some(may_ask) = store::oauth_clients::hold(tx, org, self.client.id).await? else {
            return Ok(Acted::NoClient);
        };
        if !is_within(&self.grant.scopes, &may_ask) {
            return Ok(Acted::TooMuch);
        }
        let actor = match &self.client.owner {
            None => Actor::operator(),
            Some((owner, _)) => {
                let Some(person) = owner_held(tx, org, *owner).await? else {
                    return Ok(Acted::NoOwner);
                };
                Actor::new(ActorKind::User, *owner, person.user_name)
            }
        };
        let cause = Cause::of(actor, self.origin);
        grants::insert(tx, org, &self.grant).await?;
        let row = self.fresh.row(&self.client, &self.grant, &self.grant.scopes);
        issue(tx, org, &row, &cause).await?;
        Ok(Acted::Issued)
    }
}
