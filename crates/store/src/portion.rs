//! Parts of a list that are bounded in bytes as well as in rows, so that a thousand people of a megabyte each are never
//! in memory at once.
//!
//! A statement fetches rows whole as long as they are small; of those that are large it tells the size alone, and they
//! follow in a second one, as far as there is room for them.

use std::collections::BTreeMap;

use base::OrgId;

use crate::error::Error;
use crate::keys::Table;
use crate::lookup::{Lookup, Start, Statement};
use crate::resources::{self, Resource};
use crate::row::Row;
use crate::sorted::{Direction, SortBy, Spot};
use crate::sql;
use crate::tx::Query;
use crate::value::{StoredId, Value};

/// How much is read at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amount {
    pub rows: u32,
    /// Of documents: the row with which they are so many is the last.
    pub bytes: u64,
}

/// What was read of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Portion<T, S> {
    pub items: Vec<T>,
    /// Behind which the rest begins, if there may be any.
    pub rest: Option<S>,
}

impl<T, S> Portion<T, S> {
    /// Of a list in which there is nothing.
    pub(crate) fn none() -> Self {
        Self {
            items: Vec::new(),
            rest: None,
        }
    }
}

/// A row as the first statement brings it.
enum Seen<R: Resource> {
    Whole(R),
    Large(R::Id),
}

impl<R: Resource> Seen<R> {
    fn id(&self) -> R::Id {
        match self {
            Self::Whole(resource) => resource.id(),
            Self::Large(id) => *id,
        }
    }

    /// From the columns of [`sized`], the first of which stands there; with the size of the document.
    fn read(row: &mut Row, first: usize, inline: u64) -> Result<(u64, Self), Error>
    where
        R::Id: StoredId,
    {
        let size = row.count(first)?;
        let seen = if size > inline {
            Self::Large(row.id(first + 1)?)
        } else {
            Self::Whole(R::read(row, first + 1)?)
        };
        Ok((size, seen))
    }
}

impl Amount {
    /// The largest document that may come with the first statement: so many of them as there may be rows are no more
    /// than may be read.
    fn inline(self) -> u64 {
        self.bytes / u64::from(self.rows.max(1))
    }
}

/// The size of a row's document, and its columns without what is larger than the parameter of this number.
pub(crate) fn sized(table: &Table, inline: usize) -> String {
    let mut columns = table.columns.to_owned();
    for large in ["r.doc", "r.display_name"] {
        let small = format!("CASE WHEN octet_length(r.doc) <= CAST(?{inline} AS BIGINT) THEN {large} END");
        columns = columns.replace(large, &small);
    }
    format!("octet_length(r.doc), {columns}")
}

/// A page of those that the look-up finds, in the order of ids.
pub(crate) async fn page<R: Resource>(
    q: &mut impl Query,
    org: OrgId,
    lookup: &Lookup,
    start: Start<R::Id>,
    amount: Amount,
) -> Result<Portion<R, R::Id>, Error>
where
    R::Id: StoredId,
{
    let statement = R::TABLE.page_of(org, lookup, start, amount.rows, Some(amount.inline()));
    let mut seen = rows::<R>(q, &statement, amount).await?;
    seen.sort_unstable_by_key(|(_, seen)| seen.id());
    let (seen, rest) = cut(seen, amount, Seen::id);
    let items = fill(q, org, seen, |seen| ((), seen)).await?;
    Ok(Portion {
        items: items.into_iter().map(|((), resource)| resource).collect(),
        rest,
    })
}

/// A page of all in an order, each with the value that it is ordered by.
pub(crate) async fn sorted<R: Resource>(
    q: &mut impl Query,
    org: OrgId,
    (by, direction): (SortBy, Direction),
    start: &Start<Spot>,
    amount: Amount,
) -> Result<Portion<(Value, R), Spot>, Error>
where
    R::Id: StoredId,
{
    let inline = amount.inline();
    let statement = R::TABLE.sorted(org, by, direction, start, (amount.rows, inline));
    let mut seen = Vec::new();
    for mut row in statement.rows(q).await? {
        let value = row.take(0)?;
        let (size, one) = Seen::<R>::read(&mut row, 1, inline)?;
        seen.push((size, (value, one)));
    }
    seen.sort_unstable_by(|(_, a), (_, b)| direction.compare((&a.0, a.1.id()), (&b.0, b.1.id())));
    let spot = |(value, seen): &(Value, Seen<R>)| Spot {
        value: value.clone(),
        id: seen.id().stored().to_vec(),
    };
    let (seen, rest) = cut(seen, amount, spot);
    let items = fill(q, org, seen, |one| one).await?;
    Ok(Portion { items, rest })
}

