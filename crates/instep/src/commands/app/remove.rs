//! `instep app remove`

use std::time::Duration;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::list::App;
use super::status::{Accounts, Status};
use crate::client::{Client, Error};
use crate::confirm::{confirm, confirm_count};
use crate::failure::{Reported, Usage, say};
use crate::output::{Output, counted, read};
use crate::progress::Bar;

const POLL: Duration = Duration::from_millis(300);

/// Removes an app; asks first
///
/// The accounts at the target stay as they are, unless --accounts says otherwise. Which of them belongs to whom is
/// forgotten, and found again by the matching attributes if the app is added again. With --accounts disable or delete that
/// happens first, in the server, and the app goes when it is done; `app status` shows how far it is.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  instep app remove Webex
  instep app remove Webex --accounts disable
  instep app remove Webex --yes --accounts delete --count 240 --wait")]
pub(crate) struct RemoveArgs {
    /// Id or name
    app: String,

    /// What becomes of the accounts that are kept in step
    #[arg(long, value_enum, default_value = "keep")]
    accounts: Fate,

    /// How many accounts are to go; asked for if it is not said
    #[arg(long, value_name = "N")]
    count: Option<u64>,

    /// Do not ask
    #[arg(long)]
    yes: bool,

    /// Wait until the app is gone; exit status 1 if accounts could not be taken away
    #[arg(long)]
    wait: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Fate {
    /// They stay as they are
    Keep,
    /// They may no longer sign in
    Disable,
    /// They go for good
    Delete,
}

const WARNING: &str = "What was set up for it at the target, such as its token, must be removed there too.";

pub(super) async fn run(client: &Client, args: &RemoveArgs, output: Output) -> anyhow::Result<()> {
    let app: App = read(&client.get(&["apps", &args.app], &[]).await?)?;
    let query = match args.accounts {
        Fate::Keep => {
            let question = format!(
                "Remove the app {} ({})? The accounts at the target stay as they are. {WARNING}",
                app.name, app.id
            );
            confirm(args.yes.into(), &question)?;
            vec![("confirm", app.name.clone())]
        }
        fate @ (Fate::Disable | Fate::Delete) => {
            let count = counted_out(client, args, &app, fate).await?;
            let word = if fate == Fate::Disable {
                "disable"
            } else {
                "delete"
            };
            vec![
                ("confirm", app.name.clone()),
                ("accounts", word.to_owned()),
                ("count", count.to_string()),
            ]
        }
    };
    let query: Vec<_> = query
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let answer = client.delete(&["apps", &app.id], &query).await?;
    if answer != Value::Null && args.wait {
        wait(client, &app).await?;
        return removed(&app, output);
    }
    if answer == Value::Null {
        return removed(&app, output);
    }
    output.answer(&answer, |_: &Value, _| {
        format!(
            "{} is being removed, its accounts first. See how far it is with `instep app status {}`.",
            app.name, args.app
        )
    })
}

fn removed(app: &App, output: Output) -> anyhow::Result<()> {
    output.value(
        &json!({ "id": app.id, "name": app.name, "removed": true }),
        |_| format!("Removed {}.", app.name),
    )
}

/// How many accounts go, as the person has said.
async fn counted_out(client: &Client, args: &RemoveArgs, app: &App, fate: Fate) -> anyhow::Result<u64> {
    match (args.yes, args.count) {
        (true, Some(count)) => return Ok(count),
        (true, None) => {
            return Err(Usage::error(
                "with --yes say in --count how many accounts are to go: `instep app status` has their number",
            ));
        }
        (false, _) => {}
    }
    let status: Status = read(&client.get(&["apps", &app.id, "status"], &[]).await?)?;
    let Accounts {
        active,
        disabled,
        imported,
    } = status.accounts;
    let (count, what) = match fate {
        Fate::Delete => (active + disabled, "deleted for good"),
        Fate::Keep | Fate::Disable => (active, "disabled"),
    };
    let left = match imported {
        0 => String::new(),
        _ => format!(
            " {} imported and never kept in step: they stay.",
            counted(imported, "more was", "more were")
        ),
    };
    let accounts = counted(count, "account is", "accounts are");
    let question = format!(
        "Remove the app {} ({})? {accounts} {what}.{left} {WARNING}",
        app.name, app.id
    );
    confirm_count(count, &question)?;
    Ok(args.count.unwrap_or(count))
}

/// Waits until the app is gone, or does not go on.
async fn wait(client: &Client, app: &App) -> anyhow::Result<()> {
    let bar = Bar::start("removing");
    loop {
        let status: Status = match client.get(&["apps", &app.id, "status"], &[]).await {
            Ok(answer) => read(&answer)?,
            Err(Error::Problem { status, .. }) if status.as_u16() == 404 => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        if let Some(progress) = status.progress {
            bar.set(progress);
        }
        if status.failing_total > 0 && status.waiting <= status.failing_total {
            let who = counted(status.failing_total, "account", "accounts");
            say(&format!(
                "error: {who} could not be taken away yet: see `instep app status {}`",
                app.name
            ));
            return Err(Reported.into());
        }
        tokio::time::sleep(POLL).await;
    }
}
