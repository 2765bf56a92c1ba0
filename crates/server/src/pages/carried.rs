//! What the server must still know when a form comes back, carried by the form itself: sealed, for this browser only, and
//! for a few minutes.

use std::time::Duration;

use base::{OrgId, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::browser::Browser;
use crate::State;

/// How long somebody may take to fill in the form.
const PATIENCE: Duration = Duration::from_mins(10);

#[derive(Serialize, Deserialize)]
struct Carried<T> {
    at: Timestamp,
    form: String,
    what: T,
}

/// Seals something for a purpose.
pub fn seal<T: Serialize>(state: &State, browser: &Browser, purpose: &str, what: T) -> String {
    let carried = Carried {
        at: state.ambient.now(),
        form: browser.form_token(),
        what,
    };
    let text = serde_json::to_vec(&carried).unwrap_or_default();
    state
        .sealers
        .pages
        .seal(&state.ambient, nobodys(), purpose, &text)
}

/// What was sealed for the same purpose, for the same browser, not long ago.
pub fn open<T: DeserializeOwned>(state: &State, browser: &Browser, purpose: &str, text: &str) -> Option<T> {
    let bytes = state.sealers.pages.open(nobodys(), purpose, text).ok()?;
    let carried: Carried<T> = serde_json::from_slice(&bytes).ok()?;
    let fresh = state.ambient.now().since(carried.at) <= PATIENCE;
    (fresh && browser.is_form_token(&carried.form)).then_some(carried.what)
}

/// Nobody has signed in yet, so it is no organization's.
fn nobodys() -> OrgId {
    OrgId::new(Timestamp::default(), [0; 10])
}
