//! What the arguments of several commands have in common.

use std::net::SocketAddr;

/// Where `serve` listens, and where the other commands look for it, unless told otherwise.
pub(crate) const DEFAULT_LISTEN: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8080);

/// How many requests `serve` takes of one token a minute, unless told otherwise: more than a program sends that knows what
/// it does, and few enough to stop one that does not.
pub(crate) const DEFAULT_REQUESTS_PER_MINUTE: u32 = 600_000;

/// Reads `KEY=VALUE`.
pub(crate) fn key_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("write it as KEY=VALUE".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_pairs() {
        assert_eq!(key_value("a.b=c=d"), Ok(("a.b".to_owned(), "c=d".to_owned())));
        assert_eq!(key_value("a="), Ok(("a".to_owned(), String::new())));
        assert!(key_value("=c").is_err());
        assert!(key_value("a").is_err());
    }
}
