//! Keys: the first by itself, the next beside it, a promotion with a date, warnings.

use std::time::Duration;

use federation::saml::security::KeyKind;
use federation::{Error, KeyOwner, NewKey, Standing};
use store::{Tx, Write};

use crate::house::House;
use crate::on_both;

on_both! {
    the_first_key_comes_by_itself_and_once,
    the_next_key_signs_from_its_date_on_and_that_is_told_once,
    a_key_that_signs_stays,
    organizations_and_owners_have_keys_of_their_own,
    ends_are_warned_of,
    keys_can_be_sealed_anew,
}

const SP: KeyOwner = KeyOwner::ServiceProvider;
const DAY: Duration = Duration::from_hours(24);

fn standings(keys: &[federation::Key]) -> Vec<&'static str> {
    keys.iter().map(|key| key.standing.name()).collect()
}

/// The fingerprint of what signs now.
async fn signs(house: &House) -> String {
    let credential = house.federation.credential(house.org, SP, "Northwind").await;
    let certificate = credential.expect("a credential").certificate;
    certificate.expect("a certificate").fingerprint()
}

async fn the_first_key_comes_by_itself_and_once(house: &House) {
    let federation = &house.federation;
    assert_eq!(federation.keys(house.org, SP).await.expect("keys"), []);
    let ask = || federation.credential(house.org, SP, "Northwind");
    let (first, second, third) = tokio::join!(ask(), ask(), ask());
    let certificates = [first, second, third].map(|one| one.expect("a credential").certificate);
    assert_eq!(certificates[0], certificates[1]);
    assert_eq!(certificates[0], certificates[2]);
    let keys = federation.keys(house.org, SP).await.expect("keys");
    assert_eq!(standings(&keys), ["current"]);
    assert_eq!(keys[0].certificate.subject(), "CN=Northwind");
    assert_eq!(house.told().await, ["saml_key_create"]);
    let opens = federation.decryption_keys(house.org, SP).await.expect("keys");
    assert_eq!(opens.len(), 1);
}

async fn the_next_key_signs_from_its_date_on_and_that_is_told_once(house: &House) {
    let (federation, cause) = (&house.federation, house.cause());
    let before = signs(house).await;
    let next = federation
        .add_key(&cause, house.org, SP, "Northwind", NewKey::default())
        .await
        .expect("a key");
    assert_eq!(next.standing, Standing::Next { from: None });
    let from = house.ambient.now() + 7 * DAY;
    let scheduled = federation
        .promote_key(&cause, house.org, SP, next.id, Some(from))
        .await;
    assert_eq!(
        scheduled.expect("scheduled").standing,
        Standing::Next { from: Some(from) }
    );
    house.clock.advance(Duration::from_secs(7 * 24 * 60 * 60 - 1));
    assert_eq!(signs(house).await, before);
    assert_eq!(federation.announce_keys(house.org).await.expect("told"), 0);
    house.clock.advance(Duration::from_secs(1));
    assert_eq!(signs(house).await, next.certificate.fingerprint());
    let keys = federation.keys(house.org, SP).await.expect("keys");
    assert_eq!(standings(&keys), ["current", "previous"]);
    assert_eq!(federation.announce_keys(house.org).await.expect("told"), 1);
    assert_eq!(federation.announce_keys(house.org).await.expect("told"), 0);
    // Back at once, and the last one goes.
    let last = keys[1].id;
    house.clock.advance(Duration::from_secs(1));
    federation
        .promote_key(&cause, house.org, SP, last, None)
        .await
        .expect("promoted");
    assert_eq!(signs(house).await, before);
    federation
        .remove_key(&cause, house.org, SP, next.id)
        .await
        .expect("removed");
    assert_eq!(federation.announce_keys(house.org).await.expect("told"), 0);
    assert_eq!(
        house.told().await,
        [
            "saml_key_create",
            "saml_key_create",
            "saml_key_schedule",
            "saml_key_promote",
            "saml_key_promote",
            "saml_key_delete",
        ]
    );
}

