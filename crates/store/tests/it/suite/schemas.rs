//! Schemas of an organization's own, and values that only one resource may have.

use base::{SchemaId, SubjectId, UserId};
use store::changes::{self, Kind, What};
use store::schemas::{self, Draft};
use store::unique_values::{self, UniqueValue};
use store::{Error, tokens, users};

use crate::house::{House, person};

fn draft(doc: &str) -> Draft {
    Draft {
        kind: Kind::User,
        required: false,
        doc: doc.to_owned(),
    }
}

async fn revision(house: &House) -> i64 {
    schemas::revision(&mut house.q(), house.org).await.expect("read")
}

pub(crate) async fn every_change_raises_the_revision(house: &House) {
    let (org, cause, id) = (house.org, house.cause(), house.store.ambient().id::<SchemaId>());
    assert_eq!(
        schemas::all(&mut house.q(), org).await.expect("read"),
        (0, Vec::new())
    );
    let start = changes::head(&house.store, org, 0).await.expect("head");
    let (first, again) = (cause.clone(), cause.clone());
    let made = house
        .write(move |tx| {
            let cause = first.clone();
            Box::pin(async move { schemas::insert(tx, org, (id, "urn:X:User"), &draft("1"), &cause).await })
        })
        .await
        .expect("added");
    assert_eq!((made.version, revision(house).await), (1, 1));
    let twin = house.store.ambient().id::<SchemaId>();
    let taken = house
        .write(move |tx| {
            let cause = again.clone();
            Box::pin(async move { schemas::insert(tx, org, (twin, "urn:x:user"), &draft("2"), &cause).await })
        })
        .await;
    assert!(matches!(taken, Err(Error::Conflict { what }) if what == "urn"));
    let (second, third) = (cause.clone(), cause);
    let changed = house
        .write(move |tx| {
            let cause = second.clone();
            let draft = Draft {
                kind: Kind::Group,
                required: true,
                ..draft("3")
            };
            Box::pin(async move { schemas::update(tx, org, id, &draft, &cause).await })
        })
        .await
        .expect("changed");
    assert_eq!((changed.version, changed.created), (2, made.created));
    assert_eq!(
        schemas::all(&mut house.q(), org).await.expect("read"),
        (2, vec![changed])
    );
    let gone_twice = house
        .write(move |tx| {
            let cause = third.clone();
            Box::pin(async move {
                schemas::delete(tx, org, id, &cause).await?;
                Ok(schemas::delete(tx, org, id, &cause).await)
            })
        })
        .await;
    assert!(matches!(gone_twice, Ok(Err(Error::NotFound))));
    assert_eq!(
        schemas::all(&mut house.q(), org).await.expect("read"),
        (3, Vec::new())
    );
    let head = changes::head(&house.store, org, start).await.expect("head");
    let noted = changes::page(&mut house.q(), org, start, head, 10)
        .await
        .expect("a page");
    let told: Vec<_> = noted.iter().map(|change| (change.kind, change.what)).collect();
    assert_eq!(
        told,
        [What::Created, What::Updated, What::Deleted].map(|what| (Kind::Schema, what))
    );
    assert!(
        noted
            .iter()
            .all(|change| change.id_as::<SchemaId>().is_ok_and(|of| of == id))
    );
}

pub(crate) async fn a_token_brings_the_revision_along(house: &House) {
    let (org, cause) = (house.org, house.cause());
    let token = tokens::NewToken {
        id: house.store.ambient().id(),
        name: "t".to_owned(),
        owner: None,
        scopes: String::new(),
        expires: None,
        hash: vec![5; 32],
        grant: None,
    };
    house
        .write(move |tx| {
            let (token, cause) = (token.clone(), cause.clone());
            Box::pin(async move { tokens::insert(tx, org, &token, &cause).await })
        })
        .await
        .expect("a token");
    let shown = async || {
        let shown = tokens::presented(&mut house.q(), &[5; 32]).await.expect("read");
        shown.expect("there").revisions.schemas
    };
    assert_eq!(shown().await, 0);
    let (cause, id) = (house.cause(), house.store.ambient().id());
    house
        .write(move |tx| {
            let cause = cause.clone();
            Box::pin(async move { schemas::insert(tx, org, (id, "urn:x:User"), &draft("1"), &cause).await })
        })
        .await
        .expect("added");
    assert_eq!(shown().await, 1);
}

