//! `instep app status`, and the shape of a status.

use base::Timestamp;
use serde::Deserialize;

use super::drift::{self, Drift};
use super::plan::kept::Kept;
use crate::client::Client;
use crate::output::{Output, count, counted, details, optional_time, table, time, yes_no};
use crate::progress::Progress;
use crate::said::Said;

#[derive(Debug, Deserialize)]
pub(super) struct Status {
    pub(super) state: String,
    pub(super) hold: Option<Hold>,
    #[serde(default)]
    quarantine: Option<Quarantine>,
    pub(super) cycle: Option<Cycle>,
    #[serde(default)]
    pub(super) plan: Option<Kept>,
    pub(super) progress: Option<Progress>,
    pub(super) in_step: bool,
    pub(super) waiting: u64,
    #[serde(default)]
    failing: Vec<Failing>,
    #[serde(default)]
    pub(super) failing_total: u64,
    #[serde(default)]
    warnings: Vec<Said>,
    #[serde(default)]
    refused_members: Vec<Refused>,
    #[serde(default)]
    refused_members_total: u64,
    linked: u64,
    #[serde(default)]
    pub(super) accounts: Accounts,
    #[serde(default)]
    removal: Option<String>,
    #[serde(default)]
    removal_groups: Option<String>,
    #[serde(default)]
    drift: Option<Drift>,
    #[serde(default)]
    concurrency: Option<Concurrency>,
    #[serde(default)]
    rate: Option<Rate>,
}

/// How many accounts are kept in step, and how many of them were imported.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Accounts {
    pub(super) active: u64,
    pub(super) disabled: u64,
    pub(super) imported: u64,
    /// Groups that are held at the target.
    pub(super) groups: u64,
}

/// How many requests at a time are sent.
#[derive(Debug, Deserialize)]
struct Concurrency {
    now: u64,
    most: u64,
    why: Option<String>,
}

/// How many requests a second are sent.
#[derive(Debug, Deserialize)]
struct Rate {
    now: Option<u64>,
    why: Option<String>,
}

/// Nothing is sent to the target until then.
#[derive(Debug, Deserialize)]
pub(super) struct Hold {
    pub(super) until: Timestamp,
    pub(super) text: String,
}

/// The target is tried ever more rarely.
#[derive(Debug, Deserialize)]
struct Quarantine {
    since: Timestamp,
    text: String,
    disabled_at: Timestamp,
}

#[derive(Debug, Deserialize)]
pub(super) struct Cycle {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) state: String,
    started_at: Option<String>,
    finished_at: Option<String>,
    #[serde(default)]
    pub(super) counts: Counts,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Counts {
    created: u64,
    linked: u64,
    updated: u64,
    disabled: u64,
    enabled: u64,
    deleted: u64,
    unchanged: u64,
    skipped: u64,
    planned: u64,
    pub(super) errors: u64,
}

#[derive(Debug, Deserialize)]
struct Failing {
    subject: Subject,
    error: Option<Said>,
    attempts: u64,
    next_attempt: Option<String>,
}

/// Somebody whom the target would not have in a group.
#[derive(Debug, Deserialize)]
struct Refused {
    group: Subject,
    member: Subject,
}

#[derive(Debug, Deserialize)]
struct Subject {
    id: String,
    name: Option<String>,
}

pub(super) async fn run(client: &Client, app: &str, output: Output) -> anyhow::Result<()> {
    let status = client.get(&["apps", app, "status"], &[]).await?;
    output.answer(&status, |status, _| status_text(status))
}

