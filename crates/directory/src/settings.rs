//! An organization's settings: named values with defaults, each of which changes something.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use crate::setting_values::{Days, Lifetime, Values};

/// What a PATCH is answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PatchResponse {
    /// Users with 200 and the resource, groups with 204: what most clients want.
    #[default]
    Auto,
    /// 200 and the resource.
    Body,
    /// 204.
    None,
}

/// Which attributes `/Schemas` tells about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PublishedSchemas {
    #[default]
    Full,
    /// Without `password` and `emails.display`, which Entra ID's "Test schema" refuses.
    Entra,
}

/// What PATCH does with `x[type eq "work"].y` where there is no such element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MissingTarget {
    /// Makes it, as Entra ID expects.
    #[default]
    Create,
    /// 400 `noTarget` (RFC 7644 §3.5.2.3).
    Error,
}

/// Of whom a second factor is demanded at sign-in, beside the password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SecondFactor {
    /// Of nobody: whoever has one shows it.
    #[default]
    Optional,
    /// Of whoever has an administrator's role.
    Administrators,
    All,
}

/// Which licence templates hold for somebody in a group that has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LicencePrecedence {
    /// Those of the groups, in place of the organization's.
    #[default]
    Group,
    /// Those of the groups, and the organization's.
    Both,
}

/// What becomes of licences that came by a group's template when somebody leaves the group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LeavingGroup {
    #[default]
    TakeAway,
    Keep,
}

/// By which one way people come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PeopleSource {
    /// By any.
    #[default]
    None,
    /// What comes in over SCIM is changed there.
    Scim,
    /// A directory connector brings people; SCIM changes nobody.
    Connector,
}

/// Who is invited without anybody asking for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Invite {
    #[default]
    None,
    /// Whoever comes in by another door than SCIM.
    ExceptScim,
    All,
}

/// All settings of one organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    pub patch_response: PatchResponse,
    pub schemas: PublishedSchemas,
    pub patch_missing_target: MissingTarget,
    /// userName must be an e-mail address, and the work and primary e-mail is kept equal to it.
    pub user_name_is_email: bool,
    pub source: PeopleSource,
    pub invite: Invite,
    /// After how long people who are inactive are removed.
    pub remove_inactive_after: Days,
    /// The public client of the Webex guides may be used to get tokens.
    pub guide_client: bool,
    pub second_factor: SecondFactor,
    /// How long a token lives that somebody has got by signing in.
    pub token_lifetime: Lifetime,
    /// How long an access token lives that an OAuth client gets, in minutes.
    pub access_token_minutes: u32,
    /// How long a refresh token lives that nobody uses, in days.
    pub refresh_token_days: u32,
    /// How long somebody stays signed in at most, in hours.
    pub session_hours: u32,
    /// How long somebody stays signed in who does nothing, in minutes.
    pub idle_minutes: u32,
    pub licence_precedence: LicencePrecedence,
    pub leaving_group: LeavingGroup,
    /// How long the provisioning log is kept.
    pub log_retention: Days,
    /// How long the event trail is kept.
    pub events_retention: Days,
    /// How long it is remembered who a deleted person or group was.
    pub tombstones_retention: Days,
    /// How long it is kept how sign-ins by SAML went.
    pub traces_retention: Days,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            patch_response: PatchResponse::default(),
            schemas: PublishedSchemas::default(),
            patch_missing_target: MissingTarget::default(),
            user_name_is_email: false,
            source: PeopleSource::default(),
            invite: Invite::default(),
            remove_inactive_after: Days(0),
            guide_client: false,
            second_factor: SecondFactor::default(),
            token_lifetime: Lifetime(365),
            access_token_minutes: 14 * 24 * 60,
            refresh_token_days: 90,
            session_hours: 12,
            idle_minutes: 60,
            licence_precedence: LicencePrecedence::default(),
            leaving_group: LeavingGroup::default(),
            log_retention: Days(90),
            events_retention: Days(90),
            tombstones_retention: Days(30),
            traces_retention: Days(14),
        }
    }
}

/// A setting or a value of it that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    #[error("unknown setting {key:?}; known are: {}", names())]
    Unknown { key: String },
    #[error("{key} cannot be {value:?}; it can be: {allowed}")]
    Value {
        key: &'static str,
        value: String,
        allowed: Values,
    },
}

/// One setting: its name, its values, and how it is read from and written to [`Settings`].
struct Setting {
    key: &'static str,
    values: Values,
    get: fn(&Settings) -> Cow<'static, str>,
    set: fn(&mut Settings, &str) -> Option<()>,
}

macro_rules! choice {
    ($type:ident { $($name:literal => $variant:ident),+ }) => {
        impl $type {
            const NAMES: &'static str = choice!(@join $($name)+);

            const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            fn find(text: &str) -> Option<Self> {
                match text { $($name => Some(Self::$variant),)+ _ => None }
            }
        }
    };
    (@join $first:literal $($rest:literal)*) => { concat!($first $(, ", ", $rest)*) };
}

