//! What is sealed, and sealing it anew under another key.

use std::collections::BTreeSet;
use std::time::Duration;

use base::{AppId, Field, Keyring, OrgId, Secret, UserId};
use store::outbox::{self, Draft};
use store::sealed::{self, PLACES, Place, Tally};
use store::target_tokens::{self, Given};
use store::{apps, factors};

use super::apps::app;
use crate::house::House;

fn field(org: OrgId, place: Place) -> Field {
    Field {
        org,
        name: place.field,
    }
}

struct Sealed {
    app: AppId,
    user: UserId,
}

/// One value in each place, and what it holds: the name of its column.
async fn everywhere(house: &House, ring: &Keyring) -> Sealed {
    let (org, cause) = (house.org, house.cause());
    let app = app(house, "Webex").await.expect("added");
    let user = house.hire("anna").await.expect("hired").id;
    let seal = |at: usize| {
        let (table, _) = PLACES[at].column;
        ring.seal(house.store.ambient(), field(org, PLACES[at]), &Secret::new(table))
    };
    let [credentials, token, secret, mail] = [0, 1, 2, 3].map(seal);
    let now = house.store.ambient().now();
    let until = now + Duration::from_mins(1);
    let written = house
        .write(move |tx| {
            let (credentials, secret, mail) = (credentials.clone(), secret.clone(), mail.clone());
            let given = Given {
                sealed: token.clone(),
                expires: None,
            };
            let cause = cause.clone();
            Box::pin(async move {
                apps::set_credentials(tx, org, app, &credentials, None, &cause).await?;
                target_tokens::take_turn(tx, org, app, now, until).await?;
                target_tokens::keep(tx, org, app, until, &given).await?;
                factors::set_authenticator(tx, org, user, &secret, 0, &cause).await?;
                let draft = Draft {
                    recipient: "anna@example.com".to_owned(),
                    subject: "Invitation".to_owned(),
                    text: "{secret}".to_owned(),
                };
                outbox::insert_with_secret(tx, org, &draft, &mail, &cause).await
            })
        })
        .await;
    written.expect("written");
    Sealed { app, user }
}

/// What opens, of each place.
async fn opened(house: &House, ring: &Keyring, at: &Sealed) -> Vec<String> {
    let org = house.org;
    let app = apps::by_id(&mut house.q(), org, at.app).await.expect("read");
    let token = target_tokens::read(&mut house.q(), org, at.app)
        .await
        .expect("read");
    let authenticator = factors::authenticator(&mut house.q(), org, at.user)
        .await
        .expect("read");
    let now = house.store.ambient().now();
    let mail = house
        .write(move |tx| Box::pin(async move { outbox::claim(tx, org, (now, now)).await }))
        .await
        .expect("claimed");
    let values = [
        app.and_then(|app| app.credentials),
        token.map(|token| token.sealed),
        authenticator.map(|authenticator| authenticator.secret),
        mail.and_then(|lease| lease.secret),
    ];
    let pairs = PLACES.into_iter().zip(values);
    pairs
        .filter_map(|(place, value)| ring.open(field(org, place), &value?).ok())
        .map(|secret| secret.expose().to_owned())
        .collect()
}

pub(crate) async fn everything_is_sealed_anew(house: &House) {
    let ambient = house.store.ambient().clone();
    let old = Keyring::generate(&ambient);
    let at = everywhere(house, &old).await;
    let all: Vec<_> = PLACES.iter().map(|place| place.column.0.to_owned()).collect();
    assert_eq!(opened(house, &old, &at).await, all);
    let ring = old.with_new(&ambient).0.with_first("k2").expect("there");
    let tally = |present, older, strange| Tally {
        present,
        older,
        strange,
    };
    let found = sealed::tally(&house.store, &ring, None).await.expect("counted");
    assert_eq!(found, tally(0, 4, 0));
    let mut heard = 0;
    let done = sealed::seal_anew(&house.store, &ring, |many| heard = many).await;
    assert_eq!((done.expect("sealed"), heard), (tally(0, 4, 0), 4));
    // Once more, as after a stop in the middle.
    let done = sealed::seal_anew(&house.store, &ring, |_| {}).await;
    assert_eq!(done.expect("sealed"), tally(4, 0, 0));
    let under_the_old = sealed::tally(&house.store, &ring, Some("k1"))
        .await
        .expect("counted");
    assert_eq!(under_the_old.total(), 0);
    let only = ring.without("k1").expect("there");
    assert_eq!(opened(house, &only, &at).await, all);
    assert_eq!(opened(house, &old, &at).await, Vec::<String>::new());
    // What no key opens stays, and is told.
    let stranger = Keyring::generate(&ambient)
        .with_new(&ambient)
        .0
        .with_first("k2")
        .expect("there");
    let done = sealed::seal_anew(
        &house.store,
        &stranger.with_new(&ambient).0.with_first("k3").expect("there"),
        |_| {},
    )
    .await;
    assert_eq!(done.expect("looked at"), tally(0, 0, 4));
    assert_eq!(opened(house, &only, &at).await, all);
}

/// Every column of bytes whose name says that it is sealed is a place, or is said not to be.
#[test]
fn no_place_is_forgotten() {
    let sql = include_str!("../../../migrations/sqlite/V1__house.sql");
    let mut found = BTreeSet::new();
    let mut table = "";
    for line in sql.lines() {
        if let Some(rest) = line.strip_prefix("CREATE TABLE ") {
            table = rest.split(' ').next().unwrap_or_default();
        }
        let mut words = line.split_whitespace();
        if let (Some(column @ ("credentials" | "sealed" | "secret")), Some(kind)) =
            (words.next(), words.next())
            && kind.starts_with("BLOB")
        {
            found.insert((table, column));
        }
    }
    let places: BTreeSet<_> = PLACES.iter().map(|place| place.column).collect();
    assert_eq!(found, places);
}
