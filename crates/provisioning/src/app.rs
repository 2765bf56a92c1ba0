//! An app, as admins see it and as they describe it.

use base::{AppId, Secret, Timestamp};
use mapping::WhenEmpty;
use mapping::scope::ScopingFilter;
use serde::{Deserialize, Serialize};

pub use store::apps::State;

use crate::credentials::NewOAuth;
use crate::error::Error;
use crate::settings::Removal;
use crate::settings::{AppScope, Approval, Drift, GroupLeaving, GroupScope, Offer, Settings, Template};
use crate::target::WaysChange;
use crate::target_attributes::CustomAttribute;

/// An app.
#[derive(Debug, Clone, PartialEq)]
pub struct App {
    pub id: AppId,
    pub name: String,
    pub template: Template,
    pub state: State,
    /// What becomes of the accounts and groups of an app that is being removed.
    pub removal: Option<Removal>,
    pub settings: Settings,
    pub has_token: bool,
    pub token_expires: Option<Timestamp>,
    /// Whether a first cycle was begun; before that nothing is sent.
    pub started: bool,
    pub version: i64,
    pub created: Timestamp,
    pub modified: Timestamp,
}

/// Whether a new app begins to work at once (when it is first synchronized) or waits to be resumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Activate {
    #[default]
    Now,
    Later,
}

/// What an app is made from.
#[derive(Debug, Clone)]
pub struct NewApp {
    pub template: Template,
    /// The template's title if left out.
    pub name: Option<String>,
    /// Needed unless the template makes it from the organization ID.
    pub base_url: Option<String>,
    /// The organization's ID at the target.
    pub org_id: Option<String>,
    pub offer: Offer,
    pub token: Option<Secret>,
    pub token_expires: Option<Timestamp>,
    /// In place of a token.
    pub oauth: Option<NewOAuth>,
    /// The template's own if left out.
    pub preset: Option<String>,
    /// Overrides what the preset does with empty sources, in every row.
    pub when_empty: Option<WhenEmpty>,
    pub activate: Activate,
    pub change: SettingsChange,
}

impl NewApp {
    pub fn new(template: Template) -> Self {
        Self {
            template,
            name: None,
            base_url: None,
            org_id: None,
            offer: Offer::default(),
            token: None,
            token_expires: None,
            oauth: None,
            preset: None,
            when_empty: None,
            activate: Activate::default(),
            change: SettingsChange::default(),
        }
    }
}

/// What is to be changed of an app.
#[derive(Debug, Clone, Default)]
pub struct AppChange {
    pub name: Option<String>,
    pub settings: SettingsChange,
    pub token: Option<Secret>,
    pub token_expires: Option<Timestamp>,
    /// In place of a token.
    pub oauth: Option<NewOAuth>,
}

impl AppChange {
    /// Whether there are other credentials from now on.
    pub(crate) fn has_credentials(&self) -> bool {
        self.token.is_some() || self.oauth.is_some()
    }
}

/// Settings that are to be changed; what is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SettingsChange {
    pub base_url: Option<String>,
    pub scope: Option<AppScope>,
    pub filter: Option<ScopingFilter>,
    pub groups: Option<GroupScope>,
    pub groups_out_of_scope: Option<GroupLeaving>,
    pub custom_attributes: Option<Vec<CustomAttribute>>,
    pub default_domain: Option<String>,
    pub create: Option<bool>,
    pub update: Option<bool>,
    pub deactivate: Option<bool>,
    pub delete: Option<bool>,
    pub concurrency: Option<u32>,
    pub concurrency_least: Option<u32>,
    pub rate: Option<u32>,
    pub rate_least: Option<u32>,
    pub request_timeout_seconds: Option<u32>,
    pub in_doubt_seconds: Option<u32>,
    pub retry_first_seconds: Option<u32>,
    pub retry_longest_seconds: Option<u32>,
    pub plan_days: Option<u32>,
    pub approval: Option<Approval>,
    pub threshold_count: Option<u32>,
    pub threshold_percent: Option<u32>,
    pub threshold_minutes: Option<u32>,
    pub quarantine_failures: Option<u32>,
    pub quarantine_percent: Option<u32>,
    pub drift: Option<Drift>,
    pub drift_hours: Option<u32>,
    pub notification_email: Option<String>,
    pub notify: Option<bool>,
    pub ways: WaysChange,
    pub token_expiry_url: Option<String>,
}

