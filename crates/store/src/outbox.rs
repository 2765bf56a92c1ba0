//! The outbox: mail, written in the transaction of what it tells of, and sent afterwards.
//!
//! Whoever sends a mail leases it first, under a fence, as lanes are.

use base::{Cause, CorrelationId, MailId, OrgId, Timestamp};

use crate::changes::actor_text;
use crate::conditions::Conditions;
use crate::error::Error;
use crate::params;
use crate::row::Row;
use crate::tx::{Query, Tx};

macro_rules! columns {
    () => {
        "id, recipient, subject, body, created, due, attempts, sent, given_up, error, correlation"
    };
}

/// A mail as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    pub id: MailId,
    pub recipient: String,
    pub subject: String,
    pub text: String,
    pub created: Timestamp,
    /// When it is to be tried; `None`: never again.
    pub due: Option<Timestamp>,
    /// Tries that failed.
    pub attempts: i64,
    pub sent: Option<Timestamp>,
    pub given_up: Option<Timestamp>,
    /// Why the last try failed.
    pub error: Option<String>,
    pub correlation: CorrelationId,
}

/// How a mail stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    Waiting,
    Sent,
    GivenUp,
}

impl State {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::GivenUp => "given_up",
        }
    }
}

impl Mail {
    pub fn state(&self) -> State {
        match (self.sent, self.given_up) {
            (Some(_), _) => State::Sent,
            (None, Some(_)) => State::GivenUp,
            (None, None) => State::Waiting,
        }
    }

    fn read(mut row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id(0)?,
            recipient: row.take_text(1)?,
            subject: row.take_text(2)?,
            text: row.take_text(3)?,
            created: row.time(4)?,
            due: row.opt_time(5)?,
            attempts: row.int(6)?,
            sent: row.opt_time(7)?,
            given_up: row.opt_time(8)?,
            error: row.take_opt_text(9)?,
            correlation: row.id(10)?,
        })
    }
}

/// What is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    pub recipient: String,
    pub subject: String,
    /// Plain text.
    pub text: String,
}

/// What stands in the text of a mail with a secret for the address of the server, and for the secret.
pub const PUBLIC_URL: &str = "{public_url}";
pub const SECRET: &str = "{secret}";
/// As which field the secret of a mail is sealed.
pub const SECRET_FIELD: &str = "mails.secret";

/// A mail that is ours for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    pub mail: Mail,
    /// Sealed.
    pub secret: Option<Vec<u8>>,
    pub fence: i64,
}

/// What came of a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Sent,
    /// Tried again then.
    Failed {
        due: Timestamp,
        error: String,
    },
    GivenUp {
        error: String,
    },
}

/// Puts a mail into the outbox.
pub async fn insert(tx: &mut Tx<'_>, org: OrgId, draft: &Draft, cause: &Cause) -> Result<MailId, Error> {
    put(tx, org, (draft, None), cause).await
}

/// The same with a secret, sealed, that comes into the text as it is sent.
pub async fn insert_with_secret(
    tx: &mut Tx<'_>,
    org: OrgId,
    draft: &Draft,
    secret: &[u8],
    cause: &Cause,
) -> Result<MailId, Error> {
    put(tx, org, (draft, Some(secret)), cause).await
}

async fn put(
    tx: &mut Tx<'_>,
    org: OrgId,
    (draft, secret): (&Draft, Option<&[u8]>),
    cause: &Cause,
) -> Result<MailId, Error> {
    let now = tx.ambient().now();
    let id = MailId::new(now, tx.ambient().random());
    tx.execute(
        "INSERT INTO mails (org, id, recipient, subject, body, secret, created, due, fence, attempts, actor, correlation) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?9, ?6, ?6, 0, 0, ?7, ?8)",
        params![
            org,
            id,
            &draft.recipient,
            &draft.subject,
            &draft.text,
            now,
            actor_text(&cause.actor)?,
            cause.correlation,
            secret
        ],
    )
    .await?;
    Ok(id)
}

