//! How fast a target is sent to. As fast as it goes, until it asks to be sent less: then half as many requests a second as
//! it got lately, by a token bucket, and a little more each second from then on. What it says of its quota
//! ([`quota`](super::quota)) is kept to, request by request.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base::Timestamp;

use super::quota::Quota;

/// A second after the limit came, it is a thirtieth of it more; and so on.
const STEPS: f64 = 30.0;
/// What was sent is counted for so long, and then anew.
const WINDOW: Duration = Duration::from_secs(5);

/// Requests a second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Bounds {
    /// Never fewer, whatever it asks for.
    pub(crate) least: f64,
    /// Never more.
    pub(crate) most: Option<f64>,
}

/// The meter of one target.
#[derive(Debug)]
pub(crate) struct Meter {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    bounds: Bounds,
    /// `None`: as fast as it goes.
    rate: Option<f64>,
    /// Requests that may be sent at once; fewer than none are sent ahead.
    tokens: f64,
    refilled: Option<Timestamp>,
    recovery: Option<Recovery>,
    window: Window,
    quota: Option<Quota>,
}

/// On the way back after it asked to be sent less.
#[derive(Debug)]
struct Recovery {
    since: Timestamp,
    stepped: Timestamp,
    step: f64,
    /// At which there is no limit any more.
    goal: f64,
}

#[derive(Debug, Default)]
struct Window {
    began: Option<Timestamp>,
    count: u32,
    /// Requests a second in the window before.
    before: Option<f64>,
}

impl Window {
    fn count(&mut self, now: Timestamp) {
        match self.began {
            Some(began) if now.since(began) < WINDOW => {}
            Some(_) => {
                *self = Self {
                    before: Some(self.rate(now)),
                    began: Some(now),
                    count: 0,
                }
            }
            None => self.began = Some(now),
        }
        self.count += 1;
    }

    fn rate(&self, now: Timestamp) -> f64 {
        let elapsed = self
            .began
            .map_or(Duration::ZERO, |began| now.since(began))
            .as_secs_f64();
        match self.before {
            Some(before) if elapsed < 1.0 => before,
            _ => f64::from(self.count) / elapsed.max(1.0),
        }
    }
}

