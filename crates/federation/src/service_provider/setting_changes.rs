//! Changing settings: all of a kind alike, by the names that they are stored under.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::settings::{OrganizationSettings, ProviderSettings, WrongSetting};

/// What can be stored as settings.
pub trait Stored: Serialize + DeserializeOwned + Default {
    fn check_all(&self) -> Result<(), WrongSetting>;
}

impl Stored for OrganizationSettings {
    fn check_all(&self) -> Result<(), WrongSetting> {
        self.check()
    }
}

impl Stored for ProviderSettings {
    fn check_all(&self) -> Result<(), WrongSetting> {
        self.check()
    }
}

/// The settings with these changes: a field that is null is what it is without having been set.
pub fn changed<S: Stored>(settings: &S, changes: &Map<String, Value>) -> Result<S, WrongSetting> {
    let mut all = to_map(settings);
    let usual = to_map(&S::default());
    for (field, value) in changes {
        let Some(default) = usual.get(field) else {
            let known = usual.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            return Err(WrongSetting::new(
                field,
                format!("there is no such setting; known are: {known}"),
            ));
        };
        let value = if value.is_null() {
            default.clone()
        } else {
            value.clone()
        };
        let alone = Map::from_iter([(field.clone(), value.clone())]);
        serde_json::from_value::<S>(Value::Object(alone))
            .map_err(|error| WrongSetting::new(field, error.to_string()))?;
        all.insert(field.clone(), value);
    }
    let settings: S = serde_json::from_value(Value::Object(all))
        .map_err(|error| WrongSetting::new("settings", error.to_string()))?;
    settings.check_all()?;
    Ok(settings)
}

/// As they are stored and shown.
pub fn to_map<S: Serialize>(settings: &S) -> Map<String, Value> {
    match serde_json::to_value(settings) {
        Ok(Value::Object(map)) => map,
        _ => Map::new(),
    }
}
