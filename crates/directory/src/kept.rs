//! What is kept of organizations until a token that is looked up brings along the number of a newer state.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use base::OrgId;

/// Of how many organizations something is kept; the types of a thousand are a few megabytes.
const KEPT: usize = 10_000;

/// By organization the newest revision that was read, and what it was.
#[derive(Clone)]
pub struct Kept<T>(Arc<RwLock<HashMap<OrgId, (i64, T)>>>);

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T: Clone> Kept<T> {
    /// What is kept, if it is of this revision or a later one.
    pub fn get(&self, org: OrgId, revision: i64) -> Option<T> {
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let (_, value) = kept.get(&org).filter(|(kept, _)| *kept >= revision)?;
        Some(value.clone())
    }

    pub fn put(&self, org: OrgId, revision: i64, value: &T) {
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.clear();
        }
        let newest = kept.entry(org).or_insert_with(|| (revision, value.clone()));
        if newest.0 < revision {
            *newest = (revision, value.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::Timestamp;

    #[test]
    fn the_newest_stays_and_an_older_one_is_not_enough() {
        let (kept, org) = (Kept::default(), OrgId::new(Timestamp::from_micros(0), [0; 10]));
        assert_eq!(kept.get(org, 1), None);
        kept.put(org, 2, &"second");
        kept.put(org, 1, &"first");
        assert_eq!(kept.get(org, 1), Some("second"));
        assert_eq!(kept.get(org, 2), Some("second"));
        assert_eq!(kept.get(org, 3), None);
    }
}
