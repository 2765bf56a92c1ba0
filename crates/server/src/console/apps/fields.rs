//! What can be set for signing in to an app, as forms.

use crate::console::form::{Choice, Field, Kind, Section, choice, field};

/// Of an app that signs in by SAML.
pub const SAML: &[Section] = &[TILE, SERVICE, TOLD, SIGNED, SIGN_INS];
/// Of a link.
pub const BOOKMARK: &[Section] = &[LINK, TILE];

const TILE: Section = Section {
    key: "tile",
    title: "In the portal",
    about: "",
    fields: &[
        field(
            "label",
            Kind::Text,
            "Display label",
            "Left empty: the app's name.",
        ),
        field("description", Kind::Text, "Description", ""),
        field(
            "logo",
            Kind::Area,
            "Logo",
            "A picture as a data: URI (PNG, JPEG, GIF or WebP), up to 64 KiB. Left empty: the first letter.",
        ),
        field("shown", Kind::Tick, "Shown in the portal", ""),
    ],
};

const LINK: Section = Section {
    key: "link",
    title: "Where it leads",
    about: "",
    fields: &[field("url", Kind::Text, "Address", "")],
};

const CONSUMER: &[Field] = &[
    field("url", Kind::Text, "Address (HTTP-POST)", ""),
    field("index", Kind::Number, "Index", ""),
    field("default", Kind::Maybe, "Default", ""),
];

const LOGOUT: &[Field] = &[
    field("url", Kind::Text, "Single logout URL", ""),
    field(
        "binding",
        Kind::Choices(&[choice("redirect", "HTTP-Redirect"), choice("post", "HTTP-POST")]),
        "By which way",
        "",
    ),
    field(
        "response_url",
        Kind::Optional,
        "Where it is answered, if elsewhere",
        "",
    ),
];

const SERVICE: Section = Section {
    key: "service",
    title: "The service",
    about: "What its metadata would say.",
    fields: &[
        field("entity_id", Kind::Text, "Entity ID (audience)", ""),
        field(
            "consumers",
            Kind::Rows(CONSUMER),
            "Assertion consumers (ACS)",
            "Where answers go. Without an index it is the next that is free.",
        ),
        field(
            "logout",
            Kind::OptionalPart(LOGOUT),
            "Single logout",
            "Left empty: the service is told of no sign-out.",
        ),
        field(
            "request_certificates",
            Kind::Certificates,
            "Certificates that requests may be signed by",
            "In PEM, one after the other.",
        ),
        field(
            "signed_requests",
            Kind::Tick,
            "Refuse requests that are not signed",
            "",
        ),
        field(
            "sha1_requests",
            Kind::Tick,
            "Believe signatures with SHA-1, too",
            "Nothing is ever signed with it.",
        ),
    ],
};

const ATTRIBUTE: &[Field] = &[
    field("name", Kind::Text, "Name", ""),
    field("source", Kind::Source, "Value", ""),
    field(
        "name_format",
        Kind::Choices(&[
            choice("basic", "Basic"),
            choice("uri", "URI"),
            choice("unspecified", "Unspecified"),
        ]),
        "Name format",
        "",
    ),
    field("friendly_name", Kind::Optional, "Friendly name", ""),
    field(
        "when_empty",
        Kind::Choices(&[
            choice("omit", "Left out"),
            choice("empty", "An empty value"),
            choice("refuse", "Nobody is let in"),
        ]),
        "Without a value",
        "",
    ),
];

const TOLD: Section = Section {
    key: "told",
    title: "What the service is told",
    about: "",
    fields: &[
        field(
            "issuer",
            Kind::Text,
            "Issuer",
            "What we are called. Left empty: the app's address.",
        ),
        field(
            "name_id_format",
            Kind::Choices(&[
                choice("unspecified", "Unspecified"),
                choice("email_address", "E-mail address"),
                choice("persistent", "Persistent identifier"),
                choice("transient", "Transient identifier"),
                choice("x509_subject_name", "X509 subject name"),
                choice("windows_domain_qualified_name", "Windows domain qualified name"),
                choice("kerberos", "Kerberos"),
            ]),
            "NameID format",
            "",
        ),
        field(
            "name_id",
            Kind::OptionalSource,
            "NameID",
            "As usual: userName if unspecified, the e-mail address, or one that is made up.",
        ),
        field(
            "attributes",
            Kind::Rows(ATTRIBUTE),
            "Attribute statement",
            "A row that is emptied is left out.",
        ),
    ],
};