pub(super) fn status_text(status: &Status) -> String {
    let progress = match status.progress {
        Some(progress) if progress.done < progress.total => {
            format!("{} of {}", count(progress.done), count(progress.total))
        }
        _ => String::new(),
    };
    let (cycle, did) = match &status.cycle {
        Some(cycle) => (cycle_text(cycle), counts_text(&cycle.counts)),
        None => (
            "none yet: start one with `instep app sync`".to_owned(),
            String::new(),
        ),
    };
    let head = details(&[
        (
            "State",
            match &status.removal {
                Some(fate) => {
                    let groups = match status.removal_groups.as_deref() {
                        Some("delete") => ", groups are deleted",
                        _ => "",
                    };
                    format!("{}: accounts are {fate}d{groups}", status.state)
                }
                None => status.state.clone(),
            },
        ),
        ("On hold", status.hold.as_ref().map(hold_text).unwrap_or_default()),
        (
            "Quarantine",
            status
                .quarantine
                .as_ref()
                .map(quarantine_text)
                .unwrap_or_default(),
        ),
        (
            "Plan",
            status.plan.as_ref().map(Kept::standing).unwrap_or_default(),
        ),
        (
            "At a time",
            status
                .concurrency
                .as_ref()
                .map(concurrency_text)
                .unwrap_or_default(),
        ),
        ("Rate", status.rate.as_ref().map(rate_text).unwrap_or_default()),
        ("In step", yes_no(status.in_step)),
        ("Accounts", held_text(status)),
        (
            "Drift",
            status.drift.as_ref().map(drift::text).unwrap_or_default(),
        ),
        ("Cycle", cycle),
        ("Progress", progress),
        ("Did", did),
        ("Waiting", count(status.waiting)),
        ("Failing", count(status.failing_total)),
        ("Refused", refused_text(status)),
        (
            "Warning",
            status
                .warnings
                .iter()
                .map(Said::text)
                .collect::<Vec<_>>()
                .join("; "),
        ),
    ]);
    if status.failing.is_empty() {
        return head;
    }
    let row = |one: &Failing| {
        [
            one.subject.name.as_ref().unwrap_or(&one.subject.id).clone(),
            one.error
                .as_ref()
                .map(|error| error.text().to_owned())
                .unwrap_or_default(),
            count(one.attempts),
            optional_time(one.next_attempt.as_ref()),
        ]
    };
    let failing = table(
        ["failing", "why", "attempts", "next attempt"],
        status.failing.iter().map(row),
    );
    let shown = status.failing.len() as u64;
    if shown == status.failing_total {
        return format!("{head}\n{failing}");
    }
    format!(
        "{head}\n{failing}\nThe first {} of {} are shown.",
        count(shown),
        count(status.failing_total)
    )
}

/// `Anna in Lab; Bo in Lab; and 3 more`: members whom the target would not have. Nothing, as long as there are none.
fn refused_text(status: &Status) -> String {
    let name = |subject: &Subject| subject.name.as_ref().unwrap_or(&subject.id).clone();
    let shown = status.refused_members.iter().take(3);
    let mut parts: Vec<_> = shown
        .map(|one| format!("{} in {}", name(&one.member), name(&one.group)))
        .collect();
    let more = status.refused_members_total.saturating_sub(parts.len() as u64);
    if more > 0 {
        parts.push(format!("and {} more", count(more)));
    }
    parts.join("; ")
}

/// `12 linked`, or with groups `12 linked, 3 of them groups`.
fn held_text(status: &Status) -> String {
    let linked = format!("{} linked", count(status.linked));
    match status.accounts.groups {
        0 => linked,
        groups => format!("{linked}, {} of them groups", count(groups)),
    }
}

/// Nothing, as long as there is nothing to say.
fn concurrency_text(concurrency: &Concurrency) -> String {
    let Concurrency { now, most, why } = concurrency;
    match why.as_deref() {
        Some("throttled") => format!("{now} of {most} requests, as the target asked to be sent less"),
        Some(_) => format!("{now} of {most} requests, as the target's answers take ever longer"),
        None => String::new(),
    }
}

/// Nothing, as long as there is no limit.
fn rate_text(rate: &Rate) -> String {
    match (rate.now, &rate.why) {
        (Some(now), Some(_)) => format!("{now} requests a second, as the target asked to be sent less"),
        (Some(now), None) => format!("{now} requests a second at most"),
        (None, _) => String::new(),
    }
}

pub(super) fn cycle_text(cycle: &Cycle) -> String {
    let Cycle {
        kind,
        state,
        started_at,
        finished_at,
        ..
    } = cycle;
    match (started_at, finished_at) {
        (_, Some(finished)) => format!("{kind}, {state} {}", time(finished)),
        (Some(started), None) => format!("{kind}, {state} since {}", time(started)),
        (None, None) => format!("{kind}, {state}"),
    }
}

/// `12 created, 1 updated`; what did not happen is not named.
pub(super) fn counts_text(counts: &Counts) -> String {
    let named = [
        (counts.created, "created"),
        (counts.linked, "linked"),
        (counts.updated, "updated"),
        (counts.disabled, "disabled"),
        (counts.enabled, "enabled"),
        (counts.deleted, "deleted"),
        (counts.unchanged, "unchanged"),
        (counts.skipped, "skipped"),
        (counts.planned, "waiting for approval"),
    ];
    let mut parts: Vec<String> = named
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, what)| format!("{} {what}", count(*number)))
        .collect();
    if counts.errors > 0 {
        parts.push(counted(counts.errors, "error", "errors"));
    }
    if parts.is_empty() {
        "nothing".to_owned()
    } else {
        parts.join(", ")
    }
}

