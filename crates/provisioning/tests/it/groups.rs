//! Groups at the target: which there are, what they are called, and who is in them.

use std::collections::BTreeSet;
use std::time::Duration;

use base::GroupId;
use provisioning::{
    AppScope, GroupLeaving, GroupScope, MappingEdit, OnDemandResult, PlanState, Sending, SettingsChange,
    Subject, SubjectKind,
};
use serde_json::{Value, json};
use testkit::target::{Fault, Options, Rule, Staleness};

use super::world::{GroupChange, On, World, user_name};

pub fn scope(groups: GroupScope) -> SettingsChange {
    SettingsChange {
        groups: Some(groups),
        ..SettingsChange::default()
    }
}

pub async fn with_groups(on: On, options: Options, groups: GroupScope) -> World {
    let world = World::with(on, options, AppScope::All).await;
    world.set(scope(groups)).await;
    world
}

pub fn group(world: &World, name: &str) -> Value {
    let groups = world.target.groups();
    let found = groups.into_iter().find(|group| group["displayName"] == name);
    found.unwrap_or(Value::Null)
}

/// The userNames of a group's members, and the names of the groups in it.
pub fn members(world: &World, name: &str) -> BTreeSet<String> {
    let (people, groups) = (world.target.accounts(), world.target.groups());
    let named = |id: &Value| {
        let person = people.iter().find(|one| one["id"] == *id);
        let group = groups.iter().find(|one| one["id"] == *id);
        let name = person
            .map(|one| &one["userName"])
            .or(group.map(|one| &one["displayName"]));
        name.and_then(Value::as_str).unwrap_or("nobody").to_owned()
    };
    let all = group(world, name)["members"].clone();
    let all = all.as_array().cloned().unwrap_or_default();
    all.iter().map(|member| named(&member["value"])).collect()
}

pub fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| user_name(name)).collect()
}

pub async fn rename(world: &World, group: GroupId, name: &str) {
    world
        .group_change(GroupChange::Rename(group, name.to_owned()))
        .await;
    world.in_step().await;
}

pub async fn groups_are_off_until_chosen(on: On) {
    let mut world = World::new(on).await;
    let anna = world.hire("anna").await;
    let lab = world.group("Lab", &[anna]).await;
    world.group("Choir", &[]).await;
    world.assign(Subject::Group(lab)).await;
    world.initial().await;
    assert!(world.target.groups().is_empty(), "off until chosen");

    world.set(scope(GroupScope::Assigned)).await;
    world.in_step().await;
    assert_eq!(world.target.groups().len(), 1);
    assert_eq!(group(&world, "Lab")["externalId"], json!(lab.to_string()));
    assert_eq!(members(&world, "Lab"), names(&["anna"]));

    world.set(scope(GroupScope::All)).await;
    world.in_step().await;
    assert_eq!(world.target.groups().len(), 2);
    rename(&world, lab, "Workshop").await;
    assert_eq!(world.target.groups().len(), 2);
    assert_eq!(members(&world, "Workshop"), names(&["anna"]), "the same group");

    world.target.reset_counts();
    world.restart().await;
    assert_eq!(world.target.counts().writes, 0);

    world.set(scope(GroupScope::Off)).await;
    world.in_step().await;
    world.group_change(GroupChange::Remove(lab, anna.into())).await;
    world.in_step().await;
    assert_eq!(world.target.counts().writes, 0, "what is there is left alone");
    world.set(scope(GroupScope::All)).await;
    world.in_step().await;
    assert_eq!(members(&world, "Workshop"), names(&[]));
    world.stop().await;
}

