//! Lanes: the durable work, one row per application and subject.
//!
//! A change marks a lane: its generation moves on and it is due. A worker leases it, which raises its fence, and
//! completes it under that fence; if the generation has moved on meanwhile the lane stays due. So a burst of changes
//! is one piece of work, the work for one subject is never done twice at a time, and whoever lost the lease writes
//! nothing. A lease that runs out is taken over: while a lane is leased, `due` is when.

mod lease;
mod mark;
mod standing;

use base::{CycleId, PlanId, SubjectId, Timestamp};

use crate::assignments::SubjectKind;

pub use lease::{
    Doubt, Held, InDoubt, claim, claim_one, complete, complete_done, doubt, due, in_doubt, recover, renew,
    retry,
};
pub use mark::{
    Items, detach, forget_doubts, forget_plan, mark_again, mark_assigned, mark_assigned_groups,
    mark_assigned_nested, mark_concerned, mark_concerned_groups, mark_concerned_nested, mark_drifted,
    mark_every_group, mark_everybody, mark_items, mark_known, mark_known_groups, mark_linked, mark_members,
    mark_planned, mark_referring,
};
pub use standing::{
    Failing, count_due, count_failing, count_failing_unlinked, failing, failing_subject, is_pending,
    next_due, outcomes,
};

/// Whether the next work reads the account before it compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verify {
    No,
    Yes,
}

/// Whether a lane may be worked on, where that is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Judged {
    /// Not yet.
    No,
    /// It may, as long as no account goes by it.
    Harmless,
    /// It may, and counts as one by which an account goes.
    Counted,
    /// An account would go by it; that it may is not judged yet.
    Suspect,
}

impl Judged {
    fn number(self) -> i64 {
        match self {
            Self::No => 0,
            Self::Harmless => 1,
            Self::Counted => 2,
            Self::Suspect => 3,
        }
    }

    fn read(number: i64) -> Self {
        match number {
            1 => Self::Harmless,
            2 => Self::Counted,
            3 => Self::Suspect,
            _ => Self::No,
        }
    }
}

/// Which lanes may be claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Claimable {
    Any,
    /// Those that were judged so that they may, and those that stand in an approved plan.
    Judged,
}

/// What new work belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    pub cycle: CycleId,
    pub now: Timestamp,
    pub verify: Verify,
}

/// A lane that is ours for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    pub subject: SubjectId,
    pub kind: SubjectKind,
    pub generation: i64,
    pub fence: i64,
    pub until: Timestamp,
    /// Failures in a row before this one.
    pub attempts: i64,
    /// Keys by which to look for an account that may have been created; JSON.
    pub doubt: Option<String>,
    pub verify: Verify,
    pub cycle: Option<CycleId>,
    /// What earlier work for the same cycle came to.
    pub outcome: Option<String>,
    /// The approved plan whose item is to be carried out.
    pub plan: Option<PlanId>,
    pub judged: Judged,
}

/// How a lane is completed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Completion {
    /// Done; `outcome` counts in the cycle. `struck`: an account went by it, and nobody had been asked.
    Done { outcome: String, struck: Struck },
    /// It did not work. Tried again at `due` (never, before something changes, if there is none), and not before
    /// `hold` even if something changes.
    Failed {
        outcome: String,
        due: Option<Timestamp>,
        hold: Option<Timestamp>,
        error: String,
        doubt: Option<String>,
        /// Whether the account may have changed without our knowing.
        verify: Verify,
        /// Whether the cycle goes on waiting.
        pending: bool,
    },
    /// Put back untouched, to be taken again at `due`; not before `hold`, even if something changes.
    Released {
        due: Timestamp,
        hold: Option<Timestamp>,
        /// Whether the account may have changed without our knowing.
        verify: Verify,
    },
    /// Put back untouched: an account would go by it, which was not judged.
    Suspect { due: Timestamp },
}

/// Whether an account went by the work without anybody having been asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Struck {
    No,
    Yes,
}
