//! Every setting of an app, flipped alone: the two worlds come to different ends. What there is to set is read from the
//! definition; what is missing here fails the test.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use base::Secret;
use provisioning::{AppChange, AppScope, NewApp, NewOAuth, SettingsChange, Sync, Template};
use serde_json::{Value, json};
use testkit::authorization::{Grants, TokenServer};
use testkit::target::{FakeTarget, Fault, Hook, Options, Rule};

use super::world::{On, World, person};
use crate::{
    approval, bulk, credentials, filter, groups, look_ups, notifications, plans, quarantine, rates,
    reconcile, tables, ways,
};

/// The settings, and the test that flips each of them; one that is not there does not compile.
macro_rules! flipped {
    ($($setting:literal: $test:path,)+) => {{
        $(let _ = $test;)+
        BTreeSet::from([$($setting.to_owned()),+])
    }};
}

pub async fn every_setting_is_flipped(on: On) {
    let shown = flipped! {
        "base_url": another_base_url_is_another_target,
        "preset": another_preset_is_another_table,
        "scope": scope_says_who_has_an_account,
        "filter": filter::another_filter_judges_everybody_anew,
        "groups": groups::groups_are_off_until_chosen,
        "groups_out_of_scope": groups::a_group_that_goes_is_left_or_deleted_as_is_set,
        "custom_attributes": tables::what_the_target_has_not_is_refused_until_it_is_declared,
        "default_domain": the_default_domain_is_a_setting,
        "switches.create": each_switch_allows_what_it_names,
        "switches.update": each_switch_allows_what_it_names,
        "switches.deactivate": each_switch_allows_what_it_names,
        "switches.delete": each_switch_allows_what_it_names,
        "concurrency": so_many_are_worked_on_at_once,
        "concurrency_least": ways::a_target_that_asks_for_it_is_sent_less_at_once,
        "rate": rates::each_setting_of_the_rate_counts,
        "rate_least": rates::each_setting_of_the_rate_counts,
        "request_timeout_seconds": so_long_an_answer_is_waited_for,
        "in_doubt_seconds": what_is_in_doubt_waits_so_long,
        "retry_first_seconds": the_first_wait_is_a_setting,
        "retry_longest_seconds": the_longest_wait_is_a_setting,
        "plan_days": plans::the_life_of_a_plan_is_a_setting,
        "approval": approval::nothing_is_sent_without_approval,
        "threshold_count": approval::each_setting_of_the_threshold_counts,
        "threshold_percent": approval::each_setting_of_the_threshold_counts,
        "threshold_minutes": approval::the_window_of_the_threshold_is_a_setting,
        "quarantine_failures": quarantine::each_setting_of_the_quarantine_counts,
        "quarantine_percent": quarantine::each_setting_of_the_quarantine_counts,
        "drift": reconcile::each_setting_of_the_drift_counts,
        "drift_hours": reconcile::each_setting_of_the_drift_counts,
        "notification_email": notifications::only_who_is_named_and_wants_it_is_told,
        "notify": notifications::only_who_is_named_and_wants_it_is_told,
        "token_expiry_url": credentials::the_expiry_is_asked_where_it_can_be,
        "ways.update": ways::each_way_of_changing_can_be_set,
        "ways.etag": ways::a_replacement_names_the_version_that_it_is_made_on,
        "ways.filters": ways::a_filter_that_is_refused_is_asked_no_more,
        "ways.cursor": reconcile::each_setting_of_lists_counts,
        "ways.look_ups": look_ups::whether_they_are_is_a_setting,
        "ways.bulk": bulk::whether_and_how_many_travel_together_is_a_setting,
        "ways.bulk_operations": bulk::whether_and_how_many_travel_together_is_a_setting,
        "ways.page_size": reconcile::pages_are_as_large_as_is_set,
        "ways.missing_element": ways::how_a_value_comes_into_a_missing_element_is_set,
        "oauth.token_url": credentials::each_part_of_the_credentials_counts,
        "oauth.client_id": credentials::each_part_of_the_credentials_counts,
        "oauth.scope": credentials::each_part_of_the_credentials_counts,
        "oauth.grant": credentials::each_part_of_the_credentials_counts,
        "oauth.client_auth": credentials::each_part_of_the_credentials_counts,
    };
    let world = World::new(on).await;
    let mut filled = SettingsChange {
        filter: serde_json::from_value(json!({"groups": [{"clauses": ["jobTitle IS NOT NULL"]}]})).ok(),
        ..SettingsChange::default()
    };
    filled.custom_attributes = serde_json::from_value(json!([{"name": "urn:example:2.0:User:badge"}])).ok();
    world.set(filled).await;
    let server = TokenServer::start(Grants::default()).await.expect("a server");
    let scoped = NewOAuth {
        scope: "scim:write".to_owned(),
        ..credentials::oauth(&server)
    };
    world.set_oauth(scoped).await.expect("set");
    let app = world
        .provisioning
        .app(world.org, world.app)
        .await
        .expect("the app");
    let Value::Object(settings) = json!(app.settings) else {
        panic!("settings are an object")
    };
    let mut there = BTreeSet::new();
    for (name, value) in settings {
        match value {
            Value::Object(parts) if ["switches", "ways", "oauth"].contains(&name.as_str()) => {
                there.extend(parts.keys().map(|part| format!("{name}.{part}")));
            }
            _ => drop(there.insert(name)),
        }
    }
    assert_eq!(shown, there);
}

