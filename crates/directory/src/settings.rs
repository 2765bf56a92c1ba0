//! An organization's settings: named values with defaults, each of which changes something.

use std::fmt;
use std::str::FromStr;

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

/// All settings of one organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Settings {
    pub patch_response: PatchResponse,
    pub schemas: PublishedSchemas,
    pub patch_missing_target: MissingTarget,
    /// userName must be an e-mail address, and the work and primary e-mail is kept equal to it.
    pub user_name_is_email: bool,
}

/// A setting or a value of it that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    #[error("unknown setting {key:?}; known are: {}", names())]
    Unknown { key: String },
    #[error("{key} cannot be {value:?}; it is one of: {allowed}")]
    Value {
        key: &'static str,
        value: String,
        allowed: &'static str,
    },
}

/// One setting: its name, its values, and how it is read from and written to [`Settings`].
struct Setting {
    key: &'static str,
    values: &'static str,
    get: fn(&Settings) -> &'static str,
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
choice!(MissingTarget { "create" => Create, "error" => Error });

const SETTINGS: [Setting; 4] = [
    Setting {
        key: "scim.patch_response",
        values: PatchResponse::NAMES,
        get: |settings| settings.patch_response.name(),
        set: |settings, text| PatchResponse::find(text).map(|value| settings.patch_response = value),
    },
    Setting {
        key: "scim.schemas",
        values: PublishedSchemas::NAMES,
        get: |settings| settings.schemas.name(),
        set: |settings, text| PublishedSchemas::find(text).map(|value| settings.schemas = value),
    },
    Setting {
        key: "scim.patch_missing_target",
        values: MissingTarget::NAMES,
        get: |settings| settings.patch_missing_target.name(),
        set: |settings, text| MissingTarget::find(text).map(|value| settings.patch_missing_target = value),
    },
    Setting {
        key: "users.user_name_is_email",
        values: "true, false",
        get: |settings| {
            if settings.user_name_is_email {
                "true"
            } else {
                "false"
            }
        },
        set: |settings, text| {
            bool::from_str(text)
                .ok()
                .map(|value| settings.user_name_is_email = value)
        },
    },
];

fn names() -> impl fmt::Display {
    SETTINGS.map(|setting| setting.key).join(", ")
}

impl Settings {
    /// Every setting's name and present value.
    pub fn list(&self) -> impl Iterator<Item = (&'static str, &'static str)> + '_ {
        SETTINGS.iter().map(|setting| (setting.key, (setting.get)(self)))
    }

    /// Every setting's name with all that it can be.
    pub fn known() -> impl Iterator<Item = (&'static str, impl Iterator<Item = &'static str>)> {
        SETTINGS
            .iter()
            .map(|setting| (setting.key, setting.values.split(", ")))
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
        Settings {
            user_name_is_email: self == Self::Webex,
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
            for value in setting.values.split(", ") {
                let mut settings = Settings::default();
                settings.set(setting.key, value).expect("a listed value");
                assert!(settings.list().any(|row| row == (setting.key, value)));
            }
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
            "scim.patch_response cannot be \"maybe\"; it is one of: auto, body, none"
        );
    }
}
