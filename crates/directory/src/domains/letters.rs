//! Mail to the administrators of an organization whose domain is not said to be its own any more.

use base::{Cause, OrgId};
use store::Tx;
use store::outbox::Draft;

use super::{Domain, lapses, record};
use crate::users::FULL_ADMIN;
use crate::{Directory, Error, rules};

impl Directory {
    /// The addresses of every active full administrator.
    pub async fn administrators(&self, org: OrgId) -> Result<Vec<String>, Error> {
        let mut reader = self.store.reader();
        let holders = store::roles::holders(&mut reader, org, FULL_ADMIN).await?;
        let people = store::users::by_ids(&mut reader, org, &holders).await?;
        let address = |person: &store::users::User| {
            let document = crate::document(person).ok()?;
            rules::email(&document).map(str::to_owned)
        };
        let active = people.iter().filter(|person| person.active);
        Ok(active.filter_map(address).collect())
    }
}

pub(super) async fn send(
    tx: &mut Tx<'_>,
    org: OrgId,
    domain: &Domain,
    recipients: &[String],
    cause: &Cause,
) -> Result<(), store::Error> {
    let (name, record) = (&domain.name, record(domain));
    let (subject, text) = match domain.missing {
        Some(missing) => (
            format!("The domain {name} has lost its TXT record"),
            format!(
                "The DNS no longer says that {name} is yours. If the record is not back by {}, the domain lapses: who comes with \
                 an address of it is not verified by that any more, and a claim ends.\n\n\
                 Put back this TXT record of {name}:  {record}\n\
                 Then have it looked for:  instep domain verify {name}\n",
                lapses(missing)
            ),
        ),
        None => (
            format!("The domain {name} has lapsed"),
            format!(
                "The DNS has not said for two weeks that {name} is yours, so it counts as yours no longer, and is not claimed any \
                 more. Nobody's account was changed by that.\n\n\
                 If it is yours, put back this TXT record of {name}:  {record}\n\
                 Then have it looked for:  instep domain verify {name}\n"
            ),
        ),
    };
    for recipient in recipients {
        let draft = Draft {
            recipient: recipient.clone(),
            subject: subject.clone(),
            text: text.clone(),
        };
        store::outbox::insert(tx, org, &draft, cause).await?;
    }
    Ok(())
}
