//! How pages are answered: rendered, never kept, and with nothing on them but our own stylesheet and forms.

use askama::Template;
use axum::response::{IntoResponse as _, Response};
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, REFERRER_POLICY, RETRY_AFTER, SET_COOKIE,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderValue, StatusCode};

use super::words;

/// Nothing is loaded but our stylesheet and icon, nothing runs, no other site frames a page or gets a form.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'";

/// A page with a status.
pub fn page(status: StatusCode, template: &impl Template) -> Response {
    let text = match template.render() {
        Ok(text) => text,
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CACHE_CONTROL, "no-store"),
        (CONTENT_SECURITY_POLICY, POLICY),
        // Not `no-referrer`: browsers would then not say from whose page a form comes.
        (REFERRER_POLICY, "same-origin"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
    ];
    (status, headers, text).into_response()
}

/// The same for a page that runs our script.
pub fn scripted(mut response: Response) -> Response {
    let policy = format!("{POLICY}; script-src 'self'");
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// The same for a page whose form leads on to another site.
pub fn leading_to(mut response: Response, redirect: &str) -> Response {
    let origin = url::Url::parse(redirect).map(|url| url.origin().ascii_serialization());
    let policy =
        origin.map(|origin| POLICY.replace("form-action 'self'", &format!("form-action 'self' {origin}")));
    if let Some(policy) = policy.ok().and_then(|policy| HeaderValue::from_str(&policy).ok()) {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// The same with cookies to set.
pub fn with_cookies(
    mut response: Response,
    cookies: impl IntoIterator<Item = Option<HeaderValue>>,
) -> Response {
    for cookie in cookies.into_iter().flatten() {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// The same, telling the browser to forget what it keeps of us but its cookies, one of which says that somebody has signed in
/// there before (W3C Clear Site Data §3.1).
pub fn clearing(mut response: Response) -> Response {
    let what = HeaderValue::from_static("\"cache\", \"storage\"");
    response.headers_mut().insert("clear-site-data", what);
    response
}

/// Go there, and read it (RFC 9110 §15.4.4).
pub fn see_other(to: &str) -> Response {
    let to = HeaderValue::from_str(to).unwrap_or(HeaderValue::from_static("/account"));
    let headers = [
        (LOCATION, to),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (StatusCode::SEE_OTHER, headers).into_response()
}

/// The way back from one's own pages.
pub const BACK: (&str, &str) = ("/account", "Back to your account");

#[derive(Template)]
#[template(path = "message.html")]
struct MessagePage<'a> {
    title: &'a str,
    text: &'a str,
    link: Option<(&'a str, &'a str)>,
    signed_in: bool,
}

/// What went wrong, in one sentence.
pub fn failure(status: StatusCode, text: &str) -> Response {
    let title = match status {
        StatusCode::NOT_FOUND => "There is nothing here",
        StatusCode::TOO_MANY_REQUESTS => "Too many attempts",
        status if status.is_server_error() => "Something went wrong",
        _ => "That did not work",
    };
    message(status, title, text, None)
}

/// A page with nothing to fill in, and a way on.
pub fn message(status: StatusCode, title: &str, text: &str, link: Option<(&str, &str)>) -> Response {
    let template = MessagePage {
        title,
        text,
        link,
        signed_in: false,
    };
    page(status, &template)
}

/// The same for whoever is signed in, with the way back to the account.
pub fn own_message(status: StatusCode, title: &str, text: &str) -> Response {
    let template = MessagePage {
        title,
        text,
        link: Some(BACK),
        signed_in: true,
    };
    page(status, &template)
}

/// The form was made for another browser, another sign-in, or too long ago.
pub fn out_of_date() -> Response {
    let text = "The page was open for too long, or you have signed in or out elsewhere in the meantime. Nothing has been \
                changed.";
    let link = Some(("/account", "Begin again"));
    message(StatusCode::FORBIDDEN, "This form is out of date", text, link)
}

/// How long one has to wait, and the header that says so to programs.
pub fn retry_after(mut response: Response, seconds: u64) -> Response {
    response.headers_mut().insert(RETRY_AFTER, seconds.into());
    response
}

/// A page about what went wrong on our side; the cause goes to the log.
pub fn troubled(error: &access::Error) -> Response {
    match error {
        access::Error::TooManyAttempts { .. } => {
            failure(StatusCode::TOO_MANY_REQUESTS, "There were too many attempts.")
        }
        access::Error::SignInOver | access::Error::UnknownPartner => out_of_date(),
        access::Error::Busy | access::Error::Store(store::Error::Busy | store::Error::Unavailable(_)) => {
            tracing::warn!(%error, "a page could not be served");
            let text = "The server is busy just now. Try again in a moment.";
            failure(StatusCode::SERVICE_UNAVAILABLE, text)
        }
        _ => {
            tracing::error!(%error, "a page failed on our side");
            let text = "Something went wrong on our side. It has been logged.";
            failure(StatusCode::INTERNAL_SERVER_ERROR, text)
        }
    }
}

/// What whoever has to wait is told.
pub fn wait_sentence(seconds: u64) -> String {
    format!(
        "There were too many attempts. Try again in {}.",
        words::pause(seconds)
    )
}
