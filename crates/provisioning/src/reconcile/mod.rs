//! Reconciliation: what the target has changed behind our back.
//!
//! All accounts of the target are listed and compared with what the mappings say should be in them. What differs is
//! reported, and brought back through the lanes if that is wanted: each such account is read once more, planned for and
//! judged as any other work is. What belongs to the target (attributes that no mapping names, or only for new accounts) is
//! left alone.
//!
//! * `compare` decides, and is pure; `step` reads page after page (`store::jobs`); `view` shows what was found.

mod begin;
mod compare;
mod step;
mod view;

pub use begin::Reconcile;
pub use compare::DriftKind;
pub use view::{DriftCounts, DriftItem, DriftView, ReconciliationView};

use serde::{Deserialize, Serialize};

use base::SubjectId;

use crate::settings::Drift;
use crate::target::Place;

/// What a reconciliation was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Options {
    /// `report` or `correct`.
    pub(crate) mode: Drift,
}

/// How far a reconciliation is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Progress {
    pub(crate) stage: Stage,
    /// Accounts that were listed.
    pub(crate) listed: u64,
    /// How many there are, as far as the target says.
    pub(crate) total: Option<u64>,
    /// Accounts that were read one by one, as they seemed to differ.
    pub(crate) read: u64,
    /// Of what was found, what was not known before.
    pub(crate) news: u64,
    /// People whose accounts are brought back.
    pub(crate) corrected: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Stage {
    #[default]
    Begin,
    Listing(Place),
    /// Accounts that no page had are asked for, those behind this one are left.
    Missing(Option<SubjectId>),
    Over,
}
