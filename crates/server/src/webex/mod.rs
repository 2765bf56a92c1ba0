//! Webex's REST APIs, at `/v1` beside the SCIM service, as far as people are licensed by them: users that come in by SCIM get
//! theirs by `PATCH /v1/licenses/users` there, unless a template gives them.

mod failure;
mod ids;
mod licences;

use access::Permission::{AssignLicences, ReadLicences};
use http::Method;

pub use failure::Failure;

use crate::doors::Doors;

/// Adds every endpoint.
pub fn open(doors: &mut Doors) {
    doors.webex(Method::GET, "/v1/licenses", ReadLicences, licences::list);
    doors.webex(
        Method::PATCH,
        "/v1/licenses/users",
        AssignLicences,
        licences::assign,
    );
    doors.webex(
        Method::GET,
        "/v1/licenses/{license}",
        ReadLicences,
        licences::read,
    );
}

/// Is this the path of one of them?
pub fn is_webex(path: &str) -> bool {
    let rest = path.strip_prefix("/v1/licenses");
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
