//! What came of the work for one person: for link, lane, log and plan.

use std::time::Duration;

use base::{Message, Timestamp};
use store::assignments::SubjectKind;
use store::lanes::{Completion, Lease, Struck, Verify};
use store::log::{Entry, Status};
use store::plan_items::State;
use store::references::Reference;

use super::carry::{Done, LinkChange, Undone, Why};
use super::claim::Mode;
use super::config::Config;
use super::doubt::write_keys;
use super::mandate::Denied;
use super::members::Memberships;
use super::references::Ties;
use super::resolve::Unresolved;
use super::source::Source;
use crate::error::Error;
use crate::explanation::{Explanation, Found};
use crate::plan::{Action, Plan};
use crate::plans::Gathered;
use crate::plans::item::{self, Basis};
use crate::provisioning::Provisioning;
use crate::settings::GroupScope;
use crate::target::{Exchange, Failure, Kind};

/// Failures in a row after which a cycle no longer waits for a person.
const PATIENCE: i64 = 3;

/// How soon it is seen to again whether somebody else's create is still in doubt.
const CONTESTED: Duration = Duration::from_secs(1);

/// What came of the work.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    pub(crate) completion: Completion,
    pub(crate) link: LinkChange,
    pub(crate) log: Option<Entry>,
    /// What came of the approved item, if the lane stands in a plan.
    pub(crate) item: Option<(State, Option<Message>)>,
    /// What is left in the plan that gathers.
    pub(crate) gathered: Gathered,
    pub(crate) account: Account,
}

/// Whether the account was read and is in step, whatever the target may have changed in it before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Account {
    Verified,
    AsKnown,
}

impl Outcome {
    /// The same after it turned out that the account is somebody else's already.
    pub(crate) fn taken(&self, config: &Config, lease: &Lease, now: Timestamp, random: [u8; 4]) -> Self {
        let failures = lease.attempts + 1;
        let wait = config
            .backoff()
            .after(u32::try_from(failures).unwrap_or(u32::MAX), random);
        let message = Message::new("link.taken");
        let log = self.log.clone().map(|entry| Entry {
            status: Status::Failure,
            message: message.clone(),
            next_attempt: Some(now + wait),
            ..entry
        });
        Self {
            completion: Completion::Failed {
                outcome: "error".to_owned(),
                due: Some(now + wait),
                hold: None,
                error: serde_json::to_string(&message).unwrap_or_default(),
                doubt: None,
                verify: Verify::No,
                pending: false,
            },
            link: LinkChange::Keep,
            log,
            item: self.item.as_ref().map(|_| (State::Failed, Some(message))),
            gathered: Gathered::No,
            account: Account::AsKnown,
        }
    }

    /// What it means for others. `before`: the account until now; `noted`: to whom it refers.
    pub(super) fn ties(
        &self,
        config: &Config,
        source: &Source,
        (before, noted): (Option<&str>, &[Reference]),
        memberships: Memberships,
    ) -> Ties {
        let is_done = matches!(self.completion, Completion::Done { .. });
        let refers = config.mappings.has_references();
        let moved = match &self.link {
            LinkChange::Keep => false,
            LinkChange::Remove => before.is_some(),
            LinkChange::Put(link) => before != Some(link.target.as_str()),
        };
        Ties {
            references: (is_done && refers)
                .then(|| source.references())
                .filter(|now| now != noted),
            // Nobody refers any longer to who is removed for good, also while the account stays.
            moved: refers && (moved || source.present.is_none()),
            in_groups: moved && config.settings.groups != GroupScope::Off,
            lost: before.filter(|_| moved).map(str::to_owned),
            memberships: match (source.kind, &self.link) {
                (SubjectKind::User, _) => Memberships::Kept,
                (SubjectKind::Group, LinkChange::Put(_)) if moved && config.members => {
                    Memberships::Begun(match self.log.as_ref().map(|entry| entry.action.as_str()) {
                        Some("create") => Verify::No,
                        _ => Verify::Yes,
                    })
                }
                (SubjectKind::Group, LinkChange::Remove) => Memberships::Gone,
                (SubjectKind::Group, _) => memberships,
            },
        }
    }

