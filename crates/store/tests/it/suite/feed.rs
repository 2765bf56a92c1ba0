//! The change feed: complete, in order, with actor and cause.

use std::time::Duration;

use base::{OrgId, UserId};
use store::Changed;
use store::changes::{self, Change, Kind, What};

use crate::house::{House, person};

async fn since(house: &House, after: i64) -> Vec<Change> {
    let head = changes::head(&house.store, house.org, after).await.expect("head");
    changes::page(&mut house.q(), house.org, after, head, 10_000)
        .await
        .expect("a page")
}

pub(crate) async fn every_change_with_its_cause(house: &House) {
    let start = changes::head(&house.store, house.org, 0).await.expect("head");
    let anna = house.hire("anna").await.expect("created").id;
    let other: OrgId = house.store.ambient().id();
    house.new_org(other, "Other").await;
    house.change(anna, None, person("anna")).await.expect("changed");
    assert!(house.hire("anna").await.is_err());
    house.fire(anna).await.expect("deleted");
    let noted = since(house, start).await;
    let told: Vec<(Kind, What)> = noted.iter().map(|change| (change.kind, change.what)).collect();
    assert_eq!(
        told,
        [What::Created, What::Updated, What::Deleted].map(|what| (Kind::User, what))
    );
    assert!(
        noted
            .iter()
            .all(|change| change.id_as::<UserId>().is_ok_and(|id| id == anna))
    );
    assert!(
        noted
            .windows(2)
            .all(|pair| pair[0].seq < pair[1].seq && pair[0].at < pair[1].at)
    );
    assert_eq!(noted[0].actor, base::Actor::operator());
    assert_ne!(noted[0].correlation, noted[1].correlation);
}

pub(crate) async fn what_nobody_will_read_is_forgotten(house: &House) {
    let anna = house.hire("anna").await.expect("created").id;
    let app = super::apps::app(house, "Webex").await.expect("an app");
    let old = since(house, 0).await;
    house.clock.advance(Duration::from_hours(1));
    let before = house.store.ambient().now();
    house.fire(anna).await.expect("deleted");
    let org = house.org;
    let prune = async |before, limit| {
        let pruned = house.write(move |tx| Box::pin(changes::prune(tx, org, before, limit)));
        pruned.await.expect("pruned")
    };
    let (first, last) = (old[0].seq, old[old.len() - 1].seq);
    let read = async |to| {
        let read = house.write(move |tx| Box::pin(store::apps::set_watermark(tx, org, app, to)));
        read.await.expect("read");
    };
    read(first).await;
    assert_eq!(prune(before, 9).await, 0, "the app has not read the others yet");
    read(last).await;
    assert_eq!(prune(before, 1).await, 1, "no more than was said");
    read(last + 100).await;
    assert_eq!(prune(before, 9).await, old.len() as u64 - 1);
    let left = since(house, 0).await;
    assert!(left.iter().all(|change| change.at >= before), "{left:?}");
    let later = house.store.ambient().now();
    prune(later, 100).await;
    let head = changes::head(&house.store, org, 0).await.expect("head");
    assert!(head >= left[left.len() - 1].seq, "numbers never go back");
}

pub(crate) async fn a_reader_misses_nothing(house: &House) {
    const WRITERS: usize = 8;
    const EACH: usize = 12;
    let start = changes::head(&house.store, house.org, 0).await.expect("head");
    let writers = async {
        let one = async |writer: usize| {
            for number in 0..EACH {
                house.hire(&format!("w{writer}n{number}")).await.expect("created");
            }
        };
        futures_util::future::join_all((0..WRITERS).map(one)).await;
    };
    let reader = async {
        let (mut seen, mut after) = (Vec::new(), start);
        while seen.len() < WRITERS * EACH {
            let head = changes::head(&house.store, house.org, after).await.expect("head");
            // In small pages, as the engine reads.
            loop {
                let page = changes::page(&mut house.q(), house.org, after, head, 5)
                    .await
                    .expect("a page");
                let Some(last) = page.last() else { break };
                after = last.seq;
                seen.extend(page.iter().map(|change| change.seq));
            }
            after = after.max(head);
            tokio::task::yield_now().await;
        }
        seen
    };
    let (seen, ()) = tokio::time::timeout(Duration::from_mins(1), async { tokio::join!(reader, writers) })
        .await
        .expect("the reader sees as many changes as were made");
    let all: Vec<i64> = since(house, start)
        .await
        .iter()
        .map(|change| change.seq)
        .collect();
    assert_eq!(seen, all);
}

pub(crate) async fn nothing_new_is_nothing(house: &House) {
    let head = changes::head(&house.store, house.org, 0).await.expect("head");
    assert_eq!(
        changes::head(&house.store, house.org, head).await.expect("head"),
        head
    );
    assert_eq!(
        changes::head(&house.store, house.org, 1_000).await.expect("head"),
        1_000
    );
    let nobody: OrgId = house.store.ambient().id();
    assert_eq!(changes::head(&house.store, nobody, 0).await.expect("head"), 0);
}

pub(crate) async fn a_watcher_wakes(house: &House) {
    let neighbour = house.neighbour().await;
    let (mut own, mut others) = (
        house.store.watch().await.expect("watch"),
        neighbour.watch().await.expect("watch"),
    );
    let signal = house.store.changes();
    house.hire("anna").await.expect("created");
    assert!(signal.has_changed().expect("open"));
    let woken = own.changed().await.expect("woken by the own process");
    assert_eq!(woken, Changed::In([house.org].into()));
    let woken = others.changed().await.expect("woken by another");
    assert_eq!(woken, Changed::Anywhere);
}
