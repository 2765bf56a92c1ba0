//! The address in which older guides wrap the authorization request: `/idb/saml2/jsp/doSSO.jsp?type=login&goto=…`.

use axum::response::Response;
use http::StatusCode;
use url::Url;

use crate::doors::AUTHORIZE;
use crate::middleware::context::Params;
use crate::pages::page;

/// Leads on to our own authorization endpoint, whichever server the wrapped address names; to nothing else.
pub async fn unwrap(params: Params) -> Response {
    let Some(request) = params.get("goto").and_then(authorization) else {
        let text = "This address must hold the one of the authorization endpoint, as goto.";
        return page::failure(StatusCode::BAD_REQUEST, text);
    };
    page::see_other(&request)
}

/// Path and query of an authorization request.
fn authorization(goto: &str) -> Option<String> {
    let wrapped = Url::parse(goto).ok()?;
    let query = wrapped.query()?;
    AUTHORIZE
        .contains(&wrapped.path())
        .then(|| format!("{}?{query}", wrapped.path()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_authorization_requests_are_unwrapped() {
        for (goto, found) in [
            (
                "https://idbroker.webex.com/idb/oauth2/v1/authorize?response_type=token&scope=a%20b",
                Some("/idb/oauth2/v1/authorize?response_type=token&scope=a%20b"),
            ),
            ("https://evil.example/?x=/idb/oauth2/v1/authorize", None),
            ("https://evil.example//idb/oauth2/v1/authorize?x", None),
            ("/idb/oauth2/v1/authorize?x", None),
            ("javascript:alert(1)", None),
        ] {
            assert_eq!(authorization(goto).as_deref(), found, "{goto}");
        }
    }
}
