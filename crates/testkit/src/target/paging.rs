//! Pages: by index as targets in the wild have them, and by cursor (RFC 9865).

use serde_json::{Value, json};

use super::behaviour::Paging;
use super::protocol::Refusal;

/// Where a page begins, counted from 1.
pub(super) fn start(paging: Paging, asked: usize) -> usize {
    let asked = asked.max(1);
    match paging {
        Paging::Repeats if asked > 1 => asked - 1,
        Paging::Skips if asked > 1 => asked + 1,
        Paging::IgnoresTheStart => 1,
        _ => asked,
    }
}

/// What the target says of itself that is wrong.
pub(super) fn spoil(paging: Paging, answer: &mut Value) {
    match paging {
        Paging::CountsThePage => answer["totalResults"] = answer["itemsPerPage"].clone(),
        Paging::DoesNotCount => {
            if let Some(answer) = answer.as_object_mut() {
                answer.remove("totalResults");
            }
        }
        _ => {}
    }
    if matches!(paging, Paging::IgnoresTheStart) {
        answer["startIndex"] = json!(1);
    }
}

pub(super) fn cursor(start: usize) -> String {
    format!("from/{start}+")
}

pub(super) fn read_cursor(cursor: &str) -> Result<usize, Refusal> {
    let start = cursor
        .strip_prefix("from/")
        .and_then(|rest| rest.strip_suffix('+'));
    start
        .and_then(|start| start.parse().ok())
        .filter(|start| *start > 0)
        .ok_or_else(|| Refusal::new(400, "invalidCursor", "this cursor is none of ours"))
}
