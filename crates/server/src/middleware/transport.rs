//! What stands between the server and its clients: browsers are told to come by TLS only (RFC 6797), to take no answer for
//! something else, to frame none and to keep none; and whoever runs the server that a proxy stands there of which nobody has
//! said anything.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};

use axum::response::Response;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue, Request};

use crate::pages::Peer;
use crate::{Config, Proxy};

/// For a year, and for this name only.
const BY_TLS_ONLY: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// What every answer says of itself that does not say otherwise: pages and their assets do.
const UNLESS_SAID: [(HeaderName, HeaderValue); 3] = [
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    ),
    (CACHE_CONTROL, HeaderValue::from_static("no-store")),
];

/// What is known of it.
pub struct Transport {
    is_secure: bool,
    proxy: Proxy,
    complained: AtomicBool,
}

impl Transport {
    pub fn of(config: &Config) -> Self {
        Self {
            is_secure: config.public_url.starts_with("https://"),
            proxy: config.proxy,
            complained: AtomicBool::new(false),
        }
    }

    /// The address of whoever sent a request, as far as can be told.
    pub fn client_ip<B>(&self, request: &Request<B>) -> IpAddr {
        let peer = request.extensions().get::<Peer>();
        let direct = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip());
        let address = match self.proxy {
            Proxy::None => direct,
            Proxy::InFront => forwarded(request.headers()).unwrap_or(direct),
        };
        address.to_canonical()
    }

    /// Complains, once, of a proxy that nobody has told of.
    pub fn look_at<B>(&self, request: &Request<B>) {
        if self.is_first_sign(request) {
            tracing::warn!(
                "requests come from a proxy on this machine (they carry X-Forwarded-For), but --behind-proxy is not said: all \
                 people count as one network, and share its limit of failed sign-ins"
            );
        }
    }

    fn is_first_sign<B>(&self, request: &Request<B>) -> bool {
        let peer = request.extensions().get::<Peer>();
        self.proxy == Proxy::None
            && request.headers().contains_key("x-forwarded-for")
            && peer.is_some_and(|peer| peer.0.ip().to_canonical().is_loopback())
            && !self.complained.swap(true, Ordering::Relaxed)
    }

    pub fn shape(&self, response: &mut Response) {
        let headers = response.headers_mut();
        if self.is_secure {
            headers.insert(STRICT_TRANSPORT_SECURITY, BY_TLS_ONLY);
        }
        for (name, value) in UNLESS_SAID {
            headers.entry(name).or_insert(value);
        }
    }
}

/// The last address in `X-Forwarded-For`: the one that our own proxy has put there.
fn forwarded(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all("x-forwarded-for").iter().next_back()?;
    let last = last.to_str().ok()?.rsplit(',').next()?.trim();
    let bare = last.trim_start_matches('[').trim_end_matches(']');
    bare.parse()
        .ok()
        .or_else(|| last.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse as _;

    use super::*;

    fn transport(public_url: &str, proxy: Proxy) -> Transport {
        Transport::of(&Config {
            public_url: public_url.to_owned(),
            proxy,
            requests_per_minute: None,
        })
    }

    fn request(peer: &str, forwarded: Option<&str>) -> Request<()> {
        let mut request = Request::new(());
        let peer = peer.parse().expect("an address");
        request.extensions_mut().insert(Peer(peer));
        if let Some(forwarded) = forwarded {
            let forwarded = forwarded.parse().expect("a header");
            request.headers_mut().insert("x-forwarded-for", forwarded);
        }
        request
    }

    #[test]
    fn a_proxy_that_nobody_told_of_is_noticed_once() {
        let unsaid = transport("http://127.0.0.1:8080", Proxy::None);
        for (peer, forwarded) in [("127.0.0.1:9", None), ("192.0.2.1:9", Some("198.51.100.1"))] {
            assert!(!unsaid.is_first_sign(&request(peer, forwarded)), "{peer}");
        }
        for peer in ["127.0.0.1:9", "[::1]:9", "[::ffff:127.0.0.1]:9"] {
            let request = request(peer, Some("198.51.100.1"));
            let unsaid = transport("https://id.example", Proxy::None);
            assert!(unsaid.is_first_sign(&request), "{peer}");
            assert!(!unsaid.is_first_sign(&request), "{peer}: once is enough");
            assert!(!transport("https://id.example", Proxy::InFront).is_first_sign(&request));
        }
    }

    #[test]
    fn answers_say_what_browsers_may_do_with_them_unless_they_have_said_it() {
        let shaped = |mut response: Response| {
            transport("http://id.example", Proxy::None).shape(&mut response);
            UNLESS_SAID.map(|(name, _)| {
                let values: Vec<_> = response.headers().get_all(name).iter().cloned().collect();
                assert_eq!(values.len(), 1, "{values:?}");
                values.into_iter().next()
            })
        };
        assert_eq!(
            shaped("".into_response()),
            UNLESS_SAID.map(|(_, value)| Some(value))
        );
        let kept = shaped(([(CACHE_CONTROL, "public, max-age=300")], "").into_response());
        assert_eq!(kept[2], Some(HeaderValue::from_static("public, max-age=300")));
    }

    #[test]
    fn browsers_are_told_to_come_by_tls_where_there_is_some() {
        for (public_url, told) in [("https://id.example", true), ("http://id.example", false)] {
            let mut response = "".into_response();
            transport(public_url, Proxy::InFront).shape(&mut response);
            let header = response.headers().get(STRICT_TRANSPORT_SECURITY);
            assert_eq!(header.is_some(), told, "{public_url}");
        }
    }
    #[test]
    fn only_the_proxys_own_word_counts() {
        for (pairs, found) in [
            (&[] as &[(&'static str, &'static str)], None),
            (&[("x-forwarded-for", "192.0.2.1")], Some("192.0.2.1")),
            (&[("x-forwarded-for", "10.0.0.1, 192.0.2.1")], Some("192.0.2.1")),
            (
                &[("x-forwarded-for", "10.0.0.1"), ("x-forwarded-for", "192.0.2.2")],
                Some("192.0.2.2"),
            ),
            (&[("x-forwarded-for", "[2001:db8::1]:443")], Some("2001:db8::1")),
            (&[("x-forwarded-for", "2001:db8::1")], Some("2001:db8::1")),
            (&[("x-forwarded-for", "unknown")], None),
        ] {
            let expected = found.map(|address: &str| address.parse().expect("an address"));
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.append(*name, HeaderValue::from_static(value));
            }
            assert_eq!(forwarded(&headers), expected, "{pairs:?}");
        }
    }
}
