//! What is good once: a form whose answer must not be taken twice, at whichever server.

use std::time::Duration;

use base::{CorrelationId, OrgId, Timestamp};
use store::{Tx, Write};

use crate::{Access, Error};

/// Longer than any form is good.
const REMEMBERED: Duration = Duration::from_hours(24);

impl Access {
    /// Uses up the form with this id; says whether that was the first time.
    pub async fn use_form(&self, org: OrgId, form: CorrelationId) -> Result<bool, Error> {
        Ok(self.store.write(Use { org, form }).await?)
    }

    /// Forgets forms that are out of date anyway.
    pub async fn forget_forms(&self, org: OrgId) -> Result<u64, Error> {
        let before = self.ambient.now() - REMEMBERED;
        Ok(self.store.write(Forget { org, before }).await?)
    }
}

struct Use {
    org: OrgId,
    form: CorrelationId,
}

impl Write for Use {
    type Out = bool;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, store::Error> {
        store::used_forms::insert(tx, self.org, self.form).await
    }
}

struct Forget {
    org: OrgId,
    before: Timestamp,
}

impl Write for Forget {
    type Out = u64;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<u64, store::Error> {
        store::used_forms::prune(tx, self.org, self.before).await
    }
}
