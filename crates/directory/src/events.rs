//! The event trail's entries, under the names that Directory Insights gives such events.

use base::{Cause, GroupId, OrgId, UserId};
use serde_json::{Value, json};
use store::events::{NewEvent, Outcome};
use store::{StoredId, Tx};

use crate::{Change, Difference, Directory, Error, rendering};

/// An entry that is about to be written, in the transaction of what it tells of.
pub struct Event {
    event: NewEvent,
    pub cause: Cause,
}

impl Event {
    pub fn new(event_type: &str, kind: &str, id: impl StoredId, detail: &Value, cause: &Cause) -> Self {
        let event = NewEvent {
            event_type: event_type.to_owned(),
            outcome: Outcome::Succeeded,
            resource_kind: kind.to_owned(),
            resource_id: Some(id.stored()),
            doc: detail.to_string(),
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
    kind: &'static str,
    id: UserId,
    change: &Change<'_>,
    name: &str,
    differences: &[Difference],
) -> Event {
    let differences = rendering::visible(differences, &change.types.user);
    Event::new(
        kind,
        "user",
        id,
        &detail(name, change, &differences),
        change.cause,
    )
}

pub fn group(
    kind: &'static str,
    id: GroupId,
    change: &Change<'_>,
    name: &str,
    differences: &[Difference],
) -> Event {
    let differences = rendering::visible(differences, &change.types.group);
    Event::new(
        kind,
        "group",
        id,
        &detail(name, change, &differences),
        change.cause,
    )
}

/// `{"name", "source", "changes": [{"field", "from", "to"}]}`.
fn detail(name: &str, change: &Change<'_>, differences: &[Difference]) -> Value {
    let changes: Vec<_> = differences
        .iter()
        .map(|one| json!({ "field": one.attribute, "from": one.old, "to": one.new }))
        .collect();
    json!({ "name": name, "source": change.source.name(), "changes": changes })
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
