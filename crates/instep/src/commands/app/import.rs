//! `instep app import`

use std::time::Duration;

use anyhow::bail;
use clap::Args;
use serde::Deserialize;
use serde_json::{Value, json};

use super::list::App;
use crate::client::Client;
use crate::confirm::confirm;
use crate::failure::{Reported, say};
use crate::output::{Output, count, counted, details, print, read, table, time};
use crate::progress::{Bar, Progress};
use crate::said::Said;

const POLL: Duration = Duration::from_millis(300);

/// Makes people of accounts that the directory lacks
///
/// Without --user or --all it only lists the target's accounts: new, imported (somebody's here already), or matching (an
/// import links it to somebody who is here). Whoever is imported is assigned to nothing: the account is left alone until
/// its person is in the app's scope.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  instep app import Webex --list --new-only
  instep app import Webex --user anna@example.com --user bo@example.com
  instep app import Webex --all --new-only --yes")]
#[expect(clippy::struct_excessive_bools, reason = "switches of a command line")]
pub(crate) struct ImportArgs {
    /// Id or name
    app: String,

    /// Lists the target's accounts, and imports none
    #[arg(long, conflicts_with_all = ["user", "all", "result"])]
    list: bool,

    /// Only accounts of which an import makes people
    #[arg(long, conflicts_with_all = ["user", "result"])]
    new_only: bool,

    /// Imports this account: its user name at the target, or its id there
    #[arg(long, value_name = "USER", conflicts_with = "all")]
    user: Vec<String>,

    /// Imports every account that is nobody's here
    #[arg(long)]
    all: bool,

    /// Shows what came of an import; of the last one, if it is not named
    #[arg(long, value_name = "IMPORT", num_args = 0..=1, default_missing_value = "", conflicts_with_all = ["user", "all"])]
    result: Option<String>,

    /// Do not ask
    #[arg(long)]
    yes: bool,
}

#[derive(Deserialize)]
struct Account {
    remote_id: String,
    user_name: Option<String>,
    display_name: Option<String>,
    active: Option<bool>,
    state: String,
    person: Option<Person>,
}

#[derive(Deserialize)]
struct Person {
    name: String,
}

#[derive(Deserialize)]
struct Begun {
    import: Import,
}

