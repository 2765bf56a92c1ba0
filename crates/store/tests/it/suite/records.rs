//! The smaller tables.

use std::time::Duration;

use base::{TokenId, UserId};
use store::credentials::{NewCredential, Validity};
use store::events::{self, NewEvent, Outcome};
use store::tokens::NewToken;
use store::{Error, Order, credentials, organizations, revisions, roles, settings, tokens, users};

use crate::house::{House, person};

pub(crate) async fn organizations_and_settings(house: &House) {
    let (org, cause) = (house.org, house.cause());
    let changed = house
        .write(move |tx| {
            let cause = cause.clone();
            Box::pin(async move {
                organizations::rename(tx, org, "Acme & Sons", &cause).await?;
                Ok([
                    settings::set(tx, org, "users.source", "scim", &cause).await?,
                    settings::set(tx, org, "users.source", "scim", &cause).await?,
                    settings::set(tx, org, "users.source", "none", &cause).await?,
                    settings::set(tx, org, "gone", "1", &cause).await?,
                    settings::unset(tx, org, "gone", &cause).await?,
                    settings::unset(tx, org, "gone", &cause).await?,
                ])
            })
        })
        .await;
    assert_eq!(changed.expect("written"), [true, false, true, true, true, false]);
    let acme = organizations::by_id(&mut house.q(), org)
        .await
        .expect("read")
        .expect("there");
    assert_eq!((acme.name.as_str(), acme.version), ("Acme & Sons", 2));
    assert_eq!(organizations::list(&mut house.q()).await.expect("read"), [acme]);
    let source = settings::get(&mut house.q(), org, "users.source")
        .await
        .expect("read");
    assert_eq!(source.as_deref(), Some("none"));
    let (revision, all) = settings::all(&mut house.q(), org).await.expect("read");
    assert_eq!(revision, 4, "each change counts");
    assert_eq!(
        all.into_iter().collect::<Vec<_>>(),
        [("users.source".to_owned(), "none".to_owned())]
    );
}

pub(crate) async fn tokens_are_found_by_hash(house: &House) {
    let (org, cause) = (house.org, house.cause());
    let token = NewToken {
        id: house.store.ambient().id(),
        name: "Entra ID".to_owned(),
        owner: None,
        scopes: "Identity:SCIM".to_owned(),
        expires: Some(house.store.ambient().now() + Duration::from_mins(1)),
        hash: vec![7; 32],
        grant: None,
    };
    let id: TokenId = token.id;
    let (first, again) = (token.clone(), cause.clone());
    let insert = house
        .write(move |tx| {
            let (token, cause) = (first.clone(), again.clone());
            Box::pin(async move { tokens::insert(tx, org, &token, &cause).await })
        })
        .await;
    insert.expect("inserted");
    let found = tokens::presented(&mut house.q(), &[7; 32])
        .await
        .expect("read")
        .expect("there");
    assert_eq!(
        (found.org, found.id, found.owner, found.expires),
        (org, id, None, token.expires)
    );
    assert_eq!(
        tokens::presented(&mut house.q(), &[8; 32]).await.expect("read"),
        None
    );
    let double = NewToken {
        id: house.store.ambient().id(),
        ..token
    };
    let (double, again) = (double, cause.clone());
    let taken = house
        .write(move |tx| {
            let (token, cause) = (double.clone(), again.clone());
            Box::pin(async move { tokens::insert(tx, org, &token, &cause).await })
        })
        .await;
    assert!(matches!(taken, Err(Error::Conflict { what }) if what == "hash"));
    let revoked = house
        .write(move |tx| {
            let cause = cause.clone();
            Box::pin(async move {
                tokens::touch(tx, org, id).await?;
                Ok((
                    tokens::revoke(tx, org, id, &cause).await?,
                    tokens::revoke(tx, org, id, &cause).await?,
                ))
            })
        })
        .await;
    assert_eq!(revoked.expect("revoked"), (true, false));
    let listed = tokens::page(&mut house.q(), org, None, 10).await.expect("read");
    assert!(listed.len() == 1 && listed[0].revoked.is_some() && listed[0].last_used.is_some());
    let behind = tokens::page(&mut house.q(), org, Some(id), 10)
        .await
        .expect("read");
    assert_eq!(behind, []);
    assert_eq!(
        tokens::by_id(&mut house.q(), org, id)
            .await
            .expect("read")
            .as_ref(),
        listed.first()
    );
}

