//! People.

use base::{AppId, Cause, OrgId, Timestamp, UserId, canonical};

use crate::changes::{self, Entry, Kind, What};
use crate::error::Error;
use crate::keys::{Attribute, Key, Table};
use crate::lookup::{Lookup, Start};
use crate::members::MemberId;
use crate::portion::{self, Amount, Portion};
use crate::resources::{self, Resource};
use crate::revisions::{self, Revisions};
use crate::row::Row;
use crate::sorted::{Direction, SortBy, Spot};
use crate::tombstones::{self, Remains};
use crate::tx::{Query, Tx};
use crate::value::Value;
use crate::{
    credentials, factors, facts, invitations, members, params, roles, sessions, sql, sso, sso_name_ids,
};

/// Whether anybody's groups need to be asked for at all; `?1` is the organization.
macro_rules! in_groups {
    ($row:literal) => {
        concat!(
            "CASE WHEN EXISTS (SELECT 1 FROM members m WHERE m.org = ?1 AND m.member_id = ",
            $row,
            ".id) THEN 1 ELSE 0 END"
        )
    };
}

macro_rules! columns {
    () => {
        concat!(
            "r.id, r.version, r.created, r.modified, r.active, r.user_name, r.display_name, r.doc, r.rendering, ",
            "r.provenance, ",
            in_groups!("r")
        )
    };
}

const TABLE: Table = Table {
    rows: "users",
    keys: "user_keys",
    id: "user_id",
    columns: columns!(),
};

/// A person as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    /// 1, 2, 3, …
    pub version: i64,
    pub created: Timestamp,
    pub modified: Timestamp,
    pub active: bool,
    /// As it was typed.
    pub user_name: String,
    pub display_name: Option<String>,
    /// JSON without id, meta, groups and password.
    pub doc: String,
    /// The version of the renderer that made `doc`.
    pub rendering: i64,
    /// JSON: attribute → the source that owns it.
    pub provenance: String,
    /// Whether any group has the person as a member.
    pub in_groups: bool,
}

/// What a person is to be, in all that can change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    pub active: bool,
    /// As typed; its canonical key is worked out here and unique in the organization.
    pub user_name: String,
    pub display_name: Option<String>,
    pub doc: String,
    pub rendering: i64,
    pub provenance: String,
    /// All canonical values by which the person can be looked up, but for the userName.
    pub keys: Vec<Key>,
}

impl Resource for User {
    type Id = UserId;

    const TABLE: Table = TABLE;

    fn read(row: &mut Row, first: usize) -> Result<Self, Error> {
        Ok(Self {
            id: row.id(first)?,
            version: row.int(first + 1)?,
            created: row.time(first + 2)?,
            modified: row.time(first + 3)?,
            active: row.bool(first + 4)?,
            user_name: row.take_text(first + 5)?,
            display_name: row.take_opt_text(first + 6)?,
            doc: row.take_text(first + 7)?,
            rendering: row.int(first + 8)?,
            provenance: row.take_text(first + 9)?,
            in_groups: row.bool(first + 10)?,
        })
    }

    fn id(&self) -> UserId {
        self.id
    }
}

impl User {
    /// Somebody who has just come, with what was written.
    fn newcomer(id: UserId, now: Timestamp, draft: &Draft) -> Self {
        let Draft {
            active,
            user_name,
            display_name,
            doc,
            rendering,
            provenance,
            keys: _,
        } = draft.clone();
        Self {
            id,
            version: 1,
            created: now,
            modified: now,
            active,
            user_name,
            display_name,
            doc,
            rendering,
            provenance,
            in_groups: false,
        }
    }
}

pub async fn by_id(q: &mut impl Query, org: OrgId, id: UserId) -> Result<Option<User>, Error> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM users r WHERE r.org = ?1 AND r.id = ?2"
    );
    q.first(SQL, params![org, id])
        .await?
        .map(resources::whole)
        .transpose()
}

