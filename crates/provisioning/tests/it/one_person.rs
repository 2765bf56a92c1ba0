//! One person at one app: what would become of them, why they are in scope, and provisioning them now.

use std::time::Duration;

use base::UserId;
use mapping::scope::ScopingFilter;
use mapping::{Apply, AttributeMapping, Source, WhenEmpty};
use provisioning::plan::Action;
use provisioning::{
    AppChange, AppScope, Approval, Error, OnDemandResult, PersonPreview, Sending, SettingsChange, Subject,
    Way, text,
};
use serde_json::{Value, json};
use testkit::target::{Fault, Options, Rule};

use super::world::{GroupChange, On, World, person};

async fn preview(world: &World, user: UserId) -> PersonPreview {
    let preview = world.provisioning.preview_person(world.org, world.app, user);
    preview.await.expect("a preview")
}

async fn on_demand(world: &World, user: UserId) -> provisioning::OnDemand {
    let done =
        world
            .provisioning
            .provision_on_demand(world.org, world.app, Subject::User(user), &world.cause);
    done.await.expect("done")
}

async fn settings(world: &World, settings: SettingsChange) {
    let change = AppChange {
        settings,
        ..AppChange::default()
    };
    let changed = world
        .provisioning
        .update_app(world.org, world.app, change, &world.cause);
    changed.await.expect("changed");
}

/// What is said of one attribute: the value that is sent, or the code of the reason.
fn said(preview: &PersonPreview, target: &str) -> Value {
    let found = preview.attributes.iter().find(|one| one.mapping.target == target);
    match &found.expect(target).sending {
        Sending::Sent(value) => json!({ "sent": value }),
        Sending::Kept(why) => json!(why.code),
    }
}

pub async fn every_attribute_says_what_happens_and_why(on: On) {
    let mut world = World::new(on).await;
    let row = |source: Source, target: &str| AttributeMapping::new(source, target);
    let attribute = |name: &str| Source::Attribute(name.to_owned());
    let mut rows = vec![AttributeMapping {
        matching: Some(1),
        ..row(attribute("userName"), "userName")
    }];
    rows.extend([
        row(Source::entra("Not([IsSoftDeleted])"), "active"),
        row(attribute("jobTitle"), "title"),
        AttributeMapping {
            when_empty: WhenEmpty::Leave,
            ..row(attribute("nickName"), "nickName")
        },
        AttributeMapping {
            apply: Apply::OnlyOnCreate,
            ..row(attribute("displayName"), "displayName")
        },
        AttributeMapping {
            default_value: Some("en".to_owned()),
            ..row(Source::None, "preferredLanguage")
        },
        row(Source::entra("IgnoreFlowIfNullOrEmpty([locale])"), "locale"),
        row(Source::entra("Redact([surname])"), "name.familyName"),
        row(attribute("timezone"), "timezone"),
    ]);
    let types = scim::ResourceTypes::built_in();
    let set = world
        .provisioning
        .set_mappings(world.org, world.app, rows, types, &world.cause);
    set.await.expect("set");
    let anna = world.hire("anna").await;

    let new = preview(&world, anna).await;
    assert_eq!(
        (new.action, new.remote_id.as_deref()),
        (Some(Action::Create), None)
    );
    assert_eq!(said(&new, "title"), json!({"sent": "Chemist"}));
    assert_eq!(said(&new, "nickName"), "preview.no_value");
    assert_eq!(said(&new, "preferredLanguage"), json!({"sent": "en"}));
    assert_eq!(said(&new, "locale"), "preview.ignored");
    assert_eq!(said(&new, "name.familyName"), json!({"sent": "[Redact]"}));
    let title = &new.attributes[2];
    assert_eq!(
        (title.row, &title.value, &title.held),
        (3, &json!("Chemist"), &Value::Null)
    );
    assert_eq!(
        Value::Object(title.sources.clone()),
        json!({"jobTitle": "Chemist"})
    );
    let secret = format!("{new:?}");
    assert!(!secret.contains("Meier"), "{secret}");
    assert_eq!(
        new.request.as_ref().map(|request| request.method.as_str()),
        Some("POST")
    );
    assert!(world.target.accounts().is_empty(), "nothing is sent");

    world.initial().await;
    let mut other = person("anna");
    other["title"] = json!("Boss");
    other["displayName"] = json!("Other");
    world.stop().await;
    world.change(anna, &other).await;
    let old = preview(&world, anna).await;
    assert_eq!(old.action, Some(Action::Update));
    assert_eq!(said(&old, "title"), json!({"sent": "Boss"}));
    assert_eq!(old.attributes[2].held, "Chemist");
    assert_eq!(said(&old, "userName"), "preview.same");
    assert_eq!(said(&old, "nickName"), "preview.left");
    assert_eq!(said(&old, "displayName"), "preview.only_on_create");
    assert_eq!(said(&old, "preferredLanguage"), "preview.filled");
    assert_eq!(said(&old, "timezone"), "preview.same");

    let no_updates = SettingsChange {
        update: Some(false),
        ..SettingsChange::default()
    };
    settings(&world, no_updates).await;
    let off = preview(&world, anna).await;
    assert_eq!(said(&off, "title"), "plan.switched_off");

    let out = SettingsChange {
        update: Some(true),
        scope: Some(AppScope::Assigned),
        ..SettingsChange::default()
    };
    settings(&world, out).await;
    let out = preview(&world, anna).await;
    assert_eq!(out.action, Some(Action::Disable));
    assert_eq!(said(&out, "active"), json!({"sent": false}));
    assert_eq!(said(&out, "title"), "preview.out_of_scope");
}

