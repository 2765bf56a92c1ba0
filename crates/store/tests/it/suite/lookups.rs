//! Lists and look-ups: pages, canonical values, ranges of time.

use std::time::Duration;

use base::UserId;
use store::users::User;
use store::{Amount, Attribute, Direction, Key, Lookup, Match, SortBy, Start, users};

use crate::house::{House, person};

async fn names(house: &House, lookup: &Lookup, start: Start<UserId>, limit: u32) -> Vec<String> {
    let page = users::page(&mut house.q(), house.org, lookup, start, limit)
        .await
        .expect("a page");
    page.into_iter().map(|user| user.user_name).collect()
}

async fn every(house: &House, lookup: &Lookup) -> Vec<String> {
    let mut names = names(house, lookup, Start::FIRST, 1000).await;
    let count = users::count(&mut house.q(), house.org, lookup)
        .await
        .expect("a count");
    assert_eq!(count, names.len() as u64, "{lookup:?}");
    names.sort_unstable();
    names
}

pub(crate) async fn all_in_pages(house: &House) {
    for number in 0..25 {
        house.hire(&format!("user{number:02}")).await.expect("created");
    }
    let mut seen = Vec::new();
    let mut start = Start::FIRST;
    loop {
        let page = users::page(&mut house.q(), house.org, &Lookup::All, start, 10)
            .await
            .expect("a page");
        let Some(last) = page.last() else { break };
        start = Start::After(last.id);
        seen.extend(page.into_iter().map(|user| user.user_name));
    }
    assert_eq!(
        seen,
        (0..25)
            .map(|number| format!("user{number:02}"))
            .collect::<Vec<_>>()
    );
    assert_eq!(
        names(house, &Lookup::All, Start::Offset(23), 10).await,
        ["user23", "user24"]
    );
    assert!(names(house, &Lookup::All, Start::Offset(25), 10).await.is_empty());
    assert!(names(house, &Lookup::All, Start::FIRST, 0).await.is_empty());
}

pub(crate) async fn equal_and_prefix(house: &House) {
    for name in ["Anna", "Annabel", "Bert", "ann%", "Zoë"] {
        house.hire(name).await.expect("created");
    }
    let equal = |text: &str| Match::Equal(text.to_owned());
    let prefix = |text: &str| Match::Prefix(text.to_owned());
    for (lookup, expected) in [
        (Lookup::UserName(equal("anna")), vec!["Anna"]),
        (Lookup::UserName(equal("Anna")), vec![]),
        (Lookup::UserName(prefix("ann")), vec!["Anna", "Annabel", "ann%"]),
        (Lookup::UserName(prefix("ann%")), vec!["ann%"]),
        (Lookup::UserName(prefix("zo")), vec!["Zoë"]),
        (
            Lookup::UserName(prefix("")),
            vec!["Anna", "Annabel", "Bert", "Zoë", "ann%"],
        ),
        (Lookup::Key(Attribute::ExternalId, equal("X-Bert")), vec!["Bert"]),
        (Lookup::Key(Attribute::ExternalId, equal("x-bert")), vec![]),
        (Lookup::Key(Attribute::Email, equal("bert@home")), vec!["Bert"]),
        // Both of Bert's addresses begin so: he is found once.
        (Lookup::Key(Attribute::Email, prefix("bert@")), vec!["Bert"]),
        (Lookup::Key(Attribute::DisplayName, prefix("")), vec![]),
    ] {
        assert_eq!(every(house, &lookup).await, expected, "{lookup:?}");
    }
    let first = names(house, &Lookup::UserName(prefix("ann")), Start::FIRST, 1).await;
    let rest = names(house, &Lookup::UserName(prefix("ann")), Start::Offset(1), 9).await;
    assert_eq!(
        (first, rest),
        (
            vec!["Anna".to_owned()],
            vec!["Annabel".to_owned(), "ann%".to_owned()]
        )
    );
}

pub(crate) async fn keys_follow_changes(house: &House) {
    let anna = house.hire("anna").await.expect("created");
    let by = |value: &str| Lookup::Key(Attribute::ExternalId, Match::Equal(value.to_owned()));
    let mut draft = person("anna");
    draft.keys[0] = Key::new(Attribute::ExternalId, "X-new");
    // A value that is given twice is one.
    draft.keys.push(draft.keys[0].clone());
    house.change(anna.id, None, draft).await.expect("changed");
    assert!(every(house, &by("X-anna")).await.is_empty());
    assert_eq!(every(house, &by("X-new")).await, ["anna"]);
    let mut draft = person("anna");
    draft.keys.clear();
    house.change(anna.id, None, draft).await.expect("changed");
    assert!(every(house, &by("X-new")).await.is_empty());
    house
        .change(anna.id, None, person("anna"))
        .await
        .expect("changed");
    house.fire(anna.id).await.expect("deleted");
    assert!(every(house, &by("X-anna")).await.is_empty());
}

