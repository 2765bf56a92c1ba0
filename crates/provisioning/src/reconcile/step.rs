//! The steps of a reconciliation: a page of accounts, or a few that no page had; the same of groups, and a few groups with
//! those who are in them (`groups`).
//!
//! An account that seems to differ is read by itself before it is said to: lists lag behind, and may leave attributes out.
//! An account that no page had is asked for, and looked for by its keys, before it is said to be gone: pages skip.

use std::collections::{HashMap, HashSet};

use base::{AppId, OrgId, SubjectId, Timestamp};
use store::cycles::Kind as CycleKind;
use store::drift::Kind;
use store::jobs::{Lease, Outcome};
use store::lanes::{Mark, Verify};
use store::links::{Link, State};
use store::{Tx, Write};

use super::compare::{self, Extent};
use super::findings::{Finding, finding, unlinked};
use super::{DriftCounts, Of, Options, Progress, Stage};
use crate::account::Known;
use crate::announcements::{Announcement, announce};
use crate::engine::errands::{Halt, Next, cause, complete, read, until};
use crate::engine::{Config, Gate, Match, Source, Unresolved, enter, look_up, read_account, read_link};
use crate::provisioning::Provisioning;
use crate::settings::{Drift, GroupScope};
use crate::target::{Exchange, Found as Account};

/// Accounts asked for one by one in one step.
const FEW: u32 = 20;
/// Groups whose members are read in one step.
const FEW_GROUPS: usize = 10;

impl Provisioning {
    pub(crate) async fn reconcile_step(
        &self,
        config: &Config,
        gate: &Gate,
        lease: &Lease,
    ) -> Result<Next, Halt> {
        let mut progress: Progress = read(&lease.job.progress)?;
        let app = config;
        let config = app.of(progress.of.kind());
        let mut step = Step {
            org: config.org,
            app: config.app,
            name: config.name.clone(),
            lease: lease.clone(),
            progress: progress.clone(),
            seen: Vec::new(),
            findings: Vec::new(),
            mode: read::<Options>(&lease.job.options)?.mode,
            until: until(config, self.ambient().now()),
        };
        match progress.stage.clone() {
            Stage::Begin => {
                let _slot = enter(config, gate).await?;
                progress.stage = Stage::Listing(config.target.listing(&config.ways).await?);
            }
            Stage::Listing(place) => {
                let asked_at = self.ambient().now();
                let page = {
                    let _slot = enter(config, gate).await?;
                    config.target.page(&place, &config.ways).await?
                };
                let listed = place.listed + page.accounts.len() as u64;
                match progress.of {
                    Of::Accounts => {
                        let compared = self.compare_page(config, gate, asked_at, &page.accounts).await?;
                        progress.read += compared.read;
                        progress.recent += compared.recent;
                        (progress.listed, progress.total) = (listed, page.total);
                        progress.stage = page.next.map_or(Stage::Missing(None), Stage::Listing);
                        (step.seen, step.findings) = (compared.seen, compared.findings);
                    }
                    Of::Groups => {
                        let groups = self.list_groups(config, asked_at, &page.accounts).await?;
                        progress.groups = listed;
                        progress.recent += groups.recent;
                        progress.stage = Stage::Groups(groups.listed, page.next);
                        (step.seen, step.findings) = (groups.seen, groups.findings);
                    }
                }
            }
            Stage::Groups(mut listed, next) if !listed.is_empty() => {
                let few = listed.drain(..listed.len().min(FEW_GROUPS)).collect::<Vec<_>>();
                for group in &few {
                    let (read, finding) = self.compare_group(config, gate, lease, group).await?;
                    progress.read += read;
                    step.findings.extend(finding);
                }
                progress.stage = Stage::Groups(listed, next);
            }
            Stage::Groups(_, next) => {
                progress.stage = next.map_or(Stage::Missing(None), Stage::Listing);
            }
            Stage::Missing(after) => {
                let unseen = store::links::unseen(
                    &mut self.reader(),
                    (config.org, config.app),
                    (config.kind, lease.job.id, lease.job.started),
                    after,
                    FEW,
                )
                .await?;
                progress.read += unseen.len() as u64;
                match unseen.last() {
                    Some(last) => progress.stage = Stage::Missing(Some(last.subject)),
                    None if progress.of == Of::Accounts && app.settings.groups != GroupScope::Off => {
                        (progress.of, progress.stage) = (Of::Groups, Stage::Begin);
                    }
                    None => progress.stage = Stage::Over,
                }
                step.findings = self.ask_for(config, gate, &unseen).await?;
            }
            Stage::Over => return Ok(Next::Over),
        }
        step.progress = progress;
        Ok(self.store.write(step).await?)
    }

