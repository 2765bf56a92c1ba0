//! What changes of a registered client: by which grants it gets tokens, and its secret.
//!
//! A new secret does not end the one before at once: whoever runs the client puts it in place first. So for a while there are
//! two, and the older one has an end.

use std::time::Duration;

use base::{Cause, ClientId, OrgId, Secret, Timestamp};
use serde_json::{Value, json};
use store::{Tx, Write};

use crate::fresh::{hash, random_text};
use crate::registered::event;
use crate::{Access, ClientKind, Error, GrantTypes, RegisteredClient, Registration};

/// How long the secret before may go on, in hours.
pub const MOST_OVERLAP_HOURS: u32 = 30 * 24;

impl Access {
    /// Changes by which grants a client gets tokens; what it has goes on to its end.
    pub async fn change_grant_types(
        &self,
        cause: &Cause,
        org: OrgId,
        id: ClientId,
        types: &GrantTypes,
    ) -> Result<RegisteredClient, Error> {
        let client = self.client(org, id).await?;
        types.judge(client.kind(), !client.redirects.is_empty())?;
        if *types == client.grant_types {
            return Ok(client);
        }
        let (before, after) = (client.grant_types.to_string(), types.to_string());
        let told = json!({
            "name": client.name,
            "changes": [{ "field": "grant_types", "from": before, "to": after }],
        });
        let what = What::GrantTypes(after);
        self.change(cause, org, id, (what, "oauth_client_update", told))
            .await
    }

    /// Gives a confidential client another secret, which is in the answer and nowhere else; the one that it has goes on for so
    /// many hours, and the one before that ends now.
    pub async fn rotate_secret(
        &self,
        cause: &Cause,
        org: OrgId,
        id: ClientId,
        overlap_hours: u32,
    ) -> Result<Registration, Error> {
        if overlap_hours > MOST_OVERLAP_HOURS {
            return Err(Error::Overlap(overlap_hours));
        }
        let client = self.client(org, id).await?;
        if client.kind() == ClientKind::Public {
            return Err(Error::NoSecret);
        }
        let secret = Secret::new(random_text(&self.ambient));
        let until = self.ambient.now() + Duration::from_hours(overlap_hours.into());
        let told = json!({ "name": client.name, "former_secret_expires_at": until });
        let what = What::Secret {
            hash: hash(secret.expose()),
            until,
        };
        let client = self
            .change(cause, org, id, (what, "oauth_client_secret", told))
            .await?;
        let secret = Some(secret);
        Ok(Registration { client, secret })
    }

    async fn change(
        &self,
        cause: &Cause,
        org: OrgId,
        id: ClientId,
        (what, event_type, told): (What, &'static str, Value),
    ) -> Result<RegisteredClient, Error> {
        let write = Change {
            org,
            id,
            what,
            event_type,
            told,
            cause: cause.clone(),
        };
        if self.store.write(write).await? {
            self.client(org, id).await
        } else {
            Err(Error::UnknownClient)
        }
    }
}

enum What {
    GrantTypes(String),
    Secret { hash: Vec<u8>, until: Timestamp },
}

struct Change {
    org: OrgId,
    id: ClientId,
    what: What,
    event_type: &'static str,
    told: Value,
    cause: Cause,
}

impl Write for Change {
    type Out = bool;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, store::Error> {
        let (org, id) = (self.org, self.id);
        let changed = match &self.what {
            What::GrantTypes(types) => store::oauth_clients::set_grant_types(tx, org, id, types).await?,
            What::Secret { hash, until } => {
                store::oauth_clients::set_secret(tx, org, id, hash, *until).await?
            }
        };
        if changed {
            let event = event(self.event_type, id, &self.told);
            store::events::append(tx, org, &event, &self.cause).await?;
        }
        Ok(changed)
    }
}
