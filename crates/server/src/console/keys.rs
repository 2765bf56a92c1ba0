//! Keys that sign SAML messages, at either end: making the next one, letting it sign, removing the last.

use access::Permission;
use askama::Template;
use axum::response::Response;
use base::Timestamp;
use federation::{Key, KeyOwner, Standing};
use serde_json::json;

use super::certificates::Shown;
use super::said::Refused;
use super::{Console, Said};
use crate::State;
use crate::api::saml_keys::{KINDS, Promotion, Wanted, named};
use crate::api::{Problem, body};
use crate::pages::{Fields, Filled, words};

/// Whose keys they are.
#[derive(Debug)]
pub struct Owner {
    pub keys_of: KeyOwner,
    /// What changing them needs.
    pub permission: Permission,
    /// What a certificate says that it is for.
    pub certificate_for: String,
    pub title: String,
    pub about: &'static str,
    /// Where they are used.
    pub back: (String, String),
}

#[derive(Template)]
#[template(path = "console/keys.html")]
struct KeysPage<'a> {
    console: &'a Console,
    said: &'a Said,
    may_change: bool,
    /// And not our own as a service.
    are_of_app: bool,
    title: &'a str,
    about: &'static str,
    back: &'a (String, String),
    filled: &'a Fields,
    keys: Vec<Row>,
    kinds: Vec<(&'static str, &'static str)>,
}

struct Row {
    id: String,
    standing: &'static str,
    is_current: bool,
    /// If that is settled.
    signs_from: Option<String>,
    certificate: Shown,
}

/// Changes keys as a form says, and shows them.
pub async fn change<E: Into<Problem>>(
    state: &State,
    console: &Console,
    owner: Result<Owner, E>,
    filled: &Filled,
) -> Response {
    let owner = match owner {
        Ok(owner) => owner,
        Err(error) => return console.failure(error),
    };
    let said = done(state, console, &owner, filled).await.into();
    render(state, console, Ok::<_, Problem>(owner), &said, Some(filled)).await
}

async fn done(state: &State, console: &Console, owner: &Owner, filled: &Filled) -> Result<String, Refused> {
    console.require(state, owner.permission, filled)?;
    let (federation, cause, org) = (&state.federation, console.cause(), console.org);
    let key = filled.text("key");
    match filled.text("do") {
        "add" => {
            let days = filled.text("days").trim();
            let days = days
                .parse::<u32>()
                .map_or_else(|_| json!(days), |days| json!(days));
            let wanted =
                json!({ "kind": filled.text("kind"), "days": days, "from": day(filled.text("from"))? });
            let new = body::read::<Wanted>(wanted)?.read()?;
            federation
                .add_key(&cause, org, owner.keys_of, &owner.certificate_for, new)
                .await?;
            Ok("The key is made, and published from now on.".to_owned())
        }
        "promote" => {
            let wanted: Promotion = body::read(json!({ "from": day(filled.text("from"))? }))?;
            federation
                .promote_key(&cause, org, owner.keys_of, named(key)?, wanted.from)
                .await?;
            let when = if wanted.from.is_some() {
                "from then on"
            } else {
                "from now on"
            };
            Ok(format!("The key signs {when}."))
        }
        "remove" => {
            federation
                .remove_key(&cause, org, owner.keys_of, named(key)?)
                .await?;
            Ok("The key is removed.".to_owned())
        }
        _ => Err(Problem::no_action().into()),
    }
}

/// The beginning of a day, in UTC; none, if the field is empty.
fn day(text: &str) -> Result<Option<Timestamp>, Problem> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let read = format!("{text}T00:00:00Z").parse();
    read.map(Some).map_err(|_| {
        let detail = format!("{text:?} is no day: write it as in 2027-01-31");
        Problem::bad_request("from", detail)
    })
}

/// The keys, with what has been said of the last change.
pub async fn render<E: Into<Problem>>(
    state: &State,
    console: &Console,
    owner: Result<Owner, E>,
    said: &Said,
    filled: Option<&Filled>,
) -> Response {
    let owner = match owner {
        Ok(owner) => owner,
        Err(error) => return console.failure(error),
    };
    let keys = match state.federation.keys(console.org, owner.keys_of).await {
        Ok(keys) => keys,
        Err(error) => return console.failure(error),
    };
    let nothing = Fields::default();
    let page = KeysPage {
        console,
        said,
        may_change: console.may(owner.permission),
        are_of_app: matches!(owner.keys_of, KeyOwner::App(_)),
        title: &owner.title,
        about: owner.about,
        back: &owner.back,
        filled: said.kept(filled, &nothing),
        keys: keys.iter().map(|key| row(key, state)).collect(),
        kinds: KINDS.map(|(name, _)| (name, kind_label(name))).to_vec(),
    };
    console.page(said, &page)
}

fn row(key: &Key, state: &State) -> Row {
    let from = match key.standing {
        Standing::Next { from } => from,
        Standing::Current | Standing::Previous => None,
    };
    Row {
        id: key.id.to_string(),
        standing: key.standing.name(),
        is_current: key.standing == Standing::Current,
        signs_from: from.map(words::time),
        certificate: Shown::new(&key.certificate, state),
    }
}

fn kind_label(name: &str) -> &'static str {
    match name {
        "rsa_3072" => "RSA, 3072 bits",
        "rsa_4096" => "RSA, 4096 bits",
        "ec_p256" => "Elliptic curve P-256",
        "ec_p384" => "Elliptic curve P-384",
        _ => "RSA, 2048 bits",
    }
}
