//! People in one state: an index narrows where there is one for what the state follows from, and no filter.

use std::sync::Arc;

use base::{OrgId, SubjectId, UserId};
use scim::ResourceTypes;
use scim::filter::Filter;
use store::users::User;
use store::{Lookup, Start};

use super::page::Page;
use super::place::Place;
use super::{BATCH, Criteria};
use crate::resource::{Kind, Resource};
use crate::{Directory, Error, PersonState};

impl Directory {
    /// Up to `limit` people in a state who match and come after one, in the order of their ids, and behind whom there are
    /// more.
    pub async fn people_in_state(
        &self,
        org: OrgId,
        (types, filter): (&Arc<ResourceTypes>, Option<&Filter>),
        state: PersonState,
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
        let (mut page, mut start) = (Page::of(limit), after.map(SubjectId::from));
        loop {
            let (people, rest) = self.those_who_may_be(org, &criteria, state, start).await?;
            let facts = self.facts(org, &people).await?;
            let states = people
                .iter()
                .zip(&facts)
                .map(|(user, facts)| PersonState::of(user.active, facts));
            let states: Vec<PersonState> = states.collect();
            for (user, found) in people.into_iter().zip(states) {
                if found != state {
                    continue;
                }
                if page.is_full() {
                    let next = page.last().map(|place| place.id.as_user());
                    return Ok((people_of(page), next));
                }
                let resource = Resource::User(user);
                page.push(Place::of(&resource, None), resource);
            }
            match rest {
                Some(rest) => start = Some(rest),
                None => return Ok((people_of(page), None)),
            }
        }
    }

    /// A batch of people who match, and may be in the state; behind whom the rest begins.
    async fn those_who_may_be(
        &self,
        org: OrgId,
        criteria: &Criteria,
        state: PersonState,
        after: Option<SubjectId>,
    ) -> Result<(Vec<User>, Option<SubjectId>), Error> {
        if criteria.filter.is_some() {
            let after = after.map(|id| Place {
                kind: Kind::User,
                id,
                key: None,
            });
            let found = self.behind(org, criteria, after.as_ref(), BATCH.rows).await?;
            let people = found.items.into_iter().filter_map(|(_, one)| person(one));
            return Ok((people.collect(), found.next.map(|place| place.id)));
        }
        let lookup = match state {
            PersonState::Inactive => Lookup::Inactive,
            PersonState::Pending => Lookup::Invited,
            PersonState::Active | PersonState::Verified => Lookup::Verified,
            PersonState::NotVerified => Lookup::All,
        };
        let start = after.map_or(Start::FIRST, Start::After);
        let found = self.portion(org, Kind::User, &lookup, start, BATCH).await?;
        Ok((found.items.into_iter().filter_map(person).collect(), found.rest))
    }
}

pub(super) fn people_of(page: Page) -> Vec<User> {
    page.into_resources().into_iter().filter_map(person).collect()
}

pub(super) fn person(resource: Resource) -> Option<User> {
    match resource {
        Resource::User(user) => Some(user),
        Resource::Group(_) => None,
    }
}
