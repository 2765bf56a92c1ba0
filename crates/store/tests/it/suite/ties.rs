//! What ties accounts together: to whom they refer, and who is in a group at the target.

use base::{AppId, GroupId, SubjectId, UserId};
use store::assignments::SubjectKind;
use store::lanes::{self, Mark, Verify};
use store::links::{self, State};
use store::memberships::{self, Stale, Touched};
use store::references::{self, Reference};

use super::apps::app;
use crate::house::House;

/// An app with a group that it works for, and people.
struct Ties<'h> {
    house: &'h House,
    app: AppId,
    group: GroupId,
    people: Vec<UserId>,
}

impl<'h> Ties<'h> {
    async fn new(house: &'h House, people: usize) -> Self {
        let app = app(house, "Webex").await.expect("an app");
        let group = house.found("Lab").await.id;
        let mut hired = Vec::new();
        for number in 0..people {
            hired.push(house.hire(&format!("p{number}")).await.expect("hired").id);
        }
        let ties = Self {
            house,
            app,
            group,
            people: hired,
        };
        ties.link(group.into(), SubjectKind::Group, "g").await;
        ties.mark(group.into()).await;
        ties
    }

    async fn link(&self, subject: SubjectId, kind: SubjectKind, remote_id: &'static str) {
        let (org, app) = (self.house.org, self.app);
        let put = self.house.write(move |tx| {
            Box::pin(async move {
                let draft = links::Draft {
                    kind,
                    remote_id: remote_id.to_owned(),
                    state: State::Active,
                    known: "{}".to_owned(),
                };
                links::put(tx, org, app, &[(subject, draft)]).await
            })
        });
        put.await.expect("linked");
    }

    async fn unlink(&self, subject: SubjectId) {
        let (org, app) = (self.house.org, self.app);
        let removed = self
            .house
            .write(move |tx| Box::pin(async move { links::remove(tx, org, app, subject).await }));
        removed.await.expect("unlinked");
    }

    async fn mark(&self, group: SubjectId) {
        let (org, app) = (self.house.org, self.app);
        let mark = Mark {
            cycle: self.house.store.ambient().id(),
            now: self.house.store.ambient().now(),
            verify: Verify::No,
        };
        let marked = self.house.write(move |tx| {
            Box::pin(async move { lanes::mark_known_groups(tx, org, app, &[group], mark).await })
        });
        assert_eq!(marked.await.expect("marked"), 1);
    }

    async fn join(&self, person: UserId) {
        let (org, group, cause) = (self.house.org, self.group, self.house.cause());
        let added = self.house.write(move |tx| {
            let cause = cause.clone();
            Box::pin(async move { store::members::add(tx, org, group, &[person], &cause).await })
        });
        added.await.expect("added");
        self.touch(person).await;
    }

    async fn leave(&self, person: UserId) {
        let (org, group, cause) = (self.house.org, self.group, self.house.cause());
        let removed = self.house.write(move |tx| {
            let cause = cause.clone();
            Box::pin(async move { store::members::remove(tx, org, group, &[person], &cause).await })
        });
        removed.await.expect("removed");
        self.touch(person).await;
    }

    async fn touch(&self, person: UserId) {
        let (org, app, group) = (self.house.org, self.app, self.group);
        let touched = self.house.write(move |tx| {
            Box::pin(async move { memberships::touch(tx, org, app, [(group, person.into())]).await })
        });
        touched.await.expect("touched");
    }

    async fn touch_member(&self, person: UserId, lost: Option<&'static str>) -> Touched {
        let (org, app) = (self.house.org, self.app);
        let touched = self.house.write(move |tx| {
            Box::pin(async move { memberships::touch_member(tx, org, app, person.into(), lost).await })
        });
        touched.await.expect("touched")
    }

    async fn stale(&self) -> Vec<Stale> {
        memberships::stale(&mut self.house.q(), self.house.org, self.app, self.group, 100)
            .await
            .expect("memberships")
    }

    /// Who is stale, what stands there, and what is to.
    async fn to_do(&self) -> Vec<(SubjectId, Option<String>, Option<String>)> {
        let stale = self.stale().await.into_iter();
        stale.map(|one| (one.member, one.held, one.wanted)).collect()
    }

    async fn settle(&self, settled: &[Stale]) -> bool {
        let (org, app, group, settled) = (self.house.org, self.app, self.group, settled.to_vec());
        let written = self.house.write(move |tx| {
            let settled = settled.clone();
            Box::pin(async move { memberships::settle(tx, org, app, group, &settled).await })
        });
        written.await.expect("settled")
    }

    async fn held(&self) -> Vec<(SubjectId, String)> {
        let held = memberships::held(
            &mut self.house.q(),
            self.house.org,
            self.app,
            self.group,
            None,
            100,
        )
        .await;
        let held = held.expect("memberships").into_iter();
        held.map(|one| (one.member, one.remote_id)).collect()
    }
}

