//! What PostgreSQL shows and a single writer hides: commits out of order, deadlocks, lost connections.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use store::changes::{self, Entry, Kind, What};
use store::failures::{self, Failures};
use store::{Error, Lock, Query, Tx, Write, params, users};
use tokio::sync::{Barrier, Notify};

use base::{Cause, OrgId, UserId};

use crate::house::{House, person};

/// Notes a change, says so, and commits only when told.
struct Slow {
    org: OrgId,
    id: UserId,
    cause: Cause,
    noted: Arc<Notify>,
    go: Arc<Notify>,
}

impl Write for Slow {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), Error> {
        changes::append(
            tx,
            self.org,
            Entry::new(Kind::User, self.id, What::Updated),
            &self.cause,
        )
        .await?;
        // A line of the feed is only sent; what is asked behind it is answered once its number is taken.
        tx.query("SELECT 1", params![]).await?;
        self.noted.notify_one();
        self.go.notified().await;
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(
    not(feature = "postgres-tests"),
    ignore = "needs PostgreSQL: cargo xtask test runs it"
)]
async fn a_slow_commit_is_not_skipped() {
    let house = House::postgres().await;
    let start = changes::head(&house.store, house.org, 0).await.expect("head");
    let (noted, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let slow = Slow {
        org: house.org,
        id: house.store.ambient().id(),
        cause: house.cause(),
        noted: Arc::clone(&noted),
        go: Arc::clone(&go),
    };
    let id = slow.id;
    let store = house.store.clone();
    let slow = tokio::spawn(async move { store.write(slow).await });
    noted.notified().await;
    let quick = house.hire("quick").await.expect("overtakes");

    let (store, org) = (house.store.clone(), house.org);
    let reading = tokio::spawn(async move {
        let head = changes::head(&store, org, start).await?;
        changes::page(&mut store.reader(), org, start, head, 10).await
    });
    // Either the reader waits for the slow write, or it has (wrongly) returned.
    while !reading.is_finished() && waiting_for_locks(&house).await == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    go.notify_one();
    slow.await.expect("no panic").expect("committed");
    let read = reading.await.expect("no panic").expect("a page");
    let ids: Vec<UserId> = read
        .iter()
        .map(|change| change.id_as().expect("a person"))
        .collect();
    assert_eq!(ids, [id, quick.id], "in the order of their numbers, none missing");
}

async fn waiting_for_locks(house: &House) -> u64 {
    let sql = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted \
               AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    let rows = house.store.query(sql, &[]).await.expect("locks");
    rows[0].count(0).expect("a count")
}

/// A reader of the feed that waits must not bring to a halt those who write already and those who come.
#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(
    not(feature = "postgres-tests"),
    ignore = "needs PostgreSQL: cargo xtask test runs it"
)]
async fn writers_and_waiting_readers_do_not_block_each_other_for_good() {
    let house = House::postgres().await;
    let shared = house.hire("shared").await.expect("created").id;
    let writers = (0..8).map(async |_| {
        for _ in 0..10 {
            house
                .change(shared, None, person("shared"))
                .await
                .expect("changed");
        }
    });
    let readers = (0..4).map(async |_| {
        for _ in 0..20 {
            changes::head(&house.store, house.org, 0).await.expect("head");
        }
    });
    let all = async {
        tokio::join!(
            futures_util::future::join_all(writers),
            futures_util::future::join_all(readers)
        );
    };
    tokio::time::timeout(Duration::from_mins(1), all)
        .await
        .expect("all come through");
    let user = users::by_id(&mut house.q(), house.org, shared)
        .await
        .expect("read");
    assert_eq!(user.expect("there").version, 81);
}

/// Takes two locks; on the first attempt only when its opponent has the other.
struct Crossing {
    locks: [Lock; 2],
    met: Arc<Barrier>,
    attempts: Arc<AtomicU32>,
}

impl Write for Crossing {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), Error> {
        let attempt = self.attempts.fetch_add(1, Ordering::SeqCst);
        tx.lock(self.locks[0]).await?;
        // A lock is only sent; what is asked behind it is answered once it is held.
        tx.query("SELECT 1", params![]).await?;
        if attempt == 0 {
            self.met.wait().await;
        }
        tx.lock(self.locks[1]).await
    }
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(
    not(feature = "postgres-tests"),
    ignore = "needs PostgreSQL: cargo xtask test runs it"
)]
async fn a_deadlock_is_tried_again() {
    let house = House::postgres().await;
    let met = Arc::new(Barrier::new(2));
    let (one, two) = (Lock::Roles(house.org), Lock::Settings(house.org));
    let mut attempts = 0;
    let crossings = [[one, two], [two, one]].map(|locks| {
        let counted = Arc::new(AtomicU32::new(0));
        let write = Crossing {
            locks,
            met: Arc::clone(&met),
            attempts: Arc::clone(&counted),
        };
        let store = house.store.clone();
        (counted, tokio::spawn(async move { store.write(write).await }))
    });
    for (counted, crossing) in crossings {
        crossing.await.expect("no panic").expect("comes through");
        attempts += counted.load(Ordering::SeqCst);
    }
    assert_eq!(attempts, 3, "one of them twice");
}

/// Fails the first attempts by a statement.
struct Stumbling {
    sql: &'static str,
    times: u32,
    attempts: Arc<AtomicU32>,
    org: OrgId,
    id: UserId,
    cause: Cause,
}

impl Write for Stumbling {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), Error> {
        users::insert(tx, self.org, self.id, &person("anna"), &self.cause).await?;
        if self.attempts.fetch_add(1, Ordering::SeqCst) < self.times {
            tx.query(self.sql, params![]).await?;
        }
        Ok(())
    }
}

