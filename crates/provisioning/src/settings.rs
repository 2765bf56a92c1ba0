//! What can be set on an app.

pub(crate) mod choices;
pub(crate) mod error;

use std::time::Duration;

use mapping::scope::{CheckedFilter, FilterError, ScopingFilter};
use serde::{Deserialize, Serialize};

pub use mapping::preset::Switches;

pub use self::choices::{
    AccountFate, AppScope, Approval, Drift, GroupFate, GroupLeaving, GroupScope, Offer, Removal, Template,
};
pub use self::error::SettingsError;

use crate::credentials::{self, OAuthSettings};
use crate::target::{Bounds, WaySettings};
use crate::target_attributes::CustomAttribute;

/// The settings of an app. Everything has a default but the base URL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub base_url: String,
    /// The mapping preset that the app began with.
    pub preset: String,
    #[serde(default)]
    pub scope: AppScope,
    /// Who of those in scope is let in.
    #[serde(default, skip_serializing_if = "ScopingFilter::is_empty")]
    pub filter: ScopingFilter,
    #[serde(default)]
    pub groups: GroupScope,
    #[serde(default)]
    pub groups_out_of_scope: GroupLeaving,
    /// Attributes that the target has beside those of its schemas.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub custom_attributes: Vec<CustomAttribute>,
    /// What `DefaultDomain()` gives; empty: nobody has said.
    #[serde(default)]
    pub default_domain: String,
    pub switches: Switches,
    /// People worked on at the same time.
    #[serde(default = "defaults::concurrency")]
    pub concurrency: u32,
    /// As few as that at a time, when the target bears no more.
    #[serde(default = "defaults::concurrency_least")]
    pub concurrency_least: u32,
    /// Requests a second, at most; nought: as many as it bears.
    #[serde(default)]
    pub rate: u32,
    /// As few as that a second, when the target bears no more.
    #[serde(default = "defaults::rate_least")]
    pub rate_least: u32,
    #[serde(default = "defaults::request_timeout_seconds")]
    pub request_timeout_seconds: u32,
    /// How late a target may still carry out, or show, a create whose answer never came.
    #[serde(default = "defaults::in_doubt_seconds")]
    pub in_doubt_seconds: u32,
    /// The first wait after a failure; it doubles from there.
    #[serde(default = "defaults::retry_first_seconds")]
    pub retry_first_seconds: u32,
    /// The longest wait after a failure.
    #[serde(default = "defaults::retry_longest_seconds")]
    pub retry_longest_seconds: u32,
    /// How long a kept plan can be approved, and after that be carried out.
    #[serde(default = "defaults::plan_days")]
    pub plan_days: u32,
    #[serde(default)]
    pub approval: Approval,
    /// So many accounts may go (be disabled or deleted) without anybody being asked;
    #[serde(default = "defaults::threshold_count")]
    pub threshold_count: u32,
    /// or so many of a hundred that are linked, if that is more;
    #[serde(default = "defaults::threshold_percent")]
    pub threshold_percent: u32,
    /// those that went in the time just before counting too.
    #[serde(default = "defaults::threshold_minutes")]
    pub threshold_minutes: u32,
    /// So many people who fail, at least, put the app into quarantine; nought: however many fail, they do not;
    #[serde(default = "defaults::quarantine_failures")]
    pub quarantine_failures: u32,
    /// if they are more than so many of a hundred.
    #[serde(default = "defaults::quarantine_percent")]
    pub quarantine_percent: u32,
    /// Whether all accounts are listed and compared now and then.
    #[serde(default)]
    pub drift: Drift,
    /// How often.
    #[serde(default = "defaults::drift_hours")]
    pub drift_hours: u32,
    /// Who is told by mail of what needs a person; empty: nobody.
    #[serde(default)]
    pub notification_email: String,
    /// Whether they are told.
    #[serde(default)]
    pub notify: bool,
    /// How the target is spoken to, where it is not to be found out.
    #[serde(default)]
    pub ways: WaySettings,
    /// Where and as whom access tokens are asked for; `None`: a token was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oauth: Option<OAuthSettings>,
    /// Where the target says when its token expires; empty: Webex's own address at Webex, else nowhere.
    #[serde(default)]
    pub token_expiry_url: String,
}