pub async fn another_base_url_is_another_target(on: On) {
    for elsewhere in [false, true] {
        let mut world = World::new(on).await;
        let other = FakeTarget::start(Options::default()).await.expect("a target");
        let base_url = if elsewhere {
            other.base_url()
        } else {
            world.target.base_url()
        };
        let change = AppChange {
            settings: SettingsChange {
                base_url: Some(base_url),
                ..SettingsChange::default()
            },
            token: Some(Secret::new(other.token())),
            ..AppChange::default()
        };
        let changed = world
            .provisioning
            .update_app(world.org, world.app, change, &world.cause);
        changed.await.expect("changed");
        world.hire("anna").await;
        world.initial().await;
        let there = (world.target.accounts().len(), other.accounts().len());
        assert_eq!(there, if elsewhere { (0, 1) } else { (1, 0) });
        world.stop().await;
    }
}

pub async fn another_preset_is_another_table(on: On) {
    let mut seen = Vec::new();
    for preset in ["webex-entra", "webex-okta"] {
        let world = World::new(on).await;
        let new = NewApp {
            name: Some("Another".to_owned()),
            preset: Some(preset.to_owned()),
            base_url: Some(world.target.base_url()),
            token: Some(Secret::new(world.target.token())),
            ..NewApp::new(Template::Webex)
        };
        let app = world.provisioning.add_app(world.org, new, &world.cause).await;
        let table = world
            .provisioning
            .mappings(world.org, app.expect("an app").id)
            .await
            .expect("a table");
        let targets: Vec<_> = table.rows().map(|row| row.target.clone()).collect();
        seen.push(targets.contains(&r#"phoneNumbers[type eq "work"].value"#.to_owned()));
    }
    assert_eq!(seen, [true, false], "Okta's has six attributes, and no telephone");
}

pub async fn the_default_domain_is_a_setting(on: On) {
    let mut world = World::new(on).await;
    let set = world.provisioning.mappings(world.org, world.app).await;
    let mut rows = set.expect("mappings").into_rows();
    let row = json!({"source": {"expression": "DefaultDomain()"}, "target": "nickName"});
    rows.push(serde_json::from_value(row).expect("a row"));
    let types = scim::ResourceTypes::built_in();
    let set = world
        .provisioning
        .set_mappings(world.org, world.app, rows, types, &world.cause);
    set.await.expect("set");
    let anna = world.hire("anna").await;
    let refused = world
        .provisioning
        .preview_person(world.org, world.app, anna)
        .await;
    let refused = format!("{refused:?}");
    assert!(refused.contains("default_domain"), "{refused}");
    for domain in ["example.com", "example.org"] {
        let change = SettingsChange {
            default_domain: Some(domain.to_owned()),
            ..SettingsChange::default()
        };
        world.set(change).await;
        world.initial().await;
        assert_eq!(world.account("anna")["nickName"], domain);
        world.stop().await;
    }
}

pub async fn scope_says_who_has_an_account(on: On) {
    for (scope, accounts) in [(AppScope::Assigned, 0), (AppScope::All, 1)] {
        let mut world = World::with(on, Options::default(), scope).await;
        world.hire("anna").await;
        world.initial().await;
        assert_eq!(world.target.accounts().len(), accounts, "{scope:?}");
        world.stop().await;
    }
}

pub async fn each_switch_allows_what_it_names(on: On) {
    let off = |switch: &str| SettingsChange {
        create: (switch == "create").then_some(false),
        update: (switch == "update").then_some(false),
        deactivate: (switch == "deactivate").then_some(false),
        delete: (switch == "delete").then_some(false),
        ..SettingsChange::default()
    };
    let mut all_on = None;
    for switch in ["none", "create", "update", "deactivate", "delete"] {
        let mut world = World::new(on).await;
        let all = SettingsChange {
            create: Some(true),
            update: Some(true),
            deactivate: Some(true),
            delete: Some(true),
            ..SettingsChange::default()
        };
        world.set(all).await;
        let (bo, carl) = (world.hire("bo").await, world.hire("carl").await);
        let dora = world.hire("dora").await;
        world.initial().await;
        world.set(off(switch)).await;
        world.hire("anna").await;
        let mut promoted = person("bo");
        promoted["title"] = json!("Head");
        world.change(bo, &promoted).await;
        world.deactivate(carl, &person("carl")).await;
        world.dismiss(dora).await;
        world.in_step().await;
        let account = |name: &str| world.account(name);
        let outcome = [
            ("create", account("anna") != Value::Null),
            ("update", account("bo")["title"] == "Head"),
            ("deactivate", account("carl")["active"] == false),
            ("delete", account("dora") == Value::Null),
        ];
        let expected = *all_on.get_or_insert([true; 4]);
        for ((name, done), wanted) in outcome.into_iter().zip(expected) {
            assert_eq!(done, wanted && name != switch, "without {switch}: {name}");
        }
        world.stop().await;
    }
}

pub async fn so_many_are_worked_on_at_once(on: On) {
    for concurrency in [1, 6] {
        let mut world = World::new(on).await;
        world
            .set(SettingsChange {
                concurrency: Some(concurrency),
                ..SettingsChange::default()
            })
            .await;
        world.hire_many(30).await;
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let seen = Arc::clone(&most);
        let hook = Hook::new(move |_| {
            let (now, most) = (Arc::clone(&now), Arc::clone(&most));
            async move {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(40)).await;
                now.fetch_sub(1, Ordering::SeqCst);
            }
        });
        world
            .target
            .inject(Rule::on("POST", "/Users").then(Fault::CommitThenCall { hook }));
        world.initial().await;
        let most = seen.load(Ordering::SeqCst);
        match concurrency {
            1 => assert_eq!(most, 1),
            _ => assert!((2..=6).contains(&most), "{most} at once"),
        }
        world.stop().await;
    }
}

pub async fn so_long_an_answer_is_waited_for(on: On) {
    for (seconds, failures) in [(1, 1), (20, 0)] {
        let mut world = World::new(on).await;
        world
            .set(SettingsChange {
                request_timeout_seconds: Some(seconds),
                ..SettingsChange::default()
            })
            .await;
        let slow = Fault::SlowAnswer { millis: 3_000 };
        world
            .target
            .inject(Rule::on("POST", "/Users").times(1).then(slow));
        world.hire("anna").await;
        world.initial().await;
        let log = world.log().await;
        let failed = log.iter().filter(|entry| entry.next_attempt.is_some()).count();
        assert_eq!(failed, failures, "{seconds} s");
        assert_eq!(world.target.accounts().len(), 1);
        world.stop().await;
    }
}

/// How long is waited after one failure.
async fn wait_after(on: On, change: SettingsChange, fault: Fault) -> Duration {
    let world = World::new(on).await;
    world.set(change).await;
    world
        .target
        .inject(Rule::on("POST", "/Users").times(1).then(fault));
    world.hire("anna").await;
    world.sync(Sync::Continue).await;
    let worked = world.provisioning.work_once(world.org, world.app);
    worked.await.expect("worked");
    let log = world.log().await;
    let failed = log.iter().find(|entry| entry.next_attempt.is_some());
    let failed = failed.expect("a failure");
    failed
        .next_attempt
        .map_or(Duration::ZERO, |next| next.since(failed.at))
}

pub async fn what_is_in_doubt_waits_so_long(on: On) {
    for seconds in [100, 1_000] {
        let change = SettingsChange {
            in_doubt_seconds: Some(seconds),
            ..SettingsChange::default()
        };
        let wait = Box::pin(wait_after(on, change, Fault::DropAfterCommit))
            .await
            .as_secs();
        assert!((90..200).contains(&(wait * 100 / u64::from(seconds))), "{wait} s");
    }
}

pub async fn the_first_wait_is_a_setting(on: On) {
    for seconds in [10, 1_000] {
        let change = SettingsChange {
            retry_first_seconds: Some(seconds),
            ..SettingsChange::default()
        };
        let wait = Box::pin(wait_after(on, change, Fault::status(400)))
            .await
            .as_secs();
        assert!(
            (40..=100).contains(&(wait * 100 / u64::from(seconds))),
            "{wait} s"
        );
    }
}

pub async fn the_longest_wait_is_a_setting(on: On) {
    for longest in [10, 1_000] {
        let change = SettingsChange {
            retry_first_seconds: Some(1_000),
            retry_longest_seconds: Some(longest),
            ..SettingsChange::default()
        };
        let wait = Box::pin(wait_after(on, change, Fault::status(400)))
            .await
            .as_secs();
        assert!(
            (40..=100).contains(&(wait * 100 / u64::from(longest))),
            "{wait} s"
        );
    }
}
