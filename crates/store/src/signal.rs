//! The word that somebody in this process has committed changes.

use base::OrgId;
use tokio::sync::{broadcast, watch};

/// How many organizations' changes may be unread before a reader is only told that there were too many.
const UNREAD: usize = 1_024;

/// Given after every commit that wrote into a change feed.
#[derive(Debug)]
pub(crate) struct Signal {
    commits: watch::Sender<u64>,
    organizations: broadcast::Sender<OrgId>,
}

impl Signal {
    pub(crate) fn new() -> Self {
        Self {
            commits: watch::Sender::new(0),
            organizations: broadcast::Sender::new(UNREAD),
        }
    }

    /// These organizations' feeds have grown; none, and nobody hears of it.
    pub(crate) fn committed(&self, organizations: &[OrgId]) {
        if organizations.is_empty() {
            return;
        }
        self.commits.send_modify(|commits| *commits += 1);
        for org in organizations {
            // It does not matter whether anybody listens.
            let _listeners = self.organizations.send(*org);
        }
    }

    /// Counts the commits.
    pub(crate) fn count(&self) -> watch::Receiver<u64> {
        self.commits.subscribe()
    }

    /// Names the organizations.
    pub(crate) fn listen(&self) -> broadcast::Receiver<OrgId> {
        self.organizations.subscribe()
    }
}
