//! What can be set: for the whole organization, and for each identity provider. Every field of Webex's SSO page is here,
//! under a name of its own.

use std::collections::BTreeMap;

use base::GroupId;
use directory::domains::domain_of;
use saml::message::RequestedContext;
use saml::names::name_id_format;
use saml::security::SignatureAlgorithm;
use serde::{Deserialize, Serialize};

use super::attributes;
pub use super::attributes::names as known_attributes;
use super::pages;
pub use super::setting_changes::{Stored, changed, to_map};
use crate::address;

/// A setting that cannot be what it was to be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct WrongSetting {
    pub field: String,
    pub reason: String,
}

impl WrongSetting {
    pub(super) fn new(field: &str, reason: impl Into<String>) -> Self {
        Self {
            field: field.to_owned(),
            reason: reason.into(),
        }
    }
}

/// By what our requests are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
pub enum RequestAlgorithm {
    /// The one that goes with the key.
    #[default]
    #[serde(rename = "auto")]
    Auto,
    /// Known by its name only: nothing is signed with it.
    #[serde(rename = "rsa_sha1")]
    Sha1,
    #[serde(rename = "rsa_sha256")]
    Sha256,
    #[serde(rename = "rsa_sha512")]
    Sha512,
}

impl RequestAlgorithm {
    pub const ALL: [Self; 4] = [Self::Sha1, Self::Sha256, Self::Sha512, Self::Auto];

    /// Why SHA-1 is shown and cannot be chosen.
    pub const NO_SHA1: &'static str = "the cryptographic library signs nothing with SHA-1, which has been broken since 2017; \
                                       what others sign with it is taken where allow_sha1 is set";

    /// None: whatever the key signs with.
    pub fn algorithm(self) -> Option<SignatureAlgorithm> {
        match self {
            Self::Auto => None,
            Self::Sha1 => Some(SignatureAlgorithm::RsaSha1),
            Self::Sha256 => Some(SignatureAlgorithm::RsaSha256),
            Self::Sha512 => Some(SignatureAlgorithm::RsaSha512),
        }
    }

    pub fn unavailable(self) -> Option<&'static str> {
        (self == Self::Sha1).then_some(Self::NO_SHA1)
    }
}

/// For the whole organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OrganizationSettings {
    /// Who we are to identity providers (SP ID); none: the public address and the organization's id.
    pub entity_id: Option<String>,
    /// AuthnRequest Signed.
    pub sign_requests: bool,
    pub signature_algorithm: RequestAlgorithm,
    /// SSO authentication for attendees: sessions carry that who has signed in so is one of the organization's own.
    pub attendees: bool,
    /// Pages of others that people may be sent on to; one that ends in a slash stands for all below it.
    pub target_pages: Vec<String>,
}

impl Default for OrganizationSettings {
    fn default() -> Self {
        Self {
            entity_id: None,
            sign_requests: true,
            signature_algorithm: RequestAlgorithm::default(),
            attendees: false,
            target_pages: Vec::new(),
        }
    }
}

/// So many pages can be allowed.
const MOST_PAGES: usize = 50;

impl OrganizationSettings {
    pub(super) fn check(&self) -> Result<(), WrongSetting> {
        if let Some(name) = &self.entity_id {
            check_entity_id("entity_id", name)?;
        }
        if let Some(reason) = self.signature_algorithm.unavailable() {
            return Err(WrongSetting::new("signature_algorithm", reason));
        }
        if self.target_pages.len() > MOST_PAGES {
            return Err(WrongSetting::new(
                "target_pages",
                format!("at most {MOST_PAGES} pages"),
            ));
        }
        for page in &self.target_pages {
            if pages::read(page).is_none() {
                return Err(WrongSetting::new(
                    "target_pages",
                    format!("{page:?} is no address of a page with https or http, without user and fragment"),
                ));
            }
        }
        Ok(())
    }
}

/// By which way a browser is sent to the identity provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Binding {
    #[default]
    Redirect,
    Post,
}

impl From<Binding> for saml::binding::Way {
    fn from(binding: Binding) -> Self {
        match binding {
            Binding::Redirect => Self::Redirect,
            Binding::Post => Self::Post,
        }
    }
}

/// Which names the identity provider is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum NameIdFormat {
    #[default]
    Unspecified,
    EmailAddress,
    X509SubjectName,
    EntityIdentifier,
    Persistent,
    Transient,
}

