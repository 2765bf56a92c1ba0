//! That the fake target does what it says, right and wrong.

use reqwest::{Client, Method, Response, StatusCode};
use serde_json::{Value, json};
use testkit::target::{FakeTarget, Options};

pub(crate) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub(crate) const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

pub(crate) async fn start(options: Options) -> (FakeTarget, Client) {
    (FakeTarget::start(options).await.unwrap(), Client::new())
}

pub(crate) fn person(name: &str) -> Value {
    json!({"schemas": [USER], "userName": name, "active": true})
}

pub(crate) async fn try_send(
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

pub(crate) async fn send(
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

pub(crate) async fn create(target: &FakeTarget, client: &Client, name: &str) -> (StatusCode, Value) {
    send(target, client, Method::POST, "/Users", Some(person(name))).await
}

pub(crate) fn query(filter: &str) -> String {
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
