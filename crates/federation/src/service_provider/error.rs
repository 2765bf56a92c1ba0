//! Why something about the service provider was not done.

use saml::security::KeyError;

use super::settings::WrongSetting;

/// Why a change or a look-up failed; a failed change left nothing behind.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("There is no identity provider {name:?}")]
    UnknownProvider { name: String },
    #[error("There is an identity provider called {name:?} already")]
    NameTaken { name: String },
    #[error("The identity provider {entity_id} is there already")]
    EntityTaken { entity_id: String },
    #[error("A name has 1 to 100 characters that show, in one line")]
    Name,
    #[error("There can be {most} identity providers")]
    TooManyProviders { most: usize },
    #[error("An identity provider can have {most} certificates: remove one that is not used any more")]
    TooManyCertificates { most: usize },
    #[error("This identity provider knows the person by no name")]
    UnknownSubject,
    #[error("There is no certificate with this fingerprint")]
    UnknownCertificate,
    #[error("The identity provider has no certificate: nothing that it says could be verified")]
    NoCertificate,
    #[error(
        "Nobody has signed in by a test since the settings were changed: run the test first, or say that it is to be \
         switched on untested"
    )]
    NotTested,
    #[error("No identity provider is switched on: switch one on first")]
    NothingActive,
    #[error("{0}")]
    Route(String),
    #[error("The metadata cannot be used: {0}")]
    Metadata(String),
    #[error("The configuration cannot be used: {0}")]
    Configuration(String),
    #[error("The code is wrong, was used, or has expired")]
    WrongCode,
    #[error("The time for this is over: begin again with another code")]
    RecoveryOver,
    #[error(transparent)]
    Setting(#[from] WrongSetting),
    #[error("The certificate cannot be used: {0}")]
    Certificate(#[from] KeyError),
    #[error(transparent)]
    Federation(crate::Error),
    #[error(transparent)]
    Directory(#[from] directory::Error),
    #[error(transparent)]
    Store(store::Error),
}

/// What a write has refused by an error of ours comes back as that.
impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error.refusal::<Self>() {
            Ok(own) => own,
            Err(error) => Self::Store(error),
        }
    }
}

impl From<crate::Error> for Error {
    fn from(error: crate::Error) -> Self {
        match error {
            crate::Error::Store(error) => error.into(),
            crate::Error::Directory(error) => Self::Directory(error),
            crate::Error::Metadata(reason) => Self::Metadata(reason),
            other => Self::Federation(other),
        }
    }
}

/// Ends a write.
pub(super) fn refuse(error: impl Into<Error>) -> store::Error {
    store::Error::refuse(error.into())
}
