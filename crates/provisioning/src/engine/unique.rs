//! Choosing a value that no account at the target has yet (`SelectUniqueValue`).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use base::{Message, SubjectId};
use serde_json::Value;

use super::config::Config;
use super::gate::Gate;
use super::resolve::{Unresolved, enter};
use crate::account::{REDACTED, TargetPath};
use crate::plan::Candidates;
use crate::target::Exchange;

/// Values that were chosen for people whose accounts may not show at the target yet.
#[derive(Debug, Default)]
pub(crate) struct Reserved(Mutex<HashMap<(String, String), SubjectId>>);

impl Reserved {
    /// Whether the value is this person's from now on.
    fn take(&self, path: &TargetPath, value: &Value, subject: SubjectId) -> bool {
        let key = (path.as_str().to_lowercase(), value.to_string().to_lowercase());
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *held.entry(key).or_insert(subject) == subject
    }
}

/// The first of these that nobody has. Somebody else may still come first: then the target refuses the account, and
/// the next attempt finds the value taken.
pub(crate) async fn choose(
    config: &Config,
    gate: &Gate,
    subject: SubjectId,
    Candidates { path, values }: &Candidates,
    log: &mut Vec<Exchange>,
) -> Result<Value, Unresolved> {
    let mut tried = Vec::new();
    for value in values {
        let found = {
            let _slot = enter(config, gate).await?;
            config.target.lookup(None, (path, value), log).await?
        };
        if found.is_empty() && config.reserved.take(path, value, subject) {
            return Ok(value.clone());
        }
        tried.push(value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    }
    let shown = if config.mappings.secrets().contains(path) {
        REDACTED.to_owned()
    } else {
        tried.join(", ")
    };
    let message = Message::new("mapping.not_unique").with("target", path);
    Err(Unresolved::Match(message.with("values", shown)))
}

#[cfg(test)]
mod tests {
    use base::{Ambient, UserId};
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_is_held_for_one_person() {
        let ambient = Ambient::system();
        let person = || SubjectId::from(ambient.id::<UserId>());
        let (anna, bo) = (person(), person());
        let path = TargetPath::parse("nickName").expect("a path");
        let reserved = Reserved::default();
        assert!(reserved.take(&path, &json!("x"), anna));
        assert!(reserved.take(&path, &json!("x"), anna));
        assert!(!reserved.take(&path, &json!("X"), bo));
        assert!(reserved.take(&path, &json!("y"), bo));
    }
}
