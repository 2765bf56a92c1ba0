//! The browser at the door: its cookies, and where it comes from.
//!
//! Five cookies, all `HttpOnly`, `SameSite=Lax`, and `Secure` with the prefix `__Host-` (RFC 6265bis §4.1.3) when the server
//! is reached by https: `instep-session` for who is signed in, `instep-form` for whichever browser, so that its forms can be
//! told from other sites', both gone when the browser is closed; `instep-device` for who has signed in here before;
//! `instep-landing` for a moment, on the way from where an identity provider's answer came in; `instep-told` likewise, for what a
//! page says of the form before it.

use std::convert::Infallible;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use access::{Visit, form_token, is_form_token};
use axum::extract::FromRequestParts;
use base::CorrelationId;
use http::header::{COOKIE, HOST, ORIGIN, USER_AGENT};
use http::request::Parts;
use http::{HeaderMap, HeaderValue};

use crate::State;
use crate::middleware::context::RequestIds;

const SESSION: &str = "instep-session";
const FORM: &str = "instep-form";
const DEVICE: &str = "instep-device";
const LANDING: &str = "instep-landing";
const TOLD: &str = "instep-told";

/// From where a connection comes.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

/// Whether somebody stands between the server and its clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Proxy {
    #[default]
    None,
    /// One that says in `X-Forwarded-For` where a request comes from, behind what the client itself may have said there.
    InFront,
}

/// A browser that asks for a page.
#[derive(Clone)]
pub struct Browser {
    pub visit: Visit,
    session: Option<String>,
    form: Option<String>,
    device: Option<String>,
    landing: Option<String>,
    told: Option<String>,
    secure: bool,
}

/// Without the cookies: they let in.
impl fmt::Debug for Browser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Browser")
            .field("visit", &self.visit)
            .finish_non_exhaustive()
    }
}

