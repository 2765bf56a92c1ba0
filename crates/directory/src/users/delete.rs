//! People who go.

use std::sync::Arc;

use base::{OrgId, UserId};
use store::users::User;
use store::{Lock, Tx, Write};

use super::{ATTEMPTS, Concurrency, keep_an_administrator};
use crate::events::Event;
use crate::licences::{self, Licensing};
use crate::roles::keep_rank;
use crate::{Change, Directory, Error, Source, events, owned};

impl Directory {
    /// Removes a person for good, out of every group; a tombstone stays.
    pub async fn delete_user(
        &self,
        change: &Change<'_>,
        org: OrgId,
        user: &User,
        concurrency: Concurrency,
    ) -> Result<(), Error> {
        owned::refuse_removal(change, user)?;
        let event = events::user("user_delete", user.id, change, &user.user_name, &[]);
        let expected = (concurrency == Concurrency::Strict).then_some(user.version);
        let mut licensing = self.licensing(org).await?;
        for _ in 0..ATTEMPTS {
            let write = Delete {
                org,
                id: user.id,
                expected,
                source: change.source,
                licensing: Arc::clone(&licensing),
                event: event.clone(),
            };
            let deleted = self.store.write(write).await.map_err(|error| match error {
                store::Error::NotFound => Error::UnknownUser { id: user.id },
                other => other.into(),
            });
            match deleted {
                Err(Error::SchemasChanged) => licensing = self.newer_licensing(org, &licensing).await?,
                settled => return settled,
            }
        }
        Err(Error::Contended)
    }
}

struct Delete {
    org: OrgId,
    id: UserId,
    expected: Option<i64>,
    source: Source,
    licensing: Arc<Licensing>,
    event: Event,
}

impl Write for Delete {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        licences::prepare(tx, self.org, &self.licensing).await?;
        keep_rank(tx, self.org, self.id, &self.event.cause).await?;
        keep_an_administrator(tx, self.org, self.id).await?;
        if self.licensing.is_used() {
            tx.lock(Lock::Licences(self.org)).await?;
        }
        let by = (&self.event.cause, self.source);
        licences::depart(tx, self.org, by, &self.licensing, self.id).await?;
        store::users::delete(tx, self.org, self.id, self.expected, &self.event.cause).await?;
        store::unique_values::release(tx, self.org, self.id.into()).await?;
        self.event.append(tx, self.org).await
    }
}
