//! `instep app plans`: plans that are kept.

use clap::{Args, Subcommand};
use serde::Deserialize;
use serde_json::{Value, json};

use super::render::{Requests, Rest, Style, quoted, styled};
use super::shape::{Counts, Plan};
use crate::client::Client;
use crate::output::{Output, Paint, count, optional_time, read, table, time};
use crate::plain::plain;
use crate::said::Said;

/// Lists, shows, approves and discards plans that are kept
///
/// A plan is named by its id, or `latest`. `instep app plan APP --save` makes one.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  instep app plans show Webex
  instep app plans approve Webex latest --revision 1")]
pub(crate) struct PlansArgs {
    #[command(subcommand)]
    command: PlansCommand,
}

#[derive(Debug, Subcommand)]
enum PlansCommand {
    /// Lists an app's plans, the newest first
    List {
        /// Id or name
        app: String,
    },
    Show(ShowArgs),
    Approve(ApproveArgs),
    /// Discards a plan: nothing of it will be carried out
    Discard {
        /// Id or name
        app: String,
        /// Id, or `latest`
        plan: String,
    },
}

/// Shows a plan, person by person
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// Id or name
    app: String,

    /// Id, or `latest`
    #[arg(default_value = "latest")]
    plan: String,

    /// Only people with this action: create, link, update, enable, disable, delete, error
    #[arg(long)]
    action: Option<String>,

    /// Only people of whom this came: open, approved, applied, failed, stale
    #[arg(long)]
    state: Option<String>,

    /// Print the requests that are sent, too
    #[arg(long)]
    requests: bool,
}

/// Approves a plan: it is carried out exactly as it stands
///
/// What has changed since it was made is not carried out; `plans show` then says why.
#[derive(Debug, Args)]
pub(crate) struct ApproveArgs {
    /// Id or name
    app: String,

    /// Id, or `latest`
    plan: String,

    /// The revision that was looked at; refused if the plan has changed since
    #[arg(long, value_name = "N")]
    revision: Option<i64>,
}

