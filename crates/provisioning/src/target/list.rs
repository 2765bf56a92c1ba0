//! All accounts of a target, page by page: by index (RFC 7644 §3.4.2.4), or by cursor where the target announces that it
//! has cursors (RFC 9865). A place is all there is to remember between two pages, so that a listing can be taken up again.
//!
//! Targets cap `count`, leave out `totalResults`, take no notice of `startIndex`, and change while they are read: accounts
//! may come twice, and some not at all. Whoever lists must not take an account for gone because no page had it.

use base::Message;
use outbound::Method;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::answer::{self, Listed};
use super::client::Target;
use super::exchange::{Exchange, Found};
use super::failure::{Failure, Kind};
use super::ways::Ways;
use crate::account::member;

/// So many more than twice what the target says it has may be listed, and so many where it does not say.
const SPARE: u64 = 10_000;
const MOST: u64 = 10_000_000;

/// Where a listing goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    at: At,
    /// Accounts to be asked for.
    count: u64,
    /// Accounts that have come so far.
    pub(crate) listed: u64,
    /// The first account of the page before.
    first: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum At {
    /// The first of them, counted from 1.
    Index(u64),
    /// `None`: the first page.
    Cursor(Option<String>),
}

/// A page.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Page {
    pub(crate) accounts: Vec<Found>,
    /// How many there are in all, if the target says so.
    pub(crate) total: Option<u64>,
    /// `None`: it was the last one.
    pub(crate) next: Option<Place>,
}

impl Place {
    fn first(at: At, count: u64) -> Self {
        Self {
            at,
            count,
            listed: 0,
            first: None,
        }
    }
}

impl Target {
    /// Where a listing begins.
    pub(crate) async fn listing(&self, ways: &Ways) -> Result<Place, Failure> {
        let by_cursor = match ways.cursors() {
            Some(known) => known,
            None => self.announces_cursors().await?,
        };
        let at = if by_cursor { At::Cursor(None) } else { At::Index(1) };
        Ok(Place::first(at, ways.page_size(self.dialect().page())))
    }

    async fn announces_cursors(&self) -> Result<bool, Failure> {
        match self.document("ServiceProviderConfig").await {
            Ok(document) => Ok(has_cursors(&document)),
            Err(failure) if failure.is_everybodys() => Err(failure),
            // Not every target has the document.
            Err(_) => Ok(false),
        }
    }

    /// The accounts from a place on.
    pub(crate) async fn page(&self, place: &Place, ways: &Ways) -> Result<Page, Failure> {
        let mut place = place.clone();
        loop {
            let query = match &place.at {
                At::Index(start) => format!("startIndex={start}&count={}", place.count),
                At::Cursor(None) => format!("cursor&count={}", place.count),
                At::Cursor(Some(cursor)) => {
                    format!("cursor={}&count={}", super::url::encode(cursor), place.count)
                }
            };
            let url = self.base.list(self.resources, &query);
            match self
                .send(Method::GET, url, None, &mut Vec::<Exchange>::new())
                .await
            {
                Ok(answer) => return read(&place, answer::page(answer.status, answer.body)?, answer.status),
                Err(failure) if failure.message.code == "target.too_large" && place.count > 1 => {
                    place.count /= 2;
                }
                // The cursor has expired, or there are none after all.
                Err(failure) if failure.kind == Kind::Rejected && matches!(place.at, At::Cursor(_)) => {
                    if place.at == At::Cursor(None) {
                        ways.refuses_cursors(self.ambient().now());
                    }
                    place = Place::first(At::Index(1), place.count);
                }
                Err(failure) => return Err(failure),
            }
        }
    }
}

fn has_cursors(document: &Value) -> bool {
    let supported = || {
        let pagination = member(document.as_object()?, "pagination")?.as_object()?;
        member(pagination, "cursor")?.as_bool()
    };
    supported() == Some(true)
}

