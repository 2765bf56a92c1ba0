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
            narrowed: criteria.filter.as_ref().map_or(Narrowed::ALL, narrow),
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
        let batch = match &self.narrowed {
            Narrowed::By(Part::Nobody) => return Ok(None),
            Narrowed::By(part) if part.is_of_the_other(kind) => return Ok(None),
            Narrowed::By(Part::One(id)) => {
                let ids: Vec<SubjectId> = Some(*id).into_iter().filter(|id| Some(*id) > after).collect();
                directory.portion_by_ids(org, kind, &ids, amount).await?
            }
            Narrowed::Among(ids) => {
                let first = ids.partition_point(|id| Some(*id) <= after);
                directory.portion_by_ids(org, kind, &ids[first..], amount).await?
            }
            Narrowed::By(Part::Members(_)) | Narrowed::Any(_) => {
                let parts = self.narrowed.parts();
                return self.again_among(directory, org, parts, start, amount).await;
            }
            Narrowed::By(Part::Within(group)) => {
                let people = directory.people_within(org, *group, after.map(SubjectId::as_user), amount.rows);
                let Some(ids) = people.await? else {
                    let parts = self.narrowed.parts();
                    return self.again_among(directory, org, parts, start, amount).await;
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
            Narrowed::By(Part::To(lookup)) => directory.portion(org, kind, lookup, start, amount).await?,
        };
        self.start = batch.rest.map(Start::After);
        Ok(Some(batch.items))
    }

    /// Looks up whom the parts name, and goes on among them; among all if they are too many.
    async fn again_among(
        &mut self,
        directory: &Directory,
        org: OrgId,
        parts: Vec<Part>,
        start: Start<SubjectId>,
        amount: Amount,
    ) -> Result<Option<Vec<Resource>>, Error> {
        let ids = directory.named_by(org, self.kind, &parts).await?;
        self.narrowed = ids.map_or(Narrowed::ALL, Narrowed::Among);
        self.start = Some(start);
        Box::pin(self.next(directory, org, amount)).await
    }
}

impl Directory {
    /// The ids of all whom one of the parts names, in their order. `None` if they are so many that all may as well be looked
    /// at.
    async fn named_by(
        &self,
        org: OrgId,
        kind: Kind,
        parts: &[Part],
    ) -> Result<Option<Vec<SubjectId>>, Error> {
        let mut reader = self.store.reader();
        let mut ids = Vec::new();
        for part in parts.iter().filter(|part| !part.is_of_the_other(kind)) {
            match part {
                Part::Nobody => {}
                Part::One(id) => ids.extend([*id]),
                Part::Members(member) => {
                    let groups = store::members::group_ids(&mut reader, org, *member).await?;
                    ids.extend(groups.into_iter().map(SubjectId::from));
                }
                Part::Within(group) => match self.everybody_within(org, *group, MANY).await? {
                    Some(people) => ids.extend(people.into_iter().map(SubjectId::from)),
                    None => return Ok(None),
                },
                Part::To(lookup) => match kind {
                    Kind::User => {
                        let found = store::users::ids(&mut reader, org, lookup, MANY + 1).await?;
                        ids.extend(found.into_iter().map(SubjectId::from));
                    }
                    Kind::Group => {
                        let found = store::groups::ids(&mut reader, org, lookup, MANY + 1).await?;
                        ids.extend(found.into_iter().map(SubjectId::from));
                    }
                },
            }
            if ids.len() > MANY as usize {
                return Ok(None);
            }
        }
        ids.sort_unstable();
        ids.dedup();
        Ok(Some(ids))
    }

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

/// What indexes can name for a filter: all that match, and perhaps more.
enum Narrowed {
    By(Part),
    /// By several, as the branches of an `or`.
    Any(Vec<Part>),
    /// The same, looked up: in the order of ids.
    Among(Vec<SubjectId>),
}

/// What one index can name.
#[derive(Clone)]
enum Part {
    /// An id that is none.
    Nobody,
    One(SubjectId),
    /// The groups of this member.
    Members(SubjectId),
    /// The people who are in this group, directly or through others.
    Within(GroupId),
    To(Lookup),
}

/// Ids that are looked up beforehand at most.
const MANY: u32 = 10_000;

impl Narrowed {
    const ALL: Self = Self::By(Part::To(Lookup::All));

    fn parts(&self) -> Vec<Part> {
        match self {
            Self::By(part) => vec![part.clone()],
            Self::Any(parts) => parts.clone(),
            Self::Among(_) => Vec::new(),
        }
    }
}

impl Part {
    /// Has only the other kind the attribute?
    fn is_of_the_other(&self, kind: Kind) -> bool {
        match self {
            Self::Members(_) => kind == Kind::User,
            Self::Within(_) => kind == Kind::Group,
            Self::Nobody | Self::One(_) | Self::To(_) => false,
        }
    }
}

/// Can an index tell who may match?
pub fn narrows(filter: &Filter) -> bool {
    !matches!(narrow(filter), Narrowed::By(Part::To(Lookup::All)))
}

fn narrow(filter: &Filter) -> Narrowed {
    let Some(lookups) = scim::filter::lookups(filter) else {
        return Narrowed::ALL;
    };
    let Some(mut parts) = lookups.iter().map(part).collect::<Option<Vec<_>>>() else {
        return Narrowed::ALL;
    };
    match (parts.pop(), parts.is_empty()) {
        (Some(part), true) => Narrowed::By(part),
        (Some(last), false) => {
            parts.push(last);
            Narrowed::Any(parts)
        }
        (None, _) => Narrowed::Any(parts),
    }
}

/// `None` if it takes all to look at.
fn part(lookup: &scim::filter::Lookup) -> Option<Part> {
    let how = |canonical: fn(&str) -> String| match &lookup.op {
        LookupOp::Eq(value) => Some(Match::Equal(rendering::indexed(canonical(value)))),
        LookupOp::Sw(value) => Some(Match::Prefix(rendering::indexed(canonical(value)))),
        LookupOp::Range { .. } => None,
    };
    let keyed = |attribute, canonical| how(canonical).map(|how| Lookup::Key(attribute, how));
    let narrowed = match (lookup.attribute, &lookup.op) {
        (LookupAttribute::Id, LookupOp::Eq(id)) => {
            return Some(id.parse().map_or(Part::Nobody, Part::One));
        }
        (LookupAttribute::MemberValue, LookupOp::Eq(id)) => {
            return Some(id.parse().map_or(Part::Nobody, Part::Members));
        }
        (LookupAttribute::GroupValue, LookupOp::Eq(id)) => {
            return Some(id.parse().map_or(Part::Nobody, Part::Within));
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
    narrowed.map(Part::To)
}
