//! Whom each identity provider vouches for: by the domain of the address, or by group. The first route that fits.

use base::{Cause, GroupId, IdentityProviderId, OrgId, UserId, canonical};
use directory::domains::{domain_of, domain_of_person};
use serde_json::{Value, json};
use store::sso::routes as stored;
use store::{Lock, Query, Tx, Write};

use super::error::refuse;
use super::{Error, Provider, organization, provider_rows};
use crate::Federation;
use crate::event::{Told, tell};

/// So many an organization can have.
const MOST: usize = 200;

/// Who is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RouteTo {
    /// Whoever has an address of a verified domain.
    Domain(String),
    /// Whoever is in a group, also through others.
    Group(GroupId),
}

impl RouteTo {
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Domain(_) => "domain",
            Self::Group(_) => "group",
        }
    }

    pub fn value(&self) -> String {
        match self {
            Self::Domain(name) => name.clone(),
            Self::Group(id) => id.to_string(),
        }
    }
}

/// An identity provider of which it is asked for whom it may vouch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Voucher {
    pub provider: IdentityProviderId,
    /// It is tested: judged as if it were switched on.
    pub tested: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    pub to: RouteTo,
    pub provider: IdentityProviderId,
}

impl Voucher {
    /// The one that counts as switched on although it may not be.
    fn if_tested(self) -> Option<IdentityProviderId> {
        self.tested.then_some(self.provider)
    }
}

impl Federation {
    /// All routes, in their order.
    pub async fn routes(&self, org: OrgId) -> Result<Vec<Route>, Error> {
        Ok(all(&mut self.store.reader(), org).await?)
    }

    /// Puts these routes in the place of those that were there.
    pub async fn set_routes(&self, cause: &Cause, org: OrgId, routes: Vec<Route>) -> Result<(), Error> {
        let mut wanted = Vec::new();
        for route in routes {
            let to = match route.to {
                RouteTo::Domain(name) => {
                    let domain = self.directory.domain(org, &name).await?;
                    if domain.verified.is_none() {
                        return Err(Error::Route(format!(
                            "The domain {} is not verified: nobody is sent away by an address that may be somebody else's",
                            domain.name
                        )));
                    }
                    RouteTo::Domain(domain.name)
                }
                RouteTo::Group(id) => RouteTo::Group(self.directory.group(org, id).await?.id),
            };
            wanted.push(Route { to, ..route });
        }
        let write = Set {
            org,
            routes: wanted,
            cause: cause.clone(),
        };
        Ok(self.store.write(write).await?)
    }

    /// To which identity provider an address leads, whether anybody has it or not: that of the organization which has
    /// verified its domain.
    pub async fn route_of_address(&self, address: &str) -> Result<Option<(OrgId, Provider)>, Error> {
        // No database is asked for what none can hold.
        let domain = domain_of(address).filter(|_| canonical::refuse_nul(address).is_ok());
        let Some(domain) = domain else {
            return Ok(None);
        };
        let mut reader = self.store.reader();
        let Some(org) = store::domains::holder(&mut reader, &domain).await? else {
            return Ok(None);
        };
        if !organization::read(&mut reader, org).await?.active {
            return Ok(None);
        }
        let person = self.directory.person_to_link(org, address).await?;
        let person = person.map(|person| person.id);
        let found = self.route(org, &domain, person, None).await?;
        Ok(found.map(|provider| (org, provider)))
    }

    /// To which identity provider somebody of the organization is led. By the address that stands in the directory, not the
    /// one that was typed: people are found by either of two spellings that are two domains to the DNS (`ß` and `ss`).
    pub async fn route_of_person(&self, org: OrgId, user: UserId) -> Result<Option<Provider>, Error> {
        let mut reader = self.store.reader();
        if !organization::read(&mut reader, org).await?.active {
            return Ok(None);
        }
        let Some(person) = store::users::by_id(&mut reader, org, user).await? else {
            return Ok(None);
        };
        let Some(domain) = domain_of_person(&directory::document(&person)?) else {
            return Ok(None);
        };
        if !store::domains::is_verified(&mut reader, org, &domain).await? {
            return Ok(None);
        }
        self.route(org, &domain, Some(user), None).await
    }

    /// May an identity provider vouch for somebody who has an address of this domain, if of any? Only for whom the routes lead
    /// to it, or where there are none, if it is the first: otherwise each of several could let in the people of all others.
    pub(super) async fn may_vouch(
        &self,
        org: OrgId,
        voucher: Voucher,
        user: Option<UserId>,
        domain: Option<String>,
    ) -> Result<bool, Error> {
        let mut reader = self.store.reader();
        let domain = match domain {
            Some(domain) if store::domains::is_verified(&mut reader, org, &domain).await? => domain,
            _ => String::new(),
        };
        let found = self.route(org, &domain, user, voucher.if_tested()).await?;
        Ok(found.is_some_and(|found| found.id == voucher.provider))
    }

