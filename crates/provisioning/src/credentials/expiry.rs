//! When a token expires, where the target can be asked: Webex's `GET /v1/authorizations/tokenExpiry`, which answers
//! `{"exp": …}` in milliseconds since 1970 (developer.webex.com, "Authorizations").

use std::time::Duration;

use base::{AppId, OrgId, Timestamp};
use outbound::Url;
use serde_json::Value;

use super::NoteExpiry;
use crate::engine::Config;
use crate::error::Error;
use crate::provisioning::Provisioning;
use crate::target::token_expiry;

/// Where that can be asked: as set, or at Webex.
pub(crate) fn expiry_url(set: &str, base_url: &str) -> Option<Url> {
    if !set.is_empty() {
        return set.parse().ok();
    }
    let base: Url = base_url.parse().ok()?;
    token_expiry(base.host_str()?)?.parse().ok()
}

/// Whether a token for the one address would be sent to somebody else at the other.
pub(crate) fn leads_elsewhere(set: &str, base_url: &str) -> bool {
    let origin = |url: &str| url.trim().parse().map(|url: Url| url.origin()).ok();
    !set.is_empty() && origin(set) != origin(base_url)
}

/// The time that such an answer names. Seconds (as in RFC 7662 §2.2) are told from milliseconds by their size.
fn asked_at(body: &Value) -> Option<Timestamp> {
    let exp = body["exp"].as_u64()?;
    let millis = if exp < 100_000_000_000 {
        exp.checked_mul(1000)?
    } else {
        exp
    };
    (millis < 32_503_680_000_000).then(|| Timestamp::default() + Duration::from_millis(millis))
}

impl Provisioning {
    /// Asks the target when its token expires, where that can be asked, and notes what it says.
    pub(crate) async fn ask_expiry(&self, config: &Config) -> Result<(), Error> {
        let (org, app): (OrgId, AppId) = (config.org, config.app);
        if config.settings.oauth.is_some() {
            return Ok(());
        }
        let Some(url) = expiry_url(&config.settings.token_expiry_url, &config.settings.base_url) else {
            return Ok(());
        };
        match config.target.ask(url).await {
            Ok(body) => match asked_at(&body) {
                Some(at) => Ok(self.store.write(NoteExpiry { org, app, at }).await?),
                None => Ok(()),
            },
            Err(failure) => {
                tracing::debug!(%failure, app = %config.name, "the token's expiry is not told");
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn webex_is_known_and_others_are_set() {
        for (set, base, url) in [
            (
                "",
                "https://api.ciscospark.com/v1/scim/1",
                Some("https://webexapis.com/v1/authorizations/tokenExpiry"),
            ),
            (
                "",
                "https://api-usgov.webex.com/v1/scim/1",
                Some("https://api-usgov.webex.com/v1/authorizations/tokenExpiry"),
            ),
            ("", "https://example.com/scim", None),
            (
                "https://example.com/expiry",
                "https://example.com/scim",
                Some("https://example.com/expiry"),
            ),
        ] {
            let found = expiry_url(set, base);
            assert_eq!(found.as_ref().map(Url::as_str), url, "{base}");
        }
    }

    #[test]
    fn another_origin_is_somebody_else() {
        for (set, elsewhere) in [
            ("", false),
            ("https://wiki.example.com/expiry", false),
            ("https://WIKI.example.com:443/expiry", false),
            ("http://wiki.example.com/expiry", true),
            ("https://wiki.example.com:8443/expiry", true),
            ("https://wiki.example.com.evil.example/expiry", true),
        ] {
            assert_eq!(
                leads_elsewhere(set, "https://wiki.example.com/scim"),
                elsewhere,
                "{set}"
            );
        }
    }

    #[test]
    fn milliseconds_and_seconds() {
        let at: Timestamp = "2026-11-21T09:30:00Z".parse().expect("a time");
        assert_eq!(asked_at(&json!({"exp": 1_795_253_400_000_u64})), Some(at));
        assert_eq!(asked_at(&json!({"exp": 1_795_253_400})), Some(at));
        for nothing in [
            json!({}),
            json!({"exp": "soon"}),
            json!({"exp": u64::MAX}),
            json!([]),
        ] {
            assert_eq!(asked_at(&nothing), None, "{nothing}");
        }
    }
}
