//! The work grows with the changes, not with the directory.

use base::{AppId, GroupId, OrgId, UserId};
use provisioning::{AppScope, GroupScope, SettingsChange, Subject};
use serde_json::json;
use store::assignments::SubjectKind;
use store::memberships::{Stale, Unheld};
use store::{Asked, Tx, Write};
use testkit::target::Options;

use super::groups;
use super::world::{GroupChange, On, World, person};

/// As many at a time however slow the answers are: to note that they are fewer would cost too.
fn steady() -> SettingsChange {
    SettingsChange {
        concurrency_least: Some(8),
        ..SettingsChange::default()
    }
}

/// Statements and requests that one change of one person costs among so many.
async fn one_change_among(on: On, people: usize) -> (u64, u64) {
    let mut world = World::new(on).await;
    world.set(steady()).await;
    let ids = world.hire_many(people).await;
    world.initial().await;
    world.stop().await;
    world.target.reset_counts();
    let mut changed = person("p00007");
    changed["title"] = json!("Head");
    world.change(ids[7], &changed).await;
    let before = world.store.stats();
    world
        .provisioning
        .work_once(world.org, world.app)
        .await
        .expect("done");
    let statements = world.store.stats().statements - before.statements;
    assert_eq!(world.account("p00007")["title"], json!("Head"));
    (statements, world.target.counts().requests)
}

pub async fn one_change_costs_the_same_among_few_and_many(on: On) {
    let few = Box::pin(one_change_among(on, 500)).await;
    let many = Box::pin(one_change_among(on, 3_000)).await;
    assert_eq!(few, many);
    assert_eq!(few.1, 1, "one request");
}

/// What a change asks of the database goes by an index that leads to those who are concerned: nothing that runs at the
/// beginning of a cycle, for a person, or at its end reads all lanes, accounts or people of the app.
pub async fn no_statement_of_a_change_reads_everybody(on: On) {
    let mut world = World::new(on).await;
    let ids = world.hire_many(1_000).await;
    world.initial().await;
    world.stop().await;
    world.store.asked();
    for (at, title) in [(7, "Head"), (8, "Chief")] {
        let mut changed = person(&format!("p{at:05}"));
        changed["title"] = json!(title);
        world.change(ids[at], &changed).await;
        let worked = world.provisioning.work_once(world.org, world.app).await;
        worked.expect("done");
    }
    // Nor does what is asked when the engine starts, and nobody has changed.
    world.start();
    world.in_step().await;
    world.stop().await;
    let asked = world.store.asked();
    assert!(asked.len() > 20, "{}", asked.len());
    by_index(&world, asked, reads_everybody).await;
}

/// The same for somebody who comes to a group, and leaves it: no statement reads all members.
pub async fn no_statement_of_a_member_reads_the_group(on: On) {
    let mut world = World::with(on, Options::default(), AppScope::Assigned).await;
    world.set(groups::scope(GroupScope::All)).await;
    let ids = world.hire_many(1_000).await;
    let newcomer = world.hire("newcomer").await;
    let all = world.group("All", &ids).await;
    for one in ids.iter().chain([&newcomer]) {
        world.assign(Subject::User(*one)).await;
    }
    world.initial().await;
    world.stop().await;
    world.store.asked();
    for change in [
        GroupChange::Add(all, newcomer.into()),
        GroupChange::Remove(all, newcomer.into()),
    ] {
        world.group_change(change).await;
        let worked = world.provisioning.work_once(world.org, world.app).await;
        worked.expect("done");
    }
    let asked = world.store.asked();
    assert!(asked.iter().any(|asked| asked.sql.contains("memberships")));
    by_index(&world, asked, reads_the_group).await;
}

/// Fails if the plan of one of the statements has such a line.
async fn by_index(world: &World, asked: Vec<Asked>, reads_all: fn(&str) -> bool) {
    let of_status = [
        "FROM links WHERE org = ?1 AND app = ?2",
        "pending, outcome, COUNT(*)",
    ];
    for asked in asked {
        // How an app stands is counted by whoever asks.
        if of_status.iter().any(|part| asked.sql.contains(part)) && asked.sql.contains("COUNT(*)") {
            continue;
        }
        let plan = world.store.explain(&asked).await.expect("a plan");
        let all = plan.iter().any(|line| reads_all(line));
        let all = all || plan.windows(2).any(|lines| reads_an_app(&lines[0], &lines[1]));
        assert!(!all, "{}\n{}", asked.sql, plan.join("\n"));
    }
}

/// Whether PostgreSQL reads all that an app has, by an index of all of it: it has not noticed how much that is.
fn reads_an_app(scan: &str, condition: &str) -> bool {
    let of_everybody = [
        "lanes_pkey",
        "links_pkey",
        "links_org_app_kind_remote_id_key",
        "links_subject",
        "users_",
    ];
    let by_key = of_everybody
        .iter()
        .any(|index| scan.contains(&format!("using {index}")));
    let Some((_, condition)) = condition.split_once("Index Cond:") else {
        return false;
    };
    let columns = condition.replace("(org = ", "").replace("(app = ", "");
    by_key && !columns.contains(" = ") && !columns.contains('<') && !columns.contains('>')
}

/// Whether a line of a plan reads everybody, or all members of a group.
fn reads_the_group(line: &str) -> bool {
    let of_one = ["(org=? AND app=? AND group_id=?)", "(org=? AND group_id=?)"];
    reads_everybody(line) || of_one.iter().any(|key| line.ends_with(key))
}

