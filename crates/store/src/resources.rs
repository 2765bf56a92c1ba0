//! What people and groups have in common: they are read by their ids, page by page, and in an order.

use base::OrgId;

use crate::error::Error;
use crate::keys::Table;
use crate::lookup::{Lookup, Start};
use crate::row::Row;
use crate::sql;
use crate::tx::Query;
use crate::value::{StoredId, Value};

/// A row of one of the two tables.
pub(crate) trait Resource: Sized {
    type Id: Copy + Ord + Into<Value> + Send + Sync;

    const TABLE: Table;

    /// From the columns of the table, the first of which stands there.
    fn read(row: &mut Row, first: usize) -> Result<Self, Error>;

    fn id(&self) -> Self::Id;
}

/// A row that holds nothing else.
pub(crate) fn whole<R: Resource>(mut row: Row) -> Result<R, Error> {
    R::read(&mut row, 0)
}

/// Those of the ids that exist, in the order of ids.
pub(crate) async fn by_ids<R: Resource>(
    q: &mut impl Query,
    org: OrgId,
    ids: &[R::Id],
) -> Result<Vec<R>, Error> {
    let Table { rows, columns, .. } = R::TABLE;
    let found = sql::by_ids(q, org, ids, |list| {
        format!("SELECT {columns} FROM {rows} r WHERE r.org = ?1 AND r.id IN ({list})")
    });
    let mut resources = found
        .await?
        .into_iter()
        .map(whole)
        .collect::<Result<Vec<R>, _>>()?;
    resources.sort_unstable_by_key(R::id);
    resources.dedup_by_key(|resource| resource.id());
    Ok(resources)
}

/// A page of those that the look-up finds, in the order of ids.
pub(crate) async fn page<R: Resource>(
    q: &mut impl Query,
    org: OrgId,
    lookup: &Lookup,
    start: Start<R::Id>,
    limit: u32,
) -> Result<Vec<R>, Error> {
    let rows = R::TABLE.page(org, lookup, start, limit).rows(q).await?;
    let mut page = rows.into_iter().map(whole).collect::<Result<Vec<R>, _>>()?;
    page.sort_unstable_by_key(R::id);
    Ok(page)
}

/// The ids of the first ones that the look-up finds, in their order.
pub(crate) async fn ids<R: Resource>(
    q: &mut impl Query,
    org: OrgId,
    lookup: &Lookup,
    limit: u32,
) -> Result<Vec<R::Id>, Error>
where
    R::Id: StoredId,
{
    let rows = R::TABLE.ids(org, lookup, limit).rows(q).await?;
    rows.iter().map(|row| row.id(0)).collect()
}

/// How many the look-up finds.
pub(crate) async fn count<R: Resource>(
    q: &mut impl Query,
    org: OrgId,
    lookup: &Lookup,
) -> Result<u64, Error> {
    let rows = R::TABLE.count(org, lookup).rows(q).await?;
    rows.first().map_or(Ok(0), |row| row.count(0))
}