impl NameIdFormat {
    pub const ALL: [Self; 6] = [
        Self::Unspecified,
        Self::EmailAddress,
        Self::X509SubjectName,
        Self::EntityIdentifier,
        Self::Persistent,
        Self::Transient,
    ];

    pub fn uri(self) -> &'static str {
        match self {
            Self::Unspecified => name_id_format::UNSPECIFIED,
            Self::EmailAddress => name_id_format::EMAIL_ADDRESS,
            Self::X509SubjectName => name_id_format::X509_SUBJECT_NAME,
            Self::EntityIdentifier => name_id_format::ENTITY,
            Self::Persistent => name_id_format::PERSISTENT,
            Self::Transient => name_id_format::TRANSIENT,
        }
    }

    pub fn from_uri(uri: &str) -> Option<Self> {
        let uri = name_id_format::canonical(uri);
        Self::ALL.into_iter().find(|format| format.uri() == uri)
    }
}

/// Who begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// We do, with a request; what nobody asked for is refused.
    #[default]
    SpInitiated,
    /// The identity provider does: people are sent to its page with the target as a parameter, and answers need no request.
    IdpInitiated,
}

/// Whose second factor counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum SecondFactor {
    /// Ours: whoever has one shows it, and whoever must have one gets it.
    #[default]
    Ask,
    /// That of the identity provider, who is believed to have asked for it.
    Trust,
}

/// An attribute of ours by which people are found who are known by no name, and what it is called in assertions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkingAttribute {
    pub attribute: String,
    pub saml: String,
}

/// So many domains are removed behind uids.
const MOST_DOMAINS: usize = 50;
/// So many groups can be joined.
const MOST_GROUPS: usize = 200;

/// Of one identity provider.
#[allow(clippy::struct_excessive_bools)]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProviderSettings {
    /// Customer SSO service login URL.
    pub login_url: String,
    pub login_binding: Binding,
    /// AuthnRequestSigned Destination; none: the login URL.
    pub destination: Option<String>,
    /// Single logout URL; none: signing out here is signing out here.
    pub logout_url: Option<String>,
    pub logout_binding: Binding,
    /// Customer SSO error URL: the number of the error is appended.
    pub error_url: Option<String>,
    pub name_id_format: NameIdFormat,
    /// AuthnContextClassRef, several by `;`, one of which it has to be; none: any will do.
    pub authn_context_class_ref: String,
    /// Where people go who wanted nowhere else.
    pub default_target_page: Option<String>,
    pub profile: Profile,
    /// What the target is called in the query of the identity provider's own page.
    pub target_parameter: String,
    /// Ask for the person to be authenticated anew each time.
    pub force_authn: bool,
    /// Auto Account Creation.
    pub auto_create: bool,
    /// Auto Account Update.
    pub auto_update: bool,
    /// Remove uid domain suffix for Active Directory UPN.
    pub remove_uid_domain: bool,
    /// Which suffixes: any other one is the domain of an address, and stays.
    pub uid_domains: Vec<String>,
    /// The groups, by their ids, into which somebody who is made may be put.
    pub joinable_groups: Vec<GroupId>,
    /// Attribute of ours → what it is called in assertions: the first one that is there. Several names with spaces between
    /// them are put together.
    pub attributes: BTreeMap<String, Vec<String>>,
    pub linking_attributes: Vec<LinkingAttribute>,
    /// The response has to be signed, whatever else is.
    pub require_signed_response: bool,
    /// The assertion has to be signed, whatever else is.
    pub require_signed_assertion: bool,
    pub require_encrypted_assertion: bool,
    /// Take signatures with SHA-1.
    pub allow_sha1: bool,
    /// Take AES-CBC, within what is signed.
    pub allow_cbc: bool,
    pub refuse_expired_certificates: bool,
    pub second_factor: SecondFactor,
}