/// A plan that is kept.
#[derive(Debug, Deserialize)]
pub(in crate::commands::app) struct Kept {
    pub(in crate::commands::app) id: String,
    pub(in crate::commands::app) state: String,
    origin: String,
    pub(in crate::commands::app) reason: Said,
    revision: i64,
    pub(super) counts: Counts,
    items: Items,
    created_at: String,
    expires_at: String,
    #[serde(default)]
    decided_at: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Items {
    applied: u64,
    failed: u64,
    stale: u64,
}

impl Kept {
    /// How the plan in which an app gathers what awaits approval stands.
    pub(in crate::commands::app) fn standing(&self) -> String {
        let state = match self.state.as_str() {
            "draft" => "is being put together",
            "awaiting_approval" => "awaits approval",
            other => other,
        };
        format!(
            "{} {state}: {} ({})",
            self.id,
            self.counts.text(),
            self.reason.text()
        )
    }
}

pub(crate) async fn run(client: &Client, args: &PlansArgs, output: Output) -> anyhow::Result<()> {
    match &args.command {
        PlansCommand::List { app } => {
            let plans = client.list_all(&["apps", app, "plans"], &[]).await?;
            let when_empty = format!(
                "No plans yet: make one with `instep app plan {} --save`.",
                quoted(app)
            );
            output.list(&plans, &when_empty, list_text)
        }
        PlansCommand::Show(args) => show(client, args, output).await,
        PlansCommand::Approve(args) => approve(client, args, output).await,
        PlansCommand::Discard { app, plan } => {
            let answer = client.post(&["apps", app, "plans", plan, "discard"], &[]).await?;
            output.answer(&answer, |plan: &Kept, _| {
                format!(
                    "The plan {} is discarded: nothing of it will be carried out.",
                    plan.id
                )
            })
        }
    }
}

async fn show(client: &Client, args: &ShowArgs, output: Output) -> anyhow::Result<()> {
    let mut plan = client.get(&["apps", &args.app, "plans", &args.plan], &[]).await?;
    let kept: Kept = read(&plan)?;
    let given = [("action", &args.action), ("state", &args.state)];
    let query: Vec<(&str, &str)> = given
        .iter()
        .filter_map(|(name, value)| Some((*name, value.as_deref()?)))
        .collect();
    let path = ["apps", &args.app, "plans", &kept.id, "items"];
    let items = client.list_all(&path, &query).await?;
    if output.is_json() {
        plan["people"] = Value::Array(items);
        return output.answer(&plan, |_: &Value, _| String::new());
    }
    let shown = json!({ "counts": plan["counts"], "items": items });
    let requests = if args.requests {
        Requests::Shown
    } else {
        Requests::Hidden
    };
    output.answer(&shown, |shown: &Plan, paint| {
        shown_text(&kept, shown, &args.app, requests, paint)
    })
}

async fn approve(client: &Client, args: &ApproveArgs, output: Output) -> anyhow::Result<()> {
    let path = ["apps", &args.app, "plans", &args.plan];
    let plan: Kept = read(&client.get(&path, &[]).await?)?;
    let revision = args.revision.unwrap_or(plan.revision);
    let path = ["apps", &args.app, "plans", &plan.id, "approve"];
    let answer = client.post_json(&path, &json!({ "revision": revision })).await?;
    output.answer(&answer, |plan: &Kept, _| {
        format!(
            "The plan {} is approved, and carried out from now on. See how far it is with `instep app plans show {} {}`.",
            plan.id,
            quoted(&args.app),
            plan.id
        )
    })
}

fn shown_text(kept: &Kept, plan: &Plan, app: &str, requests: Requests, paint: Paint) -> String {
    let next = match kept.state.as_str() {
        "awaiting_approval" => format!("Approve it with `{}`.", approval(kept, app)),
        _ => String::new(),
    };
    let style = Style {
        rest: Rest::Counted,
        requests,
        next: &next,
        paint,
    };
    format!("{}\n\n{}", paint.bold(&headline(kept)), styled(plan, style))
}

/// `Plan 0193…, revision 3, awaits approval until 2026-11-28 09:30:00Z: asked for`
fn headline(kept: &Kept) -> String {
    let Kept {
        id, revision, reason, ..
    } = kept;
    let state = match (kept.state.as_str(), kept.decided_at.as_deref()) {
        ("draft", _) => "is being put together".to_owned(),
        ("awaiting_approval", _) => format!("awaits approval until {}", time(&kept.expires_at)),
        (state @ ("approved" | "applying" | "applied" | "discarded"), Some(decided)) => {
            format!("{state}, decided on {}", time(decided))
        }
        (state, _) => state.to_owned(),
    };
    let came = [
        (kept.items.applied, "carried out"),
        (kept.items.failed, "failed"),
        (kept.items.stale, "refused as stale"),
    ];
    let mut state = state;
    for (number, what) in came.iter().filter(|(number, _)| *number > 0) {
        state = format!("{state}; {} {what}", count(*number));
    }
    plain(&format!(
        "Plan {id}, revision {revision}, {state}: {}",
        reason.text()
    ))
    .into_owned()
}

fn approval(kept: &Kept, app: &str) -> String {
    format!(
        "instep app plans approve {} {} --revision {}",
        quoted(app),
        kept.id,
        kept.revision
    )
}

/// What `app plan --save` says.
pub(super) fn saved_text(kept: &Kept, app: &str) -> String {
    format!(
        "Plan {} is kept: {}.\nLook at it with `instep app plans show {} {}`, and approve it with `{}` until {}.",
        kept.id,
        kept.counts.text(),
        quoted(app),
        kept.id,
        approval(kept, app),
        time(&kept.expires_at)
    )
}

fn list_text(plans: &[Kept]) -> String {
    let row = |plan: &Kept| {
        [
            time(&plan.created_at),
            plan.state.clone(),
            plan.origin.clone(),
            plan.counts.text(),
            optional_time(plan.decided_at.as_ref()),
            plan.id.clone(),
        ]
    };
    table(
        ["made", "state", "by", "what", "decided", "id"],
        plans.iter().map(row),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(state: &str) -> Kept {
        let decided = (state == "applied").then_some("2026-11-21T10:00:00Z");
        let plan = json!({"id": "0193", "state": state, "origin": "saved", "reason": {"code": "plan.saved", "text": "asked for"},
            "revision": 3, "destructive": 1, "counts": {"create": 2, "link": 0, "update": 0, "disable": 1, "enable": 0, "delete": 0,
            "unchanged": 7, "skip": 0, "error": 0}, "items": {"open": 3, "approved": 0, "applied": 2, "failed": 0, "stale": 1},
            "created_at": "2026-11-21T09:30:00Z", "expires_at": "2026-11-28T09:30:00Z", "decided_at": decided});
        serde_json::from_value(plan).expect("a plan")
    }

    #[test]
    fn a_kept_plan_says_how_to_approve_it() {
        let plan: Plan = serde_json::from_value(json!({
            "counts": {"create": 1, "link": 0, "update": 0, "disable": 1, "enable": 0, "delete": 0, "unchanged": 7, "skip": 0, "error": 0},
            "items": [
                {"subject": {"id": "1", "name": "anna@example.com"}, "action": "create", "state": "open", "reason": "assigned in person",
                 "changes": [{"attribute": "userName", "old": null, "new": "anna@example.com"}],
                 "requests": [{"method": "POST", "path": "/Users", "body": {"userName": "anna@example.com"}}], "outcome": null},
                {"subject": {"id": "2", "name": "bo@example.com"}, "action": "disable", "state": "stale", "reason": "not assigned",
                 "changes": [{"attribute": "active", "old": true, "new": false}], "requests": [],
                 "outcome": {"code": "plan.stale_person", "text": "not carried out: the person has changed"}}]}))
        .expect("a plan");
        insta::assert_snapshot!(shown_text(&kept("awaiting_approval"), &plan, "My App", Requests::Shown, Paint::Plain), @r#"
        Plan 0193, revision 3, awaits approval until 2026-11-28 09:30:00Z; 2 carried out; 1 refused as stale: asked for

        1 to create
          + create anna@example.com
              userName: anna@example.com
              POST /Users {"userName":"anna@example.com"}

        1 to disable
          - disable bo@example.com because not assigned
              active: true → false
              ! not carried out: the person has changed

        7 left alone
          = 7 already as the mappings say

        Plan: 1 to create, 1 to disable, 7 left alone. Approve it with `instep app plans approve 'My App' 0193 --revision 3`.
        "#);
    }

    #[test]
    fn lists() {
        insta::assert_snapshot!(list_text(&[kept("applied")]), @r"
        MADE                  STATE    BY     WHAT                       DECIDED               ID
        2026-11-21 09:30:00Z  applied  saved  2 to create, 1 to disable  2026-11-21 10:00:00Z  0193
        ");
    }
}