const SERIALIZATION: &str =
    "DO $$ BEGIN RAISE EXCEPTION 'could not serialize' USING ERRCODE = '40001'; END $$";
const KILLED: &str = "SELECT pg_terminate_backend(pg_backend_pid())";

async fn stumble(house: &House, sql: &'static str, times: u32) -> (Result<(), Error>, u32) {
    let attempts = Arc::new(AtomicU32::new(0));
    let write = Stumbling {
        sql,
        times,
        attempts: Arc::clone(&attempts),
        org: house.org,
        id: house.store.ambient().id(),
        cause: house.cause(),
    };
    let done = house.store.write(write).await;
    (done, attempts.load(Ordering::SeqCst))
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(
    not(feature = "postgres-tests"),
    ignore = "needs PostgreSQL: cargo xtask test runs it"
)]
async fn a_serialization_failure_is_tried_again_and_again_but_not_for_ever() {
    let house = House::postgres().await;
    let (done, attempts) = stumble(&house, SERIALIZATION, 3).await;
    assert!(done.is_ok() && attempts == 4, "{done:?} after {attempts}");
    let (done, attempts) = stumble(&House::postgres().await, SERIALIZATION, u32::MAX).await;
    assert!(
        matches!(done, Err(Error::Busy)) && attempts > 5,
        "{done:?} after {attempts}"
    );
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(
    not(feature = "postgres-tests"),
    ignore = "needs PostgreSQL: cargo xtask test runs it"
)]
async fn a_lost_connection_before_the_commit_is_replaced() {
    let house = House::postgres().await;
    let (done, attempts) = stumble(&house, KILLED, 1).await;
    assert!(done.is_ok() && attempts == 2, "{done:?} after {attempts}");
    let anna = users::by_user_name(&mut house.q(), house.org, "anna")
        .await
        .expect("read");
    assert_eq!(anna.expect("there").version, 1);
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(
    not(feature = "postgres-tests"),
    ignore = "needs PostgreSQL: cargo xtask test runs it"
)]
async fn a_read_survives_lost_connections() {
    let house = House::postgres().await;
    house.hire("anna").await.expect("created");
    let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                  WHERE datname = current_database() AND pid <> pg_backend_pid()";
    house.store.query(others, &[]).await.expect("killed");
    for _ in 0..5 {
        users::by_user_name(&mut house.q(), house.org, "anna")
            .await
            .expect("read")
            .expect("there");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(
    not(feature = "postgres-tests"),
    ignore = "needs PostgreSQL: cargo xtask test runs it"
)]
async fn nodes_that_start_together_migrate_once() {
    let url = testkit::postgres::PostgresServer::shared()
        .await
        .fresh_database()
        .await;
    let database = store::Database::Postgres(url);
    let opens = (0..4).map(|_| store::Store::open(&database, base::Ambient::system()));
    for opened in futures_util::future::join_all(opens).await {
        opened.expect("opens");
    }
}

#[tokio::test]
#[cfg_attr(
    not(feature = "postgres-tests"),
    ignore = "needs PostgreSQL: cargo xtask test runs it"
)]
async fn a_server_that_is_not_there_is_said_to_be() {
    let database = store::Database::Postgres("postgres://postgres@127.0.0.1:1/x".to_owned());
    let refused = store::Store::open(&database, base::Ambient::system()).await;
    assert!(matches!(refused, Err(Error::Unavailable(_))));
}

/// Forgets what is counted, but commits only when told.
struct Forget {
    held: Arc<Notify>,
    go: Arc<Notify>,
}

impl Write for Forget {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), Error> {
        failures::hold(tx, b"an address").await?;
        self.held.notify_one();
        self.go.notified().await;
        failures::forget(tx, b"an address").await
    }
}

/// One more; says how many there were.
struct Count;

impl Write for Count {
    type Out = u32;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<u32, Error> {
        let before = failures::hold(tx, b"an address").await?;
        let now = tx.ambient().now();
        let after = Failures {
            count: before.count + 1,
            last: now,
            until: now,
        };
        failures::set(tx, b"an address", after).await?;
        Ok(before.count)
    }
}

/// Whoever is counted while a success forgets the count is counted all the same.
#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(
    not(feature = "postgres-tests"),
    ignore = "needs PostgreSQL: cargo xtask test runs it"
)]
async fn an_attempt_during_a_success_is_counted() {
    let house = House::postgres().await;
    for before in 0..3 {
        assert_eq!(house.store.write(Count).await.expect("counted"), before);
    }
    let (held, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let forget = Forget {
        held: Arc::clone(&held),
        go: Arc::clone(&go),
    };
    let store = house.store.clone();
    let forgetting = tokio::spawn(async move { store.write(forget).await });
    held.notified().await;
    let counting: Vec<_> = (0..2)
        .map(|_| {
            let store = house.store.clone();
            tokio::spawn(async move { store.write(Count).await })
        })
        .collect();
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    loop {
        let rows = house.store.query(waiting, &[]).await.expect("asked");
        if rows[0].count(0).expect("a count") == 2
            || counting.iter().all(tokio::task::JoinHandle::is_finished)
        {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    go.notify_one();
    forgetting.await.expect("no panic").expect("forgotten");
    let mut counted = Vec::new();
    for one in counting {
        counted.push(one.await.expect("no panic").expect("counted"));
    }
    counted.sort_unstable();
    assert_eq!(counted, [0, 1]);
    assert_eq!(house.store.write(Count).await.expect("counted"), 2, "both");
}
