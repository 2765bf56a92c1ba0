//! What can go wrong for whoever administers apps.

use base::{Message, SubjectId};

use crate::account::PathError;
use crate::app::State;
use crate::plans::PlanState;
use crate::settings::choices::{AccountFate, Offer, Template};
use crate::settings::error::SettingsError;
use crate::target_attributes::UnknownTarget;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no such app")]
    UnknownApp,
    #[error("there is no such entry in the log: it may be older than what is kept")]
    UnknownLogEntry,
    #[error("there is no such cycle")]
    UnknownCycle,
    #[error("there is no such job: only the latest ones are kept")]
    UnknownJob,
    #[error("an import of this app runs already: {job}")]
    ImportRuns { job: base::JobId },
    #[error("name 1 to {most} accounts, or import all")]
    ImportNames { most: usize },
    #[error("this is no place in the list of the target's accounts: begin anew")]
    Place,
    #[error("there is no such plan")]
    UnknownPlan,
    #[error("the plan has changed: look at it again, and approve its revision {revision}")]
    PlanChanged { revision: i64 },
    #[error("{}", not_open(*.state))]
    PlanNotOpen { state: PlanState },
    #[error("there is no person or group {id}")]
    UnknownSubject { id: SubjectId },
    #[error("there is no mapping preset {name:?}; there are {known}", known = presets())]
    UnknownPreset { name: String },
    #[error("another app is named {name:?} already: give this one another name")]
    NameTaken { name: String },
    #[error(
        "an app must have a name of 1 to 200 characters, none of them a control character such as a line break"
    )]
    NameMissing,
    #[error("say where the target is: its base URL, or for Webex the organization ID")]
    BaseUrlMissing,
    #[error("an organization ID has letters of ASCII, digits and - . _ ~ = only")]
    OrgId,
    #[error("the preset {preset} knows no address of the offer {}: give the base URL", .offer.as_str())]
    NoAddressForOffer { preset: String, offer: Offer },
    #[error("nobody is provisioned to an app of the template {}, so {what} has no meaning there", .template.as_str())]
    NoProvisioning { template: Template, what: &'static str },
    #[error("a role has at most 200 characters")]
    Role,
    #[error("another base URL is another target: send its token with it")]
    TokenNeeded,
    #[error("the token must not be empty")]
    TokenEmpty,
    #[error(
        "{what} must hold no control character, such as a line break, and a token nothing beyond ASCII: it may have been copied together with something else"
    )]
    SecretCharacters { what: &'static str },
    #[error("an app has either a token or OAuth credentials: send one of them")]
    TwoCredentials,
    #[error("the app is {}: {} it first", .state.as_str(), way_back(*.state))]
    Paused { state: State },
    #[error("the app has not been synchronized yet: begin with that")]
    NotStarted,
    #[error("the app is being removed: wait for its end, or remove it without its accounts")]
    Removing,
    #[error("{count} accounts would go: say so with that number")]
    WrongCount { count: u64 },
    #[error("{count} accounts and groups would stay behind: say so with that number")]
    WrongStayingCount { count: u64 },
    #[error("the app's switches do not allow to {} accounts or groups: set {}=true first, or keep them", .fate.as_str(), switch(*.fate))]
    FateSwitchedOff { fate: AccountFate },
    #[error("to remove the app and all it knows of accounts, confirm with its name, {name:?}")]
    NotConfirmed { name: String },
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error(transparent)]
    Mapping(#[from] mapping::MappingError),
    #[error(transparent)]
    Path(#[from] PathError),
    #[error(transparent)]
    UnknownSource(#[from] mapping::UnknownSource),
    #[error(transparent)]
    UnknownTarget(#[from] UnknownTarget),
    #[error("the synchronization schema: {0}")]
    SynchronizationSchema(#[from] mapping::graph::ImportError),
    #[error("no mapping goes to {target}")]
    UnknownMapping { target: String },
    #[error("the mapping: {message}")]
    Row { message: String },
    #[error("the scoping filter: {0}")]
    Filter(#[from] mapping::scope::FilterError),
    /// The target cannot even be addressed; the message says why.
    #[error("{}", crate::text(.0))]
    Target(Message),
    #[error("the app's token cannot be opened: {0}")]
    Sealed(#[from] base::SealError),
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl Error {
    /// A code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownApp => "app.unknown",
            Self::UnknownLogEntry => "log.unknown",
            Self::UnknownCycle => "cycle.unknown",
            Self::UnknownJob => "job.unknown",
            Self::ImportRuns { .. } => "import.runs",
            Self::ImportNames { .. } => "import.names",
            Self::Place => "import.place",
            Self::UnknownPlan => "plan.unknown",
            Self::PlanChanged { .. } => "plan.changed",
            Self::PlanNotOpen { .. } => "plan.not_open",
            Self::UnknownSubject { .. } => "subject.unknown",
            Self::UnknownPreset { .. } => "preset.unknown",
            Self::NameTaken { .. } => "app.name_taken",
            Self::NameMissing => "app.name_missing",
            Self::BaseUrlMissing => "app.base_url_missing",
            Self::OrgId => "app.org_id",
            Self::NoAddressForOffer { .. } => "app.no_address_for_offer",
            Self::NoProvisioning { .. } => "app.no_provisioning",
            Self::Role => "app.role",
            Self::TokenNeeded => "app.token_needed",
            Self::TokenEmpty => "app.token_empty",
            Self::SecretCharacters { .. } => "app.token_characters",
            Self::TwoCredentials => "app.two_credentials",
            Self::Paused { .. } => "app.paused",
            Self::NotStarted => "app.not_started",
            Self::Removing => "app.removing",
            Self::WrongCount { .. } | Self::WrongStayingCount { .. } => "app.wrong_count",
            Self::FateSwitchedOff { .. } => "app.switched_off",
            Self::NotConfirmed { .. } => "app.not_confirmed",
            Self::Settings(_) => "app.settings",
            Self::Mapping(error) if error.position.is_some() => "mapping.expression",
            Self::Mapping(_) | Self::Row { .. } => "mapping.invalid",
            Self::Path(_) | Self::UnknownTarget(_) => "mapping.target",
            Self::UnknownSource(_) => "mapping.source",
            Self::SynchronizationSchema(_) => "synchronization_schema.invalid",
            Self::UnknownMapping { .. } => "mapping.unknown",
            Self::Filter(_) => "filter.invalid",
            Self::Target(_) => "app.target",
            Self::Sealed(_) => "app.sealed",
            Self::Store(_) => "store",
        }
    }

    /// A stored document that does not parse: damage, not input.
    pub(crate) fn damaged(what: &str, error: &serde_json::Error) -> Self {
        Self::Store(store::Error::internal(format!(
            "a stored {what} cannot be read: {error}"
        )))
    }
}

fn not_open(state: PlanState) -> &'static str {
    match state {
        PlanState::Draft => "the plan is still being put together: wait until it awaits approval",
        PlanState::AwaitingApproval => "the plan awaits approval",
        PlanState::Approved | PlanState::Applying | PlanState::Applied => "the plan was approved already",
        PlanState::Discarded => "the plan was discarded",
        PlanState::Expired => "the plan has expired: make another one",
        PlanState::Stale => "what the plan showed is no longer so: make another one",
    }
}

fn switch(fate: AccountFate) -> &'static str {
    match fate {
        AccountFate::Disable => "deactivate",
        AccountFate::Delete => "delete",
    }
}

/// The command that makes such an app active again.
fn way_back(state: State) -> &'static str {
    match state {
        State::Inactive => "activate",
        State::Active | State::Paused | State::Disabled | State::Removing => "resume",
    }
}

fn presets() -> String {
    let names: Vec<_> = mapping::preset::all()
        .iter()
        .map(|preset| preset.name.as_str())
        .collect();
    names.join(", ")
}
