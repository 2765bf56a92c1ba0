//! Plans as things: kept, shown person by person with the very requests, approved or discarded, carried out exactly as
//! they were approved.
//!
//! * `save` makes one on request; `decide` approves and discards.
//! * `item` makes an item of a person's plan and tells whether an approved one still fits.
//! * The engine carries approved items out (`engine::mandate`).

mod decide;
mod gather;
pub(crate) mod item;
mod save;
mod view;

pub(crate) use gather::{Gathered, Gatherer};
pub use store::plan_items::{Filter as PlanItemFilter, State as PlanItemState};
pub use store::plans::State as PlanState;
pub use view::{ItemStates, KeptItem, KeptPlan, Origin};

/// Plans that are over and are kept, for each app.
const KEPT: u32 = 20;