mod defaults {
    pub(super) fn concurrency() -> u32 {
        8
    }
    pub(super) fn concurrency_least() -> u32 {
        1
    }
    pub(super) fn rate_least() -> u32 {
        1
    }
    pub(super) fn request_timeout_seconds() -> u32 {
        30
    }
    pub(super) fn in_doubt_seconds() -> u32 {
        30
    }
    pub(super) fn retry_first_seconds() -> u32 {
        1
    }
    pub(super) fn retry_longest_seconds() -> u32 {
        3600
    }
    pub(super) fn plan_days() -> u32 {
        7
    }
    pub(super) fn threshold_count() -> u32 {
        20
    }
    pub(super) fn threshold_percent() -> u32 {
        10
    }
    pub(super) fn threshold_minutes() -> u32 {
        60
    }
    pub(super) fn quarantine_failures() -> u32 {
        10
    }
    pub(super) fn quarantine_percent() -> u32 {
        40
    }
    pub(super) fn drift_hours() -> u32 {
        24
    }
}

impl Settings {
    /// The defaults of everything else.
    pub fn new(base_url: impl Into<String>, preset: impl Into<String>, switches: Switches) -> Self {
        Self {
            base_url: base_url.into(),
            preset: preset.into(),
            scope: AppScope::default(),
            filter: ScopingFilter::default(),
            groups: GroupScope::default(),
            groups_out_of_scope: GroupLeaving::default(),
            custom_attributes: Vec::new(),
            default_domain: String::new(),
            switches,
            concurrency: defaults::concurrency(),
            concurrency_least: defaults::concurrency_least(),
            rate: 0,
            rate_least: defaults::rate_least(),
            request_timeout_seconds: defaults::request_timeout_seconds(),
            in_doubt_seconds: defaults::in_doubt_seconds(),
            retry_first_seconds: defaults::retry_first_seconds(),
            retry_longest_seconds: defaults::retry_longest_seconds(),
            plan_days: defaults::plan_days(),
            approval: Approval::default(),
            threshold_count: defaults::threshold_count(),
            threshold_percent: defaults::threshold_percent(),
            threshold_minutes: defaults::threshold_minutes(),
            quarantine_failures: defaults::quarantine_failures(),
            quarantine_percent: defaults::quarantine_percent(),
            drift: Drift::default(),
            drift_hours: defaults::drift_hours(),
            notification_email: String::new(),
            notify: false,
            ways: WaySettings::default(),
            oauth: None,
            token_expiry_url: String::new(),
        }
    }