/// Only what differs is written, however many values there are.
pub(crate) async fn many_keys_of_one_person(house: &House) {
    let anna = house.hire("anna").await.expect("created");
    let email = |number: usize| Key::new(Attribute::Email, format!("anna{number}@example.com"));
    let mut draft = person("anna");
    draft.keys = (0..1_000).map(email).collect();
    house.change(anna.id, None, draft.clone()).await.expect("changed");
    draft.keys.swap_remove(500);
    draft.keys.push(email(5_000));
    house.change(anna.id, None, draft.clone()).await.expect("changed");
    let by = |number| Lookup::Key(Attribute::Email, Match::Equal(email(number).value));
    for (number, found) in [(0, true), (499, true), (500, false), (999, true), (5_000, true)] {
        assert_eq!(!every(house, &by(number)).await.is_empty(), found, "{number}");
    }
    let prefix = Lookup::Key(Attribute::Email, Match::Prefix("anna".to_owned()));
    assert_eq!(every(house, &prefix).await, ["anna"]);
}

pub(crate) async fn modified_ranges(house: &House) {
    house.hire("early").await.expect("created");
    house.clock.advance(Duration::from_mins(1));
    let middle = house.store.ambient().now();
    let late = house.hire("late").await.expect("created");
    for (from, until, expected) in [
        (None, None, vec!["early", "late"]),
        (Some(middle), None, vec!["late"]),
        (None, Some(middle), vec!["early"]),
        (Some(late.modified), None, vec!["late"]),
        (None, Some(late.modified), vec!["early"]),
    ] {
        assert_eq!(every(house, &Lookup::Modified { from, until }).await, expected);
    }
}

pub(crate) async fn many_ids_at_once(house: &House) {
    let mut ids = Vec::new();
    for number in 0..20 {
        ids.push(house.hire(&format!("u{number}")).await.expect("created").id);
    }
    let nobody: UserId = house.store.ambient().id();
    let mut asked = ids.clone();
    asked.extend([nobody, ids[3]]);
    asked.extend(std::iter::repeat_n(ids[0], 500));
    asked.reverse();
    let found = users::by_ids(&mut house.q(), house.org, &asked)
        .await
        .expect("read");
    assert_eq!(found.iter().map(|user| user.id).collect::<Vec<_>>(), ids);
    assert!(
        users::by_ids(&mut house.q(), house.org, &[])
            .await
            .expect("read")
            .is_empty()
    );
}

/// Ten people; every third one has a document of 10,000 bytes.
async fn some_large(house: &House) -> Vec<UserId> {
    let mut ids = Vec::new();
    for number in 0..10 {
        let user = house.hire(&format!("user{number:02}")).await.expect("created");
        let mut draft = person(&user.user_name);
        if number % 3 == 0 {
            draft.doc = format!("{{\"title\":\"{}\"}}", "x".repeat(9_988));
        }
        house.change(user.id, None, draft).await.expect("changed");
        ids.push(user.id);
    }
    ids
}

pub(crate) async fn bounded_in_bytes(house: &House) {
    let (ids, mut q) = (some_large(house).await, house.q());
    for (bytes, rows) in [
        (1, 10),
        (5_000, 3),
        (10_000, 10),
        (25_000, 10),
        (25_000, 1),
        (1 << 20, 4),
    ] {
        let amount = Amount { rows, bytes };
        let within = |users: &[User]| {
            let size = |users: &[User]| users.iter().map(|user| user.doc.len() as u64).sum::<u64>();
            assert!(!users.is_empty() && users.len() <= rows as usize, "{amount:?}");
            assert!(
                size(&users[..users.len() - 1]) < bytes,
                "{amount:?}: the last one may be too much"
            );
        };
        let (mut seen, mut start) = (Vec::new(), Start::FIRST);
        loop {
            let portion = users::portion(&mut q, house.org, &Lookup::All, start, amount);
            let portion = portion.await.expect("a portion");
            seen.extend(portion.items.iter().map(|user| user.id));
            let Some(last) = portion.rest else { break };
            within(&portion.items);
            start = Start::After(last);
        }
        assert_eq!(seen, ids, "{amount:?}");
        let (mut seen, mut start) = (Vec::new(), Start::FIRST);
        loop {
            let (by, down) = (SortBy::UserName, Direction::Descending);
            let portion = users::sorted(&mut q, house.org, by, down, &start, amount);
            let portion = portion.await.expect("a portion");
            let people: Vec<User> = portion.items.into_iter().map(|(_, user)| user).collect();
            seen.extend(people.iter().map(|user| user.id));
            let Some(last) = portion.rest else { break };
            within(&people);
            start = Start::After(last);
        }
        seen.reverse();
        assert_eq!(seen, ids, "{amount:?}");
        let asked: Vec<UserId> = ids.iter().rev().copied().collect();
        let (mut seen, mut from) = (Vec::new(), 0);
        loop {
            let portion = users::portion_by_ids(&mut q, house.org, &asked[from..], amount);
            let portion = portion.await.expect("a portion");
            within(&portion.items);
            seen.extend(portion.items.iter().map(|user| user.id));
            let Some(gone_through) = portion.rest else { break };
            from += gone_through;
        }
        assert_eq!(seen, asked, "{amount:?}: in the order given");
    }
}
