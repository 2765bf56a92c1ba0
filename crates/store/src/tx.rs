//! Reads and writes as the upper floors see them: [`Query`] asks, [`Write`] changes inside a [`Tx`].

use base::{Ambient, OrgId};

use crate::error::Error;
use crate::postgres::Session;
use crate::row::Row;
use crate::sqlite;
use crate::stats::Counters;
use crate::value::{StoredId, Value};

/// Whatever can be asked: a transaction, or a reader beside the writer.
///
/// SQL is written with `?1 ?2` for both databases. The texts are few and fixed: each is prepared once per connection.
pub trait Query: Send {
    /// All rows of a statement that reads little: a point, a page.
    fn query(&mut self, sql: &str, params: &[Value]) -> impl Future<Output = Result<Vec<Row>, Error>> + Send;

    /// All rows of a statement that reads much; it does not hold up the other tasks of this thread.
    fn scan(&mut self, sql: &str, params: &[Value]) -> impl Future<Output = Result<Vec<Row>, Error>> + Send {
        self.query(sql, params)
    }

    /// The first row.
    fn first(
        &mut self,
        sql: &str,
        params: &[Value],
    ) -> impl Future<Output = Result<Option<Row>, Error>> + Send {
        async move { Ok(self.query(sql, params).await?.into_iter().next()) }
    }
}

/// A change of any size: a value that can be run once or more.
///
/// What it returns with `Ok` is committed when `store.write(…)` returns; with `Err` nothing of it stays. An error that a
/// statement returned ends the write: it must be passed on. On SQLite `run` may wait for nothing but its transaction.
pub trait Write: Send + Sync + 'static {
    type Out: Send + 'static;

    const DURABILITY: Durability = Durability::OnDisk;

    fn run(&self, tx: &mut Tx<'_>) -> impl Future<Output = Result<Self::Out, Error>> + Send;
}

/// What `store.write(…)` waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Until it is on disk.
    OnDisk,
    /// Until it is committed: everybody sees it, but a crash of the database may take it back, and everything committed
    /// behind it in this way. What is committed on disk behind it brings it there too. For what would be done again, with
    /// nothing done twice.
    Soon,
}

/// What a write can lock until it ends. PostgreSQL takes an advisory lock; SQLite has one writer and takes none.
///
/// To keep writers from waiting for each other in a circle, take [`Lock::Feed`] first, then the others in the order
/// given here, then change rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    /// Shared: taken before the first change, so that a reader of the feed waits for this write (see `changes`).
    Feed(OrgId),
    /// The same, but alone: it waits for every write of the organization that is under way, and the others for it.
    Alone(OrgId),
    /// Rules that count across rows: the last administrator and the like.
    Roles(OrgId),
    /// The organization's settings.
    Settings(OrgId),
    /// Rules that count across the people of an organization.
    Users(OrgId),
    /// Who has which of its licences, and how many of each are left.
    Licences(OrgId),
    /// Rules that count across its groups, such as that none contains itself.
    Groups(OrgId),
    /// The applications, their mappings and assignments.
    Apps(OrgId),
    /// Batches of writes: taken first, so that two of them never wait for each other's rows.
    Batches(OrgId),
    /// Which accounts may be being created at its applications' targets.
    Doubts(OrgId),
    /// Whom it lets vouch for its people.
    Federation(OrgId),
}

impl Lock {
    fn number(self) -> u8 {
        match self {
            Self::Feed(_) | Self::Alone(_) => 1,
            Self::Roles(_) => 2,
            Self::Settings(_) => 3,
            Self::Users(_) => 4,
            Self::Groups(_) => 5,
            Self::Apps(_) => 6,
            Self::Batches(_) => 7,
            Self::Licences(_) => 8,
            Self::Doubts(_) => 9,
            Self::Federation(_) => 10,
        }
    }

    fn org(self) -> OrgId {
        let (Self::Feed(org)
        | Self::Alone(org)
        | Self::Roles(org)
        | Self::Settings(org)
        | Self::Users(org)
        | Self::Licences(org)
        | Self::Groups(org)
        | Self::Apps(org)
        | Self::Batches(org)
        | Self::Doubts(org)
        | Self::Federation(org)) = self;
        org
    }

    /// The number under which PostgreSQL knows it: FNV-1a over kind and organization, the same on every node.
    pub(crate) fn key(self) -> i64 {
        fnv(std::iter::once(self.number()).chain(self.org().stored()))
    }
}

/// FNV-1a, 64 bits.
pub(crate) fn fnv(bytes: impl IntoIterator<Item = u8>) -> i64 {
    let hash = bytes.into_iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash.cast_signed()
}

