//! Who is in a group at the target.

use provisioning::{
    AppScope, Approval, GroupScope, LogStatus, ScopeReasons, SettingsChange, Subject, SubjectKind,
};
use serde_json::{Value, json};
use testkit::target::{Fault, Options, Rule};

use super::groups::{group, members, names, rename, scope, with_groups};
use super::world::{GroupChange, On, World, user_name};

pub async fn members_come_and_go(on: On) {
    let mut world = World::with(on, Options::default(), AppScope::Assigned).await;
    world.set(scope(GroupScope::Assigned)).await;
    let mut people = Vec::new();
    for name in ["anna", "bo", "carl"] {
        people.push(world.hire(name).await);
    }
    let [anna, bo, carl] = people[..] else {
        panic!("three")
    };
    let lab = world.group("Lab", &[anna, bo]).await;
    let choir = world.group("Choir", &[bo]).await;
    world.assign(Subject::Group(lab)).await;
    world.initial().await;
    assert_eq!(members(&world, "Lab"), names(&["anna", "bo"]));
    assert_eq!(group(&world, "Choir"), Value::Null);

    world.group_change(GroupChange::Add(lab, carl.into())).await;
    world.in_step().await;
    assert_eq!(
        members(&world, "Lab"),
        names(&["anna", "bo", "carl"]),
        "with his account"
    );
    world.group_change(GroupChange::Remove(lab, anna.into())).await;
    world.in_step().await;
    assert_eq!(members(&world, "Lab"), names(&["bo", "carl"]));
    assert_eq!(world.account("anna")["active"], false);

    // A group within the group, not assigned itself, is not there to be a member.
    world.group_change(GroupChange::Add(lab, choir.into())).await;
    world.in_step().await;
    assert_eq!(members(&world, "Lab"), names(&["bo", "carl"]));
    world.assign(Subject::Group(choir)).await;
    world.in_step().await;
    let mut with_choir = names(&["bo", "carl"]);
    with_choir.insert("Choir".to_owned());
    assert_eq!(members(&world, "Lab"), with_choir, "as soon as it is");

    world.dismiss(carl).await;
    world.in_step().await;
    with_choir.remove(&user_name("carl"));
    assert_eq!(members(&world, "Lab"), with_choir);
    world.target.reset_counts();
    world.restart().await;
    assert_eq!(world.target.counts().writes, 0);
    world.stop().await;
}

/// In one cycle: people first, then groups, then who is in them; what is done twice in a cycle counts once.
pub async fn many_members_come_in_few_requests(on: On) {
    let mut world = with_groups(on, Options::default(), GroupScope::All).await;
    let people = world.hire_many(600).await;
    let all = world.group("All", &people).await;
    let counts = world.initial().await;
    assert_eq!((counts.created, counts.total()), (601, 601));
    assert_eq!(members(&world, "All").len(), 600);
    let journal = world.target.journal();
    let patches = journal.iter().filter(|one| one.method == "PATCH").count();
    assert_eq!(patches, 3, "250 at a time");

    let late = world.hire("late").await;
    world.in_step().await;
    world.target.reset_counts();
    world.group_change(GroupChange::Add(all, late.into())).await;
    world.in_step().await;
    assert_eq!(
        world.target.counts().requests,
        1,
        "one request, and nothing is read"
    );
    let last = world
        .target
        .journal()
        .pop()
        .and_then(|one| one.body)
        .expect("a body");
    assert_eq!(last["Operations"][0]["op"], "add");
    assert_eq!(last["Operations"][0]["value"].as_array().map(Vec::len), Some(1));
    assert_eq!(last["Operations"][0]["value"][0]["type"], "User");
    world.stop().await;
}

