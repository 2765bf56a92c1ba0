//! Requests that never reached a handler: not let in, no such route, no such method.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::header::WWW_AUTHENTICATE;
use http::{HeaderValue, StatusCode};

use crate::Family;
use crate::api::Problem;
use crate::scim::Failure;

/// Why a request was not let in.
#[derive(Debug)]
pub enum Refused {
    NoToken,
    Token(access::Error),
    /// The path names an organization that is not the token's, or none at all: the two are not told apart.
    OtherOrganization(String),
    Permission(access::Refusal),
    /// What resources are in the organization could not be read.
    ResourceTypes(directory::Error),
}

impl From<access::Error> for Refused {
    fn from(error: access::Error) -> Self {
        Self::Token(error)
    }
}

impl From<directory::Error> for Refused {
    fn from(error: directory::Error) -> Self {
        Self::ResourceTypes(error)
    }
}

impl From<access::Refusal> for Refused {
    fn from(refusal: access::Refusal) -> Self {
        Self::Permission(refusal)
    }
}

impl Refused {
    /// The answer in the endpoint's own form.
    pub fn into_response(self, family: Family) -> Response {
        let (status, code, detail) = self.told();
        let mut response = say(family, status, code, detail);
        if status == StatusCode::UNAUTHORIZED {
            let challenge = match self {
                Self::NoToken => HeaderValue::from_static("Bearer realm=\"instep\""),
                _ => HeaderValue::from_static("Bearer realm=\"instep\", error=\"invalid_token\""),
            };
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        response
    }

    fn told(&self) -> (StatusCode, &'static str, String) {
        match self {
            Self::NoToken => (
                StatusCode::UNAUTHORIZED,
                "token.missing",
                "Send an access token in the header: Authorization: Bearer <token>".to_owned(),
            ),
            Self::Token(error @ access::Error::ExpiredToken { .. }) => {
                (StatusCode::UNAUTHORIZED, "token.expired", sentence(error))
            }
            Self::Token(error @ access::Error::InvalidToken) => {
                (StatusCode::UNAUTHORIZED, "token.invalid", sentence(error))
            }
            Self::Token(error) => {
                tracing::error!(%error, "a token could not be looked up");
                (
                    StatusCode::SERVICE_UNAVAILABLE,
                    "unavailable",
                    "The token could not be looked up just now; try again".to_owned(),
                )
            }
            Self::ResourceTypes(error) => {
                tracing::error!(%error, "an organization's schemas could not be read");
                (
                    StatusCode::SERVICE_UNAVAILABLE,
                    "unavailable",
                    "The organization's schemas could not be read just now; try again".to_owned(),
                )
            }
            Self::OtherOrganization(org) => (
                StatusCode::NOT_FOUND,
                "organization.unknown",
                format!(
                    "This token knows no organization {org}: check the organization ID in the URL, and for which one the token was made"
                ),
            ),
            Self::Permission(refusal) => (StatusCode::FORBIDDEN, "forbidden", sentence(refusal)),
        }
    }
}

/// An error's text with a capital first letter.
fn sentence(error: &impl ToString) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => text,
    }
}

fn say(family: Family, status: StatusCode, code: &str, detail: String) -> Response {
    match family {
        Family::Scim => Failure(::scim::Error::new(status.as_u16(), detail)).into_response(),
        Family::Api | Family::Operation => Problem::new(status, code, detail).into_response(),
    }
}

fn family(request: &Request) -> Family {
    let path = request.uri().path();
    if path.starts_with("/v1/scim/") || path.starts_with("/identity/scim/") {
        Family::Scim
    } else {
        Family::Api
    }
}

/// No such route.
pub async fn not_found(request: Request) -> Response {
    let detail = format!("There is nothing at {}", request.uri().path());
    say(family(&request), StatusCode::NOT_FOUND, "not_found", detail)
}

/// A route, but not with this method; the router adds `Allow`.
pub async fn method_not_allowed(request: Request) -> Response {
    let detail = format!("{} is not possible at {}", request.method(), request.uri().path());
    say(
        family(&request),
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        detail,
    )
}

/// A handler panicked: a bug of ours, logged by the layer that caught it.
///
/// The layer does not know the request: [`in_own_form`] puts the answer into the door's form.
pub fn panicked(_: Box<dyn std::any::Any + Send + 'static>) -> Response {
    let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
    response.extensions_mut().insert(Panicked);
    response
}

#[derive(Debug, Clone, Copy)]
struct Panicked;

/// Gives the answer of a handler that panicked the form of its door.
pub async fn in_own_form(request: Request, next: Next) -> Response {
    let family = family(&request);
    let response = next.run(request).await;
    if response.extensions().get::<Panicked>().is_none() {
        return response;
    }
    let detail = "Something went wrong on our side; it has been logged".to_owned();
    say(family, StatusCode::INTERNAL_SERVER_ERROR, "internal", detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Router;
    use axum::body::Body;
    use axum::routing::get;
    use tower::ServiceExt as _;
    use tower_http::catch_panic::CatchPanicLayer;

    async fn panics() {
        panic!("on purpose")
    }

    #[tokio::test]
    async fn a_panic_is_told_in_the_form_of_the_door() {
        let router = Router::new()
            .route("/v1/scim/o/Users", get(panics))
            .route("/api/v1/people", get(panics))
            .layer(CatchPanicLayer::custom(panicked))
            .layer(axum::middleware::from_fn(in_own_form));
        for (path, media_type) in [
            ("/v1/scim/o/Users", "application/scim+json"),
            ("/api/v1/people", "application/problem+json"),
        ] {
            let request = http::Request::get(path).body(Body::empty()).expect("a request");
            let response = router.clone().oneshot(request).await.expect("an answer");
            assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
            assert_eq!(response.headers()[http::header::CONTENT_TYPE], media_type);
        }
    }
}
