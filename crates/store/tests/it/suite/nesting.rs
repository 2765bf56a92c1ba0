//! Groups within groups.

use base::{GroupId, SubjectId, UserId};
use store::changes::{self, Change, Kind, What};
use store::members::{Added, MemberId, MemberRef, Nesting, SubjectKind};
use store::{Error, Start, groups, members};

use crate::house::{Closure, House};

fn adding(house: &House, group: GroupId, refs: &[MemberRef]) -> Closure<Added> {
    let (org, refs, cause) = (house.org, refs.to_vec(), house.cause());
    Closure::new(move |tx| {
        let (refs, cause) = (refs.clone(), cause.clone());
        Box::pin(async move { members::add(tx, org, group, &refs, &cause).await })
    })
}

async fn add(house: &House, group: GroupId, refs: &[MemberRef]) -> Added {
    house
        .store
        .write(adding(house, group, refs))
        .await
        .expect("added")
}

/// Puts one group into another.
async fn nest(house: &House, outer: GroupId, inner: GroupId) {
    let added = add(house, outer, &[inner.into()]).await;
    assert_eq!(added.added, [MemberId::Group(inner)]);
}

async fn teams<const N: usize>(house: &House) -> [GroupId; N] {
    let mut ids = Vec::new();
    for number in 0..N {
        ids.push(house.found(&format!("Team {number}")).await.id);
    }
    ids.try_into().expect("as many")
}

async fn person(house: &House, name: &str) -> UserId {
    house.hire(name).await.expect("hired").id
}

async fn inside(house: &House, group: GroupId) -> Vec<MemberId> {
    let page = members::page(&mut house.q(), house.org, group, None, Start::FIRST, 1_000).await;
    page.expect("members")
        .into_iter()
        .map(|member| member.id)
        .collect()
}

async fn head(house: &House) -> i64 {
    changes::head(&house.store, house.org, 0).await.expect("a head")
}

async fn noted(house: &House, after: i64) -> Vec<Change> {
    let head = changes::head(&house.store, house.org, after)
        .await
        .expect("a head");
    let page = changes::page(&mut house.q(), house.org, after, head, 100).await;
    page.expect("a page")
}

/// An id of which it is not said what it is.
fn either(id: impl Into<SubjectId>) -> MemberRef {
    MemberRef {
        id: id.into(),
        kind: None,
    }
}

pub(crate) async fn people_and_groups_are_members(house: &House) {
    let [all, sales, lab] = teams(house).await;
    let anna = person(house, "anna").await;
    let before = head(house).await;
    let added = add(
        house,
        all,
        &[either(anna), either(sales), lab.into(), either(lab)],
    )
    .await;
    let expected = [MemberId::Group(sales), MemberId::Group(lab), MemberId::User(anna)];
    assert_eq!(added.added, expected);
    assert_eq!((added.unknown, added.circular), (vec![], vec![]));
    assert_eq!(inside(house, all).await, expected, "groups before people");
    let told: Vec<_> = noted(house, before)
        .await
        .iter()
        .map(|change| (change.kind, change.what, change.related_as().expect("an id")))
        .collect();
    let subject = |id: MemberId| id.subject();
    assert_eq!(
        told,
        [
            (Kind::MemberGroup, What::Added, subject(expected[0])),
            (Kind::MemberGroup, What::Added, subject(expected[1])),
            (Kind::Member, What::Added, subject(expected[2])),
        ]
    );
    let page = |after: Option<MemberId>| async move {
        let start = after.map_or(Start::FIRST, Start::After);
        let page = members::page(&mut house.q(), house.org, all, None, start, 1).await;
        page.expect("a page").pop()
    };
    let first = page(None).await.expect("a member");
    assert_eq!((first.name(), first.user_name.as_deref()), ("Team 1", None));
    let third = page(Some(expected[1])).await.expect("a member");
    assert_eq!(
        (third.name(), third.user_name.as_deref()),
        ("Display anna", Some("anna"))
    );
    assert_eq!(page(Some(expected[2])).await, None);
    let (org, mut q) = (house.org, house.q());
    assert_eq!(
        members::user_ids(&mut q, org, all, None, 9).await.expect("ids"),
        [anna]
    );
    for (kind, expected) in [
        (None, &expected[..]),
        (Some(SubjectKind::Group), &expected[..2]),
        (Some(SubjectKind::User), &expected[2..]),
    ] {
        let count = members::count(&mut q, org, all, kind).await;
        assert_eq!(count.expect("count"), expected.len() as u64);
        let mut found = Vec::new();
        let mut start = Start::FIRST;
        while let Some(next) = members::page(&mut q, org, all, kind, start, 1)
            .await
            .expect("a page")
            .pop()
        {
            start = Start::After(next.id);
            found.push(next.id);
        }
        assert_eq!(found, expected, "{kind:?}");
        let second = members::page(&mut q, org, all, kind, Start::Offset(1), 9).await;
        let second: Vec<MemberId> = second.expect("a page").iter().map(|one| one.id).collect();
        assert_eq!(second, expected[1..], "{kind:?}");
    }
    assert!(members::contains(&mut q, org, all, lab).await.expect("read"));
    assert!(!members::contains(&mut q, org, lab, all).await.expect("read"));
    assert_eq!(members::group_ids(&mut q, org, lab).await.expect("ids"), [all]);

    let cause = house.cause();
    let cleared = house.write(move |tx| {
        let cause = cause.clone();
        Box::pin(async move { members::clear(tx, org, all, Some(SubjectKind::Group), &cause).await })
    });
    assert_eq!(cleared.await.expect("cleared"), expected[..2]);
    assert_eq!(inside(house, all).await, expected[2..]);
}

