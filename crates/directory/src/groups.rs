//! Groups.

use std::sync::Arc;

use base::{GroupId, OrgId, UserId, canonical};
use scim::{Object, ResourceType};
use serde_json::Value;
use store::groups::{Draft, Group};
use store::licences::templates::Scope;
use store::members::{MemberId, MemberRef, Replaced, Target};
use store::{Amount, Attribute, Lock, Lookup, Match, Portion, Start};
use store::{Tx, Write};

use crate::events::Event;
use crate::licences::{self, Licensing};
use crate::members::{self, MemberChange, Moved};
use crate::rendering::{self, RENDERING};
use crate::together::Together;
use crate::unique::Claim;
use crate::{Change, Concurrency, Directory, Error, PAGE_BYTES, Settings, Source, Terms, events, owned};

/// How often a change is tried anew when others come first.
const ATTEMPTS: usize = 20;

impl Directory {
    pub async fn group(&self, org: OrgId, id: GroupId) -> Result<Group, Error> {
        let group = store::groups::by_id(&mut self.store.reader(), org, id).await?;
        group.ok_or(Error::UnknownGroup { id })
    }

    /// The groups of a display name, in whichever case it is written; names need not be unique.
    pub async fn groups_by_name(&self, org: OrgId, name: &str) -> Result<Vec<Group>, Error> {
        let name = canonical::text(name);
        let key = rendering::indexed(name.clone());
        let lookup = Lookup::Key(Attribute::DisplayName, Match::Equal(key));
        let mut reader = self.store.reader();
        let mut groups = store::groups::page(&mut reader, org, &lookup, Start::FIRST, 100).await?;
        groups.retain(|group| canonical::text(&group.display_name) == name);
        Ok(groups)
    }

    /// A page of groups in the order of their ids; it ends early where their documents come to [`PAGE_BYTES`].
    pub async fn groups_after(
        &self,
        org: OrgId,
        after: Option<GroupId>,
        limit: u32,
    ) -> Result<Portion<Group, GroupId>, Error> {
        let start = after.map_or(Start::FIRST, Start::After);
        let amount = Amount {
            rows: limit,
            bytes: PAGE_BYTES,
        };
        let mut reader = self.store.reader();
        Ok(store::groups::portion(&mut reader, org, &Lookup::All, start, amount).await?)
    }

    /// Creates a group with its first members.
    pub async fn create_group(
        &self,
        change: &Change<'_>,
        org: OrgId,
        resource: Object,
        members: Vec<MemberRef>,
    ) -> Result<Group, Error> {
        let new = NewGroup {
            id: self.ambient.id(),
            resource,
            members,
        };
        Ok(self.store.write(creation(change, org, new)?).await?)
    }

    /// Creates several groups in one transaction: all or none.
    pub async fn create_groups(
        &self,
        change: &Change<'_>,
        org: OrgId,
        groups: Vec<NewGroup>,
    ) -> Result<Vec<Group>, Error> {
        let writes = groups.into_iter().map(|new| creation(change, org, new));
        let writes = writes.collect::<Result<Vec<_>, _>>()?;
        Ok(self.store.write(Together { org, writes }).await?)
    }

    /// Changes a group and its members in one transaction; where nothing differs afterwards, nothing is written.
    /// With `Strict`, somebody else's change in between is an error; else `edit` runs anew on it.
    pub async fn edit_group(
        &self,
        change: &Change<'_>,
        org: OrgId,
        current: Group,
        terms: impl Into<Terms>,
        edit: impl Fn(&mut Object) -> Result<(), scim::Error> + Send + Sync,
        members: Vec<MemberChange>,
    ) -> Result<(Group, Moved), Error> {
        let Terms {
            concurrency,
            rewritten,
            groups: _,
        } = terms.into();
        let (mut current, mut turn) = (current, None);
        let target = members::net(&members);
        let mut licensing = self.licensing(org).await?;
        for _ in 0..ATTEMPTS {
            let before = rendering::group_document(&current)?;
            let mut after = before.clone();
            edit(&mut after)?;
            let mut touched = rendering::touched(&before, &after);
            rendering::touch(&mut touched, &rewritten, &before, &after);
            if touched.is_empty() && target.is_empty() {
                return Ok((current, Moved::default()));
            }
            owned::refuse_group_changes(change, &current, &touched)?;
            let claim = Claim::of(change.types, &change.types.group, &after)?;
            let draft = draft(
                &after,
                rendering::trace(&current.provenance, &before, &after, change.source),
                &change.types.group,
            )?;
            let event = events::group("group_update", current.id, change, &draft.display_name, &touched);
            // Members come and go without a look at the version: they are rows of their own.
            let checked = concurrency == Concurrency::Strict || !touched.is_empty();
            let write = Update {
                org,
                id: current.id,
                draft: (!touched.is_empty()).then_some(draft),
                target: target.clone(),
                expected: checked.then_some(current.version),
                claim,
                change: (change.source, change.settings),
                licensing: Arc::clone(&licensing),
                event,
            };
            match self.store.write(write).await {
                Ok(done) => return Ok(done),
                Err(store::Error::VersionMismatch { .. }) if concurrency == Concurrency::Retry => {
                    if turn.is_none() {
                        turn = Some(self.turns.take(current.id).await);
                    }
                    current = self.group(org, current.id).await?;
                }
                Err(store::Error::NotFound) => return Err(Error::UnknownGroup { id: current.id }),
                Err(error) => match error.into() {
                    Error::SchemasChanged => licensing = self.newer_licensing(org, &licensing).await?,
                    other => return Err(other),
                },
            }
        }
        Err(Error::Contended)
    }

