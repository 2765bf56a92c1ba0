//! How the databases go about what SCIM requests ask them: nothing is looked for by reading a whole table.

use directory::{Change, NewGroup, NewUser, Settings, Source};
use http::Method;
use scim::ResourceTypes;
use scim::resource::Mode;
use serde_json::{Value, json};

use super::{found, hire, id, patch_op, place};
use crate::client::{Client, encoded};
use crate::on_both;
use crate::world::{World, cause};

const PEOPLE: usize = 1_000;

on_both!(
    filters_go_by_their_index,
    sorted_lists_go_along_an_index,
    points_and_pages,
    writes
);

/// A statement and how the database goes about it.
struct Plan {
    sql: String,
    text: String,
}

/// The plans of all that was asked since the last time.
async fn plans(world: &World) -> Vec<Plan> {
    let mut plans = Vec::new();
    for asked in world.store.asked() {
        let plan = Plan {
            text: world.store.explain(&asked).await.expect("a plan").join("\n"),
            sql: asked.sql,
        };
        assert_scans_nothing(&plan);
        plans.push(plan);
    }
    plans
}

#[track_caller]
fn assert_scans_nothing(Plan { sql, text }: &Plan) {
    assert!(!text.contains("Seq Scan"), "{sql}\n{text}");
    // What is put together on the way may be read whole; so is the part that a recursion adds to itself.
    let together: Vec<&str> = text
        .lines()
        .filter_map(|line| {
            let made = line
                .strip_prefix("CO-ROUTINE ")
                .or_else(|| line.strip_prefix("MATERIALIZE "));
            made.and_then(|name| name.split(' ').next())
        })
        .chain(["CONSTANT", "above", "a", "below", "b"])
        .collect();
    // The rows that a statement brings along are no table.
    for line in text.lines().filter(|line| !line.ends_with("-ROW VALUES CLAUSE")) {
        if let Some(scanned) = line.strip_prefix("SCAN ").and_then(|rest| rest.split(' ').next()) {
            assert!(together.contains(&scanned), "{sql}\n{text}");
        }
    }
}

/// Has one of the plans a line with all of these?
#[track_caller]
fn assert_some(plans: &[Plan], parts: &[&str], what: &str) {
    let has = |plan: &Plan| {
        plan.text
            .lines()
            .any(|line| parts.iter().all(|part| line.contains(part)))
    };
    let all: Vec<_> = plans
        .iter()
        .map(|plan| format!("{}\n{}", plan.sql, plan.text))
        .collect();
    assert!(
        plans.iter().any(has),
        "{what}: {parts:?} in\n{}",
        all.join("\n--\n")
    );
}

/// So many people and groups that nobody would read all of them to find one.
async fn fill(world: &World) -> (Client, Value, Value) {
    let change = Change {
        cause: &cause(),
        source: Source::Scim,
        types: ResourceTypes::built_in(),
        settings: Settings::default(),
    };
    let ambient = world.store.ambient();
    let people = (0..PEOPLE).map(|number| {
        let name = format!("anna{number}@x.example");
        let resource = json!({ "userName": name, "displayName": format!("Anna {number}"),
            "externalId": format!("x{number}"),
            "emails": [{ "value": name }, { "value": format!("other{number}@x.example") }] });
        let resource = scim::resource::read(resource, &change.types.user, Mode::Create);
        NewUser {
            id: ambient.id(),
            resource: resource.expect("a person"),
        }
    });
    let directory = &world.directory;
    let made = directory
        .create_users(&change, world.plain.id, people.collect())
        .await;
    let anna = made.expect("created").pop().expect("somebody").id;
    let groups = (0..PEOPLE / 4).map(|number| {
        let resource = json!({ "displayName": format!("Group {number}") });
        let resource = scim::resource::read(resource, &change.types.group, Mode::Create);
        let members = vec![anna.into()];
        NewGroup {
            id: ambient.id(),
            resource: resource.expect("a group"),
            members,
        }
    });
    let made = directory
        .create_groups(&change, world.plain.id, groups.collect())
        .await;
    made.expect("created");
    let scim = world.plain.scim();
    let inner = found(
        &scim,
        &json!({ "displayName": "Inner", "members": [{ "value": anna }] }),
    )
    .await;
    let members = json!([{ "value": id(&inner), "type": "Group" }]);
    found(&scim, &json!({ "displayName": "Outer", "members": members })).await;
    world.store.analyze().await.expect("analyzed");
    let anna = scim.get(&format!("/Users/{anna}")).await.expect(200);
    (scim, anna, inner)
}