pub async fn a_group_that_is_there_is_taken_over(on: On) {
    for unique in [false, true] {
        let options = Options {
            unique_group_names: unique,
            ..Options::default()
        };
        let mut world = with_groups(on, options, GroupScope::All).await;
        let (anna, bo) = (world.hire("anna").await, world.hire("bo").await);
        world.initial().await;
        let id = |name: &str| world.account(name)["id"].clone();
        let there = json!({
            "displayName": "Lab",
            "members": [{"value": id("bo")}, {"value": "somebody-else"}]
        });
        let planted = world.target.plant_group(&there).expect("a group");
        let lab = world.group("Lab", &[anna]).await;
        world.in_step().await;
        assert_eq!(world.target.groups().len(), 1);
        let found = group(&world, "Lab");
        assert_eq!(
            (&found["id"], &found["externalId"]),
            (&json!(planted), &json!(lab.to_string()))
        );
        let mut expected = names(&["anna"]);
        expected.insert("nobody".to_owned());
        assert_eq!(
            members(&world, "Lab"),
            expected,
            "bo is ours, and not in it; the other is not ours"
        );
        let _ = bo;
        world.stop().await;
    }
}

pub async fn a_group_that_goes_is_left_or_deleted_as_is_set(on: On) {
    for (leaving, delete, unassigned, gone) in [
        (GroupLeaving::Leave, true, 1, 0),
        (GroupLeaving::Leave, false, 1, 1),
        (GroupLeaving::Delete, true, 0, 0),
    ] {
        let mut world = with_groups(on, Options::default(), GroupScope::Assigned).await;
        let change = SettingsChange {
            groups_out_of_scope: Some(leaving),
            delete: Some(delete),
            ..SettingsChange::default()
        };
        world.set(change).await;
        let lab = world.group("Lab", &[]).await;
        world.assign(Subject::Group(lab)).await;
        world.initial().await;
        assert_eq!(world.target.groups().len(), 1);
        world.unassign(Subject::Group(lab)).await;
        world.in_step().await;
        assert_eq!(world.target.groups().len(), unassigned, "{leaving:?}");
        world.group_change(GroupChange::Delete(lab)).await;
        world.in_step().await;
        assert_eq!(world.target.groups().len(), gone, "{leaving:?} {delete}");
        world.stop().await;
    }
}

/// A create whose answer never came makes no second group, whatever the target shows meanwhile.
pub async fn a_doubtful_group_is_not_made_twice(on: On) {
    for fault in [
        Fault::DropAfterCommit,
        Fault::Empty,
        Fault::late_commit(Duration::from_millis(200)),
        Fault::status(503),
    ] {
        let mut world = with_groups(on, Options::default(), GroupScope::All).await;
        let anna = world.hire("anna").await;
        world.group("Lab", &[anna]).await;
        world
            .target
            .inject(Rule::on("POST", "/Groups").nth(1).then(fault.clone()));
        world
            .target
            .inject(Rule::on("PATCH", "/Groups").nth(1).then(fault.clone()));
        world.initial().await;
        assert_eq!(world.target.groups().len(), 1, "{fault:?}");
        assert_eq!(members(&world, "Lab"), names(&["anna"]), "{fault:?}");
        world.stop().await;
    }
}

/// A target that shows what was written only later.
pub async fn stale_reads_make_no_second_group(on: On) {
    let mut world = with_groups(on, Options::default(), GroupScope::All).await;
    world.target.stale(Staleness::lagging(Duration::from_millis(300)));
    let people = world.hire_many(40).await;
    world.group("All", &people).await;
    world
        .target
        .inject(Rule::on("POST", "/Groups").nth(1).then(Fault::DropAfterCommit));
    world.initial().await;
    world.target.heal();
    world.restart().await;
    assert_eq!(world.target.groups().len(), 1);
    assert_eq!(members(&world, "All").len(), 40);
    world.stop().await;
}

pub async fn a_group_is_provisioned_on_demand(on: On) {
    let world = with_groups(on, Options::default(), GroupScope::Assigned).await;
    let people = world.hire_many(3).await;
    let lab = world.group("Lab", &people).await;
    let demand = async |subject| {
        let done = world
            .provisioning
            .provision_on_demand(world.org, world.app, subject, &world.cause);
        done.await.expect("done")
    };
    let skipped = demand(Subject::Group(lab)).await;
    assert_eq!(skipped.result, OnDemandResult::Skipped);
    assert_eq!(skipped.reason.code, "scope.group_not_assigned");
    world.assign(Subject::Group(lab)).await;
    for person in &people[..2] {
        demand(Subject::User(*person)).await;
    }
    let done = demand(Subject::Group(lab)).await;
    assert_eq!(done.result, OnDemandResult::Success);
    assert_eq!(members(&world, "Lab").len(), 2, "who has an account");
    let again = demand(Subject::Group(lab)).await;
    assert_eq!(again.result, OnDemandResult::Unchanged);
    let preview = world
        .provisioning
        .preview_subject(world.org, world.app, Subject::Group(lab))
        .await
        .expect("a preview");
    assert_eq!(preview.subject.kind, SubjectKind::Group);
}

