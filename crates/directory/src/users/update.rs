//! People who change.

use base::OrgId;
use scim::Object;
use store::members::Membership;
use store::users::{Draft, Known, User};
use store::{Key, Tx, Write};

use super::{ATTEMPTS, draft, keep_an_administrator, refuse_claimed, taken};
use crate::events::Event;
use crate::invitations::{self, Invitee, Inviter, Needs};
use crate::roles::keep_rank;
use crate::unique::Claim;
use crate::{Change, Directory, Error, Facts, Moving, domains, events, owned, rendering, rules, states};

impl Directory {
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

    /// Says why [`Self::edit_user`] would fail, if it would; changes nobody.
    pub async fn try_edit(
        &self,
        change: &Change<'_>,
        org: OrgId,
        current: User,
        edit: impl Fn(&mut Object) -> Result<(), scim::Error> + Send + Sync,
    ) -> Result<(), Error> {
        let mut write = match prepare(change, org, current, &Terms::default(), &edit)? {
            Prepared::Unchanged(_) => return Ok(()),
            Prepared::Changed(write) => write,
        };
        write.inviter.clone_from(&self.inviter);
        let user_name = write.draft.user_name.clone();
        match self.store.rehearse(*write).await {
            // Somebody else was quicker: what they have changed is another question.
            Err(store::Error::Overtaken) => Err(Error::Contended),
            tried => tried.map_err(|error| taken(error, user_name)),
        }
    }

    /// The same as [`Self::edit_user`], with more to be said of how.
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
enum Prepared {
    Unchanged(User),
    Changed(Box<Update>),
}

fn prepare(
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

struct Update {
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
