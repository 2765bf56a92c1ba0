//! What a server does now and then: forgets what has been kept long enough, removes who is inactive for long, warns of tokens that
//! expire, looks for the records of domains.

use std::time::Duration;

use access::Access;
use directory::Directory;
use federation::Federation;
use provisioning::Provisioning;
use tokio::task::JoinHandle;

/// After the start: other things come first.
const FIRST: Duration = Duration::from_mins(1);
const EVERY: Duration = Duration::from_hours(1);

pub(crate) fn start(
    directory: Directory,
    access: Access,
    provisioning: Provisioning,
    federation: Federation,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        // The DNS may let us wait: nothing else waits for it.
        tokio::join!(
            keep(&directory, &access, &provisioning, &federation),
            look_for_records(&directory)
        );
    })
}

async fn look_for_records(directory: &Directory) {
    tokio::time::sleep(FIRST).await;
    loop {
        if let Err(error) = recheck_domains(directory).await {
            tracing::warn!(%error, "the records of domains could not be looked for");
        }
        tokio::time::sleep(EVERY).await;
    }
}

async fn recheck_domains(directory: &Directory) -> Result<(), directory::Error> {
    for organization in directory.organizations().await? {
        directory.recheck_domains(organization.id).await?;
    }
    Ok(())
}

async fn keep(directory: &Directory, access: &Access, provisioning: &Provisioning, federation: &Federation) {
    tokio::time::sleep(FIRST).await;
    loop {
        if let Err(error) = warn(directory, access, provisioning).await {
            tracing::warn!(%error, "nobody could be warned of tokens that expire");
        }
        if let Err(error) = keep_keys(directory, federation).await {
            tracing::warn!(%error, "the keys of SAML could not be looked after");
        }
        if let Err(error) = forget_sign_ins(directory, access).await {
            tracing::warn!(%error, "sessions that are over could not be forgotten");
        }
        if let Err(error) = remove_inactive(directory).await {
            tracing::warn!(%error, "people who are inactive for long could not be removed");
        }
        if let Err(error) = round(directory).await {
            tracing::warn!(%error, "what is past keeping could not be forgotten");
        }
        tokio::time::sleep(EVERY).await;
    }
}

async fn remove_inactive(directory: &Directory) -> Result<(), directory::Error> {
    for organization in directory.organizations().await? {
        let removed = directory.remove_long_inactive(organization.id).await?;
        if removed > 0 {
            tracing::info!(organization = %organization.id, removed, "inactive for too long, removed");
        }
    }
    Ok(())
}

async fn round(directory: &Directory) -> Result<(), directory::Error> {
    for organization in directory.organizations().await? {
        let forgotten = directory.forget_old(organization.id).await?;
        if forgotten.total() > 0 {
            tracing::info!(
                organization = %organization.id,
                log_entries = forgotten.log_entries,
                events = forgotten.events,
                tombstones = forgotten.tombstones,
                mails = forgotten.mails,
                tokens = forgotten.tokens,
                grants = forgotten.grants,
                saml_traces = forgotten.saml_traces,
                changes = forgotten.changes,
                "past keeping, forgotten"
            );
        }
    }
    Ok(())
}

async fn forget_sign_ins(directory: &Directory, access: &Access) -> anyhow::Result<()> {
    access.forget_failures().await?;
    for organization in directory.organizations().await? {
        access.forget_sessions(organization.id).await?;
        access.forget_exchanges(organization.id).await?;
        access.forget_forms(organization.id).await?;
        access.forget_repeatables(organization.id).await?;
        access.forget_offers(organization.id).await?;
        directory.forget_invitations(organization.id).await?;
    }
    Ok(())
}

async fn keep_keys(directory: &Directory, federation: &Federation) -> anyhow::Result<()> {
    for organization in directory.organizations().await? {
        federation.announce_keys(organization.id).await?;
        federation.warn_of_certificates(organization.id).await?;
        federation.forget_used(organization.id).await?;
        federation.warn_of_provider_certificates(organization.id).await?;
        federation.forget_requests(organization.id).await?;
        federation.forget_recoveries(organization.id).await?;
        federation.forget_old_app_sessions(organization.id).await?;
        federation.tell_left_out(organization.id).await?;
        federation.forget_sign_outs(organization.id).await?;
    }
    Ok(())
}

async fn warn(directory: &Directory, access: &Access, provisioning: &Provisioning) -> anyhow::Result<()> {
    for organization in directory.organizations().await? {
        access.warn_of_expiry(organization.id).await?;
        provisioning.warn_of_expiry(organization.id).await?;
    }
    Ok(())
}
