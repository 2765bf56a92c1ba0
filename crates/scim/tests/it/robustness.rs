//! Nothing that comes in makes us panic.

use proptest::prelude::*;
use scim::message::{self, SearchRequest};
use scim::patch::{self, PatchOptions, PatchRequest};
use scim::projection::Projection;
use scim::resource::{self, Mode};
use scim::{Object, ResourceType, filter, path};
use serde_json::Value;

/// Texts made of what the grammars are made of.
fn text() -> BoxedStrategy<String> {
    let pieces = prop::sample::select(vec![
        "userName",
        "emails",
        "members",
        "meta.lastModified",
        "urn:ietf:params:scim:schemas:core:2.0:User",
        ":",
        ".",
        "[",
        "]",
        "(",
        ")",
        " ",
        "\"",
        "\\",
        "\\u00",
        "eq",
        " eq ",
        " sw ",
        " pr",
        "and",
        " and ",
        " or ",
        "not ",
        "true",
        "null",
        "1",
        "-1e9",
        "é",
        "😀",
        "\u{0}",
        "$ref",
        ",",
    ]);
    prop_oneof![
        any::<String>(),
        prop::collection::vec(pieces, 0..24).prop_map(|pieces| pieces.concat()),
    ]
    .boxed()
}

/// Trees with the names that mean something.
fn tree() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 48, 6, |inner| {
        let name = prop::sample::select(vec![
            "schemas",
            "id",
            "meta",
            "userName",
            "USERNAME",
            "name",
            "familyName",
            "emails",
            "value",
            "type",
            "primary",
            "active",
            "roles",
            "members",
            "displayName",
            "groups",
            "password",
            "Operations",
            "op",
            "path",
            "name.givenName",
            "manager",
            "x",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
            "urn:scim:schemas:extension:cisco:webexidentity:2.0:User",
            "attributes",
            "filter",
            "count",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name, inner), 0..6).prop_map(|members| Value::Object(
                members
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect()
            )),
        ]
    })
    .boxed()
}

fn operations() -> BoxedStrategy<Value> {
    let op = prop::sample::select(vec!["add", "Replace", "REMOVE", "move"]);
    prop::collection::vec((op, text(), tree()), 0..5)
        .prop_map(|operations| {
            let operations: Vec<Value> = operations
                .into_iter()
                .map(|(op, path, value)| serde_json::json!({"op": op, "path": path, "value": value}))
                .collect();
            serde_json::json!({"Operations": operations})
        })
        .boxed()
}

fn try_patch(body: Value) {
    for resource_type in ResourceType::all() {
        let Ok(mut request) = PatchRequest::parse(body.clone()) else {
            return;
        };
        let _ = patch::split_members(&mut request);
        let _ = patch::apply(
            &mut Object::new(),
            &request,
            resource_type,
            PatchOptions::default(),
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn filters(text in text(), tree in tree()) {
        if let Ok(filter) = filter::parse(&text) {
            for resource_type in ResourceType::all() {
                let object = tree.as_object().cloned().unwrap_or_default();
                filter::evaluate(&filter, &object, resource_type);
                let _ = filter::check(&filter, resource_type);
            }
            filter::lookups(&filter);
            prop_assert_eq!(filter::parse(&filter.to_string()), Ok(filter));
        }
    }

    #[test]
    fn paths(text in text(), tree in tree()) {
        if let Ok(path) = path::parse(&text) {
            let object = tree.as_object().cloned().unwrap_or_default();
            path::get(&object, &path, ResourceType::user());
            prop_assert_eq!(path::parse(&path.to_string()), Ok(path));
        }
    }

    #[test]
    fn bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = PatchRequest::from_slice(&bytes);
        if let Ok(body) = message::parse(&bytes) {
            let _ = resource::read(body, ResourceType::user(), Mode::Create);
        }
    }

    #[test]
    fn bodies(tree in tree()) {
        for resource_type in ResourceType::all() {
            let _ = resource::read(tree.clone(), resource_type, Mode::Create);
        }
        let _ = resource::take_members(&mut tree.clone());
        let _ = SearchRequest::from_value(&tree);
        try_patch(tree);
    }

    #[test]
    fn patches(body in operations()) {
        try_patch(body);
    }

    #[test]
    fn projections(attributes in prop::option::of(text()), excluded in prop::option::of(text()), tree in tree()) {
        if let Ok(projection) = Projection::parse(attributes.as_deref(), excluded.as_deref()) {
            let object = tree.as_object().cloned().unwrap_or_default();
            projection.apply(&object, ResourceType::user());
            projection.wants("groups");
        }
    }
}
