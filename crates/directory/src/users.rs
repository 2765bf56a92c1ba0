//! People.

use std::sync::Arc;

use base::{OrgId, UserId, canonical};
use scim::{Object, ResourceType};
use serde_json::Value;
use store::members::Membership;
use store::users::{Draft, Known, User};
use store::{Attribute, Key, Lock, Lookup, Match, Start, Tx, Write};

use crate::events::Event;
use crate::invitations::{self, Invitee, Inviter, Needs};
use crate::licences::{self, Licensing};
use crate::rendering::{self, RENDERING};
use crate::roles::keep_rank;
use crate::together::Together;
use crate::unique::Claim;
use crate::{
    Change, Directory, DomainError, Error, Facts, Moving, Source, domains, events, owned, rules, states,
};

/// The role of whoever may do everything.
pub(crate) const FULL_ADMIN: &str = "id_full_admin";

/// How often a change is tried anew when others come first.
const ATTEMPTS: usize = 20;

impl Directory {
    pub async fn user(&self, org: OrgId, id: UserId) -> Result<User, Error> {
        let user = store::users::by_id(&mut self.store.reader(), org, id).await?;
        user.ok_or(Error::UnknownUser { id })
    }

    /// Those of these people who are there.
    pub async fn users_by_ids(&self, org: OrgId, ids: &[UserId]) -> Result<Vec<User>, Error> {
        Ok(store::users::by_ids(&mut self.store.reader(), org, ids).await?)
    }

    /// The person of a userName, in whichever case it is written.
    pub async fn user_by_name(&self, org: OrgId, user_name: &str) -> Result<Option<User>, Error> {
        Ok(store::users::by_user_name(&mut self.store.reader(), org, user_name).await?)
    }

    /// The person of an e-mail address; nobody if several have it.
    pub async fn user_by_email(&self, org: OrgId, email: &str) -> Result<Option<User>, Error> {
        let email = canonical::email(email);
        if email.len() > rendering::INDEXED {
            return Ok(None);
        }
        let lookup = Lookup::Key(Attribute::Email, Match::Equal(email));
        let mut users = store::users::page(&mut self.store.reader(), org, &lookup, Start::FIRST, 2).await?;
        let last = users.pop();
        Ok(last.filter(|_| users.is_empty()))
    }

    pub async fn count_users(&self, org: OrgId) -> Result<u64, Error> {
        Ok(store::users::count(&mut self.store.reader(), org, &Lookup::All).await?)
    }

    /// Creates a person; the resource is one that `scim::resource::read` made.
    pub async fn create_user(
        &self,
        change: &Change<'_>,
        org: OrgId,
        resource: Object,
    ) -> Result<User, Error> {
        let new = NewUser {
            id: self.ambient.id(),
            resource,
        };
        let mut created = self.create_users(change, org, vec![new]).await?;
        created.pop().ok_or(Error::Contended)
    }

    /// Creates several people in one transaction: all or none. Of several the error does not say whose userName is taken.
    pub async fn create_users(
        &self,
        change: &Change<'_>,
        org: OrgId,
        users: Vec<NewUser>,
    ) -> Result<Vec<User>, Error> {
        let newcomers = users.into_iter().map(|new| {
            let invited = self.welcome(change, &new);
            newcomer(change, org, new, invited).map(Arc::new)
        });
        let newcomers = newcomers.collect::<Result<Vec<_>, _>>()?;
        let user_name = match newcomers.as_slice() {
            [one] => one.draft.user_name.as_str(),
            _ => "",
        };
        let mut licensing = self.licensing(org).await?;
        for _ in 0..ATTEMPTS {
            let create = |newcomer: &Arc<Newcomer>| Create {
                newcomer: Arc::clone(newcomer),
                licensing: Arc::clone(&licensing),
            };
            let writes = newcomers.iter().map(create).collect();
            let created = self.store.write(Together { org, writes }).await;
            match created.map_err(|error| taken(error, user_name.to_owned())) {
                Err(Error::SchemasChanged) => licensing = self.newer_licensing(org, &licensing).await?,
                settled => return settled,
            }
        }
        Err(Error::Contended)
    }

