//! Cursors of lists (RFC 9865): a place in the order, sealed for one organization and one query, good for an hour.
//!
//! A sorted list's place holds the value that it is sorted by, and the answer need not show it; so nobody can read a cursor.
//! Rights are judged anew for each page.

use std::time::Duration;

use base::{OrgId, Timestamp};
use directory::{Criteria, Place};
use serde::{Deserialize, Serialize};

use super::Failure;
use crate::State;

/// How long a cursor is good for; announced as `pagination.cursorTimeout`.
pub const TIMEOUT: Duration = Duration::from_hours(1);
/// Ours are far shorter.
const LONGEST: usize = 16 * 1024;

/// What a cursor says.
#[derive(Debug, Serialize, Deserialize)]
pub struct Cursor {
    /// Behind which the page begins.
    pub place: Place,
    /// How many there were in all when the first page was made.
    pub total: u64,
    /// Microseconds since 1970.
    expires: i64,
}

/// The cursor of the page behind a place.
pub fn issue(state: &State, org: OrgId, criteria: &Criteria, place: Place, total: u64) -> String {
    let cursor = Cursor {
        place,
        total,
        expires: (state.ambient.now() + TIMEOUT).as_micros(),
    };
    let payload = serde_json::to_vec(&cursor).unwrap_or_default();
    state
        .sealers
        .cursors
        .seal(&state.ambient, org, &query(criteria), &payload)
}

/// What a cursor says, if it is one of this organization and query.
pub fn read(state: &State, org: OrgId, criteria: &Criteria, text: &str) -> Result<Cursor, Failure> {
    let known = Some(text)
        .filter(|text| text.len() <= LONGEST)
        .and_then(|text| state.sealers.cursors.open(org, &query(criteria), text).ok())
        .and_then(|payload| serde_json::from_slice::<Cursor>(&payload).ok());
    let Some(cursor) = known else {
        let detail = "This is no cursor of this query: send an empty cursor for the first page, then each page's \
                      nextCursor, with the same filter, sortBy and sortOrder at the same endpoint";
        return Err(Failure(scim::Error::invalid_cursor(detail)));
    };
    if Timestamp::from_micros(cursor.expires) <= state.ambient.now() {
        let detail = format!(
            "The cursor has expired, as it does {} seconds after its page; begin again with an empty cursor",
            TIMEOUT.as_secs()
        );
        return Err(Failure(scim::Error::expired_cursor(detail)));
    }
    Ok(cursor)
}

/// What makes a query another one; how it is spelled does not.
fn query(criteria: &Criteria) -> String {
    let filter = criteria.filter.as_ref().map(ToString::to_string);
    let sort = criteria.sort.as_ref().map(ToString::to_string);
    format!("{:?} {filter:?} {sort:?}", criteria.kinds)
}
