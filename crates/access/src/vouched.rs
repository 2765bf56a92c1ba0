//! Tokens that were let in lately, so that the next request with one need not ask who it is, but only whether that is
//! still so.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use base::Timestamp;

use crate::Principal;

/// How many are remembered.
const REMEMBERED: usize = 10_000;
/// `last_used` is written at most this often.
const TOUCH_EVERY: Duration = Duration::from_mins(5);

/// By the token's hash.
#[derive(Default)]
pub(crate) struct VouchedTokens(RwLock<HashMap<Vec<u8>, Arc<Vouched>>>);

/// A token that was let in.
pub(crate) struct Vouched {
    pub(crate) principal: Arc<Principal>,
    /// For as long as this is the organization's, the principal is who it was.
    pub(crate) access_revision: i64,
    /// In microseconds; nothing yet: the smallest number.
    last_used: AtomicI64,
}

impl Vouched {
    pub(crate) fn new(principal: Principal, access_revision: i64, last_used: Option<Timestamp>) -> Self {
        Self {
            principal: Arc::new(principal),
            access_revision,
            last_used: AtomicI64::new(last_used.map_or(i64::MIN, Timestamp::as_micros)),
        }
    }

    /// Is it time to note that the token is used? Of several who ask at once one is told so.
    pub(crate) fn is_to_be_touched(&self, now: Timestamp) -> bool {
        let last = self.last_used.load(Ordering::Relaxed);
        let long_ago = last == i64::MIN || now.since(Timestamp::from_micros(last)) >= TOUCH_EVERY;
        long_ago
            && self
                .last_used
                .compare_exchange(last, now.as_micros(), Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
    }
}

impl VouchedTokens {
    pub(crate) fn get(&self, hash: &[u8]) -> Option<Arc<Vouched>> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.get(hash).cloned()
    }

    pub(crate) fn put(&self, hash: Vec<u8>, vouched: Arc<Vouched>) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(hash, vouched);
    }
}
