//! The register of endpoints. Adding one means saying who may use it.

use access::Permission;
use axum::Router;
use axum::handler::Handler;
use axum::routing::{MethodFilter, MethodRouter};
use http::Method;

use crate::State;
use crate::api;
use crate::middleware::guard::{About, Guarded};

/// Who may use an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// Everybody: health checks.
    Open,
    /// Whoever holds a token with this permission.
    Needs(Permission),
    /// Whoever shows a token is judged by it; who shows none is answered as well.
    NeedsOfHolders(Permission),
    /// An endpoint for clients of the authorization server, which asks them itself who they are.
    Client,
    /// A page that every browser may open; a form must come from a page of ours.
    Browser,
    /// An address to which other sites send browsers with a message, by a form too: the message is judged for itself, and
    /// no cookie counts for it.
    Message,
    /// A page for whoever is signed in; others are led to the sign-in. Forms as above.
    SignedIn,
}

/// In which form an endpoint speaks of errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    Scim,
    Api,
    Insights,
    /// Webex's REST APIs.
    Webex,
    Page,
    Operation,
}

/// One method on one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    pub method: Method,
    /// The path with its places in braces: `/v1/scim/{org}/Users/{id}`.
    pub path: String,
    pub guard: Guard,
    pub family: Family,
}

/// The SCIM base paths: the gallery apps' and Webex's own (RFC 7644 §3.13 leaves the choice to us).
pub const SCIM_BASES: [&str; 2] = ["/v1/scim/{org}", "/identity/scim/{org}/v2"];

/// Where people are asked for tokens, first the address that Webex's guides name; and the one that older guides have around
/// it.
pub const AUTHORIZE: [&str; 2] = ["/idb/oauth2/v1/authorize", "/v1/authorize"];
/// Where clients get tokens, first the address of Webex's guides; where they end them and ask about them.
pub const ACCESS_TOKEN: [&str; 2] = ["/idb/oauth2/v1/access_token", "/v1/access_token"];
pub const REVOKE: &str = "/idb/oauth2/v1/revoke";
pub const INTROSPECT: &str = "/idb/oauth2/v1/introspect";
pub const AUTHORIZE_WRAPPED: &str = "/idb/saml2/jsp/doSSO.jsp";

/// Where the admin API is.
pub const API: &str = "/api/v1";

/// Collects routes and the list of them.
#[derive(Default)]
pub struct Doors {
    router: Router<State>,
    endpoints: Vec<Endpoint>,
}

impl Doors {
    /// Adds a SCIM endpoint on both base paths, with and without a trailing slash.
    pub fn scim<H, T>(&mut self, method: Method, path: &str, needs: Permission, handler: H)
    where
        H: Handler<T, State>,
        T: 'static,
    {
        for base in SCIM_BASES {
            let (method, path) = (method.clone(), format!("{base}{path}"));
            self.guarded(Family::Scim, method, &path, Guard::Needs(needs), handler.clone());
        }
    }

    /// The same for one about the person whom `{id}` names.
    pub fn scim_of_user<H, T>(&mut self, method: Method, path: &str, needs: Permission, handler: H)
    where
        H: Handler<T, State>,
        T: 'static,
    {
        for base in SCIM_BASES {
            let (method, path) = (method.clone(), format!("{base}{path}"));
            let (guard, handler) = (Guard::Needs(needs), handler.clone());
            self.guarded_about(About::User, Family::Scim, method, &path, guard, handler);
        }
    }

    /// The same where a client may come without a token: the handler does without a caller.
    pub fn scim_also_without_token<H, T>(&mut self, method: Method, path: &str, needs: Permission, handler: H)
    where
        H: Handler<T, State>,
        T: 'static,
    {
        for base in SCIM_BASES {
            let (method, path) = (method.clone(), format!("{base}{path}"));
            let guard = Guard::NeedsOfHolders(needs);
            self.guarded(Family::Scim, method, &path, guard, handler.clone());
        }
    }

    /// Adds a SCIM endpoint at one address, for the organization of the token.
    pub fn scim_at<H, T>(&mut self, method: Method, path: &str, needs: Permission, handler: H)
    where
        H: Handler<T, State>,
        T: 'static,
    {
        self.guarded(Family::Scim, method, path, Guard::Needs(needs), handler);
    }

    /// Adds an endpoint of the admin API.
    pub fn api<H, T>(&mut self, method: Method, path: &str, needs: Permission, handler: H)
    where
        H: Handler<T, State>,
        T: 'static,
    {
        self.guarded(
            Family::Api,
            method,
            &format!("{API}{path}"),
            Guard::Needs(needs),
            handler,
        );
    }

