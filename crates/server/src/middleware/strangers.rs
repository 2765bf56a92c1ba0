//! How much other sites, and whoever plays one, may send to the addresses for messages: counted for the network that it comes
//! from, as nobody is known yet. Each process counts for itself, in memory.
//!
//! What comes to nothing costs most. A sign-in that begins is kept for half an hour and costs less, and an answer that is
//! believed gives that back: so whole companies can sign in from one network.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::response::Response;
use base::Timestamp;

use crate::pages::page;

/// What came of a message, where the status of the answer does not say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Came {
    /// A request of ours is kept until it is answered.
    Begun,
    /// An answer was believed.
    Believed,
    /// It was refused, on a page elsewhere.
    Refused,
}

/// All that a network may cost at once; it comes back as time goes by.
const MOST: Duration = Duration::from_mins(1);
/// Refused: three hundred at once, and five a second.
const REFUSED: Duration = Duration::from_millis(200);
const BEGUN: Duration = Duration::from_millis(50);
const OTHER: Duration = Duration::from_millis(10);
/// From so many networks on, those that have nothing left to pay are forgotten.
const SWEEP: usize = 1 << 14;

/// Of each network, when all that it has cost will have come back.
#[derive(Default)]
pub struct Strangers(Mutex<HashMap<[u8; 8], Timestamp>>);

impl Strangers {
    /// Whether a network may send a message, or how long it has to wait.
    pub fn judge(&self, from: IpAddr, now: Timestamp) -> Result<(), Duration> {
        let paid = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let owed = paid
            .get(&network(from))
            .map_or(Duration::ZERO, |paid| paid.since(now));
        match owed.checked_sub(MOST) {
            Some(wait) if !wait.is_zero() => Err(wait),
            _ => Ok(()),
        }
    }

    /// Counts what has come of one.
    pub fn count(&self, from: IpAddr, answer: &Response, now: Timestamp) {
        let came = answer.extensions().get::<Came>().copied();
        let is_refused = answer.status().is_client_error();
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= SWEEP {
            all.retain(|_, paid| *paid > now);
        }
        let paid = all.entry(network(from)).or_insert(now);
        let from_now = (*paid).max(now);
        *paid = match came {
            Some(Came::Believed) => from_now - BEGUN,
            Some(Came::Begun) => from_now + BEGUN,
            Some(Came::Refused) => from_now + REFUSED,
            None if is_refused => from_now + REFUSED,
            None => from_now + OTHER,
        };
    }
}

/// The page for whoever has to wait.
pub fn wait(time: Duration) -> Response {
    let seconds = time.as_secs() + 1;
    let text = "Too many messages that came to nothing were sent from your network. Try again in a moment.";
    page::retry_after(page::failure(http::StatusCode::TOO_MANY_REQUESTS, text), seconds)
}

/// Marks an answer with what came of the message.
pub fn marked(mut answer: Response, came: Came) -> Response {
    answer.extensions_mut().insert(came);
    answer
}

/// Of IPv6 the first 64 bits, which one subscriber has.
fn network(from: IpAddr) -> [u8; 8] {
    let mut network = [0; 8];
    match from.to_canonical() {
        // No address of IPv6 that is in use begins so.
        IpAddr::V4(address) => network[4..].copy_from_slice(&address.octets()),
        IpAddr::V6(address) => network.copy_from_slice(&address.octets()[..8]),
    }
    network
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::response::IntoResponse as _;
    use http::StatusCode;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(1_800_000_000_000_000 + seconds * 1_000_000)
    }

    #[test]
    fn what_comes_to_nothing_is_soon_too_much() {
        let strangers = Strangers::default();
        let (one, other) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        let refused = StatusCode::FORBIDDEN.into_response();
        for _ in 0..301 {
            assert_eq!(strangers.judge(one, at(0)), Ok(()));
            strangers.count(one, &refused, at(0));
        }
        assert_eq!(strangers.judge(one, at(0)), Err(REFUSED));
        assert_eq!(strangers.judge(other, at(0)), Ok(()));
        assert_eq!(strangers.judge(one, at(1)), Ok(()), "five a second");
        let elsewhere = marked(StatusCode::SEE_OTHER.into_response(), Came::Refused);
        for _ in 0..6 {
            strangers.count(one, &elsewhere, at(1));
        }
        assert!(strangers.judge(one, at(1)).is_err());
    }

    #[test]
    fn a_company_signs_in_from_one_network() {
        let strangers = Strangers::default();
        let one = IpAddr::from([192, 0, 2, 1]);
        let begun = marked(StatusCode::SEE_OTHER.into_response(), Came::Begun);
        let believed = marked(StatusCode::SEE_OTHER.into_response(), Came::Believed);
        for _ in 0..10_000 {
            strangers.count(one, &begun, at(0));
            assert_eq!(strangers.judge(one, at(0)), Ok(()));
            strangers.count(one, &believed, at(0));
        }
        let mut begun_alone = 0;
        while strangers.judge(one, at(0)).is_ok() {
            strangers.count(one, &begun, at(0));
            begun_alone += 1;
        }
        assert_eq!(begun_alone, 1_201);
    }

    #[test]
    fn a_subscriber_of_ipv6_is_one_network() {
        let of = |text: &str| network(text.parse().expect("an address"));
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("192.0.2.1"), of("::ffff:192.0.2.1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }
}
