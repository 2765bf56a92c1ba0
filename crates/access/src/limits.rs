//! How often somebody may try: after a few failures each further one makes the next wait longer. Counted for the address
//! that is typed, whether it is anybody's or not, and for the network that the attempts come from.

use std::net::IpAddr;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base::{Timestamp, canonical};
use store::failures::Failures;

/// From which failure on, and how long at first and at most, one has to wait.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    free: u32,
    first: Duration,
    most: Duration,
}

/// Of one address that is typed.
pub const ACCOUNT: Limit = Limit {
    free: 5,
    first: Duration::from_secs(30),
    most: Duration::from_mins(15),
};

/// Of one network: many people may share it.
pub const NETWORK: Limit = Limit {
    free: 50,
    first: Duration::from_secs(30),
    most: Duration::from_mins(15),
};

/// What was tried so long ago no longer counts.
pub const FORGOTTEN: Duration = Duration::from_hours(24);

/// What stood against an address before an attempt was counted, and stands now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    pub before: Failures,
    pub after: Failures,
}

impl Step {
    /// What stands if the attempt was no failure after all; what others have tried meanwhile stays.
    pub fn undone(self, present: Failures) -> Failures {
        let Failures { last, until, .. } = if present == self.after {
            self.before
        } else {
            present
        };
        Failures {
            count: present.count.saturating_sub(1),
            last,
            until,
        }
    }
}

impl Limit {
    /// What stands against an address once one more attempt is counted; or when one may try again.
    pub fn count(self, failures: Failures, now: Timestamp) -> Result<Step, Timestamp> {
        if failures.until > now {
            return Err(failures.until);
        }
        let count = if now.since(failures.last) >= FORGOTTEN {
            1
        } else {
            failures.count.saturating_add(1)
        };
        let pause = self.pause(count);
        let after = Failures {
            count,
            last: now,
            // Not even to this moment, where there is no pause: others may have begun a little earlier.
            until: if pause.is_zero() {
                failures.until
            } else {
                now + pause
            },
        };
        Ok(Step {
            before: failures,
            after,
        })
    }

    fn pause(self, count: u32) -> Duration {
        if count < self.free {
            return Duration::ZERO;
        }
        let doubled = 1_u32.checked_shl(count - self.free).unwrap_or(u32::MAX);
        self.first.saturating_mul(doubled).min(self.most)
    }
}

/// Under what the failures of an address that is typed are counted.
pub fn of_account(address: &str) -> Vec<u8> {
    hashed("account", canonical::email(address).as_bytes())
}

/// Under what those of a network are counted: of IPv6 the first 64 bits, which one subscriber has.
pub fn of_network(from: IpAddr) -> Vec<u8> {
    match from.to_canonical() {
        IpAddr::V4(address) => hashed("network", &address.octets()),
        IpAddr::V6(address) => hashed("network", &address.octets()[..8]),
    }
}

/// Under what those of a browser are counted that has signed in before.
pub fn of_device(id: &str) -> Vec<u8> {
    hashed("device", id.as_bytes())
}

fn hashed(kind: &str, what: &[u8]) -> Vec<u8> {
    digest(&SHA256, &[kind.as_bytes(), &[0], what].concat())
        .as_ref()
        .to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(1_800_000_000_000_000 + seconds * 1_000_000)
    }

    #[test]
    fn pauses_grow_and_end() {
        let (mut failures, mut pauses, mut now) = (Failures::default(), Vec::new(), at(0));
        for _ in 0..12 {
            failures = ACCOUNT.count(failures, now).expect("nobody waits").after;
            pauses.push(failures.until.since(now).as_secs());
            if failures.until > now {
                assert_eq!(ACCOUNT.count(failures, now), Err(failures.until));
                now = failures.until;
            }
        }
        assert_eq!(pauses, [0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900]);
    }

    #[test]
    fn a_day_later_one_begins_anew() {
        let failures = Failures {
            count: 40,
            last: at(0),
            until: at(900),
        };
        let after = ACCOUNT.count(failures, at(86_400)).expect("nobody waits").after;
        assert_eq!((after.count, after.until), (1, at(900)));
    }

    #[test]
    fn no_count_is_too_high() {
        let failures = Failures {
            count: u32::MAX,
            last: at(0),
            until: at(0),
        };
        let after = ACCOUNT.count(failures, at(1)).expect("nobody waits").after;
        assert_eq!(after.until, at(901));
    }

    #[test]
    fn a_success_leaves_what_was_there() {
        let failures = Failures {
            count: 4,
            last: at(0),
            until: at(-5),
        };
        let step = ACCOUNT.count(failures, at(10)).expect("nobody waits");
        assert_eq!(step.after.until, at(40));
        assert_eq!(step.undone(step.after), failures);
        // Somebody has failed meanwhile.
        let other = ACCOUNT.count(step.after, at(41)).expect("nobody waits").after;
        let left = Failures { count: 5, ..other };
        assert_eq!(step.undone(other), left);
        assert_eq!(step.undone(Failures::default()), Failures::default());
    }

    #[test]
    fn one_account_and_one_network_each_have_one_count() {
        assert_eq!(of_account(" Anna@Example.com"), of_account("anna@example.com"));
        let of = |text: &str| of_network(text.parse().expect("an address"));
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("192.0.2.1"), of("::ffff:192.0.2.1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }
}
