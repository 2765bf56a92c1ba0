//! Which role a person has. Rules such as "never without an administrator" count under [`crate::Lock::Roles`].

use std::collections::BTreeMap;

use base::{Actor, ActorKind, Cause, OrgId, TokenId, UserId};

use crate::changes::{self, Entry, Kind, What, actor_text};
use crate::error::Error;
use crate::tx::{Query, Tx};
use crate::value::Value;
use crate::{params, partners, sql};

/// The roles of a person, in alphabetical order.
pub async fn of_user(q: &mut impl Query, org: OrgId, user: UserId) -> Result<Vec<String>, Error> {
    let sql = "SELECT role FROM roles WHERE org = ?1 AND user_id = ?2 ORDER BY role";
    let rows = q.query(sql, params![org, user]).await?;
    rows.into_iter().map(|mut row| row.take_text(0)).collect()
}

/// The same of several; who has none is left out.
pub async fn of_users(
    q: &mut impl Query,
    org: OrgId,
    users: &[UserId],
) -> Result<BTreeMap<UserId, Vec<String>>, Error> {
    let rows = sql::by_ids(q, org, users, |list| {
        format!(
            "SELECT user_id, role FROM roles WHERE org = ?1 AND user_id IN ({list}) ORDER BY user_id, role"
        )
    });
    let mut roles = BTreeMap::<UserId, Vec<String>>::new();
    for mut row in rows.await? {
        roles.entry(row.id(0)?).or_default().push(row.take_text(1)?);
    }
    Ok(roles)
}

/// Whoever stands behind a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Behind {
    /// The operator, or the program itself: bound by no role.
    House,
    /// A person, at a page or by a token; nobody for a client of itself, or a token that is gone.
    Somebody {
        user: Option<UserId>,
        roles: Vec<String>,
    },
}

pub async fn behind(q: &mut impl Query, org: OrgId, actor: &Actor) -> Result<Behind, Error> {
    let user = match actor.kind {
        ActorKind::User => actor.id.parse().ok(),
        ActorKind::Token => match owner_of(q, org, &actor.id).await? {
            Some(None) => return Ok(Behind::House),
            Some(owner) => owner,
            None => None,
        },
        ActorKind::Client => None,
        ActorKind::System | ActorKind::Operator | ActorKind::App => return Ok(Behind::House),
    };
    let roles = match user {
        Some(user) => of_anybody(q, org, user).await?,
        None => Vec::new(),
    };
    Ok(Behind::Somebody { user, roles })
}

/// The same of somebody who may belong to a partner.
async fn of_anybody(q: &mut impl Query, org: OrgId, user: UserId) -> Result<Vec<String>, Error> {
    let own = of_user(q, org, user).await?;
    if !own.is_empty() {
        return Ok(own);
    }
    let partner = partners::of_user(q, org, user).await?;
    Ok(partner.map(|partner| partner.role).into_iter().collect())
}

/// Of a token that is there; nobody for one of the operator account.
async fn owner_of(q: &mut impl Query, org: OrgId, token: &str) -> Result<Option<Option<UserId>>, Error> {
    let Ok(token) = token.parse::<TokenId>() else {
        return Ok(None);
    };
    let sql = "SELECT owner FROM tokens WHERE org = ?1 AND id = ?2";
    let row = q.first(sql, params![org, token]).await?;
    row.map(|row| row.opt_id(0)).transpose()
}

/// Everybody with a role, in the order of ids.
pub async fn holders(q: &mut impl Query, org: OrgId, role: &str) -> Result<Vec<UserId>, Error> {
    let sql = "SELECT user_id FROM roles WHERE org = ?1 AND role = ?2 ORDER BY user_id";
    q.query(sql, params![org, role])
        .await?
        .iter()
        .map(|row| row.id(0))
        .collect()
}

/// The same from behind one on, of a role or of any: so many at most.
pub async fn holders_after(
    q: &mut impl Query,
    org: OrgId,
    role: Option<&str>,
    after: Option<UserId>,
    limit: u32,
) -> Result<Vec<UserId>, Error> {
    let first = Value::from([0_u8; 16].as_slice());
    let after = after.map_or(first, Value::from);
    let rows = if let Some(role) = role {
        let sql = "SELECT user_id FROM roles WHERE org = ?1 AND role = ?2 AND user_id > ?3 ORDER BY user_id LIMIT ?4";
        q.query(sql, params![org, role, after, limit]).await?
    } else {
        let sql =
            "SELECT DISTINCT user_id FROM roles WHERE org = ?1 AND user_id > ?2 ORDER BY user_id LIMIT ?3";
        q.query(sql, params![org, after, limit]).await?
    };
    rows.iter().map(|row| row.id(0)).collect()
}

/// Whether anybody else who is active has the role.
pub async fn has_other_active_holder(
    q: &mut impl Query,
    org: OrgId,
    role: &str,
    user: UserId,
) -> Result<bool, Error> {
    let sql = "SELECT r.user_id FROM roles r JOIN users u ON u.org = r.org AND u.id = r.user_id \
               WHERE r.org = ?1 AND r.role = ?2 AND r.user_id <> ?3 AND u.active = 1 LIMIT 1";
    Ok(q.first(sql, params![org, role, user]).await?.is_some())
}

/// Gives a role; says whether it is new to the person. `Reference` when there is no such person.
pub async fn grant(
    tx: &mut Tx<'_>,
    org: OrgId,
    user: UserId,
    role: &str,
    cause: &Cause,
) -> Result<bool, Error> {
    changes::begin(tx, org).await?;
    let now = tx.ambient().now();
    let granted = tx
        .execute(
            "INSERT INTO roles (org, user_id, role, created, actor, correlation) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
             ON CONFLICT DO NOTHING",
            params![org, user, role, now, actor_text(&cause.actor)?, cause.correlation],
        )
        .await?;
    if granted == 0 {
        return Ok(false);
    }
    changes::append(tx, org, Entry::new(Kind::Role, user, What::Added), cause).await?;
    Ok(true)
}

/// Takes a role away; says whether the person had it.
pub async fn revoke(
    tx: &mut Tx<'_>,
    org: OrgId,
    user: UserId,
    role: &str,
    cause: &Cause,
) -> Result<bool, Error> {
    changes::begin(tx, org).await?;
    let sql = "DELETE FROM roles WHERE org = ?1 AND user_id = ?2 AND role = ?3";
    if tx.execute(sql, params![org, user, role]).await? == 0 {
        return Ok(false);
    }
    changes::append(tx, org, Entry::new(Kind::Role, user, What::Removed), cause).await?;
    Ok(true)
}

/// Takes all roles away.
pub async fn revoke_all(tx: &mut Tx<'_>, org: OrgId, user: UserId, cause: &Cause) -> Result<(), Error> {
    changes::begin(tx, org).await?;
    let sql = "DELETE FROM roles WHERE org = ?1 AND user_id = ?2";
    if tx.execute(sql, params![org, user]).await? == 0 {
        return Ok(());
    }
    changes::append(tx, org, Entry::new(Kind::Role, user, What::Removed), cause).await
}
