//! What came of a form, carried to the page that is shown behind it: so that whoever loads that page again sends nothing twice.

use axum::response::Response;
use serde::{Deserialize, Serialize};

use crate::State;
use crate::pages::{Browser, carried, page};

const PURPOSE: &str = "console.told";
/// Browsers keep cookies of 4,096 bytes (RFC 6265 §6.1).
const MOST: usize = 3_500;

#[derive(Debug, Serialize, Deserialize)]
struct Told {
    /// Where it is said, and nowhere else.
    place: String,
    text: String,
}

/// Leads to a place, where this is said once; nothing where it does not fit into a cookie.
pub fn lead(state: &State, browser: &Browser, place: &str, text: &str) -> Option<Response> {
    let told = Told {
        place: place.to_owned(),
        text: text.to_owned(),
    };
    let sealed = carried::seal(state, browser, PURPOSE, told);
    if sealed.len() > MOST {
        return None;
    }
    let cookie = browser.told_cookie(Some(&sealed))?;
    Some(page::with_cookies(page::see_other(place), [Some(cookie)]))
}

/// What is to be said at a place, to this browser.
pub fn at(state: &State, browser: &Browser, place: &str) -> Option<String> {
    let told: Told = carried::open(state, browser, PURPOSE, browser.told()?)?;
    (told.place == place).then_some(told.text)
}
