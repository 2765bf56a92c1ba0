//! The event trail's entries.

use base::{Cause, OrgId};
use serde_json::{Value, json};
use store::events::{NewEvent, Outcome};
use store::{StoredId, Tx, Write};

/// Appends an entry in the transaction of what it tells of. `changes` are triples of a field, what it was and what it is.
pub(crate) async fn tell(
    tx: &mut Tx<'_>,
    org: OrgId,
    what: &Told<'_>,
    changes: &[(&str, Value, Value)],
    cause: &Cause,
) -> Result<(), store::Error> {
    let changes: Vec<_> = changes
        .iter()
        .map(|(field, from, to)| json!({ "field": field, "from": from, "to": to }))
        .collect();
    let mut doc = json!({ "name": what.name, "changes": changes });
    if let (Value::Object(doc), Value::Object(more)) = (&mut doc, &what.more) {
        doc.extend(more.clone());
    }
    let event = NewEvent {
        event_type: what.event_type.to_owned(),
        outcome: Outcome::Succeeded,
        resource_kind: what.kind.to_owned(),
        resource_id: Some(what.id),
        doc: doc.to_string(),
    };
    store::events::append(tx, org, &event, cause).await.map(drop)
}

/// What an entry tells of.
pub(crate) struct Told<'t> {
    pub event_type: &'t str,
    pub kind: &'t str,
    pub id: [u8; 16],
    pub name: &'t str,
    /// An object with what else there is to say, or nothing.
    pub more: Value,
}

impl<'t> Told<'t> {
    pub(crate) fn new(event_type: &'t str, kind: &'t str, id: impl StoredId, name: &'t str) -> Self {
        Self {
            event_type,
            kind,
            id: id.stored(),
            name,
            more: Value::Null,
        }
    }
}

/// An entry in a transaction of its own.
pub(crate) struct Tell {
    pub org: OrgId,
    pub event: NewEvent,
    pub cause: Cause,
}

impl Write for Tell {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        store::events::append(tx, self.org, &self.event, &self.cause)
            .await
            .map(drop)
    }
}