async fn a_key_that_signs_stays(house: &House) {
    let (federation, cause) = (&house.federation, house.cause());
    signs(house).await;
    let key = federation.keys(house.org, SP).await.expect("keys").remove(0);
    let removed = federation.remove_key(&cause, house.org, SP, key.id).await;
    assert!(matches!(removed, Err(Error::KeyInUse { .. })), "{removed:?}");
    let later = Some(house.ambient.now() + DAY);
    let later = federation.promote_key(&cause, house.org, SP, key.id, later).await;
    assert!(matches!(later, Err(Error::KeyInUse { .. })), "{later:?}");
    // Nobody signs by a certificate that has ended.
    let short = NewKey {
        days: 1,
        kind: KeyKind::P256,
        from: None,
    };
    let short = federation
        .add_key(&cause, house.org, SP, "Northwind", short)
        .await
        .expect("a key");
    let ended = Some(house.ambient.now() + DAY);
    let ended = federation
        .promote_key(&cause, house.org, SP, short.id, ended)
        .await;
    assert!(matches!(ended, Err(Error::KeyEnds { .. })), "{ended:?}");
    for days in [0, 3_651] {
        let new = NewKey {
            days,
            ..NewKey::default()
        };
        let refused = federation.add_key(&cause, house.org, SP, "Northwind", new).await;
        assert!(matches!(refused, Err(Error::Days)), "{refused:?}");
    }
    let mut made = 2;
    let too_many = loop {
        let new = NewKey {
            kind: KeyKind::P256,
            ..NewKey::default()
        };
        match federation.add_key(&cause, house.org, SP, "Northwind", new).await {
            Ok(_) => made += 1,
            Err(error) => break error,
        }
    };
    assert!(
        matches!(too_many, Error::TooManyKeys { most: 10 }),
        "{too_many:?}"
    );
    assert_eq!(made, 10);
    // A key on a curve signs, and opens nothing.
    let opens = federation.decryption_keys(house.org, SP).await.expect("keys");
    assert_eq!(opens.len(), 1);
}

async fn organizations_and_owners_have_keys_of_their_own(house: &House) {
    let (federation, cause) = (&house.federation, house.cause());
    let app = KeyOwner::App(house.ambient.id());
    let ours = signs(house).await;
    let of_app = federation
        .credential(house.org, app, "Payroll")
        .await
        .expect("a credential");
    let theirs = federation
        .credential(house.other, SP, "Tailspin")
        .await
        .expect("a credential");
    let [of_app, theirs] = [of_app, theirs].map(|one| one.certificate.expect("a certificate").fingerprint());
    assert!(ours != of_app && ours != theirs && of_app != theirs);
    let key = federation.keys(house.org, SP).await.expect("keys").remove(0);
    for (org, owner) in [(house.other, SP), (house.org, app)] {
        let promoted = federation.promote_key(&cause, org, owner, key.id, None).await;
        assert!(matches!(promoted, Err(Error::UnknownKey { .. })), "{promoted:?}");
        let removed = federation.remove_key(&cause, org, owner, key.id).await;
        assert!(matches!(removed, Err(Error::UnknownKey { .. })), "{removed:?}");
    }
}

async fn ends_are_warned_of(house: &House) {
    let (federation, cause) = (&house.federation, house.cause());
    let short = NewKey {
        days: 40,
        ..NewKey::default()
    };
    let key = federation
        .add_key(&cause, house.org, SP, "Northwind", short)
        .await
        .expect("a key");
    assert_eq!(key.standing, Standing::Current, "the first signs at once");
    let mut warned = Vec::new();
    for day in 0..41 {
        if federation.warn_of_certificates(house.org).await.expect("warned") > 0 {
            warned.push(40 - day);
        }
        assert_eq!(
            federation.warn_of_certificates(house.org).await.expect("warned"),
            0
        );
        house.clock.advance(DAY);
    }
    assert_eq!(warned, [30, 14, 7, 1]);
    assert_eq!(house.mails().await, 4);
    assert_eq!(
        house
            .told()
            .await
            .iter()
            .filter(|name| *name == "saml_key_expiry")
            .count(),
        4
    );
    // One that has signed need not be renewed.
    let next = NewKey {
        days: 400,
        ..NewKey::default()
    };
    let next = federation
        .add_key(&cause, house.org, SP, "Northwind", next)
        .await
        .expect("a key");
    let last = NewKey {
        days: 20,
        from: Some(house.ambient.now()),
        ..NewKey::default()
    };
    let last = federation
        .add_key(&cause, house.org, SP, "Northwind", last)
        .await
        .expect("a key");
    house.clock.advance(DAY);
    federation
        .promote_key(&cause, house.org, SP, next.id, None)
        .await
        .expect("promoted");
    assert_eq!(
        federation
            .key(house.org, SP, last.id)
            .await
            .expect("a key")
            .standing,
        Standing::Previous
    );
    house.clock.advance(17 * DAY);
    assert_eq!(
        federation.warn_of_certificates(house.org).await.expect("warned"),
        0
    );
}

async fn keys_can_be_sealed_anew(house: &House) {
    signs(house).await;
    let tally = store::sealed::tally(&house.store, &house.keyring, None)
        .await
        .expect("looked at");
    assert_eq!((tally.present, tally.total()), (1, 1));
    // Whoever reads the database finds no key in it.
    let key = house.store.write(Raw(house.org)).await.expect("read");
    assert!(!key.is_empty());
    assert!(base::Keyring::name_in(&key).is_some(), "sealed");
}

struct Raw(base::OrgId);

impl Write for Raw {
    type Out = Vec<u8>;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<u8>, store::Error> {
        let keys = store::saml_keys::of_owner(tx, self.0, SP).await?;
        Ok(keys
            .into_iter()
            .next()
            .map(|key| key.private_key)
            .unwrap_or_default())
    }
}