/// One whom the target will not have keeps nobody else out.
pub async fn one_member_who_is_refused_keeps_nobody_out(on: On) {
    let mut world = with_groups(on, Options::default(), GroupScope::All).await;
    let people = world.hire_many(20).await;
    let all = world.group("All", &people).await;
    let account = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": user_name("p00006"),
    });
    let account = world.target.plant(&account).expect("an account");
    let refused = Fault::status(400);
    world
        .target
        .inject(Rule::on("PATCH", "/Groups").containing(&account).then(refused));
    let change = SettingsChange {
        retry_longest_seconds: Some(1),
        ..SettingsChange::default()
    };
    world.set(change).await;
    world.start();
    world.sync(provisioning::Sync::Continue).await;
    world
        .until("all but one", async || members(&world, "All").len() == 19)
        .await;
    world.in_step().await;
    let log = world.log().await;
    assert!(
        log.iter()
            .any(|entry| entry.status == LogStatus::Failure && entry.subject.kind == SubjectKind::Group)
    );
    let status = async || {
        let status = world.provisioning.status(world.org, world.app).await;
        status.expect("a status")
    };
    let refused = status().await.refused;
    let named: Vec<_> = refused.iter().map(|one| one.group.name.as_str()).collect();
    assert_eq!(named, ["All"], "it shows");
    let member = refused[0].member.id.as_user();
    let why = world.provisioning.why_in_scope(world.org, world.app, member);
    let said = |why: &ScopeReasons, code: &str| why.reasons.iter().any(|reason| reason.code == code);
    assert!(said(&why.await.expect("why"), "why.refused_in"));
    let why = world.provisioning.why_group_in_scope(world.org, world.app, all);
    assert!(said(&why.await.expect("why"), "why.refused"));
    world.target.heal();
    world.restart().await;
    assert_eq!(members(&world, "All").len(), 20);
    assert_eq!(status().await.refused, []);
    world.stop().await;
}

/// Whoever may have come into a group, and has lost their account before that was certain, does not stay in it.
pub async fn who_may_have_come_in_and_goes_does_not_stay(on: On) {
    let mut world = with_groups(on, Options::default(), GroupScope::All).await;
    let anna = world.hire("anna").await;
    world.group("Lab", &[anna]).await;
    world
        .target
        .inject(Rule::on("PATCH", "/Groups").nth(1).then(Fault::DropAfterCommit));
    world.start();
    world.sync(provisioning::Sync::Continue).await;
    world
        .until("sent", async || !members(&world, "Lab").is_empty())
        .await;
    world.dismiss(anna).await;
    world.in_step().await;
    assert_eq!(world.target.accounts(), Vec::<Value>::new());
    assert_eq!(members(&world, "Lab"), names(&[]));
    world.stop().await;
}

/// What is approved is a plan of people and groups; who is in the groups stands in the next one, as there were no
/// accounts before.
pub async fn memberships_stand_in_the_next_plan(on: On) {
    let mut world = with_groups(on, Options::default(), GroupScope::All).await;
    let change = SettingsChange {
        approval: Some(Approval::Always),
        ..SettingsChange::default()
    };
    world.set(change).await;
    let anna = world.hire("anna").await;
    world.group("Lab", &[anna]).await;
    world.start();
    world.sync(provisioning::Sync::Continue).await;
    for expected in [2, 1] {
        let open = async || {
            let status = world
                .provisioning
                .status(world.org, world.app)
                .await
                .expect("a status");
            status.plan.filter(|plan| {
                plan.items.open == expected && plan.state == provisioning::PlanState::AwaitingApproval
            })
        };
        world.until("planned", async || open().await.is_some()).await;
        let plan = open().await.expect("a plan");
        let approved = world
            .provisioning
            .approve_plan(world.org, world.app, plan.id, plan.revision, &world.cause)
            .await;
        approved.expect("approved");
    }
    world.in_step().await;
    assert_eq!(members(&world, "Lab"), names(&["anna"]));
    world.stop().await;
}

/// Where PATCH is missing the whole group is sent, and who is in it besides stays in it.
pub async fn members_come_and_go_without_patch(on: On) {
    let options = Options {
        patch: false,
        ..Options::default()
    };
    let mut world = with_groups(on, options, GroupScope::All).await;
    let (anna, bo) = (world.hire("anna").await, world.hire("bo").await);
    let there = json!({"displayName": "Lab", "members": [{"value": "somebody-else"}]});
    world.target.plant_group(&there).expect("a group");
    let lab = world.group("Lab", &[anna]).await;
    world.initial().await;
    let mut expected = names(&["anna"]);
    expected.insert("nobody".to_owned());
    assert_eq!(members(&world, "Lab"), expected);
    world.group_change(GroupChange::Add(lab, bo.into())).await;
    world.group_change(GroupChange::Remove(lab, anna.into())).await;
    world.in_step().await;
    expected.remove(&user_name("anna"));
    expected.insert(user_name("bo"));
    assert_eq!(members(&world, "Lab"), expected);
    rename(&world, lab, "Workshop").await;
    assert_eq!(members(&world, "Workshop"), expected);
    world.stop().await;
}
