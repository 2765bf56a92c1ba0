//! To whom a person's account refers: read with the person, noted with what came of the work, and the reason to look at
//! the person again when one of them gets another account, or has none any more.

use base::{CycleId, SubjectId};
use store::cycles::Kind;
use store::lanes::{Mark, Verify};
use store::references::Reference;
use store::{Query, Tx};

use super::config::Config;
use super::members::{Memberships, mark_groups_of};
use crate::error::Error;
use crate::plan::{Referenced, Scope, named};
use crate::plans::Gatherer;

use super::source::Source;

impl Source {
    /// Reads whom the mappings refer to, if they refer to anybody.
    pub(super) async fn read_references(&mut self, q: &mut impl Query, config: &Config) -> Result<(), Error> {
        if !config.mappings.has_references() {
            return Ok(());
        }
        // Mappings that cannot be worked out are told of by the plan.
        let ids: Vec<_> = match self.mapped(config) {
            Ok(wants) => named(&wants).collect(),
            Err(_) => return Ok(()),
        };
        let Some(present) = &mut self.present else {
            return Ok(());
        };
        for id in ids {
            if let Some(user) = store::users::by_id(q, config.org, id.as_user()).await? {
                let link = store::links::by_subject(q, config.org, config.app, id).await?;
                let referenced = Referenced {
                    name: user.display_name.unwrap_or(user.user_name),
                    remote_id: link.map(|link| link.remote_id),
                };
                present.references.insert(id, referenced);
            }
        }
        Ok(())
    }

    /// What is to be noted of them.
    pub(super) fn references(&self) -> Vec<Reference> {
        match (&self.present, &self.scope) {
            (Some(present), Scope::In(_)) => present
                .references
                .iter()
                .map(|(referenced, Referenced { remote_id, .. })| Reference {
                    referenced,
                    remote_id: remote_id.clone(),
                })
                .collect(),
            _ => Vec::new(),
        }
    }
}

/// What the work for one means for those who refer to it, for those it refers to, and for a group's members.
#[derive(Debug, Clone, Default)]
pub(super) struct Ties {
    /// To be noted in place of what is noted; `None`: it stands as it is.
    pub(super) references: Option<Vec<Reference>>,
    /// Who refers to this one is to be looked at again.
    pub(super) moved: bool,
    /// So are the groups that it is in.
    pub(super) in_groups: bool,
    /// The account that it had until now and has no more.
    pub(super) lost: Option<String>,
    pub(super) memberships: Memberships,
}

impl Ties {
    /// Whether there is nothing more to them than that others may refer to this one.
    pub(super) fn are_plain(&self) -> bool {
        self.references.is_none() && !self.in_groups && matches!(self.memberships, Memberships::Kept)
    }

    /// Says whether there is something to do again because of it.
    pub(super) async fn write(
        &self,
        tx: &mut Tx<'_>,
        gatherer: &Gatherer,
        subject: SubjectId,
        cycle: Option<CycleId>,
    ) -> Result<bool, store::Error> {
        let Gatherer { org, app, .. } = *gatherer;
        let missed = match &self.references {
            None => false,
            Some(references) => store::references::replace(tx, org, app, subject, references).await?,
        };
        let members = self.memberships.write(tx, gatherer, subject).await?;
        let again = members.or(missed.then_some(Verify::No));
        if again.is_none() && !self.moved && !self.in_groups {
            return Ok(false);
        }
        let running = store::cycles::running(tx, org, app).await?;
        let running = running.into_iter().find(|running| Some(running.id) == cycle);
        let mark = Mark {
            cycle: running
                .as_ref()
                .map_or_else(|| tx.ambient().id(), |running| running.id),
            now: tx.ambient().now(),
            verify: Verify::No,
        };
        let mut marked = 0;
        if let Some(verify) = again {
            marked += store::lanes::mark_again(tx, org, app, subject, Mark { verify, ..mark }).await?;
        }
        if self.moved {
            marked += store::lanes::mark_referring(tx, org, app, subject, mark).await?;
        }
        if self.in_groups {
            marked += mark_groups_of(tx, gatherer, (subject, self.lost.as_deref()), mark).await?;
        }
        if marked > 0 && running.is_none() {
            let stance = store::apps::stance(tx, org, app).await?;
            let watermark = stance.and_then(|stance| stance.watermark).unwrap_or_default();
            let cycle = (mark.cycle, Kind::Incremental);
            store::cycles::start(tx, org, app, cycle, watermark, &gatherer.cause).await?;
        }
        Ok(marked > 0)
    }
}
