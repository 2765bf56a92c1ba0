//! Which commits wait for the disk: as the database says it in the middle of the write.

use store::{Durability, Error, Query, Store, Tx, Write, params};

use crate::house::House;

/// Asks one question, in a write that waits for the disk or does not.
struct OnDisk(&'static str);
struct Soon(&'static str);

async fn ask(tx: &mut Tx<'_>, question: &str) -> Result<String, Error> {
    let row = tx.first(question, params![]).await?.expect("an answer");
    Ok(row.text(0)?.to_owned())
}

impl Write for OnDisk {
    type Out = String;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<String, Error> {
        ask(tx, self.0).await
    }
}

impl Write for Soon {
    type Out = String;

    const DURABILITY: Durability = Durability::Soon;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<String, Error> {
        ask(tx, self.0).await
    }
}

/// Each answer is that of one write, whatever the one before it was.
async fn in_turns(store: &Store, question: &'static str) -> Vec<String> {
    let mut answers = Vec::new();
    for _ in 0..2 {
        answers.push(store.write(OnDisk(question)).await.expect("asked"));
        answers.push(store.write(Soon(question)).await.expect("asked"));
    }
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_waits_unless_nobody_must() {
    let house = House::sqlite().await;
    let question = "SELECT CAST(synchronous AS TEXT) FROM pragma_synchronous";
    let answers = in_turns(&house.store, question).await;
    assert_eq!(answers, ["2", "1", "2", "1"], "FULL and NORMAL");
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(
    not(feature = "postgres-tests"),
    ignore = "needs PostgreSQL: cargo xtask test runs it"
)]
async fn postgres_waits_unless_nobody_must() {
    let house = House::postgres().await;
    // However lax the server is by itself: where it has the setting from.
    let question = "SELECT source || ' ' || setting FROM pg_settings WHERE name = 'synchronous_commit'";
    let answers = in_turns(&house.store, question).await;
    assert_eq!(
        (answers[1].as_str(), answers[3].as_str()),
        ("session off", "session off")
    );
    assert_eq!(answers[0], answers[2]);
    assert!(!answers[0].starts_with("session"), "{answers:?}");
}
