//! People who come.

use std::sync::Arc;

use base::{GroupId, OrgId, UserId};
use scim::Object;
use serde_json::Value;
use store::users::{Draft, User};
use store::{Lock, Tx, Write};

use super::{ATTEMPTS, draft, refuse_claimed, taken};
use crate::events::Event;
use crate::groups::{self, Joining};
use crate::invitations::{self, Invitee, Inviter, Needs};
use crate::licences::{self, Licensing};
use crate::together::Together;
use crate::unique::Claim;
use crate::{Change, Directory, Error, Facts, Source, domains, events, rendering, rules};

impl Directory {
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
        self.create(change, org, users, &[], Earnest::Kept).await
    }

    /// Creates a person who is in these groups from the start: the person, the memberships and what comes with them, or nothing.
    pub async fn create_user_in(
        &self,
        change: &Change<'_>,
        org: OrgId,
        user: NewUser,
        groups: &[GroupId],
    ) -> Result<User, Error> {
        let mut created = self
            .create(change, org, vec![user], groups, Earnest::Kept)
            .await?;
        created.pop().ok_or(Error::Contended)
    }

    /// Says why [`Self::create_user_in`] would fail, if it would; creates nobody.
    pub async fn try_user_in(
        &self,
        change: &Change<'_>,
        org: OrgId,
        user: NewUser,
        groups: &[GroupId],
    ) -> Result<(), Error> {
        let tried = self.create(change, org, vec![user], groups, Earnest::Undone);
        tried.await.map(drop)
    }

    async fn create(
        &self,
        change: &Change<'_>,
        org: OrgId,
        users: Vec<NewUser>,
        groups: &[GroupId],
        earnest: Earnest,
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
        let mut joined = Vec::with_capacity(groups.len());
        for group in groups {
            joined.push(self.group(org, *group).await?);
        }
        let mut licensing = self.licensing(org).await?;
        for _ in 0..ATTEMPTS {
            let create = |newcomer: &Arc<Newcomer>| {
                let join = |group| groups::joining(change, org, group, newcomer.id, &licensing);
                Ok(Create {
                    newcomer: Arc::clone(newcomer),
                    joining: joined.iter().map(join).collect::<Result<_, Error>>()?,
                    licensing: Arc::clone(&licensing),
                })
            };
            let writes = newcomers.iter().map(create).collect::<Result<_, Error>>()?;
            let together = Together { org, writes };
            let created = match earnest {
                Earnest::Kept => self.store.write(together).await,
                Earnest::Undone => self.store.rehearse(together).await.map(|()| Vec::new()),
            };
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
}

/// Whether somebody is made, or it is only tried.
#[derive(Debug, Clone, Copy)]
enum Earnest {
    Kept,
    Undone,
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

struct Create {
    newcomer: Arc<Newcomer>,
    joining: Vec<Joining>,
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
        if self.licensing.gives_newcomers() || self.joining.iter().any(Joining::gives_licences) {
            tx.lock(Lock::Licences(*org)).await?;
        }
        refuse_claimed(tx, *org, domain.as_deref()).await?;
        let mut user = store::users::insert(tx, *org, *id, draft, &event.cause).await?;
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
        for group in &self.joining {
            group.run(tx).await?;
            user.in_groups = true;
        }
        Ok(user)
    }
}
