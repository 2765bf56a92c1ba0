//! What is good once: a form whose answer must not be taken twice, at whichever server.

use base::Timestamp;
use store::failures::{self, Failures};
use store::{Tx, Write};

use crate::{Access, Error, limits};

impl Access {
    /// Uses up the form with this id; says whether that was the first time.
    pub async fn use_form(&self, id: &str) -> Result<bool, Error> {
        let form = limits::of_form(id);
        Ok(self.store.write(Use { form }).await?)
    }
}

struct Use {
    form: Vec<u8>,
}

impl Write for Use {
    type Out = bool;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, store::Error> {
        if failures::hold(tx, &self.form).await?.count > 0 {
            return Ok(false);
        }
        let used = Failures {
            count: 1,
            last: tx.ambient().now(),
            until: Timestamp::default(),
        };
        failures::set(tx, &self.form, used).await?;
        Ok(true)
    }
}
