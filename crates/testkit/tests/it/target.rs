//! That the fake target does what it says, right and wrong.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use reqwest::{Client, Method, Response, StatusCode};
use serde_json::{Value, json};
use testkit::target::{
    BulkManners, Chaos, FakeTarget, Fault, Hook, LateClose, Options, RetryAfter, Rule, Staleness, StatusForm,
};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

async fn start(options: Options) -> (FakeTarget, Client) {
    (FakeTarget::start(options).await.unwrap(), Client::new())
}

fn person(name: &str) -> Value {
    json!({"schemas": [USER], "userName": name, "active": true})
}

async fn try_send(
    target: &FakeTarget,
    client: &Client,
    method: Method,
    path: &str,
    body: Option<Value>,
) -> reqwest::Result<Response> {
    let url = format!("{}{path}", target.base_url());
    let mut request = client.request(method, url).bearer_auth(target.token());
    if let Some(body) = body {
        request = request.json(&body);
    }
    request.send().await
}

async fn send(
    target: &FakeTarget,
    client: &Client,
    method: Method,
    path: &str,
    body: Option<Value>,
) -> (StatusCode, Value) {
    let response = try_send(target, client, method, path, body).await.unwrap();
    let status = response.status();
    (
        status,
        serde_json::from_str(&response.text().await.unwrap()).unwrap_or_default(),
    )
}

async fn create(target: &FakeTarget, client: &Client, name: &str) -> (StatusCode, Value) {
    send(target, client, Method::POST, "/Users", Some(person(name))).await
}

fn query(filter: &str) -> String {
    format!(
        "/Users?filter={}",
        filter.replace(' ', "%20").replace('"', "%22").replace('@', "%40")
    )
}

#[tokio::test]
async fn users_are_created_found_changed_and_deleted() {
    let (target, client) = start(Options::default()).await;
    let (status, ada) = create(&target, &client, "Ada@example.com").await;
    assert_eq!(status, 201);
    let id = ada["id"].as_str().unwrap();
    assert_eq!(
        ada["meta"]["location"],
        format!("{}/Users/{id}", target.base_url())
    );

    let (status, error) = create(&target, &client, "ada@EXAMPLE.com").await;
    assert_eq!((status.as_u16(), &error["scimType"]), (409, &json!("uniqueness")));

    let (_, found) = send(
        &target,
        &client,
        Method::GET,
        &query("userName eq \"ADA@example.com\""),
        None,
    )
    .await;
    assert_eq!(
        (&found["totalResults"], &found["Resources"][0]["id"]),
        (&json!(1), &ada["id"])
    );
    let (status, none) = send(&target, &client, Method::GET, &query("userName eq \"bob\""), None).await;
    assert_eq!((status.as_u16(), &none["totalResults"]), (200, &json!(0)));

    let path = format!("/Users/{id}");
    let change =
        json!({"schemas": [PATCH_OP], "Operations": [{"op": "replace", "path": "active", "value": false}]});
    let (status, changed) = send(&target, &client, Method::PATCH, &path, Some(change)).await;
    assert_eq!((status.as_u16(), &changed["active"]), (200, &json!(false)));
    let vendor =
        json!({"schemas": [PATCH_OP], "Operations": [{"op": "Replace", "path": "active", "value": "True"}]});
    assert_eq!(
        send(&target, &client, Method::PATCH, &path, Some(vendor)).await.0,
        400
    );

    assert_eq!(send(&target, &client, Method::DELETE, &path, None).await.0, 204);
    assert_eq!(send(&target, &client, Method::GET, &path, None).await.0, 404);
    assert!(target.accounts().is_empty());
    let counts = target.counts();
    assert_eq!(
        (counts.creates, counts.updates, counts.deletes, counts.conflicts),
        (1, 1, 1, 1)
    );
    assert_eq!((counts.reads, counts.writes, counts.commits), (3, 5, 3));
}

