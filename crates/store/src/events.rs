//! The trail of events: what was attempted, by whom, with what success. Written with the change itself.

use base::{Actor, Cause, CorrelationId, EventId, OrgId, Timestamp};

use crate::changes::actor_text;
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
}

/// Appends an event; its id and time are made here.
pub async fn append(tx: &mut Tx<'_>, org: OrgId, event: &NewEvent, cause: &Cause) -> Result<EventId, Error> {
    let (id, now): (EventId, _) = (tx.ambient().id(), tx.ambient().now());
    tx.execute(
        "INSERT INTO events (org, id, at, type, success, resource_kind, resource_id, doc, actor, correlation) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            org,
            id,
            now,
            &event.event_type,
            event.outcome == Outcome::Succeeded,
            &event.resource_kind,
            event.resource_id,
            &event.doc,
            actor_text(&cause.actor)?,
            cause.correlation
        ],
    )
    .await?;
    Ok(id)
}

pub async fn by_id(q: &mut impl Query, org: OrgId, id: EventId) -> Result<Option<Event>, Error> {
    let sql = "SELECT id, at, type, success, resource_kind, resource_id, doc, actor, correlation FROM events \
               WHERE org = ?1 AND id = ?2";
    q.first(sql, params![org, id]).await?.map(read).transpose()
}

/// A page of events from `from` on and before `until`, the newest first, older than `before` if that is given.
pub async fn page(
    q: &mut impl Query,
    org: OrgId,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    before: Option<&Event>,
    limit: u32,
) -> Result<Vec<Event>, Error> {
    let from = from.map_or(i64::MIN, Timestamp::as_micros);
    let until = until.map_or(i64::MAX, Timestamp::as_micros);
    // Behind the last page's last event: the same time with a smaller id, or an earlier time.
    let (at, id) = before.map_or((i64::MAX, vec![0xff; 17]), |event| {
        (event.at.as_micros(), event.id.stored().to_vec())
    });
    let sql = "SELECT id, at, type, success, resource_kind, resource_id, doc, actor, correlation FROM events \
               WHERE org = ?1 AND at >= ?2 AND at < ?3 AND (at, id) < (?4, ?5) \
               ORDER BY at DESC, id DESC LIMIT ?6";
    let rows = q.scan(sql, params![org, from, until, at, id, limit]).await?;
    rows.into_iter().map(read).collect()
}

/// A page of events, the oldest first, younger than `after` if that is given.
pub async fn following(
    q: &mut impl Query,
    org: OrgId,
    after: Option<&Event>,
    limit: u32,
) -> Result<Vec<Event>, Error> {
    let (at, id) = after.map_or((i64::MIN, Vec::new()), |event| {
        (event.at.as_micros(), event.id.stored().to_vec())
    });
    let sql = "SELECT id, at, type, success, resource_kind, resource_id, doc, actor, correlation FROM events \
               WHERE org = ?1 AND (at, id) > (?2, ?3) ORDER BY at, id LIMIT ?4";
    let rows = q.scan(sql, params![org, at, id, limit]).await?;
    rows.into_iter().map(read).collect()
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
    })
}