    /// Nothing is decided yet: it is taken up again then.
    pub(crate) fn put_back(&mut self, due: Timestamp) {
        // What is in doubt waits on.
        if !matches!(self.completion, Completion::Released { .. }) {
            self.completion = released(due);
        }
        self.item = None;
        self.gathered = Gathered::No;
        self.account = Account::AsKnown;
    }
}

/// What the whole app has to take notice of.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Notice {
    /// The target answered.
    Fine,
    Throttled(Failure),
    /// Nothing can be done there at the moment.
    Unusable(Failure),
    Nothing,
}

/// What happened around the work.
pub(crate) struct Circumstances<'a> {
    pub(crate) config: &'a Config,
    pub(crate) lease: &'a Lease,
    pub(crate) source: &'a Source,
    /// Whether there was a link when the work began.
    pub(crate) linked: Found,
    pub(crate) exchanges: Vec<Exchange>,
    pub(crate) started: Timestamp,
    pub(crate) now: Timestamp,
    pub(crate) random: [u8; 4],
    /// A create whose answer never came turned out to have been carried out.
    pub(crate) adopted: bool,
    pub(crate) mode: Mode,
    pub(crate) provisioning: &'a Provisioning,
}

impl Circumstances<'_> {
    pub(crate) fn done(self, done: Done) -> Outcome {
        let word = outcome(done.plan.action);
        let silent = done.plan.request.is_none() && done.plan.action != Action::Link;
        let log = (!silent).then(|| {
            self.entry(
                Some(&done.plan),
                Status::Success,
                done.plan.reason.clone(),
                (target(&done.link), None),
            )
        });
        let item = if silent && self.lease.attempts == 0 {
            (State::Stale, Some(Message::new("plan.stale_done")))
        } else {
            (State::Applied, None)
        };
        Outcome {
            completion: Completion::Done {
                outcome: merged(self.lease.outcome.as_deref(), word).to_owned(),
                struck: self.struck(&done.plan),
            },
            link: done.link,
            log,
            item: Some(item),
            gathered: self.withdrawn(),
            account: self.verified(&done.plan),
        }
    }

    /// What is to be done about a failure, and what everybody at this target has to know.
    pub(crate) fn undone(self, undone: Undone) -> (Outcome, Notice) {
        let Undone {
            plan,
            why,
            link,
            doubt,
        } = undone;
        let failures = self.lease.attempts + 1;
        let backoff = self.config.backoff();
        let wait = backoff.after(u32::try_from(failures).unwrap_or(u32::MAX), self.random);
        let retry = Some(self.now + wait);
        let perhaps_done = matches!(why, Why::InDoubt(_) | Why::Uncertain(_));
        let (message, due, hold, verify, passing) = match why {
            Why::Unresolved(Unresolved::Target(failure))
            | Why::InDoubt(failure)
            | Why::Uncertain(failure)
                if failure.is_everybodys() =>
            {
                let until = self.now + self.config.settings.in_doubt();
                let completion = match (perhaps_done, doubt.is_empty()) {
                    (false, _) => released(self.now),
                    // It may have been created all the same: nothing is sent before that shows.
                    (true, false) => Completion::Released {
                        due: until,
                        hold: Some(until),
                        verify: Verify::No,
                    },
                    (true, true) => Completion::Released {
                        due: self.now,
                        hold: None,
                        verify: Verify::Yes,
                    },
                };
                let notice = match failure.kind {
                    Kind::Throttled => Notice::Throttled(failure),
                    _ => Notice::Unusable(failure),
                };
                return (put_back(completion, link), notice);
            }
            Why::Unresolved(Unresolved::Shut) => {
                return (put_back(released(self.now), link), Notice::Nothing);
            }
            Why::Unresolved(Unresolved::Store(error)) => {
                tracing::warn!(%error, app = %self.config.name, "work is put back");
                return (put_back(released(self.now + wait), link), Notice::Nothing);
            }
            Why::Denied(denied) => return (self.denied(denied, plan, link), Notice::Nothing),
            Why::LeaseOver => return (put_back(released(self.now), link), Notice::Nothing),
            Why::Contested => {
                return (put_back(released(self.now + CONTESTED), link), Notice::Nothing);
            }
            Why::Unresolved(Unresolved::Target(failure)) => {
                let passing = failure.is_passing();
                (failure.message, retry, None, Verify::No, passing)
            }
            Why::Unresolved(Unresolved::Match(message)) => (message, retry, None, Verify::No, false),
            // Nothing but a change can help.
            Why::Unresolved(Unresolved::Mapping(message)) => (message, None, None, Verify::No, false),
            Why::InDoubt(failure) => {
                let until = self.now + self.config.settings.in_doubt();
                (failure.message, Some(until), Some(until), Verify::No, true)
            }
            // A change that is still on its way must not arrive behind the next one.
            Why::Uncertain(failure) if failure.kind == Kind::NoAnswer => {
                let until = self.now + self.config.settings.in_doubt();
                (failure.message, Some(until), Some(until), Verify::Yes, true)
            }
            Why::Uncertain(failure) => (failure.message, retry, None, Verify::Yes, true),
            Why::Unresolved(Unresolved::Gone) => {
                (Message::new("target.gone"), retry, None, Verify::Yes, true)
            }
            Why::Hidden => (Message::new("match.hidden"), retry, None, Verify::No, true),
            Why::Unstable => (Message::new("target.unstable"), retry, None, Verify::Yes, true),
        };
        let pending = passing && failures < PATIENCE;
        let completion = Completion::Failed {
            outcome: "error".to_owned(),
            due,
            hold,
            error: serde_json::to_string(&message).unwrap_or_default(),
            doubt: (!doubt.is_empty()).then(|| write_keys(&doubt)),
            verify,
            pending,
        };
        let item = (!pending).then(|| (State::Failed, Some(message.clone())));
        let about = (target(&link), due);
        let log = self.entry(plan.as_ref(), Status::Failure, message, about);
        let outcome = Outcome {
            completion,
            link,
            log: Some(log),
            item,
            gathered: if pending { Gathered::No } else { self.withdrawn() },
            account: Account::AsKnown,
        };
        (outcome, Notice::Nothing)
    }

    /// What was planned and may not be sent.
    fn denied(&self, denied: Denied, plan: Option<Plan>, link: LinkChange) -> Outcome {
        let mut outcome = put_back(released(self.now), link);
        match (denied, plan) {
            (Denied::Stale(_), _) if self.adopted => outcome.item = Some((State::Applied, None)),
            (Denied::Stale(message), _) => outcome.item = Some((State::Stale, Some(message))),
            (Denied::Suspect, _) => outcome.completion = Completion::Suspect { due: self.now },
            (Denied::Gather, None) => {}
            (Denied::Gather, Some(plan)) => match self.item(&plan) {
                Ok(item) => {
                    let word = merged(self.lease.outcome.as_deref(), "planned");
                    outcome.completion = Completion::Done {
                        outcome: word.to_owned(),
                        struck: Struck::No,
                    };
                    outcome.gathered = Gathered::Put(item);
                }
                Err(error) => tracing::error!(%error, app = %self.config.name, "an item cannot be written"),
            },
        }
        outcome
    }

    fn item(&self, plan: &Plan) -> Result<store::plan_items::Draft, Error> {
        let basis = Basis::new(self.source, self.config.version, plan.target.as_deref());
        let digest = item::digest(&self.provisioning.fingerprinter, self.config.org, plan);
        let destructive = plan.is_destructive(self.config.mappings.active());
        item::draft(self.source, plan, (destructive, digest, &basis))
    }

    /// Whatever was gathered for this person before is no longer so.
    fn withdrawn(&self) -> Gathered {
        match self.mode {
            Mode::Gather => Gathered::Withdraw,
            Mode::Free | Mode::Judged => Gathered::No,
        }
    }

    fn verified(&self, plan: &Plan) -> Account {
        let was_read = self.lease.verify == Verify::Yes && self.linked == Found::Linked;
        if was_read && plan.action != Action::Skip {
            Account::Verified
        } else {
            Account::AsKnown
        }
    }

    /// Whether an account went, and nobody had been asked.
    fn struck(&self, plan: &Plan) -> Struck {
        let asked = self.lease.plan.is_some() || self.mode != Mode::Judged;
        if !asked && plan.is_destructive(self.config.mappings.active()) {
            Struck::Yes
        } else {
            Struck::No
        }
    }

    fn entry(
        &self,
        plan: Option<&Plan>,
        status: Status,
        message: Message,
        (target, next_attempt): (Option<String>, Option<Timestamp>),
    ) -> Entry {
        let duration = self.now.since(self.started).as_micros();
        let json = |value: serde_json::Result<String>| value.unwrap_or_else(|_| "[]".to_owned());
        let changes = plan.map_or(&[][..], |plan| &plan.changes);
        let explanation = Explanation::of(self.config, self.source, plan, self.linked);
        Entry {
            app: self.config.app,
            app_name: self.config.name.clone(),
            cycle: self.lease.cycle,
            subject: self.source.subject,
            kind: self.source.kind,
            subject_name: self.source.name.clone(),
            action: plan.map_or("match", |plan| plan.action.as_str()).to_owned(),
            status,
            duration: i64::try_from(duration).unwrap_or(i64::MAX),
            remote_id: target.or_else(|| plan.and_then(|plan| plan.target.clone())),
            changes: json(serde_json::to_string(changes)),
            exchanges: json(serde_json::to_string(&self.exchanges)),
            explanation: json(serde_json::to_string(&explanation)),
            attempt: self.lease.attempts + 1,
            next_attempt,
            message,
        }
    }
}

