//! Bulk requests at the fake target, right and wrong.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::target::{BulkManners, Fault, Options, Rule, StatusForm};

use crate::target::{person, send, start};

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
