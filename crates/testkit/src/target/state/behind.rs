//! What somebody else does at the target, behind the engine's back.

use std::time::Instant;

use serde_json::json;

use super::super::groups::GROUP;
use super::super::memory::AsOf;
use super::super::users::USER;
use super::{Kind, Object, State};

impl State {
    /// Puts a group in place as if somebody else had created it there.
    pub(in crate::target) fn plant_group(&mut self, document: &Object) -> Result<String, String> {
        let now = AsOf::now(Instant::now(), self.journal.len() as u64);
        let mut document = document.clone();
        document.entry("schemas").or_insert_with(|| json!([GROUP]));
        let document = self
            .check(Kind::Groups, &document)
            .map_err(|refusal| format!("{refusal:?}"))?;
        let id = self.next_id();
        self.keep(Kind::Groups, &id, document, None, now);
        Ok(id)
    }

    /// Takes a group away as if somebody else had deleted it there.
    pub(in crate::target) fn uproot_group(&mut self, id: &str) {
        let now = AsOf::now(Instant::now(), self.journal.len() as u64);
        self.groups.delete(id, now);
    }

    /// Puts a resource in place as if somebody else had created it there.
    pub(in crate::target) fn plant(&mut self, document: &Object) -> Result<String, String> {
        let now = AsOf::now(Instant::now(), self.journal.len() as u64);
        let mut document = document.clone();
        document.entry("schemas").or_insert_with(|| json!([USER]));
        let document = self
            .check(Kind::Users, &document)
            .map_err(|refusal| format!("{refusal:?}"))?;
        let id = self.next_id();
        self.keep(Kind::Users, &id, document, None, now);
        Ok(id)
    }

    /// Changes attributes of a user as if somebody else had done it there; null takes one away. Says whether there is
    /// such a user.
    pub(in crate::target) fn bend(&mut self, id: &str, changes: &Object) -> bool {
        self.bend_one(Kind::Users, id, changes)
    }

    /// The same of a group.
    pub(in crate::target) fn bend_group(&mut self, id: &str, changes: &Object) -> bool {
        self.bend_one(Kind::Groups, id, changes)
    }

    fn bend_one(&mut self, kind: Kind, id: &str, changes: &Object) -> bool {
        let now = AsOf::now(Instant::now(), self.journal.len() as u64);
        let Some(old) = self.collection(kind).get(id, now) else {
            return false;
        };
        let mut document = Object::clone(&old);
        for (name, value) in changes {
            if value.is_null() {
                document.remove(name);
            } else {
                document.insert(name.clone(), value.clone());
            }
        }
        self.keep(kind, id, document, Some(&old), now);
        true
    }

    /// Takes a user away as if somebody else had deleted it there.
    pub(in crate::target) fn uproot(&mut self, id: &str) {
        let now = AsOf::now(Instant::now(), self.journal.len() as u64);
        self.users.delete(id, now);
    }
}
