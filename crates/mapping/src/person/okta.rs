//! Okta's names of profile attributes (`user.…`), and where a SCIM User holds them.

use super::Person;
use super::entra::{WORK_MAIL, mail, other_mails};
use crate::Value;

/// Where an attribute of the base profile is found.
#[derive(Clone, Copy)]
enum Attribute {
    /// At this SCIM path.
    At(&'static str),
    Email,
    SecondEmail,
    Status,
}

use Attribute::{At, Email, SecondEmail, Status};

const PREFIX: &str = "user.";

/// The base profile of Okta's Universal Directory, and `status`, which is an internal property there.
const NAMES: [(&str, Attribute); 32] = [
    ("login", At("userName")),
    ("email", Email),
    ("secondEmail", SecondEmail),
    ("firstName", At("name.givenName")),
    ("lastName", At("name.familyName")),
    ("middleName", At("name.middleName")),
    ("honorificPrefix", At("name.honorificPrefix")),
    ("honorificSuffix", At("name.honorificSuffix")),
    ("title", At("title")),
    ("displayName", At("displayName")),
    ("nickName", At("nickName")),
    ("profileUrl", At("profileUrl")),
    ("primaryPhone", At(r#"phoneNumbers[type eq "work"].value"#)),
    ("mobilePhone", At(r#"phoneNumbers[type eq "mobile"].value"#)),
    ("streetAddress", At(r#"addresses[type eq "work"].streetAddress"#)),
    ("city", At(r#"addresses[type eq "work"].locality"#)),
    ("state", At(r#"addresses[type eq "work"].region"#)),
    ("zipCode", At(r#"addresses[type eq "work"].postalCode"#)),
    ("countryCode", At(r#"addresses[type eq "work"].country"#)),
    ("postalAddress", At(r#"addresses[type eq "work"].formatted"#)),
    ("preferredLanguage", At("preferredLanguage")),
    ("locale", At("locale")),
    ("timezone", At("timezone")),
    ("userType", At("userType")),
    (
        "employeeNumber",
        At("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber"),
    ),
    (
        "costCenter",
        At("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter"),
    ),
    (
        "organization",
        At("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:organization"),
    ),
    (
        "division",
        At("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:division"),
    ),
    (
        "department",
        At("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"),
    ),
    (
        "managerId",
        At("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value"),
    ),
    (
        "manager",
        At("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.displayName"),
    ),
    ("status", Status),
];

/// The names, with `user.` in front.
pub(super) fn names() -> impl Iterator<Item = String> {
    NAMES.iter().map(|(name, _)| format!("{PREFIX}{name}"))
}

/// The paths that are read for them.
pub(super) fn places() -> impl Iterator<Item = &'static str> {
    NAMES.iter().filter_map(|(_, attribute)| match attribute {
        At(path) => Some(*path),
        Email | SecondEmail | Status => None,
    })
}

/// What stands behind `user.` in such a name.
pub(super) fn profile_name(name: &str) -> Option<&str> {
    let (prefix, rest) = name.split_at_checked(PREFIX.len())?;
    prefix.eq_ignore_ascii_case(PREFIX).then_some(rest)
}

/// The one place that a name of the profile reads.
pub(super) fn place(name: &str) -> Option<&str> {
    let known = NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    match known.map(|(_, attribute)| *attribute) {
        Some(At(path)) => Some(path),
        Some(Email) => Some(WORK_MAIL),
        Some(SecondEmail | Status) => None,
        None => Some(name),
    }
}

/// What a person has under such a name; `None` if it is none. A name that Okta's base profile does not have is read
/// as a SCIM path, as custom attributes of the profile have no other place.
pub(super) fn read(person: &Person<'_>, name: &str) -> Option<Value> {
    let rest = profile_name(name.trim())?;
    let known = NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(rest));
    Some(match known.map(|(_, attribute)| *attribute) {
        Some(At(path)) => person.scim(path),
        Some(Email) => mail(person),
        Some(SecondEmail) => other_mails(person)
            .items()
            .first()
            .map_or(Value::Null, |first| Value::text(first.as_ref())),
        Some(Status) => Value::text(if person.is_soft_deleted {
            "SUSPENDED"
        } else {
            "ACTIVE"
        }),
        None => person.scim(rest),
    })
}
