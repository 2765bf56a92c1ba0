//! Refusing what cannot work, when it is saved.

use std::collections::BTreeSet;

use mapping::{Expression, Source, UserSchema};
use saml::security::Certificate;
use scim::schema::ResourceType;

use super::SsoError;
use super::change::Change;
use super::settings::{AttributeSource, Encryption, NameIdFormat, NameIdSource, Saml, Settings, SignOn};
use crate::address;

const MOST_CONSUMERS: usize = 100;
const MOST_CERTIFICATES: usize = 10;
const MOST_ATTRIBUTES: usize = 100;
const MOST_RELAY_STATES: usize = 100;
/// In bytes, as base64.
const LARGEST_LOGO: usize = 64 * 1024;
/// As a browser is handed one.
const PICTURES: [&str; 4] = ["image/png", "image/jpeg", "image/gif", "image/webp"];

fn wrong(setting: &'static str, message: impl Into<String>) -> SsoError {
    SsoError::Setting {
        setting,
        message: message.into(),
    }
}

/// The people of an organization, by its User schemas.
struct People<'t>(&'t ResourceType);

impl UserSchema for People<'_> {
    fn has(&self, schema: Option<&str>, attribute: &str, sub: Option<&str>) -> bool {
        self.0.stores(schema, attribute, sub)
    }

    fn names(&self) -> Vec<String> {
        self.0.paths()
    }
}

impl Change {
    /// Refuses to read attributes which nobody can have: a misspelt name would be empty for everybody.
    pub(super) fn check_sources(&self, people: &ResourceType) -> Result<(), SsoError> {
        let people = People(people);
        if let Some(NameIdSource(Some(source))) = &self.name_id {
            source
                .refuse_unknown(&people)
                .map_err(|message| wrong("name_id", message))?;
        }
        for (index, attribute) in self.attributes.iter().flatten().enumerate() {
            attribute
                .source
                .refuse_unknown(&people)
                .map_err(|message| SsoError::Attribute {
                    row: index + 1,
                    name: attribute.name.clone(),
                    message,
                })?;
        }
        Ok(())
    }
}

impl Settings {
    /// Refuses what cannot work, and brings certificates into one form.
    pub(super) fn checked(mut self) -> Result<Self, SsoError> {
        for (setting, text, most) in [
            ("label", &self.tile.label, 100),
            ("description", &self.tile.description, 500),
        ] {
            if text.chars().count() > most || text.contains(char::is_control) {
                let message = format!(
                    "at most {most} characters, none of them a control character such as a line break"
                );
                return Err(wrong(setting, message));
            }
        }
        check_logo(&self.tile.logo)?;
        match &mut self.sign_on {
            SignOn::Bookmark(url) => check_link(url)?,
            SignOn::Saml(saml) => saml.check()?,
        }
        Ok(self)
    }
}

/// A picture comes with the settings: pages load nothing from elsewhere.
fn check_logo(logo: &str) -> Result<(), SsoError> {
    if logo.is_empty() {
        return Ok(());
    }
    if logo.len() > LARGEST_LOGO {
        return Err(wrong("logo", format!("at most {LARGEST_LOGO} bytes")));
    }
    let parts = logo
        .strip_prefix("data:")
        .and_then(|rest| rest.split_once(";base64,"));
    let is_picture = parts.is_some_and(|(kind, bytes)| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
        PICTURES.contains(&kind) && !bytes.is_empty() && bytes.bytes().all(plain)
    });
    if is_picture {
        return Ok(());
    }
    let message = format!(
        "a picture as data:TYPE;base64,…, the type being one of {}",
        PICTURES.join(", ")
    );
    Err(wrong("logo", message))
}

fn check_url(setting: &'static str, text: &str) -> Result<(), SsoError> {
    match address::read(text) {
        Some(_) => Ok(()),
        None => Err(wrong(setting, format!("{text:?} will not do: {}", address::FORM))),
    }
}

/// A link may lead to a place within a page.
fn check_link(text: &str) -> Result<(), SsoError> {
    let (page, place) = text.split_once('#').unwrap_or((text, ""));
    if place.bytes().all(|byte| byte.is_ascii_graphic()) && text.len() <= address::LONGEST {
        return check_url("url", page);
    }
    Err(wrong("url", format!("{text:?} will not do: {}", address::FORM)))
}

