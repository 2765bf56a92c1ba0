//! Import: people made of accounts that a target has and the directory lacks.
//!
//! Accounts are listed as the target shows them now (`listing`), and imported by a job (`store::jobs`): those that were
//! chosen, or all, become items first (`store::import_items`), and then people, a few at a time (`step`). Whom the matching
//! attributes find is linked and not made anew (`find`); what a new person is like comes of the mappings, read backwards
//! (`reverse`). Before a person is made, the item notes under which id: whoever takes over finds what was done.
//!
//! Nobody is assigned by an import. The link that it makes is kept in step once its person is in scope, and left alone until
//! then (`store::links::State::Imported`).

mod begin;
mod find;
mod listing;
mod newcomers;
mod reverse;
mod step;
mod view;
mod written;

pub use begin::{Chosen, ImportRequest};
pub use listing::{AccountFilter, AccountsPage, ListedAccount, Standing};
pub use newcomers::{Newcomer, Newcomers};
pub use store::import_items::State as ImportState;
pub use view::{ImportCounts, ImportItem, ImportView};

use serde::{Deserialize, Serialize};

use crate::target::Place;

/// So many people make an import a large one: its result is told by mail.
pub const LARGE: u64 = 100;

/// What an import was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Options {
    pub(crate) chosen: Chosen,
    /// Who is told when a large one is over.
    pub(crate) tell: Option<String>,
}

/// How far an import is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Progress {
    pub(crate) stage: Stage,
    /// Accounts that were listed or asked for.
    pub(crate) listed: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Stage {
    #[default]
    Begin,
    /// All accounts, page by page.
    Listing(Place),
    /// Those that were named, from this one on.
    Named(usize),
    People,
    Over,
}
