//! Warnings before something of ours ends that nobody else would renew: an event, and a mail to whose it is.

mod grants;
mod tokens;

use base::{Cause, OrgId, UserId};
use store::Tx;
use store::outbox::Draft;

use crate::{Access, Error, Role};

impl Access {
    /// Warns of every token that expires within thirty, fourteen, seven days or one, and of every client that somebody must
    /// let in anew by then, each time once; says of how many. The mail goes to whose token it is, or who has let the client
    /// in; for the operator account's to every active full administrator.
    pub async fn warn_of_expiry(&self, org: OrgId) -> Result<u64, Error> {
        Ok(self.warn_of_tokens(org).await? + self.warn_of_grants(org).await?)
    }

    async fn recipients(&self, org: OrgId, owner: Option<UserId>) -> Result<Vec<String>, Error> {
        let mut reader = self.store.reader();
        let people = match owner {
            Some(owner) => vec![owner],
            None => store::roles::holders(&mut reader, org, Role::FullAdmin.name()).await?,
        };
        let people = store::users::by_ids(&mut reader, org, &people).await?;
        Ok(people
            .iter()
            .filter(|person| person.active)
            .filter_map(|person| {
                let resource = serde_json::from_str(&person.doc).ok()?;
                directory::email(&resource).map(str::to_owned)
            })
            .collect())
    }
}

/// The same mail to several.
struct Letter {
    recipients: Vec<String>,
    subject: String,
    text: String,
}

impl Letter {
    async fn post(&self, tx: &mut Tx<'_>, org: OrgId, cause: &Cause) -> Result<(), store::Error> {
        for recipient in &self.recipients {
            let draft = Draft {
                recipient: recipient.clone(),
                subject: self.subject.clone(),
                text: self.text.clone(),
            };
            store::outbox::insert(tx, org, &draft, cause).await?;
        }
        Ok(())
    }
}