/// The person of an id if there is one, and what holds of the organization at the same moment.
pub async fn by_id_with_revisions(
    q: &mut impl Query,
    org: OrgId,
    id: UserId,
) -> Result<Option<(Revisions, Option<User>)>, Error> {
    const SQL: &str = concat!(
        "SELECT ",
        revisions::revisions!(),
        ", ",
        columns!(),
        " FROM organizations o LEFT JOIN users r ON r.org = o.id AND r.id = ?2 WHERE o.id = ?1"
    );
    let Some(mut row) = q.first(SQL, params![org, id]).await? else {
        return Ok(None);
    };
    let known = Revisions::read(&row, 0)?;
    let user = if row.opt_bytes(revisions::WIDTH)?.is_some() {
        Some(User::read(&mut row, revisions::WIDTH)?)
    } else {
        None
    };
    Ok(Some((known, user)))
}

/// Holds a person as he or she is until the write ends.
pub(crate) async fn hold(tx: &mut Tx<'_>, org: OrgId, id: UserId) -> Result<(), Error> {
    let sql = format!(
        "SELECT id FROM users WHERE org = ?1 AND id = ?2{}",
        tx.hold_rows()
    );
    tx.query(&sql, params![org, id]).await.map(drop)
}

/// One person, held until the write ends: nobody changes or removes the person meanwhile.
pub async fn held(tx: &mut Tx<'_>, org: OrgId, id: UserId) -> Result<Option<User>, Error> {
    let hold = format!(
        "SELECT id FROM users WHERE org = ?1 AND id = ?2{}",
        tx.hold_to_change()
    );
    tx.query(&hold, params![org, id]).await?;
    by_id(tx, org, id).await
}

/// Finds by userName in any spelling.
pub async fn by_user_name(q: &mut impl Query, org: OrgId, user_name: &str) -> Result<Option<User>, Error> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM users r WHERE r.org = ?1 AND r.user_name_key = ?2"
    );
    let key = canonical::user_name(user_name);
    q.first(SQL, params![org, key])
        .await?
        .map(resources::whole)
        .transpose()
}

/// Those of the ids that exist, in the order of ids.
pub async fn by_ids(q: &mut impl Query, org: OrgId, ids: &[UserId]) -> Result<Vec<User>, Error> {
    resources::by_ids(q, org, ids).await
}

/// A page of those whom the look-up finds, in the order of ids.
pub async fn page(
    q: &mut impl Query,
    org: OrgId,
    lookup: &Lookup,
    start: Start<UserId>,
    limit: u32,
) -> Result<Vec<User>, Error> {
    resources::page(q, org, lookup, start, limit).await
}

/// The same, bounded in bytes too.
pub async fn portion(
    q: &mut impl Query,
    org: OrgId,
    lookup: &Lookup,
    start: Start<UserId>,
    amount: Amount,
) -> Result<Portion<User, UserId>, Error> {
    portion::page(q, org, lookup, start, amount).await
}

/// Those of the ids that exist, in the order given, as far as they fit; the rest is how many ids were gone through.
pub async fn portion_by_ids(
    q: &mut impl Query,
    org: OrgId,
    ids: &[UserId],
    amount: Amount,
) -> Result<Portion<User, usize>, Error> {
    portion::by_ids(q, org, ids, amount).await
}

/// A page of all in an order, each with the value that it is ordered by.
pub async fn sorted(
    q: &mut impl Query,
    org: OrgId,
    by: SortBy,
    direction: Direction,
    start: &Start<Spot>,
    amount: Amount,
) -> Result<Portion<(Value, User), Spot>, Error> {
    portion::sorted(q, org, (by, direction), start, amount).await
}

/// The ids of the first ones whom the look-up finds, in their order.
pub async fn ids(q: &mut impl Query, org: OrgId, lookup: &Lookup, limit: u32) -> Result<Vec<UserId>, Error> {
    resources::ids::<User>(q, org, lookup, limit).await
}

/// How many the look-up finds.
pub async fn count(q: &mut impl Query, org: OrgId, lookup: &Lookup) -> Result<u64, Error> {
    resources::count::<User>(q, org, lookup).await
}

