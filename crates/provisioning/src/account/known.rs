//! What is known of an account at the places that the mappings name: as read from the target, then kept up
//! to date with what was written there, so that differences are found without reading it again.

use std::collections::BTreeMap;

use scim::Object;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::calling;
use super::kind::read;
use super::path::TargetPath;

/// Values by path, and which elements of multi-valued attributes exist. Serialized into the link.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Known {
    /// By the path as the mapping spells it; what has no value is left out.
    values: BTreeMap<String, Value>,
    /// By the element's path; whether it holds anything that no mapping names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    elements: BTreeMap<String, Foreign>,
    /// What the target went on showing when it had taken the order to clear it, by path: it keeps that by itself.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    kept: BTreeMap<String, Value>,
    /// Whether its telephone numbers are Webex Calling's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    calling: bool,
}

/// Whether an element holds values that are not ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Foreign {
    Nothing,
    Something,
}

impl Known {
    /// What a resource of the target shows.
    pub fn read<'a>(resource: &Object, paths: impl IntoIterator<Item = &'a TargetPath> + Clone) -> Self {
        let mut known = Self {
            calling: calling::has_been_at(resource),
            ..Self::default()
        };
        for path in paths.clone() {
            if let Some(value) = read(path.shape, path.get(resource)) {
                known.values.insert(path.as_str().to_owned(), value);
            }
            if !path.in_element() {
                continue;
            }
            if let Some(element) = path.get_element(resource) {
                let ours = |name: &str| {
                    is_label(path, name)
                        || paths.clone().into_iter().any(|other| {
                            other.element_path() == path.element_path()
                                && other
                                    .sub
                                    .as_deref()
                                    .is_some_and(|sub| sub.eq_ignore_ascii_case(name))
                        })
                };
                let foreign = if element.keys().all(|name| ours(name)) {
                    Foreign::Nothing
                } else {
                    Foreign::Something
                };
                known.elements.insert(path.element_path(), foreign);
            }
        }
        known
    }

    pub fn get(&self, path: &TargetPath) -> Option<&Value> {
        self.values.get(path.as_str())
    }

    /// The value at a path as the mapping spells it.
    pub(crate) fn value(&self, path: &str) -> Option<&Value> {
        self.values.get(path)
    }

    pub(crate) fn element(&self, path: &TargetPath) -> Option<Foreign> {
        self.elements.get(&path.element_path()).copied()
    }

    /// Notes what was written; the element of a path exists once one of its values does.
    pub(crate) fn set(&mut self, path: &TargetPath, value: Option<Value>) {
        let Some(value) = value else {
            self.values.remove(path.as_str());
            return;
        };
        self.values.insert(path.as_str().to_owned(), value);
        if path.in_element() {
            self.elements
                .entry(path.element_path())
                .or_insert(Foreign::Nothing);
        }
    }

    /// Notes that a value still stands there after the target was told to clear it, and did not refuse.
    pub(crate) fn keep(&mut self, path: &TargetPath, value: Value) {
        self.kept.insert(path.as_str().to_owned(), value.clone());
        self.set(path, Some(value));
    }

    /// Whether what stands there is what the target keeps by itself: to clear it again would change nothing.
    pub(crate) fn is_kept(&self, path: &TargetPath) -> bool {
        let kept = self.kept.get(path.as_str());
        kept.is_some() && kept == self.values.get(path.as_str())
    }

    /// Whether a place is not for us to fill, as Webex Calling does.
    pub(crate) fn is_callings(&self, path: &TargetPath) -> bool {
        self.calling && calling::fills(path)
    }

    /// The same account as it was read later, of which this was known before.
    #[must_use]
    pub(crate) fn with_kept_of(mut self, before: &Self) -> Self {
        self.kept.clone_from(&before.kept);
        self.calling &= before.calling || !self.has_extension_of(before);
        self
    }

    /// Whether the work extension is the one that we have written, and no work number has gone.
    fn has_extension_of(&self, before: &Self) -> bool {
        let value = |known: &Self, wanted: &str| {
            let mut values = known.values.iter();
            let found = values.find(|(path, _)| mapping::same_target(path, wanted));
            found.map(|(_, value)| value.clone())
        };
        let extension = value(self, calling::EXTENSION_VALUE);
        extension.is_some()
            && extension == value(before, calling::EXTENSION_VALUE)
            && value(before, calling::NUMBER_VALUE).is_none()
    }

    /// As if no element were there: each that changes is added then.
    pub(crate) fn forget_elements(&mut self) {
        self.elements.clear();
    }

    /// Notes that the whole element was removed.
    pub(crate) fn remove_element(&mut self, path: &TargetPath) {
        self.elements.remove(&path.element_path());
    }
}

