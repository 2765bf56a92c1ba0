//! Those who may match a filter: what an index can name of it, read a batch at a time.

use base::{GroupId, OrgId, SubjectId, Timestamp, UserId, canonical};
use scim::filter::{Filter, LookupAttribute, LookupOp};
use store::{Amount, Attribute, Lookup, Match, Portion, Start};

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

    /// The next ones; nothing behind the last.
    pub async fn next(
        &mut self,
        directory: &Directory,
        org: OrgId,
        amount: Amount,
    ) -> Result<Option<Vec<Resource>>, Error> {
        let Some(start) = self.start.take() else {
            return Ok(None);
        };
        let after = match start {
            Start::After(after) => Some(after),
            Start::Offset(_) => None,
        };
        let kind = self.kind;
        let batch = match (&self.narrowed, kind) {
            // The last two: the other kind has the attribute.
            (Narrowed::Nothing, _)
            | (Narrowed::Members(_), Kind::User)
            | (Narrowed::Within(_), Kind::Group) => return Ok(None),
            (Narrowed::One(id), _) => {
                let ids: Vec<SubjectId> = Some(*id).into_iter().filter(|id| Some(*id) > after).collect();
                directory.portion_by_ids(org, kind, &ids, amount).await?
            }
            (Narrowed::Members(member), Kind::Group) => {
                let mut reader = directory.store.reader();
                let ids = store::members::group_ids(&mut reader, org, *member).await?;
                self.narrowed = Narrowed::Among(ids.into_iter().map(SubjectId::from).collect());
                self.start = Some(start);
                return Box::pin(self.next(directory, org, amount)).await;
            }
            (Narrowed::Among(ids), _) => {
                let first = ids.partition_point(|id| Some(*id) <= after);
                directory.portion_by_ids(org, kind, &ids[first..], amount).await?
            }
            (Narrowed::Within(group), Kind::User) => {
                let people = directory.people_within(org, *group, after.map(SubjectId::as_user), amount.rows);
                let Some(ids) = people.await? else {
                    self.narrowed = Narrowed::To(Lookup::All);
                    self.start = Some(start);
                    return Box::pin(self.next(directory, org, amount)).await;
                };
                let last = ids.last().filter(|_| ids.len() >= amount.rows as usize);
                let last = last.map(|last| SubjectId::from(*last));
                let ids: Vec<SubjectId> = ids.iter().map(|id| SubjectId::from(*id)).collect();
                let people = directory.portion_by_ids(org, kind, &ids, amount).await?;
                Portion {
                    items: people.items,
                    rest: people.rest.or(last),
                }
            }
            (Narrowed::To(lookup), _) => directory.portion(org, kind, lookup, start, amount).await?,
        };
        self.start = batch.rest.map(Start::After);
        Ok(Some(batch.items))
    }
}

impl Directory {
    pub(crate) async fn portion(
        &self,
        org: OrgId,
        kind: Kind,
        lookup: &Lookup,
        start: Start<SubjectId>,
        amount: Amount,
    ) -> Result<Portion<Resource, SubjectId>, Error> {
        let mut reader = self.store.reader();
        Ok(match kind {
            Kind::User => {
                let start = of(start, SubjectId::as_user);
                let page = store::users::portion(&mut reader, org, lookup, start, amount).await?;
                whole(page, Resource::User, SubjectId::from)
            }
            Kind::Group => {
                let start = of(start, SubjectId::as_group);
                let page = store::groups::portion(&mut reader, org, lookup, start, amount).await?;
                whole(page, Resource::Group, SubjectId::from)
            }
        })
    }

    /// Those of the ids that exist, in the order given.
    pub(super) async fn portion_by_ids(
        &self,
        org: OrgId,
        kind: Kind,
        ids: &[SubjectId],
        amount: Amount,
    ) -> Result<Portion<Resource, SubjectId>, Error> {
        let mut reader = self.store.reader();
        let before = |gone_through: usize| ids[gone_through.saturating_sub(1)];
        Ok(match kind {
            Kind::User => {
                let ids: Vec<UserId> = ids.iter().map(|id| id.as_user()).collect();
                let page = store::users::portion_by_ids(&mut reader, org, &ids, amount).await?;
                whole(page, Resource::User, before)
            }
            Kind::Group => {
                let ids: Vec<GroupId> = ids.iter().map(|id| id.as_group()).collect();
                let page = store::groups::portion_by_ids(&mut reader, org, &ids, amount).await?;
                whole(page, Resource::Group, before)
            }
        })
    }
}

fn whole<T, I>(
    portion: Portion<T, I>,
    resource: fn(T) -> Resource,
    id: impl Fn(I) -> SubjectId,
) -> Portion<Resource, SubjectId> {
    Portion {
        items: portion.items.into_iter().map(resource).collect(),
        rest: portion.rest.map(id),
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
    /// The same, looked up: in the order of ids.
    Among(Vec<SubjectId>),
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
