//! Sorted lists that an index has in their order: nobody is looked at who is not on the page, or before it on the way.

use std::cmp::Ordering;
use std::collections::{BTreeMap, VecDeque};

use base::{OrgId, SubjectId};
use scim::sort::{ABSENT, Indexed, Key, Order, Sort};
use store::{Amount, Attribute, Direction, Portion, SortBy, Spot, Start, Value};

use super::Criteria;
use super::place::Place;
use crate::resource::{Kind, Resource};
use crate::{Directory, Error};

/// The resources of one kind in the order of an index.
#[derive(Debug, Clone, Copy)]
pub struct Index {
    kind: Kind,
    by: SortBy,
    direction: Direction,
}

impl Index {
    /// The index that has resources of a kind in this order.
    pub fn of(kind: Kind, criteria: &Criteria, sort: &Sort) -> Option<Self> {
        let by = match sort.indexed(kind.resource_type(&criteria.types))? {
            Indexed::Id => SortBy::Id,
            Indexed::UserName => SortBy::UserName,
            Indexed::DisplayName => SortBy::Key(Attribute::DisplayName),
            Indexed::ExternalId => SortBy::Key(Attribute::ExternalId),
            Indexed::Emails => SortBy::Key(Attribute::Email),
            Indexed::Created => SortBy::Created,
            Indexed::LastModified => SortBy::Modified,
        };
        let direction = match sort.order() {
            Order::Ascending => Direction::Ascending,
            Order::Descending => Direction::Descending,
        };
        Some(Self { kind, by, direction })
    }

    pub async fn page(
        self,
        directory: &Directory,
        org: OrgId,
        start: &Start<Spot>,
        amount: Amount,
    ) -> Result<Portion<(Value, Resource), Spot>, Error> {
        let Self { kind, by, direction } = self;
        let mut reader = directory.store.reader();
        Ok(match kind {
            Kind::User => {
                let page = store::users::sorted(&mut reader, org, by, direction, start, amount).await?;
                let resource = |(value, user)| (value, Resource::User(user));
                Portion {
                    items: page.items.into_iter().map(resource).collect(),
                    rest: page.rest,
                }
            }
            Kind::Group => {
                let page = store::groups::sorted(&mut reader, org, by, direction, start, amount).await?;
                let resource = |(value, group)| (value, Resource::Group(group));
                Portion {
                    items: page.items.into_iter().map(resource).collect(),
                    rest: page.rest,
                }
            }
        })
    }

    /// Where the resources of this kind begin that are behind a place of whichever kind.
    fn behind(self, place: &Place) -> Spot {
        let value = match (&place.key, self.by) {
            (_, SortBy::Id) => place.id.into(),
            (Some(Key::Text(text)), _) => text.as_str().into(),
            (Some(Key::Time(micros)), _) => (*micros).into(),
            (_, SortBy::Created | SortBy::Modified) => i64::MAX.into(),
            _ => ABSENT.into(),
        };
        // Among equal values the kinds are in their order, one after the other.
        let id = match place.kind.cmp(&self.kind) {
            Ordering::Less => Spot::BEFORE,
            Ordering::Equal => place.id.as_bytes(),
            Ordering::Greater => Spot::BEHIND,
        };
        Spot {
            value,
            id: id.to_vec(),
        }
    }

    /// What a resource is sorted by, from the index's value.
    fn key(self, value: &Value, id: SubjectId) -> Option<Key> {
        match value {
            _ if self.by == SortBy::Id => Some(Key::Text(id.to_string())),
            Value::Int(micros) => Some(Key::Time(*micros)),
            Value::Text(text) if text != ABSENT => Some(Key::Text(text.clone())),
            _ => None,
        }
    }
}

/// Goes along an index, a batch at a time.
pub struct Walk {
    index: Index,
    /// Nothing at the end.
    start: Option<Start<Spot>>,
    ready: VecDeque<(Place, Resource)>,
}

impl Walk {
    pub fn new(index: Index, after: Option<&Place>) -> Self {
        let start = after.map_or(Start::FIRST, |place| Start::After(index.behind(place)));
        Self {
            index,
            start: Some(start),
            ready: VecDeque::new(),
        }
    }

    /// The place of the next one that matches; see [`Walk::take`].
    pub async fn next(
        &mut self,
        directory: &Directory,
        org: OrgId,
        filter: &Criteria,
        amount: Amount,
    ) -> Result<Option<&Place>, Error> {
        while self.ready.is_empty()
            && let Some(start) = self.start.take()
        {
            let page = self.index.page(directory, org, &start, amount).await?;
            self.start = page.rest.map(Start::After);
            let (mut values, mut resources) = (BTreeMap::new(), Vec::with_capacity(page.items.len()));
            for (value, resource) in page.items {
                values.insert(resource.id(), value);
                resources.push(resource);
            }
            for (resource, _) in directory.matching(org, filter, resources).await? {
                let id = resource.id();
                let key = values.remove(&id).and_then(|value| self.index.key(&value, id));
                self.ready.push_back((Place::of(&resource, key), resource));
            }
        }
        Ok(self.ready.front().map(|(place, _)| place))
    }

    /// The next one.
    pub fn take(&mut self) -> Option<(Place, Resource)> {
        self.ready.pop_front()
    }
}
