//! What every door can reach.

use std::sync::Arc;

use access::Access;
use base::{Ambient, Sealer};
use directory::Directory;
use provisioning::Provisioning;

/// What the doors need to know beyond the rooms below.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where clients reach this server, without a trailing slash: the start of every `meta.location`.
    pub public_url: String,
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
    /// Seals the cursors of lists.
    pub cursors: Sealer,
}

impl State {
    pub fn new(
        config: Config,
        ambient: Ambient,
        directory: Directory,
        access: Access,
        provisioning: Provisioning,
        cursors: Sealer,
    ) -> Self {
        Self(Arc::new(Inner {
            config,
            ambient,
            directory,
            access,
            provisioning,
            cursors,
        }))
    }
}

impl std::ops::Deref for State {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}