    /// Removes a group for good; each of its members leaves it, which the change feed tells one by one.
    pub async fn delete_group(
        &self,
        change: &Change<'_>,
        org: OrgId,
        group: &Group,
        concurrency: Concurrency,
    ) -> Result<(), Error> {
        owned::refuse_group_removal(change, group)?;
        let event = events::group("group_delete", group.id, change, &group.display_name, &[]);
        let expected = (concurrency == Concurrency::Strict).then_some(group.version);
        let mut licensing = self.licensing(org).await?;
        for _ in 0..ATTEMPTS {
            let write = Delete {
                org,
                id: group.id,
                expected,
                change: (change.source, change.settings),
                licensing: Arc::clone(&licensing),
                event: event.clone(),
            };
            let deleted = self.store.write(write).await.map_err(|error| match error {
                store::Error::NotFound => Error::UnknownGroup { id: group.id },
                other => other.into(),
            });
            match deleted {
                Err(Error::SchemasChanged) => licensing = self.newer_licensing(org, &licensing).await?,
                settled => return settled,
            }
        }
        Err(Error::Contended)
    }
}

/// A group to be created, under an id that others may speak of already.
#[derive(Debug, Clone)]
pub struct NewGroup {
    pub id: GroupId,
    /// One that `scim::resource::read` made.
    pub resource: Object,
    pub members: Vec<MemberRef>,
}

fn creation(change: &Change<'_>, org: OrgId, new: NewGroup) -> Result<Create, Error> {
    let NewGroup {
        id,
        resource,
        members,
    } = new;
    let provenance = rendering::trace("{}", &Object::new(), &resource, change.source);
    let claim = Claim::of(change.types, &change.types.group, &resource)?;
    let draft = draft(&resource, provenance, &change.types.group)?;
    let nothing = Object::new();
    let touched = rendering::touched(&nothing, &resource);
    let event = events::group("group_create", id, change, &draft.display_name, &touched);
    Ok(Create {
        org,
        id,
        draft,
        target: members::net(&[MemberChange::Add(members)]),
        claim,
        event,
    })
}

fn draft(resource: &Object, provenance: String, kind: &ResourceType) -> Result<Draft, Error> {
    let text = |name: &str| resource.get(name).and_then(Value::as_str);
    let display_name = text("displayName").unwrap_or_default();
    Ok(Draft {
        display_name: display_name.to_owned(),
        doc: rendering::render(resource)?,
        rendering: RENDERING,
        provenance,
        keys: rendering::group_keys(resource, kind),
    })
}

/// By which somebody new is in a group from the start: a part of the write that makes the person.
pub(crate) fn joining(
    change: &Change<'_>,
    org: OrgId,
    group: &Group,
    user: UserId,
    licensing: &Arc<Licensing>,
) -> Result<Joining, Error> {
    let document = rendering::group_document(group)?;
    Ok(Joining(Update {
        org,
        id: group.id,
        draft: None,
        target: members::net(&[MemberChange::Add(vec![user.into()])]),
        expected: None,
        claim: Claim::of(change.types, &change.types.group, &document)?,
        change: (change.source, change.settings),
        licensing: Arc::clone(licensing),
        event: events::group("group_update", group.id, change, &group.display_name, &[]),
    }))
}

/// Somebody new who is about to join a group.
pub(crate) struct Joining(Update);

