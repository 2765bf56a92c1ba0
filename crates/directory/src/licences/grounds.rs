//! Why somebody has a licence, and what becomes of that. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use base::{GroupId, LicenceId};
use store::licences::templates::Scope;

use super::Licensing;
use crate::settings::{LeavingGroup, LicencePrecedence, Settings};

/// From where a licence comes. It stays as long as there is one ground for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ground {
    /// An administrator gave it.
    Direct,
    /// The organization's template.
    Organization,
    /// The template of a group.
    Group(GroupId),
}

impl From<Scope> for Ground {
    fn from(scope: Scope) -> Self {
        match scope {
            Scope::Organization => Self::Organization,
            Scope::Group(group) => Self::Group(group),
        }
    }
}

impl fmt::Display for Ground {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Direct => f.write_str("direct"),
            Self::Organization => f.write_str("organization"),
            Self::Group(group) => group.fmt(f),
        }
    }
}

/// Reads what [`written`] wrote; what it would not have written is passed over.
pub fn read(text: &str) -> BTreeSet<Ground> {
    let one = |word| match word {
        "direct" => Some(Ground::Direct),
        "organization" => Some(Ground::Organization),
        group => group.parse().ok().map(Ground::Group),
    };
    text.split_whitespace().filter_map(one).collect()
}

pub fn written(grounds: &BTreeSet<Ground>) -> String {
    let words: Vec<String> = grounds.iter().map(ToString::to_string).collect();
    words.join(" ")
}

/// The licences that somebody has or waits for, each with its grounds, of which there is always one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Grounds(pub BTreeMap<LicenceId, BTreeSet<Ground>>);

impl Grounds {
    pub fn add(&mut self, ground: Ground, licences: &[LicenceId]) {
        for licence in licences {
            self.0.entry(*licence).or_default().insert(ground);
        }
    }

    pub fn drop_ground(&mut self, ground: Ground) {
        for grounds in self.0.values_mut() {
            grounds.remove(&ground);
        }
        self.0.retain(|_, grounds| !grounds.is_empty());
    }

    pub fn drop_licence(&mut self, licence: LicenceId) {
        self.0.remove(&licence);
    }

    /// Somebody comes in.
    pub fn arrive(&mut self, licensing: &Licensing) {
        self.apply(licensing, Scope::Organization);
    }

    /// Somebody joins a group that has a template.
    pub fn join(&mut self, licensing: &Licensing, settings: Settings, group: GroupId) {
        if settings.licence_precedence == LicencePrecedence::Group {
            self.drop_ground(Ground::Organization);
        }
        self.apply(licensing, Scope::Group(group));
    }

    /// Somebody leaves a group that has a template, and stays in these others that have one.
    pub fn leave(&mut self, licensing: &Licensing, settings: Settings, group: GroupId, others: &[GroupId]) {
        if settings.leaving_group == LeavingGroup::Keep {
            return;
        }
        self.drop_ground(Ground::Group(group));
        if settings.licence_precedence == LicencePrecedence::Group && others.is_empty() {
            self.apply(licensing, Scope::Organization);
        }
    }

    fn apply(&mut self, licensing: &Licensing, scope: Scope) {
        self.add(scope.into(), licensing.of(scope).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::Timestamp;
    use store::licences::Known;
    use store::licences::templates::Template;

    fn licence(number: u8) -> LicenceId {
        LicenceId::new(Timestamp::from_micros(0), [number; 10])
    }

    fn group(number: u8) -> GroupId {
        GroupId::new(Timestamp::from_micros(0), [number; 10])
    }

    /// The organization gives 1 and 2, group 1 gives 2 and 3, group 2 gives 3 and 4.
    fn licensing() -> Licensing {
        let template = |scope, licences: [u8; 2]| Template {
            scope,
            licences: licences.map(licence).to_vec(),
            version: 1,
            created: Timestamp::from_micros(0),
            modified: Timestamp::from_micros(0),
        };
        Known {
            revision: 1,
            licences: 4,
            templates: vec![
                template(Scope::Organization, [1, 2]),
                template(Scope::Group(group(1)), [2, 3]),
                template(Scope::Group(group(2)), [3, 4]),
            ],
        }
        .into()
    }

    fn has(grounds: &Grounds) -> Vec<u8> {
        let number = |id: &LicenceId| (1..=4).find(|number| licence(*number) == *id).unwrap_or(0);
        grounds.0.keys().map(number).collect()
    }

    fn settings(precedence: LicencePrecedence, leaving: LeavingGroup) -> Settings {
        Settings {
            licence_precedence: precedence,
            leaving_group: leaving,
            ..Settings::default()
        }
    }

    #[test]
    fn what_one_gets_by_each_precedence() {
        use LeavingGroup::{Keep, TakeAway};
        use LicencePrecedence::{Both, Group};
        for (precedence, leaving, joined, left_one, left_both) in [
            (Group, TakeAway, vec![2, 3, 4], vec![3, 4], vec![1, 2]),
            (Both, TakeAway, vec![1, 2, 3, 4], vec![1, 2, 3, 4], vec![1, 2]),
            (Group, Keep, vec![2, 3, 4], vec![2, 3, 4], vec![2, 3, 4]),
            (Both, Keep, vec![1, 2, 3, 4], vec![1, 2, 3, 4], vec![1, 2, 3, 4]),
        ] {
            let (licensing, settings) = (licensing(), settings(precedence, leaving));
            let mut grounds = Grounds::default();
            grounds.arrive(&licensing);
            assert_eq!(has(&grounds), [1, 2]);
            grounds.join(&licensing, settings, group(1));
            grounds.join(&licensing, settings, group(2));
            assert_eq!(has(&grounds), joined, "{precedence:?}");
            grounds.leave(&licensing, settings, group(1), &[group(2)]);
            assert_eq!(has(&grounds), left_one, "{precedence:?} {leaving:?}");
            grounds.leave(&licensing, settings, group(2), &[]);
            assert_eq!(has(&grounds), left_both, "{precedence:?} {leaving:?}");
        }
    }

    #[test]
    fn what_an_administrator_gave_stays() {
        let (licensing, settings) = (licensing(), Settings::default());
        let mut grounds = Grounds::default();
        grounds.add(Ground::Direct, &[licence(1), licence(3)]);
        grounds.join(&licensing, settings, group(1));
        assert_eq!(has(&grounds), [1, 2, 3]);
        grounds.leave(&licensing, settings, group(1), &[group(2)]);
        assert_eq!(has(&grounds), [1, 3]);
    }

    #[test]
    fn grounds_are_read_as_they_were_written() {
        let grounds = BTreeSet::from([Ground::Direct, Ground::Organization, Ground::Group(group(7))]);
        assert_eq!(read(&written(&grounds)), grounds);
        assert_eq!(read("direct elsewhere"), BTreeSet::from([Ground::Direct]));
    }
}
