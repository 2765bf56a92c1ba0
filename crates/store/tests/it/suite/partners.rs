//! People of other organizations who administer one.

use std::time::Duration;

use base::{OrgId, PartnerId, Timestamp, UserId};
use store::partners::{self, NewPartner};
use store::roles::{self, Behind};
use store::tokens::{self, NewToken};

use crate::house::House;

/// Offers it to somebody of the house's organization, by another one.
async fn offer(house: &House, customer: OrgId, name: &str, lapses: Timestamp) -> PartnerId {
    let id = house.store.ambient().id();
    let new = NewPartner {
        id,
        home: house.org,
        user_name: name.to_owned(),
        user_key: name.to_lowercase(),
        role: "id_full_admin".to_owned(),
        lapses,
    };
    let cause = house.cause();
    let insert = house.write(move |tx| {
        let (new, cause) = (new.clone(), cause.clone());
        Box::pin(async move { partners::insert(tx, customer, &new, &cause).await })
    });
    insert.await.expect("offered");
    id
}

async fn take_up(house: &House, customer: OrgId, id: PartnerId, user: UserId) -> Result<(), store::Error> {
    let home = house.org;
    let taken = house
        .write(move |tx| Box::pin(async move { partners::take_up(tx, customer, (home, id), user).await }));
    taken.await
}

pub(crate) async fn an_offer_becomes_one_persons(house: &House) {
    let customer: OrgId = house.store.ambient().id();
    house.new_org(customer, "Customer").await;
    let anna = house.hire("Anna").await.expect("hired");
    let now = house.store.ambient().now();
    let lapses = now + Duration::from_hours(24);
    let id = offer(house, customer, "Anna", lapses).await;
    let whom = (anna.id, "anna");
    let of = async |now| {
        let found = partners::customers(&mut house.q(), house.org, whom, now, 10).await;
        found.expect("read")
    };
    let offered = of(now).await;
    assert_eq!((offered.len(), offered[0].taken_up), (1, None));
    assert_eq!((offered[0].org, offered[0].name.as_str()), (customer, "Customer"));
    assert!(of(lapses).await.is_empty(), "it can be taken up no more");
    let open = partners::open_offer(&mut house.q(), customer, house.org, "anna").await;
    let open = open.expect("read").expect("there");
    assert_eq!((open.id, open.home_name, open.active), (id, None, false));

    take_up(house, customer, id, anna.id).await.expect("taken up");
    let taken = partners::of_user(&mut house.q(), customer, anna.id).await;
    let taken = taken.expect("read").expect("there");
    assert_eq!(
        (taken.id, taken.active, taken.user_name.as_str()),
        (id, true, "Anna")
    );
    assert_eq!(of(lapses).await.len(), 1, "it lapses no more");
    let others = (house.store.ambient().id(), "anna");
    let others = partners::customers(&mut house.q(), house.org, others, now, 10).await;
    assert!(
        others.expect("read").is_empty(),
        "it is the person's, not the name's"
    );
    let administered = partners::administered(&mut house.q(), house.org, anna.id).await;
    assert_eq!(administered.expect("read"), [customer]);
    // One person has it once.
    let second = offer(house, customer, "Ann", lapses).await;
    assert!(take_up(house, customer, second, anna.id).await.is_err());

    let pruned = house.write(move |tx| {
        Box::pin(async move { partners::prune(tx, customer, lapses + Duration::from_secs(1), 10).await })
    });
    assert_eq!(pruned.await.expect("pruned"), 1, "only what nobody has taken up");
    assert_eq!(partners::count(&mut house.q(), customer).await.expect("read"), 1);
}

pub(crate) async fn a_partners_token_has_the_role_as_of_now(house: &House) {
    let customer: OrgId = house.store.ambient().id();
    house.new_org(customer, "Customer").await;
    let anna = house.hire("Anna").await.expect("hired");
    let lapses = house.store.ambient().now() + Duration::from_hours(24);
    let id = offer(house, customer, "Anna", lapses).await;
    take_up(house, customer, id, anna.id).await.expect("taken up");
    let token = NewToken {
        id: house.store.ambient().id(),
        name: "Partner".to_owned(),
        owner: Some(anna.id),
        scopes: "Identity:SCIM".to_owned(),
        expires: None,
        hash: vec![9; 32],
        grant: None,
    };
    let (token_id, cause) = (token.id, house.cause());
    let insert = house.write(move |tx| {
        let (token, cause) = (token.clone(), cause.clone());
        Box::pin(async move { tokens::insert(tx, customer, &token, &cause).await })
    });
    insert.await.expect("inserted");
    let owner = async || {
        let found = tokens::presented(&mut house.q(), &[9; 32]).await;
        found.expect("read").expect("there").owner.expect("somebody")
    };
    let now = owner().await;
    assert_eq!((now.active, now.home), (true, Some(house.org)));
    assert_eq!(now.roles, ["id_full_admin"]);
    let actor = base::Actor::new(base::ActorKind::Token, token_id, "Partner");
    let behind = roles::behind(&mut house.q(), customer, &actor).await;
    let expected = Behind::Somebody {
        user: Some(anna.id),
        roles: vec!["id_full_admin".to_owned()],
    };
    assert_eq!(behind.expect("read"), expected);
    let listed = tokens::page(&mut house.q(), customer, None, 10)
        .await
        .expect("read");
    assert_eq!(
        (listed[0].owner_name.as_deref(), listed[0].owner_home),
        (Some("Anna"), Some(house.org))
    );

    house.fire(anna.id).await.expect("removed");
    assert!(!owner().await.active, "gone at home");
    let home = house.org;
    let remove =
        house.write(move |tx| Box::pin(async move { partners::remove(tx, customer, (home, id)).await }));
    remove.await.expect("removed");
    let after = owner().await;
    assert_eq!((after.active, after.home, after.roles.len()), (false, None, 0));
    let behind = roles::behind(&mut house.q(), customer, &actor).await;
    let nothing = matches!(behind.expect("read"), Behind::Somebody { roles, .. } if roles.is_empty());
    assert!(nothing);
}
