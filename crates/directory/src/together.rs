//! Several writes in one transaction.

use store::{Tx, Write};

/// All of them, or none.
pub struct Together<W>(pub Vec<W>);

impl<W: Write> Write for Together<W> {
    type Out = Vec<W::Out>;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<W::Out>, store::Error> {
        let mut done = Vec::with_capacity(self.0.len());
        for write in &self.0 {
            done.push(write.run(tx).await?);
        }
        Ok(done)
    }
}