const SIGNED: Section = Section {
    key: "signed",
    title: "Signatures and encryption",
    about: "",
    fields: &[
        field(
            "sign",
            Kind::Choices(&[
                choice("both", "Response and assertion"),
                choice("assertion", "Assertion"),
                choice("response", "Response"),
            ]),
            "What is signed",
            "",
        ),
        field(
            "signature_algorithm",
            Kind::Choices(&[
                choice("auto", "By the key"),
                choice("rsa_sha256", "RSA with SHA-256"),
                choice("rsa_sha384", "RSA with SHA-384"),
                choice("rsa_sha512", "RSA with SHA-512"),
                choice("ecdsa_sha256", "ECDSA with SHA-256"),
                choice("ecdsa_sha384", "ECDSA with SHA-384"),
            ]),
            "Signature algorithm",
            "",
        ),
        field(
            "encryption",
            Kind::Choices(&[
                choice("off", "Off"),
                choice("aes256_gcm", "AES-256-GCM"),
                choice("aes128_gcm", "AES-128-GCM"),
                choice("aes256_cbc", "AES-256-CBC"),
                choice("aes128_cbc", "AES-128-CBC"),
            ]),
            "Encryption of assertions",
            "",
        ),
        field("key_transport", Kind::Choices(TRANSPORTS), "Key transport", ""),
        field(
            "encryption_certificate",
            Kind::Certificate,
            "Certificate to encrypt for",
            "In PEM or base64.",
        ),
    ],
};

const TRANSPORTS: &[Choice] = &[
    choice("oaep_sha1", "RSA-OAEP with SHA-1, which everybody understands"),
    choice("oaep_sha256", "RSA-OAEP with SHA-256"),
];

const CONTEXTS: &[Field] = &[
    field("password", Kind::Text, "By password", ""),
    field("code", Kind::Text, "And a code", ""),
    field("passkey", Kind::Text, "And a passkey", ""),
    field(
        "federated",
        Kind::Text,
        "By an identity provider outside",
        "Left empty: what that has said.",
    ),
];

const SIGN_INS: Section = Section {
    key: "sign_ins",
    title: "Sign-ins",
    about: "",
    fields: &[
        field(
            "idp_initiated",
            Kind::Tick,
            "One can begin here, and not only at the service",
            "",
        ),
        field(
            "default_relay_state",
            Kind::Text,
            "RelayState where one begins here",
            "Left empty: none.",
        ),
        field(
            "relay_states",
            Kind::Lines,
            "What may be named otherwise",
            "Addresses, one in each line. One that ends with a slash stands for all below it.",
        ),
        field(
            "valid_minutes",
            Kind::Number,
            "An answer may be used for",
            "In minutes.",
        ),
        field(
            "session_minutes",
            Kind::Number,
            "The session at the service lasts at most",
            "In minutes; 0: nothing is said of it.",
        ),
        field(
            "contexts",
            Kind::Part(CONTEXTS),
            "Authentication contexts",
            "AuthnContextClassRef that the service is told.",
        ),
    ],
};

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use federation::identity_provider::{Change, Saml, Tile};
    use serde_json::{Value, json};

    use super::*;
    use crate::console::form::names_of;

    /// What is set at the beginning, all at one level.
    fn usual(more: Value) -> Value {
        let mut all = json!(Tile::default());
        if let (Value::Object(all), Value::Object(more)) = (&mut all, more) {
            all.extend(more);
        }
        all
    }

    #[test]
    fn every_setting_stands_on_a_page_once() {
        for (sections, settings) in [
            (SAML, usual(json!(Saml::default()))),
            (BOOKMARK, usual(json!({ "url": "" }))),
        ] {
            let shown = names_of(sections);
            let there = settings.as_object().expect("an object");
            let there: BTreeSet<&str> = there.keys().map(String::as_str).collect();
            assert_eq!(shown.iter().copied().collect::<BTreeSet<_>>(), there);
            assert_eq!(shown.len(), there.len(), "{shown:?}");
        }
        // And whatever can be changed is one of them.
        let known = serde_json::from_value::<Change>(json!({ "colour": "red" })).expect_err("no setting");
        for name in names_of(SAML).into_iter().chain(names_of(BOOKMARK)) {
            assert!(
                known.to_string().contains(&format!("`{name}`")),
                "{name}: {known}"
            );
        }
    }

    #[test]
    fn a_form_that_nobody_has_touched_changes_nothing() {
        let settings = usual(json!(Saml::default()));
        for field in SAML.iter().flat_map(|section| section.fields) {
            let value = &settings[field.name];
            assert_eq!(field.as_filled(value), *value, "{}", field.name);
            if let Kind::Choices(choices) = field.kind {
                let known = choices.iter().any(|one| *value == one.value);
                assert!(known, "{}: {value}", field.name);
            }
        }
    }
}
