//! Reconciliation: what the target has changed behind our back.
//!
//! All accounts of the target are listed and compared with what the mappings say should be in them; then its groups, if
//! groups are provisioned, and who is in each. What differs is reported, and brought back through the lanes if that is
//! wanted: each such account or group is read once more, planned for and judged as any other work is. What belongs to the
//! target (attributes that no mapping names, or only for new accounts; members who are nobody's here) is left alone.
//!
//! * `compare` decides, and is pure; `step` reads page after page (`store::jobs`), `groups` a few groups at a time;
//!   `findings` is what was found, `view` shows it.

mod begin;
mod compare;
mod findings;
mod groups;
mod step;
mod view;

pub use begin::Reconcile;
pub use compare::DriftKind;
pub use view::{DriftCounts, DriftItem, DriftView, GroupDrift, ReconciliationView};

use serde::{Deserialize, Serialize};

use base::SubjectId;

use crate::assignments::SubjectKind;
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
    /// Accounts first, then groups.
    #[serde(default)]
    pub(crate) of: Of,
    /// Accounts that were listed.
    pub(crate) listed: u64,
    /// How many there are, as far as the target says.
    pub(crate) total: Option<u64>,
    /// Groups that were listed.
    #[serde(default)]
    pub(crate) groups: u64,
    /// Accounts and groups that were read one by one, as they seemed to differ.
    pub(crate) read: u64,
    /// Accounts and groups that were not compared, as they had been written a moment before.
    #[serde(default)]
    pub(crate) recent: u64,
    /// Of what was found, what was not known before.
    pub(crate) news: u64,
    /// People whose accounts are brought back, and groups that are.
    pub(crate) corrected: u64,
}

/// What is being compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Of {
    #[default]
    Accounts,
    Groups,
}

impl Of {
    pub(crate) fn kind(self) -> SubjectKind {
        match self {
            Self::Accounts => SubjectKind::User,
            Self::Groups => SubjectKind::Group,
        }
    }
}

/// A group that a page had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Listed {
    pub(crate) subject: SubjectId,
    /// Whether it seemed to differ.
    pub(crate) differs: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Stage {
    #[default]
    Begin,
    Listing(Place),
    /// Those of a page, and who is in them; then the next page, if there is one.
    Groups(Vec<Listed>, Option<Place>),
    /// Accounts that no page had are asked for, those behind this one are left.
    Missing(Option<SubjectId>),
    Over,
}
