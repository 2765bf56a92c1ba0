//! Licences: that none is given twice, and who is next.

use base::{LicenceId, OrgId, UserId};
use store::licences::holdings::{self, Holding, State};
use store::licences::templates::{self, Scope};
use store::{Error, Lock, Tx, licences};

use crate::house::House;

async fn licence(house: &House, name: &'static str, total: Option<i64>) -> LicenceId {
    let (org, id) = (house.org, house.store.ambient().id::<LicenceId>());
    let made =
        house.write(move |tx| Box::pin(async move { licences::insert(tx, org, (id, name), total).await }));
    made.await.expect("a licence").id
}

/// Gives one if one is left, else puts the person in line, as the directory does.
async fn give(tx: &mut Tx<'_>, org: OrgId, id: LicenceId, user: UserId) -> Result<State, Error> {
    tx.lock(Lock::Feed(org)).await?;
    tx.lock(Lock::Licences(org)).await?;
    let mut licence = licences::by_id(tx, org, id).await?.ok_or(Error::NotFound)?;
    licence.tickets += 1;
    let state = if licence.left() == Some(0) {
        State::Waiting
    } else {
        licence.consumed += 1;
        State::Given
    };
    let holding = Holding {
        user,
        licence: id,
        state,
        sources: "direct".to_owned(),
        ticket: licence.tickets,
        reason: None,
        modified: tx.ambient().now(),
    };
    holdings::put(tx, org, &[holding]).await?;
    licences::count(tx, org, &[&licence]).await?;
    Ok(state)
}

pub(crate) async fn two_race_for_the_last_one(house: &House) {
    let org = house.org;
    for round in 0..8 {
        let name: &'static str = ["a", "b", "c", "d", "e", "f", "g", "h"][round];
        let id = licence(house, name, Some(1)).await;
        let one = house.hire(&format!("one-{round}")).await.expect("hired").id;
        let other = house.hire(&format!("other-{round}")).await.expect("hired").id;
        let give = |user| house.write(move |tx| Box::pin(give(tx, org, id, user)));
        let (first, second) = tokio::join!(give(one), give(other));
        let mut states = [first.expect("written"), second.expect("written")];
        states.sort_unstable();
        assert_eq!(states, [State::Given, State::Waiting]);
        let found = licences::by_id(&mut house.q(), org, id).await.expect("read");
        let found = found.expect("there");
        assert_eq!((found.consumed, found.tickets, found.left()), (1, 2, Some(0)));
        for state in [State::Given, State::Waiting] {
            let count = holdings::count(&mut house.q(), org, id, state).await;
            assert_eq!(count.expect("counted"), 1);
        }
    }
}

pub(crate) async fn the_first_in_line_is_first(house: &House) {
    let (org, id) = (house.org, licence(house, "Calling", Some(0)).await);
    let mut people = Vec::new();
    for name in ["anna", "bo", "carl"] {
        people.push(house.hire(name).await.expect("hired").id);
    }
    people.reverse();
    for user in people.clone() {
        let given = house.write(move |tx| Box::pin(give(tx, org, id, user)));
        assert_eq!(given.await.expect("written"), State::Waiting);
    }
    let line = holdings::first_in_line(&mut house.q(), org, id, 2)
        .await
        .expect("read");
    let line: Vec<_> = line.iter().map(|one| one.user).collect();
    assert_eq!(line, people[..2]);
    let page = holdings::page(&mut house.q(), org, (id, State::Waiting), Some(1), 10).await;
    let page: Vec<_> = page.expect("read").into_iter().map(|(_, name)| name).collect();
    assert_eq!(page, ["bo", "anna"]);
    // Whoever has none, or had one, is without.
    let without = holdings::without(&mut house.q(), org, None, 2)
        .await
        .expect("read");
    assert_eq!(without.len(), 2);
    let rest = holdings::without(&mut house.q(), org, Some(without[1].user), 2).await;
    assert_eq!(rest.expect("read").len(), 1);
    let gone = house.fire(people[0]).await;
    assert!(gone.is_err(), "somebody with licences is not deleted over them");
}

pub(crate) async fn every_change_of_what_is_given_raises_the_revision(house: &House) {
    let org = house.org;
    let revision = async || licences::known(&mut house.q(), org).await.expect("read").revision;
    assert_eq!(revision().await, 0);
    let id = licence(house, "Calling", None).await;
    assert_eq!(revision().await, 1);
    let put = house
        .write(move |tx| Box::pin(async move { templates::put(tx, org, Scope::Organization, &[id]).await }));
    assert_eq!(put.await.expect("put").licences, [id]);
    let known = licences::known(&mut house.q(), org).await.expect("read");
    assert_eq!((known.revision, known.licences, known.templates.len()), (2, 1, 1));
    let outdated = house.write(move |tx| {
        Box::pin(async move {
            licences::require_revision(tx, org, 1, || Error::Overtaken).await?;
            tx.lock(Lock::Licences(org)).await
        })
    });
    assert!(matches!(outdated.await, Err(Error::Overtaken)));
    let current = house.write(move |tx| {
        Box::pin(async move { licences::require_revisions(tx, org, (2, 0), || Error::Overtaken).await })
    });
    current.await.expect("as it is");
    let removed =
        house.write(move |tx| Box::pin(async move { templates::remove(tx, org, Scope::Organization).await }));
    assert!(removed.await.expect("removed"));
    assert_eq!(revision().await, 3);
}
