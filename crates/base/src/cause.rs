//! Who did it, and what holds together everything that followed.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::CorrelationId;

/// The kinds of actor. The numbers are what databases hold: never reuse one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// The program itself: timers, clean-up.
    System,
    /// Somebody at the machine's command line.
    Operator,
    /// A bearer token; `id` is the token's.
    Token,
    /// A signed-in person; `id` is the user's.
    User,
    /// The provisioning engine on behalf of an application; `id` is the application's.
    App,
    /// A registered OAuth client, of itself; `id` is the client's.
    Client,
}

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Actor {
    pub kind: ActorKind,
    /// The id of the token, user, application or client; empty for the system and the operator.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// A name that an admin recognises, such as the token's.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
}

impl Actor {
    pub fn system() -> Self {
        Self::nameless(ActorKind::System)
    }

    pub fn operator() -> Self {
        Self::nameless(ActorKind::Operator)
    }

    pub fn new(kind: ActorKind, id: impl ToString, name: impl Into<String>) -> Self {
        Self {
            kind,
            id: id.to_string(),
            name: name.into(),
        }
    }

    fn nameless(kind: ActorKind) -> Self {
        Self {
            kind,
            id: String::new(),
            name: String::new(),
        }
    }
}

/// What a change belongs to: a request from somewhere, or a run of our own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    pub correlation: CorrelationId,
    /// Whose request it was, as far as can be told behind a proxy; none of a run of our own.
    pub client_ip: Option<IpAddr>,
}

/// Goes with every change into feed, event and log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    pub actor: Actor,
    pub correlation: CorrelationId,
    /// From where it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_ip: Option<IpAddr>,
}

impl Cause {
    /// Somebody's request.
    pub fn of(actor: Actor, origin: Origin) -> Self {
        Self {
            actor,
            correlation: origin.correlation,
            client_ip: origin.client_ip,
        }
    }
}