pub async fn why_in_scope_is_said_in_words(on: On) {
    let world = World::with(on, Options::default(), AppScope::Assigned).await;
    let anna = world.hire("anna").await;
    let why = async || {
        let why = world.provisioning.why_in_scope(world.org, world.app, anna);
        let why = why.await.expect("reasons");
        let words: Vec<String> = why.reasons.iter().map(text).collect();
        (why, words)
    };
    let (reasons, words) = why().await;
    assert!(!reasons.in_scope);
    assert_eq!(
        words,
        [
            "the app takes who is assigned to it, in person or as a direct member of a group",
            "not assigned, neither in person nor as a direct member of a group that is",
            "there is no scoping filter",
            "not in scope"
        ]
    );

    let lab = world.group("Lab", &[anna]).await;
    world.assign(Subject::Group(lab)).await;
    world.assign(Subject::User(anna)).await;
    let (reasons, words) = why().await;
    assert!(reasons.in_scope);
    assert_eq!(reasons.assignments.len(), 2);
    assert!(matches!(&reasons.assignments[1], Way::Through { group, .. } if group.name == "Lab"));
    assert_eq!(
        words[1..3],
        [
            "assigned in person",
            "a direct member of the group Lab, which is assigned"
        ]
    );

    let filter = json!({"groups": [
        {"title": "Staff", "clauses": ["jobTitle EQUALS Lawyer", "groups.display EQUALS Lab"]},
        {"clauses": ["mail IS NOT NULL"]}
    ]});
    let filter: ScopingFilter = serde_json::from_value(filter).expect("a filter");
    let change = SettingsChange {
        filter: Some(filter),
        ..SettingsChange::default()
    };
    settings(&world, change).await;
    let (reasons, words) = why().await;
    assert!(!reasons.in_scope);
    assert_eq!(
        words[3..],
        [
            "the filter Staff does not let the person in",
            "jobTitle is Chemist, and EQUALS Lawyer is demanded",
            "groups.display is Lab, as EQUALS Lab demands",
            "the filter 2 does not let the person in",
            "mail has no value, and IS NOT NULL is demanded",
            "not in scope"
        ]
    );

    world.deactivate(anna, &person("anna")).await;
    let (reasons, words) = why().await;
    assert!(!reasons.active);
    assert!(
        words
            .iter()
            .any(|word| word.starts_with("inactive in the directory"))
    );
    world.dismiss(anna).await;
    let gone = world.provisioning.why_in_scope(world.org, world.app, anna).await;
    assert_eq!(gone.expect_err("gone").code(), "subject.unknown");
}

pub async fn one_person_is_provisioned_at_once(on: On) {
    let mut world = World::new(on).await;
    let (anna, bo) = (world.hire("anna").await, world.hire("bo").await);
    let done = on_demand(&world, anna).await;
    assert_eq!(done.result, OnDemandResult::Success, "{done:?}");
    let entry = done.entry.expect("a log entry");
    assert_eq!(entry.action, "create");
    assert!(
        entry
            .exchanges
            .iter()
            .any(|exchange| exchange.status == Some(201))
    );
    assert_eq!(world.account("anna")["active"], true);
    assert_eq!(world.account("bo"), Value::Null, "nobody else");
    let status = world
        .provisioning
        .status(world.org, world.app)
        .await
        .expect("a status");
    assert!(!status.app.started, "the app has not begun");

    let again = on_demand(&world, anna).await;
    assert_eq!((again.result, again.entry), (OnDemandResult::Unchanged, None));

    let counts = world.initial().await;
    assert_eq!((counts.created, counts.unchanged), (1, 1), "the link is known");
    world.stop().await;
    world.deactivate(bo, &person("bo")).await;
    let done = on_demand(&world, bo).await;
    assert_eq!(done.result, OnDemandResult::Success, "{done:?}");
    assert_eq!(world.account("bo")["active"], false);

    let lab = world.group("Lab", &[]).await;
    world.group_change(GroupChange::Add(lab, bo.into())).await;
    settings(
        &world,
        SettingsChange {
            scope: Some(AppScope::Assigned),
            ..SettingsChange::default()
        },
    )
    .await;
    let carl = world.hire("carl").await;
    let skipped = on_demand(&world, carl).await;
    assert_eq!(skipped.result, OnDemandResult::Skipped);
    assert_eq!(skipped.reason.code, "scope.not_assigned");
    assert_eq!(world.account("carl"), Value::Null);
}

