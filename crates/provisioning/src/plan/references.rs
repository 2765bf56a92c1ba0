//! References between people, such as to a manager: in the directory they name a person, at the target that person's
//! account. What names somebody who has no account there yet waits until there is one.

use std::collections::BTreeMap;

use base::{SubjectId, UserId};
use serde_json::Value;

use crate::desired::Want;

/// Somebody whom a mapping refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Referenced {
    /// As people know them.
    pub name: String,
    /// The account; `None`: there is none yet.
    pub remote_id: Option<String>,
}

/// The people that the mappings of one person refer to. Who is not in here is not in the directory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct References(BTreeMap<SubjectId, Referenced>);

impl References {
    pub fn insert(&mut self, id: SubjectId, referenced: Referenced) {
        self.0.insert(id, referenced);
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (SubjectId, &Referenced)> {
        self.0.iter().map(|(id, referenced)| (*id, referenced))
    }

    /// Puts accounts in the place of people. A value that is no id of a person is left as it is: whoever maps one knows
    /// what the target wants there.
    pub(crate) fn resolve(&self, wants: &mut [Want<'_>]) {
        for want in wants.iter_mut().filter(|want| want.path.is_reference()) {
            let Some(id) = want.value.as_ref().and_then(person) else {
                continue;
            };
            let referenced = self.0.get(&id);
            let account = referenced
                .and_then(|found| found.remote_id.clone())
                .map(Value::from);
            if account.is_none() {
                want.waits_for = referenced.map(|found| found.name.clone());
            }
            if want.on_create == want.value {
                want.on_create.clone_from(&account);
            }
            want.value = account;
        }
    }
}

/// The people that places for references name.
pub(crate) fn named(wants: &[Want<'_>]) -> impl Iterator<Item = SubjectId> {
    let references = wants.iter().filter(|want| want.path.is_reference());
    references.filter_map(|want| want.value.as_ref().and_then(person))
}

fn person(value: &Value) -> Option<SubjectId> {
    value.as_str()?.parse::<UserId>().ok().map(SubjectId::from)
}
