//! Lists of people and groups: SQL narrows by an index where the filter allows it, `scim` decides the rest.

use std::ops::Range;

use base::{OrgId, SubjectId, Timestamp, UserId, canonical};
use scim::filter::{Filter, LookupAttribute, LookupOp};
use scim::{Object, ResourceType};
use serde_json::{Value, json};
use store::groups::Group;
use store::members::{Member, Membership};
use store::users::User;
use store::{Attribute, Lookup, Match, Start};

use crate::{Directory, Error, rendering};

/// How many rows are looked at in one go while a list is filtered.
const BATCH: u32 = 500;

/// A page, and how many there are in all.
#[derive(Debug, Clone)]
pub struct Found<T> {
    pub items: Vec<T>,
    pub total: u64,
}

impl Directory {
    /// The people who match, in the order of their ids; `range` counts among them from 0.
    pub async fn list_users(
        &self,
        org: OrgId,
        filter: Option<&Filter>,
        range: Range<u64>,
    ) -> Result<Found<User>, Error> {
        let Some(filter) = filter else {
            let mut reader = self.store.reader();
            let total = store::users::count(&mut reader, org, &Lookup::All).await?;
            let items = store::users::page(
                &mut reader,
                org,
                &Lookup::All,
                Start::Offset(range.start),
                length(&range),
            );
            return Ok(Found {
                items: items.await?,
                total,
            });
        };
        let mut found = Found {
            items: Vec::new(),
            total: 0,
        };
        let mut candidates = UserCandidates::new(narrow(filter), None);
        while let Some(batch) = candidates.next(self, org, BATCH).await? {
            for user in batch {
                if self.user_matches(org, filter, &user).await? {
                    found.push(user, &range);
                }
            }
        }
        Ok(found)
    }

    /// Up to `limit` people who match and come after one.
    pub async fn people_after(
        &self,
        org: OrgId,
        filter: Option<&Filter>,
        after: Option<UserId>,
        limit: u32,
    ) -> Result<Vec<User>, Error> {
        let narrowed = filter.map_or(Narrowed::To(Lookup::All), narrow);
        let mut people = Vec::new();
        let mut candidates = UserCandidates::new(narrowed, after);
        while let Some(batch) = candidates.next(self, org, limit.max(1)).await? {
            for user in batch {
                let matches = match filter {
                    Some(filter) => self.user_matches(org, filter, &user).await?,
                    None => true,
                };
                if matches {
                    people.push(user);
                }
                if people.len() >= limit as usize {
                    return Ok(people);
                }
            }
        }
        Ok(people)
    }

    /// The groups that match, in the order of their ids; `range` counts among them from 0.
    pub async fn list_groups(
        &self,
        org: OrgId,
        filter: Option<&Filter>,
        range: Range<u64>,
    ) -> Result<Found<Group>, Error> {
        let Some(filter) = filter else {
            let mut reader = self.store.reader();
            let total = store::groups::count(&mut reader, org, &Lookup::All).await?;
            let items = store::groups::page(
                &mut reader,
                org,
                &Lookup::All,
                Start::Offset(range.start),
                length(&range),
            );
            return Ok(Found {
                items: items.await?,
                total,
            });
        };
        let mut found = Found {
            items: Vec::new(),
            total: 0,
        };
        for group in self.group_candidates(org, filter).await? {
            if self.group_matches(org, filter, &group).await? {
                found.push(group, &range);
            }
        }
        Ok(found)
    }

    async fn group_candidates(&self, org: OrgId, filter: &Filter) -> Result<Vec<Group>, Error> {
        let mut reader = self.store.reader();
        let lookup = match narrow(filter) {
            Narrowed::Nothing => return Ok(Vec::new()),
            Narrowed::One(id) => {
                return Ok(store::groups::by_id(&mut reader, org, id.as_group())
                    .await?
                    .into_iter()
                    .collect());
            }
            Narrowed::Members(member) => {
                let ids = store::members::group_ids(&mut reader, org, member.as_user()).await?;
                return Ok(store::groups::by_ids(&mut reader, org, &ids).await?);
            }
            Narrowed::To(lookup) => lookup,
        };
        let (mut all, mut start) = (Vec::new(), Start::FIRST);
        loop {
            let batch = store::groups::page(&mut reader, org, &lookup, start, BATCH).await?;
            let Some(last) = batch.last() else { return Ok(all) };
            start = Start::After(last.id);
            all.extend(batch);
        }
    }

