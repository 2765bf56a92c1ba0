//! Words that stand for choices, where the rooms below have no list of them to ask.

use super::shape::{Shape, words};

pub fn subject() -> Shape {
    words(["user", "group"])
}

pub fn template() -> Shape {
    words(["webex", "scim"])
}

pub fn app_state() -> Shape {
    words(["active", "paused", "inactive", "disabled", "removing"])
}

pub fn app_scope() -> Shape {
    words(["assigned", "assigned_nested", "all"])
}

pub fn group_scope() -> Shape {
    words(["off", "assigned", "all"])
}

pub fn group_leaving() -> Shape {
    words(["leave", "delete"])
}

pub fn approval() -> Shape {
    words(["always", "over_threshold", "never"])
}

pub fn drift() -> Shape {
    words(["off", "report", "correct"])
}

pub fn updates() -> Shape {
    words(["auto", "patch", "put"])
}

pub fn switch() -> Shape {
    words(["auto", "on", "off"])
}

pub fn filters() -> Shape {
    words(["auto", "all"])
}

pub fn missing_element() -> Shape {
    words(["add", "path"])
}

pub fn client_auth() -> Shape {
    words(["basic", "post"])
}

pub fn offer() -> Shape {
    words(["default", "government"])
}

pub fn when_empty() -> Shape {
    words(["leave", "clear", "default"])
}

pub fn apply() -> Shape {
    words(["always", "only_on_create"])
}

pub fn language() -> Shape {
    words(mapping::Language::ALL.map(mapping::Language::as_str))
}

pub fn operator() -> Shape {
    use mapping::scope::Operator;
    words(Operator::ALL.map(Operator::as_str))
}

pub fn custom_kind() -> Shape {
    words([
        "string",
        "boolean",
        "integer",
        "decimal",
        "dateTime",
        "reference",
        "binary",
    ])
}

/// The data types of RFC 7643 §2.3.
pub fn kind() -> Shape {
    words([
        "string",
        "boolean",
        "decimal",
        "integer",
        "dateTime",
        "reference",
        "binary",
        "complex",
    ])
}

/// What is done to an account.
pub fn action() -> Shape {
    words([
        "create",
        "link",
        "update",
        "enable",
        "disable",
        "delete",
        "unchanged",
        "skip",
        "error",
    ])
}

pub fn job_state() -> Shape {
    words(["running", "done", "failed"])
}

/// What came of looking for an account.
pub fn found() -> Shape {
    words(["linked", "found", "absent", "unknown"])
}