pub async fn approval_and_pauses_hold_on_demand(on: On) {
    let world = World::new(on).await;
    let anna = world.hire("anna").await;
    let always = SettingsChange {
        approval: Some(Approval::Always),
        ..SettingsChange::default()
    };
    settings(&world, always).await;
    let done = on_demand(&world, anna).await;
    assert_eq!(done.result, OnDemandResult::AwaitsApproval, "{done:?}");
    assert_eq!(world.account("anna"), Value::Null);

    let paused = world.provisioning.pause(world.org, world.app, &world.cause).await;
    paused.expect("paused");
    let refused = world
        .provisioning
        .provision_on_demand(world.org, world.app, Subject::User(anna), &world.cause)
        .await;
    assert!(matches!(refused, Err(Error::Paused { .. })));
}

/// Whether an account may go is judged in cycles: where there was none, that is what is waited for.
pub async fn a_demand_that_nobody_judges_says_so(on: On) {
    let mut world = World::new(on).await;
    let anna = world.hire("anna").await;
    let none_may_go = SettingsChange {
        threshold_count: Some(0),
        threshold_percent: Some(0),
        ..SettingsChange::default()
    };
    settings(&world, none_may_go).await;
    assert_eq!(on_demand(&world, anna).await.result, OnDemandResult::Success);
    world.deactivate(anna, &person("anna")).await;
    let waits = on_demand(&world, anna).await;
    assert_eq!(waits.result, OnDemandResult::Waits, "{waits:?}");
    assert_eq!(waits.reason.code, "demand.not_synchronized");
    assert_eq!(world.account("anna")["active"], true);
    world.start();
    world.sync(provisioning::Sync::Continue).await;
    let planned = async || {
        let plans = world
            .provisioning
            .kept_plans(world.org, world.app, None, 10)
            .await;
        plans.is_ok_and(|plans| !plans.is_empty())
    };
    world.until("planned", planned).await;
    world.stop().await;
}

/// A running engine and somebody who asks do not make two accounts.
pub async fn the_engine_and_a_demand_do_nothing_twice(on: On) {
    let mut world = World::new(on).await;
    let people = world.hire_many(20).await;
    world.start();
    world.sync(provisioning::Sync::Continue).await;
    for user in &people {
        let done = on_demand(&world, *user).await;
        assert_ne!(done.result, OnDemandResult::Failure, "{done:?}");
    }
    world.in_step().await;
    assert_eq!(world.target.accounts().len(), 20);
    world.stop().await;
}

/// An app's task that begins takes nothing back that is being worked on in its own process.
pub async fn a_task_that_begins_disturbs_no_demand(on: On) {
    let mut world = World::with(on, Options::default().without_uniqueness(), AppScope::All).await;
    let anna = world.hire("anna").await;
    let late = Fault::Delay { millis: 1_700 };
    world.target.inject(Rule::on("POST", "/Users").nth(1).then(late));
    let provisioning = world.provisioning.clone();
    let (org, app, cause) = (world.org, world.app, world.cause.clone());
    let demand = tokio::spawn(async move {
        let subject = Subject::User(anna);
        provisioning.provision_on_demand(org, app, subject, &cause).await
    });
    let sent = async || {
        let journal = world.target.journal();
        journal.iter().any(|exchange| exchange.method == "POST")
    };
    world.until("sent", sent).await;
    world.sync(provisioning::Sync::Continue).await;
    for _ in 0..6 {
        tokio::time::sleep(Duration::from_millis(250)).await;
        world.start();
        tokio::time::sleep(Duration::from_millis(50)).await;
        world.stop().await;
    }
    let done = demand.await.expect("no panic").expect("done");
    assert_eq!(done.result, OnDemandResult::Success, "{done:?}");
    world.start();
    world.in_step().await;
    assert_eq!(world.target.counts().creates, 1);
    assert_eq!(world.target.counts().overlaps, 0);
    world.stop().await;
}

struct Hold(base::OrgId, base::AppId);

impl store::Write for Hold {
    type Out = ();

    async fn run(&self, tx: &mut store::Tx<'_>) -> Result<(), store::Error> {
        let reason = serde_json::to_string(&base::Message::new("target.throttled")).unwrap_or_default();
        let hold = store::apps::Hold {
            until: tx.ambient().now() + Duration::from_hours(1),
            count: 0,
            reason,
        };
        store::apps::set_hold(tx, self.0, self.1, Some(&hold)).await
    }
}

/// What the target asked to wait for is waited for.
pub async fn nothing_is_sent_on_demand_while_the_target_is_left_alone(on: On) {
    let world = World::new(on).await;
    let anna = world.hire("anna").await;
    let hold = Hold(world.org, world.app);
    world.store.write(hold).await.expect("held");
    let done = on_demand(&world, anna).await;
    assert_eq!(done.result, OnDemandResult::Waits, "{done:?}");
    assert!(world.target.accounts().is_empty());
}
