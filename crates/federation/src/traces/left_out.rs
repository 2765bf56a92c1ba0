//! What strangers send beyond what is kept is counted, and told of when there is room again, or by housekeeping. Each process
//! counts for itself, in memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use base::{Actor, OrgId, Timestamp};
use serde_json::json;
use store::StoredId as _;
use store::events::{NewEvent, Outcome};

use crate::event::Tell;
use crate::{Error, Federation};

/// How many messages were left out, and since when, of each organization.
#[derive(Clone, Default)]
pub(crate) struct LeftOut(Arc<Mutex<HashMap<OrgId, (u64, Timestamp)>>>);

impl LeftOut {
    pub(super) fn count(&self, org: OrgId, now: Timestamp) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.entry(org).or_insert((0, now)).0 += 1;
    }

    /// What has been counted since before then.
    fn take(&self, org: OrgId, before: Timestamp) -> Option<(u64, Timestamp)> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.get(&org).filter(|(_, since)| *since <= before)?;
        counts.remove(&org)
    }
}

impl Federation {
    /// Tells how many messages of strangers have left no trace, if there were any.
    pub async fn tell_left_out(&self, org: OrgId) -> Result<(), Error> {
        self.tell_left_out_since(org, self.ambient().now()).await
    }

    /// The same, if they began before then.
    pub(super) async fn tell_left_out_since(&self, org: OrgId, before: Timestamp) -> Result<(), Error> {
        let Some((count, since)) = self.left_out.take(org, before) else {
            return Ok(());
        };
        let doc = json!({ "name": "single sign-on", "left_out": count, "since": since });
        let write = Tell {
            org,
            event: NewEvent {
                event_type: "saml_left_out".to_owned(),
                outcome: Outcome::Failed,
                resource_kind: "sso".to_owned(),
                resource_id: Some(org.stored()),
                doc: doc.to_string(),
            },
            cause: self.ambient().cause(Actor::system()),
        };
        Ok(self.store.write(write).await?)
    }
}