#[tokio::test]
async fn a_wrong_token_is_refused() {
    let (target, client) = start(Options::default()).await;
    let url = format!("{}/Users", target.base_url());
    let response = client.get(url).bearer_auth("another").send().await.unwrap();
    assert_eq!(response.status(), 401);
    assert_eq!(response.headers()["www-authenticate"], "Bearer");
    let error: Value = response.json().await.unwrap();
    assert_eq!(error["schemas"][0], "urn:ietf:params:scim:api:messages:2.0:Error");
    assert_eq!(target.counts().unauthorized, 1);
}

#[tokio::test]
async fn lists_are_paged() {
    let (target, client) = start(Options {
        page_size: 2,
        ..Options::default()
    })
    .await;
    for name in ["a", "b", "c", "d", "e"] {
        create(&target, &client, name).await;
    }
    let (_, page) = send(
        &target,
        &client,
        Method::GET,
        "/Users?startIndex=3&count=100",
        None,
    )
    .await;
    assert_eq!(
        (&page["totalResults"], &page["itemsPerPage"]),
        (&json!(5), &json!(2))
    );
    assert_eq!(page["Resources"][0]["userName"], "c");
    let (_, page) = send(
        &target,
        &client,
        Method::GET,
        "/Users?count=0&attributes=id",
        None,
    )
    .await;
    assert_eq!(
        (&page["totalResults"], &page["Resources"]),
        (&json!(5), &json!([]))
    );
}

#[tokio::test]
async fn groups_have_members() {
    let (target, client) = start(Options::default()).await;
    let group = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Staff",
        "members": [{"value": "u1"}]});
    let (status, group) = send(&target, &client, Method::POST, "/Groups", Some(group)).await;
    assert_eq!(status, 201);
    let path = format!("/Groups/{}", group["id"].as_str().unwrap());
    let change = json!({"schemas": [PATCH_OP], "Operations": [
        {"op": "add", "path": "members", "value": [{"value": "u1"}, {"value": "u2"}]},
        {"op": "remove", "path": "members[value eq \"u1\"]"},
    ]});
    let (status, changed) = send(&target, &client, Method::PATCH, &path, Some(change)).await;
    assert_eq!(
        (status.as_u16(), &changed["members"]),
        (200, &json!([{"value": "u2"}]))
    );
    assert_eq!(target.groups().len(), 1);
}

#[tokio::test]
async fn without_uniqueness_a_name_can_be_taken_twice() {
    let (target, client) = start(Options::default().without_uniqueness()).await;
    create(&target, &client, "ada").await;
    assert_eq!(create(&target, &client, "Ada").await.0, 201);
    let (_, found) = send(&target, &client, Method::GET, &query("userName eq \"ada\""), None).await;
    assert_eq!(found["totalResults"], 2);
}

#[tokio::test]
async fn what_is_unsupported_says_so() {
    let (target, client) = start(Options {
        patch: false,
        external_id_filter: false,
        ..Options::default()
    })
    .await;
    let (_, ada) = create(&target, &client, "ada").await;
    let path = format!("/Users/{}", ada["id"].as_str().unwrap());
    let change =
        json!({"schemas": [PATCH_OP], "Operations": [{"op": "replace", "path": "title", "value": "x"}]});
    assert_eq!(
        send(&target, &client, Method::PATCH, &path, Some(change)).await.0,
        501
    );
    assert_eq!(
        send(&target, &client, Method::PUT, &path, Some(person("ada2")))
            .await
            .0,
        200
    );
    assert_eq!(
        send(&target, &client, Method::GET, &query("externalId eq \"x\""), None)
            .await
            .0,
        400
    );
}

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

