//! Domains: whose they are, and who is in them.

use base::OrgId;
use store::{Attribute, Error, Key, domains, facts};

use crate::house::{House, person};

async fn other_organization(house: &House) -> OrgId {
    let other = house.store.ambient().id();
    house.new_org(other, "Other").await;
    other
}

async fn take(house: &House, org: OrgId, name: &'static str) -> bool {
    let taken = house.write(move |tx| Box::pin(domains::take(tx, org, name)));
    taken.await.expect("written")
}

pub(crate) async fn a_domain_is_one_organizations(house: &House) {
    let (org, other) = (house.org, other_organization(house).await);
    for name in ["a.example", "b.example", "c.example", "d.example"] {
        let (one, another) = tokio::join!(take(house, org, name), take(house, other, name));
        assert_ne!(one, another, "{name}");
        let (holder, loser) = if one { (org, other) } else { (other, org) };
        let found = domains::holder(&mut house.q(), name).await.expect("read");
        assert_eq!(found, Some(holder));
        assert!(take(house, holder, name).await, "it is its own already");
        for whose in [holder, loser] {
            let verified = domains::is_verified(&mut house.q(), whose, name).await;
            assert_eq!(verified.expect("read"), whose == holder);
        }
        // Nobody gives up what is another's.
        for whose in [loser, holder] {
            let left = house.write(move |tx| Box::pin(domains::leave(tx, whose, name)));
            left.await.expect("written");
            assert_eq!(take(house, loser, name).await, whose == holder);
        }
    }
}

pub(crate) async fn what_is_claimed_is_nobody_elses(house: &House) {
    let (org, other) = (house.org, other_organization(house).await);
    let comes = async |whose: OrgId| {
        let refusal = || Error::Overtaken;
        let written = house.write(move |tx| {
            Box::pin(async move { domains::require_unclaimed(tx, whose, "a.example", refusal).await })
        });
        written.await
    };
    assert!(comes(org).await.is_ok() && comes(other).await.is_ok());
    assert!(take(house, org, "a.example").await);
    assert!(comes(org).await.is_ok() && comes(other).await.is_ok());
    for (whose, claimed, free) in [(other, true, true), (org, true, false), (org, false, true)] {
        let marked = house.write(move |tx| Box::pin(domains::mark_claimed(tx, whose, "a.example", claimed)));
        marked.await.expect("written");
        assert!(comes(org).await.is_ok());
        match comes(other).await {
            Ok(()) => assert!(free),
            Err(Error::Overtaken) => assert!(!free),
            Err(error) => panic!("{error}"),
        }
        let elsewhere = domains::is_claimed_elsewhere(&mut house.q(), other, "a.example").await;
        assert_eq!(elsewhere.expect("read"), !free);
    }
}

pub(crate) async fn people_are_found_by_their_domain(house: &House) {
    let (org, other) = (house.org, other_organization(house).await);
    let mut ids = Vec::new();
    for number in 0..5 {
        let user = house.hire(&format!("p{number}@a.example")).await.expect("hired");
        let mut draft = person(&format!("p{number}@a.example"));
        draft.keys.push(Key::new(Attribute::Domain, "a.example"));
        house.change(user.id, None, draft).await.expect("changed");
        ids.push(user.id);
    }
    let count = domains::count_people(&mut house.q(), org, "a.example").await;
    assert_eq!(count.expect("counted"), 5);
    let count = domains::count_people(&mut house.q(), other, "a.example").await;
    assert_eq!(count.expect("counted"), 0);
    assert!(take(house, other, "a.example").await);
    let listed = async |after| {
        let found = domains::people_of_others(&mut house.q(), org, after, 3).await;
        let found = found.expect("listed").into_iter();
        found.map(|(id, _)| id).collect::<Vec<_>>()
    };
    assert!(listed(None).await.is_empty(), "it is not claimed");
    let marked = house.write(move |tx| Box::pin(domains::mark_claimed(tx, other, "a.example", true)));
    marked.await.expect("written");
    assert_eq!(listed(None).await, ids[..3]);
    assert_eq!(listed(Some(ids[2])).await, ids[3..]);

    // Whoever comes is verified where the domain is the organization's.
    for (domain, verified) in [
        (Some("a.example"), false),
        (Some("b.example"), true),
        (None, false),
    ] {
        assert!(take(house, org, "b.example").await);
        for invited in [None, Some(house.store.ambient().now())] {
            let user = house
                .hire(&format!("{domain:?}{invited:?}"))
                .await
                .expect("hired")
                .id;
            let known = facts::Facts {
                invited,
                ..facts::Facts::default()
            };
            let arrived = house
                .write(move |tx| Box::pin(async move { facts::arrive(tx, org, user, &known, domain).await }));
            arrived.await.expect("written");
            let found = facts::of_user(&mut house.q(), org, user).await.expect("read");
            assert_eq!((found.verified.is_some(), found.invited), (verified, invited));
        }
    }
}
