//! What can be set for signing in through identity providers, as forms.

use federation::service_provider::settings::{RequestAlgorithm, known_attributes};

use crate::console::form::{Choice, Kind, Section, choice, field, unavailable};

const BINDINGS: &[Choice] = &[choice("redirect", "HTTP-Redirect"), choice("post", "HTTP-POST")];

/// For the whole organization.
pub const ORGANIZATION: &[Section] = &[Section {
    key: "organization",
    title: "Settings",
    about: "They hold for every identity provider.",
    fields: &[
        field(
            "entity_id",
            Kind::Optional,
            "Entity ID (SP ID)",
            "Who we are to identity providers. Left empty: the server's address and the organization's ID.",
        ),
        field(
            "sign_requests",
            Kind::Tick,
            "Sign requests (AuthnRequest Signed)",
            "",
        ),
        field(
            "signature_algorithm",
            Kind::Choices(&[
                choice("auto", "By the key"),
                choice("rsa_sha256", "RSA with SHA-256"),
                choice("rsa_sha512", "RSA with SHA-512"),
                unavailable("rsa_sha1", "RSA with SHA-1", RequestAlgorithm::NO_SHA1),
            ]),
            "Signature algorithm of requests",
            "",
        ),
        field(
            "attendees",
            Kind::Tick,
            "SSO authentication for attendees",
            "Sessions that begin by single sign-on are marked as those of the organization's own attendees.",
        ),
        field(
            "target_pages",
            Kind::Lines,
            "Target pages",
            "Pages of others that people may be sent on to, one in each line. One that ends with a slash stands for all below it.",
        ),
    ],
}];

/// Of one identity provider.
pub const PROVIDER: &[Section] = &[SIGN_IN, SIGN_OUT, NAMES, ACCOUNTS, BELIEVED];

const SIGN_IN: Section = Section {
    key: "sign_in",
    title: "Where people sign in",
    about: "",
    fields: &[
        field(
            "login_url",
            Kind::Text,
            "Customer SSO service login URL",
            "Where requests go.",
        ),
        field("login_binding", Kind::Choices(BINDINGS), "By which way", ""),
        field(
            "destination",
            Kind::Optional,
            "AuthnRequestSigned Destination",
            "What requests name as their destination. Left empty: the login URL.",
        ),
        field(
            "profile",
            Kind::Choices(&[
                choice("sp_initiated", "SP-initiated: we send a request"),
                choice("idp_initiated", "IdP-initiated: people are sent to its own page"),
            ]),
            "SSO profile",
            "IdP-initiated answers need no request of ours.",
        ),
        field(
            "target_parameter",
            Kind::Text,
            "Target page URL parameter",
            "What the target is called in the query of that page, if IdP-initiated.",
        ),
        field(
            "default_target_page",
            Kind::Optional,
            "Default target page URL",
            "For whoever wanted nowhere else. Left empty: the account.",
        ),
        field(
            "authn_context_class_ref",
            Kind::Text,
            "AuthnContextClassRef",
            "Several, told apart by semicolons, one of which the sign-in has to be. Left empty: any will do.",
        ),
        field(
            "force_authn",
            Kind::Tick,
            "Ask for the person to be authenticated anew each time (ForceAuthn)",
            "",
        ),
        field(
            "second_factor",
            Kind::Choices(&[
                choice("ask", "Ask for ours behind the answer"),
                choice("trust", "Believe that the identity provider has asked"),
            ]),
            "Second factor",
            "",
        ),
        field(
            "error_url",
            Kind::Optional,
            "Customer SSO error URL",
            "Gets the number of the error. Left empty: our own page.",
        ),
    ],
};

const SIGN_OUT: Section = Section {
    key: "sign_out",
    title: "Signing out",
    about: "",
    fields: &[
        field(
            "logout_url",
            Kind::Optional,
            "Single logout URL",
            "Whoever signs out here is signed out there. Left empty: here only.",
        ),
        field("logout_binding", Kind::Choices(BINDINGS), "By which way", ""),
    ],
};

