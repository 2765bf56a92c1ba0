//! The event trail's entries, under the names that Directory Insights gives such events.

use std::borrow::Cow;

use base::{Cause, GroupId, OrgId, UserId};
use scim::ResourceType;
use serde::Serialize;
use serde_json::Value;
use store::events::{NewEvent, Outcome};
use store::{StoredId, Tx};

use crate::rendering::Touched;
use crate::{Change, Directory, Error};

/// An entry that is about to be written, in the transaction of what it tells of.
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
