//! Several writes in one transaction.

use base::OrgId;
use store::{Lock, Tx, Write};

/// All of them, or none. One batch of an organization at a time: two that lock the same rows, each in an order of its own,
/// would wait for each other.
pub struct Together<W> {
    pub org: OrgId,
    pub writes: Vec<W>,
}

impl<W: Write> Write for Together<W> {
    type Out = Vec<W::Out>;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<W::Out>, store::Error> {
        if self.writes.len() > 1 {
            tx.lock(Lock::Batches(self.org)).await?;
        }
        let mut done = Vec::with_capacity(self.writes.len());
        for write in &self.writes {
            done.push(write.run(tx).await?);
        }
        Ok(done)
    }
}