/// A transaction in which a [`Write`] runs.
pub struct Tx<'c> {
    link: Link<'c>,
    ambient: &'c Ambient,
    counters: &'c Counters,
    feeds: Vec<OrgId>,
    wrote_feed: bool,
    failed: bool,
}

enum Link<'c> {
    Sqlite(&'c mut rusqlite::Connection),
    Postgres(Session<'c>),
}

impl<'c> Tx<'c> {
    pub(crate) fn sqlite(
        connection: &'c mut rusqlite::Connection,
        ambient: &'c Ambient,
        counters: &'c Counters,
    ) -> Self {
        Self::new(Link::Sqlite(connection), ambient, counters)
    }

    pub(crate) fn postgres(session: Session<'c>, ambient: &'c Ambient, counters: &'c Counters) -> Self {
        Self::new(Link::Postgres(session), ambient, counters)
    }

    fn new(link: Link<'c>, ambient: &'c Ambient, counters: &'c Counters) -> Self {
        Self {
            link,
            ambient,
            counters,
            feeds: Vec::new(),
            wrote_feed: false,
            failed: false,
        }
    }

    /// Time and randomness, as given to the store.
    pub fn ambient(&self) -> &'c Ambient {
        self.ambient
    }

    /// Runs a statement that returns no rows; says how many it changed.
    pub async fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64, Error> {
        let done = match &mut self.link {
            Link::Sqlite(connection) => sqlite::execute(connection, sql, params),
            Link::Postgres(session) => session.execute(sql, params).await,
        };
        let changed = self.noted(done)?;
        self.counters
            .ran(sql, params, usize::try_from(changed).unwrap_or_default());
        Ok(changed)
    }

    /// Runs a statement of which nothing is asked. PostgreSQL's answer is not waited for: an error may come with a
    /// later statement, or with the commit.
    pub(crate) async fn send(&mut self, sql: &str, params: Vec<Value>) -> Result<(), Error> {
        self.send_many(sql, vec![params]).await
    }

    /// The same for each set of parameters.
    pub(crate) async fn send_many(&mut self, sql: &str, sets: Vec<Vec<Value>>) -> Result<(), Error> {
        self.counters.ran_often(sql, &sets, sets.len());
        let done = match &mut self.link {
            Link::Sqlite(connection) => sets
                .iter()
                .try_for_each(|params| sqlite::execute(connection, sql, params).map(drop)),
            Link::Postgres(session) => session.send_many(sql, sets).await,
        };
        self.noted(done)
    }

    /// Runs a statement that must change something: where it changes nothing, the write is refused. PostgreSQL's answer is
    /// not waited for: there the statement fails when it has changed nothing, and so does whatever comes behind it.
    pub(crate) async fn change(
        &mut self,
        sql: &str,
        params: Vec<Value>,
        refusal: fn() -> Error,
    ) -> Result<(), Error> {
        self.counters.ran(sql, &params, 1);
        let done = match &mut self.link {
            Link::Sqlite(connection) => sqlite::execute(connection, sql, &params)
                .and_then(|changed| if changed == 0 { Err(refusal()) } else { Ok(()) }),
            Link::Postgres(session) => {
                session
                    .require(
                        &format!("WITH changed AS ({sql} RETURNING 1) SELECT 1 / COUNT(*) FROM changed"),
                        params,
                        refusal,
                    )
                    .await
            }
        };
        self.noted(done)
    }

    /// Refuses the write unless a condition holds: the statement divides by 0 where it does not, which is an error on
    /// PostgreSQL and NULL on SQLite. It is not waited for either.
    pub(crate) async fn require(
        &mut self,
        sql: &str,
        params: Vec<Value>,
        refusal: fn() -> Error,
    ) -> Result<(), Error> {
        self.counters.ran(sql, &params, 1);
        let done = match &mut self.link {
            Link::Sqlite(connection) => sqlite::query(connection, sql, &params).and_then(|rows| {
                let holds = rows.first().map_or(Ok(None), |row| row.opt_int(0))?.is_some();
                if holds { Ok(()) } else { Err(refusal()) }
            }),
            Link::Postgres(session) => session.require(sql, params, refusal).await,
        };
        self.noted(done)
    }

    /// Runs one statement for each set of parameters, without waiting in between; says how many rows they changed.
    pub async fn execute_many(&mut self, sql: &str, sets: &[Vec<Value>]) -> Result<u64, Error> {
        let done = match &mut self.link {
            Link::Sqlite(connection) => sets
                .iter()
                .map(|params| sqlite::execute(connection, sql, params))
                .sum(),
            Link::Postgres(session) => session.execute_many(sql, sets).await,
        };
        let changed = self.noted(done)?;
        self.counters
            .ran_often(sql, sets, usize::try_from(changed).unwrap_or_default());
        Ok(changed)
    }

    /// The same for a statement that returns rows: all of them, in the order of the sets.
    pub async fn query_many(&mut self, sql: &str, sets: &[Vec<Value>]) -> Result<Vec<Row>, Error> {
        let done = match &mut self.link {
            Link::Sqlite(connection) => sets
                .iter()
                .map(|params| sqlite::query(connection, sql, params))
                .collect::<Result<Vec<_>, _>>()
                .map(|rows| rows.into_iter().flatten().collect::<Vec<_>>()),
            Link::Postgres(session) => session.query_many(sql, sets).await,
        };
        let rows = self.noted(done)?;
        self.counters.ran_often(sql, sets, rows.len());
        Ok(rows)
    }

    /// What a sub-query that claims rows ends with, so that claimers pass over each other's.
    pub(crate) fn skip_locked(&self) -> &'static str {
        match self.link {
            Link::Sqlite(_) => "",
            Link::Postgres(_) => " FOR UPDATE SKIP LOCKED",
        }
    }

    /// What a SELECT ends with that holds what it reads until the write ends: nobody deletes it meanwhile.
    pub(crate) fn hold_keys(&self) -> &'static str {
        match self.link {
            Link::Sqlite(_) => "",
            Link::Postgres(_) => " FOR KEY SHARE",
        }
    }

    /// What a SELECT ends with that holds what it reads until the write ends, to change it.
    pub(crate) fn hold_to_change(&self) -> &'static str {
        match self.link {
            Link::Sqlite(_) => "",
            Link::Postgres(_) => " FOR UPDATE",
        }
    }

    /// What a SELECT ends with that holds what it reads until the write ends: nobody changes it meanwhile.
    pub(crate) fn hold_rows(&self) -> &'static str {
        match self.link {
            Link::Sqlite(_) => "",
            Link::Postgres(_) => " FOR SHARE",
        }
    }

    /// Takes a lock that this write then holds until it ends: whatever comes behind it waits for it.
    pub async fn lock(&mut self, lock: Lock) -> Result<(), Error> {
        let shared = matches!(lock, Lock::Feed(_));
        if shared && self.feeds.contains(&lock.org()) {
            return Ok(());
        }
        if let Link::Postgres(session) = &mut self.link {
            let function = if shared {
                "pg_advisory_xact_lock_shared"
            } else {
                "pg_advisory_xact_lock"
            };
            let locked = session.lock(function, lock.key()).await;
            self.noted(locked)?;
        }
        if matches!(lock, Lock::Feed(_) | Lock::Alone(_)) {
            self.feeds.push(lock.org());
        }
        Ok(())
    }

    /// Remembers that whoever waits for changes is to be woken after the commit.
    pub(crate) fn wake_after_commit(&mut self) {
        self.wrote_feed = true;
    }

    /// The organizations whose feeds it wrote into, if any, once each.
    pub(crate) fn fed(&self) -> &[OrgId] {
        if self.wrote_feed { &self.feeds } else { &[] }
    }

    /// The transaction on PostgreSQL, to be ended.
    pub(crate) fn into_session(self) -> Option<Session<'c>> {
        match self.link {
            Link::Postgres(session) => Some(session),
            Link::Sqlite(_) => None,
        }
    }

    /// The write's own result, unless it went on after a statement had failed.
    pub(crate) fn verdict<T>(&self, result: Result<T, Error>) -> Result<T, Error> {
        if self.failed && result.is_ok() {
            return Err(Error::internal(
                "a write went on after one of its statements had failed",
            ));
        }
        result
    }

    fn noted<T>(&mut self, result: Result<T, Error>) -> Result<T, Error> {
        self.failed |= result.is_err();
        result
    }
}

impl Query for Tx<'_> {
    async fn query(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>, Error> {
        let asked = match &mut self.link {
            Link::Sqlite(connection) => sqlite::query(connection, sql, params),
            Link::Postgres(session) => session.query(sql, params).await,
        };
        let rows = self.noted(asked)?;
        self.counters.ran(sql, params, rows.len());
        Ok(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::Timestamp;

    #[test]
    fn lock_keys_differ_by_kind_and_organization_and_never_change() {
        let org = |random| OrgId::new(Timestamp::from_micros(0), [random; 10]);
        assert_ne!(Lock::Feed(org(1)).key(), Lock::Roles(org(1)).key());
        assert_ne!(Lock::Feed(org(1)).key(), Lock::Feed(org(2)).key());
        assert_eq!(fnv(*b"foobar"), 0x8594_4171_f739_67e8_u64.cast_signed());
    }
}
