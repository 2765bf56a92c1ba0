//! `instep app plan`

use std::path::PathBuf;

use clap::Args;
use reqwest::Method;
use serde::Deserialize;
use serde_json::Value;

use super::mappings;
use super::supposed::SupposedArgs;
use super::warned::say_warnings;
use crate::client::Client;
use crate::failure::{Reported, say};
use crate::output::{Output, Paint, counted, read};

pub(super) mod kept;
mod render;
mod shape;

pub(crate) use render::quoted;

/// Shows what a cycle would do in the app, and does nothing
///
/// Grouped by action: + creates and enables, ~ links and updates, - disables and deletes; then who is left
/// alone, and why. Exit status 1 if nobody can be planned for.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  instep app plan Webex
  instep app plan Webex --save
  instep app plan Webex --mappings mappings.json --filter filter.json
  instep app plan Webex --group-mappings groups.json
  instep app plan Webex --output json | jq .counts")]
pub(crate) struct PlanArgs {
    /// Id or name
    app: String,

    /// Name everyone who is left alone too
    #[arg(long, conflicts_with = "save")]
    all: bool,

    /// Keep the plan, to be approved and then carried out exactly so
    #[arg(long, conflicts_with_all = ["mappings", "group_mappings", "filter"])]
    save: bool,

    #[command(flatten)]
    supposed: SupposedArgs,

    /// Suppose these mappings of groups, as `app mappings --kind group --output json` prints them; nothing is saved
    #[arg(long, value_name = "FILE", help_heading = "What if")]
    group_mappings: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Saved {
    plan: Option<kept::Kept>,
}

pub(super) async fn run(client: &Client, args: &PlanArgs, output: Output) -> anyhow::Result<()> {
    if args.save {
        return save(client, &args.app, output).await;
    }
    let (all, rest) = if args.all {
        ("true", render::Rest::Named)
    } else {
        ("false", render::Rest::Counted)
    };
    let (path, query) = (["apps", &args.app, "plan"], [("all", all)]);
    let mut supposed = args.supposed.members()?;
    if let Some(path) = &args.group_mappings {
        supposed.insert("group_mappings".to_owned(), mappings::from_file(path)?);
    }
    let answer = if supposed.is_empty() {
        client.post(&path, &query).await?
    } else {
        client.json(Method::POST, &path, &query, &supposed).await?
    };
    output.answer(&answer, |plan, paint| {
        if supposed.is_empty() {
            render::plan(plan, &args.app, rest, paint)
        } else {
            render::supposed(plan, rest, paint)
        }
    })?;
    say_warnings(&answer)?;
    let plan: shape::Plan = read(&answer)?;
    check(&plan.counts, &args.app)
}

async fn save(client: &Client, app: &str, output: Output) -> anyhow::Result<()> {
    let answer = client.post(&["apps", app, "plans"], &[]).await?;
    output.answer(&answer, |saved: &Saved, _| match &saved.plan {
        Some(plan) => kept::saved_text(plan, app),
        None => "Nothing is to be done: no plan is kept.".to_owned(),
    })?;
    match read::<Saved>(&answer)?.plan {
        Some(plan) => check(&plan.counts, app),
        None => Ok(()),
    }
}

/// A plan in which nobody could be planned for has failed.
fn check(counts: &shape::Counts, app: &str) -> anyhow::Result<()> {
    if counts.to_do() > 0 {
        return Ok(());
    }
    let name = quoted(app);
    if counts.error > 0 {
        let who = counted(counts.error, "person", "people");
        say(&format!(
            "error: {who} cannot be planned for, for the reasons above, and nothing else is to be done"
        ));
    } else if counts.unchanged + counts.skip == 0 {
        say(&format!(
            "error: there is nobody to plan for: assign people or groups with `instep app assign {name}`, \
             or put everybody in scope with `instep app set {name} scope=all`"
        ));
    } else {
        return Ok(());
    }
    Err(Reported.into())
}

/// What removing an app would do, with every request.
pub(super) fn removal_text(plan: &shape::Plan, paint: Paint) -> String {
    let style = render::Style {
        rest: render::Rest::Counted,
        requests: render::Requests::Shown,
        next: "Nothing was done.",
        paint,
    };
    render::styled(plan, style)
}

/// A plan as `app plan` prints it.
pub(crate) fn text(plan: &Value, app: &str, output: Output) -> anyhow::Result<String> {
    Ok(render::plan(
        &read(plan)?,
        app,
        render::Rest::Counted,
        output.paint(),
    ))
}
