//! Why something was not done.

use base::SamlKeyId;
use saml::security::KeyError;

use crate::identity_provider::SsoError;

/// Why a change or a look-up failed; a failed change left nothing behind.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("There is no key {id} here")]
    UnknownKey { id: SamlKeyId },
    #[error("The key {id} is the one that signs: let another one sign first")]
    KeyInUse { id: SamlKeyId },
    #[error("The certificate of the key {id} ends before it would begin to sign")]
    KeyEnds { id: SamlKeyId },
    #[error(
        "The messages are signed by {algorithm}, as signature_algorithm says, and this key cannot do that: set \
         signature_algorithm to auto, or to one that the key can do, and then let the key sign"
    )]
    KeyAlgorithm { algorithm: String },
    #[error("A certificate is good for 1 to {} days", crate::keys::DAYS.end())]
    Days,
    #[error("There can be {most} keys; remove one that is not used any more")]
    TooManyKeys { most: usize },
    #[error("A key could not be made or read: {0}")]
    Key(#[from] KeyError),
    #[error("The metadata cannot be used: {0}")]
    Metadata(String),
    #[error("A message could not be signed: {0}")]
    Unsignable(String),
    #[error(transparent)]
    Sso(#[from] SsoError),
    #[error(transparent)]
    Directory(#[from] directory::Error),
    #[error(transparent)]
    Store(store::Error),
}

impl Error {
    pub(crate) fn unsignable(error: &dyn std::fmt::Display) -> Self {
        Self::Unsignable(error.to_string())
    }
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

/// Ends a write.
pub(crate) fn refuse(error: Error) -> store::Error {
    store::Error::refuse(error)
}