choice!(PatchResponse { "auto" => Auto, "body" => Body, "none" => None });
choice!(PublishedSchemas { "full" => Full, "entra" => Entra });
choice!(SecondFactor { "optional" => Optional, "administrators" => Administrators, "all" => All });
choice!(PeopleSource { "none" => None, "scim" => Scim, "connector" => Connector });
choice!(Invite { "none" => None, "except_scim" => ExceptScim, "all" => All });
choice!(MissingTarget { "create" => Create, "error" => Error });
choice!(LicencePrecedence { "group" => Group, "both" => Both });
choice!(LeavingGroup { "take_away" => TakeAway, "keep" => Keep });

/// From five minutes to a year.
const ACCESS_TOKEN: Values = Values::minutes(5, 365 * 24 * 60);
/// No consent lasts longer than a year.
const REFRESH_TOKEN: Values = Values::days(1, 365);
/// NIST SP 800-63B, AAL1: thirty days.
const SESSION: Values = Values::hours(1, 30 * 24);
const IDLE: Values = Values::minutes(5, 30 * 24 * 60);

const SETTINGS: [Setting; 20] = [
    Setting {
        key: "scim.patch_response",
        values: Values::OneOf(PatchResponse::NAMES),
        get: |settings| settings.patch_response.name().into(),
        set: |settings, text| PatchResponse::find(text).map(|value| settings.patch_response = value),
    },
    Setting {
        key: "scim.schemas",
        values: Values::OneOf(PublishedSchemas::NAMES),
        get: |settings| settings.schemas.name().into(),
        set: |settings, text| PublishedSchemas::find(text).map(|value| settings.schemas = value),
    },
    Setting {
        key: "scim.patch_missing_target",
        values: Values::OneOf(MissingTarget::NAMES),
        get: |settings| settings.patch_missing_target.name().into(),
        set: |settings, text| MissingTarget::find(text).map(|value| settings.patch_missing_target = value),
    },
    Setting {
        key: "users.user_name_is_email",
        values: Values::OneOf("true, false"),
        get: |settings| settings.user_name_is_email.to_string().into(),
        set: |settings, text| {
            bool::from_str(text)
                .ok()
                .map(|value| settings.user_name_is_email = value)
        },
    },
    Setting {
        key: "users.source",
        values: Values::OneOf(PeopleSource::NAMES),
        get: |settings| settings.source.name().into(),
        set: |settings, text| PeopleSource::find(text).map(|value| settings.source = value),
    },
    Setting {
        key: "users.invite",
        values: Values::OneOf(Invite::NAMES),
        get: |settings| settings.invite.name().into(),
        set: |settings, text| Invite::find(text).map(|value| settings.invite = value),
    },
    Setting {
        key: "users.remove_inactive_after_days",
        values: Values::Delay,
        get: |settings| settings.remove_inactive_after.0.to_string().into(),
        set: |settings, text| Days::read(text).map(|days| settings.remove_inactive_after = days),
    },
    Setting {
        key: "sign_in.second_factor",
        values: Values::OneOf(SecondFactor::NAMES),
        get: |settings| settings.second_factor.name().into(),
        set: |settings, text| SecondFactor::find(text).map(|value| settings.second_factor = value),
    },
    Setting {
        key: "sign_in.session_hours",
        values: SESSION,
        get: |settings| settings.session_hours.to_string().into(),
        set: |settings, text| SESSION.number(text).map(|number| settings.session_hours = number),
    },
    Setting {
        key: "sign_in.idle_minutes",
        values: IDLE,
        get: |settings| settings.idle_minutes.to_string().into(),
        set: |settings, text| IDLE.number(text).map(|number| settings.idle_minutes = number),
    },
    Setting {
        key: "oauth.guide_client",
        values: Values::OneOf("true, false"),
        get: |settings| settings.guide_client.to_string().into(),
        set: |settings, text| {
            bool::from_str(text)
                .ok()
                .map(|value| settings.guide_client = value)
        },
    },
    Setting {
        key: "oauth.token_days",
        values: Values::Lifetime,
        get: |settings| settings.token_lifetime.0.to_string().into(),
        set: |settings, text| Lifetime::read(text).map(|days| settings.token_lifetime = days),
    },
    Setting {
        key: "oauth.access_token_minutes",
        values: ACCESS_TOKEN,
        get: |settings| settings.access_token_minutes.to_string().into(),
        set: |settings, text| {
            ACCESS_TOKEN
                .number(text)
                .map(|number| settings.access_token_minutes = number)
        },
    },
    Setting {
        key: "oauth.refresh_token_days",
        values: REFRESH_TOKEN,
        get: |settings| settings.refresh_token_days.to_string().into(),
        set: |settings, text| {
            REFRESH_TOKEN
                .number(text)
                .map(|number| settings.refresh_token_days = number)
        },
    },
    Setting {
        key: "licences.precedence",
        values: Values::OneOf(LicencePrecedence::NAMES),
        get: |settings| settings.licence_precedence.name().into(),
        set: |settings, text| LicencePrecedence::find(text).map(|value| settings.licence_precedence = value),
    },
    Setting {
        key: "licences.leaving_group",
        values: Values::OneOf(LeavingGroup::NAMES),
        get: |settings| settings.leaving_group.name().into(),
        set: |settings, text| LeavingGroup::find(text).map(|value| settings.leaving_group = value),
    },
    Setting {
        key: "log.retention_days",
        values: Values::Days,
        get: |settings| settings.log_retention.0.to_string().into(),
        set: |settings, text| Days::read(text).map(|days| settings.log_retention = days),
    },
    Setting {
        key: "events.retention_days",
        values: Values::Days,
        get: |settings| settings.events_retention.0.to_string().into(),
        set: |settings, text| Days::read(text).map(|days| settings.events_retention = days),
    },
    Setting {
        key: "tombstones.retention_days",
        values: Values::Days,
        get: |settings| settings.tombstones_retention.0.to_string().into(),
        set: |settings, text| Days::read(text).map(|days| settings.tombstones_retention = days),
    },
    Setting {
        key: "saml.traces_retention_days",
        values: Values::Days,
        get: |settings| settings.traces_retention.0.to_string().into(),
        set: |settings, text| Days::read(text).map(|days| settings.traces_retention = days),
    },
];