    /// By whom whoever comes is invited, to which address, if so it is.
    fn welcome(&self, change: &Change<'_>, new: &NewUser) -> Option<(Inviter, String)> {
        let active = new.resource.get("active").and_then(Value::as_bool);
        if active == Some(false) || !invitations::wants(change.settings, change.source) {
            return None;
        }
        let address = rules::written_sign_in_address(&new.resource)?;
        Some((self.inviter.clone()?, address.to_owned()))
    }

    /// Changes a person: `edit` works on the document and may be run several times. Where nothing differs afterwards,
    /// nothing is written. With `strict`, somebody else's change in between is an error; else `edit` runs anew on it.
    pub async fn edit_user(
        &self,
        change: &Change<'_>,
        org: OrgId,
        current: User,
        concurrency: Concurrency,
        edit: impl Fn(&mut Object) -> Result<(), scim::Error> + Send + Sync,
    ) -> Result<User, Error> {
        let terms = concurrency.into();
        let edited = self.edit_user_on_terms(change, org, current, &terms, edit);
        Ok(edited.await?.user)
    }

    /// The same, with more to be said of how.
    pub async fn edit_user_on_terms(
        &self,
        change: &Change<'_>,
        org: OrgId,
        current: User,
        terms: &Terms,
        edit: impl Fn(&mut Object) -> Result<(), scim::Error> + Send + Sync,
    ) -> Result<Edited, Error> {
        let (mut current, mut turn) = (current, None);
        for _ in 0..ATTEMPTS {
            let (id, version) = (current.id, current.version);
            let mut write = match prepare(change, org, current, terms, &edit)? {
                Prepared::Unchanged(user) => return Ok(Edited { user, groups: None }),
                Prepared::Changed(write) => write,
            };
            write.inviter.clone_from(&self.inviter);
            let user_name = write.draft.user_name.clone();
            match self.store.write(*write).await {
                Ok(edited) => return Ok(edited),
                Err(store::Error::Overtaken) => {
                    if turn.is_none() && terms.concurrency == Concurrency::Retry {
                        turn = Some(self.turns.take(id).await);
                    }
                    current = self.user(org, id).await?;
                    if terms.concurrency == Concurrency::Strict && current.version != version {
                        let current = current.version;
                        return Err(Error::VersionMismatch { current });
                    }
                }
                Err(error) => return Err(taken(error, user_name)),
            }
        }
        Err(Error::Contended)
    }

