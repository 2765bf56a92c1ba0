//! The one value through which everything is reached.

use std::sync::Arc;

use base::{Ambient, Field, Fingerprinter, Keyring, OrgId, ProcessId};
use jobs::Waker;
use outbound::Outbound;
use store::{Reader, Store};

use crate::import::Newcomers;
use crate::warnings::MailService;

/// Apps, their assignments and mappings, plans, cycles and the log. Cheap to clone; clones share one waker, so that
/// what is asked here reaches the engine at once.
#[derive(Debug, Clone)]
pub struct Provisioning {
    pub(crate) store: Store,
    pub(crate) keyring: Arc<Keyring>,
    /// Of requests that were planned.
    pub(crate) fingerprinter: Fingerprinter,
    /// What the mappings take for chance.
    pub(crate) chance: Fingerprinter,
    pub(crate) outbound: Outbound,
    /// Whose leases are ours.
    pub(crate) process: ProcessId,
    pub(crate) waker: Waker,
    /// Who makes people of what imports find.
    pub(crate) newcomers: Option<Arc<dyn Newcomers>>,
    pub(crate) mail: MailService,
}

impl Provisioning {
    pub fn new(store: Store, keyring: Arc<Keyring>, outbound: Outbound) -> Self {
        Self {
            process: store.ambient().id(),
            store,
            fingerprinter: keyring.fingerprinter("plan.request"),
            chance: keyring.fingerprinter("mapping.chance"),
            keyring,
            outbound,
            waker: Waker::default(),
            newcomers: None,
            mail: MailService::default(),
        }
    }

    /// At a server that has a mail server, or has none.
    #[must_use]
    pub fn with_mail(mut self, mail: MailService) -> Self {
        self.mail = mail;
        self
    }

    /// With a directory in which imports make people.
    #[must_use]
    pub fn with_newcomers(mut self, newcomers: Arc<dyn Newcomers>) -> Self {
        self.newcomers = Some(newcomers);
        self
    }

    pub(crate) fn ambient(&self) -> &Ambient {
        self.store.ambient()
    }

    pub(crate) fn reader(&self) -> Reader {
        self.store.reader()
    }
}

/// Under which name an app's token is sealed.
pub(crate) fn token_field(org: OrgId) -> Field {
    Field {
        org,
        name: store::sealed::APP_TOKEN,
    }
}