impl Joining {
    /// Whether licences come with the group: then their lock is taken before anything is written.
    pub fn gives_licences(&self) -> bool {
        self.0.licensing.has_group(self.0.id)
    }

    /// To be called once the person is there.
    pub async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        let id = self.0.id;
        match self.0.run(tx).await {
            Err(store::Error::NotFound) => Err(store::Error::refuse(Error::UnknownGroup { id })),
            done => done.map(drop),
        }
    }
}

struct Create {
    org: OrgId,
    id: GroupId,
    draft: Draft,
    target: Target,
    claim: Claim,
    event: Event,
}

impl Write for Create {
    type Out = Group;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Group, store::Error> {
        let cause = &self.event.cause;
        self.claim.begin(tx, self.org).await?;
        let group = store::groups::insert(tx, self.org, self.id, &self.draft, cause).await?;
        self.claim.settle(tx, self.org, self.id).await?;
        let mut moved = Replaced::default();
        if !self.target.is_empty() {
            moved = members::settle(tx, self.org, self.id, &self.target).await?;
            store::members::note(tx, self.org, self.id, &moved.added, &moved.removed, cause).await?;
        }
        self.event.with_members(&moved).append(tx, self.org).await?;
        Ok(group)
    }
}

struct Update {
    org: OrgId,
    id: GroupId,
    /// `None`: only members come and go.
    draft: Option<Draft>,
    target: Target,
    expected: Option<i64>,
    claim: Claim,
    change: (Source, Settings),
    licensing: Arc<Licensing>,
    event: Event,
}

impl Write for Update {
    type Out = (Group, Moved);

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(Group, Moved), store::Error> {
        let (org, id, cause) = (self.org, self.id, &self.event.cause);
        let (source, settings) = self.change;
        if self.draft.is_some() {
            self.claim.begin_with(tx, org, &self.licensing).await?;
        } else {
            licences::prepare(tx, org, &self.licensing).await?;
        }
        if self.licensing.has_group(id) && !self.target.is_empty() {
            tx.lock(Lock::Licences(org)).await?;
        }
        if let Some(draft) = &self.draft {
            store::members::lock_nesting(tx, org, &self.target).await?;
            store::groups::update(tx, org, id, self.expected, draft, cause).await?;
            self.claim.settle(tx, org, id).await?;
        }
        let mut done = Replaced::default();
        if !self.target.is_empty() {
            done = members::settle(tx, org, id, &self.target).await?;
            if self.draft.is_none() && Moved::of(&done) != Moved::default() {
                store::groups::touch(tx, org, id, self.expected).await?;
            }
            store::members::note(tx, org, id, &done.added, &done.removed, cause).await?;
            let (by, rules) = ((cause, source), (&*self.licensing, settings));
            licences::moved(tx, org, by, rules, id, (&done.added, &done.removed)).await?;
        }
        let moved = Moved::of(&done);
        let group = store::groups::by_id(tx, org, id)
            .await?
            .ok_or(store::Error::NotFound)?;
        if self.draft.is_some() || moved != Moved::default() {
            self.event.with_members(&done).append(tx, org).await?;
        } else if self.expected.is_some_and(|expected| expected != group.version) {
            let current = group.version;
            return Err(store::Error::VersionMismatch { current });
        }
        Ok((group, moved))
    }
}

struct Delete {
    org: OrgId,
    id: GroupId,
    expected: Option<i64>,
    change: (Source, Settings),
    licensing: Arc<Licensing>,
    event: Event,
}

impl Write for Delete {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        let (org, id, cause) = (self.org, self.id, &self.event.cause);
        licences::prepare(tx, org, &self.licensing).await?;
        let mut leaving = Vec::new();
        if self.licensing.has_group(id) {
            tx.lock(Lock::Licences(org)).await?;
            let people = store::members::user_ids(tx, org, id, None, u32::MAX).await?;
            leaving = people.into_iter().map(MemberId::User).collect();
        }
        store::groups::delete(tx, org, id, self.expected, cause).await?;
        store::unique_values::release(tx, org, id.into()).await?;
        self.event.append(tx, org).await?;
        if self.licensing.has_group(id) {
            let (source, settings) = self.change;
            let (by, rules) = ((cause, source), (&*self.licensing, settings));
            licences::moved(tx, org, by, rules, id, (&[], &leaving)).await?;
            store::licences::templates::remove(tx, org, Scope::Group(id)).await?;
        }
        Ok(())
    }
}
