//! Who has which role: at most one each.

use base::{Cause, OrgId, UserId};
use serde_json::json;
use store::roles::Behind;
use store::{Lock, Tx, Write};

use crate::events::Event;

use crate::users::{FULL_ADMIN, keep_an_administrator};
use crate::{Directory, Error};

/// A role that somebody is to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GivenRole {
    /// The role of this name, and no other.
    One(&'static str),
    None,
}

impl Directory {
    /// The roles that somebody has.
    pub async fn roles_of(&self, org: OrgId, user: UserId) -> Result<Vec<String>, Error> {
        Ok(store::roles::of_user(&mut self.store.reader(), org, user).await?)
    }

    /// Gives somebody a role in place of those that he or she has. The last active full administrator stays one.
    pub async fn give_role(
        &self,
        cause: &Cause,
        org: OrgId,
        user: UserId,
        role: GivenRole,
    ) -> Result<(), Error> {
        let write = Give {
            org,
            user,
            role,
            cause: cause.clone(),
        };
        self.store.write(write).await.map_err(|error| match error {
            store::Error::NotFound => Error::UnknownUser { id: user },
            other => other.into(),
        })
    }
}

/// Whose state, name, password, factors and sessions may be changed by whoever has these roles: of those who may do nothing
/// that they may not do themselves. The table of permissions decides which those are; `access` compares the two.
pub fn may_change(own: &[String], theirs: &[String]) -> bool {
    let reach: &[&str] = if own.iter().any(|role| role == FULL_ADMIN) {
        return true;
    } else if own.iter().any(|role| role == "id_user_admin") {
        &["id_user_admin", "id_readonly_admin", "id_compliance_officer"]
    } else {
        &[]
    };
    theirs.iter().all(|role| reach.contains(&role.as_str()))
}

/// Refuses a change of what lets a person in by whoever may do less than that person.
pub async fn keep_rank(tx: &mut Tx<'_>, org: OrgId, id: UserId, cause: &Cause) -> Result<(), store::Error> {
    if store::roles::of_user(tx, org, id).await?.is_empty() {
        return Ok(());
    }
    let Behind::Somebody { user, roles } = store::roles::behind(tx, org, &cause.actor).await? else {
        return Ok(());
    };
    // Oneself, whatever one is.
    if user == Some(id) {
        return Ok(());
    }
    tx.lock(Lock::Feed(org)).await?;
    tx.lock(Lock::Roles(org)).await?;
    let theirs = store::roles::of_user(tx, org, id).await?;
    if may_change(&roles, &theirs) {
        return Ok(());
    }
    match store::users::by_id(tx, org, id).await? {
        Some(user) => Err(store::Error::refuse(Error::HigherRole {
            user_name: user.user_name,
        })),
        None => Ok(()),
    }
}

struct Give {
    org: OrgId,
    user: UserId,
    role: GivenRole,
    cause: Cause,
}

impl Write for Give {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        let Self {
            org,
            user,
            role,
            cause,
        } = self;
        tx.lock(Lock::Feed(*org)).await?;
        tx.lock(Lock::Roles(*org)).await?;
        let person = store::users::held(tx, *org, *user)
            .await?
            .ok_or(store::Error::NotFound)?;
        let had = store::roles::of_user(tx, *org, *user).await?;
        let wanted = match role {
            GivenRole::One(name) => vec![(*name).to_owned()],
            GivenRole::None => Vec::new(),
        };
        if had == wanted {
            return Ok(());
        }
        if !wanted.iter().any(|role| role == FULL_ADMIN) {
            keep_an_administrator(tx, *org, *user).await?;
        }
        for role in had.iter().filter(|role| !wanted.contains(role)) {
            store::roles::revoke(tx, *org, *user, role, cause).await?;
        }
        for role in &wanted {
            store::roles::grant(tx, *org, *user, role, cause).await?;
        }
        let changes = json!([{ "field": "roles", "from": had, "to": wanted }]);
        let told = json!({ "name": person.user_name, "changes": changes });
        let event = Event::new("user_admin_granted", "user", *user, &told, cause);
        event.append(tx, *org).await
    }
}
