//! Test connection, as Entra ID does it: a search for somebody who cannot exist must be answered with 200 and
//! an empty list.

use base::{Ambient, Message, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::announced;
use super::client::Target;
use super::failure::{Failure, Kind};
use super::ways::{DISCOVERY, FILTER, Ways, YES};

/// What the test found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    pub ok: bool,
    pub message: Message,
}

/// Tries of the question: a kept connection may turn out to have been closed long ago, which says nothing.
const TRIES: usize = 3;

/// The documents in which a target describes itself (RFC 7644 §4).
type Reader = fn(&Value, &Ways, Timestamp) -> bool;
const DOCUMENTS: [(&str, Reader); 3] = [
    ("ServiceProviderConfig", announced::service_provider_config),
    ("Schemas", announced::schemas),
    ("ResourceTypes", announced::resource_types),
];

/// Reads what the target says of itself. A target that says nothing is fine; one that cannot be used just now is
/// asked again later.
pub(crate) async fn ask(target: &Target, ways: &Ways) {
    let mut found = Vec::new();
    for (endpoint, read) in DOCUMENTS {
        let now = target.ambient().now();
        match target.document(endpoint).await {
            Ok(document) if read(&document, ways, now) => found.push(endpoint),
            Err(failure) if says_nothing(&failure) => return,
            _ => {}
        }
    }
    let found = if found.is_empty() {
        "none".to_owned()
    } else {
        found.join(" ")
    };
    ways.announce(DISCOVERY, &found, target.ambient().now());
}

/// Whether a failure leaves it open what the target is: it cannot be used at all just now.
fn says_nothing(failure: &Failure) -> bool {
    let passing = failure.is_passing() && failure.kind != Kind::Garbage;
    failure.status != Some(403) && (passing || failure.is_everybodys())
}

/// Tests address and credentials without touching an account.
pub async fn probe(target: &Target, ways: &Ways, ambient: &Ambient) -> Verdict {
    let nobody: UserId = ambient.id();
    let filter = format!("userName eq \"{nobody}\"");
    let mut answer = target.search(&filter).await;
    for _ in 1..TRIES {
        match &answer {
            Err(failure) if failure.message.code == "target.lost" => answer = target.search(&filter).await,
            _ => break,
        }
    }
    match answer {
        Ok(0) => {
            ways.observe(FILTER, YES, ambient.now());
            Verdict {
                ok: true,
                message: Message::new("test.ok"),
            }
        }
        Ok(_) => failed(Message::new("target.filter_ignored").with("attribute", "userName")),
        Err(failure) => failed(explain(failure)),
    }
}

fn failed(message: Message) -> Verdict {
    Verdict { ok: false, message }
}

/// The same failure means more here than in the middle of a cycle.
fn explain(failure: Failure) -> Message {
    let code = match failure.kind {
        // The authorization server's, not the target's.
        _ if failure.message.code.starts_with("token.") => return failure.message,
        Kind::Refused if failure.status == Some(401) => "test.token",
        Kind::Refused => "test.forbidden",
        Kind::NotFound => "test.unknown_organization",
        Kind::Garbage => "test.not_scim",
        _ => return failure.message,
    };
    Message {
        code: code.to_owned(),
        ..failure.message
    }
}
