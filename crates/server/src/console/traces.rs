//! `/console/{org}/saml-traces`: how sign-ins and sign-outs by SAML went, with every message and every check.

use access::Permission::ManageOrganization;
use askama::Template;
use axum::extract::{Path, State as Extract};
use axum::response::Response;
use base::{OrgId, SubjectId};
use federation::{Direction, Trace, TraceFilter, TracedMessage};

use super::said::Refused;
use super::{Console, Said};
use crate::State;
use crate::api::Problem;
use crate::api::saml_traces::{OUTCOMES, ROLES, filter, trace};
use crate::middleware::context::Params;
use crate::pages::{Filled, words};

/// The setting of the organization.
const RETENTION: &str = "saml.traces_retention_days";
/// So many on one page.
const SHOWN: u32 = 50;

#[derive(Template)]
#[template(path = "console/traces.html")]
struct TracesPage<'a> {
    console: &'a Console,
    said: &'a Said,
    /// For how many days they are kept.
    days: String,
    rows: Vec<Row>,
    roles: Vec<Choice>,
    outcomes: Vec<Choice>,
    app: &'a str,
    user: &'a str,
    /// Where older ones are.
    older: Option<String>,
}

struct Choice {
    value: &'static str,
    label: &'static str,
    chosen: bool,
}

struct Row {
    address: String,
    at: String,
    what: String,
    outcome: &'static str,
    is_bad: bool,
    who: String,
    peer: String,
    message: String,
}

#[derive(Template)]
#[template(path = "console/trace.html")]
struct TracePage<'a> {
    console: &'a Console,
    said: &'a Said,
    row: Row,
    facts: Vec<(&'static str, String)>,
    checks: Vec<Check>,
    messages: Vec<Message>,
}

struct Check {
    name: String,
    outcome: &'static str,
    is_bad: bool,
    detail: String,
}

struct Message {
    what: String,
    relay_state: Option<String>,
    xml: String,
}

/// `GET /console/{org}/saml-traces?role&outcome&app&user&after`: the newest first.
pub async fn list(Extract(state): Extract<State>, console: Console, params: Params) -> Response {
    render(&state, &console, &params.without_empty(), Said::Nothing, None).await
}

/// `POST /console/{org}/saml-traces`: `days`, for how long they are kept.
pub async fn keep(Extract(state): Extract<State>, console: Console, filled: Filled) -> Response {
    let said = kept(&state, &console, &filled).await.into();
    render(&state, &console, &Params::default(), said, Some(&filled)).await
}

async fn kept(state: &State, console: &Console, filled: &Filled) -> Result<String, Refused> {
    console.require(state, ManageOrganization, filled)?;
    let change = (RETENTION.to_owned(), filled.text("days").trim().to_owned());
    state
        .directory
        .set_settings(&console.cause(), console.org, &[change])
        .await?;
    Ok("From now on they are kept for so long.".to_owned())
}

async fn render(
    state: &State,
    console: &Console,
    params: &Params,
    said: Said,
    filled: Option<&Filled>,
) -> Response {
    let settings = match state.directory.settings(console.org).await {
        Ok(settings) => settings,
        Err(error) => return console.failure(error),
    };
    let (rows, older, said) = match found(state, console, params).await {
        Ok((rows, older)) => (rows, older, said),
        Err(problem) if problem.status().is_client_error() => (Vec::new(), None, problem.into()),
        Err(problem) => return console.failure(problem),
    };
    let choices = |names: &[&'static str], parameter: &str, labels: &dyn Fn(&str) -> &'static str| {
        let chosen = params.get(parameter).unwrap_or_default();
        let one = |value: &&'static str| Choice {
            value,
            label: labels(value),
            chosen: *value == chosen,
        };
        names.iter().map(one).collect()
    };
    let page = TracesPage {
        console,
        said: &said,
        days: match filled {
            Some(filled) if said.is_refused() => filled.text("days").to_owned(),
            _ => settings.traces_retention.0.to_string(),
        },
        rows,
        roles: choices(&ROLES, "role", &end),
        outcomes: choices(&OUTCOMES, "outcome", &outcome),
        app: params.get("app").unwrap_or_default(),
        user: params.get("user").unwrap_or_default(),
        older,
    };
    console.page(&said, &page)
}

