//! What is good once.

use base::{OrgId, Timestamp};
use store::{Tx, Write};

use crate::{Error, Federation};

impl Federation {
    /// Uses up an ID that is good once, such as an accepted assertion's; says whether that was the first time. `scope` says what
    /// it is the ID of, and whose: two peers may choose the same. It is remembered until it would be refused for its age.
    pub async fn first_time(
        &self,
        org: OrgId,
        scope: &str,
        id: &str,
        until: Timestamp,
    ) -> Result<bool, Error> {
        // The length parts the two, whatever is in them.
        let what = format!("{} {scope}{id}", scope.len());
        let hash = self.once.bytes_of(org, what.as_bytes());
        Ok(self.store.write(UseUp { org, hash, until }).await?)
    }
}

struct UseUp {
    org: OrgId,
    hash: [u8; 32],
    until: Timestamp,
}

impl Write for UseUp {
    type Out = bool;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, store::Error> {
        store::saml_once::insert(tx, self.org, &self.hash, self.until).await
    }
}
