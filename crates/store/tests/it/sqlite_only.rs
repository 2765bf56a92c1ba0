//! What SQLite's writer thread owes: group commit, and no write that takes others down with it.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::{Duration, Instant};

use store::{Database, Error, Lookup, Store, users};

use crate::house::{Closure, House, person};

/// Keeps the writer busy until the sender is dropped or used.
fn blocker(
    house: &House,
) -> (
    std::sync::mpsc::Sender<()>,
    tokio::task::JoinHandle<Result<(), Error>>,
) {
    let (go, wait) = channel::<()>();
    let (entered, inside) = channel::<()>();
    let wait = Arc::new(Mutex::new(wait));
    let write = Closure::new(move |_tx| {
        let _ = entered.send(());
        let _ = wait.lock().expect("not poisoned").recv();
        Box::pin(async { Ok(()) })
    });
    let store = house.store.clone();
    let blocked = tokio::spawn(async move { store.write(write).await });
    inside.recv().expect("the writer has begun");
    (go, blocked)
}

fn hiring(house: &House, name: &str) -> Closure<users::User> {
    let (org, id, draft, cause) = (house.org, house.store.ambient().id(), person(name), house.cause());
    Closure::new(move |tx| {
        let (draft, cause) = (draft.clone(), cause.clone());
        Box::pin(async move { users::insert(tx, org, id, &draft, &cause).await })
    })
}

/// Fails after it has changed something.
fn spoiling(house: &House, name: &str) -> Closure<users::User> {
    let (org, id, draft, cause) = (house.org, house.store.ambient().id(), person(name), house.cause());
    Closure::new(move |tx| {
        let (draft, cause) = (draft.clone(), cause.clone());
        Box::pin(async move {
            users::insert(tx, org, id, &draft, &cause).await?;
            Err(Error::NotFound)
        })
    })
}

async fn first_poll<F: Future>(future: &mut Pin<Box<F>>) -> Poll<F::Output> {
    poll_fn(|context| Poll::Ready(future.as_mut().poll(context))).await
}