async fn found(
    state: &State,
    console: &Console,
    params: &Params,
) -> Result<(Vec<Row>, Option<String>), Problem> {
    let wanted: TraceFilter = filter(state, console.org, params).await?;
    let traces = state.federation.traces(console.org, &wanted, SHOWN).await?;
    let peers = Peers::read(state, console.org).await?;
    let mut rows = Vec::with_capacity(traces.len());
    for one in &traces {
        rows.push(row(state, console, &peers, one).await);
    }
    let last = traces.get(SHOWN as usize - 1);
    let older = last.map(|last| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for name in ["role", "outcome", "app", "user"] {
            if let Some(value) = params.get(name) {
                query.append_pair(name, value);
            }
        }
        query.append_pair("after", &last.id.to_string());
        format!("{}?{}", console.path, query.finish())
    });
    Ok((rows, older))
}

/// `GET /console/{org}/saml-traces/{trace}`.
pub async fn show(
    Extract(state): Extract<State>,
    console: Console,
    Path((_, id)): Path<(String, String)>,
) -> Response {
    match read(&state, &console, &id).await {
        Ok(page) => console.page(page.said, &page),
        Err(problem) => console.failure(problem),
    }
}

async fn read<'a>(state: &State, console: &'a Console, id: &str) -> Result<TracePage<'a>, Problem> {
    let found = trace(state, console.org, id).await?;
    let peers = Peers::read(state, console.org).await?;
    let row = row(state, console, &peers, &found).await;
    let mut facts = vec![("When", row.at.clone())];
    for (name, value) in [("With", &row.peer), ("Who", &row.who)] {
        if !value.is_empty() {
            facts.push((name, value.clone()));
        }
    }
    for (name, value) in [
        ("Code", found.code.clone()),
        ("From", found.client_ip.clone()),
        ("Correlation", Some(found.correlation.to_string())),
    ] {
        facts.extend(value.map(|value| (name, value)));
    }
    Ok(TracePage {
        console,
        said: &Said::Nothing,
        row,
        facts,
        checks: found
            .checks
            .iter()
            .map(|check| Check {
                name: check.check.replace('_', " "),
                outcome: match check.outcome.as_str() {
                    "passed" => "passed",
                    "failed" => "failed",
                    _ => "does not apply",
                },
                is_bad: check.outcome == "failed",
                detail: check.detail.clone(),
            })
            .collect(),
        messages: found.messages.into_iter().map(message).collect(),
    })
}

fn message(one: TracedMessage) -> Message {
    let way = match one.binding.as_str() {
        "redirect" => "HTTP-Redirect",
        "post" => "HTTP-POST",
        other => other,
    };
    Message {
        what: match one.direction {
            Direction::Received => format!("Received by {way}"),
            Direction::Sent => format!("Sent by {way}"),
        },
        relay_state: one.relay_state,
        xml: one.xml,
    }
}

/// What the other ends are called.
struct Peers(Vec<(SubjectId, String)>);

impl Peers {
    async fn read(state: &State, org: OrgId) -> Result<Self, Problem> {
        let providers = state.federation.providers(org).await?;
        let apps = state.provisioning.apps(org).await?;
        let providers = providers.into_iter().map(|one| (one.id.into(), one.name));
        let apps = apps.into_iter().map(|one| (one.id.into(), one.name));
        Ok(Self(providers.chain(apps).collect()))
    }

    fn name(&self, peer: SubjectId) -> String {
        let found = self.0.iter().find(|(id, _)| *id == peer);
        // Or it has been removed since.
        found.map_or_else(|| peer.to_string(), |(_, name)| name.clone())
    }
}

async fn row(state: &State, console: &Console, peers: &Peers, trace: &Trace) -> Row {
    let who = match (trace.user, &trace.subject) {
        (Some(user), _) => match state.directory.user(console.org, user).await {
            Ok(user) => user.user_name,
            Err(_) => user.to_string(),
        },
        (None, Some(subject)) => subject.clone(),
        (None, None) => String::new(),
    };
    Row {
        address: console.place(&format!("/saml-traces/{}", trace.id)),
        at: words::time(trace.at),
        what: format!("{}, {}", action(&trace.action), end(&trace.role)),
        outcome: outcome(&trace.outcome),
        is_bad: trace.outcome == "failed",
        who,
        peer: trace.peer.map(|peer| peers.name(peer)).unwrap_or_default(),
        message: trace.message.clone().unwrap_or_default(),
    }
}

fn end(name: &str) -> &'static str {
    match name {
        "identity_provider" => "to an app",
        _ => "through an identity provider",
    }
}

fn action(name: &str) -> &'static str {
    match name {
        "sign_out" => "Sign-out",
        "test" => "Test",
        _ => "Sign-in",
    }
}

fn outcome(name: &str) -> &'static str {
    match name {
        "succeeded" => "succeeded",
        "failed" => "failed",
        _ => "under way",
    }
}