/// The latest first, from behind one on.
pub async fn page(
    q: &mut impl Query,
    org: OrgId,
    after: Option<MailId>,
    limit: u32,
) -> Result<Vec<Mail>, Error> {
    let (conditions, values, limit) = Conditions::of(org).and("id", "<", after).limited(limit);
    let sql = format!(
        "SELECT {} FROM mails WHERE {conditions} ORDER BY id DESC LIMIT {limit}",
        columns!()
    );
    q.query(&sql, &values)
        .await?
        .into_iter()
        .map(Mail::read)
        .collect()
}

/// How many wait to be sent.
pub async fn count_waiting(q: &mut impl Query, org: OrgId) -> Result<u64, Error> {
    let sql = "SELECT COUNT(*) FROM mails WHERE org = ?1 AND due IS NOT NULL";
    q.first(sql, params![org])
        .await?
        .map_or(Ok(0), |row| row.count(0))
}

/// Whether a mail is due.
pub async fn is_due(q: &mut impl Query, org: OrgId, now: Timestamp) -> Result<bool, Error> {
    let sql = "SELECT 1 FROM mails WHERE org = ?1 AND due <= ?2 LIMIT 1";
    Ok(q.first(sql, params![org, now]).await?.is_some())
}

/// Leases the mail that has been due for longest, until a time. Whoever held it before has lost it.
pub async fn claim(
    tx: &mut Tx<'_>,
    org: OrgId,
    (now, until): (Timestamp, Timestamp),
) -> Result<Option<Lease>, Error> {
    // Chosen first and once: PostgreSQL may run a sub-query with a limit anew for every row, and so take more.
    let sql = format!(
        "WITH chosen AS MATERIALIZED \
         (SELECT id FROM mails WHERE org = ?1 AND due <= ?2 ORDER BY due, id LIMIT 1{}) \
         UPDATE mails SET due = ?3, fence = fence + 1 WHERE org = ?1 AND id IN (SELECT id FROM chosen) \
         RETURNING {}, fence, secret",
        tx.skip_locked(),
        columns!()
    );
    let row = tx.first(&sql, params![org, now, until]).await?;
    row.map(|row| {
        let fence = row.int(11)?;
        Ok(Lease {
            secret: row.opt_bytes(12)?.map(<[u8]>::to_vec),
            mail: Mail::read(row)?,
            fence,
        })
    })
    .transpose()
}

/// Writes down what came of a try. Says whether the lease still held; if it did not, nothing was written.
pub async fn complete(tx: &mut Tx<'_>, org: OrgId, lease: &Lease, outcome: &Outcome) -> Result<bool, Error> {
    let now = tx.ambient().now();
    let key = params![org, lease.mail.id, lease.fence].to_vec();
    let (sql, more) = match outcome {
        Outcome::Sent => (
            "UPDATE mails SET due = NULL, secret = NULL, sent = ?4, error = NULL WHERE org = ?1 AND id = ?2 AND fence = ?3",
            params![now].to_vec(),
        ),
        Outcome::Failed { due, error } => (
            "UPDATE mails SET due = ?4, attempts = attempts + 1, error = ?5 \
             WHERE org = ?1 AND id = ?2 AND fence = ?3",
            params![*due, error].to_vec(),
        ),
        Outcome::GivenUp { error } => (
            "UPDATE mails SET due = NULL, secret = NULL, given_up = ?4, attempts = attempts + 1, error = ?5 \
             WHERE org = ?1 AND id = ?2 AND fence = ?3",
            params![now, error].to_vec(),
        ),
    };
    Ok(tx.execute(sql, &[key, more].concat()).await? == 1)
}

/// Forgets mails made before a time that are done with, at most `limit` of them; says how many.
pub async fn prune(tx: &mut Tx<'_>, org: OrgId, before: Timestamp, limit: u32) -> Result<u64, Error> {
    let sql = "DELETE FROM mails WHERE org = ?1 AND id IN \
               (SELECT id FROM mails WHERE org = ?1 AND id < ?2 AND due IS NULL ORDER BY id LIMIT ?3)";
    tx.execute(sql, params![org, MailId::new(before, [0; 10]), limit])
        .await
}