impl Browser {
    pub fn of(parts: &Parts, state: &State) -> Self {
        let headers = &parts.headers;
        let secure = state.config.public_url.starts_with("https://");
        let ids = parts.extensions.get::<RequestIds>();
        let agent = headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok());
        Self {
            visit: Visit::new(
                ids.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ids| ids.client_ip),
                ids.map_or_else(|| state.ambient.id::<CorrelationId>(), |ids| ids.correlation),
                agent.unwrap_or_default(),
            ),
            session: cookie(headers, &name(SESSION, secure)),
            form: cookie(headers, &name(FORM, secure)),
            device: cookie(headers, &name(DEVICE, secure)),
            landing: cookie(headers, &name(LANDING, secure)),
            told: cookie(headers, &name(TOLD, secure)),
            secure,
        }
    }

    /// What says who is signed in, if anybody is.
    pub fn session(&self) -> Option<&str> {
        self.session.as_deref()
    }

    /// What says that somebody has signed in here before.
    pub fn device(&self) -> Option<&str> {
        self.device.as_deref()
    }

    /// What goes with the ticket of somebody who is on the way from where an answer came in.
    pub fn landing(&self) -> Option<&str> {
        self.landing.as_deref()
    }

    /// A value for that, and the cookie.
    pub fn landing_cookie(state: &State) -> (String, Option<HeaderValue>) {
        let (value, is_secure) = (fresh(state), state.config.public_url.starts_with("https://"));
        let text = format!(
            "{}={value}; Max-Age=120; Path=/; HttpOnly; SameSite=Lax{}",
            name(LANDING, is_secure),
            secure(is_secure)
        );
        (value, HeaderValue::from_str(&text).ok())
    }

    /// What is to be said of the form before, sealed.
    pub fn told(&self) -> Option<&str> {
        self.told.as_deref()
    }

    /// The cookie for that; without a text the one that takes it away.
    pub fn told_cookie(&self, sealed: Option<&str>) -> Option<HeaderValue> {
        let text = format!(
            "{}={}; Max-Age={}; Path=/; HttpOnly; SameSite=Lax{}",
            name(TOLD, self.secure),
            sealed.unwrap_or_default(),
            if sealed.is_some() { 60 } else { 0 },
            secure(self.secure)
        );
        HeaderValue::from_str(&text).ok()
    }

    /// What tells this browser from others, whoever is signed in: a hash.
    pub fn mark(&self) -> Vec<u8> {
        form_token(self.form.as_deref().unwrap_or_default()).into_bytes()
    }

    /// The cookie for that, which outlives the browser's window.
    pub fn device_cookie(&self, sealed: &str, for_so_long: Duration) -> Option<HeaderValue> {
        let text = format!(
            "{}={sealed}; Max-Age={}; Path=/; HttpOnly; SameSite=Lax{}",
            name(DEVICE, self.secure),
            for_so_long.as_secs(),
            secure(self.secure)
        );
        HeaderValue::from_str(&text).ok()
    }

    /// The browser's own secret, made now if it has none, with the cookie to set then.
    pub fn introduce(&mut self, state: &State) -> Option<HeaderValue> {
        if self.form.is_some() {
            return None;
        }
        let fresh = fresh(state);
        self.form = Some(fresh.clone());
        set(&name(FORM, self.secure), &fresh, self.secure)
    }

    /// What a form of this browser brings along.
    pub fn form_token(&self) -> String {
        form_token(&self.secret())
    }

    pub fn is_form_token(&self, token: &str) -> bool {
        self.form.is_some() && is_form_token(&self.secret(), token)
    }

    fn secret(&self) -> String {
        let own = self.form.as_deref().unwrap_or_default();
        format!("{own} {}", self.session.as_deref().unwrap_or_default())
    }

    /// The cookies of somebody who has just signed in: nothing stays of what was there before.
    pub fn signed_in(&self, state: &State, session: &str) -> [Option<HeaderValue>; 2] {
        [
            set(&name(SESSION, self.secure), session, self.secure),
            set(&name(FORM, self.secure), &fresh(state), self.secure),
        ]
    }

    /// The cookies of somebody who has signed out.
    pub fn signed_out(&self, state: &State) -> [Option<HeaderValue>; 2] {
        let gone = format!(
            "{}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax{}",
            name(SESSION, self.secure),
            secure(self.secure)
        );
        [
            HeaderValue::from_str(&gone).ok(),
            set(&name(FORM, self.secure), &fresh(state), self.secure),
        ]
    }
}

impl FromRequestParts<State> for Browser {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Infallible> {
        Ok(Self::of(parts, state))
    }
}

/// May a form come from there? Browsers say by `Sec-Fetch-Site` or `Origin` from whose page it is sent.
pub fn is_own_site(headers: &HeaderMap, public_url: &str) -> bool {
    let text = |value: Option<&HeaderValue>| value.and_then(|value| value.to_str().ok().map(str::to_owned));
    if let Some(site) = text(headers.get("sec-fetch-site"))
        && site != "same-origin"
    {
        return false;
    }
    let Some(origin) = headers.get(ORIGIN) else {
        return true;
    };
    let origin = origin.to_str().unwrap_or("null");
    let own = url::Url::parse(public_url).map(|url| url.origin().ascii_serialization());
    if own.is_ok_and(|own| own == origin) {
        return true;
    }
    // Reached by another of its names. A page that came in the clear may be anybody's, so it counts only where nothing better
    // is to be had, or at the very machine.
    let host = text(headers.get(HOST)).unwrap_or_default();
    match origin.split_once("://") {
        Some(("https", authority)) => authority == host,
        Some(("http", authority)) => {
            authority == host && (!public_url.starts_with("https://") || is_local(authority))
        }
        _ => false,
    }
}

/// Does the browser say from where a form comes? Without that [`is_own_site`] lets it pass.
pub fn says_own_site(headers: &HeaderMap) -> bool {
    headers.contains_key("sec-fetch-site") || headers.contains_key(ORIGIN)
}