async fn filters_go_by_their_index(world: &World) {
    let (scim, anna, inner) = fill(world).await;
    let postgres = world.is_on_postgres();
    let modified = |resource: &Value| {
        let time = resource["meta"]["lastModified"].as_str();
        time.expect("a time").to_owned()
    };
    let since = format!("meta.lastModified ge \"{}\"", modified(&anna));
    let between = format!(
        "meta.lastModified ge \"{}\" and meta.lastModified lt \"2028-01-01T00:00:00Z\"",
        modified(&inner)
    );
    let by_id = format!("id eq \"{}\"", id(&anna));
    let member = format!("members.value eq \"{}\"", id(&anna));
    let by_id_or_name = format!(
        "id eq \"{}\" or id eq \"x\" or userName eq \"anna1@x.example\"",
        id(&anna)
    );
    let member_or_name = format!("members eq \"{}\" or displayName sw \"inn\"", id(&inner));
    let mut nested = Vec::new();
    for number in 0..20 {
        let members = json!([{ "value": id(&anna) }]);
        let body = json!({ "displayName": format!("Nested {number}"), "members": members });
        nested.push(json!({ "value": id(&found(&scim, &body).await) }));
    }
    let wide = found(&scim, &json!({ "displayName": "Wide", "members": nested })).await;
    let within = format!("groups.value eq \"{}\"", id(&wide));
    let member_in_brackets = format!("members[value eq \"{}\"]", id(&inner));
    for (kind, filter, sqlite, postgresql) in [
        (
            "Users",
            "userName eq \"ANNA1@x.example\"",
            "(org=? AND user_name_key=?)",
            "user_name_key =",
        ),
        (
            "Users",
            "userName sw \"anna1\"",
            "(org=? AND user_name_key>? AND user_name_key<?)",
            "user_name_key >=",
        ),
        (
            "Users",
            "externalId eq \"x7\"",
            "(org=? AND attribute=? AND value=?",
            "value =",
        ),
        (
            "Users",
            "externalId sw \"x\"",
            "(org=? AND attribute=? AND value>? AND value<?)",
            "value >=",
        ),
        (
            "Users",
            "emails eq \"other3@x.example\"",
            "(org=? AND attribute=? AND value=?",
            "value =",
        ),
        (
            "Users",
            "emails.value sw \"other\"",
            "(org=? AND attribute=? AND value>? AND value<?)",
            "value >=",
        ),
        (
            "Users",
            "emails[value eq \"anna3@x.example\"]",
            "(org=? AND attribute=? AND value=?",
            "value =",
        ),
        (
            "Users",
            "displayName eq \"anna 3\"",
            "(org=? AND attribute=? AND value=?",
            "value =",
        ),
        (
            "Users",
            "displayName sw \"anna\"",
            "(org=? AND attribute=? AND value>? AND value<?)",
            "value >=",
        ),
        ("Users", &by_id, "(org=? AND id=?)", "id ="),
        (
            "Users",
            &since,
            "users_modified (org=? AND modified>? AND modified<?)",
            "modified >=",
        ),
        (
            "Users",
            "active eq true and userName eq \"anna3@x.example\"",
            "(org=? AND user_name_key=?)",
            "user_name_key =",
        ),
        (
            "Users",
            "userName eq \"anna7@x.example\" or externalId eq \"x7\"",
            "(org=? AND user_name_key=?)",
            "user_name_key =",
        ),
        (
            "Users",
            "active eq true and (emails eq \"anna7@x.example\" or emails eq \"other8@x.example\" or displayName sw \"anna 99\")",
            "(org=? AND attribute=? AND value=?",
            "value =",
        ),
        ("Users", &by_id_or_name, "(org=? AND id=?)", "id ="),
        (
            "Groups",
            "displayName Eq \"inner\" or displayName Eq \"outer\"",
            "(org=? AND attribute=? AND value=?",
            "value =",
        ),
        (
            "Groups",
            &member_or_name,
            "members_member (org=? AND member_id=?)",
            "member_id =",
        ),
        (
            "Users",
            &within,
            "(org=? AND group_id=? AND member_kind=? AND member_id>?)",
            "member_id >",
        ),
        (
            "Groups",
            "displayName eq \"inner\"",
            "(org=? AND attribute=? AND value=?",
            "value =",
        ),
        (
            "Groups",
            "displayName sw \"in\"",
            "(org=? AND attribute=? AND value>? AND value<?)",
            "value >=",
        ),
        (
            "Groups",
            "externalId eq \"y\"",
            "(org=? AND attribute=? AND value=?",
            "value =",
        ),
        (
            "Groups",
            &member,
            "members_member (org=? AND member_id=?)",
            "member_id =",
        ),
        (
            "Groups",
            &member_in_brackets,
            "members_member (org=? AND member_id=?)",
            "member_id =",
        ),
        (
            "Groups",
            &between,
            "groups_modified (org=? AND modified>? AND modified<?)",
            "modified >=",
        ),
    ] {
        world.store.asked();
        for paging in ["", "&startIndex=2", "&cursor="] {
            let query = format!("/{kind}?filter={}{paging}", encoded(filter));
            scim.get(&query).await.expect(200);
        }
        let parts: &[&str] = if postgres {
            &["Index Cond: ", postgresql]
        } else {
            &["SEARCH ", sqlite]
        };
        let plans = plans(world).await;
        assert_some(&plans, parts, filter);
        let everybody = |plan: &&Plan| {
            plan.sql
                .contains("FROM (SELECT id FROM users WHERE org = ?1) hit")
        };
        assert_eq!(
            plans.iter().find(everybody).map(|plan| &plan.sql),
            None,
            "{filter}"
        );
    }
}

