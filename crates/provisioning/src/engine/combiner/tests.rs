use base::{Ambient, UserId};
use store::assignments::SubjectKind;
use store::lanes::{Judged, Verify};

use super::*;

fn lease(subject: SubjectId) -> Lease {
    Lease {
        subject,
        kind: SubjectKind::User,
        generation: 1,
        fence: 1,
        attempts: 0,
        until: Timestamp::default(),
        cycle: None,
        plan: None,
        doubt: None,
        verify: Verify::No,
        outcome: None,
        judged: Judged::Harmless,
    }
}

fn somebody() -> SubjectId {
    Ambient::system().id::<UserId>().into()
}

const LIMITS: BulkLimits = BulkLimits {
    operations: 3,
    payload: 10_000,
};

fn numbers(waiters: &[Waiter]) -> Vec<u64> {
    waiters.iter().map(|waiter| waiter.number).collect()
}

#[test]
fn as_many_as_fit_in_their_order() {
    let combiner = Combiner::default();
    let seats: Vec<_> = (0..5)
        .map(|at| combiner.sit_down(&lease(somebody()), Part::example(at, None)))
        .collect();
    assert_eq!(
        seats.iter().filter(|seat| seat.leads).count(),
        1,
        "the first one leads"
    );
    let first = combiner.lock().take(LIMITS);
    assert_eq!(numbers(&first), [1, 2, 3]);
    let narrow = BulkLimits { payload: 1, ..LIMITS };
    let second = combiner.lock().take(narrow);
    assert_eq!(numbers(&second), [4], "one always goes");
}

#[test]
fn nobody_is_in_it_twice() {
    let combiner = Combiner::default();
    let anna = somebody();
    let _seats = [
        combiner.sit_down(&lease(anna), Part::example(1, Some("a"))),
        combiner.sit_down(&lease(anna), Part::example(2, Some("x"))),
        combiner.sit_down(&lease(somebody()), Part::example(3, Some("a"))),
        combiner.sit_down(&lease(somebody()), Part::example(4, Some("b"))),
    ];
    let first = combiner.lock().take(LIMITS);
    assert_eq!(numbers(&first), [1, 4]);
    let second = combiner.lock().take(LIMITS);
    assert_eq!(numbers(&second), [2, 3]);
}

#[tokio::test]
async fn whoever_gives_up_passes_it_on() {
    let combiner = Combiner::default();
    let first = combiner.sit_down(&lease(somebody()), Part::example(1, None));
    let mut second = combiner.sit_down(&lease(somebody()), Part::example(2, None));
    assert!(first.leads && !second.leads);
    drop(first);
    assert!(matches!(second.replies.recv().await, Some(Reply::Lead)));
    assert_eq!(numbers(&combiner.lock().take(LIMITS)), [2]);
}

#[tokio::test]
async fn the_next_one_fills_while_two_are_under_way() {
    let combiner = Combiner::default();
    let first = combiner.gather(LIMITS).await;
    let _second = combiner.gather(LIMITS).await;
    let mut third = Box::pin(combiner.gather(LIMITS));
    assert!(futures_util::FutureExt::now_or_never(&mut third).is_none());
    let mut seats = vec![
        combiner.sit_down(&lease(somebody()), Part::example(1, None)),
        combiner.sit_down(&lease(somebody()), Part::example(2, None)),
    ];
    assert!(futures_util::FutureExt::now_or_never(&mut third).is_none());
    seats.push(combiner.sit_down(&lease(somebody()), Part::example(3, None)));
    let third = futures_util::FutureExt::now_or_never(third).expect("it is full");
    drop(combiner.lock().take(LIMITS));
    let mut fourth = Box::pin(combiner.gather(LIMITS));
    assert!(futures_util::FutureExt::now_or_never(&mut fourth).is_none());
    drop((first, third));
    assert!(
        futures_util::FutureExt::now_or_never(fourth).is_some(),
        "two were answered"
    );
}