/// In the form of metadata: base64 alone.
fn certificate(setting: &'static str, text: &str) -> Result<String, SsoError> {
    match Certificate::from_text(text) {
        Ok(certificate) => Ok(certificate.to_base64()),
        Err(error) => Err(wrong(setting, error.to_string())),
    }
}

impl Saml {
    fn check(&mut self) -> Result<(), SsoError> {
        for (setting, name) in [("entity_id", &self.entity_id), ("issuer", &self.issuer)] {
            // SAML core §8.3.6.
            if name.chars().count() > 1_024
                || name.contains(|letter: char| letter.is_control() || letter.is_whitespace())
            {
                return Err(wrong(setting, "at most 1024 characters, and no blanks"));
            }
        }
        self.check_addresses()?;
        if self.request_certificates.len() > MOST_CERTIFICATES {
            return Err(wrong(
                "request_certificates",
                format!("at most {MOST_CERTIFICATES} certificates"),
            ));
        }
        for text in &mut self.request_certificates {
            *text = certificate("request_certificates", text)?;
        }
        if self.signed_requests && self.request_certificates.is_empty() {
            let message =
                "requests can only be demanded to be signed with a certificate in request_certificates";
            return Err(wrong("signed_requests", message));
        }
        self.check_encryption()?;
        for (setting, value, least, most) in [
            ("valid_minutes", self.valid_minutes, 1, 60),
            ("session_minutes", self.session_minutes, 0, 10_080),
        ] {
            if !(least..=most).contains(&value) {
                return Err(wrong(setting, format!("it must lie between {least} and {most}")));
            }
        }
        self.check_relay_states()?;
        for (setting, class) in [
            ("contexts.password", &self.contexts.password),
            ("contexts.code", &self.contexts.code),
            ("contexts.passkey", &self.contexts.passkey),
            ("contexts.federated", &self.contexts.federated),
        ] {
            // Of people from outside there may be nothing to say but what was said there.
            if class.is_empty() && setting == "contexts.federated" {
                continue;
            }
            if class.is_empty()
                || class.len() > 1_024
                || !class.contains(':')
                || class.contains(char::is_whitespace)
            {
                return Err(wrong(
                    setting,
                    "the URI of a class of authentication contexts is wanted",
                ));
            }
        }
        self.check_name_id()?;
        self.check_attributes()
    }

    fn check_addresses(&self) -> Result<(), SsoError> {
        if self.consumers.len() > MOST_CONSUMERS {
            return Err(wrong("consumers", format!("at most {MOST_CONSUMERS} addresses")));
        }
        let mut indexes = BTreeSet::new();
        for consumer in &self.consumers {
            check_url("consumers", &consumer.url)?;
            if !indexes.insert(consumer.index) {
                return Err(wrong(
                    "consumers",
                    format!("the index {} is there twice", consumer.index),
                ));
            }
        }
        let defaults = self.consumers.iter().filter(|one| one.default == Some(true));
        if defaults.count() > 1 {
            return Err(wrong("consumers", "only one of them can be the default"));
        }
        if let Some(logout) = &self.logout {
            check_url("logout", &logout.url)?;
            if let Some(url) = &logout.response_url {
                check_url("logout", url)?;
            }
        }
        Ok(())
    }

    fn check_encryption(&mut self) -> Result<(), SsoError> {
        const SETTING: &str = "encryption_certificate";
        if self.encryption_certificate.is_empty() {
            if self.encryption == Encryption::Off {
                return Ok(());
            }
            return Err(wrong(
                "encryption",
                "a certificate in encryption_certificate is needed for it",
            ));
        }
        self.encryption_certificate = certificate(SETTING, &self.encryption_certificate)?;
        match Certificate::from_text(&self.encryption_certificate) {
            Ok(certificate) if certificate.is_rsa() => Ok(()),
            _ => Err(wrong(
                SETTING,
                "only a certificate with an RSA key can be encrypted for",
            )),
        }
    }

