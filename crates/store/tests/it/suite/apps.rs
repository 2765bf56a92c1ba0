//! Applications and what hangs on them.

use base::{AppId, GroupId, LogEntryId, Message, SubjectId, UserId};
use store::apps::{self, Draft, Hold, State};
use store::assignments::{SubjectKind, Via};
use store::links::State as LinkState;
use store::log::{Filter, Order, Status};
use store::{Error, assignments, changes, links, log, mappings, members};

use crate::house::{Closure, House};

fn draft(name: &str) -> Draft {
    Draft {
        name: name.to_owned(),
        template: "webex".to_owned(),
        state: State::Active,
        settings: "{}".to_owned(),
    }
}

/// An application of that name.
pub(crate) async fn app(house: &House, name: &'static str) -> Result<AppId, Error> {
    let (org, id, cause) = (house.org, house.store.ambient().id::<AppId>(), house.cause());
    house
        .write(move |tx| {
            let cause = cause.clone();
            Box::pin(async move { apps::insert(tx, org, id, &draft(name), &cause).await })
        })
        .await
        .map(|()| id)
}

/// A pause and a change of settings that were worked out on one version never undo each other.
pub(crate) async fn of_two_updates_of_an_app_one_wins(house: &House) {
    let org = house.org;
    let id = app(house, "Webex").await.expect("added");
    let update = |expected: i64, state: State, settings: &str| {
        let (settings, cause) = (settings.to_owned(), house.cause());
        let write = Closure::new(move |tx| {
            let draft = Draft {
                state,
                settings: settings.clone(),
                ..draft("Webex")
            };
            let cause = cause.clone();
            Box::pin(async move { apps::update(tx, org, id, expected, &draft, &cause).await })
        });
        let store = house.store.clone();
        tokio::spawn(async move { store.write(write).await })
    };
    for version in 1..=20 {
        let both = [
            update(version, State::Paused, "{}"),
            update(version, State::Active, "{\"a\":1}"),
        ];
        let mut won = 0;
        for one in both {
            match one.await.expect("no panic") {
                Ok(()) => won += 1,
                Err(Error::VersionMismatch { current }) => assert_eq!(current, version + 1),
                Err(error) => panic!("{error}"),
            }
        }
        assert_eq!(won, 1, "at version {version}");
    }
    let cause = house.cause();
    let nobody: AppId = house.store.ambient().id();
    let unknown = house.write(move |tx| {
        let cause = cause.clone();
        Box::pin(async move { apps::update(tx, org, nobody, 1, &draft("Webex"), &cause).await })
    });
    assert!(matches!(unknown.await, Err(Error::NotFound)));
}

pub(crate) async fn an_app_lives_and_dies(house: &House) {
    let (org, cause) = (house.org, house.cause());
    let id = app(house, "Webex").await.expect("added");
    let taken = app(house, "WEBEX").await.expect_err("taken");
    assert!(
        matches!(taken, Error::Conflict { what } if what == "name"),
        "the name is taken"
    );
    let found = apps::by_name(&mut house.q(), org, "webex")
        .await
        .expect("read")
        .expect("there");
    assert_eq!((found.id, found.watermark, found.hold), (id, None, None));

    let hold = Hold {
        until: house.store.ambient().now(),
        count: 2,
        reason: "{}".to_owned(),
    };
    let (kept, again) = (hold.clone(), cause.clone());
    let moved = house.write(move |tx| {
        let (hold, cause) = (hold.clone(), cause.clone());
        Box::pin(async move {
            apps::set_watermark(tx, org, id, 5).await?;
            let moved = [
                apps::advance(tx, org, id, 4, 9).await?,
                apps::advance(tx, org, id, 5, 9).await?,
                apps::advance(tx, org, id, 5, 12).await?,
            ];
            apps::set_hold(tx, org, id, Some(&hold)).await?;
            mappings::replace(
                tx,
                org,
                id,
                SubjectKind::User,
                &["b".to_owned(), "a".to_owned()],
                &cause,
            )
            .await?;
            mappings::replace(
                tx,
                org,
                id,
                SubjectKind::User,
                &["c".to_owned(), "b".to_owned()],
                &cause,
            )
            .await?;
            Ok(moved)
        })
    });
    assert_eq!(moved.await.expect("written"), [false, true, false]);
    assert_eq!(
        mappings::all(&mut house.q(), org, id, SubjectKind::User)
            .await
            .expect("read"),
        ["c", "b"]
    );
    let read = apps::by_id(&mut house.q(), org, id)
        .await
        .expect("read")
        .expect("there");
    assert_eq!((read.watermark, read.hold), (Some(9), Some(kept)));

    let removed = house.write(move |tx| {
        let cause = again.clone();
        Box::pin(async move {
            apps::set_credentials(tx, org, id, b"sealed", None, &cause).await?;
            let read = apps::by_id(tx, org, id).await?.ok_or(Error::NotFound)?;
            apps::delete(tx, org, id, &cause).await?;
            Ok((read.credentials, read.hold))
        })
    });
    assert_eq!(removed.await.expect("removed"), (Some(b"sealed".to_vec()), None));
    assert_eq!(apps::all(&mut house.q(), org).await.expect("read"), []);
}

