//! `instep app remove`

use clap::Args;
use serde_json::json;

use super::list::App;
use crate::client::Client;
use crate::confirm::confirm;
use crate::output::{Output, read};

/// Removes an app; asks first
///
/// The accounts at the target stay as they are. Which of them belongs to whom is forgotten, and found again
/// by the matching attributes if the app is added again.
#[derive(Debug, Args)]
pub(crate) struct RemoveArgs {
    /// Id or name
    app: String,

    /// Do not ask
    #[arg(long)]
    yes: bool,
}

pub(super) async fn run(client: &Client, args: &RemoveArgs, output: Output) -> anyhow::Result<()> {
    let app: App = read(&client.get(&["apps", &args.app], &[]).await?)?;
    let question = format!(
        "Remove the app {} ({})? The accounts at the target stay as they are. What was set up for it at the target, such as \
         its token, must be removed there too.",
        app.name, app.id
    );
    confirm(args.yes.into(), &question)?;
    client
        .delete(&["apps", &app.id], &[("confirm", &app.name)])
        .await?;
    output.value(
        &json!({ "id": app.id, "name": app.name, "removed": true }),
        |_| format!("Removed {}.", app.name),
    )
}
