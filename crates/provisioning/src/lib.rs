//! Keeps the accounts of applications in step with a directory.
//!
//! * [`Provisioning`] is what admins reach: apps, mappings, assignments, plans, cycles, the log.
//! * [`plan`] decides, and is pure; [`desired`] and [`account`] are what it decides on.
//! * [`target`] is the SCIM client; [`Engine`] carries plans out, driven by the change feed.

pub mod account;
mod account_events;
mod accounts;
mod announcements;
mod app;
mod apps;
mod asked;
mod assignments;
mod attempts;
mod connection;
mod credentials;
mod cycles;
pub mod desired;
mod engine;
mod error;
mod events;
mod explanation;
mod group_table;
mod import;
mod log;
mod mapping_table;
mod on_demand;
mod person_preview;
pub mod plan;
mod plans;
mod preview;
mod proposal;
mod provisioning;
mod reconcile;
mod removal;
mod retry;
mod scope_reasons;
pub mod settings;
mod status;
mod surroundings;
mod synchronization_schema;
pub mod target;
mod target_attributes;
mod text;
mod token_expiry;
mod warnings;
mod ways;

pub use accounts::AccountView;
pub use app::{Activate, App, AppChange, NewApp, SettingsChange, State};
pub use assignments::{Assignee, AssignmentView, Subject, SubjectKind};
pub use attempts::Tried;
pub use credentials::{ClientAuth, Grant, NewOAuth, OAuthSettings};
pub use cycles::{Counts, CycleKind, CycleView, Sync};
pub use engine::{Engine, Peers};
pub use error::Error;
pub use explanation::{Explanation, Found, MappedValue, SourceRead};
pub use import::{
    AccountFilter, AccountsPage, Chosen, ImportCounts, ImportItem, ImportRequest, ImportState, ImportView,
    LARGE as LARGE_IMPORT, ListedAccount, Newcomer, Newcomers, Standing,
};
pub use log::{LogEntry, LogFilter, LogOrder, LogStatus};
pub use mapping_table::{MappingEdit, check_filter};
pub use on_demand::{OnDemand, OnDemandResult};
pub use person_preview::{AttributePreview, PersonPreview, Sending};
pub use plans::{ItemStates, KeptItem, KeptPlan, Origin, PlanItemFilter, PlanItemState, PlanState};
pub use preview::{AppPlan, PlanCounts, PlanItem, PlanItems, PlannedRequest};
pub use proposal::Proposal;
pub use provisioning::Provisioning;
pub use reconcile::{
    DriftCounts, DriftItem, DriftKind, DriftView, GroupDrift, Reconcile, ReconciliationView,
};
pub use removal::AccountCounts;
pub use retry::Retried;
pub use scope_reasons::{ScopeReasons, Way};
pub use settings::{
    AccountFate, AppScope, Approval, Drift, GroupFate, GroupLeaving, GroupScope, Offer, Removal, Settings,
    SettingsError, Switches, Template,
};
pub use status::{Concurrency, Failing, Hold, Quarantine, Rate, RefusedMember, Status, SubjectRef};
pub use store::jobs::State as JobState;
pub use synchronization_schema::{Brought, Run, Unfit};
pub use target::{
    Filters, MissingElement, Origin as WayOrigin, Switch as WaySwitch, Update as WayUpdate, WaySettings,
    WayView, WaysChange,
};
pub use target_attributes::{CustomAttribute, CustomKind, TargetAttribute};
pub use text::text;
pub use warnings::MailService;