/// Is it a name by which a machine calls itself?
fn is_local(authority: &str) -> bool {
    let url = url::Url::parse(&format!("http://{authority}/")).ok();
    let host = url.as_ref().and_then(url::Url::host);
    match host {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn fresh(state: &State) -> String {
    use std::fmt::Write as _;
    let bytes: [u8; 24] = state.ambient.random();
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing into a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn name(plain: &str, secure: bool) -> String {
    if secure {
        format!("__Host-{plain}")
    } else {
        plain.to_owned()
    }
}

fn secure(secure: bool) -> &'static str {
    if secure { "; Secure" } else { "" }
}

fn set(name: &str, value: &str, is_secure: bool) -> Option<HeaderValue> {
    let text = format!(
        "{name}={value}; Path=/; HttpOnly; SameSite=Lax{}",
        secure(is_secure)
    );
    HeaderValue::from_str(&text).ok()
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let all = headers.get_all(COOKIE).iter();
    all.filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, value)| *key == name && !value.is_empty())
        .map(|(_, value)| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn cookies_are_of_this_host_and_of_tls_alone_where_there_is_tls() {
        for (secure, cookie) in [
            (
                true,
                "__Host-instep-session=s; Path=/; HttpOnly; SameSite=Lax; Secure",
            ),
            (false, "instep-session=s; Path=/; HttpOnly; SameSite=Lax"),
        ] {
            let header = set(&name(SESSION, secure), "s", secure).expect("a header");
            assert_eq!(header, cookie);
        }
    }

    #[test]
    fn forms_of_other_sites_are_told_apart() {
        for (pairs, own) in [
            (&[][..], true),
            (&[("origin", "https://id.example")], true),
            (&[("origin", "https://id.example:444")], false),
            (&[("origin", "https://evil.example")], false),
            (&[("origin", "null")], false),
            (
                &[("origin", "http://localhost:8080"), ("host", "localhost:8080")],
                true,
            ),
            (
                &[("origin", "http://localhost:3000"), ("host", "localhost:8080")],
                false,
            ),
            (&[("origin", "http://127.0.0.1:1"), ("host", "127.0.0.1:1")], true),
            (&[("origin", "http://[::1]:1"), ("host", "[::1]:1")], true),
            (
                &[("origin", "https://other.example"), ("host", "other.example")],
                true,
            ),
            // The same name without TLS is whoever stands in between.
            (&[("origin", "http://id.example"), ("host", "id.example")], false),
            (
                &[("origin", "http://other.example"), ("host", "other.example")],
                false,
            ),
            (&[("origin", "ftp://id.example"), ("host", "id.example")], false),
            (
                &[
                    ("sec-fetch-site", "same-origin"),
                    ("origin", "https://id.example"),
                ],
                true,
            ),
            (
                &[("sec-fetch-site", "cross-site"), ("origin", "https://id.example")],
                false,
            ),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("sec-fetch-site", "none")], false),
        ] {
            assert_eq!(
                is_own_site(&headers(pairs), "https://id.example"),
                own,
                "{pairs:?}"
            );
        }
    }

    #[test]
    fn a_server_without_tls_takes_forms_of_its_own_names() {
        for (origin, host, own) in [
            ("http://id.example:8080", "id.example:8080", true),
            ("http://other.example", "other.example", true),
            ("https://other.example", "other.example", true),
            ("http://evil.example", "other.example", false),
            ("ftp://other.example", "other.example", false),
        ] {
            let headers = headers(&[("origin", origin), ("host", host)]);
            assert_eq!(is_own_site(&headers, "http://id.example:8080"), own, "{origin}");
        }
    }

    #[test]
    fn cookies_are_found_among_others() {
        let headers = headers(&[
            ("cookie", "a=1; instep-form=x.y; b=2"),
            ("cookie", "instep-session=s"),
        ]);
        assert_eq!(cookie(&headers, "instep-form").as_deref(), Some("x.y"));
        assert_eq!(cookie(&headers, "instep-session").as_deref(), Some("s"));
        assert_eq!(cookie(&headers, "form"), None);
    }
}