    /// What is said of somebody whom [`Self::may_vouch`] keeps out.
    pub(super) async fn why_no_route(&self, org: OrgId, whom: &str) -> Result<String, Error> {
        let reason = format!("no route leads {whom} to this identity provider");
        if all(&mut self.store.reader(), org).await?.is_empty() {
            return Ok(format!(
                "{reason}: without any routes the first one that is switched on vouches alone"
            ));
        }
        Ok(reason)
    }

    /// Why an identity provider may not give an address to somebody, or to somebody new; none: it may. Whoever has an address
    /// is known by it to apps, and can be shut out by it who has it already: so its domain is verified, and no route leads it
    /// to another identity provider, be the person led to this one by a group.
    pub(super) async fn refuse_address(
        &self,
        org: OrgId,
        voucher: Voucher,
        user: Option<UserId>,
        address: &str,
    ) -> Result<Option<String>, Error> {
        let domain = domain_of(address).unwrap_or_default();
        if !self.directory.may_vouch_for(org, address).await? {
            return Ok(Some(format!("the domain of {address} is not verified")));
        }
        let is_own = |found: Option<Provider>| found.is_some_and(|found| found.id == voucher.provider);
        let by_person = self.route(org, &domain, user, voucher.if_tested()).await?;
        let by_domain = self.route(org, &domain, None, voucher.if_tested()).await?;
        let is_led = is_own(by_person) && (by_domain.is_none() || is_own(by_domain));
        Ok((!is_led).then(|| format!("no route leads {address} to this identity provider")))
    }

    /// The identity provider of the first route that fits. `tested`, if one is, counts as switched on.
    async fn route(
        &self,
        org: OrgId,
        domain: &str,
        user: Option<UserId>,
        tested: Option<IdentityProviderId>,
    ) -> Result<Option<Provider>, Error> {
        let mut reader = self.store.reader();
        let routes = all(&mut reader, org).await?;
        let mut providers = provider_rows::all(&mut reader, org).await?;
        providers.retain(|one| one.active || Some(one.id) == tested);
        let by_id = |id| providers.iter().find(|one| one.id == id).cloned();
        if routes.is_empty() {
            return Ok(providers.into_iter().next());
        }
        let by_group = routes.iter().any(|route| matches!(route.to, RouteTo::Group(_)));
        let groups = match user.filter(|_| by_group) {
            Some(user) => self.directory.groups_of(org, &[user]).await?.remove(&user),
            None => None,
        }
        .unwrap_or_default();
        let fits = |route: &&Route| match &route.to {
            RouteTo::Domain(name) => name == domain,
            RouteTo::Group(id) => groups.iter().any(|membership| membership.group == *id),
        };
        Ok(routes.iter().filter(fits).find_map(|route| by_id(route.provider)))
    }
}

async fn all(q: &mut impl Query, org: OrgId) -> Result<Vec<Route>, store::Error> {
    let read = |route: stored::Route| {
        let to = match route.kind.as_str() {
            "group" => RouteTo::Group(
                route
                    .value
                    .parse()
                    .map_err(|_| store::Error::internal("a stored route names no group"))?,
            ),
            _ => RouteTo::Domain(route.value),
        };
        Ok(Route {
            to,
            provider: route.provider,
        })
    };
    stored::all(q, org).await?.into_iter().map(read).collect()
}

fn told(routes: &[Route]) -> Value {
    let one = |route: &Route| json!({ "kind": route.to.kind(), "value": route.to.value(), "provider": route.provider });
    routes.iter().map(one).collect()
}

struct Set {
    org: OrgId,
    routes: Vec<Route>,
    cause: Cause,
}

impl Write for Set {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        let (org, routes) = (self.org, &self.routes);
        tx.lock(Lock::Federation(org)).await?;
        if routes.len() > MOST {
            return Err(refuse(Error::Route(format!("There can be {MOST} routes"))));
        }
        for (place, route) in routes.iter().enumerate() {
            if routes[..place].iter().any(|before| before.to == route.to) {
                let (kind, value) = (route.to.kind(), route.to.value());
                return Err(refuse(Error::Route(format!(
                    "The {kind} {value} is there twice: only the first route would count"
                ))));
            }
        }
        let providers = provider_rows::all(tx, org).await?;
        for route in routes {
            if providers.iter().all(|one| one.id != route.provider) {
                let name = route.provider.to_string();
                return Err(refuse(Error::UnknownProvider { name }));
            }
        }
        let before = all(tx, org).await?;
        if before == *routes {
            return Ok(());
        }
        let rows: Vec<stored::Route> = routes
            .iter()
            .map(|route| stored::Route {
                kind: route.to.kind().to_owned(),
                value: route.to.value(),
                provider: route.provider,
            })
            .collect();
        stored::replace(tx, org, &rows).await?;
        let event = Told::new("sso_routes_update", "sso", org, "single sign-on");
        let changes = [("routes", told(&before), told(routes))];
        tell(tx, org, &event, &changes, &self.cause).await
    }
}
