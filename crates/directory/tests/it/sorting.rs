//! Lists in the order of an index beside the same lists sorted in memory, on random people and groups.

use base::{SubjectId, UserId};
use directory::{Concurrency, Criteria, Directory, Kind, Resource};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestRunner;
use scim::ResourceTypes;
use scim::resource::Mode;
use scim::sort::Sort;
use serde_json::{Value, json};

use crate::house::House;
use crate::on_both;
use oracle::random::{Effort, one};

on_both!(an_index_sorts_as_memory_does);

const PEOPLE: usize = 70;
const GROUPS: usize = 25;

/// What an index has the order of, for people and for groups.
const PEOPLE_BY: [&str; 8] = [
    "id",
    "userName",
    "displayName",
    "externalId",
    "emails",
    "emails.value",
    "meta.created",
    "meta.lastModified",
];
const GROUPS_BY: [&str; 5] = [
    "id",
    "displayName",
    "externalId",
    "meta.created",
    "meta.lastModified",
];

async fn an_index_sorts_as_memory_does(house: &House) {
    let mut runner = Effort::Cases(1).runner(20_261_122);
    let member = fill(house, &mut runner).await;
    let outsiders = format!("not (members.value eq \"{member}\")");
    let people = PEOPLE_BY.map(|by| (vec![Kind::User], by));
    let groups = GROUPS_BY.map(|by| (vec![Kind::Group], by));
    let both = GROUPS_BY.map(|by| (vec![Kind::User, Kind::Group], by));
    for (kinds, by) in people.into_iter().chain(groups).chain(both) {
        for order in ["ascending", "descending"] {
            let sort = Sort::parse(Some(by), Some(order)).expect(by);
            let criteria = |filter: Option<&str>| Criteria {
                types: ResourceTypes::built_in().clone(),
                kinds: kinds.clone(),
                filter: filter.map(|filter| scim::filter::parse(filter).expect(filter)),
                sort: sort.clone(),
                base_url: String::new(),
            };
            let what = format!("{kinds:?} by {by}, {order}");
            compare(house, &criteria, &outsiders, &what).await;
        }
    }
}

async fn compare(house: &House, criteria: &impl Fn(Option<&str>) -> Criteria, outsiders: &str, what: &str) {
    let directory = &house.directory;
    // Pages by number of a filtered list are sorted in memory.
    let expected = by_index(house, &criteria(Some("id pr")), 0..1_000).await;
    let all = criteria(None);
    let expected_total = directory.count_matching(house.org, &all).await.expect("a number");
    assert_eq!(expected.len() as u64, expected_total, "{what}");
    assert_eq!(by_index(house, &all, 0..1_000).await, expected, "{what}");
    assert_eq!(by_index(house, &all, 11..23).await, expected[11..23], "{what}");
    for count in [1, 7, 40, 200] {
        assert_eq!(
            by_cursor(house, &all, count).await,
            expected,
            "{what}, {count} at a time"
        );
    }
    for filter in [
        "id pr",
        outsiders,
        "displayName co \"a\"",
        "userName sw \"A\" or displayName sw \"a\"",
        "userName sw \"a\"",
    ] {
        let some = criteria(Some(filter));
        let unsorted = Criteria {
            sort: None,
            ..some.clone()
        };
        let matching = by_index(house, &unsorted, 0..1_000).await;
        let expected: Vec<_> = expected
            .iter()
            .filter(|id| matching.contains(id))
            .copied()
            .collect();
        assert_eq!(
            by_index(house, &some, 0..1_000).await,
            expected,
            "{what}, {filter}"
        );
        assert_eq!(by_cursor(house, &some, 9).await, expected, "{what}, {filter}");
    }
}

async fn by_index(house: &House, criteria: &Criteria, range: std::ops::Range<u64>) -> Vec<SubjectId> {
    let found = house.directory.list(house.org, criteria, range).await;
    found.expect("a list").items.iter().map(Resource::id).collect()
}

