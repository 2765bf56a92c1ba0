//! The members of a group at the target: read before it is planned for, written down with what came of the work.

use base::{GroupId, SubjectId};
use store::lanes::{Mark, Verify};
use store::memberships::Stale;
use store::{Query, Tx, Write};

use super::carry::{Done, Undone};
use super::config::Config;
use super::gate::Gate;
use super::resolve::{Match, Unresolved, enter};
use super::source::Source;
use crate::error::Error;
use crate::plan::{Members, Scope};
use crate::plans::Gatherer;
use crate::provisioning::Provisioning;
use crate::target::Exchange;

/// Members in one request, at most.
const AT_A_TIME: u32 = 250;

impl Source {
    /// Reads which members may have to change. After failures they are fewer each time, so that one whom the target will
    /// not have is found.
    pub(crate) async fn read_members(
        &mut self,
        q: &mut impl Query,
        config: &Config,
        failures: i64,
    ) -> Result<(), Error> {
        if !config.members || matches!(self.scope, Scope::Out(_)) {
            return Ok(());
        }
        let Some(present) = &mut self.present else {
            return Ok(());
        };
        let fewer = u32::try_from(failures.saturating_mul(3))
            .unwrap_or(u32::MAX)
            .min(16);
        let limit = (AT_A_TIME >> fewer).max(1);
        let group = self.subject.as_group();
        let stale = store::memberships::stale(q, config.org, config.app, group, limit).await?;
        present.members = Members(stale);
        Ok(())
    }
}

impl Provisioning {
    /// Reads anew who stands in a group at the target, and notes where that differs from what was known. A target that
    /// does not show its members is believed to have what it was sent.
    pub(super) async fn read_members_anew(
        &self,
        config: &Config,
        gate: &Gate,
        (subject, link): (SubjectId, &Match),
        log: &mut Vec<Exchange>,
    ) -> Result<(), Error> {
        let shown = shown(config, gate, link, log).await;
        let write = Compare {
            org: config.org,
            app: config.app,
            group: subject.as_group(),
            // Whatever is wrong there, the work itself meets it and says so.
            shown: shown.ok().flatten(),
        };
        Ok(self.store.write(write).await?)
    }
}

async fn shown(
    config: &Config,
    gate: &Gate,
    link: &Match,
    log: &mut Vec<Exchange>,
) -> Result<Option<Vec<String>>, Unresolved> {
    let _slot = enter(config, gate).await?;
    Ok(config.target.members(&link.target, log).await?)
}

struct Compare {
    org: base::OrgId,
    app: base::AppId,
    group: GroupId,
    shown: Option<Vec<String>>,
}

impl Write for Compare {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        if let Some(shown) = &self.shown {
            store::memberships::found(tx, self.org, self.app, self.group, shown).await?;
        }
        store::memberships::compare(tx, self.org, self.app, self.group).await
    }
}

/// What becomes of a group's memberships when the work for it is written down.
#[derive(Debug, Clone, Default)]
pub(super) enum Memberships {
    /// Nothing.
    #[default]
    Kept,
    /// These stand at the target as is wanted now. There may be more that are stale.
    Settled(Vec<Stale>),
    /// So do these; others are stale, and nothing may be done about them.
    Partly(Vec<Stale>),
    /// The target will not have this one.
    Refused(Vec<Stale>),
    /// The group is another one there, or new: all of them are to be looked at, on what it shows if it was there before.
    Begun(Verify),
    /// The group is not held any more.
    Gone,
}

impl Memberships {
    /// What came of the members.
    pub(super) fn of(source: &Source, result: &Result<Done, Undone>) -> Self {
        let Some(present) = &source.present else {
            return Self::Kept;
        };
        match result {
            Ok(done) if done.plan.changes_members => Self::Settled(present.members.0.clone()),
            Ok(_) if present.members.differ() => Self::Partly(present.members.settled()),
            Ok(_) => Self::Settled(present.members.settled()),
            Err(undone) if undone.is_refusal() && present.members.0.len() == 1 => {
                Self::Refused(present.members.0.clone())
            }
            Err(_) => Self::Kept,
        }
    }

    /// Says whether there is more to do.
    pub(super) async fn write(
        &self,
        tx: &mut Tx<'_>,
        gatherer: &Gatherer,
        subject: SubjectId,
    ) -> Result<Option<Verify>, store::Error> {
        let Gatherer { org, app, .. } = *gatherer;
        let group = subject.as_group();
        match self {
            Self::Kept => Ok(None),
            Self::Settled(settled) if settled.is_empty() => Ok(None),
            Self::Settled(settled) => {
                let more = store::memberships::settle(tx, org, app, group, settled).await?;
                Ok(more.then_some(Verify::No))
            }
            Self::Partly(settled) => {
                store::memberships::settle(tx, org, app, group, settled).await?;
                Ok(None)
            }
            Self::Refused(refused) => {
                store::memberships::set_aside(tx, org, app, group, refused).await?;
                Ok(None)
            }
            Self::Begun(verify) => {
                store::memberships::forget(tx, org, app, group).await?;
                store::memberships::compare(tx, org, app, group).await?;
                Ok(Some(*verify))
            }
            Self::Gone => {
                store::memberships::forget(tx, org, app, group).await?;
                Ok(None)
            }
        }
    }
}

/// Has the groups looked at again in which somebody is who has got another account.
pub(super) async fn mark_groups_of(
    tx: &mut Tx<'_>,
    gatherer: &Gatherer,
    subject: SubjectId,
    mark: Mark,
) -> Result<u64, store::Error> {
    let Gatherer { org, app, .. } = *gatherer;
    let groups = store::memberships::touch_member(tx, org, app, subject).await?;
    store::lanes::mark_concerned_groups(tx, org, app, &groups, mark).await
}
