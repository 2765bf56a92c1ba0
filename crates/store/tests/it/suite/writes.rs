//! Writes as such: all or nothing, errors, panics, retries, counts.

use store::{Error, Lock, Lookup, Query, params, roles, users};

use crate::house::{Closure, House, person};

pub(crate) async fn a_failed_write_leaves_nothing(house: &House) {
    house.hire("taken").await.expect("created");
    let (org, cause, id, other) = (
        house.org,
        house.cause(),
        house.store.ambient().id(),
        house.store.ambient().id(),
    );
    let before = store::changes::head(&house.store, org, 0).await.expect("head");
    let failed = house
        .write(move |tx| {
            let cause = cause.clone();
            Box::pin(async move {
                users::insert(tx, org, id, &person("new"), &cause).await?;
                users::insert(tx, org, other, &person("taken"), &cause).await
            })
        })
        .await;
    assert!(matches!(failed, Err(Error::Conflict { .. })));
    assert_eq!(
        users::count(&mut house.q(), org, &Lookup::All)
            .await
            .expect("count"),
        1
    );
    assert_eq!(
        store::changes::head(&house.store, org, 0).await.expect("head"),
        before
    );
}

pub(crate) async fn a_panic_is_an_error(house: &House) {
    let (org, cause, id) = (house.org, house.cause(), house.store.ambient().id());
    let panicked = house
        .write::<()>(move |tx| {
            let cause = cause.clone();
            Box::pin(async move {
                users::insert(tx, org, id, &person("anna"), &cause).await?;
                panic!("a bug in a write")
            })
        })
        .await;
    assert!(matches!(panicked, Err(Error::Internal(_))));
    assert_eq!(
        users::count(&mut house.q(), org, &Lookup::All)
            .await
            .expect("count"),
        0
    );
    house.hire("anna").await.expect("the store goes on");
}

pub(crate) async fn going_on_after_a_failure_is_refused(house: &House) {
    let anna = house.hire("anna").await.expect("created");
    let (org, cause, id) = (house.org, house.cause(), house.store.ambient().id());
    let went_on = house
        .write(move |tx| {
            let cause = cause.clone();
            Box::pin(async move {
                users::update(tx, org, anna.id, None, &person("renamed"), &cause).await?;
                let _ignored = users::insert(tx, org, id, &person("renamed"), &cause).await;
                Ok(())
            })
        })
        .await;
    // Where a statement is not waited for, the write learns of its failure at the commit.
    let refused = matches!(went_on, Err(Error::Internal(_) | Error::Conflict { .. }));
    assert!(refused, "{went_on:?}");
    let anna = users::by_id(&mut house.q(), org, anna.id).await.expect("read");
    assert_eq!(anna.expect("there").user_name, "anna");
}

#[derive(Debug, PartialEq, Eq)]
struct Refusal(u8);

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "refused")
    }
}

impl std::error::Error for Refusal {}

pub(crate) async fn a_refusal_comes_back(house: &House) {
    let (org, cause, id) = (house.org, house.cause(), house.store.ambient().id());
    let refused = house
        .write::<()>(move |tx| {
            let cause = cause.clone();
            Box::pin(async move {
                users::insert(tx, org, id, &person("anna"), &cause).await?;
                Err(Error::refuse(Refusal(7)))
            })
        })
        .await;
    assert_eq!(
        refused.expect_err("refused").refusal::<Refusal>().expect("ours"),
        Refusal(7)
    );
    assert_eq!(users::by_id(&mut house.q(), org, id).await.expect("read"), None);
}

pub(crate) async fn counters_count(house: &House) {
    let anna = house.hire("anna").await.expect("created");
    let before = house.store.stats();
    users::by_id(&mut house.q(), house.org, anna.id)
        .await
        .expect("read");
    let after = house.store.stats();
    assert_eq!(
        after.statements - before.statements,
        1,
        "a person is read by one statement"
    );
    assert_eq!(after.rows - before.rows, 1);
    assert_eq!(after.commits, before.commits);
    house.hire("bert").await.expect("created");
    assert_eq!(house.store.stats().commits, before.commits + 1);
}

pub(crate) async fn reads_inside_a_write_see_it(house: &House) {
    let (org, cause, id) = (house.org, house.cause(), house.store.ambient().id());
    let seen = house
        .write(move |tx| {
            let cause = cause.clone();
            Box::pin(async move {
                users::insert(tx, org, id, &person("anna"), &cause).await?;
                let sql = "SELECT version FROM users WHERE org = ?1 AND id = ?2";
                let row = tx.first(sql, params![org, id]).await?;
                assert_eq!(row.expect("its own row").int(0)?, 1);
                users::by_user_name(tx, org, "anna").await
            })
        })
        .await;
    assert_eq!(seen.expect("read").expect("there").id, id);
}

/// What a single writer hides and two would break: a rule that counts rows.
pub(crate) async fn the_last_administrator_stays(house: &House) {
    let (one, two) = (
        house.hire("one").await.expect("created").id,
        house.hire("two").await.expect("created").id,
    );
    for id in [one, two] {
        let (org, cause) = (house.org, house.cause());
        let granted = house
            .write(move |tx| {
                let cause = cause.clone();
                Box::pin(async move { roles::grant(tx, org, id, "admin", &cause).await })
            })
            .await;
        assert!(granted.expect("granted"));
    }
    let step_down = |id| {
        let (org, cause) = (house.org, house.cause());
        let write = Closure::new(move |tx| {
            let cause = cause.clone();
            Box::pin(async move {
                tx.lock(Lock::Roles(org)).await?;
                if roles::holders(tx, org, "admin").await?.len() < 2 {
                    return Ok(false);
                }
                roles::revoke(tx, org, id, "admin", &cause).await
            })
        });
        let store = house.store.clone();
        tokio::spawn(async move { store.write(write).await })
    };
    let (first, second) = (step_down(one), step_down(two));
    let (first, second) = (first.await.expect("no panic"), second.await.expect("no panic"));
    assert_ne!(
        first.expect("done"),
        second.expect("done"),
        "one of them may, the other may not"
    );
    assert_eq!(
        roles::holders(&mut house.q(), house.org, "admin")
            .await
            .expect("read")
            .len(),
        1
    );
}

pub(crate) async fn active_holders_of_a_role(house: &House) {
    let (one, two) = (
        house.hire("one").await.expect("created").id,
        house.hire("two").await.expect("created").id,
    );
    let other_than = async |id| {
        roles::has_other_active_holder(&mut house.q(), house.org, "admin", id)
            .await
            .expect("read")
    };
    assert!(!other_than(one).await);
    for id in [one, two] {
        let (org, cause) = (house.org, house.cause());
        let granted = house.write(move |tx| {
            let cause = cause.clone();
            Box::pin(async move { roles::grant(tx, org, id, "admin", &cause).await })
        });
        assert!(granted.await.expect("granted"));
    }
    assert!(other_than(one).await && other_than(two).await);
    let mut disabled = person("one");
    disabled.active = false;
    house.change(one, None, disabled).await.expect("disabled");
    assert!(other_than(one).await && !other_than(two).await);
}
