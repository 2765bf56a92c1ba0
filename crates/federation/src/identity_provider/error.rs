//! Why something was not done.

use super::slug;

/// Why a change, or a look-up, of what is set for signing in to an application failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SsoError {
    #[error("there is no such app")]
    UnknownApp,
    #[error("single sign-on is not set up for this app")]
    Unset,
    #[error(
        "single sign-on has been set up for this app in the meantime: look at what is set, and change that"
    )]
    AlreadySet,
    #[error("an address has {}: {slug:?} is none", slug::FORM)]
    Slug { slug: String },
    #[error("the address {slug:?} belongs to another app: choose another one")]
    SlugTaken { slug: String },
    #[error(
        "the app's address is /saml2/{slug} and cannot be changed: people and services know it. Delete the app and add it anew \
         for another one"
    )]
    SlugFixed { slug: String },
    #[error("{setting}: {message}")]
    Setting { setting: &'static str, message: String },
    #[error("attribute {row} ({name}): {message}")]
    Attribute {
        /// Counted from 1.
        row: usize,
        name: String,
        message: String,
    },
    #[error("a bookmark has no {setting}: it is a link and nothing else")]
    OfBookmark { setting: &'static str },
    #[error("{setting} is a bookmark's, and this app signs in by SAML")]
    OfSaml { setting: &'static str },
    #[error("nobody can sign in yet: say {missing} first, or import the service's metadata")]
    Incomplete { missing: &'static str },
    #[error("the metadata describe an identity provider and no service: those of the app are wanted")]
    NoService,
    #[error("the metadata name no address that answers can go to by HTTP-POST")]
    NoConsumer,
    #[error("the metadata were valid until {until}, and are no longer")]
    Expired { until: base::Timestamp },
    #[error("send the metadata, or the address at which they are: one of the two")]
    OneSource,
}

impl SsoError {
    /// A code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownApp => "app.unknown",
            Self::Unset => "sso.unset",
            Self::AlreadySet => "sso.already_set",
            Self::Slug { .. } => "sso.slug",
            Self::SlugTaken { .. } => "sso.slug_taken",
            Self::SlugFixed { .. } => "sso.slug_fixed",
            Self::Setting { .. } => "sso.setting",
            Self::Attribute { .. } => "sso.attribute",
            Self::OfBookmark { .. } | Self::OfSaml { .. } => "sso.kind",
            Self::Incomplete { .. } => "sso.incomplete",
            Self::NoService => "sso.no_service",
            Self::NoConsumer => "sso.no_consumer",
            Self::Expired { .. } => "sso.metadata_expired",
            Self::OneSource => "sso.one_source",
        }
    }
}
