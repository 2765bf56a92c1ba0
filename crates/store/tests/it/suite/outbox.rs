//! Mail that waits to be sent, and what admins were told.

use std::time::Duration;

use base::{AppId, Timestamp};
use store::apps::State;
use store::outbox::{self, Draft, Lease, Outcome};
use store::{apps, notices};

use crate::house::House;

async fn put(house: &House, subject: &str) {
    let (org, cause) = (house.org, house.cause());
    let draft = Draft {
        recipient: "it@example.com".to_owned(),
        subject: subject.to_owned(),
        text: "Ünïcode\n.\n".to_owned(),
    };
    let written = house
        .write(move |tx| {
            let (draft, cause) = (draft.clone(), cause.clone());
            Box::pin(async move { outbox::insert(tx, org, &draft, &cause).await })
        })
        .await;
    written.expect("written");
}

async fn claim(house: &House, now: Timestamp, until: Timestamp) -> Option<Lease> {
    let org = house.org;
    let claimed = house
        .write(move |tx| Box::pin(async move { outbox::claim(tx, org, (now, until)).await }))
        .await;
    claimed.expect("claimed")
}

async fn complete(house: &House, lease: &Lease, outcome: &Outcome) -> bool {
    let (org, lease, outcome) = (house.org, lease.clone(), outcome.clone());
    let completed = house
        .write(move |tx| {
            let (lease, outcome) = (lease.clone(), outcome.clone());
            Box::pin(async move { outbox::complete(tx, org, &lease, &outcome).await })
        })
        .await;
    completed.expect("completed")
}

pub(crate) async fn mail_is_sent_once_by_whoever_holds_it(house: &House) {
    put(house, "first").await;
    put(house, "second").await;
    let now = house.store.ambient().now();
    let (soon, later) = (now + Duration::from_mins(1), now + Duration::from_mins(2));
    let first = claim(house, now, soon).await.expect("the first");
    let second = claim(house, now, soon).await.expect("the second");
    assert_eq!((&*first.mail.subject, &*second.mail.subject), ("first", "second"));
    assert_eq!(claim(house, now, soon).await, None, "both are held");

    let taken_over = claim(house, soon, later).await.expect("its holder is gone");
    assert_eq!(taken_over.mail.id, first.mail.id);
    assert!(
        !complete(house, &first, &Outcome::Sent).await,
        "the lease is lost"
    );
    let error = "451 later".to_owned();
    let due = later;
    assert!(complete(house, &taken_over, &Outcome::Failed { due, error }).await);
    assert!(complete(house, &second, &Outcome::Sent).await);

    let mails = outbox::page(&mut house.q(), house.org, None, 9)
        .await
        .expect("read");
    let states: Vec<_> = mails
        .iter()
        .map(|mail| {
            (
                mail.subject.as_str(),
                mail.state().as_str(),
                mail.attempts,
                mail.due,
            )
        })
        .collect();
    assert_eq!(
        states,
        [("second", "sent", 0, None), ("first", "waiting", 1, Some(later))]
    );
    assert!(
        !outbox::is_due(&mut house.q(), house.org, soon)
            .await
            .expect("read")
    );
    assert!(
        outbox::is_due(&mut house.q(), house.org, later)
            .await
            .expect("read")
    );
}

pub(crate) async fn what_is_done_with_is_forgotten(house: &House) {
    for subject in ["sent", "given up", "waiting"] {
        put(house, subject).await;
    }
    let now = house.store.ambient().now();
    for outcome in [
        Outcome::Sent,
        Outcome::GivenUp {
            error: "550".to_owned(),
        },
    ] {
        let lease = claim(house, now, now + Duration::from_mins(1))
            .await
            .expect("due");
        assert!(complete(house, &lease, &outcome).await);
    }
    let (org, before) = (house.org, now + Duration::from_hours(1));
    let forgotten = house
        .write(move |tx| Box::pin(async move { outbox::prune(tx, org, before, 9).await }))
        .await;
    assert_eq!(forgotten.expect("forgotten"), 2);
    let left = outbox::page(&mut house.q(), org, None, 9).await.expect("read");
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].subject, "waiting");
}

pub(crate) async fn a_reason_is_told_once(house: &House) {
    let (org, cause) = (house.org, house.cause());
    let app: AppId = house.store.ambient().id();
    let draft = apps::Draft {
        name: "Webex".to_owned(),
        template: "webex".to_owned(),
        state: State::Active,
        settings: "{}".to_owned(),
    };
    let told = house
        .write(move |tx| {
            let (draft, cause) = (draft.clone(), cause.clone());
            Box::pin(async move {
                apps::insert(tx, org, app, &draft, &cause).await?;
                let mut told = Vec::new();
                for key in ["30", "30", "14", "14", "30"] {
                    told.push(notices::raise(tx, org, app, "token_expiry", key).await?);
                }
                told.push(notices::lower(tx, org, app, "token_expiry").await?);
                told.push(notices::lower(tx, org, app, "token_expiry").await?);
                told.push(notices::raise(tx, org, app, "token_expiry", "30").await?);
                Ok(told)
            })
        })
        .await;
    assert_eq!(
        told.expect("written"),
        [true, false, true, false, true, true, false, true]
    );
}