/// Writers that ask for the revision and a change of the schemas: whoever found the old one has committed before.
pub(crate) async fn a_change_waits_for_writers_and_they_for_it(house: &House) {
    const ROUNDS: usize = 5;
    let org = house.org;
    for round in 0..ROUNDS {
        let before = revision(house).await;
        let hire = async |number: usize| {
            let (cause, id) = (house.cause(), house.store.ambient().id::<UserId>());
            let draft = person(&format!("r{round}n{number}"));
            let hired = house.write(move |tx| {
                let (draft, cause) = (draft.clone(), cause.clone());
                Box::pin(async move {
                    schemas::require_revision(tx, org, before, || Error::refuse(Outdated)).await?;
                    users::insert(tx, org, id, &draft, &cause).await
                })
            });
            match hired.await {
                Ok(_) => true,
                Err(error) => {
                    error.refusal::<Outdated>().expect("the only reason");
                    false
                }
            }
        };
        let (cause, id) = (house.cause(), house.store.ambient().id());
        let change = house.write(move |tx| {
            let cause = cause.clone();
            Box::pin(async move {
                schemas::begin(tx, org).await?;
                let seen = users::count(tx, org, &store::Lookup::All).await?;
                let urn = format!("urn:x:r{round}:User");
                schemas::insert(tx, org, (id, &urn), &draft("1"), &cause).await?;
                Ok(seen)
            })
        });
        let already = users::count(&mut house.q(), org, &store::Lookup::All)
            .await
            .expect("read");
        let (hired, seen) = tokio::join!(futures_util::future::join_all((0..8).map(hire)), change);
        let of_old = hired.into_iter().filter(|current| *current).count() as u64;
        assert_eq!(seen.expect("changed"), already + of_old, "round {round}");
    }
}

#[derive(Debug, thiserror::Error)]
#[error("outdated")]
struct Outdated;

fn values(of: &[(&str, &str)]) -> Vec<UniqueValue> {
    of.iter()
        .map(|(attribute, value)| UniqueValue {
            attribute: (*attribute).to_owned(),
            value: (*value).to_owned(),
        })
        .collect()
}

async fn claim(house: &House, subject: SubjectId, of: &[(&str, &str)]) -> Option<UniqueValue> {
    let (org, wanted) = (house.org, values(of));
    let claimed = house.write(move |tx| {
        let wanted = wanted.clone();
        Box::pin(async move {
            match unique_values::claim(tx, org, subject, &wanted).await? {
                None => Ok(None),
                Some(taken) => Err(Error::refuse(Taken(taken))),
            }
        })
    });
    match claimed.await {
        Ok(none) => none,
        Err(error) => Some(error.refusal::<Taken>().expect("taken").0),
    }
}

#[derive(Debug, thiserror::Error)]
#[error("taken")]
struct Taken(UniqueValue);

pub(crate) async fn a_value_is_one_resources(house: &House) {
    let (anna, bert): (SubjectId, SubjectId) = (house.store.ambient().id(), house.store.ambient().id());
    assert_eq!(
        claim(house, anna, &[("a", "1"), ("a", "2"), ("b", "1")]).await,
        None
    );
    assert_eq!(
        claim(house, anna, &[("a", "2"), ("b", "1")]).await,
        None,
        "her own"
    );
    assert_eq!(
        claim(house, bert, &[("a", "1"), ("b", "2")]).await,
        None,
        "given up"
    );
    let taken = claim(house, bert, &[("a", "2"), ("c", "1")]).await;
    assert_eq!(taken, values(&[("a", "2")]).pop());
    assert_eq!(
        claim(house, anna, &[("a", "1")]).await,
        values(&[("a", "1")]).pop(),
        "still his"
    );
    let org = house.org;
    house
        .write(move |tx| {
            Box::pin(async move {
                unique_values::release(tx, org, bert).await?;
                unique_values::forget(tx, org, "b").await
            })
        })
        .await
        .expect("released");
    assert_eq!(claim(house, anna, &[("a", "1"), ("b", "1")]).await, None);
}

/// Values in opposite orders, given up and taken at once: nobody waits for ever, and each value is one resource's.
pub(crate) async fn claims_do_not_lock_each_other_out(house: &House) {
    let subjects: Vec<SubjectId> = (0..8).map(|_| house.store.ambient().id()).collect();
    for round in 0..4 {
        let contend = async |(number, subject): (usize, &SubjectId)| {
            let shared = [("a", "1"), ("a", "2"), ("b", "1"), ("b", "2")];
            let at = (number + round) % shared.len();
            claim(house, *subject, &[shared[at], shared[(at + 1) % shared.len()]]).await
        };
        futures_util::future::join_all(subjects.iter().enumerate().map(contend)).await;
        let rows = house
            .store
            .query(
                "SELECT attribute, value, COUNT(*) FROM unique_values WHERE org = ?1 GROUP BY attribute, value",
                &[house.org.into()],
            )
            .await
            .expect("read");
        assert!(rows.len() <= 4 && rows.iter().all(|row| row.count(2).is_ok_and(|count| count == 1)));
    }
}
