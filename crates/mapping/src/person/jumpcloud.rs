//! JumpCloud's names of properties that are neither Entra ID's nor SCIM's, and where a SCIM User holds them.

/// What JumpCloud calls `addresses.…` and `phoneNumbers.value` is the one of type work.
const NAMES: [(&str, &str); 10] = [
    ("username", "userName"),
    ("firstname", "name.givenName"),
    ("lastname", "name.familyName"),
    (
        "employeeIdentifier",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber",
    ),
    ("addresses.country", r#"addresses[type eq "work"].country"#),
    ("addresses.locality", r#"addresses[type eq "work"].locality"#),
    (
        "addresses.streetAddress",
        r#"addresses[type eq "work"].streetAddress"#,
    ),
    ("addresses.region", r#"addresses[type eq "work"].region"#),
    ("addresses.postalcode", r#"addresses[type eq "work"].postalCode"#),
    ("phoneNumbers.value", r#"phoneNumbers[type eq "work"].value"#),
];

pub(super) fn find(name: &str) -> Option<&'static str> {
    NAMES
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, path)| *path)
}

/// The paths that are read for them.
pub(super) fn places() -> impl Iterator<Item = &'static str> {
    NAMES.iter().map(|(_, path)| *path)
}

pub(super) fn names() -> impl Iterator<Item = &'static str> {
    NAMES.iter().map(|(name, _)| *name)
}