pub(crate) async fn assignments_in_person_and_through_groups(house: &House) {
    let (org, cause) = (house.org, house.cause());
    let id = app(house, "Webex").await.expect("added");
    let anna = house.hire("anna").await.expect("hired").id;
    let berta = house.hire("berta").await.expect("hired").id;
    let lab = house.found("Lab").await.id;
    let before = changes::head(&house.store, org, 0).await.expect("a head");
    let changed = house.write(move |tx| {
        let cause = cause.clone();
        Box::pin(async move {
            members::add(tx, org, lab, &[anna, berta], &cause).await?;
            let group = (SubjectKind::Group, SubjectId::from(lab));
            let person = (SubjectKind::User, SubjectId::from(anna));
            Ok([
                assignments::add(tx, org, id, group, &cause).await?,
                assignments::add(tx, org, id, person, &cause).await?,
                assignments::add(tx, org, id, person, &cause).await?,
                assignments::remove(tx, org, id, berta.into(), &cause).await?,
            ])
        })
    });
    assert_eq!(changed.await.expect("written"), [true, true, false, false]);
    let via = async |user: UserId| {
        assignments::via(&mut house.q(), org, id, user)
            .await
            .expect("read")
    };
    assert_eq!(via(anna).await, Some(Via::User));
    assert_eq!(via(berta).await, Some(Via::Group(lab)));
    let ways = assignments::ways(&mut house.q(), org, id, anna).await;
    assert_eq!(ways.expect("read"), [Via::User, Via::Group(lab)]);
    assert_eq!(via(house.hire("carla").await.expect("hired").id).await, None);
    let page = assignments::page(&mut house.q(), org, id, None, 1)
        .await
        .expect("read");
    let next = assignments::page(&mut house.q(), org, id, Some(page[0].subject), 9).await;
    assert_eq!((page.len(), next.expect("read").len()), (1, 1));
    let head = changes::head(&house.store, org, before).await.expect("a head");
    let feed = changes::page(&mut house.q(), org, before, head, 99)
        .await
        .expect("read");
    let assigned: Vec<GroupId> = feed
        .iter()
        .filter(|change| change.kind == changes::Kind::Assignment)
        .map(|change| change.related_as().expect("a subject"))
        .collect();
    assert_eq!(assigned.len(), 2, "what did not change is not told");
    assert_eq!(assigned[0], lab);
}

pub(crate) async fn roles_of_assignments(house: &House) {
    let (org, cause) = (house.org, house.cause());
    let id = app(house, "Webex").await.expect("added");
    let other = app(house, "Other").await.expect("added");
    let anna = house.hire("anna").await.expect("hired").id;
    let berta = house.hire("berta").await.expect("hired").id;
    let lab = house.found("Lab").await.id;
    let changed = house.write(move |tx| {
        let cause = cause.clone();
        Box::pin(async move {
            members::add(tx, org, lab, &[anna], &cause).await?;
            for app in [id, other] {
                assignments::add(tx, org, app, (SubjectKind::Group, lab.into()), &cause).await?;
                assignments::add(tx, org, app, (SubjectKind::User, anna.into()), &cause).await?;
            }
            let mut changed = Vec::new();
            for (subject, role) in [
                (SubjectId::from(anna), Some("Admin")),
                (anna.into(), Some("Admin")),
                (lab.into(), Some("User")),
                (lab.into(), Some("Admin")),
                (lab.into(), Some("")),
                (lab.into(), None),
                (lab.into(), Some("User")),
                (berta.into(), Some("User")),
            ] {
                changed.push(assignments::set_role(tx, org, id, (subject, role), &cause).await?);
            }
            Ok(changed)
        })
    });
    assert_eq!(
        changed.await.expect("written"),
        [true, false, true, true, true, false, true, false]
    );
    let roles = async |app: AppId, user: UserId| {
        let roles = assignments::roles(&mut house.q(), org, app, user).await;
        roles.expect("read")
    };
    assert_eq!(roles(id, anna).await, ["Admin"], "her own, not the group's");
    assert!(roles(other, anna).await.is_empty());
    assert!(roles(id, berta).await.is_empty());
}

