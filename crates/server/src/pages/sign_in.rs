//! Signing in: an address and a password; where the password is somebody's in several organizations, which of them; where it
//! was made up, another one. What else comes behind the password is in [`super::underway`].

use access::{Candidate, Error};
use askama::Template;
use axum::extract::State as Extract;
use axum::response::Response;
use base::{OrgId, Timestamp};
use federation::service_provider::Provider;
use http::StatusCode;

use super::browser::Browser;
use super::form::Filled;
use super::underway::{self, ACCOUNT, Known, Underway, again, proceed, wanted};
use super::{carried, device, page, target};
use crate::State;
use crate::middleware::context::Params;
use crate::saml::service_provider as saml;

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage<'a> {
    form: String,
    to: &'a str,
    address: &'a str,
    /// Whether the password is asked for, too: not before the address, where that may lead to an identity provider.
    asks_password: bool,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "organizations.html")]
struct OrganizationsPage<'a> {
    form: String,
    carried: String,
    address: &'a str,
    choices: Vec<Choice>,
}

struct Choice {
    number: usize,
    organization: String,
    user_name: String,
    role: &'static str,
}

#[derive(Template)]
#[template(path = "new_password.html")]
struct NewPasswordPage {
    form: String,
    carried: String,
    user_name: String,
    organization: String,
    shortest: usize,
    error: Option<String>,
}

const EXPIRED: &str = "This password was made up for you more than 72 hours ago, and no longer lets in. Ask whoever runs this \
                       server for another one.";
const ORGANIZATION: &str = "sign-in.organization";
const PASSWORD: &str = "sign-in.password";

/// `GET /sign-in?to=…`.
pub async fn show(Extract(state): Extract<State>, mut browser: Browser, params: Params) -> Response {
    let cookie = browser.introduce(&state);
    let asks_password = match state.federation.is_sso_anywhere().await {
        Ok(anywhere) => !anywhere,
        Err(error) => return saml::troubled(error),
    };
    let template = SignInPage {
        form: browser.form_token(),
        to: params.get("to").and_then(target::place).unwrap_or_default(),
        address: "",
        asks_password,
        error: None,
    };
    page::with_cookies(page::page(StatusCode::OK, &template), [cookie])
}

/// `POST /sign-in`: `address`, `to`, and `password` unless only the address was asked for.
pub async fn enter(Extract(state): Extract<State>, filled: Filled) -> Response {
    let address = filled.text("address").trim();
    let to = target::place(filled.text("to"));
    if !filled.has("password") {
        return route(&state, &filled, address, to).await;
    }
    let visit = filled.browser.visit.clone();
    let visit = visit.from_device(device::id(&state, &filled.browser, address));
    let tried = state
        .access
        .sign_in(&visit, address, &filled.secret("password"))
        .await;
    let refused = |status, error: String| {
        let template = SignInPage {
            form: filled.browser.form_token(),
            to: to.unwrap_or_default(),
            address,
            asks_password: true,
            error: Some(error),
        };
        page::page(status, &template)
    };
    match tried {
        Ok(people) => {
            let (people, led) = match led_elsewhere(&state, people).await {
                Ok(parted) => parted,
                Err(error) => return saml::troubled(error),
            };
            match (people.as_slice(), led) {
                ([], Some((org, provider))) => leave(org, &provider, to),
                ([one], _) => proceed(&state, &filled.browser, one, wanted(to)).await,
                (several, _) => choice(&state, &filled.browser, several, address, wanted(to)),
            }
        }
        Err(Error::WrongPassword) => {
            let text = "The e-mail address or the password is wrong.";
            refused(StatusCode::FORBIDDEN, text.to_owned())
        }
        Err(Error::PasswordExpired) => refused(StatusCode::FORBIDDEN, EXPIRED.to_owned()),
        Err(Error::TooManyAttempts { until }) => {
            let seconds = seconds_to(&state, until);
            let response = refused(StatusCode::TOO_MANY_REQUESTS, page::wait_sentence(seconds));
            page::retry_after(response, seconds)
        }
        Err(error) => page::troubled(&error),
    }
}

/// Where an address leads: to an identity provider, whether anybody has it or not, else to the password.
async fn route(state: &State, filled: &Filled, address: &str, to: Option<&str>) -> Response {
    match state.federation.route_of_address(address).await {
        Ok(Some((org, provider))) => leave(org, &provider, to),
        Ok(None) => {
            let template = SignInPage {
                form: filled.browser.form_token(),
                to: to.unwrap_or_default(),
                address,
                asks_password: true,
                error: None,
            };
            page::page(StatusCode::OK, &template)
        }
        Err(error) => saml::troubled(error),
    }
}

