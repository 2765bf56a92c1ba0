//! Whoever comes with a group comes with it or not at all; and whether somebody could come is tried without a trace.

use base::GroupId;
use directory::{Concurrency, Error, NewUser};
use scim::ResourceTypes;
use scim::resource::Mode;
use serde_json::json;
use store::StoredId as _;
use store::groups::Group;

use crate::house::House;
use crate::on_both;

on_both!(
    whoever_comes_is_in_the_group_or_does_not_come,
    a_group_that_goes_meanwhile_leaves_nobody_half_made,
    what_is_tried_leaves_nothing,
);

fn somebody(house: &House, name: &str) -> NewUser {
    let resource = json!({ "userName": name, "active": true });
    let resource = scim::resource::read(resource, &ResourceTypes::built_in().user, Mode::Create);
    NewUser {
        id: house.id(),
        resource: resource.expect("a person"),
    }
}

async fn group(house: &House, name: &str) -> Group {
    let change = house.change();
    let resource = json!({ "displayName": name });
    let resource = scim::resource::read(resource, &ResourceTypes::built_in().group, Mode::Create);
    let resource = resource.expect("a group");
    let made = house
        .directory
        .create_group(&change, house.org, resource, Vec::new())
        .await;
    made.expect("made")
}

async fn remove(house: &House, group: &Group) {
    let change = house.change();
    let removed = house
        .directory
        .delete_group(&change, house.org, group, Concurrency::Retry);
    removed.await.expect("removed");
}

/// How many events there are, and how many people.
async fn stock(house: &House) -> (usize, u64) {
    let all = store::events::Filter::default();
    let events = house.directory.events(house.org, &all, 1_000).await;
    let people = house.directory.count_users(house.org).await;
    (events.expect("events").len(), people.expect("a number"))
}

async fn whoever_comes_is_in_the_group_or_does_not_come(house: &House) {
    let (directory, org, change) = (&house.directory, house.org, house.change());
    let [chemists, chiefs] = [group(house, "Chemists").await, group(house, "Chiefs").await];
    let both = [chemists.id, chiefs.id];
    let anna = directory.create_user_in(&change, org, somebody(house, "anna"), &both);
    let anna = anna.await.expect("made");
    assert!(anna.in_groups);
    let groups = directory.groups_of(org, &[anna.id]).await.expect("asked");
    assert_eq!(groups[&anna.id].len(), 2);
    let told = store::events::Filter {
        event_type: Some("group_update".to_owned()),
        ..store::events::Filter::default()
    };
    let told = directory.events(org, &told, 10).await.expect("events");
    assert_eq!(told.len(), 2);
    assert!(told.iter().all(|event| event.doc.contains(&anna.id.to_string())));

    // Who cannot be made joins nothing.
    let before = (
        stock(house).await,
        directory.group(org, chiefs.id).await.expect("there").version,
    );
    let again = directory.create_user_in(&change, org, somebody(house, "anna"), &both);
    assert!(matches!(again.await, Err(Error::UserNameTaken { .. })));
    // And nobody is made who cannot join one of them.
    remove(house, &chemists).await;
    let stock_then = stock(house).await;
    for groups in [both, [chiefs.id, house.id::<GroupId>()]] {
        let bert = directory.create_user_in(&change, org, somebody(house, "bert"), &groups);
        assert!(matches!(bert.await, Err(Error::UnknownGroup { .. })));
    }
    assert_eq!(stock(house).await, stock_then);
    assert_eq!(stock_then.1, before.0.1);
    let version = directory.group(org, chiefs.id).await.expect("there").version;
    assert_eq!(version, before.1);
}

/// Whichever of the two comes first: either both are there, or nobody.
async fn a_group_that_goes_meanwhile_leaves_nobody_half_made(house: &House) {
    let (directory, org, change) = (&house.directory, house.org, house.change());
    for number in 0..20 {
        let group = group(house, "Fleeting").await;
        let name = format!("new{number}");
        let new = somebody(house, &name);
        let groups = [group.id];
        let coming = directory.create_user_in(&change, org, new, &groups);
        let came = if number % 2 == 0 {
            tokio::join!(coming, remove(house, &group)).0
        } else {
            tokio::join!(remove(house, &group), coming).1
        };
        let found = directory.user_by_name(org, &name).await.expect("asked");
        let told = store::events::Filter {
            event_type: Some("group_update".to_owned()),
            ..store::events::Filter::default()
        };
        let told = directory.events(org, &told, 100).await.expect("events");
        let of_group = told
            .iter()
            .filter(|event| event.resource_id == Some(group.id.stored()));
        match came {
            Ok(user) => {
                assert_eq!(found.expect("there").id, user.id);
                assert_eq!(of_group.count(), 1, "joined before it went");
            }
            Err(Error::UnknownGroup { .. }) => {
                assert!(found.is_none(), "{name} was made without the group");
                assert_eq!(of_group.count(), 0);
            }
            Err(error) => panic!("{error}"),
        }
    }
}

async fn what_is_tried_leaves_nothing(house: &House) {
    let (directory, org, change) = (&house.directory, house.org, house.change());
    let chemists = group(house, "Chemists").await;
    let anna = directory.create_user(&change, org, somebody(house, "anna").resource);
    let anna = anna.await.expect("made");
    let before = stock(house).await;
    let groups = [chemists.id];
    let tried = directory.try_user_in(&change, org, somebody(house, "bert"), &groups);
    tried.await.expect("could come");
    let tried = directory.try_user_in(&change, org, somebody(house, "Anna"), &groups);
    assert!(matches!(tried.await, Err(Error::UserNameTaken { .. })));
    let rename = |name: &'static str| {
        move |user: &mut scim::Object| {
            user.insert("userName".to_owned(), name.into());
            Ok(())
        }
    };
    let tried = directory.try_edit(&change, org, anna.clone(), rename("anna.berg"));
    tried.await.expect("could be called so");
    let nobody = directory.user_by_name(org, "admin@northwind.example").await;
    assert!(nobody.expect("asked").is_some());
    let tried = directory.try_edit(&change, org, anna.clone(), rename("admin@northwind.example"));
    assert!(matches!(tried.await, Err(Error::UserNameTaken { .. })));
    assert_eq!(stock(house).await, before);
    let version = directory.group(org, chemists.id).await.expect("there").version;
    assert_eq!(version, chemists.version);
    assert_eq!(directory.user(org, anna.id).await.expect("there"), anna);
    let bert = directory.create_user_in(&change, org, somebody(house, "bert"), &groups);
    bert.await.expect("made");
}
