//! The identity provider of applications: people of an organization sign in here, and are vouched for there (SAML profiles
//! §4.1, §4.4). Each application has an address of its own, keys of its own, and settings of its own.

mod apps;
mod around;
mod change;
mod check;
mod error;
mod import;
mod logout;
mod metadata;
mod settings;
mod sign_in;
mod slug;
mod statement;
mod webex;

pub use apps::{NewSso, Sso};
pub use change::{Change, Kind};
pub use error::SsoError;
pub use import::{Taken, TakenFrom};
pub use settings::{
    AttributeSource, Consumer, Contexts, Encryption, KeyTransport, Logout, LogoutBinding, Method, NameFormat,
    NameIdFormat, NameIdSource, Saml, Settings, Sign, SignOn, SignatureChoice, Tile, WhenEmpty,
};
pub use sign_in::{Answered, Asked, SignedInPerson, Unanswerable};
pub use statement::{ShownAttribute, Statement};
