//! Where an attempt comes from.

use std::net::IpAddr;

use base::{Actor, ActorKind, Cause, CorrelationId, Origin, UserId};
use serde_json::{Value, json};

/// The longest `User-Agent` that is kept, in bytes.
const LONGEST: usize = 400;

/// Under what the server's log tells of attempts that were not let in.
pub const SECURITY: &str = "security";

/// A browser at the door.
#[derive(Debug, Clone)]
pub struct Visit {
    pub from: IpAddr,
    pub correlation: CorrelationId,
    user_agent: String,
    device: Option<String>,
}

impl Visit {
    pub fn new(from: IpAddr, correlation: CorrelationId, user_agent: &str) -> Self {
        let mut user_agent: String = user_agent.chars().filter(|letter| !letter.is_control()).collect();
        user_agent.truncate(user_agent.floor_char_boundary(LONGEST));
        Self {
            from: from.to_canonical(),
            correlation,
            user_agent,
            device: None,
        }
    }

    /// The same from a browser where the address that is typed has signed in before, known by this id: its failures are
    /// counted apart from those of all others, who therefore cannot keep it out.
    #[must_use]
    pub fn from_device(self, id: Option<String>) -> Self {
        Self { device: id, ..self }
    }

    /// Leaves a trace in the server's log of an attempt that belongs into no organization's trail, or that got nowhere. What
    /// was typed stays out of it: people type passwords where addresses belong.
    pub fn note(&self, what: &str) {
        let (client_ip, correlation) = (self.from, self.correlation);
        tracing::info!(target: SECURITY, %client_ip, %correlation, "{what}");
    }

    pub(crate) fn device(&self) -> Option<&str> {
        self.device.as_deref()
    }

    pub fn user_agent(&self) -> &str {
        &self.user_agent
    }

    /// Whom the changes of this visit are put down to.
    pub fn cause(&self, user: UserId, name: &str) -> Cause {
        let origin = Origin {
            correlation: self.correlation,
            client_ip: Some(self.from),
        };
        Cause::of(Actor::new(ActorKind::User, user, name), origin)
    }

    /// What events tell of it.
    pub(crate) fn told(&self, name: &str) -> Value {
        json!({ "name": name, "useragent": self.user_agent })
    }
}
