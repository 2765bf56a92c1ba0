//! People with a role: few, so they are found by their roles, and the rest is decided on them.

use std::sync::Arc;

use base::{OrgId, UserId};
use scim::ResourceTypes;
use scim::filter::Filter;
use store::users::User;

use super::in_state::{people_of, person};
use super::page::Page;
use super::place::Place;
use super::{BATCH, Criteria};
use crate::resource::{Kind, Resource};
use crate::{Directory, Error, PersonState};

/// Which role those have who are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeldRole {
    /// The one of this name.
    One(&'static str),
    Any,
}

impl Directory {
    /// Up to `limit` people with a role who match, are in a state if one is named, and come after one, in the order of their
    /// ids, and behind whom there are more.
    pub async fn people_with_role(
        &self,
        org: OrgId,
        (types, filter): (&Arc<ResourceTypes>, Option<&Filter>),
        (role, state): (HeldRole, Option<PersonState>),
        after: Option<UserId>,
        limit: u32,
    ) -> Result<(Vec<User>, Option<UserId>), Error> {
        let criteria = Criteria {
            types: types.clone(),
            kinds: vec![Kind::User],
            filter: filter.cloned(),
            sort: None,
            base_url: String::new(),
        };
        let role = match role {
            HeldRole::One(name) => Some(name),
            HeldRole::Any => None,
        };
        let (mut page, mut start) = (Page::of(limit), after);
        loop {
            let mut reader = self.store.reader();
            let ids = store::roles::holders_after(&mut reader, org, role, start, BATCH.rows).await?;
            let mut holders = store::users::by_ids(&mut reader, org, &ids).await?;
            holders.sort_by_key(|holder| holder.id);
            let holders = holders.into_iter().map(Resource::User).collect();
            let matching = self.matching(org, &criteria, holders).await?;
            let people: Vec<User> = matching
                .into_iter()
                .filter_map(|(resource, _)| person(resource))
                .collect();
            let facts = self.facts(org, &people).await?;
            for (user, facts) in people.into_iter().zip(facts) {
                if state.is_some_and(|state| PersonState::of(user.active, &facts) != state) {
                    continue;
                }
                if page.is_full() {
                    let next = page.last().map(|place| place.id.as_user());
                    return Ok((people_of(page), next));
                }
                let resource = Resource::User(user);
                page.push(Place::of(&resource, None), resource);
            }
            match ids.last() {
                Some(last) if ids.len() >= BATCH.rows as usize => start = Some(*last),
                _ => return Ok((people_of(page), None)),
            }
        }
    }
}
