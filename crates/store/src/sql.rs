//! The small dialect layer's texts: placeholders, lists, and the end of a prefix.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, PoisonError, RwLock};

use base::OrgId;

use crate::error::Error;
use crate::row::Row;
use crate::tx::Query;
use crate::value::Value;

/// PostgreSQL's spelling of statements that are written with `?1 ?2`, each worked out once.
#[derive(Debug, Default)]
pub(crate) struct Texts(RwLock<HashMap<String, Arc<str>>>);

impl Texts {
    pub(crate) fn postgres(&self, sql: &str) -> Arc<str> {
        let known = self
            .0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(sql)
            .cloned();
        known.unwrap_or_else(|| {
            let text: Arc<str> = dollars(sql).into();
            let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
            known.insert(sql.to_owned(), Arc::clone(&text));
            text
        })
    }
}

/// `?1` becomes `$1`, but not between quotes.
fn dollars(sql: &str) -> String {
    let mut quote = None;
    sql.chars()
        .map(|letter| match (letter, quote) {
            ('\'' | '"', None) => {
                quote = Some(letter);
                letter
            }
            (_, Some(open)) if open == letter => {
                quote = None;
                letter
            }
            ('?', None) => '$',
            _ => letter,
        })
        .collect()
}

/// How many values one IN list takes at most.
const LIST_MAX: usize = 256;

/// The length to which a list of `len` values is filled up (by repeating one), so that few statements serve all.
fn list_len(len: usize) -> usize {
    [1, 4, 16, 64, 128]
        .into_iter()
        .find(|size| *size >= len)
        .unwrap_or(LIST_MAX)
}

/// `?3, ?4, ?5`: `len` placeholders from number `first` on.
pub(crate) fn placeholders(first: usize, len: usize) -> String {
    let mut out = String::with_capacity(len * 6);
    for number in first..first + len {
        let comma = if number == first { "" } else { ", " };
        let _ = write!(out, "{comma}?{number}");
    }
    out
}

/// Runs a statement over any number of ids: `sql` gets the text of its IN list, in which the numbers begin with 2.
/// An id that is given twice may be found twice.
pub(crate) async fn by_ids<I>(
    q: &mut impl Query,
    org: OrgId,
    ids: &[I],
    sql: impl Fn(&str) -> String,
) -> Result<Vec<Row>, Error>
where
    I: Copy + Into<Value> + Send + Sync,
{
    by_ids_beside(q, org, &[], ids, sql).await
}

/// The same with further parameters, from 2 on; the numbers of the list follow theirs.
pub(crate) async fn by_ids_beside<I>(
    q: &mut impl Query,
    org: OrgId,
    beside: &[Value],
    ids: &[I],
    sql: impl Fn(&str) -> String,
) -> Result<Vec<Row>, Error>
where
    I: Copy + Into<Value> + Send + Sync,
{
    let mut rows = Vec::with_capacity(ids.len());
    for some in ids.chunks(LIST_MAX) {
        let len = list_len(some.len());
        let text = sql(&placeholders(2 + beside.len(), len));
        let filled = some.iter().chain(std::iter::repeat(&some[0])).take(len);
        let params: Vec<Value> = std::iter::once(org.into())
            .chain(beside.iter().cloned())
            .chain(filled.map(|id| (*id).into()))
            .collect();
        rows.extend(q.query(&text, &params).await?);
    }
    Ok(rows)
}

/// The smallest text that sorts behind everything that begins with `prefix`; none if there is no end.
pub(crate) fn prefix_end(prefix: &str) -> Option<String> {
    let mut end: Vec<char> = prefix.chars().collect();
    while let Some(last) = end.pop() {
        let next = if last == '\u{d7ff}' {
            Some('\u{e000}')
        } else {
            char::from_u32(last as u32 + 1)
        };
        if let Some(next) = next {
            end.push(next);
            return Some(end.into_iter().collect());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_change_and_quoted_marks_stay() {
        assert_eq!(
            dollars("SELECT '?1', \"a?\" FROM t WHERE org = ?1 AND b = ?12"),
            "SELECT '?1', \"a?\" FROM t WHERE org = $1 AND b = $12"
        );
        let texts = Texts::default();
        assert_eq!(&*texts.postgres("?1"), "$1");
        assert_eq!(&*texts.postgres("?1"), "$1");
    }

    #[test]
    fn lists_come_in_few_lengths() {
        assert_eq!([1, 2, 5, 17, 65, 129].map(list_len), [1, 4, 16, 64, 128, 256]);
        assert_eq!(placeholders(2, 3), "?2, ?3, ?4");
    }

    #[test]
    fn a_prefix_ends_behind_all_that_begin_with_it() {
        for prefix in ["a", "an", "z\u{10ffff}", "\u{d7ff}", "Ω"] {
            let end = prefix_end(prefix).expect("an end");
            for rest in ["", "a", "\u{10ffff}\u{10ffff}"] {
                assert!(*format!("{prefix}{rest}") < *end, "{prefix:?} {rest:?}");
            }
        }
        assert_eq!(prefix_end("\u{10ffff}"), None);
        assert_eq!(prefix_end(""), None);
    }
}
