//! What is sealed, and sealing it anew under another key.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

use base::{AppId, Field, Keyring, OrgId, Secret, UserId};
use store::outbox::{self, Draft};
use store::sealed::{self, PLACES, Place, Tally};
use store::target_tokens::{self, Given};
use store::{apps, factors, saml_keys};

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
    let [credentials, token, secret, private_key, mail] = [0, 1, 2, 3, 4].map(seal);
    let now = house.store.ambient().now();
    let until = now + Duration::from_mins(1);
    let written = house
        .write(move |tx| {
            let (credentials, secret, mail) = (credentials.clone(), secret.clone(), mail.clone());
            let given = Given {
                sealed: token.clone(),
                expires: None,
            };
            let key = saml_keys::Key {
                id: tx.ambient().id(),
                owner: saml_keys::Owner::App(app),
                certificate: Vec::new(),
                private_key: private_key.clone(),
                created: now,
                expires: until,
                active_from: None,
                announced: false,
            };
            let cause = cause.clone();
            Box::pin(async move {
                saml_keys::insert(tx, org, &key).await?;
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
    let owner = saml_keys::Owner::App(at.app);
    let mut keys = saml_keys::of_owner(&mut house.q(), org, owner)
        .await
        .expect("read");
    let values = [
        app.and_then(|app| app.credentials),
        token.map(|token| token.sealed),
        authenticator.map(|authenticator| authenticator.secret),
        keys.pop().map(|key| key.private_key),
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
    assert_eq!(found, tally(0, 5, 0));
    let mut heard = 0;
    let done = sealed::seal_anew(&house.store, &ring, |many| heard = many).await;
    assert_eq!((done.expect("sealed"), heard), (tally(0, 5, 0), 5));
    // Once more, as after a stop in the middle.
    let done = sealed::seal_anew(&house.store, &ring, |_| {}).await;
    assert_eq!(done.expect("sealed"), tally(5, 0, 0));
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
    assert_eq!(done.expect("looked at"), tally(0, 0, 5));
    assert_eq!(opened(house, &only, &at).await, all);
}

/// Every column of bytes whose name says that it is sealed is a place, or is said not to be.
#[test]
fn no_place_is_forgotten() {
    let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/sqlite");
    let mut sql = String::new();
    for file in fs::read_dir(migrations).expect("a folder") {
        sql.push_str(&fs::read_to_string(file.expect("an entry").path()).expect("a migration"));
    }
    let mut found = BTreeSet::new();
    let mut table = "";
    for line in sql.lines() {
        if let Some(rest) = line.strip_prefix("CREATE TABLE ") {
            table = rest.split(' ').next().unwrap_or_default();
        }
        let mut words = line.split_whitespace();
        if let (Some(column @ ("credentials" | "sealed" | "secret" | "private_key")), Some(kind)) =
            (words.next(), words.next())
            && kind.starts_with("BLOB")
        {
            found.insert((table, column));
        }
    }
    let places: BTreeSet<_> = PLACES.iter().map(|place| place.column).collect();
    assert_eq!(found, places);
}