    /// Adds an endpoint of the admin API that everybody may use.
    pub fn api_for_everybody<H, T>(&mut self, method: Method, path: &str, handler: H)
    where
        H: Handler<T, State>,
        T: 'static,
    {
        let path = format!("{API}{path}");
        self.guarded(Family::Api, method, &path, Guard::Open, handler);
    }

    /// Adds an endpoint at one address that speaks as the admin API does.
    pub fn api_at<H, T>(&mut self, method: Method, path: &str, needs: Permission, handler: H)
    where
        H: Handler<T, State>,
        T: 'static,
    {
        self.guarded(Family::Api, method, path, Guard::Needs(needs), handler);
    }

    /// Adds an endpoint for clients of the authorization server.
    pub fn client<H, T>(&mut self, method: Method, path: &str, handler: H)
    where
        H: Handler<T, State>,
        T: 'static,
    {
        self.guarded(Family::Api, method, path, Guard::Client, handler);
    }

    /// Adds an endpoint of the event query, which takes a token as `x-api-key` too.
    pub fn insights<H, T>(&mut self, method: Method, path: &str, needs: Permission, handler: H)
    where
        H: Handler<T, State>,
        T: 'static,
    {
        self.guarded(Family::Insights, method, path, Guard::Needs(needs), handler);
    }

    /// Adds an endpoint of Webex's REST APIs, for the organization of the token.
    pub fn webex<H, T>(&mut self, method: Method, path: &str, needs: Permission, handler: H)
    where
        H: Handler<T, State>,
        T: 'static,
    {
        self.guarded(Family::Webex, method, path, Guard::Needs(needs), handler);
    }

    /// Adds a page for every browser.
    pub fn page<H, T>(&mut self, method: Method, path: &str, handler: H)
    where
        H: Handler<T, State>,
        T: 'static,
    {
        self.guarded(Family::Page, method, path, Guard::Browser, handler);
    }

    /// Adds an address to which other sites send browsers with a message.
    pub fn message<H, T>(&mut self, method: Method, path: &str, handler: H)
    where
        H: Handler<T, State>,
        T: 'static,
    {
        self.guarded(Family::Page, method, path, Guard::Message, handler);
    }

    /// Adds a page for whoever is signed in.
    pub fn page_of_signed_in<H, T>(&mut self, method: Method, path: &str, handler: H)
    where
        H: Handler<T, State>,
        T: 'static,
    {
        self.guarded(Family::Page, method, path, Guard::SignedIn, handler);
    }

    /// Adds an endpoint that everybody may use.
    pub fn open<H, T>(&mut self, method: Method, path: &str, handler: H)
    where
        H: Handler<T, State>,
        T: 'static,
    {
        let route = on(&method, handler);
        self.endpoints.push(Endpoint {
            method,
            path: path.to_owned(),
            guard: Guard::Open,
            family: Family::Operation,
        });
        self.route(path, route);
    }

    /// The router, and the list of all that is in it.
    pub fn into_parts(self) -> (Router<State>, Vec<Endpoint>) {
        (self.router, self.endpoints)
    }

    fn guarded<H, T>(&mut self, family: Family, method: Method, path: &str, guard: Guard, handler: H)
    where
        H: Handler<T, State>,
        T: 'static,
    {
        self.guarded_about(About::Anything, family, method, path, guard, handler);
    }

    fn guarded_about<H, T>(
        &mut self,
        about: About,
        family: Family,
        method: Method,
        path: &str,
        guard: Guard,
        handler: H,
    ) where
        H: Handler<T, State>,
        T: 'static,
    {
        let guarded = Guarded {
            handler,
            family,
            guard,
            about,
            parameters: parameters(family, &method, path),
        };
        let route = on(&method, guarded);
        self.endpoints.push(Endpoint {
            method,
            path: path.to_owned(),
            guard,
            family,
        });
        self.route(&format!("{path}/"), route.clone());
        self.route(path, route);
    }

    fn route(&mut self, path: &str, route: MethodRouter<State>) {
        self.router = std::mem::take(&mut self.router).route(path, route);
    }
}

/// The parameters that an address may have, where others are refused: SCIM passes over what it does not know.
fn parameters(family: Family, method: &Method, path: &str) -> Option<&'static [&'static str]> {
    let below = path.strip_prefix(API)?;
    (family == Family::Api).then(|| api::parameters::of(method, below))
}

fn on<H, T>(method: &Method, handler: H) -> MethodRouter<State>
where
    H: Handler<T, State>,
    T: 'static,
{
    let filter = match *method {
        Method::POST => MethodFilter::POST,
        Method::PUT => MethodFilter::PUT,
        Method::PATCH => MethodFilter::PATCH,
        Method::DELETE => MethodFilter::DELETE,
        // Only reading is left; `MethodFilter::GET` answers HEAD too.
        _ => MethodFilter::GET,
    };
    axum::routing::on(filter, handler)
}
