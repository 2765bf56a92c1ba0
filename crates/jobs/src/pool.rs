//! Keeps a bounded number of items under way.

use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

/// The safety net: how long to wait at most before looking whether there is something to do.
const TICK: Duration = Duration::from_millis(500);

/// Where work comes from and how it is done.
pub trait Queue: Send + Sync + 'static {
    type Item: Send + 'static;
    type Error: Display + Send;

    /// Brings in what is new. Called after every wake-up.
    fn refill(&self) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// Takes up to `room` items that are due. `under_way` are being worked on.
    fn claim(
        &self,
        room: usize,
        under_way: usize,
    ) -> impl Future<Output = Result<Claimed<Self::Item>, Self::Error>> + Send;

    /// Does one item and writes down what came of it.
    fn work(&self, item: Self::Item) -> impl Future<Output = ()> + Send;

    /// Called now and then, and whenever nothing is under way any more.
    fn settle(&self) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// How much may be under way.
    fn width(&self) -> Width;
}

/// What there was to take.
#[derive(Debug)]
pub struct Claimed<T> {
    pub items: Vec<T>,
    /// How long until something is due, if that is known.
    pub next: Option<Duration>,
}

/// How much may be under way, and below which number more is taken. Taking many at a time is cheaper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Width {
    pub most: usize,
    pub refill_below: usize,
}

/// Ends a pool.
#[derive(Debug)]
pub struct Stopper(watch::Sender<bool>);

/// Told to a pool when it is to end.
#[derive(Debug, Clone)]
pub struct Stop(watch::Receiver<bool>);

/// A stopper and what it stops.
pub fn stop() -> (Stopper, Stop) {
    let (sender, receiver) = watch::channel(false);
    (Stopper(sender), Stop(receiver))
}

impl Stopper {
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    pub fn is_stopped(&self) -> bool {
        *self.0.borrow() || self.0.has_changed().is_err()
    }

    /// Returns when it is stopped, or when the stopper is gone.
    pub async fn stopped(&mut self) {
        let _gone = self.0.wait_for(|stopped| *stopped).await;
    }
}

/// Works until it is stopped, then finishes what is under way. A failure of the queue is logged and tried again.
pub async fn pool<Q: Queue>(queue: Arc<Q>, mut wake: watch::Receiver<u64>, mut stop: Stop) {
    let mut under_way = JoinSet::new();
    let mut woken = true;
    let mut settle_at = tokio::time::Instant::now();
    while !stop.is_stopped() {
        let next = round(&*queue, &queue, &mut under_way, woken).await;
        let next = next.unwrap_or_else(|error| {
            tracing::warn!(%error, "the queue cannot be read");
            Some(TICK)
        });
        if under_way.is_empty() || settle_at.elapsed() >= TICK {
            settle_at = tokio::time::Instant::now();
            if let Err(error) = queue.settle().await {
                tracing::warn!(%error, "finished work cannot be settled");
            }
        }
        woken = false;
        tokio::select! {
            () = stop.stopped() => {}
            changed = wake.changed() => woken = changed.is_ok(),
            Some(_) = under_way.join_next() => {
                while under_way.try_join_next().is_some() {}
            }
            () = tokio::time::sleep(next.map_or(TICK, |next| next.min(TICK))) => woken = true,
        }
    }
    while under_way.join_next().await.is_some() {}
    if let Err(error) = queue.settle().await {
        tracing::warn!(%error, "finished work cannot be settled");
    }
}

/// Takes what there is room for. Says how long until more is due.
async fn round<Q: Queue>(
    queue: &Q,
    shared: &Arc<Q>,
    under_way: &mut JoinSet<()>,
    woken: bool,
) -> Result<Option<Duration>, Q::Error> {
    if woken {
        queue.refill().await?;
    }
    let width = queue.width();
    if under_way.len() >= width.refill_below.max(1) {
        return Ok(None);
    }
    let room = width.most.saturating_sub(under_way.len());
    let claimed = queue.claim(room, under_way.len()).await?;
    for item in claimed.items {
        let queue = Arc::clone(shared);
        // Boxed: what works is large, and is moved more than once on its way into a task.
        under_way.spawn(Box::pin(async move { queue.work(item).await }));
    }
    Ok(claimed.next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::VecDeque;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Numbers to be added up, at most two at a time.
    #[derive(Default)]
    struct Numbers {
        waiting: Mutex<VecDeque<usize>>,
        sum: AtomicUsize,
        busy: AtomicUsize,
        busiest: AtomicUsize,
        settled: AtomicUsize,
    }

    impl Queue for Numbers {
        type Item = usize;
        type Error = std::convert::Infallible;

        async fn refill(&self) -> Result<(), Self::Error> {
            Ok(())
        }

        async fn claim(&self, room: usize, _: usize) -> Result<Claimed<usize>, Self::Error> {
            let mut waiting = self.waiting.lock().expect("no panic");
            let room = room.min(waiting.len());
            Ok(Claimed {
                items: waiting.drain(..room).collect(),
                next: None,
            })
        }

        async fn work(&self, item: usize) {
            let busy = self.busy.fetch_add(1, Ordering::SeqCst) + 1;
            self.busiest.fetch_max(busy, Ordering::SeqCst);
            tokio::task::yield_now().await;
            self.sum.fetch_add(item, Ordering::SeqCst);
            self.busy.fetch_sub(1, Ordering::SeqCst);
        }

        async fn settle(&self) -> Result<(), Self::Error> {
            self.settled.fetch_add(1, Ordering::SeqCst);
            Ok(())
        }

        fn width(&self) -> Width {
            Width {
                most: 2,
                refill_below: 2,
            }
        }
    }

    #[tokio::test]
    async fn everything_is_done_and_never_too_much_at_a_time() {
        let numbers = Arc::new(Numbers::default());
        numbers.waiting.lock().expect("no panic").extend(1..=10);
        let (stopper, stopped) = stop();
        let signal = watch::Sender::new(0);
        let running = tokio::spawn(pool(Arc::clone(&numbers), signal.subscribe(), stopped));
        while numbers.sum.load(Ordering::SeqCst) < 55 {
            tokio::task::yield_now().await;
        }
        stopper.stop();
        running.await.expect("it ends");
        assert_eq!(numbers.busiest.load(Ordering::SeqCst), 2);
        assert!(numbers.settled.load(Ordering::SeqCst) > 0);
    }
}
