//! Who is in a group at the target. Webex gives members page by page (`GET …/Groups/{id}/Members`, up to 500 at a time);
//! RFC 7644 knows no other way than the group's whole document, of which nothing but the ids is kept.

use base::Message;
use outbound::{Method, Url};
use serde::{Deserialize, Serialize};

use super::client::{Extra, Target};
use super::exchange::Exchange;
use super::failure::{Failure, Kind};
use super::scan::{MemberScan, NotWhole};
use super::ways::{MEMBER_PAGES, MEMBERS, NO, Ways, YES};

/// Members asked for at a time: the most that Webex gives.
const COUNT: u64 = 500;
/// A page of fewer is the last one: no target gives as few when there are more.
const FEW: u64 = 100;

/// Where reading goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum MemberPlace {
    /// The first of the page, counted from 1, and what the page before began with and held.
    From {
        start: u64,
        before: Option<(String, u64)>,
    },
    /// The group's document.
    Whole,
}

/// Some of the members, or all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MemberPage {
    pub(crate) ids: Vec<String>,
    /// `None`: there are no more.
    pub(crate) next: Option<MemberPlace>,
}

impl MemberPlace {
    /// Where reading begins, at a target that perhaps gives pages.
    pub(crate) fn first(ways: &Ways) -> Self {
        if ways.gives_member_pages() {
            Self::From {
                start: 1,
                before: None,
            }
        } else {
            Self::Whole
        }
    }
}

impl Target {
    /// The ids of a group's members from a place on; `None`: the target does not show them.
    pub(crate) async fn members(
        &self,
        id: &str,
        place: MemberPlace,
        ways: &Ways,
        log: &mut Vec<Exchange>,
    ) -> Result<Option<MemberPage>, Failure> {
        let now = self.ambient().now();
        if let MemberPlace::From { start, before } = place {
            let url = self
                .base
                .member_page(id, &format!("startIndex={start}&count={COUNT}"));
            let refused = match self.scan(url, log).await {
                Ok(None) if start == 1 => false,
                Ok(ids) => return next(start, before.as_ref(), ids.unwrap_or_default()).map(Some),
                Err(failure) if start == 1 && failure.kind == Kind::Garbage => false,
                Err(failure) if start == 1 && is_refusal(&failure) => true,
                Err(failure) => return Err(failure),
            };
            // There are no pages, or no such group: its document tells.
            let page = self.whole(id, ways, log).await?;
            if refused && page.is_some() {
                ways.observe(MEMBER_PAGES, NO, now);
            }
            return Ok(page);
        }
        self.whole(id, ways, log).await
    }

    async fn whole(
        &self,
        id: &str,
        ways: &Ways,
        log: &mut Vec<Exchange>,
    ) -> Result<Option<MemberPage>, Failure> {
        let ids = match self.scan(self.base.members(id), log).await {
            Ok(ids) => ids,
            Err(failure) if failure.kind == Kind::NotFound => return Ok(None),
            Err(failure) => return Err(failure),
        };
        if ids.is_some() {
            ways.observe(MEMBERS, YES, self.ambient().now());
        }
        // Whoever shows members leaves out the list of a group that has none (RFC 7643 §2.5).
        let ids = ids.or_else(|| ways.shows_members().then(Vec::new));
        Ok(ids.map(|ids| MemberPage { ids, next: None }))
    }

    async fn scan(&self, url: Url, log: &mut Vec<Exchange>) -> Result<Option<Vec<String>>, Failure> {
        let mut members = MemberScan::default();
        let extra = Extra {
            members: Some(&mut members),
            ..Extra::default()
        };
        let answer = self.send_with((Method::GET, url), None, extra, log).await?;
        let ids = members.end();
        ids.map_err(|NotWhole| Failure::garbage(answer.status, Message::new("target.not_scim")))
    }
}

fn is_refusal(failure: &Failure) -> bool {
    matches!(failure.kind, Kind::NotFound | Kind::Unsupported | Kind::Rejected)
}

fn next(start: u64, before: Option<&(String, u64)>, ids: Vec<String>) -> Result<MemberPage, Failure> {
    let came = ids.len() as u64;
    if let (Some(first), Some((other, _))) = (ids.first(), before)
        && first == other
    {
        return Err(Failure::garbage(200, Message::new("target.pages_ignored")));
    }
    // A target may give fewer than were asked for, and as few each time but the last.
    let more = came >= FEW && before.is_none_or(|(_, size)| came >= *size);
    let first = ids.first().cloned().filter(|_| more);
    let next = first.map(|first| MemberPlace::From {
        start: start + came,
        before: Some((first, came)),
    });
    Ok(MemberPage { ids, next })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_go_on_as_long_as_there_may_be_more() {
        let ids = |from: u64, count: u64| (from..from + count).map(|id| id.to_string()).collect::<Vec<_>>();
        let page = next(1, None, ids(1, 200)).expect("a page");
        let before = ("1".to_owned(), 200);
        let place = MemberPlace::From {
            start: 201,
            before: Some(before.clone()),
        };
        assert_eq!(page.next, Some(place), "it gives fewer than were asked for");
        let last = next(201, Some(&before), ids(201, 199)).expect("a page");
        assert_eq!((last.ids.len(), last.next), (199, None));
        assert_eq!(next(1, None, ids(1, 99)).expect("a page").next, None);
        assert!(
            next(201, Some(&before), ids(1, 200)).is_err(),
            "the same page again"
        );
    }
}