const NAMES: Section = Section {
    key: "names",
    title: "Who somebody is",
    about: "",
    fields: &[
        field(
            "name_id_format",
            Kind::Choices(&[
                choice("unspecified", "Unspecified"),
                choice("email_address", "E-mail address"),
                choice("x509_subject_name", "X509 subject name"),
                choice("entity_identifier", "Entity identifier"),
                choice("persistent", "Persistent identifier"),
                choice("transient", "Transient identifier"),
            ]),
            "NameID format",
            "With any but unspecified an answer must have it.",
        ),
        field(
            "linking_attributes",
            Kind::Rows(&[
                field("saml", Kind::Text, "In assertions", ""),
                field(
                    "attribute",
                    Kind::Choices(&[
                        choice("externalId", "externalId"),
                        choice("employeeNumber", "employeeNumber"),
                    ]),
                    "Ours",
                    "",
                ),
            ]),
            "Linking attributes",
            "By these people are found whom neither the name nor an address finds.",
        ),
        field(
            "attributes",
            Kind::Names(known_attributes),
            "Attributes",
            "What each of ours is called in assertions: one name in each line, the first that is there counts. Names with spaces \
             between them are put together.",
        ),
    ],
};

const ACCOUNTS: Section = Section {
    key: "accounts",
    title: "Accounts",
    about: "They go by the directory's own rules: names are unique, and licences come by the templates.",
    fields: &[
        field(
            "auto_create",
            Kind::Tick,
            "Auto account creation",
            "User name, e-mail address, first and last name have to be there.",
        ),
        field(
            "auto_update",
            Kind::Tick,
            "Auto account update",
            "If updateTimeStamp is newer than that before.",
        ),
        field(
            "remove_uid_domain",
            Kind::Tick,
            "Remove uid domain suffix for Active Directory UPN",
            "",
        ),
        field(
            "uid_domains",
            Kind::Lines,
            "Which suffixes",
            "One in each line, such as corp.local. Any other stays.",
        ),
        field(
            "joinable_groups",
            Kind::Groups,
            "Groups that somebody new may be put into",
            "By name or ID, one in each line: groupid names one of them.",
        ),
    ],
};

const BELIEVED: Section = Section {
    key: "believed",
    title: "What is believed",
    about: "The assertion is always covered by a signature. These demand more, or take what is old.",
    fields: &[
        field(
            "require_signed_response",
            Kind::Tick,
            "The response has to be signed",
            "",
        ),
        field(
            "require_signed_assertion",
            Kind::Tick,
            "The assertion has to be signed",
            "",
        ),
        field(
            "require_encrypted_assertion",
            Kind::Tick,
            "The assertion has to be encrypted",
            "",
        ),
        field(
            "refuse_expired_certificates",
            Kind::Tick,
            "Refuse expired certificates",
            "",
        ),
        field("allow_sha1", Kind::Tick, "Take signatures with SHA-1", ""),
        field("allow_cbc", Kind::Tick, "Take AES-CBC within what is signed", ""),
    ],
};

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use federation::service_provider::settings::{OrganizationSettings, ProviderSettings, to_map};

    use super::*;
    use crate::console::form::names_of;

    #[test]
    fn every_setting_stands_on_a_page_once() {
        for (sections, settings) in [
            (ORGANIZATION, to_map(&OrganizationSettings::default())),
            (PROVIDER, to_map(&ProviderSettings::default())),
        ] {
            let shown = names_of(sections);
            let there: BTreeSet<&str> = settings.keys().map(String::as_str).collect();
            assert_eq!(shown.iter().copied().collect::<BTreeSet<_>>(), there);
            assert_eq!(shown.len(), there.len(), "{shown:?}");
        }
    }

    #[test]
    fn a_form_that_nobody_has_touched_changes_nothing() {
        for (sections, settings) in [
            (ORGANIZATION, to_map(&OrganizationSettings::default())),
            (PROVIDER, to_map(&ProviderSettings::default())),
        ] {
            for field in sections.iter().flat_map(|section| section.fields) {
                let value = &settings[field.name];
                assert_eq!(field.as_filled(value), *value, "{}", field.name);
                if let Kind::Choices(choices) = field.kind {
                    let known = choices.iter().any(|one| *value == one.value);
                    assert!(known, "{}: {value}", field.name);
                }
            }
        }
    }
}
