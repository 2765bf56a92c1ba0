//! What is written down before a create leaves: by which keys to look for the account if its answer never comes.
//!
//! Nobody else creates an account of the same keys meanwhile. Whoever has come to a name whose last bearer's create is in
//! doubt would not see that account yet, and make a second one where the target takes it.

use base::{AppId, OrgId, Timestamp};
use store::lanes::Lease;
use store::{Tx, Write};

use super::resolve::Keys;
use crate::account::{TargetPath, same_key};
use crate::error::Error;

/// Notes the keys in the lane; says whether the lease still holds. Refused, as `Contested`, if another create of an account
/// of the same keys is in doubt.
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

/// Somebody else's create, which may have made the very account, is in doubt.
#[derive(Debug, thiserror::Error)]
#[error("another create of the same account is in doubt")]
pub(super) struct Contested;

impl Write for Note {
    type Out = bool;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, store::Error> {
        let keys = write_keys(&self.keys);
        let times = (self.looked_at, self.due);
        let noted = store::lanes::doubt(tx, self.org, self.app, &self.lease, &keys, times).await?;
        // Whoever is in doubt already waits for nobody: two of them would wait for each other.
        let contested = self.lease.doubt.is_none()
            && noted
                .iter()
                .flatten()
                .any(|others| read_keys(others).is_ok_and(|others| share_one(&self.keys, &others)));
        if contested {
            return Err(store::Error::refuse(Contested));
        }
        Ok(noted.is_some())
    }
}

fn share_one(keys: &Keys, others: &Keys) -> bool {
    keys.iter().any(|(path, value)| {
        let mut others = others.iter();
        others.any(|(other, theirs)| other == path && same_key(path, value, theirs))
    })
}

/// Keys as a lane holds them: JSON, `[["userName","anna@example.com"]]`.
pub(crate) fn write_keys(keys: &Keys) -> String {
    let pairs: Vec<_> = keys.iter().map(|(path, value)| (path.as_str(), value)).collect();
    serde_json::to_string(&pairs).unwrap_or_default()
}

pub(crate) fn read_keys(text: &str) -> Result<Keys, Error> {
    let pairs: Vec<(String, serde_json::Value)> =
        serde_json::from_str(text).map_err(|error| Error::damaged("key", &error))?;
    pairs
        .into_iter()
        .map(|(path, value)| Ok((TargetPath::parse(&path)?, value)))
        .collect()
}
