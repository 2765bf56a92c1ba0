//! What can be set for signing in to an application.

use mapping::Source;
use saml::metadata::{Endpoint, IndexedEndpoint, Key, KeyUse, ServiceProviderRole};
use saml::names::{attribute_name_format, binding_uri, name_id_format};
use saml::security::{Algorithms, Certificate, Cipher, KeyTransport as Transport, SignatureAlgorithm};
use serde::{Deserialize, Serialize};

use super::contexts::Contexts;
use crate::address;

/// What is set for an application: how it looks in the portal, and how one signs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub tile: Tile,
    pub sign_on: SignOn,
}

/// How an application looks in the portal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tile {
    /// Empty: the application's name.
    #[serde(default)]
    pub label: String,
    #[serde(default)]
    pub description: String,
    /// A picture as a `data:` URI; empty: there is none.
    #[serde(default)]
    pub logo: String,
    #[serde(default = "yes")]
    pub shown: bool,
}

impl Default for Tile {
    fn default() -> Self {
        Self {
            label: String::new(),
            description: String::new(),
            logo: String::new(),
            shown: true,
        }
    }
}

/// How one signs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignOn {
    Saml(Box<Saml>),
    /// Where the link leads.
    Bookmark(String),
}

/// What is known of a service, and what it is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Saml {
    /// What the service is called. Empty: nobody has said yet, and nobody signs in.
    pub entity_id: String,
    /// Where answers go.
    pub consumers: Vec<Consumer>,
    pub logout: Option<Logout>,
    /// By which requests may be signed: certificates in base64.
    pub request_certificates: Vec<String>,
    /// Whether requests that are not signed are refused.
    pub signed_requests: bool,
    /// Whether signatures with SHA-1 count. Nothing is ever signed with it.
    pub sha1_requests: bool,
    /// What we are called. Empty: by the application's address.
    pub issuer: String,
    pub name_id_format: NameIdFormat,
    pub name_id: NameIdSource,
    pub attributes: Vec<AttributeSource>,
    pub sign: Sign,
    pub signature_algorithm: SignatureChoice,
    pub encryption: Encryption,
    pub key_transport: KeyTransport,
    /// In base64. Empty: there is none.
    pub encryption_certificate: String,
    /// How long an answer may be used.
    pub valid_minutes: u32,
    /// How long the session at the service lasts at most; nought: nothing is said of it.
    pub session_minutes: u32,
    /// Whether one can begin here, and not at the service.
    pub idp_initiated: bool,
    /// What the service is handed where one begins here and names nothing else. Empty: nothing.
    pub default_relay_state: String,
    /// What may be named otherwise: addresses, and whatever is below those that end with a slash.
    pub relay_states: Vec<String>,
    pub contexts: Contexts,
}

impl Default for Saml {
    fn default() -> Self {
        Self {
            entity_id: String::new(),
            consumers: Vec::new(),
            logout: None,
            request_certificates: Vec::new(),
            signed_requests: false,
            sha1_requests: false,
            issuer: String::new(),
            name_id_format: NameIdFormat::default(),
            name_id: NameIdSource::default(),
            attributes: Vec::new(),
            sign: Sign::default(),
            signature_algorithm: SignatureChoice::default(),
            encryption: Encryption::default(),
            key_transport: KeyTransport::default(),
            encryption_certificate: String::new(),
            valid_minutes: 5,
            session_minutes: 480,
            idp_initiated: true,
            default_relay_state: String::new(),
            relay_states: Vec::new(),
            contexts: Contexts::default(),
        }
    }
}

/// An assertion consumer service, by HTTP-POST.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consumer {
    pub url: String,
    pub index: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<bool>,
}

/// Where the service is told of sign-outs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Logout {
    pub url: String,
    #[serde(default)]
    pub binding: LogoutBinding,
    /// Where it is answered, if elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_url: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogoutBinding {
    #[default]
    Redirect,
    Post,
}

/// Formats of names that can be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NameIdFormat {
    #[default]
    Unspecified,
    EmailAddress,
    /// One that is made up for each person, and stays.
    Persistent,
    /// One that is made up each time.
    Transient,
    X509SubjectName,
    WindowsDomainQualifiedName,
    Kerberos,
}

impl NameIdFormat {
    pub const ALL: [Self; 7] = [
        Self::Unspecified,
        Self::EmailAddress,
        Self::Persistent,
        Self::Transient,
        Self::X509SubjectName,
        Self::WindowsDomainQualifiedName,
        Self::Kerberos,
    ];

    /// Those that can be given whatever is set.
    pub const ALWAYS: [Self; 3] = [Self::EmailAddress, Self::Persistent, Self::Transient];

    pub fn uri(self) -> &'static str {
        match self {
            Self::Unspecified => name_id_format::UNSPECIFIED,
            Self::EmailAddress => name_id_format::EMAIL_ADDRESS,
            Self::Persistent => name_id_format::PERSISTENT,
            Self::Transient => name_id_format::TRANSIENT,
            Self::X509SubjectName => name_id_format::X509_SUBJECT_NAME,
            Self::WindowsDomainQualifiedName => name_id_format::WINDOWS_DOMAIN_QUALIFIED_NAME,
            Self::Kerberos => name_id_format::KERBEROS,
        }
    }

    pub fn of_uri(uri: &str) -> Option<Self> {
        let uri = name_id_format::canonical(uri);
        Self::ALL.into_iter().find(|format| format.uri() == uri)
    }

    /// What a name of this format is made of unless somebody says otherwise.
    pub(crate) fn usual_source(self) -> Option<Source> {
        match self {
            Self::Unspecified => Some(Source::Attribute("userName".to_owned())),
            Self::EmailAddress => Some(Source::entra("Coalesce([mail], [userPrincipalName])")),
            Self::Persistent
            | Self::Transient
            | Self::X509SubjectName
            | Self::WindowsDomainQualifiedName
            | Self::Kerberos => None,
        }
    }
}

