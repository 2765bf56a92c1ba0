//! That the fake target misbehaves as it is told to.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use testkit::target::{Chaos, Fault, Hook, LateClose, Options, RetryAfter, Rule, Staleness};

use crate::target::{create, person, query, send, start, try_send};

#[tokio::test]
async fn refusals_carry_retry_after_in_both_forms() {
    let (target, client) = start(Options::default()).await;
    target.inject(Rule::on("POST", "/Users").nth(1).then(Fault::throttled(7)));
    target.inject(Rule::on("POST", "/Users").nth(2).then(Fault::Status {
        status: 503,
        retry_after: Some(RetryAfter::DateIn(60)),
    }));
    let first = try_send(&target, &client, Method::POST, "/Users", Some(person("a")))
        .await
        .unwrap();
    assert_eq!(
        (
            first.status().as_u16(),
            first.headers()["retry-after"].to_str().unwrap()
        ),
        (429, "7")
    );
    let second = try_send(&target, &client, Method::POST, "/Users", Some(person("a")))
        .await
        .unwrap();
    assert_eq!(second.status(), 503);
    assert!(
        second.headers()["retry-after"]
            .to_str()
            .unwrap()
            .ends_with(" GMT")
    );
    assert_eq!(create(&target, &client, "a").await.0, 201);
    assert_eq!(target.counts().faults, 2);
}

#[tokio::test]
async fn connections_drop_before_and_after_the_commit() {
    let (target, client) = start(Options::default()).await;
    target.inject(
        Rule::on("POST", "/Users")
            .containing("before")
            .then(Fault::DropBeforeCommit),
    );
    target.inject(
        Rule::on("POST", "/Users")
            .containing("after")
            .then(Fault::DropAfterCommit),
    );
    for name in ["before", "after"] {
        assert!(
            try_send(&target, &client, Method::POST, "/Users", Some(person(name)))
                .await
                .is_err()
        );
    }
    let names: Vec<Value> = target
        .accounts()
        .iter()
        .map(|account| account["userName"].clone())
        .collect();
    assert_eq!(names, ["after"]);
    let journal = target.journal();
    assert_eq!((journal[0].status, journal[1].status), (None, Some(201)));
    assert!(journal.iter().all(|exchange| !exchange.answered));
}

#[tokio::test]
async fn a_hook_runs_between_commit_and_answer() {
    let (target, client) = start(Options::default()).await;
    let target = Arc::new(target);
    let seen = Arc::new(AtomicU64::new(0));
    let hook = Hook::new({
        let (target, seen) = (Arc::downgrade(&target), Arc::clone(&seen));
        move |about| {
            let (target, seen) = (target.clone(), Arc::clone(&seen));
            async move {
                let accounts = target.upgrade().map_or(0, |target| target.accounts().len());
                assert_eq!(about.body.unwrap()["userName"], "ada");
                seen.store(accounts as u64, Ordering::SeqCst);
            }
        }
    });
    target.inject(
        Rule::on("POST", "/Users")
            .nth(1)
            .then(Fault::CommitThenCall { hook }),
    );
    assert_eq!(create(&target, &client, "ada").await.0, 201);
    assert_eq!(seen.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_late_commit_comes_after_the_client_gave_up() {
    let (target, client) = start(Options::default()).await;
    target.inject(
        Rule::on("POST", "")
            .containing("\"a\"")
            .then(Fault::late_commit(Duration::from_millis(50))),
    );
    target.inject(Rule::on("POST", "").containing("\"b\"").then(Fault::LateCommit {
        millis: 50,
        close: LateClose::Never,
    }));
    assert!(
        try_send(&target, &client, Method::POST, "/Users", Some(person("a")))
            .await
            .is_err()
    );
    let silent = try_send(&target, &client, Method::POST, "/Users", Some(person("b")));
    assert!(
        tokio::time::timeout(Duration::from_millis(20), silent)
            .await
            .is_err()
    );
    while target.accounts().len() < 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn bodies_are_spoiled() {
    let (target, client) = start(Options::default()).await;
    target.inject(Rule::on("POST", "").containing("garbage").then(Fault::Garbage));
    target.inject(Rule::on("POST", "").containing("empty").then(Fault::Empty));
    target.inject(
        Rule::on("POST", "")
            .containing("html")
            .then(Fault::Html { status: 200 }),
    );
    for (name, status) in [("garbage", 201), ("empty", 201), ("html", 200)] {
        let response = try_send(&target, &client, Method::POST, "/Users", Some(person(name)))
            .await
            .unwrap();
        assert_eq!(response.status(), status, "{name}");
        assert!(response.json::<Value>().await.is_err(), "{name}");
    }
    assert_eq!(target.accounts().len(), 2);
}

#[tokio::test]
async fn reads_lag_by_requests_or_by_time() {
    let (target, client) = start(Options::default()).await;
    let path = query("userName eq \"ada\"");
    target.stale(Staleness {
        requests: 2,
        millis: 0,
    });
    let (_, ada) = create(&target, &client, "ada").await;
    let (_, first) = send(&target, &client, Method::GET, &path, None).await;
    let (_, second) = send(&target, &client, Method::GET, &path, None).await;
    assert_eq!(
        (&first["totalResults"], &second["totalResults"]),
        (&json!(0), &json!(1))
    );
    assert_eq!(create(&target, &client, "ada").await.0, 409);

    target.stale(Staleness::lagging(Duration::from_hours(1)));
    let by_id = format!("/Users/{}", ada["id"].as_str().unwrap());
    assert_eq!(send(&target, &client, Method::DELETE, &by_id, None).await.0, 204);
    target.heal();
    assert_eq!(send(&target, &client, Method::GET, &by_id, None).await.0, 404);
}

#[tokio::test]
async fn writes_to_one_resource_at_once_are_noticed() {
    let (target, client) = start(Options::default().without_uniqueness()).await;
    target.inject(Rule::on("POST", "/Users").then(Fault::Delay { millis: 30 }));
    let ((one, _), (two, _), (three, _)) = tokio::join!(
        create(&target, &client, "ada"),
        create(&target, &client, "Ada"),
        create(&target, &client, "bob")
    );
    assert!([one, two, three].iter().all(StatusCode::is_success));
    let counts = target.counts();
    assert_eq!((counts.most_at_once, counts.overlaps), (3, 1));
}

#[tokio::test]
async fn it_goes_down_and_comes_back_with_its_accounts() {
    let (target, client) = start(Options::default()).await;
    create(&target, &client, "ada").await;
    target.go_down().await;
    assert!(
        try_send(&target, &client, Method::GET, "/Users", None)
            .await
            .is_err()
    );
    target.come_back().await.unwrap();
    let (_, found) = send(&target, &client, Method::GET, "/Users", None).await;
    assert_eq!(found["totalResults"], 1);
}

#[tokio::test]
async fn a_bad_day_is_survived_by_asking_again() {
    let (target, client) = start(Options::default()).await;
    target.chaos(Chaos::bad_day(11));
    for number in 0..50 {
        let name = format!("person{number}");
        for _ in 0..20 {
            match try_send(&target, &client, Method::POST, "/Users", Some(person(&name))).await {
                Ok(response) if matches!(response.status().as_u16(), 201 | 409) => break,
                _ => {}
            }
        }
    }
    target.heal();
    while target.accounts().len() < 50 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(target.counts().faults > 0);
}
