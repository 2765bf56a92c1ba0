//! Lets a request out once it is its turn: judged where requests are sent, so that a slot that is free is used at once,
//! whatever else there is to do meanwhile.

use std::sync::Arc;
use std::time::Duration;

use base::{Ambient, Message, Timestamp};
use futures_util::future::BoxFuture;

use super::budget::Slot;
use super::config::Config;
use super::gate::Gate;
use crate::target::{Admission, Failure, Meter, Unsent};

/// Everything that it is judged by.
pub(super) struct Turn {
    gate: Gate,
    meter: Arc<Meter>,
    ambient: Ambient,
    /// Before when an answer must come; `None`: it may take its time.
    before: Option<(Timestamp, Duration)>,
    /// Whether there may be another token once one is refused.
    renews: bool,
}

impl Turn {
    pub(super) fn new(config: &Config, gate: &Gate) -> Self {
        Self {
            gate: gate.clone(),
            meter: config.target.shared_meter(),
            ambient: config.target.ambient().clone(),
            before: None,
            renews: config.target.renews_token(),
        }
    }

    /// The same for work under a lease that lasts until then: an answer must come before.
    pub(super) fn under_lease(config: &Config, gate: &Gate, until: Timestamp) -> Self {
        Self {
            before: Some((until, config.settings.request_timeout())),
            ..Self::new(config, gate)
        }
    }

    /// A slot, once it is this one's turn.
    pub(super) async fn wait(&self) -> Result<Slot, Unsent> {
        let now = || self.ambient.now();
        let slot = self.gate.enter(now).await.ok_or(Unsent::Shut)?;
        match self.meter.admit(now()) {
            Ok(Duration::ZERO) => {}
            Ok(wait) => tokio::time::sleep(wait).await,
            Err(until) => {
                self.gate.wait_until(until, Message::new("target.quota"));
                return Err(Unsent::Shut);
            }
        }
        match self.before {
            Some((until, takes)) if now() + takes > until => Err(Unsent::TooLate),
            _ => Ok(slot),
        }
    }
}

impl Admission for Turn {
    fn wait(&self) -> BoxFuture<'_, Result<Box<dyn Send>, Unsent>> {
        Box::pin(async move {
            let slot: Box<dyn Send> = Box::new(Self::wait(self).await?);
            Ok(slot)
        })
    }

    /// What is everybody's trouble is dealt with where the work is done; until then nobody else runs into it.
    fn failed(&self, failure: &Failure) {
        let of_one = self.before.is_some() && failure.status == Some(403);
        if failure.is_everybodys() && !of_one && !(self.renews && failure.status == Some(401)) {
            self.gate.hold_breath(self.ambient.now());
        }
    }
}
