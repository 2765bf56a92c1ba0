//! Steering a target that runs as a process of its own. No token is asked for: it listens on loopback only.
//!
//! | request | what |
//! |---|---|
//! | `GET /control` | [`Counts`](super::Counts) |
//! | `GET /control/accounts`, `/control/groups`, `/control/journal` | what is there, what was asked |
//! | `POST /control` | what [`Orders`] says, in its order; answers the counts |

use bytes::Bytes;
use http::Response;
use http_body_util::Full;
use serde::Deserialize;
use serde_json::{Value, json};

use super::behaviour::{Options, Staleness};
use super::chaos::{Chaos, Dice};
use super::fault::{Armed, Rule};
use super::journal::Counts;
use super::protocol::response;
use super::request::Request;
use super::server::{Shared, lock};
use super::state::State;

/// The body of `POST /control`; every member may be left out.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
struct Orders {
    /// Ends all rules, chaos and staleness first.
    heal: bool,
    /// Counts from nought.
    reset_counts: bool,
    options: Option<Options>,
    rules: Vec<Rule>,
    chaos: Option<Chaos>,
    staleness: Option<Staleness>,
    /// User documents to create behind the engine's back.
    plant: Vec<Value>,
    /// Ids of users to delete behind the engine's back.
    uproot: Vec<String>,
}

pub(super) fn answer(state: &Shared, request: &Request) -> Response<Full<Bytes>> {
    let mut state = lock(state);
    let (status, body) = match (request.method.as_str(), request.path.as_str()) {
        ("GET", "/control") => (200, json!(state.counts)),
        ("GET", "/control/accounts") => (200, json!(state.users())),
        ("GET", "/control/groups") => (200, json!(state.groups())),
        ("GET", "/control/journal") => (200, json!(state.journal)),
        ("POST", "/control") => match obey(&mut state, &request.body) {
            Ok(()) => (200, json!(state.counts)),
            Err(error) => (400, json!({ "error": error })),
        },
        _ => (404, json!({ "error": "there is no such control" })),
    };
    response(status, "application/json", Bytes::from(body.to_string()))
}

fn obey(state: &mut State, body: &str) -> Result<(), String> {
    let orders: Orders = serde_json::from_str(body).map_err(|error| error.to_string())?;
    if orders.heal {
        state.rules.clear();
        state.dice = None;
        state.staleness = Staleness::default();
    }
    if orders.reset_counts {
        state.counts = Counts::default();
    }
    if let Some(options) = orders.options {
        state.options = options;
    }
    state.rules.extend(orders.rules.into_iter().map(Armed::new));
    if let Some(chaos) = orders.chaos {
        state.dice = Some(Dice::new(chaos));
    }
    if let Some(staleness) = orders.staleness {
        state.staleness = staleness;
    }
    for document in &orders.plant {
        state.plant(document.as_object().ok_or("plant takes objects")?)?;
    }
    for id in &orders.uproot {
        state.uproot(id);
    }
    Ok(())
}
