//! What mappings read around a person: groups, roles at the app, the manager.

use mapping::{AttributeMapping, Source};
use provisioning::{AppScope, Assignee, Subject};
use serde_json::{Value, json};
use store::{Tx, Write};
use testkit::target::Options;

use super::world::{GroupChange, On, World, person};

async fn map(world: &World, source: Source) {
    let set = world.provisioning.mappings(world.org, world.app).await;
    let mut rows = set.expect("mappings").into_rows();
    rows.push(AttributeMapping::new(source, "nickName"));
    let set = world.provisioning.set_mappings(
        world.org,
        world.app,
        rows,
        scim::ResourceTypes::built_in(),
        &world.cause,
    );
    set.await.expect("set");
}

fn nick(world: &World, name: &str) -> Value {
    world.account(name)["nickName"].clone()
}

async fn role(world: &World, subject: Subject, role: &str) {
    let assignee = Assignee {
        subject,
        role: Some(role.to_owned()),
    };
    world
        .provisioning
        .assign_with_roles(world.org, world.app, &[assignee], &world.cause)
        .await
        .expect("assigned");
}

struct Rename {
    org: base::OrgId,
    group: base::GroupId,
    name: &'static str,
    cause: base::Cause,
}

impl Write for Rename {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        let draft = store::groups::Draft {
            display_name: self.name.to_owned(),
            doc: json!({"displayName": self.name}).to_string(),
            rendering: 1,
            provenance: "{}".to_owned(),
            keys: Vec::new(),
        };
        store::groups::update(tx, self.org, self.group, None, &draft, &self.cause)
            .await
            .map(drop)
    }
}

pub async fn a_change_of_groups_changes_what_is_made_of_them(on: On) {
    let mut world = World::new(on).await;
    map(
        &world,
        Source::okta("isMemberOfGroupNameStartsWith('Lab') ? 'lab' : 'other'"),
    )
    .await;
    let (anna, bo) = (world.hire("anna").await, world.hire("bo").await);
    let lab = world.group("Lab", &[anna]).await;
    world.initial().await;
    assert_eq!(
        (nick(&world, "anna"), nick(&world, "bo")),
        (json!("lab"), json!("other"))
    );

    world.group_change(GroupChange::Add(lab, bo.into())).await;
    world.group_change(GroupChange::Remove(lab, anna.into())).await;
    world.in_step().await;
    assert_eq!(
        (nick(&world, "anna"), nick(&world, "bo")),
        (json!("other"), json!("lab"))
    );

    let rename = Rename {
        org: world.org,
        group: lab,
        name: "Workshop",
        cause: world.cause.clone(),
    };
    world.store.write(rename).await.expect("renamed");
    world.in_step().await;
    assert_eq!(nick(&world, "bo"), "other");
    world.stop().await;
}

pub async fn roles_come_with_assignments_in_either_scope(on: On) {
    for scope in [AppScope::All, AppScope::Assigned] {
        let mut world = World::with(on, Options::default(), scope).await;
        map(&world, Source::entra(r#"Join("+", [appRoleAssignments])"#)).await;
        let anna = world.hire("anna").await;
        let staff = world.group("Staff", &[anna]).await;
        world.assign(Subject::User(anna)).await;
        world.initial().await;
        assert_eq!(nick(&world, "anna"), Value::Null);

        role(&world, Subject::User(anna), "Admin").await;
        world.in_step().await;
        assert_eq!(nick(&world, "anna"), "Admin", "{scope:?}");

        role(&world, Subject::Group(staff), "User").await;
        world.in_step().await;
        assert_eq!(
            nick(&world, "anna"),
            "Admin",
            "her own goes before the group's, {scope:?}"
        );

        world.assign(Subject::User(anna)).await;
        role(&world, Subject::User(anna), "").await;
        world.in_step().await;
        assert_eq!(nick(&world, "anna"), "User", "{scope:?}");
        world.stop().await;
    }
}

pub async fn the_manager_is_read_with_the_person(on: On) {
    let mut world = World::new(on).await;
    map(&world, Source::okta("getManagerUser('x').firstName")).await;
    let bo = world.hire("bo").await;
    let anna = world.hire("anna").await;
    let mut resource = person("anna");
    resource["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"] =
        json!({"manager": {"value": bo.to_string()}});
    world.change(anna, &resource).await;
    world.initial().await;
    assert_eq!(nick(&world, "anna"), "bo");
    assert_eq!(nick(&world, "bo"), Value::Null);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_is_too_long_is_refused() {
    let world = World::new(On::Sqlite).await;
    let anna = world.hire("anna").await;
    for wrong in ["x".repeat(201), "\0".to_owned()] {
        let assignee = Assignee {
            subject: Subject::User(anna),
            role: Some(wrong),
        };
        let answer = world
            .provisioning
            .assign_with_roles(world.org, world.app, &[assignee], &world.cause)
            .await;
        assert_eq!(answer.expect_err("refused").code(), "app.role");
    }
}
