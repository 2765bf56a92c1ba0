//! Lists of people and groups: SQL narrows and sorts by an index where filter and sort allow it, `scim` decides the rest.

mod candidates;
mod matching;
mod place;
mod walk;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use base::{GroupId, OrgId, SubjectId, UserId};
use scim::ResourceTypes;
use scim::filter::Filter;
use scim::sort::Sort;
use store::users::User;
use store::{Lookup, Start};

use crate::resource::{Kind, Resource};
use crate::{Directory, Error};
use candidates::Candidates;
pub use place::Place;
use walk::{Index, Walk};

/// How many rows are looked at in one go while a list is filtered or sorted.
const BATCH: u32 = 500;

/// Which resources, and in which order. Without a sort it is that of the kinds, then of the ids.
#[derive(Debug, Clone)]
pub struct Criteria {
    /// What the resources are.
    pub types: Arc<ResourceTypes>,
    pub kinds: Vec<Kind>,
    pub filter: Option<Filter>,
    pub sort: Option<Sort>,
    /// Below which URL they are shown: what `$ref` and `meta.location` are compared with.
    pub base_url: String,
}

/// A page behind a place.
#[derive(Debug, Clone)]
pub struct Following {
    pub items: Vec<Resource>,
    /// The last one's, if more are behind it.
    pub next: Option<Place>,
}

/// A page, and how many there are in all.
#[derive(Debug, Clone)]
pub struct Found<T> {
    pub items: Vec<T>,
    pub total: u64,
}

impl Directory {
    /// The resources that match; `range` counts among them from 0.
    pub async fn list(
        &self,
        org: OrgId,
        criteria: &Criteria,
        range: Range<u64>,
    ) -> Result<Found<Resource>, Error> {
        match (&criteria.filter, &criteria.sort) {
            (None, None) => self.list_all(org, criteria, &range).await,
            (Some(_), None) => self.list_matching(org, criteria, &range).await,
            (_, Some(sort)) => self.list_sorted(org, criteria, sort, range).await,
        }
    }

    async fn list_all(
        &self,
        org: OrgId,
        criteria: &Criteria,
        range: &Range<u64>,
    ) -> Result<Found<Resource>, Error> {
        let (mut items, mut total) = (Vec::new(), 0);
        for kind in &criteria.kinds {
            let count = self.count(org, *kind).await?;
            let start = range.start.saturating_sub(total);
            let end = range.end.saturating_sub(total).min(count);
            if start < end {
                let page = self.page(org, *kind, &Lookup::All, Start::Offset(start), length(start..end));
                items.extend(page.await?);
            }
            total += count;
        }
        Ok(Found { items, total })
    }

    async fn list_matching(
        &self,
        org: OrgId,
        criteria: &Criteria,
        range: &Range<u64>,
    ) -> Result<Found<Resource>, Error> {
        let mut found = Found {
            items: Vec::new(),
            total: 0,
        };
        for kind in &criteria.kinds {
            let mut candidates = Candidates::new(*kind, criteria, None);
            while let Some(batch) = candidates.next(self, org, BATCH).await? {
                for (resource, _) in self.matching(org, criteria, batch).await? {
                    found.push(resource, range);
                }
            }
        }
        Ok(found)
    }

    async fn list_sorted(
        &self,
        org: OrgId,
        criteria: &Criteria,
        sort: &Sort,
        range: Range<u64>,
    ) -> Result<Found<Resource>, Error> {
        if let (None, &[kind]) = (&criteria.filter, criteria.kinds.as_slice())
            && let Some(index) = Index::of(kind, criteria, sort)
        {
            let page = index
                .page(self, org, &Start::Offset(range.start), length(range))
                .await?;
            return Ok(Found {
                items: page.into_iter().map(|(_, resource)| resource).collect(),
                total: self.count(org, kind).await?,
            });
        }
        let places = self.places(org, criteria, sort).await?;
        let within = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(places.len());
        let page = &places[within(range.start)..within(range.end)];
        Ok(Found {
            items: self.at_places(org, page).await?,
            total: places.len() as u64,
        })
    }

    /// The places of all that match, sorted.
    async fn places(&self, org: OrgId, criteria: &Criteria, sort: &Sort) -> Result<Vec<Place>, Error> {
        let mut places = Vec::new();
        for kind in &criteria.kinds {
            let mut candidates = Candidates::new(*kind, criteria, None);
            while let Some(batch) = candidates.next(self, org, BATCH).await? {
                for (resource, key) in self.matching(org, criteria, batch).await? {
                    places.push(Place::of(&resource, key));
                }
            }
        }
        places.sort_by(|a, b| a.compare(b, sort));
        Ok(places)
    }

    /// What is at the places now, in their order.
    async fn at_places(&self, org: OrgId, places: &[Place]) -> Result<Vec<Resource>, Error> {
        let ids = |kind| {
            places
                .iter()
                .filter(move |place| place.kind == kind)
                .map(|place| place.id)
        };
        let users: Vec<UserId> = ids(Kind::User).map(SubjectId::as_user).collect();
        let groups: Vec<GroupId> = ids(Kind::Group).map(SubjectId::as_group).collect();
        let mut reader = self.store.reader();
        let users = store::users::by_ids(&mut reader, org, &users).await?;
        let groups = store::groups::by_ids(&mut reader, org, &groups).await?;
        let users = users.into_iter().map(Resource::User);
        let groups = groups.into_iter().map(Resource::Group);
        let mut found: BTreeMap<_, _> = users.chain(groups).map(|one| (one.id(), one)).collect();
        Ok(places
            .iter()
            .filter_map(|place| found.remove(&place.id))
            .collect())
    }