pub(crate) async fn a_kind_that_contradicts_is_nobody(house: &House) {
    let [all, sales] = teams(house).await;
    let anna = person(house, "anna").await;
    let user = |id: SubjectId| MemberRef {
        id,
        kind: Some(SubjectKind::User),
    };
    let group = |id: SubjectId| MemberRef {
        id,
        kind: Some(SubjectKind::Group),
    };
    let wrong = [user(sales.into()), group(anna.into())];
    for round in 0..2 {
        let mut unknown = add(house, all, &wrong).await.unknown;
        unknown.sort_unstable();
        let mut expected = wrong.to_vec();
        expected.sort_unstable();
        assert_eq!(unknown, expected, "round {round}: also of those who are members");
        add(house, all, &[either(sales), either(anna)]).await;
    }
    let (org, cause) = (house.org, house.cause());
    let removed = house.write(move |tx| {
        let cause = cause.clone();
        Box::pin(async move {
            let wrong = members::remove(tx, org, all, &wrong, &cause).await?;
            let right = members::remove(tx, org, all, &[user(anna.into()), either(sales)], &cause).await?;
            Ok((wrong, right.len()))
        })
    });
    assert_eq!(removed.await.expect("removed"), (vec![], 2));
}

pub(crate) async fn groups_of_people_through_groups(house: &House) {
    // company ⊃ {sales, lab} ⊃ team, and anna in team and lab; berta only in the company.
    let [company, sales, lab, team] = teams(house).await;
    for (outer, inner) in [(company, sales), (company, lab), (sales, team), (lab, team)] {
        nest(house, outer, inner).await;
    }
    let (anna, berta, carla) = (
        person(house, "anna").await,
        person(house, "berta").await,
        person(house, "carla").await,
    );
    add(house, team, &[anna.into()]).await;
    add(house, lab, &[anna.into()]).await;
    add(house, company, &[berta.into()]).await;
    let before = house.store.stats().statements;
    let of = members::of_users(&mut house.q(), house.org, &[carla, anna, berta, anna]).await;
    let of = of.expect("read");
    assert_eq!(house.store.stats().statements - before, 2, "however many people");
    let groups =
        |user| -> Vec<(GroupId, Nesting)> { of[&user].iter().map(|one| (one.group, one.nesting)).collect() };
    assert_eq!(
        groups(anna),
        [
            (lab, Nesting::Direct),
            (team, Nesting::Direct),
            (company, Nesting::Indirect),
            (sales, Nesting::Indirect)
        ]
    );
    assert_eq!(groups(berta), [(company, Nesting::Direct)]);
    assert_eq!(of.len(), 2, "who is in none is absent");
    assert_eq!(of[&anna][2].display_name, "Team 0");
    let before = house.store.stats().statements;
    members::of_users(&mut house.q(), house.org, &[berta])
        .await
        .expect("read");
    assert_eq!(
        house.store.stats().statements - before,
        1,
        "nothing is above the company"
    );
}