impl Default for ProviderSettings {
    fn default() -> Self {
        Self {
            login_url: String::new(),
            login_binding: Binding::default(),
            destination: None,
            logout_url: None,
            logout_binding: Binding::default(),
            error_url: None,
            name_id_format: NameIdFormat::default(),
            authn_context_class_ref: String::new(),
            default_target_page: None,
            profile: Profile::default(),
            target_parameter: "TARGET".to_owned(),
            force_authn: false,
            auto_create: false,
            auto_update: false,
            remove_uid_domain: false,
            uid_domains: Vec::new(),
            joinable_groups: Vec::new(),
            attributes: attributes::usual(),
            linking_attributes: Vec::new(),
            require_signed_response: false,
            require_signed_assertion: false,
            require_encrypted_assertion: false,
            allow_sha1: false,
            allow_cbc: false,
            refuse_expired_certificates: false,
            second_factor: SecondFactor::default(),
        }
    }
}

impl ProviderSettings {
    pub(super) fn check(&self) -> Result<(), WrongSetting> {
        check_address("login_url", &self.login_url)?;
        for (field, address) in [
            ("destination", &self.destination),
            ("logout_url", &self.logout_url),
            ("error_url", &self.error_url),
        ] {
            if let Some(address) = address {
                check_address(field, address)?;
            }
        }
        if let Some(page) = &self.default_target_page
            && pages::own(page).is_none()
            && pages::read(page).is_none()
        {
            return Err(WrongSetting::new(
                "default_target_page",
                "a page of ours, such as /account, or an address with https or http",
            ));
        }
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-._~".contains(letter);
        let parameter = &self.target_parameter;
        if parameter.is_empty() || parameter.len() > 100 || !parameter.chars().all(is_plain) {
            return Err(WrongSetting::new(
                "target_parameter",
                "letters, digits and - . _ ~, up to 100",
            ));
        }
        if self.force_authn && self.profile == Profile::IdpInitiated {
            return Err(WrongSetting::new(
                "force_authn",
                "an identity provider that begins by itself is asked for nothing: with profile=idp_initiated this has no effect",
            ));
        }
        for class in self.context_classes() {
            if class.len() > 1_000 || class.contains(char::is_whitespace) || !class.contains(':') {
                return Err(WrongSetting::new(
                    "authn_context_class_ref",
                    format!("{class:?} is no URI; several are told apart by ;"),
                ));
            }
        }
        self.check_accounts()?;
        for (attribute, names) in &self.attributes {
            if !attributes::is_known(attribute) {
                let known = attributes::known().collect::<Vec<_>>().join(", ");
                return Err(WrongSetting::new(
                    "attributes",
                    format!("{attribute:?} is none of ours; known are: {known}"),
                ));
            }
            if names.len() > 10 || names.iter().any(|name| !is_attribute_name(name)) {
                return Err(WrongSetting::new(
                    "attributes",
                    format!("{attribute}: up to 10 names of 1 to 200 characters"),
                ));
            }
        }
        for link in &self.linking_attributes {
            if !attributes::LINKING.contains(&link.attribute.as_str()) {
                return Err(WrongSetting::new(
                    "linking_attributes",
                    format!(
                        "nobody is found by {:?}; by these: {}",
                        link.attribute,
                        attributes::LINKING.join(", ")
                    ),
                ));
            }
            if !is_attribute_name(&link.saml) {
                return Err(WrongSetting::new(
                    "linking_attributes",
                    "saml is a name of 1 to 200 characters",
                ));
            }
        }
        Ok(())
    }

    fn check_accounts(&self) -> Result<(), WrongSetting> {
        if self.uid_domains.len() > MOST_DOMAINS {
            let reason = format!("at most {MOST_DOMAINS} domains");
            return Err(WrongSetting::new("uid_domains", reason));
        }
        for domain in &self.uid_domains {
            let is_plain = |letter: char| letter.is_alphanumeric() || "-._".contains(letter);
            if domain.is_empty() || domain.len() > 253 || !domain.chars().all(is_plain) {
                return Err(WrongSetting::new(
                    "uid_domains",
                    format!("{domain:?} is not what stands behind the @, such as corp.local"),
                ));
            }
        }
        if self.remove_uid_domain && self.uid_domains.is_empty() {
            return Err(WrongSetting::new(
                "remove_uid_domain",
                "uid_domains has to name the domains that are removed, such as corp.local",
            ));
        }
        if self.joinable_groups.len() > MOST_GROUPS {
            let reason = format!("at most {MOST_GROUPS} groups");
            return Err(WrongSetting::new("joinable_groups", reason));
        }
        Ok(())
    }

