//! What stands in an organization's outbox.

use base::{MailId, OrgId};
pub use store::outbox::Mail;

use crate::{Directory, Error};

impl Directory {
    /// The latest mails, from behind one on.
    pub async fn mails(&self, org: OrgId, after: Option<MailId>, limit: u32) -> Result<Vec<Mail>, Error> {
        Ok(store::outbox::page(&mut self.store.reader(), org, after, limit).await?)
    }
}
