//! Webex as a service: what its metadata would say, of an organization's ID or a site's name.

use mapping::Source;

use super::SsoError;
use super::change::Change;
use super::settings::{AttributeSource, Consumer, NameFormat, NameIdFormat, WhenEmpty};

impl Change {
    /// An organization of Control Hub, by its ID.
    pub fn webex_organization(id: &str) -> Result<Self, SsoError> {
        let id = placeholder("webex_org_id", id)?;
        let broker = "https://idbroker.webex.com";
        Ok(Self {
            entity_id: Some(format!("{broker}/{id}")),
            ..webex(format!("{broker}/idb/Consumer/metaAlias/{id}/sp"))
        })
    }

    /// Webex for Government: what it is told. What it is called there and where answers go is in the metadata that its Control
    /// Hub hands out, or said by hand: of that nothing is known that has been tried.
    pub fn webex_government() -> Self {
        told()
    }

    /// A site that is administered by itself, by the name in front of `.webex.com`.
    pub fn webex_site(subdomain: &str) -> Result<Self, SsoError> {
        let site = placeholder("webex_subdomain", subdomain)?;
        Ok(Self {
            entity_id: Some("http://www.webex.com".to_owned()),
            ..webex(format!(
                "https://{site}.webex.com/dispatcher/SAML2AuthService?siteurl={site}"
            ))
        })
    }
}

fn placeholder(setting: &'static str, text: &str) -> Result<String, SsoError> {
    let text = text.trim();
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
    if text.is_empty() || text.len() > 63 || !text.chars().all(is_plain) {
        let message = "letters of ASCII, digits and hyphens only".to_owned();
        return Err(SsoError::Setting { setting, message });
    }
    Ok(text.to_owned())
}

fn webex(consumer: String) -> Change {
    Change {
        consumers: Some(vec![Consumer {
            url: consumer,
            index: 0,
            default: Some(true),
        }]),
        ..told()
    }
}

/// `uid` is who it is; the others are for accounts that are made at the first sign-in.
fn told() -> Change {
    let attribute = |name: &str, source: Source, when_empty| AttributeSource {
        name: name.to_owned(),
        name_format: NameFormat::Basic,
        friendly_name: None,
        source,
        when_empty,
    };
    let of = |name: &str| Source::Attribute(name.to_owned());
    let mail = || Source::entra("Coalesce([mail], [userPrincipalName])");
    Change {
        name_id_format: Some(NameIdFormat::EmailAddress),
        attributes: Some(vec![
            attribute("uid", mail(), WhenEmpty::Refuse),
            attribute("email", mail(), WhenEmpty::Omit),
            attribute("firstname", of("givenName"), WhenEmpty::Omit),
            attribute("lastname", of("surname"), WhenEmpty::Omit),
        ]),
        ..Change::default()
    }
}
