//! Judging: what was not counted is not admitted.

use std::time::Duration;

use base::SubjectId;
use futures_util::future::join3;
use store::judging::{self, Tally};
use store::lanes::{self, Completion, Lease, Struck};

use super::lanes::{Lanes, done};
use crate::house::House;

const MOST: u64 = 20;

impl Lanes<'_> {
    async fn admit(&self) {
        let (org, app, since) = (self.house.org, self.app, self.now() - Duration::from_hours(1));
        let admitted = self
            .house
            .write(move |tx| Box::pin(async move { judging::admit(tx, org, app, since, MOST).await }));
        admitted.await.expect("judged");
    }

    async fn tally(&self) -> Tally {
        let since = self.now() - Duration::from_hours(1);
        let tally = judging::tally(&mut self.house.q(), self.house.org, self.app, since, 1_000).await;
        tally.expect("read")
    }

    async fn hire(&self, count: usize, name: &str) -> Vec<SubjectId> {
        let mut people = Vec::new();
        for number in 0..count {
            let hired = self.house.hire(&format!("{name}{number}")).await;
            people.push(hired.expect("hired").id.into());
        }
        people
    }

    /// In one write, as the engine does.
    async fn complete_all(&self, leases: &[Lease], completion: Completion) {
        let (org, app, leases) = (self.house.org, self.app, leases.to_vec());
        let completed = self.house.write(move |tx| {
            let (leases, completion) = (leases.clone(), completion.clone());
            Box::pin(async move {
                for lease in &leases {
                    assert!(lanes::complete(tx, org, app, lease, &completion).await?);
                }
                Ok(())
            })
        });
        completed.await.expect("written");
    }

    async fn strike(&self) {
        for lease in self.claim(1).await {
            let struck = Completion::Done {
                outcome: "disabled".to_owned(),
                struck: Struck::Yes,
            };
            assert!(self.complete(&lease, struck).await);
        }
    }
}

pub(crate) async fn as_many_as_may_go_are_admitted(house: &House) {
    let lanes = Lanes::new(house).await;
    lanes.mark(lanes.hire(20, "a").await).await;
    lanes.admit().await;
    let all = Tally {
        counted: 20,
        ..Tally::default()
    };
    assert_eq!(lanes.tally().await, all);
    lanes.mark(lanes.hire(1, "b").await).await;
    lanes.admit().await;
    let tally = lanes.tally().await;
    assert_eq!((tally.open, tally.counted), (1, 20), "one too many");
    lanes.strike().await;
    lanes.admit().await;
    let tally = lanes.tally().await;
    assert_eq!(tally.struck + tally.counted, 20, "who went counts on: {tally:?}");
    assert_eq!(tally.open, 1);
}

/// While it is judged, others find out that more would go; they write it down for many at a time.
pub(crate) async fn what_shows_meanwhile_is_not_admitted_with_the_rest(house: &House) {
    let lanes = Lanes::new(house).await;
    let people = lanes.hire(40, "a").await;
    for _ in 0..30 {
        lanes.mark(people.clone()).await;
        let leases = lanes.claim(40).await;
        assert_eq!(leases.len(), 40);
        let due = lanes.now();
        let (some, others) = leases.split_at(18);
        let suspect = |leases| lanes.complete_all(leases, Completion::Suspect { due });
        let judge = async {
            for _ in 0..6 {
                lanes.admit().await;
            }
        };
        join3(suspect(some), suspect(others), judge).await;
        lanes.admit().await;
        let tally = lanes.tally().await;
        assert_eq!(tally.counted + tally.suspect, 40, "{tally:?}");
        assert!(tally.counted <= MOST, "{tally:?}");
        lanes.complete_all(&lanes.claim(40).await, done()).await;
    }
}
