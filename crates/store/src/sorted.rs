//! Lists in an order that an index keeps: a page costs the same wherever it begins, unless rows are to be skipped.

use std::cmp::Ordering;

use base::OrgId;

use crate::keys::{Attribute, Table};
use crate::lookup::{Size, Start, Statement};
use crate::portion::sized;
use crate::value::Value;

/// An order that an index keeps. Rows that are equal in it are in the order of ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SortBy {
    Id,
    /// Users only: of a group there is none.
    UserName,
    /// By the value of this attribute. A resource without a row for it is not in the list.
    Key(Attribute),
    Created,
    Modified,
}

/// Descending is ascending read backwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    Ascending,
    Descending,
}

impl Direction {
    pub(crate) fn compare<T: Ord>(self, a: T, b: T) -> Ordering {
        match self {
            Self::Ascending => a.cmp(&b),
            Self::Descending => b.cmp(&a),
        }
    }
}

/// A spot in an order: a value (in the order of ids the id itself), and the bytes of an id, or what lies before or behind
/// all ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    pub value: Value,
    pub id: Vec<u8>,
}

impl Spot {
    /// What lies before every id.
    pub const BEFORE: &[u8] = &[];
    /// What lies behind every id.
    pub const BEHIND: &[u8] = &[0xff; 17];
}

/// Where an order is kept: a table, its columns of the value and of the id, and which rows of it.
struct Kept {
    table: &'static str,
    value: &'static str,
    id: &'static str,
    attribute: Option<Attribute>,
    values: Values,
}

/// May two rows have one value?
#[derive(PartialEq, Eq)]
enum Values {
    Unique,
    Shared,
}

impl Table {
    /// A page of rows in an order, the value by which they are ordered before the columns of [`sized`]; the rows
    /// themselves come in no order.
    pub(crate) fn sorted(
        &self,
        org: OrgId,
        by: SortBy,
        direction: Direction,
        start: &Start<Spot>,
        (limit, inline): (u32, u64),
    ) -> Statement {
        let Kept {
            table,
            value,
            id,
            attribute,
            values,
        } = self.kept(by);
        let mut params = vec![org.into()];
        let mut conditions = vec!["org = ?1".to_owned()];
        if let Some(attribute) = attribute {
            params.push(attribute.as_str().into());
            conditions.push("attribute = ?2".to_owned());
        }
        let (than, down) = match direction {
            Direction::Ascending => (">", ""),
            Direction::Descending => ("<", " DESC"),
        };
        let next = params.len() + 1;
        let mut skipped = String::new();
        let size = match start {
            Start::After(spot) => {
                params.push(spot.value.clone());
                if values == Values::Unique {
                    conditions.push(format!("{value} {than} ?{next}"));
                } else {
                    params.push(spot.id.clone().into());
                    conditions.push(format!("({value}, {id}) {than} (?{next}, ?{})", next + 1));
                }
                Size::of(limit)
            }
            Start::Offset(0) => Size::of(limit),
            Start::Offset(rows) => {
                params.push((*rows).into());
                skipped = format!(" OFFSET ?{next}");
                Size::Scan
            }
        };
        params.push(limit.into());
        let last = params.len();
        params.push(inline.into());
        let sorted = match values {
            Values::Unique => format!("{value}{down}"),
            Values::Shared => format!("{value}{down}, {id}{down}"),
        };
        let (rows, columns, conditions) = (self.rows, sized(self, last + 1), conditions.join(" AND "));
        let sql = format!(
            "SELECT page.value, {columns} FROM (SELECT {id} AS id, {value} AS value FROM {table} WHERE {conditions} \
             ORDER BY {sorted} LIMIT ?{last}{skipped}) page JOIN {rows} r ON r.org = ?1 AND r.id = page.id"
        );
        Statement { sql, params, size }
    }

    fn kept(&self, by: SortBy) -> Kept {
        let column = |value, values| Kept {
            table: self.rows,
            value,
            id: "id",
            attribute: None,
            values,
        };
        match by {
            SortBy::Id => column("id", Values::Unique),
            SortBy::UserName => column("user_name_key", Values::Unique),
            SortBy::Created => column("created", Values::Shared),
            SortBy::Modified => column("modified", Values::Shared),
            SortBy::Key(attribute) => Kept {
                table: self.keys,
                value: "value",
                id: self.id,
                attribute: Some(attribute),
                values: Values::Shared,
            },
        }
    }
}
