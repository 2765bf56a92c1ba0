//! The members of a group at the target: read before it is planned for, written down with what came of the work.

use std::collections::HashSet;

use base::{GroupId, SubjectId, Timestamp};
use store::lanes::{Lease, Mark, Verify};
use store::memberships::{Held, Stale, Unheld};
use store::{Query, Tx, Write};

use super::carry::{Done, Undone, Why};
use super::config::Config;
use super::gate::Gate;
use super::resolve::{Match, Unresolved, enter};
use super::source::Source;
use crate::error::Error;
use crate::plan::{Members, Scope};
use crate::plans::Gatherer;
use crate::provisioning::Provisioning;
use crate::target::{Exchange, Failure, MemberPlace};

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

/// Whoever stands in a group at the target, read page by page, beside what is known of it.
pub(crate) struct Reading<'a> {
    config: &'a Config,
    group: GroupId,
    target: &'a str,
    /// `None`: it is read whole.
    place: Option<MemberPlace>,
    shown: HashSet<String>,
    shows: bool,
    unheld: Vec<Unheld>,
}

/// Where a group at the target differs from what is known of it.
#[derive(Debug, Default)]
pub(crate) struct Standing {
    /// Who is there, and was not known to be.
    pub(crate) unheld: Vec<Unheld>,
    /// Who was known to be, and is not there.
    pub(crate) gone: Vec<Held>,
}

impl<'a> Reading<'a> {
    pub(crate) fn new(config: &'a Config, subject: SubjectId, target: &'a str) -> Self {
        Self {
            config,
            group: subject.as_group(),
            target,
            place: Some(MemberPlace::first(&config.ways)),
            shown: HashSet::new(),
            shows: true,
            unheld: Vec::new(),
        }
    }

    /// Reads a page; says whether there are more.
    pub(crate) async fn step(
        &mut self,
        q: &mut impl Query,
        gate: &Gate,
        log: &mut Vec<Exchange>,
    ) -> Result<bool, Unresolved> {
        let Some(place) = self.place.take() else {
            return Ok(false);
        };
        let Config { org, app, ways, .. } = self.config;
        let page = {
            let _slot = enter(self.config, gate).await?;
            let target = &self.config.target;
            target.members(self.target, place, ways, log).await
        };
        let page = match page {
            Ok(page) => page,
            Err(failure) if is_for_good(&failure) => None,
            Err(failure) => return Err(failure.into()),
        };
        let Some(page) = page else {
            self.shows = false;
            return Ok(false);
        };
        let ids: Vec<_> = page.ids.iter().map(String::as_str).collect();
        self.unheld
            .extend(store::memberships::unheld(q, *org, *app, self.group, &ids).await?);
        self.shown.extend(page.ids);
        self.place = page.next;
        Ok(self.place.is_some())
    }

    /// What came of it. A target that does not show its members is believed to have what it was sent.
    pub(crate) async fn end(self, q: &mut impl Query) -> Result<Standing, Unresolved> {
        let mut standing = Standing {
            unheld: self.unheld,
            gone: Vec::new(),
        };
        if !self.shows {
            return Ok(standing);
        }
        let Config { org, app, .. } = *self.config;
        let mut after = None;
        loop {
            let held = store::memberships::held(q, org, app, self.group, after, AT_A_TIME).await?;
            let Some(last) = held.last() else { break };
            after = Some(last.member);
            let gone = held
                .into_iter()
                .filter(|held| !self.shown.contains(&held.remote_id));
            standing.gone.extend(gone);
        }
        Ok(standing)
    }
}

/// Whether it will not say who is in the group when it is asked again, either.
fn is_for_good(failure: &Failure) -> bool {
    failure.message.code == "target.too_large" || !(failure.is_passing() || failure.is_everybodys())
}

impl Provisioning {
    /// Reads anew who stands in a group at the target, and notes where that differs from what was known.
    pub(super) async fn read_members_anew(
        &self,
        config: &Config,
        gate: &Gate,
        link: &Match,
        lease: &mut Lease,
        log: &mut Vec<Exchange>,
    ) -> Result<(), Why> {
        let mut reader = self.reader();
        let mut reading = Reading::new(config, lease.subject, &link.target);
        while reading.step(&mut reader, gate, log).await? {
            self.renew(config, lease).await?;
        }
        let write = Compare {
            org: config.org,
            app: config.app,
            group: lease.subject.as_group(),
            standing: reading.end(&mut reader).await?,
        };
        self.store.write(write).await.map_err(Unresolved::from)?;
        Ok(())
    }

    /// Has a lease last longer once a good part of it is over: a large group has many pages.
    async fn renew(&self, config: &Config, lease: &mut Lease) -> Result<(), Why> {
        let (now, whole) = (self.ambient().now(), config.settings.lease());
        if now + whole * 3 / 4 < lease.until {
            return Ok(());
        }
        let write = Renew {
            org: config.org,
            app: config.app,
            lease: lease.clone(),
            until: now + whole,
        };
        if !self.store.write(write).await.map_err(Unresolved::from)? {
            return Err(Why::LeaseOver);
        }
        lease.until = now + whole;
        Ok(())
    }
}

struct Renew {
    org: base::OrgId,
    app: base::AppId,
    lease: Lease,
    until: Timestamp,
}

impl Write for Renew {
    type Out = bool;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, store::Error> {
        store::lanes::renew(tx, self.org, self.app, &self.lease, self.until).await
    }
}

struct Compare {
    org: base::OrgId,
    app: base::AppId,
    group: GroupId,
    standing: Standing,
}

impl Write for Compare {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        let Self { org, app, group, .. } = *self;
        let Standing { unheld, gone } = &self.standing;
        store::memberships::found(tx, org, app, group, (unheld, gone)).await?;
        store::memberships::compare(tx, org, app, group).await
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

/// Has the groups looked at again in which somebody is who has got another account, or has `lost` the one of this id.
pub(super) async fn mark_groups_of(
    tx: &mut Tx<'_>,
    gatherer: &Gatherer,
    (subject, lost): (SubjectId, Option<&str>),
    mark: Mark,
) -> Result<u64, store::Error> {
    let Gatherer { org, app, .. } = *gatherer;
    let touched = store::memberships::touch_member(tx, org, app, subject, lost).await?;
    let verify = if touched.supposed {
        Verify::Yes
    } else {
        mark.verify
    };
    let mark = Mark { verify, ..mark };
    store::lanes::mark_concerned_groups(tx, org, app, &touched.groups, mark).await
}
