//! In which organization somebody acts who is signed in: the own one, or a customer's that he or she administers as a partner.

use access::{Owner, Role, Visitor};
use askama::Template;
use axum::response::Response;
use base::OrgId;
use directory::Settings;
use http::StatusCode;

use super::{factors, page};
use crate::State;

const NO_CUSTOMER: &str =
    "You do not administer this organization. It may have withdrawn what it had offered you.";

/// Somebody who acts somewhere.
#[derive(Debug)]
pub struct Acting {
    pub org: OrgId,
    pub organization: String,
    pub settings: Settings,
    /// The role held there.
    pub role: Role,
    /// Whose rights a token has that is made there.
    pub owner: Owner,
}

impl Acting {
    pub fn is_partner(&self) -> bool {
        matches!(self.owner, Owner::Partner(_))
    }
}

/// Lets somebody act in an organization, or says why not. A partner has a second factor wherever the customer demands one of
/// its own administrators: with one at home nobody signs in without it.
pub async fn act(state: &State, visitor: &Visitor, org: OrgId) -> Result<Acting, Response> {
    let troubled = |error: access::Error| page::troubled(&error);
    let (role, owner) = if org == visitor.org {
        (visitor.role, Owner::User(visitor.user))
    } else {
        let customers = state.access.administered(visitor).await.map_err(troubled)?;
        let found = customers.iter().find(|customer| customer.org == org);
        let Some(customer) = found else {
            let link = Some(("/account", "Your account"));
            let title = "Not yours to administer";
            return Err(page::message(StatusCode::FORBIDDEN, title, NO_CUSTOMER, link));
        };
        (customer.role, Owner::Partner(visitor.user))
    };
    let organization = state.directory.organization(org).await;
    let settings = state.directory.settings(org).await;
    let (organization, settings) = match (organization, settings) {
        (Ok(organization), Ok(settings)) => (organization, settings),
        (Err(error), _) | (_, Err(error)) => return Err(page::troubled(&error.into())),
    };
    let acting = Acting {
        org,
        organization: organization.name,
        settings,
        role,
        owner,
    };
    if acting.is_partner() && access::demands_factor(&acting.settings, role) {
        let own = state.access.factors(visitor.org, visitor.user).await;
        if !own.map_err(troubled)?.any() {
            let text = format!(
                "{} demands a second factor of its administrators, and you have none yet.",
                acting.organization
            );
            let link = Some((factors::AUTHENTICATOR, "Set one up"));
            let title = "A second factor is needed";
            return Err(page::message(StatusCode::FORBIDDEN, title, &text, link));
        }
    }
    Ok(acting)
}

#[derive(Template)]
#[template(path = "customers.html")]
struct CustomersPage<'a> {
    text: &'a str,
    user_name: &'a str,
    choices: Vec<Choice>,
}

struct Choice {
    address: String,
    organization: String,
    role: &'static str,
    is_own: bool,
}

/// Asks in which organization somebody wants to act; nothing where there is but the own one. Each leads to
/// an address of its own.
pub async fn choose(
    state: &State,
    visitor: &Visitor,
    text: &str,
    own: bool,
    address: &(dyn Fn(OrgId) -> String + Sync),
) -> Result<Option<Response>, access::Error> {
    let customers = state.access.administered(visitor).await?;
    if customers.is_empty() {
        return Ok(None);
    }
    let mut choices = Vec::new();
    if own {
        let organization = state.directory.organization(visitor.org).await?;
        choices.push(Choice {
            address: address(visitor.org),
            organization: organization.name,
            role: visitor.role.title(),
            is_own: true,
        });
    }
    choices.extend(customers.into_iter().map(|customer| Choice {
        address: address(customer.org),
        organization: customer.name,
        role: customer.role.title(),
        is_own: false,
    }));
    let template = CustomersPage {
        text,
        user_name: &visitor.user_name,
        choices,
    };
    Ok(Some(page::page(StatusCode::OK, &template)))
}

/// The place with the organization's id behind it.
pub fn with_organization(place: &str) -> impl Fn(OrgId) -> String {
    let joint = if place.contains('?') { '&' } else { '?' };
    move |org| format!("{place}{joint}organization={org}")
}

/// What is said where an address names an organization that cannot be one.
pub fn no_organization() -> Response {
    let text = "The organization in this address must be an organization's id, and there once.";
    page::failure(StatusCode::BAD_REQUEST, text)
}
