//! Bodies of PATCH (RFC 7644 §3.5.2).

use scim::patch::{self, MissingTarget, PatchOptions, PatchRequest};
use scim::resource::{self, Mode};
use scim::{Object, ResourceType};
use serde_json::Value;

use crate::sample;

/// All operations are carried out or none; "unchanged" means equal; what comes out could have come in.
///
/// # Panics
/// If one of these does not hold.
pub fn patch(data: &[u8]) {
    let Ok(request) = PatchRequest::from_slice(data) else {
        return;
    };
    for missing_target in [MissingTarget::Create, MissingTarget::Error] {
        let options = PatchOptions { missing_target };
        check(&sample::PERSON, &request, ResourceType::user(), options);
        let mut of_a_group = request.clone();
        if patch::split_members(&mut of_a_group).is_ok() {
            check(&sample::GROUP, &of_a_group, ResourceType::group(), options);
        }
    }
}

fn check(before: &Object, request: &PatchRequest, resource_type: &ResourceType, options: PatchOptions) {
    let mut after = before.clone();
    let Ok(outcome) = patch::apply(&mut after, request, resource_type, options) else {
        assert_eq!(&after, before, "all or none");
        return;
    };
    assert_eq!(outcome.changed, after != *before);
    // A password is taken out by whoever stores the resource, and read again all the same.
    let read = resource::read(Value::Object(after.clone()), resource_type, Mode::Replace);
    assert_eq!(read, Ok(after), "what comes out can come in");
}