pub(crate) async fn references_are_found_from_both_ends(house: &House) {
    let ties = Ties::new(house, 3).await;
    let (org, app) = (house.org, ties.app);
    let [anna, bo, carl] = ties.people[..] else {
        panic!("three")
    };
    let refer = async |subject: UserId, to: Vec<Reference>| {
        let noted = house.write(move |tx| {
            let to = to.clone();
            Box::pin(async move { references::replace(tx, org, app, subject.into(), &to).await })
        });
        noted.await.expect("noted")
    };
    let to = |referenced: UserId, remote_id: Option<&str>| Reference {
        referenced: referenced.into(),
        remote_id: remote_id.map(str::to_owned),
    };
    ties.link(anna.into(), SubjectKind::User, "a").await;
    assert!(!refer(bo, vec![to(anna, Some("a"))]).await, "as it is");
    assert!(
        !refer(carl, vec![to(bo, None)]).await,
        "bo has no account, as was noted"
    );
    ties.link(bo.into(), SubjectKind::User, "b").await;
    assert!(refer(carl, vec![to(bo, None)]).await, "bo has got one meanwhile");
    let of = async |subject: UserId| {
        let noted = references::of_subject(&mut house.q(), org, app, subject.into()).await;
        noted.expect("references")
    };
    assert_eq!(of(bo).await, [to(anna, Some("a"))]);
    let mark = Mark {
        cycle: house.store.ambient().id(),
        now: house.store.ambient().now(),
        verify: Verify::No,
    };
    let referring = async |referenced: UserId| {
        let marked = house.write(move |tx| {
            Box::pin(async move { lanes::mark_referring(tx, org, app, referenced.into(), mark).await })
        });
        marked.await.expect("marked")
    };
    assert_eq!(
        (referring(anna).await, referring(bo).await, referring(carl).await),
        (1, 1, 0)
    );
    refer(bo, Vec::new()).await;
    assert_eq!((of(bo).await, referring(anna).await), (Vec::new(), 0));
    let cleared = house.write(move |tx| Box::pin(async move { references::clear(tx, org, app).await }));
    cleared.await.expect("cleared");
    assert_eq!(of(carl).await, []);
}

pub(crate) async fn memberships_are_touched_and_settled(house: &House) {
    let ties = Ties::new(house, 2).await;
    let [anna, bo] = ties.people[..] else {
        panic!("two")
    };
    ties.link(anna.into(), SubjectKind::User, "a").await;
    ties.join(anna).await;
    ties.join(bo).await;
    let mut expected = [(anna.into(), None, Some("a".to_owned())), (bo.into(), None, None)];
    expected.sort();
    assert_eq!(ties.to_do().await, expected);
    assert!(!ties.settle(&ties.stale().await).await, "nothing is left");
    assert_eq!(ties.to_do().await, []);
    assert_eq!(ties.held().await, [(anna.into(), "a".to_owned())]);

    // An account comes, another one goes.
    ties.link(bo.into(), SubjectKind::User, "b").await;
    let touched = ties.touch_member(bo, None).await;
    assert_eq!(
        (touched.groups, touched.supposed),
        (vec![ties.group.into()], false)
    );
    assert_eq!(ties.to_do().await, [(bo.into(), None, Some("b".to_owned()))]);
    ties.settle(&ties.stale().await).await;
    ties.leave(anna).await;
    assert_eq!(ties.to_do().await, [(anna.into(), Some("a".to_owned()), None)]);
    ties.settle(&ties.stale().await).await;
    assert_eq!(ties.held().await, [(bo.into(), "b".to_owned())]);

    // A group that nobody works for has none.
    let other = house.found("Choir").await.id;
    let (org, app) = (house.org, ties.app);
    let touched = house.write(move |tx| {
        Box::pin(async move { memberships::touch(tx, org, app, [(other, bo.into())]).await })
    });
    touched.await.expect("touched");
    let stale = memberships::stale(&mut house.q(), org, app, other, 10).await;
    assert_eq!(stale.expect("memberships"), []);
}

pub(crate) async fn whoever_is_touched_meanwhile_stays_stale(house: &House) {
    let ties = Ties::new(house, 2).await;
    let [anna, bo] = ties.people[..] else {
        panic!("two")
    };
    for (person, remote_id) in [(anna, "a"), (bo, "b")] {
        ties.link(person.into(), SubjectKind::User, remote_id).await;
        ties.join(person).await;
    }
    let read = ties.stale().await;
    ties.leave(anna).await;
    assert!(ties.settle(&read).await, "there is more to do");
    assert_eq!(
        ties.to_do().await,
        [(anna.into(), Some("a".to_owned()), None)],
        "she was added, and is to go"
    );
    let read = ties.stale().await;
    ties.join(anna).await;
    assert!(ties.settle(&read).await);
    assert_eq!(
        ties.to_do().await,
        [(anna.into(), None, Some("a".to_owned()))],
        "she was taken out, and is to come"
    );
}