fn names() -> impl fmt::Display {
    SETTINGS.map(|setting| setting.key).join(", ")
}

impl Settings {
    /// Every setting's name and present value.
    pub fn list(&self) -> impl Iterator<Item = (&'static str, Cow<'static, str>)> + '_ {
        SETTINGS.iter().map(|setting| (setting.key, (setting.get)(self)))
    }

    /// Every setting's name with all that it can be.
    pub fn known() -> impl Iterator<Item = (&'static str, Values)> {
        SETTINGS.iter().map(|setting| (setting.key, setting.values))
    }

    /// Changes one setting.
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), SettingError> {
        let Some(setting) = SETTINGS.iter().find(|setting| setting.key == key) else {
            return Err(SettingError::Unknown { key: key.to_owned() });
        };
        (setting.set)(self, value).ok_or_else(|| SettingError::Value {
            key: setting.key,
            value: value.to_owned(),
            allowed: setting.values,
        })
    }
}

/// What a new organization starts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Preset {
    /// userName is free.
    #[default]
    Plain,
    /// As in Webex: userName is the e-mail address.
    Webex,
}

impl Preset {
    pub fn settings(self) -> Settings {
        let invite = match self {
            Self::Plain => Invite::None,
            Self::Webex => Invite::ExceptScim,
        };
        Settings {
            invite,
            user_name_is_email: self == Self::Webex,
            guide_client: self == Self::Webex,
            remove_inactive_after: match self {
                Self::Plain => Days(0),
                Self::Webex => Days(30),
            },
            ..Settings::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_takes_each_of_its_values() {
        for setting in &SETTINGS {
            let values = match setting.values {
                Values::Days | Values::Delay => "0, 1, 3650".to_owned(),
                Values::Lifetime => "1, 3650".to_owned(),
                Values::Span { least, most, .. } => format!("{least}, {most}"),
                Values::OneOf(names) => names.to_owned(),
            };
            for value in values.split(", ") {
                let mut settings = Settings::default();
                settings.set(setting.key, value).expect("a listed value");
                assert!(settings.list().any(|row| row == (setting.key, value.into())));
            }
            if let Values::Span { least, most, .. } = setting.values {
                for beyond in [least - 1, most + 1] {
                    let set = Settings::default().set(setting.key, &beyond.to_string());
                    set.expect_err("beyond the bounds");
                }
            }
            let wrong = Settings::default()
                .set(setting.key, "-1")
                .expect_err("no value of any");
            assert!(
                wrong.to_string().ends_with(&setting.values.to_string()),
                "{wrong}"
            );
        }
    }

    #[test]
    fn what_does_not_exist_is_refused_with_what_does() {
        let mut settings = Settings::default();
        let unknown = settings.set("scim.colour", "red").unwrap_err().to_string();
        assert!(unknown.contains("scim.patch_response"), "{unknown}");
        let value = settings
            .set("scim.patch_response", "maybe")
            .unwrap_err()
            .to_string();
        assert_eq!(
            value,
            "scim.patch_response cannot be \"maybe\"; it can be: auto, body, none"
        );
    }
}