/// Whatever has happened to its owner meanwhile.
pub(crate) async fn a_token_shows_its_owner_as_of_now(house: &House) {
    let anna = house.hire("anna").await.expect("created");
    let (org, id, cause) = (house.org, anna.id, house.cause());
    let token = NewToken {
        id: house.store.ambient().id(),
        name: "Anna's".to_owned(),
        owner: Some(id),
        scopes: "Identity:SCIM".to_owned(),
        expires: None,
        hash: vec![9; 32],
        grant: None,
    };
    let owner = async || {
        let shown = tokens::presented(&mut house.q(), &[9; 32]).await.expect("read");
        let owner = shown.expect("a token").owner.expect("an owner");
        assert_eq!(owner.user, id);
        let mut roles = owner.roles;
        roles.sort();
        (owner.active, roles)
    };
    let (issued, by) = (token.clone(), cause.clone());
    let issue = house.write(move |tx| {
        let (token, cause) = (issued.clone(), by.clone());
        Box::pin(async move { tokens::insert(tx, org, &token, &cause).await })
    });
    issue.await.expect("issued");
    let mut last = revision(house).await;
    let mut raised = async |why: &str| {
        let now = revision(house).await;
        assert!(now > last, "{why}");
        last = now;
    };
    assert_eq!(owner().await, (true, vec![]));
    let by = cause.clone();
    let grant = house.write(move |tx| {
        let cause = by.clone();
        Box::pin(async move {
            roles::grant(tx, org, id, "reader", &cause).await?;
            roles::grant(tx, org, id, "admin", &cause).await
        })
    });
    grant.await.expect("granted");
    assert_eq!(
        owner().await,
        (true, vec!["admin".to_owned(), "reader".to_owned()])
    );
    raised("roles were given").await;
    let revoke = house.write(move |tx| {
        let cause = cause.clone();
        Box::pin(async move { roles::revoke(tx, org, id, "admin", &cause).await })
    });
    revoke.await.expect("revoked");
    assert_eq!(owner().await, (true, vec!["reader".to_owned()]));
    raised("a role was taken").await;
    let disabled = users::Draft {
        active: false,
        ..person("anna")
    };
    house.change(id, None, disabled).await.expect("disabled");
    assert_eq!(owner().await, (false, vec!["reader".to_owned()]));
    raised("the owner was disabled").await;
    house.fire(id).await.expect("deleted");
    assert_eq!(owner().await, (false, vec![]));
    raised("the owner is gone").await;

    let other = house.hire("other").await.expect("created");
    house
        .change(other.id, None, person("renamed"))
        .await
        .expect("renamed");
    house.fire(other.id).await.expect("gone");
    assert_eq!(revision(house).await, last, "nothing of a token or its owner");
}

/// What a server compares before it lets in again whom it knows.
async fn revision(house: &House) -> i64 {
    let of = revisions::of(&mut house.q(), house.org).await.expect("read");
    of.expect("an organization").access
}

