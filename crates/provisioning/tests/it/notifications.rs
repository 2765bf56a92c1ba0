//! Who is told by mail, and of what.

use std::time::Duration;

use base::{Ambient, ManualClock, SystemEntropy, Timestamp};
use provisioning::{Approval, MailService, SettingsChange, Sync};
use store::outbox;

use super::world::{On, World};

impl World {
    async fn subjects(&self) -> Vec<String> {
        let mails = outbox::page(&mut self.store.reader(), self.org, None, 100).await;
        let mut mails = mails.expect("mails");
        mails.reverse();
        assert!(mails.iter().all(|mail| mail.recipient == "it@example.com"));
        mails.into_iter().map(|mail| mail.subject).collect()
    }
}

fn told() -> SettingsChange {
    SettingsChange {
        notification_email: Some("it@example.com".to_owned()),
        notify: Some(true),
        ..SettingsChange::default()
    }
}

pub async fn only_who_is_named_and_wants_it_is_told(on: On) {
    let nobody = SettingsChange {
        notification_email: Some(String::new()),
        ..told()
    };
    let unwanted = SettingsChange {
        notify: Some(false),
        ..told()
    };
    for (change, expected) in [(told(), 1), (nobody, 0), (unwanted, 0)] {
        let world = World::new(on).await;
        world.hire("anna").await;
        world.set(change.clone()).await;
        world
            .target
            .adjust(|options| "another".clone_into(&mut options.token));
        world.sync(Sync::Continue).await;
        world
            .provisioning
            .work_once(world.org, world.app)
            .await
            .expect("worked");
        let subjects = world.subjects().await;
        assert_eq!(subjects.len(), expected, "{change:?}: {subjects:?}");
        assert!(subjects.iter().all(|subject| subject == "Webex is in quarantine"));
    }
}

pub async fn what_awaits_approval_is_told_once(on: On) {
    let world = World::new(on).await;
    world.hire("anna").await;
    world
        .set(SettingsChange {
            approval: Some(Approval::Always),
            ..told()
        })
        .await;
    world.sync(Sync::Continue).await;
    for _ in 0..3 {
        world
            .provisioning
            .work_once(world.org, world.app)
            .await
            .expect("worked");
    }
    assert_eq!(world.subjects().await, ["Webex: a plan awaits your approval"]);
    // Whoever asks for a plan knows of it.
    world
        .provisioning
        .save_plan(world.org, world.app, &world.cause)
        .await
        .expect("saved");
    assert_eq!(world.subjects().await.len(), 1);
}

pub async fn a_token_that_expires_is_warned_of_four_times(on: On) {
    let world = World::new(on).await;
    world.set(told()).await;
    let start = world.store.ambient().now();
    let day = |number: u64| Duration::from_hours(24 * number);
    let expire = async |at: Timestamp| {
        let token = base::Secret::new(world.target.token());
        world
            .provisioning
            .set_token(world.org, world.app, token, Some(at), &world.cause)
            .await
            .expect("set");
    };
    expire(start + day(40)).await;
    let clock = ManualClock::at(start);
    let ambient = Ambient::new(clock.clone(), SystemEntropy);
    let provisioning = world.elsewhere_at(ambient).await;
    let mut warned = Vec::new();
    for number in 0..45 {
        // However often it looks.
        for _ in 0..2 {
            if provisioning.warn_of_expiry(world.org).await.expect("looked") == 1 {
                warned.push(40 - number);
            }
        }
        clock.advance(day(1));
    }
    assert_eq!(warned, [30, 14, 7, 1]);
    assert_eq!(
        world.subjects().await.last().map(String::as_str),
        Some("Webex: the token expires within 1 day")
    );
    // Another token, other warnings.
    expire(start + day(45 + 10)).await;
    assert_eq!(provisioning.warn_of_expiry(world.org).await.expect("looked"), 1);
    let types = world.event_types().await;
    assert_eq!(types.iter().filter(|kind| *kind == "idm_token_expiry").count(), 5);
}

/// That nobody can be told as it stands is said where the app is shown.
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_told_is_warned_of() {
    let world = World::new(On::Sqlite).await;
    let nobody = SettingsChange {
        notification_email: Some(String::new()),
        ..told()
    };
    let unwanted = SettingsChange {
        notify: Some(false),
        ..told()
    };
    for (change, mail, expected) in [
        (unwanted, MailService::Missing, None),
        (told(), MailService::Configured, None),
        (told(), MailService::Missing, Some("notify.no_mail_server")),
        (nobody, MailService::Missing, Some("notify.no_address")),
    ] {
        world.set(change).await;
        let provisioning = world.provisioning.clone().with_mail(mail);
        let app = provisioning.app(world.org, world.app).await.expect("the app");
        let warnings = provisioning.warnings(world.org, &app).await.expect("warnings");
        let codes: Vec<_> = warnings.iter().map(|warning| warning.code.as_str()).collect();
        assert_eq!(codes, expected.into_iter().collect::<Vec<_>>());
    }
}
