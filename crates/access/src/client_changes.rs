//! What changes of a registered client: its name, where it may be answered, what it may ask for and by which grants, and its
//! secret.
//!
//! What it may ask for no more is gone at once from all that people have allowed it and from all its tokens. What it may ask
//! for anew it has to ask for.
//!
//! A new secret does not end the one before at once: whoever runs the client puts it in place first. So for a while there are
//! two, and the older one has an end.

use std::time::Duration;

use base::{Cause, ClientId, OrgId, Secret, Timestamp};
use serde_json::{Value, json};
use store::grants::{self, Narrowed};
use store::{Lock, Tx, Write, oauth_clients};

use crate::fresh::{hash, random_text};
use crate::issue::is_within;
use crate::registered::{event, is_name, judge_redirects, view};
use crate::{Access, ClientKind, Error, GrantTypes, RegisteredClient, Registration, Scopes};

/// How long the secret before may go on, in hours.
pub const MOST_OVERLAP_HOURS: u32 = 30 * 24;

/// What is to change of a client; what is left out stays.
#[derive(Debug, Clone, Default)]
pub struct ClientChange {
    pub name: Option<String>,
    pub redirects: Option<Vec<String>>,
    pub scopes: Option<Scopes>,
    pub grant_types: Option<GrantTypes>,
}

impl ClientChange {
    /// What the client is afterwards, if it can be that.
    fn of(&self, client: &RegisteredClient) -> Result<Terms, Error> {
        let name = self.name.as_deref().unwrap_or(&client.name).trim();
        if !is_name(name) {
            return Err(Error::ClientName);
        }
        let redirects = self.redirects.as_ref().unwrap_or(&client.redirects);
        if self.redirects.is_some() {
            judge_redirects(redirects, client.kind())?;
        }
        let scopes = self.scopes.as_ref().unwrap_or(&client.scopes);
        if scopes.iter().next().is_none() {
            return Err(Error::NoScope);
        }
        let grant_types = self.grant_types.as_ref().unwrap_or(&client.grant_types);
        grant_types.judge(client.kind(), !redirects.is_empty())?;
        Ok(Terms {
            name: name.to_owned(),
            redirects: redirects.join(" "),
            scopes: scopes.to_string(),
            grant_types: grant_types.to_string(),
        })
    }
}

/// What can be changed of a client, as stored.
#[derive(PartialEq, Eq)]
struct Terms {
    name: String,
    redirects: String,
    scopes: String,
    grant_types: String,
}

impl Terms {
    fn of(client: &RegisteredClient) -> Self {
        Self {
            name: client.name.clone(),
            redirects: client.redirects.join(" "),
            scopes: client.scopes.to_string(),
            grant_types: client.grant_types.to_string(),
        }
    }

    /// By its event.
    fn changes(&self, after: &Self) -> Vec<Value> {
        let fields = [
            ("name", &self.name, &after.name),
            ("redirects", &self.redirects, &after.redirects),
            ("scopes", &self.scopes, &after.scopes),
            ("grant_types", &self.grant_types, &after.grant_types),
        ];
        let differing = fields.into_iter().filter(|(_, from, to)| from != to);
        differing
            .map(|(field, from, to)| json!({ "field": field, "from": from, "to": to }))
            .collect()
    }
}

impl Access {
    /// Changes a client. By which grants it got the tokens that it has does not matter: they go on to their end.
    pub async fn change_client(
        &self,
        cause: &Cause,
        org: OrgId,
        id: ClientId,
        change: ClientChange,
    ) -> Result<RegisteredClient, Error> {
        let write = Update {
            org,
            id,
            change,
            cause: cause.clone(),
        };
        self.store.write(write).await??;
        self.client(org, id).await
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
        let write = NewSecret {
            org,
            id,
            hash: hash(secret.expose()),
            until,
            told,
            cause: cause.clone(),
        };
        if !self.store.write(write).await? {
            return Err(Error::UnknownClient);
        }
        let client = self.client(org, id).await?;
        let secret = Some(secret);
        Ok(Registration { client, secret })
    }
}

struct Update {
    org: OrgId,
    id: ClientId,
    change: ClientChange,
    cause: Cause,
}

impl Write for Update {
    /// What is refused is decided on the client as it is now.
    type Out = Result<(), Error>;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out, store::Error> {
        let (org, id, cause) = (self.org, self.id, &self.cause);
        tx.lock(Lock::Feed(org)).await?;
        if !oauth_clients::hold_to_change(tx, org, id).await? {
            return Ok(Err(Error::UnknownClient));
        }
        let Some(row) = oauth_clients::by_id(tx, org, id).await? else {
            return Ok(Err(Error::UnknownClient));
        };
        let client = match view(org, row) {
            Ok(client) => client,
            Err(error) => return Ok(Err(error)),
        };
        let after = match self.change.of(&client) {
            Ok(after) => after,
            Err(error) => return Ok(Err(error)),
        };
        let before = Terms::of(&client);
        if before == after {
            return Ok(Ok(()));
        }
        let terms = oauth_clients::Terms {
            name: &after.name,
            redirects: &after.redirects,
            scopes: &after.scopes,
            grant_types: &after.grant_types,
        };
        oauth_clients::set_terms(tx, org, id, &terms).await?;
        let mut told = json!({ "name": after.name, "changes": before.changes(&after) });
        if !is_within(&before.scopes, &after.scopes) {
            let keep = |scopes: &str| {
                let kept = scopes
                    .split_whitespace()
                    .filter(|scope| is_within(scope, &after.scopes));
                kept.collect::<Vec<_>>().join(" ")
            };
            let Narrowed { narrowed, ended } = grants::narrow(tx, org, id, keep, cause).await?;
            told["grants"] = json!({ "narrowed": narrowed, "ended": ended });
        }
        // Behind the grants, as whoever redeems a code holds its grant first.
        if !is_within(&before.redirects, &after.redirects) {
            grants::drop_codes(tx, org, id).await?;
        }
        let event = event("oauth_client_update", id, &told);
        store::events::append(tx, org, &event, cause).await?;
        Ok(Ok(()))
    }
}

struct NewSecret {
    org: OrgId,
    id: ClientId,
    hash: Vec<u8>,
    until: Timestamp,
    told: Value,
    cause: Cause,
}

impl Write for NewSecret {
    type Out = bool;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, store::Error> {
        let (org, id) = (self.org, self.id);
        let changed = oauth_clients::set_secret(tx, org, id, &self.hash, self.until).await?;
        if changed {
            let event = event("oauth_client_secret", id, &self.told);
            store::events::append(tx, org, &event, &self.cause).await?;
        }
        Ok(changed)
    }
}
