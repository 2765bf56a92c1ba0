//! Admins who change one app at the same time.

use provisioning::{AppChange, Error, SettingsChange, State};
use store::Error as StoreError;

use crate::world::{On, World};

/// Neither the pause is undone, nor is one of the settings lost.
pub async fn changes_of_one_app_do_not_undo_each_other(on: On) {
    let world = World::new(on).await;
    for round in 1..=10 {
        let timeout = change(SettingsChange {
            request_timeout_seconds: Some(round),
            ..SettingsChange::default()
        });
        let concurrency = change(SettingsChange {
            concurrency: Some(round),
            ..SettingsChange::default()
        });
        let (org, app, cause) = (world.org, world.app, &world.cause);
        let provisioning = &world.provisioning;
        let rows = provisioning.mappings(org, app).await.expect("mappings");
        let rows = rows.rows().cloned().collect();
        let (paused, one, two, mapped) = tokio::join!(
            provisioning.pause(org, app, cause),
            provisioning.update_app(org, app, timeout, cause),
            provisioning.update_app(org, app, concurrency, cause),
            provisioning.set_mappings(org, app, rows, scim::ResourceTypes::built_in(), cause),
        );
        for done in [paused, one, two] {
            done.expect("changed");
        }
        mapped.expect("changed");
        let now = provisioning.app(org, app).await.expect("the app");
        assert_eq!(now.state, State::Paused);
        assert_eq!(
            (now.settings.request_timeout_seconds, now.settings.concurrency),
            (round, round)
        );
        provisioning.resume(org, app, cause).await.expect("resumed");
    }
    let many = (1..=30).map(|round| {
        let change = change(SettingsChange {
            concurrency: Some(1 + round % 5),
            ..SettingsChange::default()
        });
        world
            .provisioning
            .update_app(world.org, world.app, change, &world.cause)
    });
    for done in futures_util::future::join_all(many).await {
        assert!(
            matches!(done, Ok(_) | Err(Error::Store(StoreError::Busy))),
            "{done:?}"
        );
    }
}

fn change(settings: SettingsChange) -> AppChange {
    AppChange {
        settings,
        ..AppChange::default()
    }
}