pub(crate) async fn an_account_that_goes_is_supposed_to_be_there(house: &House) {
    let ties = Ties::new(house, 2).await;
    let [anna, bo] = ties.people[..] else {
        panic!("two")
    };
    ties.link(anna.into(), SubjectKind::User, "a").await;
    ties.join(anna).await;
    ties.join(bo).await;
    // Whether a request with her has left, nobody knows.
    ties.unlink(anna.into()).await;
    let touched = ties.touch_member(anna, Some("a")).await;
    assert!(touched.supposed);
    let to_do = ties.to_do().await;
    assert!(
        to_do.contains(&(anna.into(), Some("a".to_owned()), None)),
        "{to_do:?}"
    );
    ties.settle(&ties.stale().await).await;
    assert_eq!(ties.held().await, []);
    // One that was settled is known to be there, or not to be.
    ties.link(bo.into(), SubjectKind::User, "b").await;
    ties.touch_member(bo, None).await;
    ties.settle(&ties.stale().await).await;
    ties.unlink(bo.into()).await;
    let touched = ties.touch_member(bo, Some("b")).await;
    assert!(!touched.supposed);
    assert_eq!(ties.to_do().await, [(bo.into(), Some("b".to_owned()), None)]);
}

pub(crate) async fn what_the_target_shows_is_compared(house: &House) {
    let ties = Ties::new(house, 3).await;
    let (org, app, group) = (house.org, ties.app, ties.group);
    let [anna, bo, carl] = ties.people[..] else {
        panic!("three")
    };
    for (person, remote_id) in [(anna, "a"), (bo, "b"), (carl, "c")] {
        ties.link(person.into(), SubjectKind::User, remote_id).await;
    }
    ties.join(anna).await;
    ties.join(bo).await;
    ties.settle(&ties.stale().await).await;
    let shown = ["b", "c", "g", "nobody"];
    let unheld = memberships::unheld(&mut house.q(), org, app, group, &shown).await;
    let unheld = unheld.expect("members");
    let told: Vec<_> = unheld
        .iter()
        .map(|one| (one.member, &*one.remote_id, one.expected))
        .collect();
    assert_eq!(
        told,
        [(carl.into(), "c", false)],
        "the group itself and strangers are not meant"
    );
    let all = memberships::held(&mut house.q(), org, app, group, None, 100).await;
    let mut gone = all.expect("members");
    gone.retain(|one| !shown.contains(&&*one.remote_id));
    assert_eq!(gone.len(), 1);
    let found = house.write(move |tx| {
        let (unheld, gone) = (unheld.clone(), gone.clone());
        Box::pin(async move {
            memberships::found(tx, org, app, group, (&unheld, &gone)).await?;
            memberships::compare(tx, org, app, group).await
        })
    });
    found.await.expect("found");
    let mut expected = [
        (anna.into(), None, Some("a".to_owned())),
        (carl.into(), Some("c".to_owned()), None),
    ];
    expected.sort();
    assert_eq!(ties.to_do().await, expected);
    // Page by page.
    let held = ties.held().await;
    let mut paged = Vec::new();
    let mut after = None;
    loop {
        let page = memberships::held(&mut house.q(), org, app, group, after, 1).await;
        let page = page.expect("members");
        let Some(last) = page.last() else { break };
        after = Some(last.member);
        paged.extend(page.into_iter().map(|one| (one.member, one.remote_id)));
    }
    assert_eq!(paged, held);
}

pub(crate) async fn who_is_refused_is_told_and_looked_at_again(house: &House) {
    let ties = Ties::new(house, 2).await;
    let (org, app, group) = (house.org, ties.app, ties.group);
    let [anna, bo] = ties.people[..] else {
        panic!("two")
    };
    for (person, remote_id) in [(anna, "a"), (bo, "b")] {
        ties.link(person.into(), SubjectKind::User, remote_id).await;
        ties.join(person).await;
    }
    let stale = ties.stale().await;
    let (aside, others): (Vec<_>, Vec<_>) = stale.into_iter().partition(|one| one.member == anna.into());
    let set_aside = house.write(move |tx| {
        let aside = aside.clone();
        Box::pin(async move { memberships::set_aside(tx, org, app, group, &aside).await })
    });
    set_aside.await.expect("set aside");
    assert!(!ties.settle(&others).await);
    assert_eq!(ties.to_do().await, []);
    let refused = async |about: Option<SubjectId>| {
        let refused = memberships::refused(&mut house.q(), org, app, about, 10).await;
        let refused = refused.expect("members").into_iter();
        refused.map(|one| (one.group_name, one.name)).collect::<Vec<_>>()
    };
    let anna_in_lab = [("Lab".to_owned(), "Display p0".to_owned())];
    assert_eq!(refused(None).await, anna_in_lab);
    assert_eq!(refused(Some(anna.into())).await, anna_in_lab);
    assert_eq!(refused(Some(group.into())).await, anna_in_lab);
    assert_eq!(refused(Some(bo.into())).await, []);
    let count = memberships::count_refused(&mut house.q(), org, app).await;
    assert_eq!(count.expect("a number"), 1);
    let compared =
        house.write(move |tx| Box::pin(async move { memberships::compare(tx, org, app, group).await }));
    compared.await.expect("compared");
    assert_eq!(
        ties.to_do().await,
        [(anna.into(), None, Some("a".to_owned()))],
        "everything is looked at again"
    );
    assert_eq!(refused(None).await, []);
}
