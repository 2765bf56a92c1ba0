use serde_json::json;

use super::*;

#[test]
fn it_is_written_as_each_dialect_has_it() {
    let parts = [Part::example(1, None), Part::example(2, Some("a/b"))];
    let plain: Value = serde_json::from_str(&envelope(Dialect::Scim, &parts)).expect("JSON");
    assert_eq!(
        plain,
        json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
            "Operations": [
                {"method": "POST", "path": "/Users", "bulkId": "1", "data": {"userName": "anna"}},
                {"method": "PATCH", "path": "/Users/a%2Fb", "bulkId": "2", "version": "W/\"3\"",
                    "data": {"userName": "anna"}},
            ],
        })
    );
    let webex: Value = serde_json::from_str(&envelope(Dialect::WebexV2, &parts)).expect("JSON");
    assert_eq!(webex["operations"], plain["Operations"]);
    assert_eq!(
        (&webex["failOnErrors"], webex.get("Operations")),
        (&json!(2), None)
    );
    let size: usize = parts.iter().map(Part::size).sum();
    assert!(envelope(Dialect::WebexV2, &parts).len() <= size + ENVELOPE);
}

#[test]
fn a_status_is_read_however_it_is_written() {
    for (operation, expected) in [
        (json!({"status": "201"}), Some(201)),
        (json!({"status": 201}), Some(201)),
        (json!({"status": {"code": "409"}}), Some(409)),
        (json!({"status": {"code": 409}}), Some(409)),
        (json!({"Status": "204 No Content"}), Some(204)),
        (json!({"response": {"status": "409"}}), Some(409)),
        (json!({"status": "done", "response": {"status": 400}}), Some(400)),
        // A resource may have an attribute of that name.
        (json!({"response": {"status": "200"}}), None),
        (json!({"status": "done"}), None),
        (json!({"status": 7}), None),
        (json!({"status": -1}), None),
        (json!({"status": null}), None),
        (json!({}), None),
    ] {
        let object = operation.as_object().expect("an object");
        assert_eq!(status(object, object.get("response")), expected, "{operation}");
    }
}

#[test]
fn an_answer_belongs_to_the_operation_that_it_names() {
    let create = Part::example(1, None);
    let patch = Part::example(2, Some("x"));
    for (answer, creates, patches) in [
        (json!({"bulkId": "1", "method": "POST"}), true, false),
        (json!({"bulkId": 1}), true, false),
        (json!({"bulkId": "1", "method": "PATCH"}), false, false),
        (
            json!({"bulkId": "2", "location": "https://h/Users/other"}),
            false,
            true,
        ),
        (
            json!({"location": "https://h/scim/Users/x", "method": "patch"}),
            false,
            true,
        ),
        (json!({"location": "/Users/x"}), false, true),
        (
            json!({"location": "https://h/Users/x", "method": "DELETE"}),
            false,
            false,
        ),
        (
            json!({"location": "https://h/Users/y", "method": "POST"}),
            false,
            false,
        ),
        (json!({"method": "POST", "status": "201"}), false, false),
    ] {
        let answers = [answer.clone()];
        let (named, nameless) = told_apart(&answers);
        let is = |part: &Part| {
            let by_name = named.get(&part.id).filter(|operation| part.is_done_by(operation));
            by_name.is_some() || nameless.iter().any(|operation| part.is_at(operation))
        };
        assert_eq!((is(&create), is(&patch)), (creates, patches), "{answer}");
    }
}