#[tokio::test]
async fn control_steers_it_from_outside() {
    let (target, client) = start(Options::default()).await;
    let url = format!("http://{}/control", target.address());
    let orders = json!({
        "plant": [{"userName": "ada"}],
        "rules": [{"method": "GET", "nth": 1, "fault": {"kind": "status", "status": 500}}],
        "staleness": {"requests": 1},
    });
    assert_eq!(
        client.post(&url).json(&orders).send().await.unwrap().status(),
        200
    );
    assert_eq!(send(&target, &client, Method::GET, "/Users", None).await.0, 500);
    let accounts: Value = client
        .get(format!("{url}/accounts"))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(accounts[0]["userName"], "ada");
    let counts: Value = client
        .post(&url)
        .json(&json!({"heal": true}))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!((&counts["requests"], &counts["faults"]), (&json!(1), &json!(1)));
    let refused = client
        .post(&url)
        .json(&json!({"rules": [{"fault": {"kind": "nonsense"}}]}))
        .send()
        .await
        .unwrap();
    assert_eq!(refused.status(), 400);
}

fn bulk(operations: &[Value]) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations,
    })
}

fn creation(name: &str) -> Value {
    json!({"method": "POST", "path": "/Users", "bulkId": name, "data": person(name)})
}

#[tokio::test]
async fn each_operation_of_a_bulk_request_is_carried_out_and_counted() {
    let (target, client) = start(Options::default().with_bulk(BulkManners::offered())).await;
    let (_, config) = send(&target, &client, Method::GET, "/ServiceProviderConfig", None).await;
    assert_eq!(config["bulk"]["maxOperations"], 100);
    let body = bulk(&[creation("anna"), creation("berta"), creation("ANNA")]);
    let (status, answer) = send(&target, &client, Method::POST, "/Bulk", Some(body)).await;
    assert_eq!(status, 200);
    let seen: Vec<_> = answer["Operations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["bulkId"].as_str().unwrap(), one["status"].as_str().unwrap()))
        .collect();
    assert_eq!(seen, [("anna", "201"), ("berta", "201"), ("ANNA", "409")]);
    assert!(
        answer["Operations"][0]["location"]
            .as_str()
            .unwrap()
            .contains("/Users/fake-")
    );
    assert_eq!(answer["Operations"][2]["response"]["scimType"], "uniqueness");
    let counts = target.counts();
    assert_eq!((counts.requests, counts.bulks, counts.most_in_bulk), (2, 1, 3));
    assert_eq!((counts.writes, counts.creates, counts.conflicts), (3, 2, 1));
    // Both of one name were under way at once.
    assert_eq!(counts.overlaps, 1);
    let journal = target.journal();
    assert!(journal[1].is_bulk() && !journal[1].is_write());
    assert_eq!(
        (journal[2].path.as_str(), journal[2].bulk),
        ("/scim/v2/Users", Some(2))
    );
    assert_eq!(target.accounts().len(), 2);
}

#[tokio::test]
async fn bulk_requests_go_wrong_as_they_are_told_to() {
    let (target, client) = start(Options::default()).await;
    let refused = send(
        &target,
        &client,
        Method::POST,
        "/Bulk",
        Some(bulk(&[creation("a")])),
    )
    .await;
    assert_eq!(refused.0, 404, "there are none unless they are asked for");
    target.adjust(|options| {
        options.bulk = BulkManners {
            max_operations: 3,
            status: StatusForm::Code,
            reversed: true,
            ..BulkManners::offered()
        };
    });
    let many: Vec<_> = ["a", "b", "c", "d"].map(creation).into();
    let (status, _) = send(&target, &client, Method::POST, "/Bulk", Some(bulk(&many))).await;
    assert_eq!((status.as_u16(), target.accounts().len()), (413, 0));
    target.inject(Rule::on("POST", "/Users").nth(1).then(Fault::DropAfterCommit));
    target.inject(Rule::on("POST", "/Users").nth(2).then(Fault::DropBeforeCommit));
    let (_, answer) = send(&target, &client, Method::POST, "/Bulk", Some(bulk(&many[..3]))).await;
    assert_eq!(answer["Operations"].as_array().unwrap().len(), 1);
    assert_eq!(answer["Operations"][0]["status"], json!({"code": "201"}));
    assert_eq!(answer["Operations"][0]["bulkId"], "c");
    assert_eq!(target.accounts().len(), 2, "a is there, b is not");
}
