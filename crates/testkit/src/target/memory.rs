//! Resources in memory, with their history, so that reads can be stale.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::Object;
use super::behaviour::Staleness;

/// Attributes that are looked up without a scan, with their values in lower case.
const INDEXED: [&str; 3] = ["userName", "externalId", "displayName"];

/// What a reader sees: what was written up to an instant and up to a request.
#[derive(Debug, Clone, Copy)]
pub(super) struct AsOf {
    instant: Instant,
    request: u64,
}

impl AsOf {
    pub(super) fn now(instant: Instant, request: u64) -> Self {
        Self { instant, request }
    }

    pub(super) fn stale(self, staleness: Staleness) -> Self {
        Self {
            instant: self
                .instant
                .checked_sub(Duration::from_millis(staleness.millis))
                .unwrap_or(self.instant),
            request: self.request.saturating_sub(staleness.requests),
        }
    }
}

#[derive(Debug)]
struct Version {
    written: AsOf,
    /// Nothing once it is deleted.
    resource: Option<Arc<Object>>,
}

/// The users, or the groups.
#[derive(Debug, Default)]
pub(super) struct Collection {
    ids: Vec<String>,
    versions: HashMap<String, Vec<Version>>,
    /// Every id that ever had that value: more than those that have it.
    index: HashMap<(&'static str, String), Vec<String>>,
}

impl Collection {
    pub(super) fn get(&self, id: &str, as_of: AsOf) -> Option<Arc<Object>> {
        self.versions
            .get(id)?
            .iter()
            .rev()
            .find(|version| {
                version.written.instant <= as_of.instant && version.written.request <= as_of.request
            })?
            .resource
            .clone()
    }

    /// All, in the order of creation.
    pub(super) fn all(&self, as_of: AsOf) -> impl Iterator<Item = (&String, Arc<Object>)> {
        self.ids
            .iter()
            .filter_map(move |id| Some((id, self.get(id, as_of)?)))
    }

    /// Those that may have this value; all that have it are among them. Nothing for an attribute without an index.
    pub(super) fn candidates(&self, attribute: &str, value: &str) -> Option<&[String]> {
        let attribute = INDEXED
            .into_iter()
            .find(|name| name.eq_ignore_ascii_case(attribute))?;
        Some(
            self.index
                .get(&(attribute, value.to_lowercase()))
                .map_or(&[], Vec::as_slice),
        )
    }

    pub(super) fn put(&mut self, id: &str, resource: Object, written: AsOf) -> Arc<Object> {
        if !self.versions.contains_key(id) {
            self.ids.push(id.to_owned());
        }
        for attribute in INDEXED {
            let Some(value) = resource.get(attribute).and_then(Value::as_str) else {
                continue;
            };
            let ids = self.index.entry((attribute, value.to_lowercase())).or_default();
            if !ids.iter().any(|known| known == id) {
                ids.push(id.to_owned());
            }
        }
        let resource = Arc::new(resource);
        let version = Version {
            written,
            resource: Some(Arc::clone(&resource)),
        };
        self.versions.entry(id.to_owned()).or_default().push(version);
        resource
    }

    pub(super) fn delete(&mut self, id: &str, written: AsOf) {
        if let Some(versions) = self.versions.get_mut(id) {
            versions.push(Version {
                written,
                resource: None,
            });
        }
    }
}