/// Whether a group is in scope, and the codes of the reasons.
async fn why(world: &World, group: GroupId) -> (bool, Vec<String>) {
    let why = world.provisioning.why_group_in_scope(world.org, world.app, group);
    let why = why.await.expect("why");
    for reason in &why.reasons {
        assert!(!provisioning::text(reason).contains('{'), "{reason:?}");
    }
    let codes = why.reasons.iter().map(|reason| reason.code.clone());
    (why.in_scope, codes.collect())
}

/// What each attribute of a group is, and whether it would be sent.
async fn sent(world: &World, group: GroupId) -> Vec<(String, Value, Sending)> {
    let provisioning = &world.provisioning;
    let preview = provisioning.preview_subject(world.org, world.app, Subject::Group(group));
    let attributes = preview.await.expect("a preview").attributes.into_iter();
    let sent = attributes.map(|one| (one.mapping.target, one.value, one.sending));
    sent.collect()
}

/// Why a group is at the target or is not is said in words, and so is what each attribute is made of.
pub async fn why_a_group_is_in_scope_is_said_in_words(on: On) {
    let mut world = World::with(on, Options::default(), AppScope::All).await;
    let anna = world.hire("anna").await;
    let lab = world.group("Lab", &[anna]).await;
    let choir = world.group("Choir", &[]).await;
    world.group_change(GroupChange::Add(lab, choir.into())).await;
    world.initial().await;
    let expected = |codes: &[&str]| codes.iter().map(|code| format!("why.{code}")).collect::<Vec<_>>();
    assert_eq!(
        why(&world, lab).await,
        (false, expected(&["groups_off", "group_not_assigned", "out"]))
    );
    world.set(scope(GroupScope::Assigned)).await;
    world.in_step().await;
    assert_eq!(
        why(&world, lab).await,
        (false, expected(&["groups_assigned", "group_not_assigned", "out"]))
    );
    let targets: Vec<_> = sent(&world, lab)
        .await
        .into_iter()
        .map(|(target, _, _)| target)
        .collect();
    assert_eq!(targets, ["displayName", "externalId", "members"]);
    let (_, value, sending) = sent(&world, lab).await.remove(0);
    assert_eq!(value, json!("Lab"));
    assert!(matches!(sending, Sending::Kept(why) if why.code == "scope.group_not_assigned"));
    world.assign(Subject::Group(lab)).await;
    world.in_step().await;
    assert_eq!(
        why(&world, lab).await,
        (
            true,
            expected(&["groups_assigned", "group_assigned", "members_wait", "in"])
        ),
        "Choir is not there"
    );
    let (_, value, sending) = sent(&world, lab).await.remove(2);
    assert_eq!(value, json!("2 members"));
    assert!(matches!(sending, Sending::Kept(why) if why.code == "preview.same"));
    world.stop().await;
    world.group_change(GroupChange::Remove(lab, anna.into())).await;
    world.unassign(Subject::Group(lab)).await;
    for (leaving, code) in [
        (GroupLeaving::Leave, "group_stays"),
        (GroupLeaving::Delete, "group_goes"),
    ] {
        let change = SettingsChange {
            groups_out_of_scope: Some(leaving),
            ..SettingsChange::default()
        };
        world.set(change).await;
        assert_eq!(
            why(&world, lab).await,
            (
                false,
                expected(&["groups_assigned", "group_not_assigned", code, "out"])
            )
        );
    }
    world.set(scope(GroupScope::Off)).await;
    assert_eq!(
        why(&world, lab).await,
        (
            false,
            expected(&["groups_off", "group_not_assigned", "group_rests", "out"])
        )
    );
}