    fn check_relay_states(&self) -> Result<(), SsoError> {
        if self.relay_states.len() > MOST_RELAY_STATES {
            return Err(wrong(
                "relay_states",
                format!("at most {MOST_RELAY_STATES} of them"),
            ));
        }
        let is_text =
            |text: &str| text.len() <= saml::binding::LONGEST_RELAY_STATE && !text.contains(char::is_control);
        if !is_text(&self.default_relay_state) {
            return Err(wrong(
                "default_relay_state",
                "it is too long, or has control characters in it",
            ));
        }
        for state in &self.relay_states {
            if state.is_empty() || !is_text(state) {
                return Err(wrong(
                    "relay_states",
                    "each is a text, not too long, without control characters",
                ));
            }
            // What is below "/" or "https://" may be anywhere.
            if state.ends_with('/') && address::read(state).is_none() {
                let message =
                    format!("{state:?} ends with a slash, but is no address with a host to be below of");
                return Err(wrong("relay_states", message));
            }
        }
        Ok(())
    }

    fn check_name_id(&self) -> Result<(), SsoError> {
        const SETTING: &str = "name_id";
        match (&self.name_id.0, self.name_id_format) {
            (Some(Source::None), _) => Err(wrong(SETTING, "a name comes from somewhere")),
            (Some(_), NameIdFormat::Transient) => Err(wrong(
                SETTING,
                "a transient name is made up each time: it has no source",
            )),
            (Some(source), _) if is_secret(source) => Err(wrong(
                SETTING,
                "a name stands in traces and in lists of sessions: Redact cannot hide it",
            )),
            (Some(source), _) => check_source(source).map_err(|message| wrong(SETTING, message)),
            (None, NameIdFormat::Persistent | NameIdFormat::Transient) => Ok(()),
            (None, format) if format.usual_source().is_some() => Ok(()),
            (None, _) => Err(wrong(
                SETTING,
                "a name of this format needs a source: say what it is made of",
            )),
        }
    }

    fn check_attributes(&self) -> Result<(), SsoError> {
        if self.attributes.len() > MOST_ATTRIBUTES {
            return Err(wrong("attributes", format!("at most {MOST_ATTRIBUTES} of them")));
        }
        let mut names = BTreeSet::new();
        for (index, attribute) in self.attributes.iter().enumerate() {
            let wrong = |message: String| SsoError::Attribute {
                row: index + 1,
                name: attribute.name.clone(),
                message,
            };
            check_attribute(attribute).map_err(wrong)?;
            if !names.insert((&attribute.name, attribute.name_format.uri())) {
                return Err(wrong("it is there twice".to_owned()));
            }
        }
        Ok(())
    }
}

fn check_attribute(attribute: &AttributeSource) -> Result<(), String> {
    let is_name = |text: &str| !text.is_empty() && text.len() <= 1_024 && !text.contains(char::is_control);
    if !is_name(&attribute.name) {
        return Err("a name of 1 to 1024 characters is wanted".to_owned());
    }
    if attribute
        .friendly_name
        .as_deref()
        .is_some_and(|name| !is_name(name))
    {
        return Err("the friendly name has 1 to 1024 characters, if there is one".to_owned());
    }
    if attribute.source == Source::None {
        return Err("it comes from somewhere".to_owned());
    }
    check_source(&attribute.source)
}

/// Is it made of what Redact(…) hides?
pub(super) fn is_secret(source: &Source) -> bool {
    matches!(source, Source::Expression(written)
        if Expression::parse_as(written.language, &written.text).is_ok_and(|parsed| parsed.is_secret()))
}

fn check_source(source: &Source) -> Result<(), String> {
    match source {
        Source::Expression(written) => {
            let parsed = Expression::parse_as(written.language, &written.text);
            let expression = parsed.map_err(|error| error.to_string())?;
            if expression.gives_candidates() {
                return Err("SelectUniqueValue looks at accounts, and there are none here".to_owned());
            }
            Ok(())
        }
        Source::Attribute(name) if name.trim().is_empty() => Err("an attribute has a name".to_owned()),
        Source::Attribute(_) | Source::Constant(_) | Source::None => Ok(()),
    }
}
