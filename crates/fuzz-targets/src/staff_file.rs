//! Staff files.

use scim::ResourceType;
use scim::resource::{self, Mode};
use serde_json::Value;

/// Each row is a person with a userName, or a problem that says on which line it is; people read as themselves.
///
/// # Panics
/// If one of these does not hold.
pub fn staff_file(data: &[u8]) {
    let Ok(file) = staff_file::read(data) else {
        return;
    };
    let lines = 2 + data.len() as u64;
    for row in &file.rows {
        assert!(row.line > 1 && row.line <= lines, "{row:?}");
        assert!(row.person["userName"].is_string(), "{row:?}");
        let person = Value::Object(row.person.clone());
        let mut read = resource::read(person, ResourceType::user(), Mode::Replace).expect("a resource");
        read.shift_remove("schemas");
        assert_eq!(read, row.person);
    }
    assert!(!file.rows.is_empty() || !file.problems.is_empty());
}