/// Those of the ids that exist, in the order given, from the first on. The rest is how many ids were gone through.
pub(crate) async fn by_ids<R: Resource>(
    q: &mut impl Query,
    org: OrgId,
    ids: &[R::Id],
    amount: Amount,
) -> Result<Portion<R, usize>, Error>
where
    R::Id: StoredId,
{
    let asked = &ids[..ids.len().min(amount.rows as usize)];
    let (table, inline) = (R::TABLE, amount.inline());
    let (columns, beside) = (sized(&table, 2), [Value::from(inline)]);
    let found = sql::by_ids_beside(q, org, &beside, asked, |list| {
        let rows = table.rows;
        format!("SELECT {columns} FROM {rows} r WHERE r.org = ?1 AND r.id IN ({list})")
    });
    let mut known = BTreeMap::new();
    for mut row in found.await? {
        let (size, seen) = Seen::<R>::read(&mut row, 0, inline)?;
        known.insert(seen.id(), (size, seen));
    }
    let (mut seen, mut gone_through, mut bytes) = (Vec::new(), 0, 0);
    for id in asked {
        if bytes >= amount.bytes {
            break;
        }
        gone_through += 1;
        if let Some((size, one)) = known.remove(id) {
            bytes += size;
            seen.push(one);
        }
    }
    let items = fill(q, org, seen, |seen| ((), seen)).await?;
    Ok(Portion {
        items: items.into_iter().map(|((), resource)| resource).collect(),
        rest: Some(gone_through).filter(|gone_through| *gone_through < ids.len()),
    })
}

async fn rows<R: Resource>(
    q: &mut impl Query,
    statement: &Statement,
    amount: Amount,
) -> Result<Vec<(u64, Seen<R>)>, Error>
where
    R::Id: StoredId,
{
    let rows = statement.rows(q).await?.into_iter();
    rows.map(|mut row| Seen::read(&mut row, 0, amount.inline()))
        .collect()
}

/// As many as there is room for, and where the rest begins.
fn cut<T, S>(seen: Vec<(u64, T)>, amount: Amount, spot: impl Fn(&T) -> S) -> (Vec<T>, Option<S>) {
    let (all, mut bytes) = (seen.len(), 0);
    let fits = |(size, one): (u64, T)| {
        let fits = bytes < amount.bytes;
        bytes += size;
        fits.then_some(one)
    };
    let kept: Vec<T> = seen.into_iter().map_while(fits).collect();
    let may_go_on = kept.len() < all || all >= amount.rows as usize;
    let rest = kept.last().filter(|_| may_go_on).map(spot);
    (kept, rest)
}

/// Fetches the large ones. Who has gone in the meantime is left out.
async fn fill<R: Resource, T, B>(
    q: &mut impl Query,
    org: OrgId,
    seen: Vec<T>,
    parts: impl Fn(T) -> (B, Seen<R>),
) -> Result<Vec<(B, R)>, Error> {
    let seen: Vec<(B, Seen<R>)> = seen.into_iter().map(parts).collect();
    let large = seen.iter().filter_map(|(_, one)| match one {
        Seen::Whole(_) => None,
        Seen::Large(id) => Some(*id),
    });
    let large: Vec<R::Id> = large.collect();
    let found = resources::by_ids::<R>(q, org, &large).await?;
    let mut found: BTreeMap<R::Id, R> = found.into_iter().map(|one| (one.id(), one)).collect();
    let whole = |(beside, one)| match one {
        Seen::Whole(resource) => Some((beside, resource)),
        Seen::Large(id) => found.remove(&id).map(|resource| (beside, resource)),
    };
    Ok(seen.into_iter().filter_map(whole).collect())
}
