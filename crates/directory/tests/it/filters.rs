//! Filters on random people and groups, narrowed by indexes, beside a naive evaluation of all of them.

use std::collections::{BTreeMap, BTreeSet};

use base::{GroupId, SubjectId, UserId};
use directory::{Concurrency, Criteria, Error, Kind, MemberChange};
use oracle::filter::{self, Filter, Names, Pool};
use oracle::random::{Effort, check, one};
use oracle::{Object, resource, schema, text, time};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{TestCaseError, TestRunner};
use scim::ResourceTypes;
use scim::resource::Mode;
use serde_json::{Value, json};
use store::members::MemberRef;
use tokio::runtime::Handle;
use tokio::task::block_in_place;

use crate::house::House;
use crate::on_both;

on_both!(what_a_filter_finds_is_what_holds);

const PEOPLE: usize = 60;
const GROUPS: usize = 16;

async fn what_a_filter_finds_is_what_holds(house: &House) {
    compare(house, Effort::Cases(250)).await;
}

mod soak {
    use super::*;

    #[ignore = "takes long: cargo xtask soak runs it"]
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn soak_filters_on_sqlite() {
        for _ in 0..20 {
            compare(&House::sqlite().await, Effort::NewCases(3_000)).await;
        }
    }

    #[ignore = "takes long: cargo xtask soak runs it"]
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn soak_filters_on_postgres() {
        for _ in 0..10 {
            compare(&House::postgres().await, Effort::NewCases(2_000)).await;
        }
    }
}

/// What the directory holds, as a client would read it.
struct Everything {
    people: BTreeMap<SubjectId, Object>,
    groups: BTreeMap<SubjectId, Object>,
}

impl Everything {
    fn of(&self, kind: Kind) -> &BTreeMap<SubjectId, Object> {
        match kind {
            Kind::User => &self.people,
            Kind::Group => &self.groups,
        }
    }

    /// Values to look for.
    fn pool(&self) -> Pool {
        let (mut texts, mut times) = (Vec::new(), Vec::new());
        for resource in self.people.values().chain(self.groups.values()) {
            for (name, value) in resource {
                gather(value, &mut texts);
                if name == "meta" {
                    let modified = value["lastModified"].as_str().and_then(time::instant);
                    let modified = modified.expect("a time");
                    let near = [(0, 0), (0, 60), (1, 0), (-1, -330), (3_600_000_000, 60)];
                    times.extend(near.map(|(later, offset)| time::written(modified + later, offset)));
                }
            }
        }
        times.extend(
            [
                "2026-03-01",
                "2027-01-15T08:00:00",
                "2026-03-01T12:00:00Z",
                "soon",
            ]
            .map(str::to_owned),
        );
        texts.extend(["work", "home", "User"].map(str::to_owned));
        Pool { texts, times }
    }
}

fn gather(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::String(text) => texts.push(text.clone()),
        Value::Array(values) => values.iter().for_each(|value| gather(value, texts)),
        Value::Object(parts) => parts.values().for_each(|value| gather(value, texts)),
        _ => {}
    }
}

async fn compare(house: &House, effort: Effort) {
    let mut runner = effort.runner(20_261_121);
    let everything = fill(house, &mut runner).await;
    let pool = everything.pool();
    let people = Names {
        schema: schema::USER,
        favourites: &[
            "userName",
            "userName",
            "externalId",
            "displayName",
            "emails",
            "emails.value",
            "id",
            "groups.value",
            "groups.display",
            "meta.lastModified",
            "meta.lastModified",
            "meta.created",
            "meta.version",
            "department",
            "manager",
            "accountStatus",
            "loginIds.type",
            "active",
            "members.value",
        ],
    };
    let groups = Names {
        schema: schema::GROUP,
        favourites: &[
            "displayName",
            "displayName",
            "externalId",
            "id",
            "members",
            "members.value",
            "members.value",
            "members.display",
            "meta.lastModified",
            "meta.resourceType",
            "owners.value",
            "userName",
            "emails",
        ],
    };
    let filters = prop_oneof![
        3 => filter::random(people, &pool).prop_map(|filter| (vec![Kind::User], filter)),
        2 => filter::random(groups, &pool).prop_map(|filter| (vec![Kind::Group], filter)),
        1 => prop_oneof![filter::random(people, &pool), filter::random(groups, &pool)]
            .prop_map(|filter| (vec![Kind::User, Kind::Group], filter)),
    ];
    check(
        &mut runner,
        &(filters, 1_u32..30, 0_u64..40),
        |((kinds, filter), page, start)| {
            let agreed = agree(house, &everything, &kinds, &filter, page, start);
            block_in_place(|| Handle::current().block_on(agreed))
        },
    );
}

fn schema_of(kind: Kind) -> &'static schema::Schema {
    match kind {
        Kind::User => &schema::USER,
        Kind::Group => &schema::GROUP,
    }
}

