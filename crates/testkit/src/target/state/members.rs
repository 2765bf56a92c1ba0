//! Who is in a group, as the target shows it: with the group, page by page, or not at all.

use serde_json::{Value, json};

use super::super::memory::AsOf;
use super::super::protocol::{Answer, Refusal};
use super::super::request::Query;
use super::State;

impl State {
    /// The query of somebody who is shown what the target shows.
    pub(super) fn shown(&self, mut query: Query) -> Query {
        if self.options.hides_members {
            query.excluded.push("members".to_owned());
        }
        query
    }

    /// Some of a group's members, as Webex has it.
    pub(super) fn member_page(&self, id: &str, seen: AsOf, query: &Query) -> Result<Answer, Refusal> {
        let found = self.groups.get(id, seen).filter(|_| self.options.member_pages);
        let group = found.ok_or_else(|| Refusal::not_found(id))?;
        let members = group
            .get("members")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        let count = query
            .count
            .unwrap_or(self.options.page_size)
            .min(self.options.page_size);
        let start = query.start.max(1);
        let page: Vec<_> = members.iter().skip(start - 1).take(count).cloned().collect();
        Ok(Answer::read(json!({
            "memberSize": members.len(), "displayName": group["displayName"], "startIndex": start,
            "itemsPerPage": page.len(), "members": page,
        })))
    }
}