/// How many active people without a link at an app have a userName other than the e-mail address by which they are sorted.
/// `absent` stands in the index for whoever has none.
pub async fn count_named_otherwise(
    q: &mut impl Query,
    org: OrgId,
    app: AppId,
    absent: &str,
) -> Result<u64, Error> {
    let sql = "SELECT COUNT(*) FROM user_keys k JOIN users u ON u.org = k.org AND u.id = k.user_id \
         WHERE k.org = ?1 AND k.attribute = ?3 AND k.value <> ?4 AND k.value <> u.user_name_key AND u.active = 1 \
         AND NOT EXISTS (SELECT 1 FROM links l WHERE l.org = k.org AND l.app = ?2 AND l.subject = k.user_id)";
    let rows = q
        .scan(sql, params![org, app, Attribute::Email.as_str(), absent])
        .await?;
    rows.first().map_or(Ok(0), |row| row.count(0))
}

/// Adds a person. `Conflict { what: "user_name" }` when the userName is taken.
pub async fn insert(
    tx: &mut Tx<'_>,
    org: OrgId,
    id: UserId,
    draft: &Draft,
    cause: &Cause,
) -> Result<User, Error> {
    changes::begin(tx, org).await?;
    let now = tx.ambient().now();
    tx.send(
        "INSERT INTO users (org, id, version, created, modified, active, user_name, user_name_key, display_name, doc, \
         rendering, provenance) VALUES (?1, ?2, 1, ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            org,
            id,
            now,
            draft.active,
            &draft.user_name,
            canonical::user_name(&draft.user_name),
            draft.display_name.as_deref(),
            &draft.doc,
            draft.rendering,
            &draft.provenance
        ]
        .to_vec(),
    )
    .await?;
    let keys: Vec<&Key> = draft.keys.iter().collect();
    TABLE.insert_keys(tx, org, &id.into(), &keys).await?;
    changes::append(tx, org, Entry::new(Kind::User, id, What::Created), cause).await?;
    Ok(User::newcomer(id, now, draft))
}

/// A person as the caller has read him or her, and by what the person is found.
#[derive(Debug, Clone)]
pub struct Known<'u> {
    pub user: &'u User,
    /// All of them, as they were given when the person was written; `None`: they are looked up.
    pub keys: Option<&'u [Key]>,
}

/// Changes a person who is still as the caller knows; [`Error::Overtaken`] if not, and so if somebody known to be in no
/// group is in one now.
pub async fn replace(
    tx: &mut Tx<'_>,
    org: OrgId,
    known: Known<'_>,
    draft: &Draft,
    cause: &Cause,
) -> Result<User, Error> {
    changes::begin(tx, org).await?;
    let (now, Known { user, keys }) = (tx.ambient().now(), known);
    tx.change(
        "UPDATE users SET version = version + 1, modified = ?4, active = ?5, user_name = ?6, user_name_key = ?7, \
         display_name = ?8, doc = ?9, rendering = ?10, provenance = ?11 \
         WHERE org = ?1 AND id = ?2 AND version = ?3 \
         AND (?12 = 1 OR NOT EXISTS (SELECT 1 FROM members m WHERE m.org = ?1 AND m.member_id = ?2))",
        params![
            org,
            user.id,
            user.version,
            now,
            draft.active,
            &draft.user_name,
            canonical::user_name(&draft.user_name),
            draft.display_name.as_deref(),
            &draft.doc,
            draft.rendering,
            &draft.provenance,
            user.in_groups
        ]
        .to_vec(),
        || Error::Overtaken,
    )
    .await?;
    let id = user.id.into();
    match keys {
        Some(keys) => TABLE.change_keys(tx, org, &id, keys, &draft.keys).await?,
        None => TABLE.write_keys(tx, org, &id, &draft.keys).await?,
    }
    if user.active != draft.active {
        revisions::owner_changed(tx, org, user.id).await?;
    }
    changes::append(tx, org, Entry::new(Kind::User, user.id, What::Updated), cause).await?;
    Ok(User {
        version: user.version + 1,
        created: user.created,
        in_groups: user.in_groups,
        ..User::newcomer(user.id, now, draft)
    })
}