/// Puts the writes into one batch and returns what each gave.
async fn batch<T: Send + 'static>(house: &House, writes: Vec<Closure<T>>) -> Vec<Result<T, Error>> {
    let (go, blocked) = blocker(house);
    // Each is polled once before the writer goes on, so that all of them wait in its queue.
    let mut waiting: Vec<_> = writes
        .into_iter()
        .map(|write| Box::pin(house.store.write(write)))
        .collect();
    for write in &mut waiting {
        assert!(first_poll(write).await.is_pending());
    }
    drop(go);
    blocked.await.expect("no panic").expect("nothing to do");
    futures_util::future::join_all(waiting).await
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_writes_share_a_commit() {
    let house = House::sqlite().await;
    let before = house.store.stats().commits;
    let writes = (0..20)
        .map(|number| hiring(&house, &format!("user{number}")))
        .collect();
    let done = batch(&house, writes).await;
    assert!(done.iter().all(Result::is_ok));
    assert_eq!(
        house.store.stats().commits - before,
        2,
        "the blocker's and theirs"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_write_leaves_the_others_in() {
    let house = House::sqlite().await;
    let panics = Closure::new(|_tx| panic!("a bug in a write"));
    let writes = vec![
        hiring(&house, "anna"),
        hiring(&house, "ANNA"),
        hiring(&house, "bert"),
        panics,
        spoiling(&house, "dora"),
        hiring(&house, "cleo"),
    ];
    let done = batch(&house, writes).await;
    assert!(done[0].is_ok() && done[2].is_ok() && done[5].is_ok(), "{done:?}");
    assert!(matches!(&done[1], Err(Error::Conflict { what }) if what == "user_name"));
    assert!(matches!(&done[3], Err(Error::Internal(_))));
    assert!(
        matches!(&done[4], Err(Error::NotFound)),
        "and what it had changed is undone"
    );
    let count = users::count(&mut house.q(), house.org, &Lookup::All).await;
    assert_eq!(count.expect("count"), 3);
}

/// As when the disk is full for a moment: SQLite rolls back everything, also what had succeeded.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_transaction_is_tried_again_one_by_one() {
    let house = House::sqlite().await;
    let org = house.org;
    let saboteur = Closure::new(move |tx| {
        Box::pin(async move {
            tx.execute("ROLLBACK", &[]).await?;
            users::by_id(tx, org, tx.ambient().id()).await?;
            Err(Error::internal("sabotage"))
        })
    });
    let done = batch(
        &house,
        vec![hiring(&house, "anna"), saboteur, hiring(&house, "bert")],
    )
    .await;
    assert!(done[0].is_ok() && done[2].is_ok(), "{done:?}");
    assert!(done[1].is_err());
    let count = users::count(&mut house.q(), house.org, &Lookup::All).await;
    assert_eq!(count.expect("count"), 2, "each once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_waits_for_something_else_is_refused() {
    let house = House::sqlite().await;
    let waited = house
        .write(|_tx| {
            Box::pin(async {
                tokio::task::yield_now().await;
                Ok(())
            })
        })
        .await;
    assert!(matches!(waited, Err(Error::Internal(_))));
    house.hire("anna").await.expect("the writer goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_nobody_waits_for_is_left_out() {
    let house = House::sqlite().await;
    let (go, blocked) = blocker(&house);
    let mut given_up = Box::pin(house.store.write(hiring(&house, "anna")));
    assert!(first_poll(&mut given_up).await.is_pending());
    drop(given_up);
    drop(go);
    blocked.await.expect("no panic").expect("nothing to do");
    house.hire("anna").await.expect("the name is free");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_process_serves() {
    let house = House::sqlite().await;
    let neighbour = house.neighbour().await;
    let lock = house.store.serve_lock().expect("the first");
    assert!(matches!(neighbour.serve_lock(), Err(Error::InUse(_))));
    drop(lock);
    neighbour.serve_lock().expect("after it");
}

/// However a process calls the file, it is the same file.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn one_process_serves_under_whichever_name() {
    let house = House::sqlite().await;
    let Database::Sqlite(path) = &house.database else {
        unreachable!("it is SQLite")
    };
    let elsewhere = tempfile::tempdir().expect("a directory");
    let alias = elsewhere.path().join("alias.db");
    std::os::unix::fs::symlink(path, &alias).expect("a link");
    let alias = Store::open(&Database::Sqlite(alias), house.store.ambient().clone()).await;
    let alias = alias.expect("opens by its other name");
    let _lock = house.store.serve_lock().expect("the first");
    assert!(matches!(alias.serve_lock(), Err(Error::InUse(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_write_beside_each_other() {
    let house = House::sqlite().await;
    let other = house.neighbour().await;
    let own = async {
        for number in 0..30 {
            house.hire(&format!("own{number}")).await.expect("created");
        }
    };
    let others = async {
        for number in 0..30 {
            other
                .write(hiring(&house, &format!("other{number}")))
                .await
                .expect("created");
        }
    };
    tokio::join!(own, others);
    let count = users::count(&mut house.q(), house.org, &Lookup::All).await;
    assert_eq!(count.expect("count"), 60);
}

/// A store at rest holds a place in the log, and yet others can write the log back and begin it anew.
#[tokio::test(flavor = "multi_thread")]
async fn a_store_at_rest_lets_the_log_begin_anew() {
    let house = House::sqlite().await;
    let Database::Sqlite(path) = &house.database else {
        unreachable!("it is SQLite")
    };
    let neighbour = house.neighbour().await;
    neighbour.write(hiring(&house, "anna")).await.expect("created");
    let other = rusqlite::Connection::open(path).expect("opens beside");
    let begun_anew = || {
        other.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |row| {
            row.get::<_, bool>("busy").map(|busy| !busy)
        })
    };
    let patience = Instant::now();
    while !begun_anew().expect("answers") {
        assert!(
            patience.elapsed() < Duration::from_mins(1),
            "the log is held for ever"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let mut log = path.clone().into_os_string();
    log.push("-wal");
    assert_eq!(std::fs::metadata(log).expect("a log").len(), 0);
    let count = users::count(&mut house.q(), house.org, &Lookup::All).await;
    assert_eq!(count.expect("count"), 1);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn the_file_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let house = House::sqlite().await;
    let Database::Sqlite(path) = &house.database else {
        panic!("SQLite")
    };
    let mode = std::fs::metadata(path).expect("a file").permissions().mode();
    assert_eq!(mode & 0o077, 0);
}
