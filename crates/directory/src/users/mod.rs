//! People: reading them, and what is common to creating, changing and removing them.

mod create;
mod delete;
mod update;

use base::{OrgId, UserId, canonical};
use scim::{Object, ResourceType};
use serde_json::Value;
use store::users::{Draft, User};
use store::{Attribute, Lock, Lookup, Match, Start, Tx};

use crate::rendering::{self, RENDERING};
use crate::{Directory, DomainError, Error, rules};

pub use create::NewUser;
pub use update::{Concurrency, Edited, Groups, Terms};

/// The role of whoever may do everything.
pub(crate) const FULL_ADMIN: &str = "id_full_admin";

/// How often a change is tried anew when others come first.
const ATTEMPTS: usize = 20;

impl Directory {
    pub async fn user(&self, org: OrgId, id: UserId) -> Result<User, Error> {
        let user = store::users::by_id(&mut self.store.reader(), org, id).await?;
        user.ok_or(Error::UnknownUser { id })
    }

    /// Those of these people who are there.
    pub async fn users_by_ids(&self, org: OrgId, ids: &[UserId]) -> Result<Vec<User>, Error> {
        Ok(store::users::by_ids(&mut self.store.reader(), org, ids).await?)
    }

    /// The person of a userName, in whichever case it is written.
    pub async fn user_by_name(&self, org: OrgId, user_name: &str) -> Result<Option<User>, Error> {
        Ok(store::users::by_user_name(&mut self.store.reader(), org, user_name).await?)
    }

    /// The person of an e-mail address; nobody if several have it.
    pub async fn user_by_email(&self, org: OrgId, email: &str) -> Result<Option<User>, Error> {
        let email = canonical::email(email);
        if email.len() > rendering::INDEXED {
            return Ok(None);
        }
        let lookup = Lookup::Key(Attribute::Email, Match::Equal(email));
        let mut users = store::users::page(&mut self.store.reader(), org, &lookup, Start::FIRST, 2).await?;
        let last = users.pop();
        Ok(last.filter(|_| users.is_empty()))
    }

    pub async fn count_users(&self, org: OrgId) -> Result<u64, Error> {
        Ok(store::users::count(&mut self.store.reader(), org, &Lookup::All).await?)
    }
}

/// What is stored of a resource.
pub fn draft(resource: &Object, provenance: String, kind: &ResourceType) -> Result<Draft, Error> {
    Ok(Draft {
        active: resource.get("active").and_then(Value::as_bool).unwrap_or(true),
        user_name: rules::user_name(resource).to_owned(),
        display_name: resource
            .get("displayName")
            .and_then(Value::as_str)
            .map(ToOwned::to_owned),
        doc: rendering::render(resource)?,
        rendering: RENDERING,
        provenance,
        keys: rendering::keys(resource, kind),
    })
}

fn taken(error: store::Error, user_name: String) -> Error {
    match error {
        store::Error::Conflict { what } if what == "user_name" => Error::UserNameTaken { user_name },
        other => other.into(),
    }
}

/// Refuses an address of a domain that another organization has claimed.
async fn refuse_claimed(tx: &mut Tx<'_>, org: OrgId, domain: Option<&str>) -> Result<(), store::Error> {
    let Some(domain) = domain else {
        return Ok(());
    };
    let refusal = || store::Error::refuse(Error::Domain(DomainError::ClaimedElsewhere));
    store::domains::require_unclaimed(tx, org, domain, refusal).await
}

/// Refuses that the last active full administrator goes. Whoever gives or takes roles waits until this write ends.
pub(crate) async fn keep_an_administrator(
    tx: &mut Tx<'_>,
    org: OrgId,
    id: UserId,
) -> Result<(), store::Error> {
    tx.lock(Lock::Feed(org)).await?;
    tx.lock(Lock::Roles(org)).await?;
    let roles = store::roles::of_user(tx, org, id).await?;
    if !roles.iter().any(|role| role == FULL_ADMIN)
        || store::roles::has_other_active_holder(tx, org, FULL_ADMIN, id).await?
    {
        return Ok(());
    }
    match store::users::by_id(tx, org, id).await? {
        Some(user) if user.active => Err(store::Error::refuse(Error::LastAdmin {
            user_name: user.user_name,
        })),
        _ => Ok(()),
    }
}