pub(crate) async fn a_deleted_group_leaves_all_groups(house: &House) {
    let [company, sales, team] = teams(house).await;
    nest(house, company, sales).await;
    nest(house, sales, team).await;
    let anna = person(house, "anna").await;
    add(house, sales, &[anna.into()]).await;
    let before = head(house).await;
    let (org, cause) = (house.org, house.cause());
    let deleted = house.write(move |tx| {
        let cause = cause.clone();
        Box::pin(async move { groups::delete(tx, org, sales, None, &cause).await })
    });
    deleted.await.expect("deleted");
    assert!(inside(house, company).await.is_empty());
    let parent = groups::by_id(&mut house.q(), org, company).await.expect("read");
    assert_eq!(
        parent.expect("there").version,
        3,
        "a member less is a new version"
    );
    let groups_of = members::group_ids(&mut house.q(), org, team).await;
    assert!(groups_of.expect("read").is_empty());
    let told: Vec<_> = noted(house, before)
        .await
        .iter()
        .map(|change| (change.kind, change.what, change.id_as().expect("a group")))
        .collect();
    assert_eq!(
        told,
        [
            (Kind::MemberGroup, What::Removed, sales),
            (Kind::Member, What::Removed, sales),
            (Kind::MemberGroup, What::Removed, company),
            (Kind::Group, What::Deleted, sales),
        ]
    );
}

pub(crate) async fn no_group_contains_itself(house: &House) {
    let [one, two, three, four] = teams(house).await;
    nest(house, one, two).await;
    nest(house, two, three).await;
    for (outer, inner) in [(one, one), (two, one), (three, one), (three, two), (three, three)] {
        let refused = add(house, outer, &[inner.into()]).await;
        assert_eq!((refused.added, refused.circular), (vec![], vec![inner]));
    }
    // More ways than one to the same group are no circle.
    for outer in [one, four] {
        nest(house, outer, three).await;
        let refused = add(house, three, &[outer.into()]).await;
        assert_eq!(refused.circular, [outer]);
        let (org, cause) = (house.org, house.cause());
        let removed = house.write(move |tx| {
            let cause = cause.clone();
            Box::pin(async move { members::remove(tx, org, outer, &[three], &cause).await })
        });
        assert_eq!(removed.await.expect("removed"), [MemberId::Group(three)]);
    }
    let (org, cause) = (house.org, house.cause());
    let replaced = house.write(move |tx| {
        let cause = cause.clone();
        Box::pin(async move { members::replace(tx, org, three, &[four, one], &cause).await })
    });
    let replaced = replaced.await.expect("run");
    assert_eq!(
        (replaced.added, replaced.circular),
        (vec![MemberId::Group(four)], vec![one])
    );
}

pub(crate) async fn two_halves_of_a_circle_race(house: &House) {
    for round in 0..12 {
        let [one, two, three] = teams(house).await;
        nest(house, two, three).await;
        // Each alone is fine; together they would be a circle over three groups.
        let (left, right) = (
            adding(house, one, &[two.into()]),
            adding(house, three, &[one.into()]),
        );
        let (left, right) = tokio::join!(house.store.write(left), house.store.write(right));
        let (left, right) = (left.expect("run"), right.expect("run"));
        assert_eq!(left.added.len() + right.added.len(), 1, "round {round}");
        assert_eq!(left.circular.len() + right.circular.len(), 1, "round {round}");
    }
}

pub(crate) async fn nesting_and_deleting_race(house: &House) {
    for round in 0..12 {
        let [outer, inner] = teams(house).await;
        let (org, cause) = (house.org, house.cause());
        let delete = house.write(move |tx| {
            let cause = cause.clone();
            Box::pin(async move { groups::delete(tx, org, inner, None, &cause).await })
        });
        let add = house.store.write(adding(house, outer, &[either(inner)]));
        let (added, deleted) = tokio::join!(add, delete);
        deleted.expect("deleted");
        let added = added.expect("run");
        assert_eq!(added.added.len() + added.unknown.len(), 1, "round {round}");
        assert!(
            inside(house, outer).await.is_empty(),
            "round {round}: no member is left behind"
        );
        let read = groups::by_id(&mut house.q(), org, inner).await;
        assert_eq!(read.expect("read"), None);
        let gone = house.store.write(adding(house, inner, &[outer.into()])).await;
        assert!(matches!(gone, Err(Error::NotFound)));
    }
}
