//! Groups, and who is in them. A page of groups comes without members; these are read group by group, page by page where
//! the target gives pages, and compared with the rows that say who should be there.

use std::collections::{HashMap, HashSet};

use base::{SubjectId, Timestamp};
use serde_json::Value;
use store::jobs::{Lease, Outcome};
use store::links::Link;
use store::{Tx, Write};

use super::Listed;
use super::compare::{self, DriftKind, Extent};
use super::findings::{Finding, finding, unlinked};
use crate::account::Known;
use crate::engine::errands::{Halt, complete, until};
use crate::engine::{Config, Gate, Reading, Source, Standing, read_account, read_link};
use crate::plan::AttributeChange;
use crate::provisioning::Provisioning;
use crate::target::Found as Account;

/// Members whose names are noted; of the others how many there are.
const NAMED: usize = 100;

/// What came of a page of groups.
#[derive(Default)]
pub(super) struct Groups {
    pub(super) seen: Vec<SubjectId>,
    /// Those that are to be looked at.
    pub(super) listed: Vec<Listed>,
    /// How many were written a moment ago, and so are not looked at.
    pub(super) recent: u64,
    /// Groups that are none here.
    pub(super) findings: Vec<Finding>,
}

impl Provisioning {
    /// Which of a page's groups are ours.
    pub(super) async fn list_groups(
        &self,
        config: &Config,
        asked_at: Timestamp,
        shown: &[Account],
    ) -> Result<Groups, Halt> {
        let ids: Vec<_> = shown.iter().map(|group| group.id.as_str()).collect();
        let Config { org, app, kind, .. } = *config;
        let links = store::links::of_accounts(&mut self.reader(), org, app, kind, &ids).await?;
        let links: HashMap<&str, &Link> = links.iter().map(|link| (link.remote_id.as_str(), link)).collect();
        let mut groups = Groups::default();
        let mut met = HashSet::new();
        for group in shown.iter().filter(|group| met.insert(group.id.as_str())) {
            let Some(link) = links.get(group.id.as_str()) else {
                groups.findings.push(unlinked(config, group));
                continue;
            };
            let known = read_link(link)?.known;
            let shown = Known::read(&group.resource, config.mappings.paths());
            let differs = compare::differs(&config.mappings, &known, &shown);
            // One that differs is read by itself first; if it is not there then, it is asked for in the end.
            if !differs {
                groups.seen.push(link.subject);
            }
            let settled = is_settled(config, link, asked_at);
            if !settled {
                groups.recent += 1;
            }
            if settled && (differs || config.members) {
                groups.listed.push(Listed {
                    subject: link.subject,
                    differs,
                });
            } else if differs {
                groups.seen.push(link.subject);
            }
        }
        Ok(groups)
    }

    /// Compares a group and its members with what should be there; says how many were read by themselves.
    pub(super) async fn compare_group(
        &self,
        config: &Config,
        gate: &Gate,
        lease: &Lease,
        listed: &Listed,
    ) -> Result<(u64, Option<Finding>), Halt> {
        let Config { org, app, .. } = *config;
        let mut reader = self.reader();
        let link = store::links::by_subject(&mut reader, org, app, listed.subject).await?;
        let Some(link) = link.filter(|link| is_settled(config, link, self.ambient().now())) else {
            return Ok((0, None));
        };
        let source = Source::read(&mut reader, config, listed.subject).await?;
        if source.is_to_go() {
            self.see(config, lease, link.subject).await?;
            return Ok((0, None));
        }
        let matched = read_link(&link)?;
        let mut log = Vec::new();
        let mut changes = Vec::new();
        if listed.differs {
            let shown = read_account(config, gate, &link.remote_id, &mut log).await?;
            let Some(shown) = shown else {
                return Ok((1, None));
            };
            // Whatever cannot be mapped fails elsewhere.
            if let Ok(wants) = source.wants(config) {
                let known = (&matched.known, &shown.known);
                let found = compare::changes(&config.mappings, &wants, Extent::Everything, known);
                changes.extend(found.into_iter().flat_map(|(_, changes)| changes));
            }
            self.see(config, lease, link.subject).await?;
        }
        if config.members {
            let mut reading = Reading::new(config, link.subject, &link.remote_id);
            while reading.step(&mut reader, gate, &mut log).await? {
                self.hold_on(config, lease).await?;
            }
            changes.extend(members(&reading.end(&mut reader).await?));
        }
        let read = u64::from(listed.differs);
        if changes.is_empty() || self.has_moved_on(config, &link).await? {
            return Ok((read, None));
        }
        let what = (DriftKind::Changed, changes.as_slice());
        Ok((read, Some(finding(config, (&source, &link), what, &log)?)))
    }

