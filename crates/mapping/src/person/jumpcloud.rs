//! JumpCloud's names of properties that are neither Entra ID's nor SCIM's, and where a SCIM User holds them.

const NAMES: [(&str, &str); 4] = [
    ("username", "userName"),
    ("firstname", "name.givenName"),
    ("lastname", "name.familyName"),
    (
        "employeeIdentifier",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber",
    ),
];

pub(super) fn find(name: &str) -> Option<&'static str> {
    NAMES
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, path)| *path)
}

pub(super) fn names() -> impl Iterator<Item = &'static str> {
    NAMES.iter().map(|(name, _)| *name)
}