fn quarantine_text(quarantine: &Quarantine) -> String {
    let Quarantine {
        since,
        text,
        disabled_at,
    } = quarantine;
    let at = |moment: &Timestamp| time(&moment.to_string());
    format!("since {}: {text}; disabled on {}", at(since), at(disabled_at))
}

fn hold_text(hold: &Hold) -> String {
    format!("until {}: {}", time(&hold.until.to_string()), hold.text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_running_cycle_shows_how_far_it_is() {
        let status = json!({"state": "active", "hold": {"until": "2026-11-21T09:40:00Z", "code": "target.unauthorized", "text": "The target refuses the token."},
            "in_step": false, "waiting": 1880, "linked": 120,
            "cycle": {"id": "5", "kind": "initial", "state": "running", "started_at": "2026-11-21T09:30:00Z",
                      "finished_at": null, "total": 2000, "counts": {"created": 118, "linked": 2, "errors": 1}},
            "progress": {"done": 120, "total": 2000}, "failing_total": 30,
            "failing": [{"subject": {"id": "9", "name": "Anna Lindqvist"}, "attempts": 2,
                         "error": {"code": "target.server_error", "text": "The target answered 500."},
                         "next_attempt": "2026-11-21T09:31:00Z"}]});
        let status: Status = serde_json::from_value(status).expect("a status");
        insta::assert_snapshot!(status_text(&status), @r"
        State:     active
        On hold:   until 2026-11-21 09:40:00Z: The target refuses the token.
        In step:   no
        Accounts:  120 linked
        Cycle:     initial, running since 2026-11-21 09:30:00Z
        Progress:  120 of 2,000
        Did:       118 created, 2 linked, 1 error
        Waiting:   1,880
        Failing:   30

        FAILING         WHY                       ATTEMPTS  NEXT ATTEMPT
        Anna Lindqvist  The target answered 500.  2         2026-11-21 09:31:00Z
        The first 1 of 30 are shown.
        ");
    }

    #[test]
    fn a_plan_that_awaits_approval_is_named() {
        let counts = json!({"create": 1, "link": 0, "update": 0, "disable": 30, "enable": 0, "delete": 0,
            "unchanged": 0, "skip": 0, "error": 0});
        let status = json!({"state": "active", "hold": null, "in_step": false, "waiting": 0, "linked": 120,
            "cycle": null, "progress": null, "plan": {"id": "8", "state": "awaiting_approval", "origin": "threshold",
            "reason": {"code": "plan.threshold", "text": "more accounts than 20"}, "revision": 1, "counts": counts,
            "items": {"applied": 0, "failed": 0, "stale": 0}, "created_at": "2026-11-21T09:30:00Z",
            "expires_at": "2026-11-28T09:30:00Z"}, "failing_total": 0, "failing": []});
        let status: Status = serde_json::from_value(status).expect("a status");
        insta::assert_snapshot!(status_text(&status), @r"
        State:     active
        Plan:      8 awaits approval: 1 to create, 30 to disable (more accounts than 20)
        In step:   no
        Accounts:  120 linked
        Cycle:     none yet: start one with `instep app sync`
        Waiting:   0
        Failing:   0
        ");
    }

    #[test]
    fn an_app_that_never_ran_says_what_to_do() {
        let status = json!({"state": "paused", "hold": null, "cycle": null, "progress": null,
            "in_step": false, "waiting": 0, "failing": [], "failing_total": 0, "linked": 0});
        let status: Status = serde_json::from_value(status).expect("a status");
        insta::assert_snapshot!(status_text(&status), @r"
        State:     paused
        In step:   no
        Accounts:  0 linked
        Cycle:     none yet: start one with `instep app sync`
        Waiting:   0
        Failing:   0
        ");
    }

    #[test]
    fn counts_name_only_what_happened() {
        assert_eq!(counts_text(&Counts::default()), "nothing");
        assert_eq!(
            counts_text(&Counts {
                updated: 2,
                errors: 1,
                ..Counts::default()
            }),
            "2 updated, 1 error"
        );
    }
}
