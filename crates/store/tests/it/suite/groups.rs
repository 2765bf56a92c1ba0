//! Groups and who is in them.

use base::{GroupId, UserId};
use store::changes::{self, Kind, What};
use store::members::MemberId;
use store::{Error, Lookup, Match, Start, groups, members, tombstones};

use crate::house::{Closure, House, team};

async fn people(house: &House, count: usize) -> Vec<UserId> {
    let mut ids = Vec::new();
    for number in 0..count {
        ids.push(
            house
                .hire(&format!("person{number:03}"))
                .await
                .expect("created")
                .id,
        );
    }
    ids
}

fn adding(house: &House, group: GroupId, ids: &[UserId]) -> Closure<members::Added> {
    let (org, ids, cause) = (house.org, ids.to_vec(), house.cause());
    Closure::new(move |tx| {
        let (ids, cause) = (ids.clone(), cause.clone());
        Box::pin(async move { members::add(tx, org, group, &ids, &cause).await })
    })
}

async fn add(house: &House, group: GroupId, ids: &[UserId]) -> members::Added {
    house.store.write(adding(house, group, ids)).await.expect("added")
}

fn users(ids: &[UserId]) -> Vec<MemberId> {
    ids.iter().copied().map(MemberId::User).collect()
}

async fn inside(house: &House, group: GroupId) -> Vec<UserId> {
    members::user_ids(&mut house.q(), house.org, group, None, 10_000)
        .await
        .expect("members")
}

async fn version(house: &House, group: GroupId) -> i64 {
    let group = groups::by_id(&mut house.q(), house.org, group)
        .await
        .expect("read");
    group.expect("there").version
}

pub(crate) async fn a_group_lives_and_dies(house: &House) {
    let sales = house.found("Sales").await;
    let ids = people(house, 3).await;
    add(house, sales.id, &ids).await;
    let (org, cause, id) = (house.org, house.cause(), sales.id);
    let change = move |expected| {
        let cause = cause.clone();
        Closure::new(move |tx| {
            let cause = cause.clone();
            Box::pin(async move { groups::update(tx, org, id, expected, &team("Markets"), &cause).await })
        })
    };
    let stale = house.store.write(change(Some(1))).await;
    assert!(matches!(stale, Err(Error::VersionMismatch { current: 2 })));
    let renamed = house.store.write(change(Some(2))).await.expect("changed");
    assert_eq!((renamed.version, renamed.display_name.as_str()), (3, "Markets"));
    let lookup = Lookup::Key(store::Attribute::DisplayName, Match::Prefix("mark".to_owned()));
    let found = groups::page(&mut house.q(), org, &lookup, Start::FIRST, 9)
        .await
        .expect("a page");
    assert_eq!(found, std::slice::from_ref(&renamed));
    assert_eq!(
        groups::count(&mut house.q(), org, &Lookup::All)
            .await
            .expect("count"),
        1
    );
    let by_user_name = Lookup::UserName(Match::Equal("markets".to_owned()));
    assert_eq!(
        groups::count(&mut house.q(), org, &by_user_name)
            .await
            .expect("count"),
        0
    );

    let cause = house.cause();
    let deleted = house
        .write(move |tx| {
            let cause = cause.clone();
            Box::pin(async move { groups::delete(tx, org, id, Some(3), &cause).await })
        })
        .await;
    assert_eq!(deleted.expect("deleted").version, 3);
    assert!(inside(house, id).await.is_empty());
    assert!(
        members::group_ids(&mut house.q(), org, ids[0])
            .await
            .expect("read")
            .is_empty()
    );
    let stone = tombstones::by_id(&mut house.q(), org, Kind::Group, id)
        .await
        .expect("read");
    assert_eq!(stone.expect("a tombstone").name, "Markets");
    let gone = house.store.write(adding(house, id, &ids)).await;
    assert!(matches!(gone, Err(Error::NotFound)));
}

pub(crate) async fn adding_notes_only_the_new(house: &House) {
    let sales = house.found("Sales").await.id;
    let ids = people(house, 4).await;
    let nobody: UserId = house.store.ambient().id();
    assert_eq!(add(house, sales, &ids[..2]).await.added, users(&ids[..2]));
    let after = changes::head(&house.store, house.org, 0).await.expect("head");
    let result = add(house, sales, &[ids[3], ids[0], nobody, ids[3]]).await;
    assert_eq!(
        result,
        members::Added {
            added: vec![MemberId::User(ids[3])],
            unknown: vec![nobody.into()],
            circular: Vec::new(),
        }
    );
    let head = changes::head(&house.store, house.org, after).await.expect("head");
    let noted = changes::page(&mut house.q(), house.org, after, head, 10)
        .await
        .expect("a page");
    let [change] = noted.as_slice() else {
        panic!("one change: {noted:?}")
    };
    assert_eq!((change.kind, change.what), (Kind::Member, What::Added));
    assert_eq!(change.id_as::<GroupId>().expect("a group"), sales);
    assert_eq!(change.related_as::<UserId>().expect("a person"), ids[3]);
    assert_eq!(version(house, sales).await, 3);
    assert_eq!(add(house, sales, &ids[..2]).await, members::Added::default());
    assert_eq!(version(house, sales).await, 3, "nothing has changed");
    assert_eq!(
        changes::head(&house.store, house.org, head).await.expect("head"),
        head
    );

    let page = members::page(
        &mut house.q(),
        house.org,
        sales,
        None,
        Start::After(MemberId::User(ids[0])),
        1,
    )
    .await
    .expect("a page");
    let name = page[0].user_name.as_deref();
    assert_eq!(
        (page.len(), page[0].id, name),
        (1, MemberId::User(ids[1]), Some("person001"))
    );
    assert_eq!(
        members::count(&mut house.q(), house.org, sales, None)
            .await
            .expect("count"),
        3
    );
    assert!(
        members::contains(&mut house.q(), house.org, sales, ids[3])
            .await
            .expect("read")
    );
    assert!(
        !members::contains(&mut house.q(), house.org, sales, ids[2])
            .await
            .expect("read")
    );
    let of = members::of_users(&mut house.q(), house.org, &ids)
        .await
        .expect("read");
    assert_eq!(of.keys().copied().collect::<Vec<_>>(), [ids[0], ids[1], ids[3]]);
    assert_eq!(of[&ids[0]][0].display_name, "Sales");
}

