//! The members whom a filter in the path of a PATCH chooses by more than their ids (RFC 7644 §3.5.2).
//!
//! Rows are gone through, a batch at a time: what is shown of a member stands in them, and nobody's document is read.

use base::{GroupId, OrgId, SubjectId};
use scim::effort::Effort;
use scim::filter::Filter;
use store::Start;
use store::members::{Member, MemberRef};

use crate::list::member_value;
use crate::{Directory, Error};

/// How many members are held against the filters in one go.
const BATCH: u32 = 1_000;

/// How many comparisons may be made for one request: those of all filters, for each member.
const COMPARISONS: usize = 5_000_000;

/// The filters of one request, and whom they have chosen.
struct Choosing<'f> {
    filters: &'f [&'f Filter],
    base_url: &'f str,
    chosen: Vec<Vec<MemberRef>>,
    effort: Effort,
    comparisons: usize,
}

impl Directory {
    /// Which members of a group, and which of those who are about to join it, each of the filters chooses.
    pub async fn choose_members(
        &self,
        org: OrgId,
        group: GroupId,
        joining: &[SubjectId],
        filters: &[&Filter],
        base_url: &str,
    ) -> Result<Vec<Vec<MemberRef>>, Error> {
        let mut choosing = Choosing {
            filters,
            base_url,
            chosen: vec![Vec::new(); filters.len()],
            effort: Effort::PATCH,
            comparisons: 0,
        };
        let joining = store::members::named(&mut self.store.reader(), org, joining).await?;
        choosing.look_at(&joining)?;
        let mut start = Start::FIRST;
        loop {
            let members = self.members_page(org, group, None, start, BATCH).await?;
            choosing.look_at(&members)?;
            match members.last() {
                Some(last) if members.len() >= BATCH as usize => start = Start::After(last.id),
                _ => return Ok(choosing.chosen),
            }
            tokio::task::consume_budget().await;
        }
    }
}

impl Choosing<'_> {
    fn look_at(&mut self, members: &[Member]) -> Result<(), Error> {
        let terms: usize = self.filters.iter().map(|filter| filter.terms()).sum();
        self.comparisons += terms * members.len();
        if self.comparisons > COMPARISONS {
            let detail = format!(
                "A PATCH can compare members up to {COMPARISONS} times; this one chooses them by {terms} comparisons \
                 for each member: send fewer, or name the members by their value"
            );
            return Err(scim::Error::too_many(detail).into());
        }
        let Self {
            filters,
            base_url,
            chosen,
            effort,
            ..
        } = self;
        effort.spend_some(|| {
            for member in members {
                let shown = member_value(member, base_url);
                for (filter, chosen) in filters.iter().zip(chosen.iter_mut()) {
                    if scim::patch::is_chosen(filter, &shown) {
                        chosen.push(member.id.into());
                    }
                }
            }
        })?;
        Ok(())
    }
}