/// Parts those who may come in by their password from those whom their organization has sign in elsewhere; of these, where.
async fn led_elsewhere(
    state: &State,
    people: Vec<Candidate>,
) -> Result<(Vec<Candidate>, Option<(OrgId, Provider)>), federation::service_provider::Error> {
    let (mut here, mut elsewhere) = (Vec::new(), None);
    for one in people {
        let federation = &state.federation;
        match federation.route_of_person(one.org, one.user).await? {
            Some(provider) => elsewhere = elsewhere.or(Some((one.org, provider))),
            None => here.push(one),
        }
    }
    Ok((here, elsewhere))
}

/// Leads somebody to an identity provider. Whoever wants nowhere goes where that has people go.
pub fn leave(org: OrgId, provider: &Provider, to: Option<&str>) -> Response {
    let text = format!(
        "Your organization has you sign in with {}. You are led there.",
        provider.name
    );
    crate::saml::leave(&saml::login_path(org, provider.id, to), "Sign in", &text)
}

/// `POST /sign-in/organization`: `choice`, the number of one of those that were offered.
pub async fn choose(Extract(state): Extract<State>, filled: Filled) -> Response {
    let browser = &filled.browser;
    let Some(underway) = carried::open::<Underway>(&state, browser, ORGANIZATION, filled.text("carried"))
    else {
        return page::out_of_date();
    };
    let number = filled.text("choice").parse::<usize>().ok();
    let Some(known) = number.and_then(|number| underway.people.get(number)) else {
        return page::failure(StatusCode::BAD_REQUEST, "Choose one of the organizations.");
    };
    match again(&state, known).await {
        Ok(candidate) => proceed(&state, browser, &candidate, wanted(Some(&underway.to))).await,
        Err(error) => page::troubled(&error),
    }
}

/// `POST /sign-in/password`: `new` and, the same, `again`.
pub async fn choose_password(Extract(state): Extract<State>, filled: Filled) -> Response {
    let browser = &filled.browser;
    let (candidate, to) = match underway::one(&state, &filled, PASSWORD).await {
        Ok(found) => found,
        Err(refused) => return refused,
    };
    let refused = |error: String| new_password(&state, browser, &candidate, &to, Some(error));
    if filled.text("new") != filled.text("again") {
        return refused("The two passwords are not the same.".to_owned());
    }
    let new = filled.secret("new");
    match state
        .access
        .choose_password(&browser.visit, &candidate, &new)
        .await
    {
        Ok(candidate) => proceed(&state, browser, &candidate, &to).await,
        Err(Error::Weak(weakness)) => refused(format!("{weakness}.")),
        Err(error) => page::troubled(&error),
    }
}

/// `GET /signed-out`.
pub async fn signed_out(params: Params) -> Response {
    let text = match params.get("partial") {
        None => "You are signed out of this browser.",
        Some(_) => {
            "You are signed out of this browser. Not every app has confirmed that you are signed out there, too: close the \
             browser to be sure."
        }
    };
    let link = Some((ACCOUNT, "Sign in again"));
    page::message(StatusCode::OK, "Signed out", text, link)
}

fn choice(state: &State, browser: &Browser, people: &[Candidate], address: &str, to: &str) -> Response {
    let underway = Underway {
        people: people.iter().map(Known::from).collect(),
        to: to.to_owned(),
    };
    let choices = people.iter().enumerate().map(|(number, one)| Choice {
        number,
        organization: one.org_name.clone(),
        user_name: one.user_name.clone(),
        role: one.role.title(),
    });
    let template = OrganizationsPage {
        form: browser.form_token(),
        carried: carried::seal(state, browser, ORGANIZATION, underway),
        address,
        choices: choices.collect(),
    };
    page::page(StatusCode::OK, &template)
}

/// Asks for another password in place of one that was made up.
pub fn new_password(
    state: &State,
    browser: &Browser,
    candidate: &Candidate,
    to: &str,
    error: Option<String>,
) -> Response {
    let status = if error.is_some() {
        StatusCode::BAD_REQUEST
    } else {
        StatusCode::OK
    };
    let template = NewPasswordPage {
        form: browser.form_token(),
        carried: carried::seal(state, browser, PASSWORD, Underway::one(candidate, to)),
        user_name: candidate.user_name.clone(),
        organization: candidate.org_name.clone(),
        shortest: access::SHORTEST,
        error,
    };
    page::page(status, &template)
}

/// At least one, rounded up.
pub fn seconds_to(state: &State, until: Timestamp) -> u64 {
    let wait = until.since(state.ambient.now());
    (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1)
}