/// Sub-attributes that say which element it is, rather than hold a value of it.
fn is_label(path: &TargetPath, name: &str) -> bool {
    name.eq_ignore_ascii_case("type")
        || name.eq_ignore_ascii_case("primary")
        || path
            .element
            .iter()
            .any(|(label, _)| label.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn elements_are_seen_and_so_is_what_else_they_hold() {
        let paths: Vec<_> = [
            "userName",
            "active",
            r#"addresses[type eq "work"].locality"#,
            r#"addresses[type eq "work"].region"#,
            r#"phoneNumbers[type eq "work"].value"#,
            r#"phoneNumbers[type eq "fax"].value"#,
        ]
        .iter()
        .map(|path| TargetPath::parse(path).expect("a path"))
        .collect();
        let Value::Object(resource) = json!({
            "userName": "a", "active": "True",
            "addresses": [{"type": "work", "primary": true, "locality": "Bern"}],
            "phoneNumbers": [{"type": "work", "value": "1", "display": "one"}]
        }) else {
            unreachable!()
        };
        let known = Known::read(&resource, &paths);
        assert_eq!(known.get(&paths[1]), Some(&json!(true)));
        assert_eq!(known.get(&paths[2]), Some(&json!("Bern")));
        assert_eq!(known.get(&paths[3]), None);
        assert_eq!(known.element(&paths[3]), Some(Foreign::Nothing));
        assert_eq!(known.element(&paths[4]), Some(Foreign::Something));
        assert_eq!(known.element(&paths[5]), None);
        let text = serde_json::to_string(&known).expect("JSON");
        assert_eq!(serde_json::from_str::<Known>(&text).expect("known"), known);
    }

    #[test]
    fn numbers_are_callings_when_it_has_been_there_and_ours_when_we_wrote_them() {
        let paths = ["work", "work_extension", "mobile"].map(|kind| {
            TargetPath::parse(&format!(r#"phoneNumbers[type eq "{kind}"].value"#)).expect("a path")
        });
        let known = |phones: Value| {
            let resource = json!({ "phoneNumbers": phones });
            Known::read(resource.as_object().expect("an object"), &paths)
        };
        let work = || known(json!([{"type": "work", "value": "1"}, {"type": "mobile", "value": "2"}]));
        let calling =
            || known(json!([{"type": "WORK_EXTENSION", "value": "77"}, {"type": "mobile", "value": "2"}]));
        let owned = |known: &Known| paths.each_ref().map(|path| known.is_callings(path));
        assert_eq!(owned(&work()), [false, false, false]);
        assert_eq!(owned(&calling()), [true, true, false]);
        assert_eq!(owned(&calling().with_kept_of(&work())), [true, true, false]);
        assert_eq!(
            owned(&calling().with_kept_of(&calling())),
            [true, true, false],
            "as before"
        );
        assert_eq!(
            owned(&work().with_kept_of(&calling())),
            [false, false, false],
            "it is over"
        );
        // An extension that stood in the directory, and no other number.
        let mut ours = Known::default();
        ours.set(&paths[1], Some(json!("77")));
        assert_eq!(owned(&calling().with_kept_of(&ours)), [false, false, false]);
        ours.set(&paths[0], Some(json!("1")));
        assert_eq!(
            owned(&calling().with_kept_of(&ours)),
            [true, true, false],
            "the number has gone"
        );
    }
}