pub(crate) async fn an_account_is_one_persons(house: &House) {
    let org = house.org;
    let id = app(house, "Webex").await.expect("added");
    let people: Vec<UserId> = (0..2).map(|_| house.store.ambient().id()).collect();
    let put = async |person: UserId, remote: &'static str, state| {
        house
            .write(move |tx| {
                Box::pin(async move {
                    let draft = links::Draft {
                        kind: SubjectKind::User,
                        remote_id: remote.to_owned(),
                        state,
                        known: "{}".to_owned(),
                    };
                    links::put(tx, org, id, &[(person.into(), draft)]).await
                })
            })
            .await
    };
    put(people[0], "r1", LinkState::Active).await.expect("linked");
    let made = links::by_subject(&mut house.q(), org, id, people[0].into())
        .await
        .expect("read");
    put(people[0], "r1", LinkState::Disabled).await.expect("changed");
    let taken = put(people[1], "r1", LinkState::Active).await.expect_err("taken");
    assert!(
        matches!(taken, Error::Conflict { what } if what == "remote_id"),
        "one account, one person"
    );
    put(people[1], "r2", LinkState::Active).await.expect("linked");
    let owner = links::owner(&mut house.q(), org, id, (SubjectKind::User, "r1"))
        .await
        .expect("read");
    assert_eq!(owner, Some(people[0].into()));
    let now = links::by_subject(&mut house.q(), org, id, people[0].into())
        .await
        .expect("read");
    let (made, now) = (made.expect("there"), now.expect("there"));
    assert_eq!((now.state, now.created), (LinkState::Disabled, made.created));
    assert_eq!(links::count(&mut house.q(), org, id).await.expect("count"), 2);
    let page = links::page(&mut house.q(), org, id, Some(people[0].into()), 9)
        .await
        .expect("read");
    assert_eq!(page.len(), 1);
    assert_eq!(
        links::of_subject(&mut house.q(), org, people[1].into())
            .await
            .expect("read"),
        page
    );
    let removed =
        house.write(move |tx| Box::pin(async move { links::remove(tx, org, id, now.subject).await }));
    removed.await.expect("removed");
    assert_eq!(links::count(&mut house.q(), org, id).await.expect("count"), 1);
}

pub(crate) async fn the_log_is_read_in_both_directions(house: &House) {
    let (org, cause) = (house.org, house.cause());
    let (one, two): (AppId, AppId) = (house.store.ambient().id(), house.store.ambient().id());
    let subject: UserId = house.store.ambient().id();
    let mut written: Vec<LogEntryId> = Vec::new();
    for (app, action) in [(one, "create"), (two, "create"), (one, "update"), (one, "create")] {
        let (cause, entry) = (cause.clone(), entry(app, subject.into(), action));
        let id = house.write(move |tx| {
            let (cause, entry) = (cause.clone(), entry.clone());
            Box::pin(async move { log::append(tx, org, &[(&entry, &cause)]).await })
        });
        written.extend(id.await.expect("written"));
    }
    let ask = async |filter: Filter, limit| {
        let page = log::page(&mut house.q(), org, &filter, limit)
            .await
            .expect("read");
        page.into_iter().map(|entry| entry.id).collect::<Vec<_>>()
    };
    let all = Filter::default();
    assert_eq!(ask(all.clone(), 2).await, [written[3], written[2]]);
    let behind = Filter {
        after: Some(written[2]),
        ..all.clone()
    };
    assert_eq!(ask(behind.clone(), 9).await, [written[1], written[0]]);
    let forwards = Filter {
        order: Order::OldestFirst,
        ..behind
    };
    assert_eq!(ask(forwards, 9).await, [written[3]]);
    let narrow = Filter {
        app: Some(one),
        subject: Some(subject.into()),
        action: Some("create".to_owned()),
        status: Some(Status::Success),
        ..all
    };
    assert_eq!(ask(narrow.clone(), 9).await, [written[3], written[0]]);
    let failures = Filter {
        status: Some(Status::Failure),
        ..narrow
    };
    assert_eq!(ask(failures, 9).await, []);
    let read = log::page(&mut house.q(), org, &Filter::default(), 1)
        .await
        .expect("read");
    assert_eq!(read[0].entry, entry(one, subject.into(), "create"));
}