pub(crate) async fn roles_and_passwords(house: &House) {
    let anna = house.hire("anna").await.expect("created").id;
    let nobody: UserId = house.store.ambient().id();
    let (org, cause) = (house.org, house.cause());
    let grant = |id| {
        let cause = cause.clone();
        house.write(move |tx| {
            let cause = cause.clone();
            Box::pin(async move { roles::grant(tx, org, id, "admin", &cause).await })
        })
    };
    assert!(grant(anna).await.expect("granted"));
    assert!(!grant(anna).await.expect("had it"));
    assert!(matches!(grant(nobody).await, Err(Error::Reference)));
    assert_eq!(
        roles::of_user(&mut house.q(), org, anna).await.expect("read"),
        ["admin"]
    );
    for (hash, validity) in [("$1", Validity::MustChange), ("$2", Validity::Lasting)] {
        let cause = cause.clone();
        let new = NewCredential {
            password_hash: hash,
            validity,
            address: Some("anna@example.com"),
        };
        let set = house
            .write(move |tx| {
                let cause = cause.clone();
                Box::pin(async move { credentials::set(tx, org, anna, new, &cause).await })
            })
            .await;
        set.expect("set");
        let read = credentials::of_user(&mut house.q(), org, anna)
            .await
            .expect("read")
            .expect("there");
        assert_eq!(
            (read.password_hash.as_str(), read.must_change),
            (hash, validity == Validity::MustChange)
        );
        assert!(!format!("{read:?}").contains(hash));
    }
    house.fire(anna).await.expect("deleted with all that hangs on it");
    assert_eq!(
        credentials::of_user(&mut house.q(), org, anna)
            .await
            .expect("read"),
        None
    );
    assert!(
        roles::holders(&mut house.q(), org, "admin")
            .await
            .expect("read")
            .is_empty()
    );
}

pub(crate) async fn events_in_pages(house: &House) {
    let (org, cause) = (house.org, house.cause());
    for number in 0..7_u8 {
        let cause = cause.clone();
        let event = NewEvent {
            event_type: format!("type{number}"),
            outcome: if number == 3 {
                Outcome::Failed
            } else {
                Outcome::Succeeded
            },
            resource_kind: "user".to_owned(),
            resource_id: (number > 0).then_some([number; 16]),
            doc: "{}".to_owned(),
        };
        let appended = house
            .write(move |tx| {
                let (event, cause) = (event.clone(), cause.clone());
                Box::pin(async move { events::append(tx, org, &event, &cause).await })
            })
            .await;
        appended.expect("appended");
    }
    let mut seen: Vec<events::Event> = Vec::new();
    let page = async |filter: &events::Filter, limit| {
        let page = events::page(&mut house.q(), org, filter, limit).await;
        page.expect("a page")
    };
    loop {
        let filter = events::Filter {
            after: seen.last().map(|event| event.id),
            ..events::Filter::default()
        };
        let more = page(&filter, 3).await;
        if more.is_empty() {
            break;
        }
        seen.extend(more);
    }
    let types: Vec<&str> = seen.iter().map(|event| event.event_type.as_str()).collect();
    assert_eq!(
        types,
        ["type6", "type5", "type4", "type3", "type2", "type1", "type0"]
    );
    assert_eq!(
        (seen[3].outcome, seen[3].resource_id),
        (Outcome::Failed, Some([3; 16]))
    );
    assert_eq!(seen[6].resource_id, None);
    assert_eq!(seen[0].correlation, cause.correlation);
    let mut filter = events::Filter {
        from: Some(seen[4].at),
        until: Some(seen[2].at),
        ..events::Filter::default()
    };
    assert_eq!(page(&filter, 9).await, seen[3..5]);
    filter.order = Order::OldestFirst;
    assert_eq!(page(&filter, 9).await, [seen[4].clone(), seen[3].clone()]);
    filter.after = Some(seen[4].id);
    assert_eq!(page(&filter, 9).await, seen[3..4]);
    filter.after = None;
    filter.event_type = Some("type2".to_owned());
    assert_eq!(page(&filter, 9).await, seen[4..5]);
    filter.event_type = Some("type6".to_owned());
    assert_eq!(page(&filter, 9).await, [], "of another time");
}

pub(crate) async fn opening_again_keeps_everything(house: &House) {
    let anna = house.hire("anna").await.expect("created");
    let again = house.neighbour().await;
    let read = users::by_id(&mut again.reader(), house.org, anna.id)
        .await
        .expect("read");
    assert_eq!(read, Some(anna));
}
