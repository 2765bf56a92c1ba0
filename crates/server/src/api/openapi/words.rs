//! Words that stand for choices, where the rooms below have no list of them to ask.

use super::shape::{Shape, words};

pub fn subject() -> Shape {
    words(["user", "group"])
}

pub fn template() -> Shape {
    words(provisioning::Template::ALL.map(provisioning::Template::as_str))
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

pub fn sso_kind() -> Shape {
    words(["saml", "bookmark"])
}

pub fn sso_name_format() -> Shape {
    words(["basic", "uri", "unspecified"])
}

pub fn sso_when_empty() -> Shape {
    words(["omit", "empty", "refuse"])
}

pub fn sso_logout_binding() -> Shape {
    words(["redirect", "post"])
}

pub fn sso_name_id_format() -> Shape {
    words([
        "unspecified",
        "email_address",
        "persistent",
        "transient",
        "x509_subject_name",
        "windows_domain_qualified_name",
        "kerberos",
    ])
}

pub fn sso_sign() -> Shape {
    words(["response", "assertion", "both"])
}

pub fn sso_signature_algorithm() -> Shape {
    words([
        "auto",
        "rsa_sha256",
        "rsa_sha384",
        "rsa_sha512",
        "ecdsa_sha256",
        "ecdsa_sha384",
    ])
}

pub fn sso_encryption() -> Shape {
    words(["off", "aes256_gcm", "aes128_gcm", "aes256_cbc", "aes128_cbc"])
}

pub fn sso_key_transport() -> Shape {
    words(["oaep_sha1", "oaep_sha256"])
}
