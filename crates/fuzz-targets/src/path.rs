//! Attribute paths (RFC 7644 §3.10).

use scim::filter::MAX_LENGTH;
use scim::path;

use crate::sample;

/// An error says where it is; what parses prints as itself.
///
/// # Panics
/// If one of these does not hold.
pub fn path(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    match path::parse(text) {
        Err(error) => assert!(error.position <= text.chars().count(), "{error}"),
        Ok(parsed) => {
            let printed = parsed.to_string();
            if printed.chars().count() <= MAX_LENGTH {
                assert_eq!(path::parse(&printed).as_ref(), Ok(&parsed), "{printed}");
            }
            for (object, resource_type) in sample::both() {
                path::get(&object, &parsed, resource_type);
            }
        }
    }
}
