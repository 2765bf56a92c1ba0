//! Sign-outs that are under way: what is still to be done is kept here, and the browser carries the name of it from one service
//! to the next. A service hands back no more than 80 bytes of RelayState (SAML bindings §3.4.3).

use std::time::Duration;

use base::{OrgId, Timestamp, canonical};
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::{Tx, Write, sso_sign_outs};

use crate::{Error, Federation};

/// How long the whole way may take.
pub const PATIENCE: Duration = Duration::from_mins(10);

impl Federation {
    /// Keeps what is still to be done of a sign-out that began at `begun`, by a name that nobody guesses: a message's id.
    pub async fn keep_sign_out(
        &self,
        org: OrgId,
        id: String,
        begun: Timestamp,
        what: &impl Serialize,
    ) -> Result<(), Error> {
        let doc = serde_json::to_string(what)
            .map_err(|error| store::Error::internal(format!("a sign-out cannot be written: {error}")))?;
        let write = Keep {
            org,
            id,
            doc,
            expires: begun + PATIENCE,
        };
        Ok(self.store.write(write).await?)
    }

    /// What is still to be done, unless it was begun too long ago.
    pub async fn sign_out<T: DeserializeOwned>(&self, org: OrgId, id: &str) -> Result<Option<T>, Error> {
        // No database is asked for what none can hold.
        if canonical::refuse_nul(id).is_err() {
            return Ok(None);
        }
        let now = self.ambient().now();
        let doc = sso_sign_outs::by_id(&mut self.store.reader(), org, id, now).await?;
        let read = doc.map(|doc| serde_json::from_str(&doc)).transpose();
        Ok(read.map_err(|error| store::Error::internal(format!("a sign-out cannot be read: {error}")))?)
    }

    /// Forgets those that nobody has gone on with.
    pub async fn forget_sign_outs(&self, org: OrgId) -> Result<u64, Error> {
        let now = self.ambient().now();
        Ok(self.store.write(Prune { org, now }).await?)
    }
}

struct Keep {
    org: OrgId,
    id: String,
    doc: String,
    expires: Timestamp,
}

impl Write for Keep {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        sso_sign_outs::insert(tx, self.org, &self.id, &self.doc, self.expires).await
    }
}

struct Prune {
    org: OrgId,
    now: Timestamp,
}

impl Write for Prune {
    type Out = u64;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<u64, store::Error> {
        sso_sign_outs::prune(tx, self.org, self.now).await
    }
}
