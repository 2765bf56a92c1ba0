//! What RFC 7644 knows and this release does not; ServiceProviderConfig does not announce it either.

use super::Failure;

/// 501 in SCIM form (RFC 7644 §3.12).
pub async fn not_implemented() -> Failure {
    Failure(scim::Error::new(
        501,
        "This server does not support the operation; see ServiceProviderConfig",
    ))
}