/// Changes a person, if the version is still the expected one (any, if none is given).
pub async fn update(
    tx: &mut Tx<'_>,
    org: OrgId,
    id: UserId,
    expected: Option<i64>,
    draft: &Draft,
    cause: &Cause,
) -> Result<User, Error> {
    changes::begin(tx, org).await?;
    let now = tx.ambient().now();
    let updated = tx
        .first(
            concat!(
                "UPDATE users SET version = version + 1, modified = ?4, active = ?5, user_name = ?6, \
                 user_name_key = ?7, display_name = ?8, doc = ?9, rendering = ?10, provenance = ?11 \
                 WHERE org = ?1 AND id = ?2 AND version = COALESCE(?3, version) RETURNING version, created, ",
                in_groups!("users")
            ),
            params![
                org,
                id,
                expected,
                now,
                draft.active,
                &draft.user_name,
                canonical::user_name(&draft.user_name),
                draft.display_name.as_deref(),
                &draft.doc,
                draft.rendering,
                &draft.provenance
            ],
        )
        .await?;
    let Some(row) = updated else {
        return Err(TABLE.why_not(tx, org, &id.into()).await);
    };
    TABLE.write_keys(tx, org, &id.into(), &draft.keys).await?;
    revisions::owner_changed(tx, org, id).await?;
    changes::append(tx, org, Entry::new(Kind::User, id, What::Updated), cause).await?;
    Ok(User {
        version: row.int(0)?,
        created: row.time(1)?,
        in_groups: row.bool(2)?,
        ..User::newcomer(id, now, draft)
    })
}

/// Removes a person for good, with memberships, roles and password; a tombstone remains. Returns who it was.
pub async fn delete(
    tx: &mut Tx<'_>,
    org: OrgId,
    id: UserId,
    expected: Option<i64>,
    cause: &Cause,
) -> Result<User, Error> {
    changes::begin(tx, org).await?;
    let claimed = tx
        .execute(
            "UPDATE users SET version = version + 1 WHERE org = ?1 AND id = ?2 AND version = COALESCE(?3, version)",
            params![org, id, expected],
        )
        .await?;
    let user = by_id(tx, org, id).await?;
    let Some(mut user) = user.filter(|_| claimed == 1) else {
        return Err(TABLE.why_not(tx, org, &id.into()).await);
    };
    user.version -= 1;
    roles::revoke_all(tx, org, id, cause).await?;
    credentials::remove(tx, org, id).await?;
    factors::remove_all(tx, org, id).await?;
    sessions::end_all(tx, org, id).await?;
    sso_name_ids::forget(tx, org, id).await?;
    facts::remove(tx, org, id).await?;
    invitations::remove(tx, org, id).await?;
    sso::subjects::remove(tx, org, id).await?;
    sso::recoveries::remove(tx, org, id).await?;
    TABLE.delete_keys(tx, org, &id.into()).await?;
    let gone = tx
        .execute("DELETE FROM users WHERE org = ?1 AND id = ?2", params![org, id])
        .await;
    gone.map_err(Error::raced)?;
    revisions::owner_changed(tx, org, id).await?;
    members::leave_all(tx, org, MemberId::User(id), cause).await?;
    let remains = Remains {
        kind: Kind::User,
        id: id.into(),
        name: &user.user_name,
        doc: &user.doc,
        rendering: user.rendering,
        version: user.version,
        created: user.created,
    };
    tombstones::insert(tx, org, &remains, cause).await?;
    changes::append(tx, org, Entry::new(Kind::User, id, What::Deleted), cause).await?;
    Ok(user)
}

/// Of these ids those that exist, unordered.
pub(crate) async fn existing(q: &mut impl Query, org: OrgId, ids: &[UserId]) -> Result<Vec<UserId>, Error> {
    let rows = sql::by_ids(q, org, ids, |list| {
        format!("SELECT id FROM users WHERE org = ?1 AND id IN ({list})")
    });
    rows.await?.iter().map(|row| row.id(0)).collect()
}
