//! What is good once.

use std::time::Duration;

use crate::house::House;
use crate::on_both;

on_both! { an_id_is_good_once_for_each_scope_and_organization, what_is_too_old_is_forgotten }

async fn an_id_is_good_once_for_each_scope_and_organization(house: &House) {
    let until = house.ambient.now() + Duration::from_mins(5);
    let first = async |org, scope, id| {
        house
            .federation
            .first_time(org, scope, id, until)
            .await
            .expect("asked")
    };
    let (a, b) = tokio::join!(first(house.org, "idp", "_1"), first(house.org, "idp", "_1"));
    assert!(a != b, "of two at once one is the first");
    assert!(!first(house.org, "idp", "_1").await);
    assert!(first(house.org, "idp", "_2").await);
    assert!(first(house.org, "other", "_1").await);
    assert!(first(house.other, "idp", "_1").await);
    // Where the scope ends and the ID begins matters.
    assert!(first(house.org, "ab", "c").await);
    assert!(first(house.org, "a", "bc").await);
    // However long.
    assert!(first(house.org, "idp", &"x".repeat(100_000)).await);
}

async fn what_is_too_old_is_forgotten(house: &House) {
    let until = house.ambient.now() + Duration::from_mins(5);
    let first = async || {
        house
            .federation
            .first_time(house.org, "idp", "_1", until)
            .await
            .expect("asked")
    };
    assert!(first().await);
    assert_eq!(
        house.federation.forget_used(house.org).await.expect("forgotten"),
        0
    );
    house.clock.advance(Duration::from_mins(6));
    assert!(!first().await, "it is remembered until it is forgotten");
    assert_eq!(
        house
            .federation
            .forget_used(house.other)
            .await
            .expect("forgotten"),
        0
    );
    assert_eq!(
        house.federation.forget_used(house.org).await.expect("forgotten"),
        1
    );
    assert!(first().await);
}