    /// Compares a page of accounts with what should be in them.
    async fn compare_page(
        &self,
        config: &Config,
        gate: &Gate,
        asked_at: Timestamp,
        accounts: &[Account],
    ) -> Result<Compared, Halt> {
        let ids: Vec<_> = accounts.iter().map(|account| account.id.as_str()).collect();
        let links =
            store::links::of_accounts(&mut self.reader(), config.org, config.app, config.kind, &ids).await?;
        let links: HashMap<&str, &Link> = links.iter().map(|link| (link.remote_id.as_str(), link)).collect();
        let mut compared = Compared::default();
        let mut met = HashSet::new();
        for account in accounts {
            if !met.insert(account.id.as_str()) {
                continue;
            }
            let Some(link) = links.get(account.id.as_str()) else {
                compared.findings.push(unlinked(config, account));
                continue;
            };
            let settled = link.modified + config.settings.in_doubt() < asked_at;
            let matched = read_link(link)?;
            let shown = Known::read(&account.resource, config.mappings.paths()).with_kept_of(&matched.known);
            let is_ours = link.state != State::Imported;
            if is_ours && !settled {
                compared.recent += 1;
            }
            if !(is_ours && settled && compare::differs(&config.mappings, &matched.known, &shown)) {
                compared.seen.push(link.subject);
                continue;
            }
            compared.read += 1;
            let mut log = Vec::new();
            // What is not there is looked for once everything is listed.
            let Some(shown) = read_account(config, gate, &account.id, &mut log).await? else {
                continue;
            };
            compared.seen.push(link.subject);
            let finding = self.compare(config, link, (&matched, &shown), log).await?;
            compared.findings.extend(finding);
        }
        Ok(compared)
    }

    /// Asks for accounts that no page had.
    async fn ask_for(&self, config: &Config, gate: &Gate, links: &[Link]) -> Result<Vec<Finding>, Halt> {
        let mut findings = Vec::new();
        for link in links {
            let mut log = Vec::new();
            let matched = read_link(link)?;
            let shown = read_account(config, gate, &link.remote_id, &mut log).await?;
            if link.state == State::Imported && shown.is_some() {
                continue;
            }
            let finding = match shown {
                Some(shown) => self.compare(config, link, (&matched, &shown), log).await?,
                None => self.vanished(config, gate, link, log).await?,
            };
            findings.extend(finding);
        }
        Ok(findings)
    }

    /// A single "not found" is no proof: the target must also answer a search, and not find it.
    async fn vanished(
        &self,
        config: &Config,
        gate: &Gate,
        link: &Link,
        mut log: Vec<Exchange>,
    ) -> Result<Option<Finding>, Halt> {
        let young = self.ambient().now().since(link.modified) < config.settings.in_doubt();
        let keys = config.mappings.keys_of(&read_link(link)?.known);
        if young || keys.is_empty() {
            return Ok(None);
        }
        let mut reader = self.reader();
        match look_up(&mut reader, config, gate, link.subject, &keys, &mut log).await {
            Ok(Some(found)) if found.target == link.remote_id => return Ok(None),
            Ok(_) | Err(Unresolved::Match(_)) => {}
            Err(unresolved) => return Err(unresolved.into()),
        }
        if self.has_moved_on(config, link).await? {
            return Ok(None);
        }
        let source = Source::read(&mut reader, config, link.subject).await?;
        finding(config, (&source, link), (Kind::Vanished, &[]), &log).map(Some)
    }

    /// Whether the engine is at the account, or has been since the link was read.
    pub(super) async fn has_moved_on(&self, config: &Config, link: &Link) -> Result<bool, Halt> {
        let Config { org, app, .. } = *config;
        let mut reader = self.reader();
        let due = store::lanes::due(&mut reader, org, app, link.subject).await?;
        let failing = store::lanes::failing_subject(&mut reader, org, app, link.subject).await?;
        let now = store::links::by_subject(&mut reader, org, app, link.subject).await?;
        Ok((due.is_some() && failing.is_none()) || now.as_ref() != Some(link))
    }