async fn agree(
    house: &House,
    everything: &Everything,
    kinds: &[Kind],
    filter: &Filter,
    page: u32,
    start: u64,
) -> Result<(), TestCaseError> {
    let text = filter.to_string();
    let parsed =
        scim::filter::parse(&text).map_err(|error| TestCaseError::fail(format!("{text}: {error}")))?;
    let refused = kinds
        .iter()
        .any(|kind| filter::is_refused(filter, schema_of(*kind)));
    let checked = kinds
        .iter()
        .try_for_each(|kind| scim::filter::check(&parsed, kind.resource_type(ResourceTypes::built_in())));
    prop_assert_eq!(refused, checked.is_err(), "is it refused? {}", text);
    if refused {
        return Ok(());
    }
    let mut expected = Vec::new();
    for kind in kinds {
        let all = everything.of(*kind).iter();
        expected.extend(
            all.filter(|(_, resource)| filter::holds(filter, resource, schema_of(*kind)))
                .map(|(id, _)| *id),
        );
    }
    let criteria = Criteria {
        types: ResourceTypes::built_in().clone(),
        kinds: kinds.to_vec(),
        filter: Some(parsed),
        sort: None,
        base_url: String::new(),
    };
    let (directory, org) = (&house.directory, house.org);
    let all = directory.list(org, &criteria, 0..1_000).await.expect("a list");
    let found: Vec<SubjectId> = all.items.iter().map(directory::Resource::id).collect();
    prop_assert_eq!(&found, &expected, "{}", text);
    prop_assert_eq!(all.total, expected.len() as u64);

    let part = directory
        .list(org, &criteria, start..start + u64::from(page))
        .await
        .expect("a part of it");
    let found: Vec<SubjectId> = part.items.iter().map(directory::Resource::id).collect();
    let within: Vec<SubjectId> = expected
        .iter()
        .skip(usize::try_from(start).unwrap_or_default())
        .take(page as usize)
        .copied()
        .collect();
    prop_assert_eq!((found, part.total), (within, expected.len() as u64));
    let count = directory.count_matching(org, &criteria).await.expect("a number");
    prop_assert_eq!(count, expected.len() as u64);

    let (mut found, mut place) = (Vec::new(), None);
    loop {
        let following = directory
            .following(org, &criteria, place.as_ref(), page)
            .await
            .expect("a page");
        found.extend(following.items.iter().map(|(_, resource)| resource.id()));
        place = following.next;
        if place.is_none() {
            break;
        }
        prop_assert_eq!(
            following.items.len(),
            page as usize,
            "only the last page is not full"
        );
    }
    prop_assert_eq!(found, expected, "page by page");
    Ok(())
}