    /// How many match.
    pub async fn count_matching(&self, org: OrgId, criteria: &Criteria) -> Result<u64, Error> {
        let criteria = Criteria {
            sort: None,
            ..criteria.clone()
        };
        Ok(self.list(org, &criteria, 0..0).await?.total)
    }

    /// Up to `limit` resources that match and stand behind a place; from the first one on without a place.
    pub async fn following(
        &self,
        org: OrgId,
        criteria: &Criteria,
        after: Option<&Place>,
        limit: u32,
    ) -> Result<Following, Error> {
        let length = limit as usize;
        if let Some(sort) = &criteria.sort {
            if let Some(walks) = walks(criteria, sort, after) {
                return self.along(org, criteria, sort, walks, limit).await;
            }
            let places = self.places(org, criteria, sort).await?;
            let start = after.map_or(0, |after| {
                places.partition_point(|place| place.compare(after, sort).is_le())
            });
            let end = start.saturating_add(length).min(places.len());
            let page = &places[start..end];
            return Ok(Following {
                items: self.at_places(org, page).await?,
                next: page.last().filter(|_| end < places.len()).cloned(),
            });
        }
        let mut items = self.behind(org, criteria, after, limit.saturating_add(1)).await?;
        let more = items.len() > length;
        items.truncate(length);
        let next = items.last().filter(|_| more).map(|last| Place::of(last, None));
        Ok(Following { items, next })
    }

    /// The same where indexes have the order: of the kinds' next ones, whichever comes first.
    async fn along(
        &self,
        org: OrgId,
        criteria: &Criteria,
        sort: &Sort,
        mut walks: Vec<Walk>,
        limit: u32,
    ) -> Result<Following, Error> {
        let filter = Criteria {
            sort: None,
            ..criteria.clone()
        };
        let batch = match criteria.filter {
            Some(_) => BATCH,
            None => limit.saturating_add(1),
        };
        let (mut items, mut last) = (Vec::new(), None);
        loop {
            let mut first: Option<(usize, Place)> = None;
            for (at, walk) in walks.iter_mut().enumerate() {
                if let Some(place) = walk.next(self, org, &filter, batch).await?
                    && first
                        .as_ref()
                        .is_none_or(|(_, first)| place.compare(first, sort).is_lt())
                {
                    first = Some((at, place.clone()));
                }
            }
            let next = first.and_then(|(at, _)| walks[at].take());
            match next {
                None => return Ok(Following { items, next: None }),
                Some(_) if items.len() >= limit as usize => return Ok(Following { items, next: last }),
                Some((place, resource)) => {
                    items.push(resource);
                    last = Some(place);
                }
            }
        }
    }

    /// The same in the order of kinds and ids.
    async fn behind(
        &self,
        org: OrgId,
        criteria: &Criteria,
        after: Option<&Place>,
        limit: u32,
    ) -> Result<Vec<Resource>, Error> {
        let batch = if criteria.filter.is_some() {
            BATCH
        } else {
            limit.max(1)
        };
        let mut items = Vec::new();
        for kind in &criteria.kinds {
            let after = match after {
                Some(after) if after.kind > *kind => continue,
                Some(after) if after.kind == *kind => Some(after.id),
                _ => None,
            };
            let mut candidates = Candidates::new(*kind, criteria, after);
            while let Some(rows) = candidates.next(self, org, batch).await? {
                for (resource, _) in self.matching(org, criteria, rows).await? {
                    if items.len() >= limit as usize {
                        return Ok(items);
                    }
                    items.push(resource);
                }
                if items.len() >= limit as usize {
                    return Ok(items);
                }
            }
        }
        Ok(items)
    }

    /// Up to `limit` people who match and come after one, in the order of their ids.
    pub async fn people_after(
        &self,
        org: OrgId,
        types: &Arc<ResourceTypes>,
        filter: Option<&Filter>,
        after: Option<UserId>,
        limit: u32,
    ) -> Result<Vec<User>, Error> {
        let criteria = Criteria {
            types: types.clone(),
            kinds: vec![Kind::User],
            filter: filter.cloned(),
            sort: None,
            base_url: String::new(),
        };
        let after = after.map(|id| Place {
            kind: Kind::User,
            id: id.into(),
            key: None,
        });
        let people = self.behind(org, &criteria, after.as_ref(), limit).await?;
        let user = |one| match one {
            Resource::User(user) => Some(user),
            Resource::Group(_) => None,
        };
        Ok(people.into_iter().filter_map(user).collect())
    }

    async fn count(&self, org: OrgId, kind: Kind) -> Result<u64, Error> {
        let mut reader = self.store.reader();
        Ok(match kind {
            Kind::User => store::users::count(&mut reader, org, &Lookup::All).await?,
            Kind::Group => store::groups::count(&mut reader, org, &Lookup::All).await?,
        })
    }
}

/// Where a sorted list goes along indexes: if there is one for each kind, and none that narrows the filter.
fn walks(criteria: &Criteria, sort: &Sort, after: Option<&Place>) -> Option<Vec<Walk>> {
    if criteria.filter.as_ref().is_some_and(candidates::narrows) {
        return None;
    }
    let walk = |kind: &Kind| Some(Walk::new(Index::of(*kind, criteria, sort)?, after));
    criteria.kinds.iter().map(walk).collect()
}

impl<T> Found<T> {
    fn push(&mut self, item: T, range: &Range<u64>) {
        if range.contains(&self.total) {
            self.items.push(item);
        }
        self.total += 1;
    }
}

fn length(range: Range<u64>) -> u32 {
    range
        .end
        .saturating_sub(range.start)
        .try_into()
        .unwrap_or(u32::MAX)
}
