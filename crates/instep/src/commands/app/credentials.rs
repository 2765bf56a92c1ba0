//! What an app shows to its target: a token, or a client's OAuth credentials.

use std::path::PathBuf;

use base::Secret;
use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};
use url::Url;

use crate::client::server_url;
use crate::failure::Usage;
use crate::secrets;

#[derive(Debug, Args)]
pub(super) struct CredentialArgs {
    /// The token that the target accepts; it shows in the list of processes, so a file is better
    #[arg(long, value_name = "TOKEN", help_heading = "Target", value_parser = secrets::parser())]
    target_token: Option<Secret>,

    /// A file that holds the token that the target accepts
    #[arg(long, value_name = "FILE", help_heading = "Target")]
    target_token_file: Option<PathBuf>,

    /// When that token, or the client secret, expires, such as 2027-11-21T00:00:00Z
    #[arg(long, value_name = "TIME", help_heading = "Target")]
    target_token_expires_at: Option<base::Timestamp>,

    /// In place of a token: where the target's authorization server gives tokens (OAuth 2)
    #[arg(long, value_name = "URL", help_heading = "OAuth", value_parser = server_url, requires = "client_id")]
    token_url: Option<Url>,

    /// As which client they are asked for
    #[arg(long, value_name = "ID", help_heading = "OAuth", requires = "token_url")]
    client_id: Option<String>,

    /// The client's secret
    #[arg(long, value_name = "SECRET", help_heading = "OAuth", value_parser = secrets::parser())]
    client_secret: Option<Secret>,

    /// A file that holds the client's secret
    #[arg(long, value_name = "FILE", help_heading = "OAuth")]
    client_secret_file: Option<PathBuf>,

    /// A file that holds a refresh token; without one the client's own credentials are the grant
    #[arg(long, value_name = "FILE", help_heading = "OAuth", requires = "token_url")]
    refresh_token_file: Option<PathBuf>,

    /// The scope that is asked for, words with spaces between them
    #[arg(long, value_name = "SCOPE", help_heading = "OAuth", requires = "token_url")]
    oauth_scope: Option<String>,

    /// How the client says who it is [default: basic]
    #[arg(
        long,
        value_enum,
        value_name = "HOW",
        help_heading = "OAuth",
        requires = "token_url"
    )]
    client_auth: Option<ClientAuth>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ClientAuth {
    /// In the Authorization header
    Basic,
    /// In the body
    Post,
}

impl CredentialArgs {
    /// The members of the request that hold them; empty if none were given.
    pub(super) fn members(&self) -> anyhow::Result<Map<String, Value>> {
        let mut members = Map::new();
        let token = secrets::resolve(self.target_token.as_ref(), self.target_token_file.as_deref())?;
        if let Some(token) = token {
            members.insert("token".to_owned(), json!(token.expose()));
        }
        if let Some(oauth) = self.oauth()? {
            if members.contains_key("token") {
                return Err(Usage::error(
                    "say either --target-token-file or --token-url, not both",
                ));
            }
            members.insert("oauth".to_owned(), oauth);
        }
        if let Some(time) = self.target_token_expires_at {
            members.insert("token_expires_at".to_owned(), json!(time));
        }
        Ok(members)
    }

    fn oauth(&self) -> anyhow::Result<Option<Value>> {
        let (Some(url), Some(client_id)) = (&self.token_url, &self.client_id) else {
            return Ok(None);
        };
        let secret = secrets::resolve(self.client_secret.as_ref(), self.client_secret_file.as_deref())?;
        let Some(secret) = secret else {
            return Err(Usage::error(
                "no client secret was given: put it into a file and say --client-secret-file FILE",
            ));
        };
        let mut oauth = json!({
            "token_url": url.as_str(), "client_id": client_id, "client_secret": secret.expose(),
        });
        if let Some(file) = &self.refresh_token_file {
            oauth["refresh_token"] = json!(secrets::read(file)?.expose());
        }
        if let Some(scope) = &self.oauth_scope {
            oauth["scope"] = json!(scope);
        }
        if let Some(how) = self.client_auth {
            oauth["client_auth"] = json!(match how {
                ClientAuth::Basic => "basic",
                ClientAuth::Post => "post",
            });
        }
        Ok(Some(oauth))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: CredentialArgs,
    }

    fn members(words: &[&str]) -> anyhow::Result<Value> {
        let line = Line::try_parse_from(["app"].iter().chain(words))?;
        line.args.members().map(Value::Object)
    }

    #[test]
    fn a_token_or_a_client() {
        let dir = tempfile::tempdir().expect("a directory");
        let file = |name: &str| {
            let path = dir.path().join(name);
            std::fs::write(&path, format!("{name}\n")).expect("written");
            path.to_str().expect("text").to_owned()
        };
        let (secret, refresh) = (file("secret"), file("refresh"));
        let given = members(&["--target-token", "t"]).expect("members");
        assert_eq!(given, json!({"token": "t"}));
        let client = ["--token-url", "https://h/token", "--client-id", "c"];
        let with = |more: &[&str]| members(&[&client[..], more].concat());
        let given = with(&["--client-secret-file", &secret]).expect("members");
        let plain = json!({"token_url": "https://h/token", "client_id": "c", "client_secret": "secret"});
        assert_eq!(given, json!({"oauth": plain}));
        let given = with(&[
            "--client-secret-file",
            &secret,
            "--refresh-token-file",
            &refresh,
            "--oauth-scope",
            "a b",
            "--client-auth",
            "post",
        ])
        .expect("members");
        let mut whole = plain;
        whole["refresh_token"] = json!("refresh");
        whole["scope"] = json!("a b");
        whole["client_auth"] = json!("post");
        assert_eq!(given, json!({"oauth": whole}));
        assert!(with(&[]).is_err(), "the secret is missing");
        assert!(members(&["--client-id", "c"]).is_err(), "the URL is missing");
        assert!(with(&["--client-secret-file", &secret, "--target-token", "t"]).is_err());
    }
}
