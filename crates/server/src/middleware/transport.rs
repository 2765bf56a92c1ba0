//! What stands between the server and its clients: browsers are told to come by TLS only (RFC 6797), and whoever runs the
//! server that a proxy stands there of which nobody has said anything.

use std::sync::atomic::{AtomicBool, Ordering};

use axum::response::Response;
use http::header::STRICT_TRANSPORT_SECURITY;
use http::{HeaderValue, Request};

use crate::pages::Peer;
use crate::{Config, Proxy};

/// For a year, and for this name only.
const BY_TLS_ONLY: HeaderValue = HeaderValue::from_static("max-age=31536000");

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
        if self.is_secure {
            response
                .headers_mut()
                .insert(STRICT_TRANSPORT_SECURITY, BY_TLS_ONLY);
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse as _;

    use super::*;

    fn transport(public_url: &str, proxy: Proxy) -> Transport {
        Transport::of(&Config {
            public_url: public_url.to_owned(),
            proxy,
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
    fn browsers_are_told_to_come_by_tls_where_there_is_some() {
        for (public_url, told) in [("https://id.example", true), ("http://id.example", false)] {
            let mut response = "".into_response();
            transport(public_url, Proxy::InFront).shape(&mut response);
            let header = response.headers().get(STRICT_TRANSPORT_SECURITY);
            assert_eq!(header.is_some(), told, "{public_url}");
        }
    }
}
