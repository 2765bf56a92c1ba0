//! `instep app remove`

use std::time::Duration;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::list::App;
use super::plan;
use super::status::{Accounts, Status};
use crate::client::{Client, Error};
use crate::confirm::{confirm_count, refuse_if_nobody_is_there};
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
  instep app remove Webex --accounts disable --dry-run
  instep app remove Webex --accounts disable
  instep app remove Webex --accounts disable --groups delete
  instep app remove Webex --yes --accounts delete --count 240 --wait")]
pub(crate) struct RemoveArgs {
    /// Id or name
    app: String,

    /// What becomes of the accounts that are kept in step
    #[arg(long, value_enum, default_value = "keep")]
    accounts: Fate,

    /// What becomes of the groups that are held at the target; they go with accounts that are deleted, if it is not said
    #[arg(long, value_enum)]
    groups: Option<Groups>,

    /// How many accounts and groups are to go, or stay behind; asked for if it is not said
    #[arg(long, value_name = "N")]
    count: Option<u64>,

    /// Do not ask
    #[arg(long)]
    yes: bool,

    /// Show who would go, with which requests, and do nothing
    #[arg(long)]
    dry_run: bool,

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

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Groups {
    /// They stay as they are
    Keep,
    /// They go for good
    Delete,
}

impl Fate {
    fn word(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Disable => "disable",
            Self::Delete => "delete",
        }
    }
}

impl Groups {
    fn word(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Delete => "delete",
        }
    }
}

impl RemoveArgs {
    /// What becomes of groups, given what becomes of accounts.
    fn groups(&self, fate: Fate) -> Groups {
        self.groups.unwrap_or(match fate {
            Fate::Delete => Groups::Delete,
            Fate::Keep | Fate::Disable => Groups::Keep,
        })
    }
}

const WARNING: &str = "What was set up for it at the target, such as its token, must be removed there too.";

pub(super) async fn run(client: &Client, args: &RemoveArgs, output: Output) -> anyhow::Result<()> {
    let app: App = read(&client.get(&["apps", &args.app], &[]).await?)?;
    let query = match args.accounts {
        Fate::Keep if args.groups == Some(Groups::Delete) => {
            return Err(Usage::error(
                "groups go with accounts that go: say in --accounts what becomes of these",
            ));
        }
        Fate::Keep if args.dry_run => {
            return Err(Usage::error(
                "nobody's account would be touched: say in --accounts what is to become of them",
            ));
        }
        _ if args.dry_run => return dry_run(client, args, &app, output).await,
        Fate::Keep => {
            let count = stay_behind(client, args, &app).await?;
            vec![("confirm", app.name.clone()), ("count", count.to_string())]
        }
        fate @ (Fate::Disable | Fate::Delete) => {
            let count = counted_out(client, args, &app, fate).await?;
            vec![
                ("confirm", app.name.clone()),
                ("accounts", fate.word().to_owned()),
                ("groups", args.groups(fate).word().to_owned()),
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

/// Who would go, and by which requests.
async fn dry_run(client: &Client, args: &RemoveArgs, app: &App, output: Output) -> anyhow::Result<()> {
    let (accounts, groups) = (args.accounts.word(), args.groups(args.accounts).word());
    let query = [("accounts", accounts), ("groups", groups)];
    let plan = client.post(&["apps", &app.id, "plan"], &query).await?;
    output.answer(&plan, plan::removal_text)
}

/// How many accounts and groups stay behind, as the person has said.
async fn stay_behind(client: &Client, args: &RemoveArgs, app: &App) -> anyhow::Result<u64> {
    if args.yes {
        return args.count.ok_or_else(|| uncounted("stay behind"));
    }
    refuse_if_nobody_is_there()?;
    let status: Status = read(&client.get(&["apps", &app.id, "status"], &[]).await?)?;
    let Accounts {
        active,
        disabled,
        imported,
        groups,
    } = status.accounts;
    let count = active + disabled + imported + groups;
    let question = format!(
        "Remove the app {} ({})? {} at the target {} as {}. {WARNING}",
        app.name,
        app.id,
        counted(count, "account or group", "accounts and groups"),
        if count == 1 { "stays" } else { "stay" },
        if count == 1 { "it is" } else { "they are" },
    );
    confirm_count(count, &question)?;
    Ok(args.count.unwrap_or(count))
}

fn uncounted(what: &str) -> anyhow::Error {
    Usage::error(format!(
        "with --yes say in --count how many accounts and groups {what}: `instep app status` has their number"
    ))
}

/// How many accounts go, as the person has said.
async fn counted_out(client: &Client, args: &RemoveArgs, app: &App, fate: Fate) -> anyhow::Result<u64> {
    match (args.yes, args.count) {
        (true, Some(count)) => return Ok(count),
        (true, None) => return Err(uncounted("are to go")),
        (false, _) => {}
    }
    let status: Status = read(&client.get(&["apps", &app.id, "status"], &[]).await?)?;
    let Accounts {
        active,
        disabled,
        imported,
        groups,
    } = status.accounts;
    let (accounts, what) = match fate {
        Fate::Delete => (active + disabled, "deleted for good"),
        Fate::Keep | Fate::Disable => (active, "disabled"),
    };
    let groups = match args.groups(fate) {
        Groups::Keep => 0,
        Groups::Delete => groups,
    };
    let count = accounts + groups;
    let left = match imported {
        0 => String::new(),
        _ => format!(
            " {} imported and never kept in step: they stay.",
            counted(imported, "more was", "more were")
        ),
    };
    let accounts = counted(accounts, "account is", "accounts are");
    let groups = match groups {
        0 => String::new(),
        _ => format!(", {} deleted for good", counted(groups, "group is", "groups are")),
    };
    let question = format!(
        "Remove the app {} ({})? {accounts} {what}{groups}.{left} {WARNING}",
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