/// People and groups come, change, and some go.
async fn fill(house: &House, runner: &mut TestRunner) -> Everything {
    let (directory, org) = (&house.directory, house.org);
    let people = resource::body(schema::USER, "userName");
    let groups = resource::body(schema::GROUP, "displayName");
    let mut ids: Vec<UserId> = Vec::new();
    while ids.len() < PEOPLE {
        let read = read(one(&people, runner), Kind::User);
        match directory.create_user(&house.change(), org, read).await {
            Ok(user) => ids.push(user.id),
            Err(Error::UserNameTaken { .. } | Error::Scim(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }
    for (at, id) in ids.clone().into_iter().enumerate() {
        let user = directory.user(org, id).await.expect("a user");
        match at % 6 {
            0 | 1 => {
                let body = read(one(&people, runner), Kind::User);
                let edit = |object: &mut Object| {
                    object.clone_from(&body);
                    Ok(())
                };
                let change = house.change();
                let edited = directory.edit_user(&change, org, user, Concurrency::Retry, edit);
                match edited.await {
                    Ok(_) | Err(Error::UserNameTaken { .. } | Error::Scim(_)) => {}
                    Err(error) => panic!("{error}"),
                }
            }
            2 => {
                directory
                    .delete_user(&house.change(), org, &user, Concurrency::Retry)
                    .await
                    .expect("gone");
                ids.retain(|other| *other != id);
            }
            _ => {}
        }
    }
    let mut members: BTreeMap<GroupId, Vec<UserId>> = BTreeMap::new();
    while members.len() < GROUPS {
        let read = read(one(&groups, runner), Kind::Group);
        let first = one(&prop::collection::vec(select(ids.clone()), 0..8), runner);
        let made = directory
            .create_group(&house.change(), org, read, refs(&first))
            .await;
        members.insert(made.expect("a group").id, first);
    }
    let nested = nested(members.keys().copied().collect(), runner);
    for (at, (id, members)) in members.iter_mut().enumerate() {
        let body = read(one(&groups, runner), Kind::Group);
        if at % 3 == 0 {
            members.truncate(3);
        }
        members.sort();
        members.dedup();
        let edit = |object: &mut Object| {
            if at % 2 == 0 {
                object.clone_from(&body);
            }
            Ok(())
        };
        let group = directory.group(org, *id).await.expect("a group");
        let mut inside = refs(members);
        inside.extend(nested[id].iter().copied().map(MemberRef::from));
        let change = vec![MemberChange::Replace(inside)];
        directory
            .edit_group(&house.change(), org, group, Concurrency::Retry, edit, change)
            .await
            .expect("changed");
    }
    read_all(house, &members, &nested).await
}

/// Which groups are in which: some, and only younger ones in older ones, so that there is no circle.
fn nested(ids: Vec<GroupId>, runner: &mut TestRunner) -> BTreeMap<GroupId, Vec<GroupId>> {
    let mut nested = BTreeMap::new();
    for (at, id) in ids.iter().enumerate() {
        let younger = ids[at + 1..].to_vec();
        let most = younger.len().min(3);
        nested.insert(*id, one(&prop::sample::subsequence(younger, 0..=most), runner));
    }
    nested
}

/// The groups that contain a group, be it through others: asked of each group, until nothing is new.
fn above(group: GroupId, nested: &BTreeMap<GroupId, Vec<GroupId>>) -> BTreeSet<GroupId> {
    let mut found = BTreeSet::from([group]);
    loop {
        let more = nested
            .iter()
            .filter(|(_, inside)| inside.iter().any(|one| found.contains(one)));
        let more: Vec<GroupId> = more.map(|(outer, _)| *outer).collect();
        let before = found.len();
        found.extend(more);
        if found.len() == before {
            found.remove(&group);
            return found;
        }
    }
}

fn refs(people: &[UserId]) -> Vec<MemberRef> {
    people.iter().copied().map(MemberRef::from).collect()
}

/// What a body comes to.
fn read(body: Object, kind: Kind) -> Object {
    scim::resource::read(
        Value::Object(body),
        kind.resource_type(ResourceTypes::built_in()),
        Mode::Create,
    )
    .expect("a resource")
}

/// The resources as a client would read them, memberships from what was done and not from what is stored.
async fn read_all(
    house: &House,
    members: &BTreeMap<GroupId, Vec<UserId>>,
    nested: &BTreeMap<GroupId, Vec<GroupId>>,
) -> Everything {
    let (directory, org) = (&house.directory, house.org);
    let mut everything = Everything {
        people: BTreeMap::new(),
        groups: BTreeMap::new(),
    };
    let mut names: BTreeMap<GroupId, String> = BTreeMap::new();
    let all = |kind| Criteria {
        types: ResourceTypes::built_in().clone(),
        kinds: vec![kind],
        filter: None,
        sort: None,
        base_url: String::new(),
    };
    for found in directory
        .list(org, &all(Kind::User), 0..1_000)
        .await
        .expect("people")
        .items
    {
        let user = found.user().expect("a user");
        let mut object = directory::document(user).expect("a document");
        object.insert("id".into(), user.id.to_string().into());
        object.insert(
            "meta".into(),
            meta("User", user.created, user.modified, user.version),
        );
        everything.people.insert(user.id.into(), object);
    }
    for found in directory
        .list(org, &all(Kind::Group), 0..1_000)
        .await
        .expect("groups")
        .items
    {
        let directory::Resource::Group(group) = &found else {
            panic!("a group");
        };
        let mut object = directory::group_document(group).expect("a document");
        names.insert(group.id, group.display_name.clone());
        object.insert("id".into(), group.id.to_string().into());
        object.insert(
            "meta".into(),
            meta("Group", group.created, group.modified, group.version),
        );
        everything.groups.insert(group.id.into(), object);
    }
    for (group, people) in members {
        let inside = nested[group]
            .iter()
            .map(|one| json!({ "value": one.to_string(), "$ref": format!("/Groups/{one}"), "display": names[one], "type": "Group" }));
        let mut elements: Vec<Value> = inside.collect();
        let above = above(*group, nested);
        for user in people {
            let person = everything.people.get_mut(&SubjectId::from(*user));
            let person = person.expect("a member");
            let name = person.get("displayName").unwrap_or(&person["userName"]).clone();
            elements.push(json!({ "value": user.to_string(), "$ref": format!("/Users/{user}"), "display": name, "type": "User" }));
            let direct = |one: &GroupId| members[one].contains(user);
            join(person, *group, &names[group], "direct");
            for outer in above.iter().filter(|outer| !direct(outer)) {
                join(person, *outer, &names[outer], "indirect");
            }
        }
        let object = everything.groups.get_mut(&SubjectId::from(*group));
        object.expect("a group").insert("members".into(), elements.into());
    }
    everything
}

/// Once for each group, however many ways there are into it.
fn join(person: &mut Object, group: GroupId, name: &str, kind: &str) {
    let element = json!({ "value": group.to_string(), "$ref": format!("/Groups/{group}"), "display": name, "type": kind });
    match person.entry("groups").or_insert_with(|| json!([])) {
        Value::Array(groups) if groups.contains(&element) => {}
        Value::Array(groups) => groups.push(element),
        other => panic!("{other}"),
    }
}

fn meta(kind: &str, created: base::Timestamp, modified: base::Timestamp, version: i64) -> Value {
    json!({
        "resourceType": kind,
        "created": created.to_string(),
        "lastModified": modified.to_string(),
        "version": format!("W/\"{version}\""),
    })
}

#[test]
fn folding_is_the_same_to_both() {
    for text in text::AWKWARD {
        assert_eq!(base::canonical::text(text), text::fold(text), "{text:?}");
    }
}
