//! Signing people in by SAML, at both ends: as the identity provider of applications, and as the service provider of an
//! organization whose people an outside identity provider vouches for.
//!
//! What messages must be like is judged in `saml`, which knows nobody; here are the people, the settings, the keys, what is
//! good once, and a trace of every sign-in. How a message came in by HTTP is the server's.

mod address;
mod clip;
mod error;
mod event;
mod housekeeping;
pub mod identity_provider;
mod key_algorithms;
mod keys;
pub mod metadata;
mod once;
pub mod service_provider;
mod traces;

use std::sync::Arc;

use base::{Ambient, Fingerprinter, Keyring};
use directory::Directory;
use outbound::Outbound;
use store::Store;

pub use error::Error;
pub use keys::{DAYS, Key, NewKey, Standing};
pub use saml;
pub use store::saml_keys::Owner as KeyOwner;
pub use traces::{
    Action, Direction, End, NewTrace, Outcome, Peer, Trace, TraceFilter, TracedCheck, TracedMessage,
};

/// Sign-in by SAML for every organization. Cheap to clone; clones share the keys that are ready to sign.
#[derive(Clone)]
pub struct Federation {
    store: Store,
    directory: Directory,
    keyring: Arc<Keyring>,
    outbound: Outbound,
    /// Of what is good once.
    once: Fingerprinter,
    /// Of names that identity providers have for people.
    subjects: Fingerprinter,
    /// Of codes for administrators who are locked out.
    recoveries: Fingerprinter,
    ready: keys::Ready,
    /// What strangers have sent beyond what is kept.
    left_out: traces::left_out::LeftOut,
}

impl Federation {
    pub fn new(store: Store, directory: Directory, keyring: Arc<Keyring>, outbound: Outbound) -> Self {
        Self {
            once: keyring.fingerprinter("saml.once"),
            subjects: keyring.fingerprinter("saml.subjects"),
            recoveries: keyring.fingerprinter("saml.recoveries"),
            store,
            directory,
            keyring,
            outbound,
            ready: keys::Ready::default(),
            left_out: traces::left_out::LeftOut::default(),
        }
    }

    /// 160 random bits, in a form that XML takes for an ID (SAML core §1.3.4).
    pub fn message_id(&self) -> String {
        let high = u128::from_be_bytes(self.ambient().random());
        let low = u32::from_be_bytes(self.ambient().random());
        format!("_{high:032x}{low:08x}")
    }

    fn ambient(&self) -> &Ambient {
        self.store.ambient()
    }
}
