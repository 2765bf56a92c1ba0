//! `instep log`: what the engine did, and to whom.

mod details;

use std::collections::HashSet;
use std::num::NonZeroUsize;
use std::time::Duration;

use base::Timestamp;
use clap::Args;
use serde::Deserialize;
use serde_json::Value;

use crate::client::{Client, ServerArgs};
use crate::diff::{Change, changes};
use crate::moment;
use crate::output::{Output, print, print_json, read, table, time};
use crate::plain::plain;

/// Between two looks at a log that is followed.
const POLL: Duration = Duration::from_secs(1);

/// Newly come entries are looked for in pages of as many.
const FOLLOW_PAGE: usize = 20;

/// Shows the provisioning log: what was done in the apps, and what failed
///
/// Shows the newest entries, the latest of them last. With --follow, --output json prints one JSON text
/// per line.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  instep log --app Webex --follow
  instep log --user anna@example.com --details
  instep log --status failure --since 24h
  instep log --events --type idm_integration_reauth")]
pub(crate) struct LogArgs {
    #[command(flatten)]
    server: ServerArgs,

    /// Only what was done in this app: id or name
    #[arg(long)]
    app: Option<String>,

    /// Only what was done for this group: id or display name
    #[arg(long, conflicts_with = "user")]
    group: Option<String>,

    /// Only what was done for this person: id or user name
    #[arg(long)]
    user: Option<String>,

    /// Only what succeeded, or only what failed
    #[arg(long, value_parser = ["success", "failure"])]
    status: Option<String>,

    /// Only what was to be done: create, link, update, disable, enable, delete; match, where it did not come so far; drift; import
    #[arg(long)]
    action: Option<String>,

    /// Only from then on: 2026-11-21T09:30:00Z, 2026-11-21, or how long ago, such as 30m, 24h, 7d
    #[arg(long, value_name = "TIME", value_parser = moment::parse)]
    since: Option<Timestamp>,

    /// Only before then
    #[arg(long, value_name = "TIME", value_parser = moment::parse)]
    until: Option<Timestamp>,

    /// One entry, by its id, with everything that is known of it
    #[arg(long, value_name = "ID", conflicts_with_all = ["app", "user", "status", "action", "since", "until", "events", "follow"])]
    entry: Option<String>,

    /// Everything that is known of each: what was read, what each mapping gave, requests and answers
    #[arg(long)]
    details: bool,

    #[command(flatten)]
    instead: Instead,

    /// With --events: only these, such as user_delete
    #[arg(long = "type", value_name = "TYPE", requires = "events")]
    event_type: Option<String>,

    /// Stay, and print each entry as it comes
    #[arg(long)]
    follow: bool,

    /// How many of the entries so far to show at most
    #[arg(long, value_name = "N", default_value = "50")]
    limit: NonZeroUsize,
}

/// Other lists than the provisioning log.
#[derive(Debug, Args)]
struct Instead {
    /// The event trail instead: who did what to people, groups, apps and settings
    #[arg(long, conflicts_with_all = ["app", "user", "status", "action", "follow", "details"])]
    events: bool,

    /// What was to be sent by mail instead, and what came of it
    #[arg(long, conflicts_with_all = ["app", "user", "status", "action", "since", "until", "entry", "follow", "details", "events"])]
    mails: bool,
}

#[derive(Deserialize)]
struct Entry {
    at: String,
    app: Option<String>,
    subject: Option<Subject>,
    action: String,
    status: String,
    #[serde(default)]
    changes: Vec<Change>,
    text: Option<String>,
    next_attempt: Option<String>,
}

#[derive(Deserialize)]
struct Subject {
    id: String,
    name: Option<String>,
}

pub(crate) async fn run(args: LogArgs, output: Output) -> anyhow::Result<()> {
    let client = Client::new(&args.server)?;
    if let Some(id) = &args.entry {
        let entry = client.get(&["log", id], &[]).await?;
        return output.answer(&entry, |entry: &details::Entry, _| details::text(entry));
    }
    if args.instead.mails {
        let mut mails = client.list(&["mails"], &[], args.limit.get()).await?.items;
        mails.reverse();
        return output.list(&mails, "No mail was to be sent yet.", super::mails::list_text);
    }
    let (from, until) = (
        args.since.map(|time| time.to_string()),
        args.until.map(|time| time.to_string()),
    );
    let given = [
        ("type", &args.event_type),
        ("app", &args.app),
        ("user", &args.user),
        ("group", &args.group),
        ("action", &args.action),
        ("status", &args.status),
        ("from", &from),
        ("until", &until),
    ];
    let mut query: Vec<(&str, &str)> = given
        .iter()
        .filter_map(|(name, value)| value.as_deref().map(|value| (*name, value)))
        .collect();
    query.push(("order", "desc"));
    if args.instead.events {
        let mut events = client.list(&["events"], &query, args.limit.get()).await?.items;
        events.reverse();
        return output.list(&events, "Nothing has happened yet.", super::events::list_text);
    }

    let mut entries = client.list(&["log"], &query, args.limit.get()).await?.items;
    entries.reverse();
    if !args.follow && args.details {
        return output.list(&entries, "Nothing has been done yet.", details::list_text);
    }
    if !args.follow {
        return output.list(&entries, "Nothing has been done yet.", list_text);
    }
    let mut seen = Seen::default();
    loop {
        for entry in &entries {
            seen.note(entry);
            print_entry(entry, args.details, output)?;
        }
        tokio::time::sleep(POLL).await;
        entries = newer(&client, &query, &seen).await?;
    }
}

/// Which entries have been printed. Only the last ones are remembered: older ones do not come again.
#[derive(Default)]
struct Seen {
    now: HashSet<String>,
    before: HashSet<String>,
}

