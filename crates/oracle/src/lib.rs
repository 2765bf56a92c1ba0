//! A second, naive reading of RFC 7643 and RFC 7644, with which tests compare ours on random input.
//!
//! It shares no code with the rest of the house: the attributes are written down a second time, filters and PATCH are
//! worked out anew, slowly and plainly. Where the RFCs leave a choice, ours is stated here in so many words.

pub mod filter;
pub mod patch;
pub mod random;
pub mod resource;
pub mod schema;
pub mod text;
pub mod time;

/// A resource, or a part of one.
pub type Object = serde_json::Map<String, serde_json::Value>;

/// The value of a key, in any case (RFC 7643 §2.1).
pub fn field<'o>(object: &'o Object, name: &str) -> Option<&'o serde_json::Value> {
    let found = object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value)
}