pub(crate) async fn old_entries_are_forgotten_a_few_at_a_time(house: &House) {
    let (org, cause) = (house.org, house.cause());
    let app: AppId = house.store.ambient().id();
    let subject: UserId = house.store.ambient().id();
    let mut times = Vec::new();
    for _ in 0..5 {
        let (cause, entry) = (cause.clone(), entry(app, subject.into(), "create"));
        times.push(house.store.ambient().now());
        let written = house.write(move |tx| {
            let (cause, entry) = (cause.clone(), entry.clone());
            Box::pin(async move { log::append(tx, org, &[(&entry, &cause)]).await })
        });
        written.await.expect("written");
    }
    let kept = async || {
        let filter = Filter {
            from: Some(times[0]),
            until: Some(house.store.ambient().now()),
            order: Order::OldestFirst,
            ..Filter::default()
        };
        let page = log::page(&mut house.q(), org, &filter, 9).await.expect("read");
        page.into_iter().map(|entry| entry.id).collect::<Vec<_>>()
    };
    let all = kept().await;
    let between = Filter {
        from: Some(times[1]),
        until: Some(times[3]),
        order: Order::OldestFirst,
        ..Filter::default()
    };
    let page = log::page(&mut house.q(), org, &between, 9).await.expect("read");
    assert_eq!(page.iter().map(|entry| entry.id).collect::<Vec<_>>(), all[1..3]);
    let one = log::by_id(&mut house.q(), org, all[1]).await.expect("read");
    assert_eq!(one.as_ref(), page.first());
    let before = times[3];
    for (gone, left) in [(2, 3), (1, 2), (0, 2)] {
        let pruned = house.write(move |tx| Box::pin(log::prune(tx, org, before, 2)));
        assert_eq!(pruned.await.expect("pruned"), gone);
        assert_eq!(kept().await, all[5 - left..]);
    }
    assert_eq!(log::by_id(&mut house.q(), org, all[1]).await.expect("read"), None);
}

pub(crate) async fn a_hold_is_lifted_unless_the_target_asked_for_it(house: &House) {
    let id = app(house, "Webex").await.expect("an app");
    let org = house.org;
    let until = house.store.ambient().now();
    for (count, lifted) in [(0, false), (3, true)] {
        let version = async || {
            let read = apps::by_id(&mut house.q(), org, id).await.expect("read");
            let read = read.expect("there");
            (read.version, read.hold.is_some())
        };
        let hold = Hold {
            until,
            count,
            reason: "{}".to_owned(),
        };
        let set = house.write(move |tx| {
            let hold = hold.clone();
            Box::pin(async move { apps::set_hold(tx, org, id, Some(&hold)).await })
        });
        set.await.expect("set");
        let before = version().await;
        let done = house
            .write(move |tx| Box::pin(apps::lift_hold(tx, org, id)))
            .await;
        assert_eq!(done.expect("done"), lifted);
        let after = version().await;
        assert_eq!(
            (after.0 > before.0, after.1),
            (lifted, !lifted),
            "the engine reads it anew"
        );
    }
}

fn entry(app: AppId, subject: SubjectId, action: &str) -> log::Entry {
    log::Entry {
        app,
        app_name: "Webex".to_owned(),
        explanation: "{}".to_owned(),
        cycle: None,
        subject,
        kind: SubjectKind::User,
        subject_name: "anna".to_owned(),
        action: action.to_owned(),
        status: Status::Success,
        duration: 1_500,
        remote_id: Some("r1".to_owned()),
        changes: "[]".to_owned(),
        exchanges: "[]".to_owned(),
        attempt: 1,
        next_attempt: None,
        message: Message::new("scope.all").with("a", 1),
    }
}