    /// Is it one of the domains that are removed behind a uid?
    pub fn is_uid_domain(&self, domain: &str) -> bool {
        let read = |domain: &str| domain_of(&format!("@{domain}"));
        self.remove_uid_domain && self.uid_domains.iter().any(|one| read(one) == read(domain))
    }

    /// One by one, without the spaces around them.
    pub fn context_classes(&self) -> impl Iterator<Item = &str> {
        self.authn_context_class_ref
            .split(';')
            .map(str::trim)
            .filter(|class| !class.is_empty())
    }

    /// What the sign-in has to be like; none: it does not matter.
    pub fn requested_context(&self) -> Option<RequestedContext> {
        let classes: Vec<&str> = self.context_classes().collect();
        (!classes.is_empty()).then(|| RequestedContext::exact(classes))
    }

    /// The names that an assertion may have for an attribute of ours.
    pub fn names_of(&self, attribute: &str) -> &[String] {
        self.attributes.get(attribute).map_or(&[], Vec::as_slice)
    }
}

fn is_attribute_name(name: &str) -> bool {
    !name.trim().is_empty() && name.len() <= 200 && !name.chars().any(char::is_control)
}

/// A name of an entity (SAML core §8.3.6), in one line.
pub(super) fn check_entity_id(field: &str, name: &str) -> Result<(), WrongSetting> {
    let is_well = !name.is_empty() && name.len() <= 1_024 && name.chars().all(|letter| letter > ' ');
    if is_well {
        return Ok(());
    }
    Err(WrongSetting::new(
        field,
        "a name of 1 to 1024 bytes, without white space",
    ))
}

fn check_address(field: &str, text: &str) -> Result<(), WrongSetting> {
    match address::read(text) {
        Some(_) => Ok(()),
        None => Err(WrongSetting::new(field, address::FORM)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn of(changes: &Value) -> Result<ProviderSettings, WrongSetting> {
        let start = ProviderSettings {
            login_url: "https://idp.example/sso".to_owned(),
            ..ProviderSettings::default()
        };
        changed(&start, changes.as_object().expect("an object"))
    }

    #[test]
    fn what_cannot_be_is_refused_by_its_name() {
        for (changes, field) in [
            (json!({ "login_url": "" }), "login_url"),
            (json!({ "login_url": "javascript:alert(1)" }), "login_url"),
            (json!({ "login_url": "https://user@idp.example/" }), "login_url"),
            (json!({ "logout_url": "idp.example" }), "logout_url"),
            (json!({ "error_url": "https://idp.example/#a" }), "error_url"),
            (json!({ "destination": "/sso" }), "destination"),
            (
                json!({ "default_target_page": "//evil.example" }),
                "default_target_page",
            ),
            (json!({ "target_parameter": "a&b" }), "target_parameter"),
            (
                json!({ "authn_context_class_ref": "urn:a;not a uri" }),
                "authn_context_class_ref",
            ),
            (json!({ "attributes": { "colour": ["red"] } }), "attributes"),
            (
                json!({ "linking_attributes": [{ "attribute": "title", "saml": "title" }] }),
                "linking_attributes",
            ),
            (json!({ "profile": "none" }), "profile"),
            (json!({ "colour": "red" }), "colour"),
            (json!({ "auto_create": "yes" }), "auto_create"),
        ] {
            let error = of(&changes).expect_err(field);
            assert_eq!(error.field, field, "{error}");
        }
        let changed = of(&json!({ "authn_context_class_ref": " urn:a ; urn:b;" })).expect("settings");
        assert_eq!(changed.context_classes().collect::<Vec<_>>(), ["urn:a", "urn:b"]);
    }

    #[test]
    fn null_is_what_it_was_at_first() {
        let set = of(&json!({ "logout_url": "https://idp.example/slo", "auto_create": true })).expect("set");
        let unset = json!({ "logout_url": null, "auto_create": null });
        let unset = changed(&set, unset.as_object().expect("an object")).expect("unset");
        assert_eq!(unset, of(&json!({})).expect("settings"));
    }

    #[test]
    fn sha1_is_known_and_cannot_be_chosen() {
        let changes = json!({ "signature_algorithm": "rsa_sha1" });
        let error = changed(
            &OrganizationSettings::default(),
            changes.as_object().expect("an object"),
        );
        let error = error.expect_err("refused").to_string();
        assert!(error.contains("signs nothing with SHA-1"), "{error}");
    }
}
