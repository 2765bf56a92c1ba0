//! Lists of people and groups: SQL narrows by an index where the filter allows it, `scim` decides the rest.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use base::{GroupId, OrgId, SubjectId, Timestamp, UserId};
use scim::filter::Filter;
use scim::path::AttributePath;
use scim::sort::{Key, Sort};
use scim::{Object, ResourceTypes};
use serde_json::{Value, json};
use store::groups::Group;
use store::members::{Member, Membership};
use store::users::User;
use store::{Lookup, Start};

use crate::candidates::Candidates;
use crate::members::member_type;
use crate::resource::{Kind, Resource};
use crate::{Directory, Error, rendering};

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
}

/// Where a resource stands in a list: the next page begins behind it, whatever comes and goes meanwhile.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Place {
    kind: Kind,
    id: SubjectId,
    key: Option<Key>,
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
                    places.push(Place {
                        kind: *kind,
                        id: resource.id(),
                        key,
                    });
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
        let place = |last: &Resource| Place {
            kind: last.kind(),
            id: last.id(),
            key: None,
        };
        let next = items.last().filter(|_| more).map(place);
        Ok(Following { items, next })
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

    /// Those of a batch that match, each with what it is sorted by.
    async fn matching(
        &self,
        org: OrgId,
        criteria: &Criteria,
        batch: Vec<Resource>,
    ) -> Result<Vec<(Resource, Option<Key>)>, Error> {
        let Criteria {
            types, filter, sort, ..
        } = criteria;
        if filter.is_none() && sort.is_none() {
            return Ok(batch.into_iter().map(|resource| (resource, None)).collect());
        }
        let mut groups = if criteria.mentions("groups") {
            let users: Vec<UserId> = batch
                .iter()
                .filter_map(Resource::user)
                .map(|user| user.id)
                .collect();
            self.groups_of(org, &users).await?
        } else {
            BTreeMap::new()
        };
        let asks_for_the_organization = filter
            .as_ref()
            .is_some_and(|filter| any_path(filter, &scim::webex::names_the_organization));
        let mut members = self.pinned_members(org, criteria, &batch).await?;
        let mut matching = Vec::new();
        for resource in batch {
            let mut object = match &resource {
                Resource::User(user) => user_object(user, groups.remove(&user.id).unwrap_or_default())?,
                Resource::Group(group) => {
                    let members = match &mut members {
                        Some(found) => found.remove(&group.id).unwrap_or_default(),
                        None => self.members(org, group.id).await?,
                    };
                    group_object(group, &members)?
                }
            };
            let kind = resource.kind().resource_type(types);
            if asks_for_the_organization {
                scim::webex::put_organization(&mut object, kind, &org.to_string());
            }
            if filter
                .as_ref()
                .is_none_or(|filter| scim::filter::evaluate(filter, &object, kind))
            {
                let key = sort.as_ref().and_then(|sort| sort.key(&object, kind));
                matching.push((resource, key));
            }
        }
        Ok(matching)
    }
}

impl Criteria {
    /// Do they speak of an attribute that is not in the stored document?
    pub fn mentions(&self, attribute: &str) -> bool {
        self.filter
            .as_ref()
            .is_some_and(|filter| mentions(filter, attribute))
            || self.sort.as_ref().is_some_and(|sort| sort.is_by(attribute))
    }
}

impl Place {
    /// Equal keys are in the order of kinds and ids, whichever way they are sorted.
    fn compare(&self, other: &Self, sort: &Sort) -> std::cmp::Ordering {
        sort.compare(self.key.as_ref(), other.key.as_ref())
            .then_with(|| (self.kind, self.id).cmp(&(other.kind, other.id)))
    }
}

fn user_object(user: &User, groups: Vec<Membership>) -> Result<Object, Error> {
    let mut object = rendering::document(user)?;
    put_meta(
        &mut object,
        "User",
        user.id.into(),
        (user.created, user.modified, user.version),
    );
    if !groups.is_empty() {
        let value = |group: &Membership| json!({ "value": group.group, "display": group.display_name, "type": group.nesting.as_str() });
        object.insert("groups".to_owned(), groups.iter().map(value).collect());
    }
    Ok(object)
}

fn group_object(group: &Group, members: &[Member]) -> Result<Object, Error> {
    let mut object = rendering::group_document(group)?;
    put_meta(
        &mut object,
        "Group",
        group.id.into(),
        (group.created, group.modified, group.version),
    );
    if !members.is_empty() {
        let value = |member: &Member| {
            let (id, kind) = (member.id.subject(), member_type(member.id));
            json!({ "value": id, "display": member.name(), "type": kind })
        };
        object.insert("members".to_owned(), members.iter().map(value).collect());
    }
    Ok(object)
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

/// Does the filter speak of the attribute?
fn mentions(filter: &Filter, attribute: &str) -> bool {
    any_path(filter, &|path| path.attribute.eq_ignore_ascii_case(attribute))
}

/// Is there such a path in the filter?
fn any_path(filter: &Filter, such: &impl Fn(&AttributePath) -> bool) -> bool {
    match filter {
        Filter::Compare { path, .. } | Filter::Present(path) | Filter::ValuePath(path) => such(path),
        Filter::And(parts) | Filter::Or(parts) => parts.iter().any(|part| any_path(part, such)),
        Filter::Not(inner) => any_path(inner, such),
    }
}

fn put_meta(
    object: &mut Object,
    resource_type: &str,
    id: SubjectId,
    (created, modified, version): (Timestamp, Timestamp, i64),
) {
    object.insert("id".to_owned(), Value::String(id.to_string()));
    let meta = json!({
        "resourceType": resource_type,
        "created": created,
        "lastModified": modified,
        "version": format!("W/\"{version}\""),
    });
    object.insert("meta".to_owned(), meta);
}