pub async fn a_table_of_groups_is_edited_like_the_other(on: On) {
    let mut world = with_groups(on, Options::default(), GroupScope::All).await;
    let types = scim::ResourceTypes::built_in();
    let edit = async |edit: MappingEdit| {
        world
            .provisioning
            .edit_mappings(
                world.org,
                (world.app, SubjectKind::Group),
                &edit,
                types,
                &world.cause,
            )
            .await
    };
    let anna = world.hire("anna").await;
    world.group("Lab", &[anna]).await;
    let removed = edit(MappingEdit::Remove {
        target: "members".to_owned(),
    });
    removed.await.expect("removed");
    let changed = edit(MappingEdit::Change {
        target: "externalId".to_owned(),
        members: serde_json::from_value(json!({"source": {"expression": "Append(\"g-\", [displayName])"}}))
            .expect("members"),
    });
    changed.await.expect("changed");
    for (row, why) in [
        (
            json!({"source": {"attribute": "surname"}, "target": "urn:x:2.0:Group:a"}),
            "no attribute",
        ),
        (
            json!({"source": {"attribute": "displayName"}, "target": "title"}),
            "no such attribute",
        ),
        (
            json!({"source": {"attribute": "displayName"}, "target": "members"}),
            "come from the attribute members",
        ),
    ] {
        let row = serde_json::from_value(row).expect("a row");
        let refused = edit(MappingEdit::Add { row, number: None }).await;
        let said = refused.expect_err("refused").to_string();
        assert!(said.contains(why), "{said}");
    }
    world.initial().await;
    assert_eq!(group(&world, "Lab")["externalId"], "g-Lab");
    assert_eq!(members(&world, "Lab"), names(&[]));
    let restore = MappingEdit::Restore {
        preset: None,
        when_empty: None,
    };
    let restored = world.provisioning.edit_mappings(
        world.org,
        (world.app, SubjectKind::Group),
        &restore,
        types,
        &world.cause,
    );
    restored.await.expect("restored");
    world.in_step().await;
    assert_eq!(members(&world, "Lab"), names(&["anna"]));
    world.stop().await;
}

pub async fn a_group_deleted_there_is_made_anew_with_its_members(on: On) {
    let mut world = with_groups(on, Options::default(), GroupScope::All).await;
    let anna = world.hire("anna").await;
    world.group("Lab", &[anna]).await;
    world.initial().await;
    let id = group(&world, "Lab")["id"].as_str().expect("an id").to_owned();
    world.target.uproot_group(&id);
    world.restart().await;
    world.in_step().await;
    assert_ne!(group(&world, "Lab")["id"], json!(id));
    assert_eq!(members(&world, "Lab"), names(&["anna"]));
    world.stop().await;
}

pub async fn deleted_groups_count_towards_the_threshold(on: On) {
    let mut world = with_groups(on, Options::default(), GroupScope::All).await;
    let mut groups = Vec::new();
    for number in 0..25 {
        groups.push(world.group(&format!("g{number}"), &[]).await);
    }
    world.initial().await;
    world.stop().await;
    for group in &groups {
        world.group_change(GroupChange::Delete(*group)).await;
    }
    world.start();
    let status = async || {
        let status = world.provisioning.status(world.org, world.app).await;
        status.expect("a status")
    };
    world
        .until("asked", async || {
            status()
                .await
                .plan
                .is_some_and(|plan| plan.destructive == 25 && plan.state == PlanState::AwaitingApproval)
        })
        .await;
    assert_eq!(world.target.groups().len(), 25, "nothing at all is sent");
    let plan = status().await.plan.expect("a plan");
    let items = world
        .provisioning
        .kept_items(
            world.org,
            world.app,
            plan.id,
            &provisioning::PlanItemFilter::default(),
            None,
            100,
        )
        .await
        .expect("items");
    assert!(items.iter().all(|item| item.subject.kind == SubjectKind::Group));
    let path = |item: &provisioning::KeptItem| item.request.as_ref().map(|request| request.path.clone());
    assert!(
        items
            .iter()
            .all(|item| path(item).is_some_and(|path| path.starts_with("/Groups/")))
    );
    let approved = world
        .provisioning
        .approve_plan(world.org, world.app, plan.id, plan.revision, &world.cause)
        .await;
    approved.expect("approved");
    world.in_step().await;
    assert!(world.target.groups().is_empty());
    world.stop().await;
}

