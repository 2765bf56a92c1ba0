//! Groups. Their members are rows of their own: see [`crate::members`].

use base::{Cause, GroupId, OrgId, Timestamp};

use crate::changes::{self, Entry, Kind, What};
use crate::error::Error;
use crate::keys::{Key, Table};
use crate::lookup::{Lookup, Start};
use crate::members::MemberId;
use crate::portion::{self, Amount, Portion};
use crate::resources::{self, Resource};
use crate::row::Row;
use crate::sorted::{Direction, SortBy, Spot};
use crate::tombstones::{self, Remains};
use crate::tx::{Query, Tx};
use crate::value::Value;
use crate::{members, params};

macro_rules! columns {
    () => {
        "r.id, r.version, r.created, r.modified, r.display_name, r.doc, r.rendering, r.provenance"
    };
}

const TABLE: Table = Table {
    rows: "groups",
    keys: "group_keys",
    id: "group_id",
    columns: columns!(),
};

/// A group as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub id: GroupId,
    /// 1, 2, 3, …; a change of members counts too.
    pub version: i64,
    pub created: Timestamp,
    pub modified: Timestamp,
    pub display_name: String,
    /// JSON without id, meta and members.
    pub doc: String,
    pub rendering: i64,
    /// JSON: attribute → the source that owns it.
    pub provenance: String,
}

/// What a group is to be, in all that can change, but for its members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    pub display_name: String,
    pub doc: String,
    pub rendering: i64,
    pub provenance: String,
    /// The canonical displayName and externalId.
    pub keys: Vec<Key>,
}

impl Resource for Group {
    type Id = GroupId;

    const TABLE: Table = TABLE;

    fn read(row: &mut Row, first: usize) -> Result<Self, Error> {
        Ok(Self {
            id: row.id(first)?,
            version: row.int(first + 1)?,
            created: row.time(first + 2)?,
            modified: row.time(first + 3)?,
            display_name: row.take_text(first + 4)?,
            doc: row.take_text(first + 5)?,
            rendering: row.int(first + 6)?,
            provenance: row.take_text(first + 7)?,
        })
    }

    fn id(&self) -> GroupId {
        self.id
    }
}

impl Group {
    fn of(id: GroupId, version: i64, created: Timestamp, modified: Timestamp, draft: &Draft) -> Self {
        let Draft {
            display_name,
            doc,
            rendering,
            provenance,
            keys: _,
        } = draft.clone();
        Self {
            id,
            version,
            created,
            modified,
            display_name,
            doc,
            rendering,
            provenance,
        }
    }
}

pub async fn by_id(q: &mut impl Query, org: OrgId, id: GroupId) -> Result<Option<Group>, Error> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM groups r WHERE r.org = ?1 AND r.id = ?2"
    );
    q.first(SQL, params![org, id])
        .await?
        .map(resources::whole)
        .transpose()
}

/// Those of the ids that exist, in the order of ids.
pub async fn by_ids(q: &mut impl Query, org: OrgId, ids: &[GroupId]) -> Result<Vec<Group>, Error> {
    resources::by_ids(q, org, ids).await
}

/// A page of those that the look-up finds, in the order of ids.
pub async fn page(
    q: &mut impl Query,
    org: OrgId,
    lookup: &Lookup,
    start: Start<GroupId>,
    limit: u32,
) -> Result<Vec<Group>, Error> {
    if lookup.is_of_people() {
        return Ok(Vec::new());
    }
    resources::page(q, org, lookup, start, limit).await
}

/// The same, bounded in bytes too.
pub async fn portion(
    q: &mut impl Query,
    org: OrgId,
    lookup: &Lookup,
    start: Start<GroupId>,
    amount: Amount,
) -> Result<Portion<Group, GroupId>, Error> {
    if lookup.is_of_people() {
        return Ok(Portion::none());
    }
    portion::page(q, org, lookup, start, amount).await
}

/// Those of the ids that exist, in the order given, as far as they fit; the rest is how many ids were gone through.
pub async fn portion_by_ids(
    q: &mut impl Query,
    org: OrgId,
    ids: &[GroupId],
    amount: Amount,
) -> Result<Portion<Group, usize>, Error> {
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
) -> Result<Portion<(Value, Group), Spot>, Error> {
    if by == SortBy::UserName {
        return Ok(Portion::none());
    }
    portion::sorted(q, org, (by, direction), start, amount).await
}

