//! Test connection, as Entra ID does it: a search for somebody who cannot exist must be answered with 200 and
//! an empty list.

use base::{Ambient, Message, UserId};
use serde::{Deserialize, Serialize};

use super::client::Target;
use super::failure::{Failure, Kind};

/// What the test found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    pub ok: bool,
    pub message: Message,
}

/// Tries of the question: a kept connection may turn out to have been closed long ago, which says nothing.
const TRIES: usize = 3;

/// Tests address and credentials without touching an account.
pub async fn probe(target: &Target, ambient: &Ambient) -> Verdict {
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
        Ok(0) => Verdict {
            ok: true,
            message: Message::new("test.ok"),
        },
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
