//! Carries on with licence runs: templates that are applied to people who were there before.

use std::time::Duration;

use directory::Directory;
use tokio::task::JoinHandle;

/// Between two looks.
const LOOK: Duration = Duration::from_secs(1);

/// Takes the steps of every run until it is aborted; each is a transaction of its own.
pub(crate) fn start(directory: Directory) -> JoinHandle<()> {
    tokio::spawn(async move {
        loop {
            if let Err(error) = round(&directory).await {
                tracing::warn!(%error, "licence runs could not be carried on");
            }
            tokio::time::sleep(LOOK).await;
        }
    })
}

async fn round(directory: &Directory) -> Result<(), directory::Error> {
    for organization in directory.organizations().await? {
        directory.carry_on_licence_runs(organization.id).await?;
    }
    Ok(())
}
