//! Ours beside a naive reading of the RFC, on random resources.

mod filters;
mod patches;

use oracle::filter::Pool;
use oracle::text;
use scim::resource::{self, Mode};
use scim::{Object, ResourceType};
use serde_json::Value;

/// Values that the resources and the filters have in common.
fn pool() -> Pool {
    let own = |text: &str| text.to_owned();
    Pool {
        texts: text::AWKWARD
            .iter()
            .copied()
            .chain(["work", "home", "Work"])
            .map(own)
            .collect(),
        times: [
            "2026-03-01T12:00:00Z",
            "2026-03-01T12:00:00.000001Z",
            "2026-03-01",
            "soon",
        ]
        .map(own)
        .to_vec(),
    }
}

/// What is stored of such a body.
fn stored(body: Object, resource_type: &ResourceType) -> Object {
    resource::read(Value::Object(body), resource_type, Mode::Create).expect("a resource")
}