/// Where the name comes from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NameIdSource(pub Option<Source>);

/// One attribute that the service is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttributeSource {
    pub name: String,
    #[serde(default)]
    pub name_format: NameFormat,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub friendly_name: Option<String>,
    pub source: Source,
    #[serde(default)]
    pub when_empty: WhenEmpty,
}

/// The form of an attribute's name (SAML core §8.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NameFormat {
    #[default]
    Basic,
    Uri,
    Unspecified,
}

impl NameFormat {
    pub const ALL: [Self; 3] = [Self::Basic, Self::Uri, Self::Unspecified];

    pub(crate) fn uri(self) -> &'static str {
        match self {
            Self::Basic => attribute_name_format::BASIC,
            Self::Uri => attribute_name_format::URI,
            Self::Unspecified => attribute_name_format::UNSPECIFIED,
        }
    }
}

/// What becomes of an attribute without a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhenEmpty {
    /// It is left out.
    #[default]
    Omit,
    /// It is there with an empty value.
    Empty,
    /// Nobody is let in without it.
    Refuse,
}

/// What is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sign {
    Response,
    Assertion,
    #[default]
    Both,
}

/// With which algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignatureChoice {
    /// The one that goes with the key.
    #[default]
    Auto,
    RsaSha256,
    RsaSha384,
    RsaSha512,
    EcdsaSha256,
    EcdsaSha384,
}

impl SignatureChoice {
    pub const ALL: [Self; 6] = [
        Self::Auto,
        Self::RsaSha256,
        Self::RsaSha384,
        Self::RsaSha512,
        Self::EcdsaSha256,
        Self::EcdsaSha384,
    ];

    pub(crate) fn algorithm(self) -> Option<SignatureAlgorithm> {
        match self {
            Self::Auto => None,
            Self::RsaSha256 => Some(SignatureAlgorithm::RsaSha256),
            Self::RsaSha384 => Some(SignatureAlgorithm::RsaSha384),
            Self::RsaSha512 => Some(SignatureAlgorithm::RsaSha512),
            Self::EcdsaSha256 => Some(SignatureAlgorithm::EcdsaSha256),
            Self::EcdsaSha384 => Some(SignatureAlgorithm::EcdsaSha384),
        }
    }
}

/// Whether assertions are encrypted, and with what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encryption {
    #[default]
    Off,
    Aes256Gcm,
    Aes128Gcm,
    Aes256Cbc,
    Aes128Cbc,
}

impl Encryption {
    pub const ALL: [Self; 5] = [
        Self::Off,
        Self::Aes256Gcm,
        Self::Aes128Gcm,
        Self::Aes256Cbc,
        Self::Aes128Cbc,
    ];

    pub(crate) fn cipher(self) -> Option<Cipher> {
        match self {
            Self::Off => None,
            Self::Aes256Gcm => Some(Cipher::Aes256Gcm),
            Self::Aes128Gcm => Some(Cipher::Aes128Gcm),
            Self::Aes256Cbc => Some(Cipher::Aes256Cbc),
            Self::Aes128Cbc => Some(Cipher::Aes128Cbc),
        }
    }
}

/// With what the content's key is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyTransport {
    /// RSA-OAEP with SHA-1, which everybody understands.
    #[default]
    OaepSha1,
    OaepSha256,
}

impl KeyTransport {
    pub(crate) fn transport(self) -> Transport {
        match self {
            Self::OaepSha1 => Transport::OaepSha1,
            Self::OaepSha256 => Transport::OaepSha256,
        }
    }
}

impl Saml {
    /// The service as its metadata would describe it.
    pub fn role(&self) -> ServiceProviderRole {
        let certificate = |text: &String, key_use| {
            let certificate = Certificate::from_text(text).ok()?;
            Some(Key {
                key_use: Some(key_use),
                certificate,
            })
        };
        let signing = self.request_certificates.iter();
        let keys = signing.filter_map(|text| certificate(text, KeyUse::Signing));
        let encryption = certificate(&self.encryption_certificate, KeyUse::Encryption);
        ServiceProviderRole {
            keys: keys.chain(encryption).collect(),
            assertion_consumers: self
                .consumers
                .iter()
                .map(|consumer| IndexedEndpoint {
                    endpoint: Endpoint::new(binding_uri::HTTP_POST, &consumer.url),
                    index: consumer.index,
                    is_default: consumer.default,
                })
                .collect(),
            ..ServiceProviderRole::default()
        }
    }

    /// What its signatures may be made with.
    pub fn algorithms(&self) -> Algorithms {
        if self.sha1_requests {
            Algorithms::with_sha1()
        } else {
            Algorithms::default()
        }
    }

    /// May the service be handed that, if nobody there has asked?
    pub fn allows_relay_state(&self, state: &str) -> bool {
        // What is below an address is told by its parts: a browser makes `/admin` of `/pages/../admin`.
        let is_below = |allowed: &String| {
            allowed.ends_with('/') && address::is_allowed(state, std::slice::from_ref(allowed))
        };
        state == self.default_relay_state
            || self
                .relay_states
                .iter()
                .any(|allowed| allowed == state || is_below(allowed))
    }

    /// What names can be given.
    pub fn name_id_formats(&self) -> Vec<&'static str> {
        let mut formats = vec![self.name_id_format.uri()];
        for format in NameIdFormat::ALWAYS {
            if format != self.name_id_format {
                formats.push(format.uri());
            }
        }
        formats
    }
}

fn yes() -> bool {
    true
}
