//! Lists of people and groups: SQL narrows and sorts by an index where filter and sort allow it, `scim` decides the rest.

mod candidates;
mod in_state;
mod matching;
mod page;
mod place;
mod walk;
mod with_role;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use base::{OrgId, SubjectId, UserId};
use scim::ResourceTypes;
use scim::filter::Filter;
use scim::sort::Sort;
use store::users::User;
use store::{Amount, Lookup, Start};

use crate::resource::{Kind, Resource};
use crate::{Directory, Error};
use candidates::Candidates;
pub use matching::member_value;
pub use page::PAGE_BYTES;
use page::Page;
pub use place::Place;
use walk::{Index, Walk};
pub use with_role::HeldRole;

/// How much is looked at in one go while a list is filtered or sorted.
const BATCH: Amount = Amount {
    rows: 500,
    bytes: PAGE_BYTES,
};

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
#[derive(Debug, Clone, Default)]
pub struct Following {
    pub items: Vec<(Place, Resource)>,
    /// Behind which the next page begins, if there is one.
    pub next: Option<Place>,
}

/// A page, and how many there are in all. It ends early where its documents come to [`PAGE_BYTES`].
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
        let (mut page, mut total) = (Page::of(length(range.clone())), 0);
        for kind in &criteria.kinds {
            let count = self.count(org, *kind).await?;
            let start = range.start.saturating_sub(total);
            let end = range.end.saturating_sub(total).min(count);
            if start < end && !page.is_full() {
                let amount = Amount {
                    rows: length(start..end),
                    ..page.room()
                };
                let portion = self.portion(org, *kind, &Lookup::All, Start::Offset(start), amount);
                for resource in portion.await?.items {
                    page.push(Place::of(&resource, None), resource);
                }
            }
            total += count;
        }
        Ok(Found {
            items: page.into_resources(),
            total,
        })
    }

    async fn list_matching(
        &self,
        org: OrgId,
        criteria: &Criteria,
        range: &Range<u64>,
    ) -> Result<Found<Resource>, Error> {
        let (mut page, mut total) = (Page::of(length(range.clone())), 0);
        for kind in &criteria.kinds {
            let mut candidates = Candidates::new(*kind, criteria, None);
            while let Some(batch) = candidates.next(self, org, BATCH).await? {
                for (resource, _) in self.matching(org, criteria, batch).await? {
                    if total >= range.start && !page.is_full() {
                        page.push(Place::of(&resource, None), resource);
                    }
                    total += 1;
                }
            }
        }
        Ok(Found {
            items: page.into_resources(),
            total,
        })
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
            let amount = Page::of(length(range.clone())).room();
            let page = index.page(self, org, &Start::Offset(range.start), amount).await?;
            return Ok(Found {
                items: page.items.into_iter().map(|(_, resource)| resource).collect(),
                total: self.count(org, kind).await?,
            });
        }
        let places = self.places(org, criteria, sort).await?;
        let within = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(places.len());
        let places_of_page = &places[within(range.start)..within(range.end)];
        let page = self.at_places(org, places_of_page).await?;
        Ok(Found {
            items: page.items.into_iter().map(|(_, resource)| resource).collect(),
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

    /// What is at the places now, in their order; `next` if not all were gone through.
    async fn at_places(&self, org: OrgId, places: &[Place]) -> Result<Following, Error> {
        let (mut found, mut unread) = (BTreeMap::new(), BTreeSet::new());
        for kind in [Kind::User, Kind::Group] {
            let ids = places.iter().filter(|place| place.kind == kind);
            let ids: Vec<SubjectId> = ids.map(|place| place.id).collect();
            let amount = Page::of(length(0..ids.len() as u64)).room();
            let portion = self.portion_by_ids(org, kind, &ids, amount).await?;
            if let Some(last) = portion.rest {
                unread.extend(ids.into_iter().skip_while(|id| *id != last).skip(1));
            }
            let resources = portion.items.into_iter();
            found.extend(resources.map(|resource| (resource.id(), resource)));
        }
        let (mut page, mut last) = (Page::of(length(0..places.len() as u64)), None);
        for place in places {
            if page.is_full() || unread.contains(&place.id) {
                return Ok(page.followed_by(last));
            }
            if let Some(resource) = found.remove(&place.id) {
                page.push(place.clone(), resource);
            }
            last = Some(place.clone());
        }
        Ok(page.followed_by(None))
    }

    /// How many match.
    pub async fn count_matching(&self, org: OrgId, criteria: &Criteria) -> Result<u64, Error> {
        let criteria = Criteria {
            sort: None,
            ..criteria.clone()
        };
        Ok(self.list(org, &criteria, 0..0).await?.total)
    }

    /// Up to `limit` resources that match and stand behind a place; from the first one on without a place. It is fewer
    /// where their documents come to [`PAGE_BYTES`].
    pub async fn following(
        &self,
        org: OrgId,
        criteria: &Criteria,
        after: Option<&Place>,
        limit: u32,
    ) -> Result<Following, Error> {
        let Some(sort) = &criteria.sort else {
            return self.behind(org, criteria, after, limit).await;
        };
        if let Some(walks) = walks(criteria, sort, after) {
            return self.along(org, criteria, sort, walks, limit).await;
        }
        let places = self.places(org, criteria, sort).await?;
        let start = after.map_or(0, |after| {
            places.partition_point(|place| place.compare(after, sort).is_le())
        });
        let end = start.saturating_add(limit as usize).min(places.len());
        let places_of_page = &places[start..end];
        let page = self.at_places(org, places_of_page).await?;
        let last = || places_of_page.last().filter(|_| end < places.len()).cloned();
        Ok(Following {
            next: page.next.or_else(last),
            ..page
        })
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
        let mut page = Page::of(limit);
        loop {
            let mut first: Option<(usize, Place)> = None;
            for (at, walk) in walks.iter_mut().enumerate() {
                let batch = batch(criteria, &page);
                if let Some(place) = walk.next(self, org, &filter, batch).await?
                    && first
                        .as_ref()
                        .is_none_or(|(_, first)| place.compare(first, sort).is_lt())
                {
                    first = Some((at, place.clone()));
                }
            }
            match first {
                None => return Ok(page.followed_by(None)),
                Some(_) if page.is_full() => {
                    let last = page.last();
                    return Ok(page.followed_by(last));
                }
                Some((at, _)) => {
                    if let Some((place, resource)) = walks[at].take() {
                        page.push(place, resource);
                    }
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
    ) -> Result<Following, Error> {
        let mut page = Page::of(limit);
        for kind in &criteria.kinds {
            let after = match after {
                Some(after) if after.kind > *kind => continue,
                Some(after) if after.kind == *kind => Some(after.id),
                _ => None,
            };
            let mut candidates = Candidates::new(*kind, criteria, after);
            while let Some(rows) = candidates.next(self, org, batch(criteria, &page)).await? {
                for (resource, _) in self.matching(org, criteria, rows).await? {
                    if page.is_full() {
                        let last = page.last();
                        return Ok(page.followed_by(last));
                    }
                    page.push(Place::of(&resource, None), resource);
                }
            }
        }
        Ok(page.followed_by(None))
    }

    /// Up to `limit` people who match and come after one, in the order of their ids, and behind whom there are more.
    pub async fn people_after(
        &self,
        org: OrgId,
        types: &Arc<ResourceTypes>,
        filter: Option<&Filter>,
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
        let after = after.map(|id| Place {
            kind: Kind::User,
            id: id.into(),
            key: None,
        });
        let people = self.behind(org, &criteria, after.as_ref(), limit).await?;
        let user = |(_, one)| match one {
            Resource::User(user) => Some(user),
            Resource::Group(_) => None,
        };
        let next = people.next.map(|place| place.id.as_user());
        Ok((people.items.into_iter().filter_map(user).collect(), next))
    }

    async fn count(&self, org: OrgId, kind: Kind) -> Result<u64, Error> {
        let mut reader = self.store.reader();
        Ok(match kind {
            Kind::User => store::users::count(&mut reader, org, &Lookup::All).await?,
            Kind::Group => store::groups::count(&mut reader, org, &Lookup::All).await?,
        })
    }
}

/// How much is looked at next for a page: where nobody is filtered out, what is still missing, and one more to see
/// whether there is more.
fn batch(criteria: &Criteria, page: &Page) -> Amount {
    if criteria.filter.is_some() {
        return BATCH;
    }
    let Amount { rows, bytes } = page.room();
    Amount {
        rows: rows.saturating_add(1),
        bytes: bytes.max(1),
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

fn length(range: Range<u64>) -> u32 {
    range
        .end
        .saturating_sub(range.start)
        .try_into()
        .unwrap_or(u32::MAX)
}
