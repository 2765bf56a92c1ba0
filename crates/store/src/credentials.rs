//! Password hashes. The hash never leaves this table but to be checked.

use std::fmt;

use base::{Cause, OrgId, Timestamp, UserId};

use crate::changes::actor_text;
use crate::error::Error;
use crate::params;
use crate::sign_ins;
use crate::tx::{Query, Tx};

/// How a person signs in with a password.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    /// In PHC form, such as `$argon2id$…`.
    pub password_hash: String,
    /// To be changed at the next sign-in.
    pub must_change: bool,
    pub modified: Timestamp,
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential")
            .field("must_change", &self.must_change)
            .field("modified", &self.modified)
            .finish_non_exhaustive()
    }
}

/// Whether the password is one that the person must change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    Lasting,
    MustChange,
}

pub async fn of_user(q: &mut impl Query, org: OrgId, user: UserId) -> Result<Option<Credential>, Error> {
    let sql = "SELECT password_hash, must_change, modified FROM credentials WHERE org = ?1 AND user_id = ?2";
    let row = q.first(sql, params![org, user]).await?;
    row.map(|mut row| {
        Ok(Credential {
            password_hash: row.take_text(0)?,
            must_change: row.bool(1)?,
            modified: row.time(2)?,
        })
    })
    .transpose()
}

/// A password that is to be somebody's.
#[derive(Clone, Copy)]
pub struct NewCredential<'a> {
    pub password_hash: &'a str,
    pub validity: Validity,
    /// By which the person signs in, in canonical form.
    pub address: Option<&'a str>,
}

/// Sets the password. `Reference` when there is no such person.
pub async fn set(
    tx: &mut Tx<'_>,
    org: OrgId,
    user: UserId,
    new: NewCredential<'_>,
    cause: &Cause,
) -> Result<(), Error> {
    let now = tx.ambient().now();
    tx.execute(
        "INSERT INTO credentials (org, user_id, password_hash, must_change, modified, actor, correlation) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (org, user_id) DO UPDATE SET \
         password_hash = excluded.password_hash, must_change = excluded.must_change, modified = excluded.modified, \
         actor = excluded.actor, correlation = excluded.correlation",
        params![
            org,
            user,
            new.password_hash,
            new.validity == Validity::MustChange,
            now,
            actor_text(&cause.actor)?,
            cause.correlation
        ],
    )
    .await?;
    sign_ins::readdress(tx, org, user, new.address).await
}

/// Removes the password, if there is one.
pub async fn remove(tx: &mut Tx<'_>, org: OrgId, user: UserId) -> Result<(), Error> {
    sign_ins::readdress(tx, org, user, None).await?;
    let sql = "DELETE FROM credentials WHERE org = ?1 AND user_id = ?2";
    tx.send(sql, params![org, user].to_vec()).await
}
