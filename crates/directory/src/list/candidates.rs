//! Those who may match a filter: what an index can name of it, read a batch at a time.

use base::{GroupId, OrgId, SubjectId, Timestamp, canonical};
use scim::filter::{Filter, LookupAttribute, LookupOp};
use store::{Attribute, Lookup, Match, Start};

use super::Criteria;
use crate::resource::{Kind, Resource};
use crate::{Directory, Error, rendering};

/// Those of one kind that may match, a batch at a time, in the order of their ids.
pub struct Candidates {
    kind: Kind,
    narrowed: Narrowed,
    start: Option<Start<SubjectId>>,
}

impl Candidates {
    pub fn new(kind: Kind, criteria: &Criteria, after: Option<SubjectId>) -> Self {
        Self {
            kind,
            narrowed: criteria.filter.as_ref().map_or(Narrowed::To(Lookup::All), narrow),
            start: Some(after.map_or(Start::FIRST, Start::After)),
        }
    }

    pub async fn next(
        &mut self,
        directory: &Directory,
        org: OrgId,
        limit: u32,
    ) -> Result<Option<Vec<Resource>>, Error> {
        let Some(start) = self.start.take() else {
            return Ok(None);
        };
        let behind = |resource: &Resource| !matches!(start, Start::After(after) if resource.id() <= after);
        let mut reader = directory.store.reader();
        let kind = self.kind;
        let batch = match (&self.narrowed, kind) {
            // The last two: the other kind has the attribute.
            (Narrowed::Nothing, _)
            | (Narrowed::Members(_), Kind::User)
            | (Narrowed::Within(_), Kind::Group) => return Ok(None),
            (Narrowed::One(id), Kind::User) => {
                let user = store::users::by_id(&mut reader, org, id.as_user()).await?;
                return Ok(Some(
                    user.into_iter().map(Resource::User).filter(behind).collect(),
                ));
            }
            (Narrowed::One(id), Kind::Group) => {
                let group = store::groups::by_id(&mut reader, org, id.as_group()).await?;
                return Ok(Some(
                    group.into_iter().map(Resource::Group).filter(behind).collect(),
                ));
            }
            (Narrowed::Members(member), Kind::Group) => {
                let ids = store::members::group_ids(&mut reader, org, *member).await?;
                let groups = store::groups::by_ids(&mut reader, org, &ids).await?;
                return Ok(Some(
                    groups.into_iter().map(Resource::Group).filter(behind).collect(),
                ));
            }
            (Narrowed::Within(group), Kind::User) => {
                let after = match start {
                    Start::After(after) => Some(after.as_user()),
                    Start::Offset(_) => None,
                };
                let Some(ids) = directory.people_within(org, *group, after, limit).await? else {
                    self.narrowed = Narrowed::To(Lookup::All);
                    self.start = Some(start);
                    return Box::pin(self.next(directory, org, limit)).await;
                };
                let last = ids.last().filter(|_| ids.len() >= limit as usize);
                self.start = last.map(|last| Start::After((*last).into()));
                let people = store::users::by_ids(&mut reader, org, &ids).await?;
                return Ok(Some(people.into_iter().map(Resource::User).collect()));
            }
            (Narrowed::To(lookup), _) => directory.page(org, kind, lookup, start, limit).await?,
        };
        self.start = batch
            .last()
            .filter(|_| batch.len() >= limit as usize)
            .map(|last| Start::After(last.id()));
        Ok(Some(batch))
    }
}

impl Directory {
    pub(crate) async fn page(
        &self,
        org: OrgId,
        kind: Kind,
        lookup: &Lookup,
        start: Start<SubjectId>,
        limit: u32,
    ) -> Result<Vec<Resource>, Error> {
        let mut reader = self.store.reader();
        Ok(match kind {
            Kind::User => {
                let page = store::users::page(&mut reader, org, lookup, of(start, SubjectId::as_user), limit);
                page.await?.into_iter().map(Resource::User).collect()
            }
            Kind::Group => {
                let page =
                    store::groups::page(&mut reader, org, lookup, of(start, SubjectId::as_group), limit);
                page.await?.into_iter().map(Resource::Group).collect()
            }
        })
    }
}

/// The same start, by another kind of id.
fn of<I>(start: Start<SubjectId>, id: fn(SubjectId) -> I) -> Start<I> {
    match start {
        Start::After(after) => Start::After(id(after)),
        Start::Offset(rows) => Start::Offset(rows),
    }
}

/// What an index can name for a filter: all that match, and perhaps more.
enum Narrowed {
    Nothing,
    One(SubjectId),
    /// The groups of this member.
    Members(SubjectId),
    /// The people who are in this group, directly or through others.
    Within(GroupId),
    To(Lookup),
}

/// Can an index tell who may match?
pub fn narrows(filter: &Filter) -> bool {
    !matches!(narrow(filter), Narrowed::To(Lookup::All))
}

fn narrow(filter: &Filter) -> Narrowed {
    let Some(lookup) = scim::filter::lookup(filter) else {
        return Narrowed::To(Lookup::All);
    };
    let how = |canonical: fn(&str) -> String| match &lookup.op {
        LookupOp::Eq(value) => Some(Match::Equal(rendering::indexed(canonical(value)))),
        LookupOp::Sw(value) => Some(Match::Prefix(rendering::indexed(canonical(value)))),
        LookupOp::Range { .. } => None,
    };
    let keyed = |attribute, canonical| how(canonical).map(|how| Lookup::Key(attribute, how));
    let narrowed = match (lookup.attribute, &lookup.op) {
        (LookupAttribute::Id, LookupOp::Eq(id)) => {
            return id.parse().map_or(Narrowed::Nothing, Narrowed::One);
        }
        (LookupAttribute::MemberValue, LookupOp::Eq(id)) => {
            return id.parse().map_or(Narrowed::Nothing, Narrowed::Members);
        }
        (LookupAttribute::GroupValue, LookupOp::Eq(id)) => {
            return id.parse().map_or(Narrowed::Nothing, Narrowed::Within);
        }
        (LookupAttribute::LastModified, LookupOp::Range { from, to }) => {
            // The store leaves the end out.
            let later = |time: Timestamp| time + std::time::Duration::from_micros(1);
            Some(Lookup::Modified {
                from: *from,
                until: to.map(later),
            })
        }
        (LookupAttribute::UserName, _) => how(canonical::user_name).map(Lookup::UserName),
        (LookupAttribute::ExternalId, _) => keyed(Attribute::ExternalId, ToOwned::to_owned),
        (LookupAttribute::Email, _) => keyed(Attribute::Email, canonical::email),
        (LookupAttribute::DisplayName, _) => keyed(Attribute::DisplayName, canonical::text),
        _ => None,
    };
    Narrowed::To(narrowed.unwrap_or(Lookup::All))
}