/// The ids of the first ones that the look-up finds, in their order.
pub async fn ids(q: &mut impl Query, org: OrgId, lookup: &Lookup, limit: u32) -> Result<Vec<GroupId>, Error> {
    if lookup.is_of_people() {
        return Ok(Vec::new());
    }
    resources::ids::<Group>(q, org, lookup, limit).await
}

/// How many the look-up finds.
pub async fn count(q: &mut impl Query, org: OrgId, lookup: &Lookup) -> Result<u64, Error> {
    if lookup.is_of_people() {
        return Ok(0);
    }
    resources::count::<Group>(q, org, lookup).await
}

/// Adds a group without members. Several may have one name.
pub async fn insert(
    tx: &mut Tx<'_>,
    org: OrgId,
    id: GroupId,
    draft: &Draft,
    cause: &Cause,
) -> Result<Group, Error> {
    changes::begin(tx, org).await?;
    let now = tx.ambient().now();
    tx.send(
        "INSERT INTO groups (org, id, version, created, modified, display_name, doc, rendering, provenance) \
         VALUES (?1, ?2, 1, ?3, ?3, ?4, ?5, ?6, ?7)",
        params![
            org,
            id,
            now,
            &draft.display_name,
            &draft.doc,
            draft.rendering,
            &draft.provenance
        ]
        .to_vec(),
    )
    .await?;
    let keys: Vec<&Key> = draft.keys.iter().collect();
    TABLE.insert_keys(tx, org, &id.into(), &keys).await?;
    changes::append(tx, org, Entry::new(Kind::Group, id, What::Created), cause).await?;
    Ok(Group::of(id, 1, now, now, draft))
}

/// Changes a group, if the version is still the expected one (any, if none is given).
pub async fn update(
    tx: &mut Tx<'_>,
    org: OrgId,
    id: GroupId,
    expected: Option<i64>,
    draft: &Draft,
    cause: &Cause,
) -> Result<Group, Error> {
    changes::begin(tx, org).await?;
    let now = tx.ambient().now();
    let updated = tx
        .first(
            "UPDATE groups SET version = version + 1, modified = ?4, display_name = ?5, doc = ?6, rendering = ?7, \
             provenance = ?8 WHERE org = ?1 AND id = ?2 AND version = COALESCE(?3, version) RETURNING version, created",
            params![
                org,
                id,
                expected,
                now,
                &draft.display_name,
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
    changes::append(tx, org, Entry::new(Kind::Group, id, What::Updated), cause).await?;
    Ok(Group::of(id, row.int(0)?, row.time(1)?, now, draft))
}

/// Raises a group's version, if it is still the expected one, and its time of modification: for changes of its members
/// only, which note themselves in the feed. Returns the new version.
pub async fn touch(tx: &mut Tx<'_>, org: OrgId, id: GroupId, expected: Option<i64>) -> Result<i64, Error> {
    changes::begin(tx, org).await?;
    let now = tx.ambient().now();
    let touched = tx
        .first(
            "UPDATE groups SET version = version + 1, modified = ?4 \
             WHERE org = ?1 AND id = ?2 AND version = COALESCE(?3, version) RETURNING version",
            params![org, id, expected, now],
        )
        .await?;
    match touched {
        Some(row) => row.int(0),
        None => Err(TABLE.why_not(tx, org, &id.into()).await),
    }
}

/// Removes a group with its memberships, those of others in it and its own in others; a tombstone remains. Returns what it was.
pub async fn delete(
    tx: &mut Tx<'_>,
    org: OrgId,
    id: GroupId,
    expected: Option<i64>,
    cause: &Cause,
) -> Result<Group, Error> {
    touch(tx, org, id, expected).await?;
    let mut group = by_id(tx, org, id).await?.ok_or(Error::NotFound)?;
    group.version -= 1;
    members::clear(tx, org, id, None, cause).await?;
    TABLE.delete_keys(tx, org, &id.into()).await?;
    let gone = tx
        .execute("DELETE FROM groups WHERE org = ?1 AND id = ?2", params![org, id])
        .await;
    gone.map_err(Error::raced)?;
    members::leave_all(tx, org, MemberId::Group(id), cause).await?;
    let remains = Remains {
        kind: Kind::Group,
        id: id.into(),
        name: &group.display_name,
        doc: &group.doc,
        rendering: group.rendering,
        version: group.version,
        created: group.created,
    };
    tombstones::insert(tx, org, &remains, cause).await?;
    changes::append(tx, org, Entry::new(Kind::Group, id, What::Deleted), cause).await?;
    Ok(group)
}
