//! What is written down before a create leaves: by which keys to look for the account if its answer never comes.
//!
//! Nobody else creates an account of the same keys meanwhile. Whoever has come to a name whose last bearer's create is in
//! doubt would not see that account yet, and make a second one where the target takes it.

use std::collections::HashMap;
use std::sync::Arc;

use base::{AppId, OrgId, SubjectId, Timestamp};
use serde_json::Value;
use store::lanes::{Doubt, Lease};
use store::{Durability, Lock, Tx};

use super::ledger::Line;
use super::resolve::Keys;
use crate::account::{TargetPath, key};
use crate::error::Error;

/// Notes the keys in the lane, if the lease still holds and no other create of an account of the same keys is in doubt.
pub(super) struct Note {
    pub(super) org: OrgId,
    pub(super) app: AppId,
    pub(super) lease: Lease,
    pub(super) keys: Keys,
    /// When the target was asked, at the earliest, whether there is such an account.
    pub(super) looked_at: Timestamp,
    /// When it will show.
    pub(super) due: Timestamp,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Noted {
    Yes,
    LeaseOver,
    /// Somebody else's create, which may have made the very account, is in doubt.
    Contested,
}

impl Line for Note {
    type Out = Noted;

    /// It is on disk before the create leaves.
    const DURABILITY: Durability = Durability::OnDisk;

    async fn write_all(tx: &mut Tx<'_>, lines: &[Arc<Self>]) -> Result<Vec<Noted>, store::Error> {
        let Some(first) = lines.first() else {
            return Ok(Vec::new());
        };
        let (org, app) = (first.org, first.app);
        tx.lock(Lock::Doubts(org)).await?;
        let then = lines.iter().map(|line| line.looked_at).min().unwrap_or_default();
        let mut known = InDoubt::default();
        for other in store::lanes::in_doubt(tx, org, app, then).await? {
            known.read(&other.keys, other.subject, other.due);
        }
        let free: Vec<_> = lines.iter().map(|line| known.admit(line)).collect();
        let keys: Vec<_> = lines.iter().map(|line| write_keys(&line.keys)).collect();
        let doubts: Vec<_> = (0..lines.len())
            .filter(|at| free[*at])
            .map(|at| Doubt {
                lease: &lines[at].lease,
                keys: &keys[at],
                due: lines[at].due,
            })
            .collect();
        let held = store::lanes::doubt(tx, org, app, &doubts).await?;
        let noted = lines.iter().zip(free).map(|(line, free)| {
            if !free {
                Noted::Contested
            } else if held.contains(&(line.lease.subject, line.lease.fence)) {
                Noted::Yes
            } else {
                Noted::LeaseOver
            }
        });
        Ok(noted.collect())
    }
}

/// By which keys accounts are looked for that may be being created, and for whom until when.
#[derive(Default)]
struct InDoubt {
    holders: HashMap<(String, String), Vec<(SubjectId, Timestamp)>>,
    /// Paths are few.
    paths: HashMap<String, Option<TargetPath>>,
}

impl InDoubt {
    fn read(&mut self, keys: &str, subject: SubjectId, due: Timestamp) {
        for (path, value) in serde_json::from_str::<Vec<(String, Value)>>(keys).unwrap_or_default() {
            let parsed = self
                .paths
                .entry(path.clone())
                .or_insert_with(|| TargetPath::parse(&path).ok());
            if let Some(parsed) = parsed {
                let key = key(parsed, &value);
                self.holders.entry((path, key)).or_default().push((subject, due));
            }
        }
    }

    /// Whether a create may be sent; if so, it is in doubt from now on.
    fn admit(&mut self, line: &Note) -> bool {
        let subject = line.lease.subject;
        let keys: Vec<_> = line
            .keys
            .iter()
            .map(|(path, value)| (path.as_str().to_owned(), key(path, value)))
            .collect();
        let is_others = |(other, due): &(SubjectId, Timestamp)| *other != subject && *due > line.looked_at;
        let contested = keys
            .iter()
            .filter_map(|key| self.holders.get(key))
            .any(|holders| holders.iter().any(is_others));
        // Whoever is in doubt already waits for nobody: two of them would wait for each other.
        if contested && line.lease.doubt.is_none() {
            return false;
        }
        for key in keys {
            self.holders.entry(key).or_default().push((subject, line.due));
        }
        true
    }
}

/// Keys as a lane holds them: JSON, `[["userName","anna@example.com"]]`.
pub(crate) fn write_keys(keys: &Keys) -> String {
    let pairs: Vec<_> = keys.iter().map(|(path, value)| (path.as_str(), value)).collect();
    serde_json::to_string(&pairs).unwrap_or_default()
}

pub(crate) fn read_keys(text: &str) -> Result<Keys, Error> {
    let pairs: Vec<(String, Value)> =
        serde_json::from_str(text).map_err(|error| Error::damaged("key", &error))?;
    pairs
        .into_iter()
        .map(|(path, value)| Ok((TargetPath::parse(&path)?, value)))
        .collect()
}
