//! PATCH, and what holds whatever the operations are.

use oracle::patch::{self as model, Missing, Operation};
use oracle::random::{Effort, check};
use oracle::resource;
use oracle::schema::{self, Schema};
use proptest::prelude::*;
use scim::patch::{self, MissingTarget, PatchOptions, PatchRequest};
use scim::resource::Mode;
use scim::{Object, ResourceType};
use serde_json::{Value, json};

use super::{pool, stored};

fn compare_patches(
    effort: Effort,
    schema: Schema,
    resource_type: &'static ResourceType,
    required: &'static str,
) {
    let cases = (
        resource::body(schema, required),
        model::operations(schema, &pool()),
        prop::sample::select(vec![Missing::IsMade, Missing::IsAnError]),
    );
    check(&mut effort.runner(7), &cases, |(body, operations, missing)| {
        let before = stored(body, resource_type);
        let expected = model::apply(&before, &operations, &schema, required, missing);
        let found = patched(&before, &operations, missing, resource_type)?;
        let what = || json!({ "before": before, "operations": sent(&operations) }).to_string();
        prop_assert_eq!(&found, &expected, "{}", what());
        let Ok(after) = found else { return Ok(()) };
        let read = scim::resource::read(Value::Object(after.clone()), resource_type, Mode::Replace);
        prop_assert_eq!(read, Ok(after), "{}", what());
        Ok(())
    });
}

fn sent(operations: &[Operation]) -> Vec<Value> {
    operations.iter().map(Operation::to_json).collect()
}

/// What ours makes of it: the resource, or the kind of the error.
fn patched(
    before: &Object,
    operations: &[Operation],
    missing: Missing,
    resource_type: &ResourceType,
) -> Result<Result<Object, &'static str>, TestCaseError> {
    let options = PatchOptions {
        missing_target: match missing {
            Missing::IsMade => MissingTarget::Create,
            Missing::IsAnError => MissingTarget::Error,
        },
    };
    let body = json!({ "Operations": sent(operations) });
    let request = match PatchRequest::parse(body) {
        Ok(request) => request,
        Err(error) => return Ok(Err(error.scim_type.map_or("", scim::ScimType::as_str))),
    };
    let mut after = before.clone();
    match patch::apply(&mut after, &request, resource_type, options) {
        Err(error) => {
            prop_assert_eq!(&after, before, "all or none");
            prop_assert_eq!(error.status, 400);
            Ok(Err(error.scim_type.map_or("", scim::ScimType::as_str)))
        }
        Ok(outcome) => {
            prop_assert_eq!(outcome.changed, after != *before);
            Ok(Ok(after))
        }
    }
}

#[test]
fn patches_of_users() {
    compare_patches(
        Effort::Cases(2_500),
        schema::USER,
        ResourceType::user(),
        "userName",
    );
}

#[test]
fn patches_of_groups() {
    compare_patches(
        Effort::Cases(1_000),
        schema::GROUP_ITSELF,
        ResourceType::group(),
        "displayName",
    );
}

#[test]
#[ignore = "takes long: cargo xtask soak runs it"]
fn soak_patches() {
    for _ in 0..10 {
        compare_patches(
            Effort::NewCases(50_000),
            schema::USER,
            ResourceType::user(),
            "userName",
        );
        compare_patches(
            Effort::NewCases(20_000),
            schema::GROUP_ITSELF,
            ResourceType::group(),
            "displayName",
        );
    }
}