pub(crate) async fn replacing_changes_the_difference(house: &House) {
    let sales = house.found("Sales").await.id;
    let ids = people(house, 5).await;
    add(house, sales, &ids[..3]).await;
    let (org, wanted, cause) = (house.org, vec![ids[4], ids[2], ids[3]], house.cause());
    let replaced = house
        .write(move |tx| {
            let (wanted, cause) = (wanted.clone(), cause.clone());
            Box::pin(async move { members::replace(tx, org, sales, &wanted, &cause).await })
        })
        .await
        .expect("replaced");
    assert_eq!(replaced.added, users(&ids[3..5]));
    assert_eq!(replaced.removed, users(&ids[..2]));
    assert_eq!(inside(house, sales).await, ids[2..5]);
    assert_eq!(version(house, sales).await, 3, "raised once");
    let (gone, cause) = (vec![ids[2], ids[0]], house.cause());
    let removed = house
        .write(move |tx| {
            let (gone, cause) = (gone.clone(), cause.clone());
            Box::pin(async move { members::remove(tx, org, sales, &gone, &cause).await })
        })
        .await;
    assert_eq!(removed.expect("removed"), users(&[ids[2]]));
    let cause = house.cause();
    let cleared = house
        .write(move |tx| {
            let cause = cause.clone();
            Box::pin(async move { members::clear(tx, org, sales, None, &cause).await })
        })
        .await;
    assert_eq!(cleared.expect("cleared"), users(&ids[3..5]));
}

pub(crate) async fn members_added_concurrently(house: &House) {
    let sales = house.found("Sales").await.id;
    let ids = people(house, 40).await;
    let mut adds = Vec::new();
    for number in 0..16 {
        // Overlapping, half of them backwards.
        let mut some: Vec<UserId> = ids.iter().copied().cycle().skip(number * 7).take(20).collect();
        if number % 2 == 0 {
            some.reverse();
        }
        let (store, write) = (house.store.clone(), adding(house, sales, &some));
        adds.push(tokio::spawn(async move { store.write(write).await }));
    }
    let mut added = Vec::new();
    for add in adds {
        added.extend(add.await.expect("no panic").expect("added").added);
    }
    added.sort_unstable();
    assert_eq!(added, users(&ids), "each was added by exactly one");
    assert_eq!(inside(house, sales).await, ids);
}

pub(crate) async fn a_deleted_person_leaves_all_groups(house: &House) {
    let ids = people(house, 2).await;
    let (one, two) = (house.found("One").await.id, house.found("Two").await.id);
    add(house, one, &ids).await;
    add(house, two, &ids[..1]).await;
    let after = changes::head(&house.store, house.org, 0).await.expect("head");
    house.fire(ids[0]).await.expect("deleted");
    assert_eq!(inside(house, one).await, ids[1..]);
    assert_eq!((version(house, one).await, version(house, two).await), (3, 3));
    let head = changes::head(&house.store, house.org, after).await.expect("head");
    let noted = changes::page(&mut house.q(), house.org, after, head, 10)
        .await
        .expect("a page");
    let told: Vec<(Kind, What)> = noted.iter().map(|change| (change.kind, change.what)).collect();
    let removed = (Kind::Member, What::Removed);
    assert_eq!(told, [removed, removed, (Kind::User, What::Deleted)]);
}

pub(crate) async fn adding_and_deleting_race(house: &House) {
    let sales = house.found("Sales").await.id;
    for id in people(house, 12).await {
        let ids = [id];
        let (added, deleted) = tokio::join!(add(house, sales, &ids), house.fire(id));
        deleted.expect("deleted");
        assert_eq!(added.added.len() + added.unknown.len(), 1);
    }
    assert!(inside(house, sales).await.is_empty(), "nobody is left behind");
}

pub(crate) async fn the_work_does_not_grow_with_the_group(house: &House) {
    let ids = people(house, 120).await;
    let (small, large) = (house.found("Small").await.id, house.found("Large").await.id);
    add(house, small, &ids[..2]).await;
    add(house, large, &ids[..119]).await;
    let mut work = Vec::new();
    for group in [small, large] {
        let before = house.store.stats();
        add(house, group, &ids[119..]).await;
        let after = house.store.stats();
        work.push((after.statements - before.statements, after.rows - before.rows));
    }
    assert_eq!(work[0], work[1]);
}