/// Whether a line of a plan reads all that an app has, by the tables that grow with the people.
fn reads_everybody(line: &str) -> bool {
    let words: Vec<_> = line.split_whitespace().collect();
    let scanned = words.iter().position(|word| *word == "SCAN").map(|at| at + 1);
    let scanned = scanned.or_else(|| {
        let on = words.windows(2).position(|pair| pair == ["Scan", "on"])?;
        line.contains("Seq Scan").then_some(on + 2)
    });
    if let Some(table) = scanned.and_then(|at| words.get(at)) {
        return [
            "lanes",
            "links",
            "users",
            "changes",
            "provisioning_log",
            "events",
            "memberships",
            "members",
        ]
        .contains(table);
    }
    // The key of these two is (org, app, subject).
    let by_key = line.contains("PRIMARY KEY") || line.contains("autoindex_links_1");
    by_key && line.ends_with("(org=? AND app=?)")
}

/// The same with a directory of which the app concerns a few only: who is not touched costs nothing, not even a row read.
async fn one_change_in_a_directory_of(people: usize) -> (u64, u64, u64) {
    let mut world = World::with(On::Sqlite, Options::default(), AppScope::Assigned).await;
    world.set(steady()).await;
    let ids = world.hire_many(people).await;
    for id in &ids[..20] {
        world.assign(Subject::User(*id)).await;
    }
    assert_eq!(world.initial().await.created, 20);
    world.stop().await;
    world.target.reset_counts();
    let mut changed = person("p00007");
    changed["title"] = json!("Head");
    world.change(ids[7], &changed).await;
    let before = world.store.stats();
    world
        .provisioning
        .work_once(world.org, world.app)
        .await
        .expect("done");
    let after = world.store.stats();
    assert_eq!(world.account("p00007")["title"], json!("Head"));
    (
        after.statements - before.statements,
        after.rows - before.rows,
        world.target.counts().requests,
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn one_change_costs_the_same_among_five_hundred_and_fifty_thousand() {
    let few = Box::pin(one_change_in_a_directory_of(500)).await;
    let many = Box::pin(one_change_in_a_directory_of(50_000)).await;
    assert_eq!(few, many);
    assert_eq!(few.2, 1, "one request");
}

/// Notes that people have accounts, which may not sign in, and stand in a group at the target.
struct Hold {
    org: OrgId,
    app: AppId,
    group: GroupId,
    people: Vec<UserId>,
    members: bool,
}

impl Write for Hold {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        let Self { org, app, group, .. } = *self;
        let mut unheld = Vec::new();
        for person in &self.people {
            let remote_id = format!("r-{person}");
            let draft = store::links::Draft {
                kind: SubjectKind::User,
                remote_id: remote_id.clone(),
                state: store::links::State::Disabled,
                known: json!({"values": {"active": false}}).to_string(),
            };
            store::links::put(tx, org, app, &[((*person).into(), draft)]).await?;
            unheld.push(Unheld {
                member: (*person).into(),
                remote_id,
                name: None,
                expected: true,
            });
        }
        if !self.members {
            return Ok(());
        }
        store::memberships::found(tx, org, app, group, (&unheld, &[])).await?;
        let settled: Vec<_> = unheld
            .into_iter()
            .map(|one| Stale {
                member: one.member,
                kind: SubjectKind::User,
                name: None,
                held: Some(one.remote_id.clone()),
                wanted: Some(one.remote_id),
                revision: 1,
            })
            .collect();
        store::memberships::settle(tx, org, app, group, &settled)
            .await
            .map(drop)
    }
}

/// Statements, rows read and requests that one more member of a group of so many costs.
async fn one_member_more_among(on: On, people: usize) -> (u64, u64, u64) {
    let mut world = World::with(on, Options::default(), AppScope::Assigned).await;
    world.set(groups::scope(GroupScope::All)).await;
    let ids = world.hire_many(people).await;
    let newcomer = world.hire("newcomer").await;
    let all = world.group("All", &ids).await;
    world.initial().await;
    world.stop().await;
    assert_eq!(world.target.groups().len(), 1);
    let hold = async |people: &[UserId], members| {
        let write = Hold {
            org: world.org,
            app: world.app,
            group: all,
            people: people.to_vec(),
            members,
        };
        world.store.write(write).await.expect("held");
    };
    for some in ids.chunks(1_000) {
        hold(some, true).await;
    }
    hold(&[newcomer], false).await;
    world.target.reset_counts();
    world.group_change(GroupChange::Add(all, newcomer.into())).await;
    let before = world.store.stats();
    let work = world.provisioning.work_once(world.org, world.app);
    work.await.expect("done");
    let after = world.store.stats();
    assert_eq!(
        groups::group(&world, "All")["members"].as_array().map(Vec::len),
        Some(1),
        "the one that was sent"
    );
    (
        after.statements - before.statements,
        after.rows - before.rows,
        world.target.counts().requests,
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn one_member_more_costs_the_same_among_ten_and_a_hundred_thousand() {
    let few = Box::pin(one_member_more_among(On::Sqlite, 10)).await;
    let many = Box::pin(one_member_more_among(On::Sqlite, 100_000)).await;
    assert_eq!(few, many);
    assert_eq!(few.2, 1, "one request");
}

pub async fn one_member_more_costs_the_same_among_few_and_many(on: On) {
    let few = Box::pin(one_member_more_among(on, 10)).await;
    let many = Box::pin(one_member_more_among(on, 3_000)).await;
    assert_eq!((few.0, few.2), (many.0, many.2));
    assert_eq!(few.2, 1, "one request");
}