    /// Removes a person for good, out of every group; a tombstone stays.
    pub async fn delete_user(
        &self,
        change: &Change<'_>,
        org: OrgId,
        user: &User,
        concurrency: Concurrency,
    ) -> Result<(), Error> {
        owned::refuse_removal(change, user)?;
        let event = events::user("user_delete", user.id, change, &user.user_name, &[]);
        let expected = (concurrency == Concurrency::Strict).then_some(user.version);
        let mut licensing = self.licensing(org).await?;
        for _ in 0..ATTEMPTS {
            let write = Delete {
                org,
                id: user.id,
                expected,
                source: change.source,
                licensing: Arc::clone(&licensing),
                event: event.clone(),
            };
            let deleted = self.store.write(write).await.map_err(|error| match error {
                store::Error::NotFound => Error::UnknownUser { id: user.id },
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

/// A person to be created, under an id that others may speak of already.
#[derive(Debug, Clone)]
pub struct NewUser {
    pub id: UserId,
    /// One that `scim::resource::read` made.
    pub resource: Object,
}

fn newcomer(
    change: &Change<'_>,
    org: OrgId,
    new: NewUser,
    invited: Option<(Inviter, String)>,
) -> Result<Newcomer, Error> {
    let NewUser { id, mut resource } = new;
    rules::apply(change.settings, &mut resource)?;
    let provenance = rendering::trace("{}", &Object::new(), &resource, change.source);
    let claim = Claim::of(change.types, &change.types.user, &resource)?;
    let draft = draft(&resource, provenance, &change.types.user)?;
    let domain = domains::of_person(&resource);
    let nothing = Object::new();
    let touched = rendering::touched(&nothing, &resource);
    let event = events::user("user_create", id, change, &draft.user_name, &touched);
    Ok(Newcomer {
        org,
        id,
        draft,
        claim,
        source: change.source,
        event,
        invited,
        domain,
    })
}

/// What becomes of a change when somebody else was quicker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Concurrency {
    /// It fails: the caller has said which version it means.
    Strict,
    /// It is worked out anew on what is there now.
    #[default]
    Retry,
}

/// How a change is to be made.
#[derive(Debug, Clone, Default)]
pub struct Terms {
    pub concurrency: Concurrency,
    /// Attributes that count as changed even if they are what they were: whoever may write a hidden one cannot find out
    /// by that what it holds.
    pub rewritten: Vec<String>,
    pub groups: Groups,
}

impl From<Concurrency> for Terms {
    fn from(concurrency: Concurrency) -> Self {
        Self {
            concurrency,
            ..Self::default()
        }
    }
}

/// Whether the groups of a person who is changed are read with the change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Groups {
    #[default]
    Unasked,
    Asked,
}

/// A person after a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edited {
    pub user: User,
    /// As of the change, if they were asked for and it was made.
    pub groups: Option<Vec<Membership>>,
}

/// What a change comes to.
pub(crate) enum Prepared {
    Unchanged(User),
    Changed(Box<Update>),
}

pub(crate) fn prepare(
    change: &Change<'_>,
    org: OrgId,
    current: User,
    terms: &Terms,
    edit: impl Fn(&mut Object) -> Result<(), scim::Error>,
) -> Result<Prepared, Error> {
    let before = rendering::document(&current)?;
    let mut after = before.clone();
    edit(&mut after)?;
    rules::apply_to_change(change.settings, &before, &mut after)?;
    let mut touched = rendering::touched(&before, &after);
    rendering::touch(&mut touched, &terms.rewritten, &before, &after);
    if touched.is_empty() {
        return Ok(Prepared::Unchanged(current));
    }
    owned::refuse_changes(change, &current, &touched)?;
    let provenance = rendering::trace(&current.provenance, &before, &after, change.source);
    let claim = Claim::of(change.types, &change.types.user, &after)?;
    let draft = draft(&after, provenance, &change.types.user)?;
    let keys = rendering::known_keys(&current, &before, &change.types.user);
    let admin = if current.active && !draft.active {
        Administrator::Leaves
    } else {
        Administrator::Stays
    };
    let readdress = Readdress::of(&before, &after);
    let same_name = current.user_name == draft.user_name && matches!(readdress, Readdress::Unchanged);
    // Letters about tokens and consents go there.
    let same_mail = rules::email(&before) == rules::email(&after);
    let entry = if current.active == draft.active && same_name && same_mail {
        Entry::Same
    } else {
        Entry::Changed
    };
    let event = events::user("user_update", current.id, change, &draft.user_name, &touched);
    Ok(Prepared::Changed(Box::new(Update {
        org,
        current,
        keys,
        draft,
        claim,
        readdress,
        entry,
        event,
        admin,
        groups: terms.groups,
        inviter: None,
    })))
}

/// What is stored of a resource.
pub fn draft(resource: &Object, provenance: String, kind: &ResourceType) -> Result<Draft, Error> {
    Ok(Draft {
        active: resource.get("active").and_then(Value::as_bool).unwrap_or(true),
        user_name: rules::user_name(resource).to_owned(),
        display_name: resource
            .get("displayName")
            .and_then(Value::as_str)
            .map(ToOwned::to_owned),
        doc: rendering::render(resource)?,
        rendering: RENDERING,
        provenance,
        keys: rendering::keys(resource, kind),
    })
}

fn taken(error: store::Error, user_name: String) -> Error {
    match error {
        store::Error::Conflict { what } if what == "user_name" => Error::UserNameTaken { user_name },
        other => other.into(),
    }
}

/// Somebody who is about to come.
struct Newcomer {
    org: OrgId,
    id: UserId,
    draft: Draft,
    claim: Claim,
    source: Source,
    event: Event,
    /// By whom, and to which address.
    invited: Option<(Inviter, String)>,
    /// That of the address by which they sign in.
    domain: Option<String>,
}

/// Refuses an address of a domain that another organization has claimed.
async fn refuse_claimed(tx: &mut Tx<'_>, org: OrgId, domain: Option<&str>) -> Result<(), store::Error> {
    let Some(domain) = domain else {
        return Ok(());
    };
    let refusal = || store::Error::refuse(Error::Domain(DomainError::ClaimedElsewhere));
    store::domains::require_unclaimed(tx, org, domain, refusal).await
}

struct Create {
    newcomer: Arc<Newcomer>,
    licensing: Arc<Licensing>,
}

impl Write for Create {
    type Out = User;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<User, store::Error> {
        let Newcomer {
            org,
            id,
            draft,
            claim,
            source,
            event,
            invited,
            domain,
        } = &*self.newcomer;
        claim.begin_with(tx, *org, &self.licensing).await?;
        if self.licensing.gives_newcomers() {
            tx.lock(Lock::Licences(*org)).await?;
        }
        refuse_claimed(tx, *org, domain.as_deref()).await?;
        let user = store::users::insert(tx, *org, *id, draft, &event.cause).await?;
        claim.settle(tx, *org, *id).await?;
        event.append(tx, *org).await?;
        if let Some((inviter, address)) = invited {
            let invitee = Invitee {
                user: *id,
                user_name: &user.user_name,
                address,
                needs: Needs::Password,
            };
            inviter.invite(tx, *org, invitee, &event.cause).await?;
        }
        let now = tx.ambient().now();
        let facts = Facts {
            inactive: (!user.active).then_some(now),
            invited: invited.as_ref().map(|_| now),
            ..Facts::default()
        };
        store::facts::arrive(tx, *org, *id, &facts, domain.as_deref()).await?;
        let by = (&event.cause, *source);
        licences::arrive(tx, *org, by, &self.licensing, (*id, &user.user_name)).await?;
        Ok(user)
    }
}

pub(crate) struct Update {
    org: OrgId,
    current: User,
    /// By what the person is found now, if that is known.
    keys: Option<Vec<Key>>,
    draft: Draft,
    claim: Claim,
    readdress: Readdress,
    entry: Entry,
    event: Event,
    admin: Administrator,
    groups: Groups,
    /// Sends an invitation after somebody whose address changes.
    inviter: Option<Inviter>,
}

/// Whether the address changes by which the person signs in.
enum Readdress {
    Unchanged,
    To {
        address: Option<String>,
        domain: Option<String>,
    },
}

impl Readdress {
    fn of(before: &Object, after: &Object) -> Self {
        let address = rules::sign_in_address(after);
        // Two domains can have one canonical form.
        let domain = domains::of_person(after);
        if rules::sign_in_address(before) == address && domains::of_person(before) == domain {
            Self::Unchanged
        } else {
            Self::To { address, domain }
        }
    }
}

/// Whether it changes if a person gets in, or under which name.
enum Entry {
    Same,
    Changed,
}

/// Whether a change may leave the organization without an administrator.
enum Administrator {
    Stays,
    Leaves,
}

impl Write for Update {
    type Out = Edited;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Edited, store::Error> {
        let id = self.current.id;
        self.claim.begin(tx, self.org).await?;
        if let Entry::Changed = self.entry {
            keep_rank(tx, self.org, id, &self.event.cause).await?;
        }
        if let Administrator::Leaves = self.admin {
            keep_an_administrator(tx, self.org, id).await?;
        }
        if let Readdress::To { domain, .. } = &self.readdress {
            refuse_claimed(tx, self.org, domain.as_deref()).await?;
        }
        let was_active = self.current.active;
        let known = Known {
            user: &self.current,
            keys: self.keys.as_deref(),
        };
        let mut user = store::users::replace(tx, self.org, known, &self.draft, &self.event.cause).await?;
        self.claim.settle(tx, self.org, id).await?;
        if let Readdress::To { address, .. } = &self.readdress {
            store::sign_ins::readdress(tx, self.org, id, address.as_deref()).await?;
        }
        if let Administrator::Leaves = self.admin {
            store::sessions::end_all(tx, self.org, id).await?;
        }
        self.event.append(tx, self.org).await?;
        let is_readdressed = matches!(self.readdress, Readdress::To { .. });
        if is_readdressed || was_active != user.active {
            let moving = Moving {
                was_active,
                ..Moving::of(self.org, &user)
            };
            let verified = match &self.readdress {
                Readdress::To {
                    domain: Some(domain), ..
                } if store::domains::is_verified(tx, self.org, domain).await? => Some(tx.ambient().now()),
                _ => None,
            };
            let learn = |facts: &mut Facts| {
                if is_readdressed {
                    states::forget_address(facts);
                    facts.verified = verified;
                }
            };
            let before = moving.learn(tx, &self.event.cause, learn).await?;
            if is_readdressed {
                self.send_after(tx, &user, &before, verified.is_some()).await?;
            }
        }
        let groups = match self.groups {
            Groups::Unasked => None,
            Groups::Asked if !user.in_groups => Some(Vec::new()),
            Groups::Asked => {
                let mut groups = store::members::of_users(tx, self.org, &[id]).await?;
                let groups = groups.remove(&id).unwrap_or_default();
                user.in_groups = !groups.is_empty();
                Some(groups)
            }
        };
        Ok(Edited { user, groups })
    }
}

impl Update {
    /// An invitation that nobody has answered is good no more, and goes to the new address.
    async fn send_after(
        &self,
        tx: &mut Tx<'_>,
        user: &User,
        before: &Facts,
        is_verified: bool,
    ) -> Result<(), store::Error> {
        store::invitations::remove(tx, self.org, user.id).await?;
        let is_open = before.invited.is_some() && before.verified.is_none();
        let (true, true, Some(inviter)) = (is_open, user.active, &self.inviter) else {
            return Ok(());
        };
        let document = rendering::document(user).map_err(store::Error::refuse)?;
        let Some(address) = rules::written_sign_in_address(&document) else {
            return Ok(());
        };
        let needs = invitations::needs(tx, self.org, user.id).await?;
        if is_verified && needs == Needs::Confirmation {
            return Ok(());
        }
        let invitee = Invitee {
            user: user.id,
            user_name: &user.user_name,
            address,
            needs,
        };
        inviter.invite(tx, self.org, invitee, &self.event.cause).await?;
        invitations::learn_of(tx, self.org, user, &self.event.cause).await
    }
}

/// Refuses that the last active full administrator goes. Whoever gives or takes roles waits until this write ends.
pub(crate) async fn keep_an_administrator(
    tx: &mut Tx<'_>,
    org: OrgId,
    id: UserId,
) -> Result<(), store::Error> {
    tx.lock(Lock::Feed(org)).await?;
    tx.lock(Lock::Roles(org)).await?;
    let roles = store::roles::of_user(tx, org, id).await?;
    if !roles.iter().any(|role| role == FULL_ADMIN)
        || store::roles::has_other_active_holder(tx, org, FULL_ADMIN, id).await?
    {
        return Ok(());
    }
    match store::users::by_id(tx, org, id).await? {
        Some(user) if user.active => Err(store::Error::refuse(Error::LastAdmin {
            user_name: user.user_name,
        })),
        _ => Ok(()),
    }
}

struct Delete {
    org: OrgId,
    id: UserId,
    expected: Option<i64>,
    source: Source,
    licensing: Arc<Licensing>,
    event: Event,
}

impl Write for Delete {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        licences::prepare(tx, self.org, &self.licensing).await?;
        keep_rank(tx, self.org, self.id, &self.event.cause).await?;
        keep_an_administrator(tx, self.org, self.id).await?;
        if self.licensing.is_used() {
            tx.lock(Lock::Licences(self.org)).await?;
        }
        let by = (&self.event.cause, self.source);
        licences::depart(tx, self.org, by, &self.licensing, self.id).await?;
        store::users::delete(tx, self.org, self.id, self.expected, &self.event.cause).await?;
        store::unique_values::release(tx, self.org, self.id.into()).await?;
        self.event.append(tx, self.org).await
    }
}