    async fn compare(
        &self,
        config: &Config,
        link: &Link,
        (matched, shown): (&Match, &Match),
        log: Vec<Exchange>,
    ) -> Result<Option<Finding>, Halt> {
        if self.has_moved_on(config, link).await? {
            return Ok(None);
        }
        let source = Source::read(&mut self.reader(), config, link.subject).await?;
        let extent = if source.is_to_go() {
            Extent::SignInOnly
        } else {
            Extent::Everything
        };
        // Whoever cannot be mapped fails elsewhere.
        let Ok(wants) = source.wants(config) else {
            return Ok(None);
        };
        let shown = shown.known.clone().with_kept_of(&matched.known);
        let known = (&matched.known, &shown);
        let Some((kind, changes)) = compare::changes(&config.mappings, &wants, extent, known) else {
            return Ok(None);
        };
        finding(config, (&source, link), (kind, &changes), &log).map(Some)
    }
}

/// What came of a page.
#[derive(Default)]
struct Compared {
    seen: Vec<SubjectId>,
    findings: Vec<Finding>,
    /// Accounts that were read one by one.
    read: u64,
    /// Accounts that were written a moment ago.
    recent: u64,
}

/// Writes a step down; the last one ends the reconciliation.
struct Step {
    org: OrgId,
    app: AppId,
    name: String,
    lease: Lease,
    progress: Progress,
    seen: Vec<SubjectId>,
    findings: Vec<Finding>,
    mode: Drift,
    until: Timestamp,
}

impl Write for Step {
    type Out = Next;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Next, store::Error> {
        let Self { org, app, .. } = *self;
        let job = self.lease.job.id;
        let mut progress = self.progress.clone();
        store::links::see(tx, org, app, job, &self.seen).await?;
        for finding in &self.findings {
            let is_new = store::drift::put(tx, (org, app), job, &finding.drift).await?;
            if !is_new {
                continue;
            }
            if let Some(entry) = &finding.entry {
                store::log::append(tx, org, &[(entry, &cause(&self.lease.job))]).await?;
                progress.news += 1;
            }
        }
        let is_over = progress.stage == Stage::Over;
        if is_over {
            progress.corrected = self.finish(tx, progress.news).await?;
        }
        let text = serde_json::to_string(&progress).map_err(|error| store::Error::Internal(error.into()))?;
        let outcome = if is_over {
            Outcome::Done {
                progress: text.clone(),
            }
        } else {
            Outcome::Goes {
                progress: text.clone(),
                until: self.until,
            }
        };
        complete(tx, (org, app), &self.lease, &outcome).await?;
        Ok(if is_over { Next::Over } else { Next::Goes(text) })
    }
}

impl Step {
    /// Forgets what was not found again, tells what is new, and has everything brought back if that is wanted; says for
    /// how many people.
    async fn finish(&self, tx: &mut Tx<'_>, news: u64) -> Result<u64, store::Error> {
        let Self { org, app, .. } = *self;
        let cause = cause(&self.lease.job);
        store::drift::sweep(tx, org, app, self.lease.job.id).await?;
        if news > 0 {
            let found = Announcement::DriftFound {
                counts: DriftCounts::of(&store::drift::counts(tx, org, app).await?),
                mode: self.mode,
            };
            announce(tx, org, (app, &self.name), &found, &cause).await?;
        }
        if self.mode != Drift::Correct {
            return Ok(0);
        }
        let mark = Mark {
            cycle: tx.ambient().id(),
            now: tx.ambient().now(),
            verify: Verify::Yes,
        };
        let marked = store::lanes::mark_drifted(tx, org, app, mark).await?;
        if marked > 0 {
            let stance = store::apps::stance(tx, org, app).await?;
            let watermark = stance.and_then(|stance| stance.watermark).unwrap_or_default();
            let cycle = (mark.cycle, CycleKind::Reconcile);
            store::cycles::start(tx, org, app, cycle, watermark, &cause).await?;
        }
        Ok(marked)
    }
}
