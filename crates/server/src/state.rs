//! What every door can reach.

use std::num::NonZeroU32;
use std::sync::Arc;

use access::{Access, Origin};
use base::{Ambient, Keyring, Sealer};
use directory::Directory;
use federation::Federation;
use provisioning::Provisioning;

use crate::Proxy;
use crate::middleware::rate::Rate;
use crate::middleware::strangers::Strangers;

/// What the doors need to know beyond the rooms below.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where clients reach this server, without a trailing slash: the start of every `meta.location`.
    pub public_url: String,
    /// Who says where requests come from.
    pub proxy: Proxy,
    /// So many requests a token may send a minute; `None`: as many as it likes.
    pub requests_per_minute: Option<NonZeroU32>,
}

/// What is carried by clients for us, and brought back.
#[derive(Debug, Clone)]
pub struct Sealers {
    /// Cursors of lists.
    pub cursors: Sealer,
    /// What the forms of pages carry.
    pub pages: Sealer,
    /// Answers that are kept for whoever asks again.
    pub answers: Sealer,
}

impl Sealers {
    pub fn new(keyring: &Keyring) -> Self {
        Self {
            cursors: keyring.sealer("scim.cursor"),
            pages: keyring.sealer("pages"),
            answers: keyring.sealer("api.answers"),
        }
    }
}

/// What every door can reach; cheap to clone.
#[derive(Clone)]
pub struct State(Arc<Inner>);

pub struct Inner {
    pub config: Config,
    pub ambient: Ambient,
    pub directory: Directory,
    pub access: Access,
    pub provisioning: Provisioning,
    pub federation: Federation,
    pub sealers: Sealers,
    /// For which origin passkeys are made, if the server has a name.
    pub passkeys: Option<Origin>,
    pub rate: Rate,
    /// What networks have sent to the addresses for messages.
    pub strangers: Strangers,
}

impl State {
    pub fn new(
        config: Config,
        ambient: Ambient,
        directory: Directory,
        access: Access,
        provisioning: Provisioning,
        federation: Federation,
        sealers: Sealers,
    ) -> Self {
        Self(Arc::new(Inner {
            passkeys: Origin::of(&config.public_url),
            rate: Rate::new(config.requests_per_minute),
            strangers: Strangers::default(),
            config,
            ambient,
            directory,
            access,
            provisioning,
            federation,
            sealers,
        }))
    }
}

impl std::ops::Deref for State {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}
