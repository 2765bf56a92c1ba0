//! The event trail's entries, under the names that Directory Insights gives such events.

use std::borrow::Cow;

use base::{Cause, GroupId, OrgId, UserId};
use scim::ResourceType;
use serde::Serialize;
use serde_json::{Value, json};
use store::events::{NewEvent, Outcome};
use store::members::{MemberId, Replaced};
use store::{StoredId, Tx};

use crate::members::{Moved, member_type};
use crate::rendering::Touched;
use crate::{Change, Directory, Error};

/// So many members who came, and who left, are named by their ids; all are counted.
const NAMED: usize = 100;

/// An entry that is about to be written, in the transaction of what it tells of.
#[derive(Clone)]
pub struct Event {
    event: NewEvent,
    pub cause: Cause,
}

impl Event {
    pub fn new(
        event_type: &str,
        kind: &str,
        id: impl StoredId,
        detail: &impl Serialize,
        cause: &Cause,
    ) -> Self {
        let event = NewEvent {
            event_type: event_type.to_owned(),
            outcome: Outcome::Succeeded,
            resource_kind: kind.to_owned(),
            resource_id: Some(id.stored()),
            doc: serde_json::to_string(detail).unwrap_or_default(),
        };
        Self {
            event,
            cause: cause.clone(),
        }
    }

    /// The same of an attempt that did not, or not wholly, succeed.
    pub fn failed(mut self) -> Self {
        self.event.outcome = Outcome::Failed;
        self
    }

    /// The same, telling of the members who came and left.
    pub fn with_members(&self, moved: &Replaced) -> Cow<'_, Self> {
        let Moved { added, removed } = Moved::of(moved);
        if added == 0 && removed == 0 {
            return Cow::Borrowed(self);
        }
        let named = |members: &[MemberId]| -> Vec<_> {
            let member = |id: &MemberId| json!({ "id": id.subject(), "type": member_type(*id) });
            members.iter().take(NAMED).map(member).collect()
        };
        let mut event = self.clone();
        let mut detail: Value = serde_json::from_str(&self.event.doc).unwrap_or_default();
        detail["members"] = json!({
            "added": named(&moved.added),
            "removed": named(&moved.removed),
            "added_count": added,
            "removed_count": removed,
        });
        event.event.doc = detail.to_string();
        Cow::Owned(event)
    }

    pub async fn append(&self, tx: &mut Tx<'_>, org: OrgId) -> Result<(), store::Error> {
        store::events::append(tx, org, &self.event, &self.cause)
            .await
            .map(drop)
    }
}

pub fn user(
    event_type: &'static str,
    id: UserId,
    change: &Change<'_>,
    name: &str,
    touched: &[Touched<'_>],
) -> Event {
    let detail = Detail::new(name, change, touched, &change.types.user);
    Event::new(event_type, "user", id, &detail, change.cause)
}

pub fn group(
    event_type: &'static str,
    id: GroupId,
    change: &Change<'_>,
    name: &str,
    touched: &[Touched<'_>],
) -> Event {
    let detail = Detail::new(name, change, touched, &change.types.group);
    Event::new(event_type, "group", id, &detail, change.cause)
}

#[derive(Serialize)]
struct Detail<'o> {
    name: &'o str,
    source: &'static str,
    changes: Vec<Changed<'o>>,
}

#[derive(Serialize)]
struct Changed<'o> {
    field: &'o str,
    from: Cow<'o, Value>,
    to: Cow<'o, Value>,
}

impl<'o> Detail<'o> {
    fn new(name: &'o str, change: &Change<'_>, touched: &[Touched<'o>], kind: &ResourceType) -> Self {
        let changed = |one: &Touched<'o>| {
            let (from, to) = one.visible(kind);
            Changed {
                field: one.attribute,
                from,
                to,
            }
        };
        Self {
            name,
            source: change.source.name(),
            changes: touched.iter().map(changed).collect(),
        }
    }
}

impl Directory {
    /// A page of the event trail.
    pub async fn events(
        &self,
        org: OrgId,
        filter: &store::events::Filter,
        limit: u32,
    ) -> Result<Vec<store::events::Event>, Error> {
        Ok(store::events::page(&mut self.store.reader(), org, filter, limit).await?)
    }
}