    async fn user_matches(&self, org: OrgId, filter: &Filter, user: &User) -> Result<bool, Error> {
        let mut object = rendering::document(user)?;
        put_meta(
            &mut object,
            "User",
            user.id.into(),
            (user.created, user.modified, user.version),
        );
        if mentions(filter, "groups") {
            let groups = self.groups_of(org, &[user.id]).await?;
            let groups = groups.values().flatten();
            let value = |group: &Membership| json!({ "value": group.group, "display": group.display_name, "type": "direct" });
            object.insert("groups".to_owned(), groups.map(value).collect());
        }
        Ok(scim::filter::evaluate(filter, &object, ResourceType::user()))
    }

    async fn group_matches(&self, org: OrgId, filter: &Filter, group: &Group) -> Result<bool, Error> {
        let mut object = rendering::group_document(group)?;
        put_meta(
            &mut object,
            "Group",
            group.id.into(),
            (group.created, group.modified, group.version),
        );
        if mentions(filter, "members") {
            let members = self.members(org, group.id).await?;
            let value = |member: &Member| {
                let display = member.display_name.as_deref().unwrap_or(&member.user_name);
                json!({ "value": member.user, "display": display, "type": "User" })
            };
            object.insert("members".to_owned(), members.iter().map(value).collect());
        }
        Ok(scim::filter::evaluate(filter, &object, ResourceType::group()))
    }
}

/// Those who may match, a batch at a time.
struct UserCandidates {
    narrowed: Narrowed,
    start: Option<Start<UserId>>,
}

impl UserCandidates {
    fn new(narrowed: Narrowed, after: Option<UserId>) -> Self {
        Self {
            narrowed,
            start: Some(after.map_or(Start::FIRST, Start::After)),
        }
    }

    async fn next(
        &mut self,
        directory: &Directory,
        org: OrgId,
        limit: u32,
    ) -> Result<Option<Vec<User>>, Error> {
        let Some(start) = self.start.take() else {
            return Ok(None);
        };
        let mut reader = directory.store.reader();
        let batch = match &self.narrowed {
            Narrowed::Nothing => return Ok(None),
            Narrowed::One(id) => {
                let user = store::users::by_id(&mut reader, org, id.as_user()).await?;
                let behind = |user: &User| !matches!(start, Start::After(after) if user.id <= after);
                return Ok(Some(user.into_iter().filter(behind).collect()));
            }
            Narrowed::Members(_) => store::users::page(&mut reader, org, &Lookup::All, start, limit).await?,
            Narrowed::To(lookup) => store::users::page(&mut reader, org, lookup, start, limit).await?,
        };
        self.start = batch
            .last()
            .filter(|_| batch.len() >= limit as usize)
            .map(|last| Start::After(last.id));
        Ok(Some(batch))
    }
}

impl<T> Found<T> {
    fn push(&mut self, item: T, range: &Range<u64>) {
        if range.contains(&self.total) {
            self.items.push(item);
        }
        self.total += 1;
    }
}

fn length(range: &Range<u64>) -> u32 {
    range
        .end
        .saturating_sub(range.start)
        .try_into()
        .unwrap_or(u32::MAX)
}

/// What an index can name for a filter: all that match, and perhaps more.
enum Narrowed {
    Nothing,
    One(SubjectId),
    /// The groups of this member.
    Members(SubjectId),
    To(Lookup),
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

/// Does the filter speak of an attribute that is not in the stored document?
fn mentions(filter: &Filter, attribute: &str) -> bool {
    match filter {
        Filter::Compare { path, .. } | Filter::Present(path) | Filter::ValuePath(path) => {
            path.attribute.eq_ignore_ascii_case(attribute)
        }
        Filter::And(parts) | Filter::Or(parts) => parts.iter().any(|part| mentions(part, attribute)),
        Filter::Not(inner) => mentions(inner, attribute),
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
