//! Writes that are tried and undone: whether something would be refused is known best by doing it.

use std::fmt;

use crate::error::Error;
use crate::store::Store;
use crate::tx::{Durability, Query as _, Tx, Write};

impl Store {
    /// Runs a write as [`Store::write`] does, and undoes it: an error is the one that the write would end with.
    pub async fn rehearse<W: Write>(&self, write: W) -> Result<(), Error> {
        match self.write(Rehearsal(write)).await {
            Ok(()) => Err(Error::internal("a rehearsal was kept")),
            Err(error) => error.refusal::<Undone>().map(drop),
        }
    }
}

struct Rehearsal<W>(W);

impl<W: Write> Write for Rehearsal<W> {
    type Out = ();

    const DURABILITY: Durability = W::DURABILITY;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), Error> {
        self.0.run(tx).await?;
        // What was sent and not waited for may have failed: the answers come before this one's.
        tx.query("SELECT 1", &[]).await?;
        Err(Error::refuse(Undone))
    }
}

/// It went well, and nothing of it is to stay.
#[derive(Debug)]
struct Undone;

impl fmt::Display for Undone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the write was a rehearsal")
    }
}

impl std::error::Error for Undone {}
