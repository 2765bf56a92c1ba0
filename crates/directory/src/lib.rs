//! The rules on organizations, people and groups: what may change, and what follows.
//!
//! Whichever door a change comes in by, it comes through here, and is written in one transaction with its entry in the
//! change feed and its event. Versions are compared inside that transaction; parsing and PATCH happen before it.

mod change;
mod choosing;
pub mod domains;
mod error;
mod events;
mod groups;
pub mod import;
mod inactive;
mod invitations;
mod kept;
pub mod licences;
mod list;
mod mails;
mod members;
mod organizations;
mod owned;
mod pinned;
mod rendering;
mod resource;
mod resource_types;
mod retention;
mod roles;
mod rules;
mod schema_changes;
mod schemas;
mod setting_values;
mod settings;
mod states;
mod together;
mod turns;
mod unique;
mod users;

use std::sync::Arc;

use base::Ambient;
pub use change::{Change, Source};
pub use domains::DomainError;
use domains::TxtRecords;
pub use error::Error;
pub use groups::NewGroup;
use invitations::Inviter;
pub use invitations::{Invited, Mailing};
use kept::Kept;
use licences::Licensing;
pub use list::{Criteria, Following, Found, HeldRole, PAGE_BYTES, Place};
pub use mails::Mail;
pub use members::{MemberChange, member_type, subject_kind};
pub use organizations::{Admin, NewOrganization, read_settings};
pub use rendering::{Difference, document, group_document, group_source, user_source};
pub use resource::{Kind, Resource};
pub use retention::Forgotten;
pub use roles::{GivenRole, keep_rank, may_change};
pub use rules::{email, email_place, has_unseen, sign_in_address, written_sign_in_address};
pub use schemas::{MAX_SCHEMAS, NewSchema, OwnSchema, Put};
use scim::ResourceTypes;
pub use setting_values::{Days, Values};
pub use settings::{
    Invite, LeavingGroup, LicencePrecedence, MissingTarget, PatchResponse, PeopleSource, Preset,
    PublishedSchemas, SecondFactor, SettingError, Settings,
};
pub use staff_file as csv;
pub use states::{Facts, Moving, PersonState};
use store::Store;
pub use users::{Concurrency, Edited, Groups, NewUser, Terms};

/// The directory of every organization; cheap to clone.
#[derive(Clone)]
pub struct Directory {
    store: Store,
    ambient: Ambient,
    turns: turns::Turns,
    types: Kept<Arc<ResourceTypes>>,
    kept_settings: Kept<Settings>,
    kept_licensing: Kept<Arc<Licensing>>,
    /// `None`: nobody is invited.
    inviter: Option<Inviter>,
    /// `None`: no domain can be verified.
    dns: Option<Arc<dyn TxtRecords>>,
}

impl Directory {
    pub fn new(store: Store, ambient: Ambient) -> Self {
        Self {
            store,
            ambient,
            turns: turns::Turns::new(),
            types: Kept::default(),
            kept_settings: Kept::default(),
            kept_licensing: Kept::default(),
            inviter: None,
            dns: None,
        }
    }

    /// Does the database answer?
    pub async fn ready(&self) -> Result<(), Error> {
        self.store.data_version().await?;
        Ok(())
    }
}