async fn sorted_lists_go_along_an_index(world: &World) {
    let (scim, ..) = fill(world).await;
    let postgres = world.is_on_postgres();
    for (kind, by, sqlite, postgresql) in [
        ("Users", "id", "(org=? AND id>?)", "id >"),
        (
            "Users",
            "userName",
            "(org=? AND user_name_key>?)",
            "user_name_key >",
        ),
        (
            "Users",
            "displayName",
            "PRIMARY KEY (org=? AND attribute=? AND (value,user_id)>(?,?))",
            "ROW(value, user_id) >",
        ),
        (
            "Users",
            "externalId",
            "PRIMARY KEY (org=? AND attribute=? AND (value,user_id)>(?,?))",
            "ROW(value, user_id) >",
        ),
        (
            "Users",
            "emails.value",
            "PRIMARY KEY (org=? AND attribute=? AND (value,user_id)>(?,?))",
            "ROW(value, user_id) >",
        ),
        (
            "Users",
            "meta.created",
            "users_created (org=? AND (created,id)>(?,?))",
            "ROW(created, id) >",
        ),
        (
            "Users",
            "meta.lastModified",
            "users_modified (org=? AND (modified,id)>(?,?))",
            "ROW(modified, id) >",
        ),
        (
            "Groups",
            "displayName",
            "PRIMARY KEY (org=? AND attribute=? AND (value,group_id)>(?,?))",
            "ROW(value, group_id) >",
        ),
        (
            "Groups",
            "meta.created",
            "groups_created (org=? AND (created,id)>(?,?))",
            "ROW(created, id) >",
        ),
    ] {
        for (order, sign) in [("ascending", ">"), ("descending", "<")] {
            world.store.asked();
            let query = format!("/{kind}?sortBy={by}&sortOrder={order}&count=1");
            scim.get(&query).await.expect(200);
            scim.get(&format!("{query}&startIndex=2")).await.expect(200);
            let page = scim.get(&format!("{query}&cursor=")).await.expect(200);
            let cursor = page["nextCursor"].as_str().expect("a second page");
            scim.get(&format!("{query}&cursor={cursor}")).await.expect(200);
            let plans = plans(world).await;
            let (sqlite, postgresql) = (sqlite.replace('>', sign), postgresql.replace('>', sign));
            let parts: &[&str] = if postgres {
                &["Index Cond: ", &postgresql]
            } else {
                &["SEARCH ", &sqlite]
            };
            assert_some(&plans, parts, by);
            for plan in plans.iter().filter(|plan| plan.sql.contains("page.value")) {
                // Nobody is sorted: the index has the order.
                let text = &plan.text;
                assert!(
                    !text.contains("TEMP B-TREE") && !text.contains("Sort Key"),
                    "{by}: {text}"
                );
            }
        }
    }
}

async fn points_and_pages(world: &World) {
    let (scim, anna, inner) = fill(world).await;
    world.store.asked();
    for path in [
        place(&anna),
        place(&inner),
        format!("{}?excludedAttributes=members", place(&inner)),
        format!("{}/Members", place(&inner)),
        format!("{}/Members?count=1&startIndex=2", place(&inner)),
        format!("{}/Members?memberType=user", place(&inner)),
        "/Groups?memberType=group&count=2".to_owned(),
        "/Users?count=5".to_owned(),
        "/Users?count=5&startIndex=7".to_owned(),
        "/Users?count=5&cursor=".to_owned(),
        "/Groups?count=1&cursor=".to_owned(),
        "?count=3&sortBy=meta.created&cursor=".to_owned(),
    ] {
        let page = scim.get(&path).await.expect(200);
        if let Some(cursor) = page["nextCursor"].as_str() {
            let next = path.replace("cursor=", &format!("cursor={cursor}"));
            scim.get(&next).await.expect(200);
        }
    }
    assert!(plans(world).await.len() >= 8);
}

async fn writes(world: &World) {
    let (scim, anna, inner) = fill(world).await;
    world.store.asked();
    let bert = hire(
        &scim,
        &json!({ "userName": "bert", "emails": [{ "value": "bert@x.example" }] }),
    )
    .await;
    let name = json!([{ "op": "replace", "path": "displayName", "value": "Bert" }]);
    let add = json!([{ "op": "add", "path": "members", "value": [{ "value": id(&bert) }] }]);
    let remove = json!([{ "op": "remove", "path": format!("members[value eq \"{}\"]", id(&anna)) }]);
    let rename = json!([{ "op": "replace", "path": "displayName", "value": "Core" }]);
    for (of, operations) in [(&bert, name), (&inner, add), (&inner, remove), (&inner, rename)] {
        scim.patch(&place(of), &patch_op(operations)).await;
    }
    let put = json!({ "userName": "bert", "active": false });
    scim.put(&place(&bert), &put).await.expect(200);
    for of in [&bert, &inner] {
        let gone = scim.call(Method::DELETE, &place(of)).send().await;
        assert_eq!(gone.status, 204);
    }
    assert!(plans(world).await.len() >= 20);
}
