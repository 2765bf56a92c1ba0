//! Lanes: nothing lost, nothing twice, and whoever lost the lease writes nothing.

use std::collections::HashSet;
use std::time::Duration;

use base::{AppId, CycleId, ProcessId, SubjectId, Timestamp, UserId};
use store::lanes::{self, Claimable, Completion, Doubt, Lease, Mark, Struck, Verify};

use super::apps::app;
use crate::house::House;

pub(super) struct Lanes<'h> {
    pub(super) house: &'h House,
    pub(super) app: AppId,
    process: ProcessId,
}

const LEASE: Duration = Duration::from_mins(1);

impl<'h> Lanes<'h> {
    pub(super) async fn new(house: &'h House) -> Self {
        let app = app(house, "Webex").await.expect("an app");
        Self {
            house,
            app,
            process: house.store.ambient().id(),
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.house.store.ambient().now()
    }

    pub(super) async fn mark(&self, subjects: Vec<SubjectId>) -> CycleId {
        let (org, app) = (self.house.org, self.app);
        let mark = Mark {
            cycle: self.house.store.ambient().id(),
            now: self.now(),
            verify: Verify::No,
        };
        let marked = self.house.write(move |tx| {
            let subjects = subjects.clone();
            Box::pin(async move { lanes::mark_known(tx, org, app, &subjects, mark).await })
        });
        marked.await.expect("marked");
        mark.cycle
    }

    pub(super) async fn claim(&self, limit: usize) -> Vec<Lease> {
        let (org, app, times) = (
            self.house.org,
            self.app,
            (self.process, self.now(), self.now() + LEASE),
        );
        let claimed = self.house.write(move |tx| {
            Box::pin(async move { lanes::claim(tx, org, app, times, (Claimable::Any, limit)).await })
        });
        claimed.await.expect("claimed")
    }

    pub(super) async fn complete(&self, lease: &Lease, completion: Completion) -> bool {
        let (org, app, lease) = (self.house.org, self.app, lease.clone());
        let completed = self.house.write(move |tx| {
            let (lease, completion) = (lease.clone(), completion.clone());
            Box::pin(async move { lanes::complete(tx, org, app, &lease, &completion).await })
        });
        completed.await.expect("written")
    }

    async fn doubt(&self, lease: &Lease, keys: &'static str, then: Timestamp) -> Vec<String> {
        let (org, app, lease) = (self.house.org, self.app, lease.clone());
        let noted = self.house.write(move |tx| {
            let lease = lease.clone();
            Box::pin(async move {
                let others = lanes::in_doubt(tx, org, app, then).await?;
                let noted = lanes::doubt(tx, org, app, &[doubt(&lease, keys)]).await?;
                assert_eq!(noted, [(lease.subject, lease.fence)], "the lease holds");
                Ok(others
                    .into_iter()
                    .filter(|other| other.subject != lease.subject)
                    .map(|other| other.keys)
                    .collect())
            })
        });
        noted.await.expect("written")
    }

    async fn renew(&self, lease: &Lease) -> bool {
        let (org, app, lease) = (self.house.org, self.app, lease.clone());
        let until = self.now() + LEASE;
        let renewed = self.house.write(move |tx| {
            let lease = lease.clone();
            Box::pin(async move { lanes::renew(tx, org, app, &lease, until).await })
        });
        renewed.await.expect("written")
    }

    async fn due(&self) -> Option<Timestamp> {
        lanes::next_due(&mut self.house.q(), self.house.org, self.app)
            .await
            .expect("read")
    }

    async fn outcomes(&self, cycle: CycleId) -> Vec<(bool, Option<String>, u64)> {
        lanes::outcomes(&mut self.house.q(), self.house.org, self.app, cycle)
            .await
            .expect("read")
    }
}

fn doubt<'l>(lease: &'l Lease, keys: &'l str) -> Doubt<'l> {
    Doubt {
        lease,
        keys,
        due: lease.until,
    }
}

pub(super) fn done() -> Completion {
    Completion::Done {
        outcome: "updated".to_owned(),
        struck: Struck::No,
    }
}

fn failed(due: Timestamp, hold: Option<Timestamp>) -> Completion {
    Completion::Failed {
        outcome: "error".to_owned(),
        due: Some(due),
        hold,
        error: "{}".to_owned(),
        doubt: Some("[]".to_owned()),
        verify: Verify::Yes,
        pending: true,
    }
}

pub(crate) async fn a_burst_of_changes_is_one_piece_of_work(house: &House) {
    let lanes = Lanes::new(house).await;
    let anna: SubjectId = house.hire("anna").await.expect("hired").id.into();
    let cycle = lanes.mark(vec![anna]).await;
    lanes.mark(vec![anna]).await;
    let leases = lanes.claim(9).await;
    assert_eq!(
        (leases.len(), leases[0].generation, leases[0].cycle),
        (1, 2, Some(cycle))
    );
    assert_eq!(lanes.claim(9).await, [], "it is leased");
    assert!(lanes.complete(&leases[0], done()).await);
    assert_eq!(lanes.due().await, None);
    assert_eq!(
        lanes.outcomes(cycle).await,
        [(false, Some("updated".to_owned()), 1)]
    );
    assert!(!lanes.complete(&leases[0], done()).await, "once");
}

pub(crate) async fn a_change_during_the_work_is_work_again(house: &House) {
    let lanes = Lanes::new(house).await;
    let anna: SubjectId = house.hire("anna").await.expect("hired").id.into();
    let cycle = lanes.mark(vec![anna]).await;
    let first = lanes.claim(1).await.remove(0);
    lanes.mark(vec![anna]).await;
    assert!(lanes.complete(&first, done()).await);
    assert!(
        lanes::is_pending(&mut house.q(), house.org, lanes.app, cycle)
            .await
            .expect("read")
    );
    let second = lanes.claim(1).await.remove(0);
    assert_eq!(
        (second.generation, second.outcome.as_deref()),
        (2, Some("updated"))
    );
    assert!(lanes.complete(&second, done()).await);
    assert_eq!(lanes.due().await, None);
}

pub(crate) async fn a_lost_lease_writes_nothing(house: &House) {
    let lanes = Lanes::new(house).await;
    let anna: SubjectId = house.hire("anna").await.expect("hired").id.into();
    lanes.mark(vec![anna]).await;
    let first = lanes.claim(1).await.remove(0);
    house.clock.advance(LEASE);
    let second = lanes.claim(1).await.remove(0);
    assert_eq!((second.fence, second.verify), (first.fence + 1, Verify::Yes));
    assert!(!lanes.complete(&first, done()).await);
    let (org, app, late) = (house.org, lanes.app, first.clone());
    let noted = house.write(move |tx| {
        let late = late.clone();
        Box::pin(async move { lanes::doubt(tx, org, app, &[doubt(&late, "[]")]).await })
    });
    assert_eq!(noted.await.expect("written"), []);
    assert!(!lanes.renew(&first).await);
    assert!(lanes.complete(&second, done()).await);
}

pub(crate) async fn a_lease_that_is_renewed_lasts(house: &House) {
    let lanes = Lanes::new(house).await;
    let anna: SubjectId = house.hire("anna").await.expect("hired").id.into();
    lanes.mark(vec![anna]).await;
    let lease = lanes.claim(1).await.remove(0);
    house.clock.advance(LEASE / 2);
    assert!(lanes.renew(&lease).await);
    house.clock.advance(LEASE / 2);
    assert!(lanes.claim(1).await.is_empty());
    assert!(lanes.complete(&lease, done()).await);
    assert!(!lanes.renew(&lease).await, "it is over");
}

pub(crate) async fn what_others_create_is_known_until_it_must_show(house: &House) {
    let lanes = Lanes::new(house).await;
    let mut people: Vec<SubjectId> = Vec::new();
    for name in ["anna", "berta", "carla"] {
        people.push(house.hire(name).await.expect("hired").id.into());
    }
    lanes.mark(people.clone()).await;
    let leases = lanes.claim(3).await;
    let begun = lanes.now();
    assert!(lanes.doubt(&leases[0], "[1]", begun).await.is_empty());
    assert_eq!(lanes.doubt(&leases[1], "[2]", begun).await, ["[1]"]);
    let mut beside = lanes.doubt(&leases[2], "[3]", begun).await;
    beside.sort_unstable();
    assert_eq!(beside, ["[1]", "[2]"]);
    assert_eq!(
        lanes.doubt(&leases[2], "[3]", begun).await.len(),
        2,
        "not her own"
    );
    let later = begun + LEASE;
    assert!(
        lanes.doubt(&leases[2], "[3]", later).await.is_empty(),
        "whoever looks now sees the account"
    );
}

pub(crate) async fn who_is_in_doubt_waits_whatever_happens(house: &House) {
    let lanes = Lanes::new(house).await;
    let anna: SubjectId = house.hire("anna").await.expect("hired").id.into();
    lanes.mark(vec![anna]).await;
    let lease = lanes.claim(1).await.remove(0);
    let until = lanes.now() + LEASE;
    assert!(lanes.complete(&lease, failed(until, Some(until))).await);
    lanes.mark(vec![anna]).await;
    assert_eq!(lanes.due().await, Some(until));
    house.clock.advance(LEASE);
    let again = lanes.claim(1).await.remove(0);
    assert_eq!(
        (again.attempts, again.doubt.as_deref(), again.verify),
        (1, Some("[]"), Verify::Yes)
    );

    // An ordinary failure is tried again at once when something changes.
    let later = lanes.now() + LEASE;
    assert!(lanes.complete(&again, failed(later, None)).await);
    assert_eq!(lanes.due().await, Some(later));
    lanes.mark(vec![anna]).await;
    assert!(lanes.due().await.is_some_and(|due| due < later));
    let failing = lanes::failing(&mut house.q(), house.org, lanes.app, 9)
        .await
        .expect("read");
    assert_eq!((failing.len(), failing[0].attempts), (1, 2));
}

pub(crate) async fn what_has_failed_is_tried_at_once_when_asked(house: &House) {
    let lanes = Lanes::new(house).await;
    let mut subjects: Vec<SubjectId> = Vec::new();
    for name in ["anna", "berta", "carla", "doris"] {
        subjects.push(house.hire(name).await.expect("hired").id.into());
    }
    lanes.mark(subjects.clone()).await;
    let leases = lanes.claim(3).await;
    assert_eq!(leases.len(), 3);
    let later = lanes.now() + LEASE;
    for (number, lease) in leases.iter().enumerate() {
        let hold = (number == 2).then_some(later);
        assert!(lanes.complete(lease, failed(later, hold)).await);
    }
    // The fourth has not failed: it is done.
    let done = lanes.claim(1).await.remove(0);
    let completion = Completion::Done {
        outcome: "created".to_owned(),
        struck: Struck::No,
    };
    assert!(lanes.complete(&done, completion).await);
    let (org, app) = (house.org, lanes.app);
    let retry = async |subject: Option<SubjectId>| {
        let now = lanes.now();
        let retried = house.write(move |tx| Box::pin(lanes::retry(tx, org, app, subject, now)));
        retried.await.expect("written")
    };
    assert_eq!(
        retry(Some(done.subject)).await,
        0,
        "there is nothing to try again"
    );
    assert_eq!(lanes.due().await, Some(later));
    assert_eq!(retry(Some(leases[0].subject)).await, 1);
    let again = lanes.claim(9).await;
    assert_eq!(
        again.iter().map(|lease| lease.subject).collect::<Vec<_>>(),
        [leases[0].subject]
    );
    assert_eq!(retry(None).await, 2, "whoever is being worked for is left alone");
    let again = lanes.claim(9).await;
    assert_eq!(
        again.iter().map(|lease| lease.subject).collect::<Vec<_>>(),
        [leases[1].subject],
        "who is in doubt waits on"
    );
}

pub(crate) async fn what_a_dead_process_leased_is_taken_back(house: &House) {
    let lanes = Lanes::new(house).await;
    for name in ["anna", "berta"] {
        lanes
            .mark(vec![house.hire(name).await.expect("hired").id.into()])
            .await;
    }
    let leases = lanes.claim(9).await;
    let (org, app, doubtful) = (house.org, lanes.app, leases[0].clone());
    let now = lanes.now();
    let recover = async |process: ProcessId| {
        let doubtful = doubtful.clone();
        let recovered = house.write(move |tx| {
            let doubtful = doubtful.clone();
            Box::pin(async move {
                lanes::doubt(tx, org, app, &[doubt(&doubtful, "[]")]).await?;
                lanes::recover(tx, org, app, process, (now, now + LEASE)).await
            })
        });
        recovered.await.expect("written")
    };
    assert_eq!(recover(lanes.process).await, 0, "what is one's own is alive");
    assert_eq!(recover(house.store.ambient().id()).await, 2);
    let again = lanes.claim(9).await;
    assert_eq!(again.len(), 1, "the other one waits");
    assert_eq!(again[0].subject, leases[1].subject);
    assert_eq!(lanes.due().await.map(|due| due <= now + LEASE), Some(true));
}

pub(crate) async fn claims_do_not_overlap(house: &House) {
    const PEOPLE: usize = 60;
    let lanes = Lanes::new(house).await;
    let mut people = Vec::new();
    for number in 0..PEOPLE {
        people.push(house.hire(&format!("p{number}")).await.expect("hired").id.into());
    }
    lanes.mark(people).await;
    let claims = (0..16).map(|_| lanes.claim(5));
    let claimed: Vec<Lease> = futures_util::future::join_all(claims).await.concat();
    let subjects: HashSet<SubjectId> = claimed.iter().map(|lease| lease.subject).collect();
    assert_eq!(subjects.len(), claimed.len(), "nobody is claimed twice");
    let rest = lanes.claim(PEOPLE).await.len();
    assert_eq!(claimed.len() + rest, PEOPLE, "nobody is lost");
}

pub(crate) async fn only_whom_it_concerns_is_marked(house: &House) {
    let lanes = Lanes::new(house).await;
    let (org, app) = (house.org, lanes.app);
    let anna = house.hire("anna").await.expect("hired").id;
    let stranger: UserId = house.store.ambient().id();
    let mark = Mark {
        cycle: house.store.ambient().id(),
        now: lanes.now(),
        verify: Verify::No,
    };
    let marked = house.write(move |tx| {
        Box::pin(async move {
            let both = [anna.into(), stranger.into()];
            Ok([
                lanes::mark_concerned(tx, org, app, &both, mark).await?,
                lanes::mark_assigned(tx, org, app, mark).await?,
                lanes::mark_known(tx, org, app, &both, mark).await?,
                lanes::mark_concerned(tx, org, app, &both, mark).await?,
                lanes::mark_everybody(tx, org, app, mark).await?,
                lanes::mark_linked(tx, org, app, mark).await?,
            ])
        })
    });
    // Marked for the cycle already: the last one passes her over.
    assert_eq!(marked.await.expect("written"), [0, 0, 1, 1, 1, 0]);
}