    /// Keeps the job while a large group is read.
    async fn hold_on(&self, config: &Config, lease: &Lease) -> Result<(), Halt> {
        let write = HoldOn {
            key: (config.org, config.app),
            until: until(config, self.ambient().now()),
            lease: lease.clone(),
            seen: None,
        };
        Ok(self.store.write(write).await?)
    }

    /// Notes that a group is there.
    async fn see(&self, config: &Config, lease: &Lease, subject: SubjectId) -> Result<(), Halt> {
        let write = HoldOn {
            key: (config.org, config.app),
            until: until(config, self.ambient().now()),
            lease: lease.clone(),
            seen: Some(subject),
        };
        Ok(self.store.write(write).await?)
    }
}

/// Whether a list must show it as it was written last.
fn is_settled(config: &Config, link: &Link, asked_at: Timestamp) -> bool {
    link.modified + config.settings.in_doubt() < asked_at
}

/// Who should be in a group and is not, and who is and should not.
fn members(standing: &Standing) -> Option<AttributeChange> {
    let gone = standing.gone.iter().filter(|held| !held.stale);
    let ours = names(gone.map(|held| held.name.as_deref().unwrap_or(&held.remote_id)));
    let came = standing.unheld.iter().filter(|one| !one.expected);
    let theirs = names(came.map(|one| one.name.as_deref().unwrap_or(&one.remote_id)));
    (ours.is_some() || theirs.is_some()).then(|| AttributeChange {
        attribute: "members".to_owned(),
        old: ours,
        new: theirs,
        waits_for: None,
    })
}

fn names<'a>(all: impl Iterator<Item = &'a str>) -> Option<Value> {
    let mut all: Vec<_> = all.collect();
    all.sort_unstable();
    let more = all.len().saturating_sub(NAMED);
    let mut named: Vec<Value> = all.into_iter().take(NAMED).map(Value::from).collect();
    if more > 0 {
        named.push(format!("and {more} more").into());
    }
    (!named.is_empty()).then_some(Value::Array(named))
}

/// The job goes on; its progress is what it was.
struct HoldOn {
    key: (base::OrgId, base::AppId),
    lease: Lease,
    until: Timestamp,
    seen: Option<SubjectId>,
}

impl Write for HoldOn {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        let (org, app) = self.key;
        let job = &self.lease.job;
        if let Some(subject) = self.seen {
            store::links::see(tx, org, app, job.id, &[subject]).await?;
        }
        let outcome = Outcome::Goes {
            progress: job.progress.clone(),
            until: self.until,
        };
        complete(tx, self.key, &self.lease, &outcome).await
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::names;

    #[test]
    fn of_many_members_some_are_named() {
        assert_eq!(names(std::iter::empty()), None);
        assert_eq!(names(["b", "a"].into_iter()), Some(json!(["a", "b"])));
        let many: Vec<_> = (0..130).map(|number| format!("p{number:03}")).collect();
        let named = names(many.iter().map(String::as_str)).expect("names");
        let named = named.as_array().expect("a list");
        assert_eq!((named.len(), &named[100]), (101, &json!("and 30 more")));
    }
}
