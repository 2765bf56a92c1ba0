//! The identity provider of applications: people of an organization sign in here, and are vouched for there (SAML profiles
//! §4.1, §4.4). Each application has an address of its own, keys of its own, and settings of its own.

mod apps;
mod around;
mod change;
mod check;
mod contexts;
mod error;
mod import;
mod logout;
mod metadata;
mod settings;
mod sign_in;
mod sign_outs;
mod slug;
mod statement;
mod webex;

pub use apps::{NewSso, Sso};
pub use change::{Change, Kind};
pub use contexts::{Contexts, Method, Outside};
pub use error::SsoError;
pub use import::{Taken, TakenFrom};
pub use logout::Sent;
pub use settings::{
    AttributeSource, Consumer, Encryption, KeyTransport, Logout, LogoutBinding, NameFormat, NameIdFormat,
    NameIdSource, Saml, Settings, Sign, SignOn, SignatureChoice, Tile, WhenEmpty,
};
pub use sign_in::{Answered, Asked, SKEW, SignedInPerson, Unanswerable};
pub use statement::{ShownAttribute, Statement};