fn released(due: Timestamp) -> Completion {
    Completion::Released {
        due,
        hold: None,
        verify: Verify::No,
    }
}

fn put_back(completion: Completion, link: LinkChange) -> Outcome {
    Outcome {
        completion,
        link,
        log: None,
        item: None,
        gathered: Gathered::No,
        account: Account::AsKnown,
    }
}

fn target(link: &LinkChange) -> Option<String> {
    match link {
        LinkChange::Put(link) => Some(link.target.clone()),
        LinkChange::Keep | LinkChange::Remove => None,
    }
}

fn outcome(action: Action) -> &'static str {
    match action {
        Action::Create => "created",
        Action::Link => "linked",
        Action::Update => "updated",
        Action::Disable => "disabled",
        Action::Enable => "enabled",
        Action::Delete => "deleted",
        Action::Unchanged => "unchanged",
        Action::Skip => "skipped",
    }
}

/// What two pieces of work of one cycle count as: the one that says most.
fn merged<'a>(before: Option<&'a str>, now: &'a str) -> &'a str {
    match (before, now) {
        (Some(before @ ("created" | "linked")), "updated" | "unchanged") => before,
        (Some(before), "unchanged") if before != "error" => before,
        (_, now) => now,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_thing_that_happened_in_a_cycle_counts() {
        for (before, now, counted) in [
            (None, "created", "created"),
            (Some("created"), "updated", "created"),
            (Some("linked"), "unchanged", "linked"),
            (Some("updated"), "unchanged", "updated"),
            (Some("error"), "unchanged", "unchanged"),
            (Some("error"), "created", "created"),
            (Some("created"), "disabled", "disabled"),
        ] {
            assert_eq!(merged(before, now), counted);
        }
    }
}
