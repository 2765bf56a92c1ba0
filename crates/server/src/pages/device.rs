//! Browsers where somebody has signed in before (OWASP, *Slow Down Online Guessing Attacks with Device Cookies*): a cookie,
//! sealed, for the address that was typed. Who guesses at that address elsewhere keeps nobody waiting here.

use std::time::Duration;

use base::{CorrelationId, OrgId, Timestamp, canonical};
use http::HeaderValue;
use serde::{Deserialize, Serialize};

use super::browser::Browser;
use crate::State;

const PURPOSE: &str = "device";
/// How long a browser is known after the last sign-in.
const KNOWN: Duration = Duration::from_hours(365 * 24);

#[derive(Serialize, Deserialize)]
struct Known {
    address: String,
    id: CorrelationId,
    at: Timestamp,
}

/// As what a browser is known where this address is typed.
pub fn id(state: &State, browser: &Browser, address: &str) -> Option<String> {
    let known = open(state, browser.device()?)?;
    let fresh = state.ambient.now().since(known.at) <= KNOWN;
    (fresh && known.address == canonical::email(address)).then(|| known.id.to_string())
}

/// The cookie by which a browser is known from now on; none where it is not known what was typed.
pub fn cookie(state: &State, browser: &Browser, address: &str) -> Option<HeaderValue> {
    if address.is_empty() {
        return None;
    }
    let address = canonical::email(address);
    let before = browser.device().and_then(|device| open(state, device));
    let known = Known {
        id: match before {
            Some(before) if before.address == address => before.id,
            _ => state.ambient.id(),
        },
        address,
        at: state.ambient.now(),
    };
    let text = serde_json::to_vec(&known).ok()?;
    let sealed = state
        .sealers
        .pages
        .seal(&state.ambient, nobodys(), PURPOSE, &text);
    browser.device_cookie(&sealed, KNOWN)
}

fn open(state: &State, device: &str) -> Option<Known> {
    let bytes = state.sealers.pages.open(nobodys(), PURPOSE, device).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// An address may be somebody's in several organizations.
fn nobodys() -> OrgId {
    OrgId::new(Timestamp::default(), [0; 10])
}
