//! One person: created, changed, deleted; names, versions, races.

use std::sync::Arc;

use base::OrgId;
use store::changes::Kind;
use store::users::User;
use store::{Attribute, Error, Key, Lookup, Match, tombstones, users};

use crate::house::{House, person};

pub(crate) async fn a_person_lives_and_dies(house: &House) {
    let anna = house.hire("Anna").await.expect("created");
    assert_eq!((anna.version, anna.user_name.as_str()), (1, "Anna"));
    let read = users::by_id(&mut house.q(), house.org, anna.id)
        .await
        .expect("read");
    assert_eq!(read.as_ref(), Some(&anna));

    let mut draft = person("Anna Marie");
    draft.active = false;
    let renamed = house.change(anna.id, Some(1), draft).await.expect("changed");
    assert_eq!(
        (renamed.version, renamed.active, renamed.created),
        (2, false, anna.created)
    );
    assert!(renamed.modified > anna.modified);
    let found = users::by_user_name(&mut house.q(), house.org, " ANNA MARIE ")
        .await
        .expect("read");
    assert_eq!(found.as_ref(), Some(&renamed));
    let before = users::by_user_name(&mut house.q(), house.org, "anna")
        .await
        .expect("read");
    assert_eq!(before, None);

    assert_eq!(house.fire(anna.id).await.expect("deleted"), renamed);
    assert_eq!(
        users::by_id(&mut house.q(), house.org, anna.id)
            .await
            .expect("read"),
        None
    );
    assert_eq!(
        users::count(&mut house.q(), house.org, &Lookup::All)
            .await
            .expect("count"),
        0
    );
    let stone = tombstones::by_id(&mut house.q(), house.org, Kind::User, anna.id)
        .await
        .expect("read");
    let stone = stone.expect("a tombstone");
    assert_eq!(
        (stone.name, stone.doc, stone.version),
        (renamed.user_name, renamed.doc, 2)
    );

    assert!(matches!(house.fire(anna.id).await, Err(Error::NotFound)));
    assert!(matches!(
        house.change(anna.id, Some(2), person("x")).await,
        Err(Error::NotFound)
    ));
    house.hire("anna marie").await.expect("the name is free again");
    let (org, later) = (house.org, house.store.ambient().now());
    let pruned = house
        .write(move |tx| Box::pin(tombstones::prune(tx, org, later, 100)))
        .await;
    assert_eq!(pruned.expect("pruned"), 1);
}

pub(crate) async fn every_spelling_of_a_user_name_is_taken(house: &House) {
    house.hire("Straße").await.expect("created");
    for name in ["STRASSE", "straße", "  Strasse"] {
        let Err(Error::Conflict { what }) = house.hire(name).await else {
            panic!("{name} is taken")
        };
        assert_eq!(what, "user_name");
    }
    let other = house.hire("Gasse").await.expect("created");
    let renamed = house.change(other.id, None, person("strasse")).await;
    assert!(matches!(renamed, Err(Error::Conflict { what }) if what == "user_name"));
    let unchanged = users::by_id(&mut house.q(), house.org, other.id)
        .await
        .expect("read");
    assert_eq!(unchanged, Some(other));
}

pub(crate) async fn of_two_updates_with_one_version_one_wins(house: &House) {
    let anna = house.hire("anna").await.expect("created");
    for round in 1..=10 {
        let one = house.change(anna.id, Some(round), person("anna"));
        let two = house.change(anna.id, Some(round), person("anna"));
        let results = tokio::join!(one, two);
        let (won, lost) = match results {
            (Ok(won), Err(lost)) | (Err(lost), Ok(won)) => (won, lost),
            both => panic!("one wins: {both:?}"),
        };
        assert_eq!(won.version, round + 1);
        assert!(
            matches!(lost, Error::VersionMismatch { current } if current == round + 1),
            "{lost}"
        );
    }
}

/// Replaces somebody as he or she was read, with index rows looked up or known.
async fn replace(
    house: &House,
    read: &User,
    keys: Option<Vec<Key>>,
    draft: users::Draft,
) -> Result<User, Error> {
    let (org, read, cause) = (house.org, read.clone(), house.cause());
    house
        .write(move |tx| {
            let (read, keys, draft, cause) = (read.clone(), keys.clone(), draft.clone(), cause.clone());
            Box::pin(async move {
                let known = users::Known {
                    user: &read,
                    keys: keys.as_deref(),
                };
                users::replace(tx, org, known, &draft, &cause).await
            })
        })
        .await
}