impl Seen {
    const REMEMBERED: usize = 10_000;

    fn note(&mut self, entry: &Value) {
        if self.now.len() == Self::REMEMBERED {
            self.before = std::mem::take(&mut self.now);
        }
        self.now.insert(id(entry).to_owned());
    }

    fn holds(&self, entry: &Value) -> bool {
        self.now.contains(id(entry)) || self.before.contains(id(entry))
    }
}

fn id(entry: &Value) -> &str {
    entry["id"].as_str().unwrap_or_default()
}

/// What has come since, the oldest first. Reads from the newest entry backwards until it meets one that is
/// known, as entries that were written at the same time may appear in another order than they were begun.
async fn newer(client: &Client, query: &[(&str, &str)], seen: &Seen) -> anyhow::Result<Vec<Value>> {
    let mut size = FOLLOW_PAGE;
    loop {
        let listing = client.list(&["log"], query, size).await?;
        let has_met = listing.items.iter().any(|entry| seen.holds(entry));
        if has_met || !listing.has_more {
            let mut fresh: Vec<Value> = listing
                .items
                .into_iter()
                .filter(|entry| !seen.holds(entry))
                .collect();
            fresh.reverse();
            return Ok(fresh);
        }
        size *= 2;
    }
}

fn print_entry(entry: &Value, with_details: bool, output: Output) -> anyhow::Result<()> {
    if output.is_json() {
        return print_json(entry);
    }
    if with_details {
        return print(&details::text(&read(entry)?));
    }
    print(&line(&read(entry)?))
}

fn list_text(entries: &[Entry]) -> String {
    let header = ["time", "app", "action", "who", "status", "what"];
    table(header, entries.iter().map(columns))
}

/// One entry on one line, for a log that is followed.
fn line(entry: &Entry) -> String {
    let columns = columns(entry);
    let columns: Vec<_> = columns
        .iter()
        .filter(|column| !column.is_empty())
        .map(|text| plain(text))
        .collect();
    columns.join("  ")
}

fn columns(entry: &Entry) -> [String; 6] {
    let who = entry
        .subject
        .as_ref()
        .map(|subject| subject.name.as_ref().unwrap_or(&subject.id));
    [
        time(&entry.at),
        entry.app.clone().unwrap_or_default(),
        entry.action.clone(),
        who.cloned().unwrap_or_default(),
        entry.status.clone(),
        what(entry),
    ]
}

/// Why it failed and when it is tried again; else what was changed, in short where it was much.
fn what(entry: &Entry) -> String {
    if entry.status != "success" {
        let text = entry.text.clone().unwrap_or_default();
        return match &entry.next_attempt {
            Some(next) => format!("{text} Next attempt {}.", time(next)).trim().to_owned(),
            None => text,
        };
    }
    match entry.changes.len() {
        0 => entry.text.clone().unwrap_or_default(),
        1 | 2 => changes(&entry.changes),
        many => format!("{many} attributes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn entries() -> Vec<Entry> {
        let entries = json!([
            {"id": "1", "at": "2026-11-21T09:30:00Z", "app": "Webex", "app_id": "7", "action": "create",
             "subject": {"kind": "user", "id": "9", "name": "Anna Lindqvist"}, "status": "success",
             "changes": [{"attribute": "userName", "old": null, "new": "anna@example.com"},
                         {"attribute": "title", "old": null, "new": "Engineer"},
                         {"attribute": "active", "old": null, "new": true}]},
            {"id": "2", "at": "2026-11-21T09:31:00Z", "app": "Webex", "action": "update",
             "subject": {"kind": "user", "id": "9", "name": "Anna Lindqvist"}, "status": "success",
             "changes": [{"attribute": "title", "old": "Engineer", "new": "Senior Engineer"}]},
            {"id": "3", "at": "2026-11-21T09:32:00Z", "app": "Webex", "action": "disable",
             "subject": {"kind": "user", "id": "8", "name": null}, "status": "failure",
             "text": "The target answered 503.", "next_attempt": "2026-11-21T09:33:00Z"}]);
        serde_json::from_value(entries).expect("entries")
    }

    #[test]
    fn lists() {
        insta::assert_snapshot!(list_text(&entries()), @r"
        TIME                  APP    ACTION   WHO             STATUS   WHAT
        2026-11-21 09:30:00Z  Webex  create   Anna Lindqvist  success  3 attributes
        2026-11-21 09:31:00Z  Webex  update   Anna Lindqvist  success  title: Engineer → Senior Engineer
        2026-11-21 09:32:00Z  Webex  disable  8               failure  The target answered 503. Next attempt 2026-11-21 09:33:00Z.
        ");
    }

    #[test]
    fn one_line_for_each_when_followed() {
        let lines: Vec<String> = entries().iter().map(line).collect();
        insta::assert_snapshot!(lines.join("\n"), @r"
        2026-11-21 09:30:00Z  Webex  create  Anna Lindqvist  success  3 attributes
        2026-11-21 09:31:00Z  Webex  update  Anna Lindqvist  success  title: Engineer → Senior Engineer
        2026-11-21 09:32:00Z  Webex  disable  8  failure  The target answered 503. Next attempt 2026-11-21 09:33:00Z.
        ");
    }

    #[test]
    fn what_was_printed_is_remembered_for_a_while() {
        let entry = |number: usize| json!({ "id": number.to_string() });
        let mut seen = Seen::default();
        for number in 0..=Seen::REMEMBERED {
            seen.note(&entry(number));
        }
        assert!(seen.holds(&entry(0)) && seen.holds(&entry(Seen::REMEMBERED)));
        assert!(!seen.holds(&entry(Seen::REMEMBERED + 1)));
    }
}