    pub fn check(&self) -> Result<(), SettingsError> {
        let bounds = [
            ("concurrency", self.concurrency, 1, 256),
            ("concurrency_least", self.concurrency_least, 1, 256),
            ("rate", self.rate, 0, 10_000),
            ("rate_least", self.rate_least, 1, 10_000),
            ("request_timeout_seconds", self.request_timeout_seconds, 1, 600),
            ("in_doubt_seconds", self.in_doubt_seconds, 0, 86_400),
            ("retry_first_seconds", self.retry_first_seconds, 1, 3_600),
            ("retry_longest_seconds", self.retry_longest_seconds, 1, 86_400),
            ("plan_days", self.plan_days, 1, 90),
            ("threshold_count", self.threshold_count, 0, 1_000_000),
            ("threshold_percent", self.threshold_percent, 0, 100),
            ("threshold_minutes", self.threshold_minutes, 1, 10_080),
            ("quarantine_failures", self.quarantine_failures, 0, 1_000_000),
            ("quarantine_percent", self.quarantine_percent, 0, 100),
            ("drift_hours", self.drift_hours, 1, 8_760),
            ("ways.bulk_operations", self.ways.bulk_operations, 1, 1_000),
            ("ways.page_size", self.ways.page_size, 0, 10_000),
        ];
        for (setting, value, least, most) in bounds {
            if !(least..=most).contains(&value) {
                let message = format!("it must lie between {least} and {most}");
                return Err(SettingsError { setting, message });
            }
        }
        if let Some(preset) = mapping::preset::find(&self.preset)
            && preset.users_only
            && self.groups != GroupScope::Off
        {
            return Err(SettingsError {
                setting: "groups",
                message: format!(
                    "the preset {} is for people only, as the vendor's integration is; restore another one first",
                    preset.name
                ),
            });
        }
        if !self.notification_email.is_empty() && !is_address(&self.notification_email) {
            return Err(SettingsError {
                setting: "notification_email",
                message: "it is no e-mail address".to_owned(),
            });
        }
        if !self.token_expiry_url.is_empty() && credentials::expiry_url(&self.token_expiry_url, "").is_none()
        {
            return Err(SettingsError {
                setting: "token_expiry_url",
                message: "it is not a URL".to_owned(),
            });
        }
        if !self.default_domain.is_empty() && !is_domain(&self.default_domain) {
            return Err(SettingsError {
                setting: "default_domain",
                message: "it is no domain name".to_owned(),
            });
        }
        let base_url = |message: String| SettingsError {
            setting: "base_url",
            message,
        };
        let url: url::Url = self
            .base_url
            .parse()
            .map_err(|error| base_url(format!("it is not a URL: {error}")))?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err(base_url(
                "it must begin with https:// (or http://) and a host".to_owned(),
            ));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(base_url("it must not hold a user name or password".to_owned()));
        }
        Ok(())
    }

    /// Who is told by mail, if anybody is.
    pub(crate) fn notified(&self) -> Option<&str> {
        (self.notify && !self.notification_email.is_empty()).then_some(&self.notification_email)
    }

    /// Whether the token is sent to another address than the target's, to ask when it expires.
    pub(crate) fn shows_token_elsewhere(&self) -> bool {
        credentials::leads_elsewhere(&self.token_expiry_url, &self.base_url)
    }

    pub(crate) fn checked_filter(&self) -> Result<CheckedFilter, FilterError> {
        CheckedFilter::check(self.filter.clone())
    }

    /// How many at a time, at least and at most.
    pub(crate) fn concurrency(&self) -> (usize, usize) {
        let number = |value: u32| usize::try_from(value).unwrap_or(1);
        (number(self.concurrency_least), number(self.concurrency))
    }

    /// Requests a second, at least and at most.
    pub(crate) fn rate_bounds(&self) -> Bounds {
        Bounds {
            least: self.rate_least.into(),
            most: (self.rate > 0).then(|| self.rate.into()),
        }
    }

    pub(crate) fn request_timeout(&self) -> Duration {
        Duration::from_secs(self.request_timeout_seconds.into())
    }

    pub(crate) fn in_doubt(&self) -> Duration {
        Duration::from_secs(self.in_doubt_seconds.into())
    }

    /// How many accounts may go without anybody being asked, when so many are linked.
    pub(crate) fn threshold(&self, linked: u64) -> u64 {
        let share = linked.saturating_mul(self.threshold_percent.into()) / 100;
        share.max(self.threshold_count.into())
    }

    /// How long an account that went counts.
    pub(crate) fn threshold_window(&self) -> Duration {
        Duration::from_mins(self.threshold_minutes.into())
    }

    /// Whether so many who fail, of so many, are too many to go on as usual.
    pub(crate) fn fails_too_much(&self, failing: u64, people: u64) -> bool {
        let least = u64::from(self.quarantine_failures);
        least > 0
            && failing >= least
            && failing.saturating_mul(100) > people.saturating_mul(self.quarantine_percent.into())
    }

    /// Whether another answer would be given to what awaits approval.
    pub(crate) fn asks_otherwise(&self, before: &Self) -> bool {
        let asks = |settings: &Self| {
            (
                settings.approval,
                settings.threshold_count,
                settings.threshold_percent,
                settings.threshold_minutes,
            )
        };
        asks(self) != asks(before)
    }

    pub(crate) fn plan_life(&self) -> Duration {
        Duration::from_hours(24 * u64::from(self.plan_days))
    }

    /// How long a person is one worker's: two requests and the writes around them.
    pub(crate) fn lease(&self) -> Duration {
        self.request_timeout() * 2 + Duration::from_secs(5)
    }
}

/// One mailbox and nothing else: what is put into a header of a mail.
fn is_address(text: &str) -> bool {
    let odd = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ',' | ';' | '"');
    text.len() <= 320
        && !text.contains(odd)
        && matches!(text.split_once('@'), Some((local, domain))
            if !local.is_empty() && !domain.is_empty() && !domain.contains('@'))
}

/// Labels of letters, digits and hyphens (RFC 1123 §2.1), those of other scripts as they are.
fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(is_label)
}

#[cfg(test)]
mod tests;
