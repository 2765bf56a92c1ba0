//! `instep app pause` and `resume`, `deactivate` and `activate`

use super::list::App;
use super::warned::{Verified, say_warnings};
use crate::client::Client;
use crate::confirm::{Consent, confirm};
use crate::output::Output;

pub(super) async fn pause(client: &Client, app: &str, output: Output) -> anyhow::Result<()> {
    change(client, app, "pause", output).await
}

pub(super) async fn resume(client: &Client, app: &str, output: Output) -> anyhow::Result<()> {
    change(client, app, "resume", output).await
}

pub(super) async fn activate(client: &Client, app: &str, output: Output) -> anyhow::Result<()> {
    change(client, app, "activate", output).await
}

pub(super) async fn deactivate(
    client: &Client,
    app: &str,
    consent: Consent,
    output: Output,
) -> anyhow::Result<()> {
    let question = format!(
        "Deactivate the provisioning of {app}? Its accounts stay as they are, and nothing that changes here reaches them."
    );
    confirm(consent, &question)?;
    change(client, app, "deactivate", output).await
}

async fn change(client: &Client, app: &str, verb: &str, output: Output) -> anyhow::Result<()> {
    let app = client.post(&["apps", app, verb], &[]).await?;
    output.answer(&app, |app: &App, _| {
        let confirmation = Verified::confirmation(app.verified.as_ref());
        format!("{} is {}{confirmation}.", app.name, app.state)
    })?;
    say_warnings(&app)
}