async fn by_cursor(house: &House, criteria: &Criteria, count: u32) -> Vec<SubjectId> {
    let (mut found, mut place) = (Vec::new(), None);
    loop {
        let page = house
            .directory
            .following(house.org, criteria, place.as_ref(), count)
            .await
            .expect("a page");
        found.extend(page.items.iter().map(|(_, resource)| resource.id()));
        place = page.next;
        if place.is_none() {
            return found;
        }
        assert_eq!(page.items.len(), count as usize, "only the last page is not full");
    }
}

/// Few values, so that many are equal: in other spellings, longer than an index holds, behind all characters.
fn text() -> impl Strategy<Value = String> {
    let long = "x".repeat(600);
    select(vec![
        "anna".to_owned(),
        "Anna".to_owned(),
        " anna ".to_owned(),
        "Ånna".to_owned(),
        "ｂert".to_owned(),
        "STRASSE".to_owned(),
        "straße".to_owned(),
        "Zoë".to_owned(),
        "\u{10ffff}".to_owned(),
        "\u{10ffff}a".to_owned(),
        format!("{long}a"),
        format!("{long}b"),
    ])
}

fn person() -> impl Strategy<Value = Value> {
    let email = (text(), any::<bool>());
    let parts = (
        text(),
        any::<u16>(),
        option::of(text()),
        option::of(text()),
        vec(email, 0..4),
    );
    parts.prop_map(|(name, number, display_name, external_id, emails)| {
        let name: String = name.chars().take(20).collect();
        let mut person = json!({ "userName": format!("{name}{number}"), "active": true });
        let mut primary = false;
        let emails = emails.into_iter().map(|(value, main)| {
            let main = main && !primary;
            primary |= main;
            if main {
                json!({ "value": value, "primary": true })
            } else {
                json!({ "value": value })
            }
        });
        person["emails"] = emails.collect();
        put(&mut person, "displayName", display_name);
        put(&mut person, "externalId", external_id);
        person
    })
}

fn group() -> impl Strategy<Value = Value> {
    (text(), option::of(text())).prop_map(|(display_name, external_id)| {
        let mut group = json!({ "displayName": display_name });
        put(&mut group, "externalId", external_id);
        group
    })
}

fn put(resource: &mut Value, name: &str, value: Option<String>) {
    if let Some(value) = value {
        resource[name] = value.into();
    }
}

/// People and groups come, and some of them change. Somebody who is in every second group.
async fn fill(house: &House, runner: &mut TestRunner) -> UserId {
    let (directory, org): (&Directory, _) = (&house.directory, house.org);
    let mut users = Vec::new();
    while users.len() < PEOPLE {
        let read = read(one(&person(), runner), Kind::User);
        // A name may be taken.
        if let Ok(user) = directory.create_user(&house.change(), org, read).await {
            users.push(user);
        }
    }
    let member = users[0].id;
    for user in users.into_iter().step_by(3) {
        let other = read(one(&person(), runner), Kind::User);
        let edit = |object: &mut scim::Object| {
            for name in ["displayName", "externalId", "emails"] {
                match other.get(name) {
                    Some(value) => object.insert(name.to_owned(), value.clone()),
                    None => object.shift_remove(name),
                };
            }
            Ok(())
        };
        let change = house.change();
        let changed = directory.edit_user(&change, org, user, Concurrency::Retry, edit);
        changed.await.expect("changed");
    }
    for at in 0..GROUPS {
        let resource = read(one(&group(), runner), Kind::Group);
        let members = if at % 2 == 0 {
            vec![member.into()]
        } else {
            Vec::new()
        };
        let made = directory
            .create_group(&house.change(), org, resource, members)
            .await;
        made.expect("created");
    }
    member
}

fn read(body: Value, kind: Kind) -> scim::Object {
    let types = ResourceTypes::built_in();
    scim::resource::read(body, kind.resource_type(types), Mode::Create).expect("a resource")
}