#[derive(Deserialize)]
struct Import {
    id: String,
    state: String,
    started_at: String,
    #[serde(default)]
    listed: u64,
    #[serde(default)]
    counts: Counts,
    error: Option<Said>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Counts {
    total: u64,
    waiting: u64,
    created: u64,
    linked: u64,
    known: u64,
    failed: u64,
}

#[derive(Deserialize)]
struct Item {
    remote_id: String,
    name: String,
    state: String,
    error: Option<Said>,
}

pub(super) async fn run(client: &Client, args: &ImportArgs, output: Output) -> anyhow::Result<()> {
    if let Some(result) = &args.result {
        return show(client, &args.app, result, output).await;
    }
    if args.user.is_empty() && !args.all {
        return list(client, args, output).await;
    }
    let app: App = read(&client.get(&["apps", &args.app], &[]).await?)?;
    let question = if args.all {
        format!(
            "Make people of all accounts of {} that are nobody's here{}?",
            app.name,
            if args.new_only {
                ""
            } else {
                ", and link those that match somebody"
            }
        )
    } else {
        let accounts = counted(args.user.len() as u64, "account", "accounts");
        format!("Import {accounts} of {}?", app.name)
    };
    confirm(args.yes.into(), &question)?;
    let body = if args.all {
        json!({ "all": true, "new_only": args.new_only })
    } else {
        json!({ "accounts": args.user })
    };
    let answer = client.post_json(&["apps", &app.id, "import"], &body).await?;
    let begun: Begun = read(&answer)?;
    let import = wait(client, &app.id, begun.import).await?;
    show(client, &app.id, &import.id, output).await
}

/// Waits until an import is over. It goes on if nobody waits.
async fn wait(client: &Client, app: &str, mut import: Import) -> anyhow::Result<Import> {
    let bar = Bar::start("importing");
    while import.state == "running" {
        bar.set(Progress {
            done: import.counts.total - import.counts.waiting,
            total: import.counts.total.max(1),
        });
        tokio::time::sleep(POLL).await;
        import = read(&client.get(&["apps", app, "import", &import.id], &[]).await?)?;
    }
    Ok(import)
}

async fn list(client: &Client, args: &ImportArgs, output: Output) -> anyhow::Result<()> {
    let query: &[(&str, &str)] = if args.new_only {
        &[("new_only", "true")]
    } else {
        &[]
    };
    let items = client
        .list_all(&["apps", &args.app, "import", "accounts"], query)
        .await?;
    let nothing = if args.new_only {
        "Every account of the target is somebody's here, or matches somebody."
    } else {
        "The target has no accounts."
    };
    output.list(&items, nothing, |accounts: &[Account]| {
        let rows = accounts.iter().map(|account| {
            [
                account.user_name.clone().unwrap_or_default(),
                account.display_name.clone().unwrap_or_default(),
                match account.active {
                    Some(true) => "active",
                    Some(false) => "inactive",
                    None => "",
                }
                .to_owned(),
                account.state.clone(),
                account
                    .person
                    .as_ref()
                    .map(|person| person.name.clone())
                    .unwrap_or_default(),
                account.remote_id.clone(),
            ]
        });
        table(
            [
                "USER NAME",
                "DISPLAY NAME",
                "ACCOUNT",
                "STATE",
                "WHO HERE",
                "ID THERE",
            ],
            rows,
        )
    })
}

/// Shows an import with what could not be imported, and fails if there is any.
async fn show(client: &Client, app: &str, import: &str, output: Output) -> anyhow::Result<()> {
    let import = if import.is_empty() {
        let latest = client.list(&["apps", app, "import"], &[], 1).await?;
        let Some(latest) = latest.items.first() else {
            bail!("nothing was imported from this app yet");
        };
        read::<Import>(latest)?.id
    } else {
        import.to_owned()
    };
    let mut answer = client.get(&["apps", app, "import", &import], &[]).await?;
    let shown: Import = read(&answer)?;
    let path = ["apps", app, "import", import.as_str(), "items"];
    let failed = client.list_all(&path, &[("state", "failed")]).await?;
    if output.is_json() {
        answer["items"] = Value::Array(client.list_all(&path, &[]).await?);
        output.value(&answer, |_| String::new())?;
    } else {
        print(&text(&shown))?;
    }
    if !failed.is_empty() {
        if !output.is_json() {
            let failed: Vec<Item> = failed.iter().map(read).collect::<anyhow::Result<_>>()?;
            let rows = failed.iter().map(|item| {
                [
                    item.name.clone(),
                    item.error
                        .as_ref()
                        .map_or_else(|| item.state.clone(), |error| error.text().to_owned()),
                    item.remote_id.clone(),
                ]
            });
            print(&table(["ACCOUNT", "WHY NOT", "ID THERE"], rows))?;
        }
        let who = counted(shown.counts.failed, "account", "accounts");
        say(&format!("error: {who} could not be imported"));
        return Err(Reported.into());
    }
    if shown.state == "failed" {
        let why = shown.error.as_ref().map_or("no reason is known", Said::text);
        bail!("the import has failed: {why}");
    }
    Ok(())
}

fn text(import: &Import) -> String {
    let Counts {
        total,
        waiting,
        created,
        linked,
        known,
        failed,
    } = import.counts;
    let state = match (&import.error, import.state.as_str()) {
        (Some(error), "running") => format!("running, held up: {}", error.text()),
        (Some(error), state) => format!("{state}: {}", error.text()),
        (None, state) => state.to_owned(),
    };
    details(&[
        ("Import", import.id.clone()),
        ("State", state),
        ("Started", time(&import.started_at)),
        ("Looked at", count(import.listed)),
        ("Chosen", count(total)),
        ("New people", count(created)),
        ("Linked", count(linked)),
        ("Linked before", count(known)),
        ("Failed", count(failed)),
        ("Waiting", count(waiting)),
    ])
}
