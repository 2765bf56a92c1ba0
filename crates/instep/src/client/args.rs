//! Which server, and in whose name.

use std::path::PathBuf;
use std::time::Duration;

use base::Secret;
use clap::Args;
use url::Url;

use crate::secrets;

/// Where `serve` listens unless told otherwise.
const DEFAULT_URL: &str = "http://127.0.0.1:8080";

#[derive(Debug, Args)]
pub(crate) struct ServerArgs {
    /// The server's address
    #[arg(long, global = true, help_heading = "Server", value_name = "URL",
          default_value = DEFAULT_URL, value_parser = server_url)]
    pub(crate) url: Url,

    /// The token to speak with; it shows in the list of processes, so INSTEP_TOKEN or --token-file is better
    #[arg(long, global = true, help_heading = "Server", value_name = "TOKEN", value_parser = secrets::parser())]
    token: Option<Secret>,

    /// A file that holds the token
    #[arg(long, global = true, help_heading = "Server", value_name = "FILE")]
    token_file: Option<PathBuf>,

    /// How many seconds to wait for the server to go on with an answer, before asking again
    #[arg(long, global = true, help_heading = "Server", value_name = "SECONDS", default_value_t = 300,
          value_parser = clap::value_parser!(u64).range(1..=86_400))]
    timeout: u64,
}

impl ServerArgs {
    pub(super) fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout)
    }

    pub(super) fn token(&self) -> anyhow::Result<Option<Secret>> {
        secrets::resolve(self.token.as_ref(), self.token_file.as_deref())
    }
}

/// For clap: an address that this client can speak to.
pub(crate) fn server_url(text: &str) -> Result<Url, String> {
    let hint = "write it as http://HOST:PORT or https://HOST";
    let url: Url = text.parse().map_err(|error| format!("{error}: {hint}"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(hint.to_owned());
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_where_serve_listens() {
        assert_eq!(
            DEFAULT_URL,
            format!("http://{}", crate::arguments::DEFAULT_LISTEN)
        );
    }

    #[test]
    fn an_address_needs_its_scheme() {
        assert!(server_url("https://instep.example.com/base").is_ok());
        for wrong in ["localhost:8080", "instep.example.com", "ftp://h", "/tmp"] {
            assert!(server_url(wrong).is_err(), "{wrong}");
        }
    }
}
