//! Bulk requests (RFC 7644 §3.7).

use scim::bulk::{BulkRequest, Outcome};
use scim::discovery::BulkLimits;
use scim::{Error, message};

/// Each operation is carried out just once, behind those that it refers to unless they refer to it; references have
/// ids afterwards.
///
/// # Panics
/// If one of these does not hold.
pub fn bulk(data: &[u8]) {
    let limits = BulkLimits {
        max_operations: 1_000,
        max_payload_size: 1_048_576,
    };
    let Ok(request) = message::parse(data).and_then(|body| BulkRequest::parse(body, limits)) else {
        return;
    };
    let plan = request.plan();
    let mut order: Vec<usize> = plan.iter().flatten().copied().collect();
    order.sort_unstable();
    assert!(order.iter().copied().eq(0..request.operations.len()), "each once");
    let creators = request.creators();
    let place = |at: usize| plan.iter().position(|unit| unit.contains(&at));
    for (at, operation) in request.operations.iter().enumerate() {
        let Ok(parsed) = &operation.request else { continue };
        for name in parsed.references() {
            if let Some(creator) = creators.get(name) {
                assert!(place(*creator) <= place(at), "{name} comes first");
            }
        }
        let mut resolved = parsed.clone();
        if resolved.resolve(&|_| Some("018f".to_owned())).is_ok() {
            assert!(resolved.references().is_empty(), "{resolved:?}");
        }
    }
    let refused = |at: usize| Outcome::Failed {
        error: Error::not_found(format!("number {at}")),
        location: None,
    };
    let outcomes: Vec<_> = (0..request.operations.len())
        .map(|at| Some(refused(at)))
        .collect();
    let answer = request.response(&outcomes, Error::to_json).to_string();
    assert!(serde_json::from_str::<serde_json::Value>(&answer).is_ok());
}
