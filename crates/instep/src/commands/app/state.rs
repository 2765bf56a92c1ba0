//! `instep app pause` and `resume`

use super::list::App;
use crate::client::Client;
use crate::output::Output;

pub(super) async fn pause(client: &Client, app: &str, output: Output) -> anyhow::Result<()> {
    change(client, app, "pause", output).await
}

pub(super) async fn resume(client: &Client, app: &str, output: Output) -> anyhow::Result<()> {
    change(client, app, "resume", output).await
}

async fn change(client: &Client, app: &str, verb: &str, output: Output) -> anyhow::Result<()> {
    let app = client.post(&["apps", app, verb], &[]).await?;
    output.answer(&app, |app: &App, _| format!("{} is {}.", app.name, app.state))
}
