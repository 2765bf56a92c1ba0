//! Who signs in by which e-mail address: a small table across organizations of whoever has a password.

use std::fmt;

use base::{OrgId, Timestamp, UserId};

use crate::error::Error;
use crate::params;
use crate::row::Row;
use crate::tx::{Query, Tx};

/// So many people of one address are looked at.
const MOST: u32 = 32;

/// Somebody of an address, with all that decides whether a password lets in.
#[derive(Clone, PartialEq, Eq)]
pub struct SignIn {
    pub org: OrgId,
    pub org_name: String,
    pub user: UserId,
    pub user_name: String,
    /// Not disabled.
    pub active: bool,
    /// In PHC form.
    pub password_hash: String,
    /// To be changed before anything else.
    pub must_change: bool,
    /// When the password was set.
    pub modified: Timestamp,
}

impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignIn")
            .field("org", &self.org)
            .field("user", &self.user)
            .field("active", &self.active)
            .finish_non_exhaustive()
    }
}

macro_rules! columns {
    () => {
        "u.org, o.name, u.id, u.user_name, u.active, c.password_hash, c.must_change, c.modified"
    };
}

/// Everybody who signs in by an address (in canonical form), disabled people too.
pub async fn of_address(q: &mut impl Query, address: &str) -> Result<Vec<SignIn>, Error> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM sign_in_lookup l JOIN users u ON u.org = l.org AND u.id = l.user_id \
         JOIN credentials c ON c.org = l.org AND c.user_id = l.user_id \
         JOIN organizations o ON o.id = l.org WHERE l.address = ?1 ORDER BY l.org, l.user_id LIMIT ?2"
    );
    let rows = q.query(SQL, params![address, MOST]).await?;
    rows.into_iter().map(read).collect()
}

/// The same of one person; nobody without a password.
pub async fn of_user(q: &mut impl Query, org: OrgId, user: UserId) -> Result<Option<SignIn>, Error> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM users u JOIN credentials c ON c.org = u.org AND c.user_id = u.id \
         JOIN organizations o ON o.id = u.org WHERE u.org = ?1 AND u.id = ?2"
    );
    let sql = SQL;
    q.first(sql, params![org, user]).await?.map(read).transpose()
}

/// Makes this the address by which a person signs in, if he or she has a password; with `None` there is none.
pub async fn readdress(
    tx: &mut Tx<'_>,
    org: OrgId,
    user: UserId,
    address: Option<&str>,
) -> Result<(), Error> {
    let gone = "DELETE FROM sign_in_lookup WHERE org = ?1 AND user_id = ?2";
    tx.send(gone, params![org, user].to_vec()).await?;
    let Some(address) = address else {
        return Ok(());
    };
    let come = "INSERT INTO sign_in_lookup (org, user_id, address) \
                SELECT c.org, c.user_id, ?3 FROM credentials c WHERE c.org = ?1 AND c.user_id = ?2";
    tx.send(come, params![org, user, address].to_vec()).await
}

fn read(mut row: Row) -> Result<SignIn, Error> {
    Ok(SignIn {
        org: row.id(0)?,
        org_name: row.take_text(1)?,
        user: row.id(2)?,
        user_name: row.take_text(3)?,
        active: row.bool(4)?,
        password_hash: row.take_text(5)?,
        must_change: row.bool(6)?,
        modified: row.time(7)?,
    })
}