impl Meter {
    /// With the limit that was kept to last, if there was one.
    pub(crate) fn new(bounds: Bounds, rate: Option<u32>, now: Timestamp) -> Self {
        let mut state = State {
            bounds,
            rate: bounds.most,
            tokens: 1.0,
            refilled: None,
            recovery: None,
            window: Window::default(),
            quota: None,
        };
        if let Some(rate) = rate {
            state.slow_down(2.0 * f64::from(rate), now);
        }
        Self {
            state: Mutex::new(state),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes leave for a request: how long to wait before it is sent, or until when nothing may be sent.
    pub(crate) fn admit(&self, now: Timestamp) -> Result<Duration, Timestamp> {
        let mut state = self.lock();
        if let Some(quota) = &mut state.quota {
            if quota.resets <= now {
                state.quota = None;
            } else if quota.remaining == 0 {
                return Err(quota.resets);
            } else {
                quota.remaining -= 1;
            }
        }
        state.window.count(now);
        Ok(state.take(now))
    }

    /// It asked to be sent less, in answer to a request sent then. Those that were under way are told the same.
    pub(crate) fn throttled(&self, sent: Timestamp, now: Timestamp) {
        let mut state = self.lock();
        if state
            .recovery
            .as_ref()
            .is_some_and(|recovery| sent <= recovery.since)
        {
            return;
        }
        let lately = state.window.rate(now);
        let before = state.rate.map_or(lately, |rate| rate.min(lately));
        state.slow_down(before, now);
    }

    /// It answered well.
    pub(crate) fn answered(&self, now: Timestamp) {
        self.lock().recover(now);
    }

    /// It said how much it will take.
    pub(crate) fn note_quota(&self, quota: Quota) {
        let mut state = self.lock();
        state.quota = Some(match state.quota {
            // Those under way are not in what it says.
            Some(known) if known.is_same_as(quota) => Quota {
                remaining: known.remaining.min(quota.remaining),
                ..quota
            },
            _ => quota,
        });
    }

    /// Requests a second, while they are limited because it asked for it; else `None`.
    pub(crate) fn limited(&self) -> Option<u64> {
        let state = self.lock();
        state.rate.filter(|_| state.recovery.is_some()).map(whole)
    }

    /// How many requests may be sent within this time; `None`: there is no limit.
    pub(crate) fn within(&self, time: Duration) -> Option<u64> {
        let rate = self.lock().rate?;
        Some(whole(rate * time.as_secs_f64()))
    }
}

/// Rounded up.
fn whole(number: f64) -> u64 {
    Duration::try_from_secs_f64(number.ceil()).map_or(u64::MAX, |seconds| seconds.as_secs())
}

impl State {
    /// Half of what it was.
    fn slow_down(&mut self, before: f64, now: Timestamp) {
        let most = self.bounds.most.unwrap_or(f64::INFINITY);
        let rate = (before / 2.0).max(self.bounds.least).min(most);
        self.rate = Some(rate);
        self.tokens = self.tokens.min(0.0);
        self.refilled = Some(now);
        self.recovery = Some(Recovery {
            since: now,
            stepped: now,
            step: rate / STEPS,
            goal: (4.0 * rate).min(most),
        });
    }

    fn recover(&mut self, now: Timestamp) {
        let (Some(rate), Some(recovery)) = (&mut self.rate, &mut self.recovery) else {
            return;
        };
        let seconds = now.since(recovery.stepped).as_secs_f64();
        if seconds < 1.0 {
            return;
        }
        recovery.stepped = now;
        // A long silence shows nothing.
        *rate += recovery.step * seconds.min(5.0);
        if *rate >= recovery.goal {
            self.recovery = None;
            self.rate = self.bounds.most;
        }
    }

    fn take(&mut self, now: Timestamp) -> Duration {
        let Some(rate) = self.rate else {
            return Duration::ZERO;
        };
        let elapsed = self.refilled.map_or(0.0, |at| now.since(at).as_secs_f64());
        self.refilled = Some(now);
        self.tokens = (self.tokens + rate * elapsed).min(rate.max(1.0)) - 1.0;
        if self.tokens >= 0.0 {
            return Duration::ZERO;
        }
        Duration::try_from_secs_f64(-self.tokens / rate).unwrap_or(WINDOW)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FREE: Bounds = Bounds {
        least: 1.0,
        most: None,
    };

    const SECOND: Duration = Duration::from_secs(1);

    fn at(millis: u64) -> Timestamp {
        Timestamp::default() + Duration::from_millis(millis)
    }

    /// Sends so many, a hundred each second.
    fn send(meter: &Meter, from: u64, count: u64) {
        for number in 0..count {
            assert!(meter.admit(at(from + 10 * number)).is_ok());
        }
    }

    #[test]
    fn as_fast_as_it_goes_until_it_asks_for_less() {
        let meter = Meter::new(FREE, None, at(0));
        send(&meter, 0, 200);
        assert_eq!((meter.within(SECOND), meter.limited()), (None, None));
        meter.throttled(at(1_990), at(2_000));
        assert_eq!(meter.limited(), Some(50));
        // Others that were under way are told the same.
        meter.throttled(at(1_995), at(2_010));
        assert_eq!(meter.limited(), Some(50));
        let waits: Vec<_> = (0..4)
            .filter_map(|_| meter.admit(at(2_000)).ok())
            .map(|wait| wait.as_millis())
            .collect();
        assert_eq!(waits, [20, 40, 60, 80], "one after the other");
        meter.throttled(at(3_500), at(3_500));
        assert!(meter.limited() < Some(50), "{:?}", meter.limited());
    }

    #[test]
    fn it_comes_back_bit_by_bit() {
        let meter = Meter::new(FREE, Some(30), at(0));
        assert_eq!(meter.limited(), Some(30), "as before the restart");
        meter.answered(at(500));
        assert_eq!(meter.limited(), Some(30));
        meter.answered(at(1_000));
        assert_eq!(meter.limited(), Some(31));
        meter.answered(at(3_000));
        assert_eq!(meter.limited(), Some(33));
        for second in 4..100 {
            meter.answered(at(1_000 * second));
        }
        assert_eq!((meter.limited(), meter.within(SECOND)), (None, None));
    }

    #[test]
    fn the_bounds_are_kept() {
        let bounds = Bounds {
            least: 20.0,
            most: Some(40.0),
        };
        let meter = Meter::new(bounds, None, at(0));
        assert_eq!((meter.within(SECOND), meter.limited()), (Some(40), None));
        assert_eq!(meter.admit(at(0)).ok(), Some(Duration::ZERO));
        assert_eq!(meter.admit(at(0)).ok(), Some(Duration::from_millis(25)));
        for second in 1..20 {
            send(&meter, 1_000 * second, 30);
            meter.throttled(at(1_000 * second + 500), at(1_000 * second + 500));
        }
        assert_eq!(meter.within(SECOND), Some(20));
        for second in 20..200 {
            meter.answered(at(1_000 * second));
        }
        assert_eq!((meter.within(SECOND), meter.limited()), (Some(40), None));
    }

    #[test]
    fn a_quota_is_kept_to_and_then_forgotten() {
        let meter = Meter::new(FREE, None, at(0));
        let quota = |remaining, resets| Quota {
            remaining,
            resets: at(resets),
        };
        meter.note_quota(quota(3, 10_000));
        assert!(meter.admit(at(0)).is_ok());
        // It was said before that one arrived.
        meter.note_quota(quota(3, 10_300));
        assert!(meter.admit(at(1)).is_ok());
        assert!(meter.admit(at(2)).is_ok());
        assert_eq!(meter.admit(at(3)), Err(at(10_300)));
        assert!(meter.admit(at(10_300)).is_ok());
        assert!(meter.admit(at(10_301)).is_ok());
        meter.note_quota(quota(0, 70_000));
        assert_eq!(meter.admit(at(10_400)), Err(at(70_000)));
    }
}