pub async fn groups_are_told_of_in_log_and_trail(on: On) {
    let mut world = with_groups(on, Options::default(), GroupScope::All).await;
    let anna = world.hire("anna").await;
    let lab = world.group("Lab", &[anna]).await;
    world.initial().await;
    world.group_change(GroupChange::Delete(lab)).await;
    world.in_step().await;
    let log = world.log().await;
    let of_group: Vec<_> = log
        .iter()
        .filter(|entry| entry.subject.kind == SubjectKind::Group)
        .collect();
    let actions: Vec<_> = of_group.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["create", "update", "delete"]);
    let came = &of_group[1].changes[0];
    assert_eq!(
        (came.attribute.as_str(), &came.new),
        ("members", &Some(json!(["ANNA"])))
    );
    let events = store::events::page(
        &mut world.store.reader(),
        world.org,
        &store::events::Filter::default(),
        100,
    )
    .await
    .expect("events");
    let types: BTreeSet<_> = events.iter().map(|event| event.event_type.as_str()).collect();
    for wanted in [
        "group_create_provision",
        "group_update_provision",
        "group_delete_provision",
    ] {
        assert!(types.contains(wanted), "{types:?}");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn presets_for_people_say_why_there_are_no_groups() {
    let world = World::new(On::Sqlite).await;
    for preset in ["webex-okta", "webex-jumpcloud"] {
        let new = provisioning::NewApp {
            name: Some(preset.to_owned()),
            preset: Some(preset.to_owned()),
            base_url: Some(world.target.base_url()),
            change: scope(GroupScope::All),
            ..provisioning::NewApp::new(provisioning::Template::Webex)
        };
        let refused = world.provisioning.add_app(world.org, new, &world.cause).await;
        let said = refused.expect_err("refused").to_string();
        assert!(said.contains("for people only"), "{said}");
    }
}

/// Assigned is also who is in a group within an assigned one, if that is wanted, however it comes about.
pub async fn groups_within_count_where_that_is_chosen(on: On) {
    for (scope, brings) in [(AppScope::Assigned, false), (AppScope::AssignedNested, true)] {
        let mut world = World::with(on, Options::default(), scope).await;
        let mut people = Vec::new();
        for name in ["anna", "bo", "carl"] {
            people.push(world.hire(name).await);
        }
        let [anna, bo, carl] = people[..] else {
            panic!("three")
        };
        let top = world.group("Top", &[anna]).await;
        let middle = world.group("Middle", &[]).await;
        let low = world.group("Low", &[bo]).await;
        world.group_change(GroupChange::Add(middle, low.into())).await;
        world.assign(Subject::Group(top)).await;
        world.initial().await;
        let active = |name: &str| world.account(name)["active"] == json!(true);
        assert_eq!((active("anna"), active("bo")), (true, false));

        world.group_change(GroupChange::Add(top, middle.into())).await;
        world.in_step().await;
        assert_eq!(active("bo"), brings, "a group came into the assigned one");
        world.group_change(GroupChange::Add(low, carl.into())).await;
        world.in_step().await;
        assert_eq!(active("carl"), brings, "a person came into a group far below");
        let why = world.provisioning.why_in_scope(world.org, world.app, bo).await;
        let why = why.expect("why");
        assert_eq!(why.in_scope, brings);
        let said = why
            .reasons
            .iter()
            .any(|reason| reason.code == "why.assigned_nested");
        assert_eq!(said, brings, "{why:?}");
        let plan = world
            .provisioning
            .plan(world.org, world.app, provisioning::PlanItems::All)
            .await
            .expect("a plan");
        assert_eq!(plan.counts.unchanged, if brings { 3 } else { 1 });

        world.group_change(GroupChange::Remove(top, middle.into())).await;
        world.in_step().await;
        assert!(!active("bo") && !active("carl"), "the whole branch has left");
        world.target.reset_counts();
        world.restart().await;
        assert_eq!(world.target.counts().writes, 0);
        world.stop().await;
    }
}