fn read(place: &Place, listed: Listed, status: u16) -> Result<Page, Failure> {
    let Listed {
        accounts,
        count,
        total,
        next_cursor,
    } = listed;
    let first = accounts.first().map(|(id, _)| id.clone());
    if first.is_some() && first == place.first {
        let message = Message::new("target.pages_ignored");
        return Err(Failure::garbage(status, message));
    }
    let so_far = place.listed + count;
    // Some may come meanwhile; but nobody has that many more than they say. (Some say how many there are on the page.)
    let said = total.filter(|total| *total > count);
    if so_far > said.map_or(MOST, |total| total.saturating_mul(2).saturating_add(SPARE)) {
        let message = Message::new("target.pages_ignored");
        return Err(Failure::garbage(status, message));
    }
    let next = next(place, count, total, next_cursor).map(|at| Place {
        at,
        count: place.count,
        listed: so_far,
        first,
    });
    let accounts = accounts
        .into_iter()
        .map(|(id, resource)| Found { id, resource })
        .collect();
    Ok(Page {
        accounts,
        total,
        next,
    })
}

fn next(place: &Place, count: u64, total: Option<u64>, cursor: Option<String>) -> Option<At> {
    match &place.at {
        At::Cursor(_) if cursor.is_some() => Some(At::Cursor(cursor)),
        // It takes no notice of the question for a cursor.
        At::Cursor(None) if total.is_some_and(|total| total > count) && count > 0 => {
            Some(At::Index(count + 1))
        }
        At::Cursor(_) => None,
        At::Index(_) if count == 0 => None,
        At::Index(start) => {
            let behind = start + count;
            let full = count >= place.count;
            let is_over = match total {
                None => !full,
                // Some say how many there are on the page.
                Some(total) => behind > total && !(full && total == count),
            };
            (!is_over).then_some(At::Index(behind))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COUNT: u64 = 200;

    fn at(start: u64, count: u64) -> Place {
        Place {
            count,
            ..Place::first(At::Index(start), COUNT)
        }
    }

    #[test]
    fn pages_go_on_as_long_as_there_may_be_more() {
        for (start, asked, came, total, goes_on_at) in [
            (1, 100, 100, Some(250), Some(101)),
            (201, 100, 50, Some(250), None),
            (101, 100, 100, Some(200), None),
            (1, 100, 0, Some(0), None),
            // The target gives fewer than were asked for.
            (1, 100, 20, Some(250), Some(21)),
            (241, 100, 10, Some(250), None),
            // It does not say how many there are, or how many there are on the page.
            (1, 100, 100, None, Some(101)),
            (101, 100, 7, None, None),
            (1, 100, 100, Some(100), Some(101)),
            (101, 100, 100, Some(100), Some(201)),
            (201, 100, 0, Some(0), None),
        ] {
            let next = next(&at(start, asked), came, total, None);
            assert_eq!(
                next,
                goes_on_at.map(At::Index),
                "{start} {asked} {came} {total:?}"
            );
        }
    }

    #[test]
    fn cursors_lead_on_until_there_is_none() {
        let first = Place::first(At::Cursor(None), COUNT);
        let cursor = |text: &str| Some(text.to_owned());
        assert_eq!(
            next(&first, 2, Some(5), cursor("c2")),
            Some(At::Cursor(cursor("c2")))
        );
        let last = Place::first(At::Cursor(cursor("c2")), COUNT);
        assert_eq!(next(&last, 2, Some(5), None), None);
        assert_eq!(
            next(&first, 2, Some(5), None),
            Some(At::Index(3)),
            "it takes no notice of cursors"
        );
        assert_eq!(next(&first, 2, Some(2), None), None);
    }

    #[test]
    fn a_listing_without_end_is_given_up() {
        for (listed, total, goes_on) in [
            (11_000, Some(5_000), true),
            (21_000, Some(5_000), false),
            (21_000, None, true),
            (21_000, Some(1), true),
            (MOST, None, false),
        ] {
            let place = Place { listed, ..at(1, 1) };
            let page = Listed {
                accounts: vec![("a".to_owned(), scim::Object::new())],
                count: 1,
                total,
                next_cursor: None,
            };
            assert_eq!(read(&place, page, 200).is_ok(), goes_on, "{listed} of {total:?}");
        }
    }

    #[test]
    fn the_same_page_again_is_no_page() {
        let listed = |id: &str| Listed {
            accounts: vec![(id.to_owned(), scim::Object::new())],
            count: 1,
            total: None,
            next_cursor: None,
        };
        let page = read(&at(1, 1), listed("a"), 200).expect("a page");
        let next = page.next.expect("more");
        assert!(read(&next, listed("b"), 200).is_ok());
        let failure = read(&next, listed("a"), 200).expect_err("the same again");
        assert_eq!(failure.message.code, "target.pages_ignored");
    }
}
