//! The trail of events: what was attempted, by whom, with what success. Written with the change itself.

use base::{Actor, Cause, CorrelationId, EventId, OrgId, Timestamp};

use crate::changes::actor_text;
use crate::conditions::{Conditions, Order};
use crate::error::Error;
use crate::params;
use crate::row::Row;
use crate::tx::{Query, Tx};
use crate::value::StoredId;

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Succeeded,
    Failed,
}

/// An event that is about to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// Such as `user_create`.
    pub event_type: String,
    pub outcome: Outcome,
    /// Such as `user`.
    pub resource_kind: String,
    pub resource_id: Option<[u8; 16]>,
    /// JSON.
    pub doc: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub id: EventId,
    pub at: Timestamp,
    pub event_type: String,
    pub outcome: Outcome,
    pub resource_kind: String,
    pub resource_id: Option<[u8; 16]>,
    pub doc: String,
    pub actor: Actor,
    pub correlation: CorrelationId,
    /// From where it was asked for.
    pub client_ip: Option<String>,
}

/// Which events are asked for; what is `None` does not matter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// From then on.
    pub from: Option<Timestamp>,
    /// Before then.
    pub until: Option<Timestamp>,
    /// Such as `user_create`.
    pub event_type: Option<String>,
    /// Only what comes behind this event in the order asked for, whether it is still there or not.
    pub after: Option<EventId>,
    pub order: Order,
}

/// Appends an event. Its id is made from its time: ids are in the order of time.
pub async fn append(tx: &mut Tx<'_>, org: OrgId, event: &NewEvent, cause: &Cause) -> Result<EventId, Error> {
    let now = tx.ambient().now();
    let id = EventId::new(now, tx.ambient().random());
    write(tx, org, now, &[(id, event, cause)]).await?;
    Ok(id)
}

/// Appends events, each with its own cause.
pub async fn append_all(tx: &mut Tx<'_>, org: OrgId, events: &[(NewEvent, &Cause)]) -> Result<(), Error> {
    let now = tx.ambient().now();
    let events: Vec<_> = events
        .iter()
        .map(|(event, cause)| (EventId::new(now, tx.ambient().random()), event, *cause))
        .collect();
    write(tx, org, now, &events).await
}

async fn write(
    tx: &mut Tx<'_>,
    org: OrgId,
    now: Timestamp,
    events: &[(EventId, &NewEvent, &Cause)],
) -> Result<(), Error> {
    let mut sets = Vec::with_capacity(events.len());
    for (id, event, cause) in events {
        let actor = actor_text(&cause.actor)?;
        let client_ip = cause.client_ip.map(|address| address.to_string());
        let set = params![
            org,
            *id,
            now,
            &event.event_type,
            event.outcome == Outcome::Succeeded,
            &event.resource_kind,
            event.resource_id,
            &event.doc,
            actor.as_str(),
            cause.correlation,
            client_ip.as_deref()
        ];
        sets.push(set.to_vec());
    }
    tx.send_many(
        "INSERT INTO events (org, id, at, type, success, resource_kind, resource_id, doc, actor, correlation, client_ip) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        sets,
    )
    .await
}

/// The events that fit, in the order asked for.
pub async fn page(q: &mut impl Query, org: OrgId, filter: &Filter, limit: u32) -> Result<Vec<Event>, Error> {
    // The first id of a moment.
    let at = |time: Timestamp| EventId::new(time, [0; 10]);
    let (behind, direction) = match filter.order {
        Order::NewestFirst => ("<", "DESC"),
        Order::OldestFirst => (">", "ASC"),
    };
    let narrowed = Conditions::of(org)
        .and("id", ">=", filter.from.map(at))
        .and("id", "<", filter.until.map(at))
        .and("type", "=", filter.event_type.as_deref())
        .and("id", behind, filter.after);
    let (conditions, values, limit) = narrowed.limited(limit);
    let sql = format!(
        "SELECT id, at, type, success, resource_kind, resource_id, doc, actor, correlation, client_ip FROM events \
         WHERE {conditions} ORDER BY id {direction} LIMIT {limit}"
    );
    let rows = q.scan(&sql, &values).await?;
    rows.into_iter().map(read).collect()
}

/// Forgets events older than a time, at most `limit` of them; says how many.
pub async fn prune(tx: &mut Tx<'_>, org: OrgId, before: Timestamp, limit: u32) -> Result<u64, Error> {
    let sql = "DELETE FROM events WHERE org = ?1 AND id IN \
               (SELECT id FROM events WHERE org = ?1 AND id < ?2 ORDER BY id LIMIT ?3)";
    tx.execute(sql, params![org, EventId::new(before, [0; 10]), limit])
        .await
}

fn read(mut row: Row) -> Result<Event, Error> {
    let outcome = if row.bool(3)? {
        Outcome::Succeeded
    } else {
        Outcome::Failed
    };
    Ok(Event {
        id: row.id(0)?,
        at: row.time(1)?,
        event_type: row.take_text(2)?,
        outcome,
        resource_kind: row.take_text(4)?,
        resource_id: row.opt_id::<CorrelationId>(5)?.map(|id| id.stored()),
        doc: row.take_text(6)?,
        actor: row.actor(7)?,
        correlation: row.id(8)?,
        client_ip: row.take_opt_text(9)?,
    })
}