pub(crate) async fn who_is_not_as_read_is_not_replaced(house: &House) {
    let anna = house.hire("anna").await.expect("created");
    for round in 1..=10 {
        let read = users::by_id(&mut house.q(), house.org, anna.id).await;
        let read = read.expect("read").expect("there");
        let known = (round % 2 == 0).then(|| person("anna").keys);
        let one = replace(house, &read, known.clone(), person("anna"));
        let two = replace(house, &read, known, person("anna"));
        let (won, lost) = match tokio::join!(one, two) {
            (Ok(won), Err(lost)) | (Err(lost), Ok(won)) => (won, lost),
            both => panic!("one wins: {both:?}"),
        };
        assert!(matches!(lost, Error::Overtaken), "{lost}");
        let stored = users::by_id(&mut house.q(), house.org, anna.id).await;
        assert_eq!(stored.expect("read"), Some(won));
    }
    let read = users::by_id(&mut house.q(), house.org, anna.id).await;
    house.fire(anna.id).await.expect("gone");
    let gone = replace(house, &read.expect("read").expect("there"), None, person("anna")).await;
    assert!(matches!(gone, Err(Error::Overtaken)));
    assert_eq!(house.hire("anna").await.expect("nothing is left").version, 1);
}

pub(crate) async fn known_index_rows_become_those_wanted(house: &House) {
    let anna = house.hire("anna").await.expect("created");
    let wanted = users::Draft {
        keys: vec![
            Key::new(Attribute::Email, "new@example.com"),
            Key::new(Attribute::DisplayName, "anna"),
        ],
        ..person("anna")
    };
    let renamed = replace(house, &anna, Some(person("anna").keys), wanted.clone()).await;
    let renamed = renamed.expect("replaced");
    for key in wanted.keys.iter().chain(&person("anna").keys) {
        let lookup = Lookup::Key(key.attribute, Match::Equal(key.value.clone()));
        let found = users::count(&mut house.q(), house.org, &lookup)
            .await
            .expect("counted");
        assert_eq!(found, u64::from(wanted.keys.contains(key)), "{key:?}");
    }
    replace(house, &renamed, None, person("anna"))
        .await
        .expect("replaced");
    for key in &person("anna").keys {
        let lookup = Lookup::Key(key.attribute, Match::Equal(key.value.clone()));
        assert_eq!(
            users::count(&mut house.q(), house.org, &lookup)
                .await
                .expect("counted"),
            1
        );
    }
}

pub(crate) async fn of_sixteen_creates_of_one_name_one_wins(house: &House) {
    let store = Arc::new(house.store.clone());
    let creates = (0..16).map(|number| {
        let name = if number % 2 == 0 { "anna" } else { "ANNA" };
        let write = create(house, name);
        let store = Arc::clone(&store);
        tokio::spawn(async move { store.write(write).await })
    });
    let mut won = 0;
    for create in creates.collect::<Vec<_>>() {
        match create.await.expect("no panic") {
            Ok(_) => won += 1,
            Err(Error::Conflict { what }) => assert_eq!(what, "user_name"),
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(won, 1);
    assert_eq!(
        users::count(&mut house.q(), house.org, &Lookup::All)
            .await
            .expect("count"),
        1
    );
}

fn create(house: &House, name: &str) -> crate::house::Closure<User> {
    let (org, id, draft, cause) = (house.org, house.store.ambient().id(), person(name), house.cause());
    crate::house::Closure::new(move |tx| {
        let (draft, cause) = (draft.clone(), cause.clone());
        Box::pin(async move { users::insert(tx, org, id, &draft, &cause).await })
    })
}

pub(crate) async fn organizations_do_not_see_each_other(house: &House) {
    let anna = house.hire("anna").await.expect("created");
    let other: OrgId = house.store.ambient().id();
    house.new_org(other, "Other").await;
    assert_eq!(
        users::by_id(&mut house.q(), other, anna.id).await.expect("read"),
        None
    );
    assert_eq!(
        users::by_user_name(&mut house.q(), other, "anna")
            .await
            .expect("read"),
        None
    );
    assert_eq!(
        users::count(&mut house.q(), other, &Lookup::All)
            .await
            .expect("count"),
        0
    );
    let (cause, id) = (house.cause(), anna.id);
    let deleted = house
        .write(move |tx| {
            let cause = cause.clone();
            Box::pin(async move { users::delete(tx, other, id, None, &cause).await })
        })
        .await;
    assert!(matches!(deleted, Err(Error::NotFound)));
    // The same id and name there are another person.
    let cause = house.cause();
    let twin = house
        .write(move |tx| {
            let cause = cause.clone();
            Box::pin(async move { users::insert(tx, other, id, &person("anna"), &cause).await })
        })
        .await;
    twin.expect("no conflict across organizations");
}

pub(crate) async fn a_swap_of_user_names_needs_a_third(house: &House) {
    let (a, b) = (
        house.hire("a").await.expect("created"),
        house.hire("b").await.expect("created"),
    );
    let (org, cause) = (house.org, house.cause());
    let swapped = house
        .write(move |tx| {
            let cause = cause.clone();
            Box::pin(async move {
                users::update(tx, org, a.id, None, &person("third"), &cause).await?;
                users::update(tx, org, b.id, None, &person("a"), &cause).await?;
                users::update(tx, org, a.id, None, &person("b"), &cause).await
            })
        })
        .await;
    assert_eq!(swapped.expect("in one write").version, 3);
    let found = users::by_user_name(&mut house.q(), org, "a")
        .await
        .expect("read")
        .expect("there");
    assert_eq!(found.id, b.id);
}
