//! Who comes in to the console of an organization, and what may be done there.

use access::{Permission, Role, Scope, Scopes, Visitor};
use askama::Template;
use axum::extract::{FromRequestParts, RawPathParams};
use axum::response::{IntoResponse, Response};
use base::{Cause, OrgId};
use http::request::Parts;
use http::uri::PathAndQuery;
use http::{Method, StatusCode};

use super::said::Refused;
use super::{Said, told};
use crate::State;
use crate::api::Problem;
use crate::middleware::context::SignedIn;
use crate::pages::acting::{self, Acting};
use crate::pages::{Browser, Filled, confirm, page};

/// Somebody at the console of an organization.
pub struct Console {
    pub org: OrgId,
    pub organization: String,
    pub user_name: String,
    /// What forms bring along.
    pub form: String,
    /// The page's own address.
    pub path: String,
    acting: Acting,
    visitor: Visitor,
    browser: Browser,
    cookie: Option<http::HeaderValue>,
    state: State,
    /// The page's address with its query.
    place: String,
    /// Whether a form has come.
    is_form: bool,
    /// What is to be said of the form before.
    told: Option<String>,
}

impl Console {
    /// Is it for this person's role?
    pub fn may(&self, permission: Permission) -> bool {
        allows(self.acting.role, permission)
    }

    /// Single sign-on of the organization.
    pub fn may_change(&self) -> bool {
        self.may(Permission::ManageOrganization)
    }

    pub fn may_change_apps(&self) -> bool {
        self.may(Permission::ManageApps)
    }

    /// Tests and previews.
    pub fn may_probe(&self) -> bool {
        self.may(Permission::ProbeApps)
    }

    /// Before something is changed: it has to be for this person's role, by a form that was given to whoever is signed in
    /// now, and the person to have shown lately who it is.
    pub fn require(&self, state: &State, permission: Permission, filled: &Filled) -> Result<(), Refused> {
        if !self.may(permission) {
            let detail = format!("Your role, {}, does not allow this", self.acting.role.title());
            return Err(Problem::new(StatusCode::FORBIDDEN, "forbidden", detail).into());
        }
        if filled.is_stale {
            return Err(Refused::Stale);
        }
        self.visitor
            .require_proof(state.ambient.now())
            .map_err(|_| Refused::Unproved)
    }

    /// Where somebody shows that it is still the same one, to go on here.
    pub fn proof(&self) -> String {
        confirm::place(&self.path)
    }

    /// Whom changes are put down to.
    pub fn cause(&self) -> Cause {
        self.browser
            .visit
            .cause(self.visitor.user, &self.visitor.user_name)
    }

    /// What was done, here or by the form before.
    pub fn done<'s>(&'s self, said: &'s Said) -> Option<&'s str> {
        said.text().or(self.told.as_deref())
    }

    /// A page of the console. Behind a form by which something was done it is asked for anew.
    pub fn page(&self, said: &Said, template: &impl Template) -> Response {
        if self.is_form
            && let Some(text) = said.text()
            && let Some(led) = told::lead(&self.state, &self.browser, &self.place, text)
        {
            return led;
        }
        let page = page::page(said.status(), template);
        let said = self.browser.told().and_then(|_| self.browser.told_cookie(None));
        page::with_cookies(page, [self.cookie.clone(), said])
    }

    /// The same where a script reads files into fields.
    pub fn page_with_files(&self, said: &Said, template: &impl Template) -> Response {
        page::scripted(self.page(said, template))
    }

    /// What is not there, or cannot be shown.
    pub fn failure(&self, problem: impl Into<Problem>) -> Response {
        let problem = problem.into();
        let link = Some((self.place(""), "Back to the console".to_owned()));
        let link = link.as_ref().map(|(to, text)| (to.as_str(), text.as_str()));
        let title = if problem.status() == StatusCode::NOT_FOUND {
            "There is nothing here"
        } else {
            "That did not work"
        };
        page::message(problem.status(), title, &problem.sentence(), link)
    }

    /// An address of this console.
    pub fn place(&self, rest: &str) -> String {
        format!("{}/{}{rest}", super::CONSOLE, self.org)
    }
}

/// Is the console of an organization for a role that is held there?
pub fn is_for(role: Role) -> bool {
    allows(role, Permission::ReadAll)
}

/// Whoever is here has come by no token, so that the role alone counts.
fn allows(role: Role, permission: Permission) -> bool {
    permission.judge(role, &Scopes::new(Scope::ALL)).is_ok()
}

impl FromRequestParts<State> for Console {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Response> {
        let SignedIn(visitor) = SignedIn::from_request_parts(parts, state)
            .await
            .map_err(IntoResponse::into_response)?;
        let params = RawPathParams::from_request_parts(parts, state)
            .await
            .map_err(IntoResponse::into_response)?;
        let org = params.iter().find(|(name, _)| *name == "org");
        let Some(Ok(org)) = org.map(|(_, org)| org.parse::<OrgId>()) else {
            return Err(acting::no_organization());
        };
        let acting = acting::act(state, &visitor, org).await?;
        let mut browser = Browser::of(parts, state);
        let cookie = browser.introduce(state);
        let place = parts.uri.path_and_query().map_or("/", PathAndQuery::as_str);
        let console = Self {
            org,
            organization: acting.organization.clone(),
            user_name: visitor.user_name.clone(),
            form: browser.form_token(),
            path: parts.uri.path().to_owned(),
            told: told::at(state, &browser, place),
            place: place.to_owned(),
            is_form: parts.method == Method::POST,
            state: state.clone(),
            acting,
            visitor,
            browser,
            cookie,
        };
        if is_for(console.acting.role) {
            return Ok(console);
        }
        let text = "The console is for administrators.";
        let link = Some(("/account", "Your account"));
        Err(page::message(
            StatusCode::FORBIDDEN,
            "Not for your role",
            text,
            link,
        ))
    }
}