impl SettingsChange {
    pub(crate) fn apply(&self, settings: &mut Settings) {
        fn set<T: Clone>(place: &mut T, value: Option<&T>) {
            if let Some(value) = value {
                *place = value.clone();
            }
        }
        set(&mut settings.base_url, self.base_url.as_ref());
        set(&mut settings.scope, self.scope.as_ref());
        set(&mut settings.filter, self.filter.as_ref());
        set(&mut settings.groups, self.groups.as_ref());
        set(
            &mut settings.groups_out_of_scope,
            self.groups_out_of_scope.as_ref(),
        );
        set(&mut settings.custom_attributes, self.custom_attributes.as_ref());
        set(&mut settings.default_domain, self.default_domain.as_ref());
        set(&mut settings.switches.create, self.create.as_ref());
        set(&mut settings.switches.update, self.update.as_ref());
        set(&mut settings.switches.deactivate, self.deactivate.as_ref());
        set(&mut settings.switches.delete, self.delete.as_ref());
        set(&mut settings.concurrency, self.concurrency.as_ref());
        set(&mut settings.concurrency_least, self.concurrency_least.as_ref());
        set(&mut settings.rate, self.rate.as_ref());
        set(&mut settings.rate_least, self.rate_least.as_ref());
        set(
            &mut settings.request_timeout_seconds,
            self.request_timeout_seconds.as_ref(),
        );
        set(&mut settings.in_doubt_seconds, self.in_doubt_seconds.as_ref());
        set(
            &mut settings.retry_first_seconds,
            self.retry_first_seconds.as_ref(),
        );
        set(
            &mut settings.retry_longest_seconds,
            self.retry_longest_seconds.as_ref(),
        );
        set(&mut settings.plan_days, self.plan_days.as_ref());
        set(&mut settings.approval, self.approval.as_ref());
        set(&mut settings.threshold_count, self.threshold_count.as_ref());
        set(&mut settings.threshold_percent, self.threshold_percent.as_ref());
        set(&mut settings.threshold_minutes, self.threshold_minutes.as_ref());
        set(
            &mut settings.quarantine_failures,
            self.quarantine_failures.as_ref(),
        );
        set(&mut settings.quarantine_percent, self.quarantine_percent.as_ref());
        set(&mut settings.drift, self.drift.as_ref());
        set(&mut settings.drift_hours, self.drift_hours.as_ref());
        set(&mut settings.notification_email, self.notification_email.as_ref());
        set(&mut settings.notify, self.notify.as_ref());
        self.ways.apply(&mut settings.ways);
        set(&mut settings.token_expiry_url, self.token_expiry_url.as_ref());
    }
}

impl App {
    pub(crate) fn refuse_unless_active(&self) -> Result<(), Error> {
        match self.state {
            State::Active => Ok(()),
            State::Removing => Err(Error::Removing),
            state @ (State::Paused | State::Inactive | State::Disabled) => Err(Error::Paused { state }),
        }
    }

    pub(crate) fn read(row: &store::apps::App) -> Result<Self, Error> {
        Ok(Self {
            id: row.id,
            name: row.name.clone(),
            template: row
                .template
                .parse()
                .map_err(|()| store::Error::internal(format!("unknown app template {:?}", row.template)))?,
            state: row.state,
            removal: row.removal.as_deref().and_then(Removal::read),
            settings: serde_json::from_str(&row.settings)
                .map_err(|error| Error::damaged("setting", &error))?,
            has_token: row.credentials.is_some(),
            token_expires: row.credentials_expire,
            started: row.watermark.is_some(),
            version: row.version,
            created: row.created,
            modified: row.modified,
        })
    }
}
