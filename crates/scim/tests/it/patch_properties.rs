//! What holds for PATCH whatever the operations are.

use proptest::prelude::*;
use scim::patch::{self, MissingTarget, PatchOptions, PatchRequest};
use scim::resource::{self, Mode};
use scim::schema::ENTERPRISE_USER;
use scim::{Object, ResourceType};
use serde_json::{Value, json};

fn user() -> BoxedStrategy<Object> {
    let email = (kind(), word(), prop::option::of(any::<bool>()))
        .prop_map(|(kind, value, primary)| json!({"type": kind, "value": value, "primary": primary}));
    (
        word(),
        prop::option::of(word()),
        prop::collection::vec(email, 0..3),
        prop::option::of(word()),
    )
        .prop_filter_map("two primaries", |(user_name, family_name, emails, department)| {
            let body = json!({
                "userName": user_name,
                "name": {"familyName": family_name},
                "emails": emails,
                ENTERPRISE_USER: {"department": department},
            });
            resource::read(body, ResourceType::user(), Mode::Create).ok()
        })
        .boxed()
}

fn kind() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["work", "Work", "home", "other"])
}

fn word() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["anna", "Anna", "bo", "x", "7"])
}

fn value() -> BoxedStrategy<Value> {
    prop_oneof![
        Just(Value::Null),
        Just(json!("")),
        Just(json!([])),
        Just(json!({})),
        any::<bool>().prop_map(Value::from),
        Just(json!("True")),
        word().prop_map(Value::from),
        (kind(), word()).prop_map(|(kind, value)| json!({"type": kind, "value": value})),
        (kind(), word(), any::<bool>())
            .prop_map(|(kind, value, primary)| json!([{"type": kind, "value": value, "primary": primary}, {"value": "second"}])),
        word().prop_map(|word| json!({"familyName": word, "givenName": null})),
        word().prop_map(|word| json!({"displayName": word, "name.givenName": word, "emails": [{"value": word}], "id": "x"})),
        word().prop_map(|word| json!({ENTERPRISE_USER: {"department": word, "manager": word}})),
    ]
    .boxed()
}

fn path() -> impl Strategy<Value = Option<String>> {
    let fixed = prop::sample::select(vec![
        "userName",
        "displayName",
        "name",
        "name.familyName",
        "name.givenName",
        "active",
        "emails",
        "emails.value",
        "emails.primary",
        "emails[type eq \"work\"]",
        "emails[type eq \"work\"].value",
        "emails[type eq \"home\"].primary",
        "emails[primary eq \"True\"].value",
        "emails[not (type pr)]",
        "emails[type eq \"x\" or value eq \"bo\"].display",
        "roles",
        "phoneNumbers[type eq \"fax\"].value",
        "department",
        "manager",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
        "accountStatus",
        "id",
        "groups",
        "nowhere",
        "schemas",
    ]);
    prop::option::weighted(0.85, fixed.prop_map(str::to_owned))
}

fn operation() -> impl Strategy<Value = Value> {
    (
        prop::sample::select(vec!["add", "replace", "remove"]),
        path(),
        prop::option::weighted(0.8, value()),
    )
        .prop_map(|(op, path, value)| {
            let mut operation = json!({"op": op});
            if let Some(path) = path {
                operation["path"] = path.into();
            }
            if let Some(value) = value {
                operation["value"] = value;
            }
            operation
        })
}

fn options() -> impl Strategy<Value = PatchOptions> {
    prop::sample::select(vec![MissingTarget::Create, MissingTarget::Error])
        .prop_map(|missing_target| PatchOptions { missing_target })
}

fn request(operations: &[Value]) -> PatchRequest {
    PatchRequest::parse(json!({"Operations": operations})).expect("a request")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// All or nothing; "unchanged" means equal; and what comes out is a resource as it would have been read.
    #[test]
    fn any_operations_keep_the_resource_whole(
        before in user(),
        operations in prop::collection::vec(operation(), 1..6),
        options in options(),
    ) {
        let mut after = before.clone();
        match patch::apply(&mut after, &request(&operations), ResourceType::user(), options) {
            Err(error) => {
                prop_assert_eq!(error.status, 400);
                prop_assert_eq!(after, before);
            }
            Ok(outcome) => {
                prop_assert_eq!(outcome.changed, after != before);
                let read = resource::read(Value::Object(after.clone()), ResourceType::user(), Mode::Replace);
                prop_assert_eq!(read, Ok(after));
            }
        }
    }

    /// Replacing or removing a second time finds nothing left to do (unless the value itself is what was chosen by).
    #[test]
    fn replace_and_remove_can_be_repeated(before in user(), operation in operation()) {
        let chosen_as_a_whole = operation["path"].as_str().is_some_and(|path| path.ends_with(']'));
        if operation["op"] == "add" || chosen_as_a_whole {
            return Ok(());
        }
        let request = request(&[operation]);
        let mut once = before;
        if patch::apply(&mut once, &request, ResourceType::user(), PatchOptions::default()).is_ok() {
            let mut twice = once.clone();
            let outcome = patch::apply(&mut twice, &request, ResourceType::user(), PatchOptions::default());
            prop_assert_eq!(outcome.map(|outcome| outcome.changed), Ok(false));
        }
    }

    #[test]
    fn requests_survive_being_sent(operations in prop::collection::vec(operation(), 1..4)) {
        let request = request(&operations);
        prop_assert_eq!(PatchRequest::parse(request.to_json()), Ok(request));
    }
}
