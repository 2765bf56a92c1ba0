//! Clients that an organization has registered with its authorization server (RFC 6749 §2).
//!
//! A `client_id` is `C`, the organization's id and the client's in hexadecimal: whose client it is stands in it. The secret of
//! a confidential client is 32 random bytes, shown once and kept as its SHA-256 hash.

use std::fmt;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use base::{Cause, ClientId, OrgId, Secret, Timestamp, UserId};
use serde_json::{Value, json};
use store::events::{NewEvent, Outcome};
use store::oauth_clients::{Client as Row, NewClient as NewRow};
use store::{StoredId as _, Tx, Write};

use crate::fresh::{hash, random_text};
use crate::{Access, Error, GrantError, GrantType, GrantTypes, Owner, Scopes};

/// The longest redirect, in bytes, and how many there may be.
const LONGEST_REDIRECT: usize = 500;
const MOST_REDIRECTS: usize = 20;

/// Whether a client can keep a secret (§2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientKind {
    Confidential,
    /// An app on a phone or in a browser: PKCE alone proves that it is the one that asked.
    Public,
}

impl ClientKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Confidential => "confidential",
            Self::Public => "public",
        }
    }
}

/// A client to be registered.
#[derive(Debug, Clone)]
pub struct NewClient {
    pub org: OrgId,
    pub name: String,
    /// Whose rights the tokens have that it gets for itself.
    pub owner: Owner,
    pub kind: ClientKind,
    pub redirects: Vec<String>,
    /// What it may ask for.
    pub scopes: Scopes,
    /// By which grants; nothing: what it needs.
    pub grant_types: Option<GrantTypes>,
}

/// A client just registered; the only moment its secret is there.
#[derive(Debug)]
pub struct Registration {
    pub client: RegisteredClient,
    pub secret: Option<Secret>,
}

/// A client as admins see it.
#[derive(Clone)]
pub struct RegisteredClient {
    pub org: OrgId,
    pub id: ClientId,
    pub name: String,
    /// With the userName of somebody who is still there; none for the organization's operator account.
    pub owner: Option<(UserId, Option<String>)>,
    pub redirects: Vec<String>,
    pub scopes: Scopes,
    pub grant_types: GrantTypes,
    pub created: Timestamp,
    secret_hash: Option<Vec<u8>>,
    /// The secret before, and until when it is good.
    former: Option<(Vec<u8>, Timestamp)>,
}

impl fmt::Debug for RegisteredClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RegisteredClient")
            .field("org", &self.org)
            .field("id", &self.id)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl RegisteredClient {
    pub fn client_id(&self) -> String {
        client_id(self.org, self.id)
    }

    pub fn kind(&self) -> ClientKind {
        if self.secret_hash.is_some() {
            ClientKind::Confidential
        } else {
            ClientKind::Public
        }
    }

    /// Until when the secret before is good, if it is now.
    pub fn former_secret_expires(&self, now: Timestamp) -> Option<Timestamp> {
        let expires = self.former.as_ref().map(|(_, expires)| *expires);
        expires.filter(|expires| *expires > now)
    }

    /// Refused where a client was not registered for a grant (RFC 6749 §5.2).
    pub fn require(&self, one: GrantType) -> Result<(), GrantError> {
        if self.grant_types.contains(one) {
            return Ok(());
        }
        Err(GrantError::Unauthorized(match one {
            GrantType::AuthorizationCode => "the client was not registered for authorization_code",
            GrantType::RefreshToken => "the client was not registered for refresh_token",
            GrantType::ClientCredentials => "the client was not registered for client_credentials",
        }))
    }

    /// Is it this one? Both secrets are compared, whichever it is.
    fn has_secret(&self, secret: &Secret, now: Timestamp) -> bool {
        let shown = hash(secret.expose());
        let is = |known: &[u8]| verify_slices_are_equal(known, &shown).is_ok();
        let present = self.secret_hash.as_deref().is_some_and(is);
        let former = self.former.as_ref();
        let former = former.is_some_and(|(known, expires)| is(known) && *expires > now);
        present || former
    }
}

impl Access {
    /// Registers a client. One without a redirect can only act for itself, so it must be confidential.
    pub async fn register_client(&self, cause: &Cause, new: NewClient) -> Result<Registration, Error> {
        let name = new.name.trim();
        if !is_name(name) {
            return Err(Error::ClientName);
        }
        judge_redirects(&new.redirects, new.kind)?;
        if new.scopes.iter().next().is_none() {
            return Err(Error::NoScope);
        }
        let has_redirect = !new.redirects.is_empty();
        let grant_types = new.grant_types.unwrap_or_else(|| GrantTypes::usual(has_redirect));
        grant_types.judge(new.kind, has_redirect)?;
        let secret = match new.kind {
            ClientKind::Confidential => Some(Secret::new(random_text(&self.ambient))),
            ClientKind::Public => None,
        };
        let row = NewRow {
            id: self.ambient.id(),
            name: name.to_owned(),
            owner: new.owner.user(),
            secret_hash: secret.as_ref().map(|secret| hash(secret.expose())),
            redirects: new.redirects.join(" "),
            scopes: new.scopes.to_string(),
            grant_types: grant_types.to_string(),
        };
        let (org, id) = (new.org, row.id);
        let cause = cause.clone();
        self.store.write(Insert { org, row, cause }).await?;
        let client = self.client(org, id).await?;
        Ok(Registration { client, secret })
    }

    /// A page of the organization's clients, the oldest first.
    pub async fn clients(
        &self,
        org: OrgId,
        after: Option<ClientId>,
        limit: u32,
    ) -> Result<Vec<RegisteredClient>, Error> {
        let page = store::oauth_clients::page(&mut self.store.reader(), org, after, limit).await?;
        page.into_iter().map(|row| view(org, row)).collect()
    }

    pub async fn client(&self, org: OrgId, id: ClientId) -> Result<RegisteredClient, Error> {
        let found = store::oauth_clients::by_id(&mut self.store.reader(), org, id).await?;
        view(org, found.ok_or(Error::UnknownClient)?)
    }

    /// The client of a `client_id`, in whichever organization.
    pub async fn client_of(&self, client_id: &str) -> Result<Option<RegisteredClient>, Error> {
        let Some((org, id)) = read_client_id(client_id) else {
            return Ok(None);
        };
        match self.client(org, id).await {
            Ok(client) => Ok(Some(client)),
            Err(Error::UnknownClient) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Is it the client that it says it is? A public one shows no secret, a confidential one must.
    pub async fn authenticate_client(
        &self,
        client_id: &str,
        secret: Option<&Secret>,
    ) -> Result<RegisteredClient, GrantError> {
        let client = self.client_of(client_id).await?.ok_or(GrantError::Client)?;
        let good = match (&client.secret_hash, secret) {
            (Some(_), Some(secret)) => client.has_secret(secret, self.ambient.now()),
            (None, None) => true,
            _ => false,
        };
        if good { Ok(client) } else { Err(GrantError::Client) }
    }

    /// Removes a client; what was allowed it, and all its tokens, end at once and at every server.
    pub async fn remove_client(&self, cause: &Cause, org: OrgId, id: ClientId) -> Result<(), Error> {
        let client = self.client(org, id).await?;
        let write = Remove {
            org,
            id,
            name: client.name,
            cause: cause.clone(),
        };
        Ok(self.store.write(write).await?)
    }
}

pub(crate) fn view(org: OrgId, row: Row) -> Result<RegisteredClient, Error> {
    let name = row.owner_name;
    Ok(RegisteredClient {
        org,
        id: row.id,
        name: row.name,
        owner: row.owner.map(|id| (id, name)),
        redirects: row.redirects.split_whitespace().map(str::to_owned).collect(),
        scopes: row
            .scopes
            .parse()
            .map_err(|error| store::Error::internal(format!("a client's scopes: {error}")))?,
        grant_types: row
            .grant_types
            .parse()
            .map_err(|error| store::Error::internal(format!("a client's grants: {error}")))?,
        created: row.created,
        secret_hash: row.secret_hash,
        former: row.former_secret_hash.zip(row.former_secret_expires),
    })
}

pub(crate) fn client_id(org: OrgId, id: ClientId) -> String {
    format!("C{org}{id}").replace('-', "")
}

fn read_client_id(text: &str) -> Option<(OrgId, ClientId)> {
    let hex = text.strip_prefix('C')?;
    let all_hex = hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if hex.len() != 64 || !all_hex {
        return None;
    }
    let (org, id) = hex.split_at(32);
    let uuid = |hex: &str| [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-");
    Some((uuid(org).parse().ok()?, uuid(id).parse().ok()?))
}

/// People see it when they are asked, so it must read as what it is: nothing in it turns or hides what stands beside it.
pub(crate) fn is_name(name: &str) -> bool {
    let breaks = |letter| matches!(letter, '\u{2028}' | '\u{2029}' | '\u{fff9}'..='\u{fffb}');
    !name.is_empty() && name.chars().count() <= 200 && !name.contains(breaks) && !directory::has_unseen(name)
}

/// What an answer may add to a redirect, or what was asked (RFC 6749 §4.1, §4.2, RFC 9207).
const RESERVED: [&str; 11] = [
    "code",
    "state",
    "iss",
    "error",
    "error_description",
    "error_uri",
    "access_token",
    "token_type",
    "expires_in",
    "refresh_token",
    "id_token",
];

/// Where a client may be answered.
pub(crate) fn judge_redirects(redirects: &[String], kind: ClientKind) -> Result<(), Error> {
    redirects
        .iter()
        .try_for_each(|redirect| judge_redirect(redirect))?;
    if redirects.len() > MOST_REDIRECTS {
        return Err(Error::Redirect(format!(
            "a client has at most {MOST_REDIRECTS} redirects"
        )));
    }
    if redirects.is_empty() && kind == ClientKind::Public {
        return Err(Error::Redirect("a public client needs a redirect".to_owned()));
    }
    Ok(())
}

/// Only where nobody else listens: https, or this very machine (RFC 8252 §7.3).
fn judge_redirect(text: &str) -> Result<(), Error> {
    let wrong = |why: &str| Err(Error::Redirect(format!("{text:?}: {why}")));
    if text.len() > LONGEST_REDIRECT || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return wrong("a redirect is an address of visible ASCII, 500 characters at most");
    }
    if text.contains(['"', '\\', '<', '>', ';', ',', '\'']) {
        return wrong(
            "a redirect must not hold quotation marks, brackets, backslashes, commas or semicolons",
        );
    }
    let Ok(url) = url::Url::parse(text) else {
        return wrong("this is no absolute address");
    };
    let is_local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    match url.scheme() {
        "https" => {}
        "http" if is_local => {}
        _ => return wrong("a redirect begins with https://, or http:// at localhost"),
    }
    if text.contains('#') {
        return wrong("a redirect has no fragment (RFC 6749 §3.1.2)");
    }
    if !url.username().is_empty() || url.password().is_some() || url.host_str().is_none() {
        return wrong("a redirect names a host and no user");
    }
    if text.contains('*') {
        return wrong("a redirect stands for itself only: * stands for nothing");
    }
    // Browsers go where the text leads once it is read: so it must say that from the start.
    if url.as_str() != text {
        return wrong(&format!("write it as it is read: {url}"));
    }
    let reserved = |name: &str| {
        RESERVED
            .iter()
            .any(|reserved| reserved.eq_ignore_ascii_case(name))
    };
    if let Some((name, _)) = url.query_pairs().find(|(name, _)| reserved(name)) {
        return wrong(&format!(
            "the answer itself may bring {name}, so the redirect must not"
        ));
    }
    Ok(())
}

pub(crate) fn event(event_type: &str, id: ClientId, told: &Value) -> NewEvent {
    NewEvent {
        event_type: event_type.to_owned(),
        outcome: Outcome::Succeeded,
        resource_kind: "oauth_client".to_owned(),
        resource_id: Some(id.stored()),
        doc: told.to_string(),
    }
}

struct Insert {
    org: OrgId,
    row: NewRow,
    cause: Cause,
}

impl Write for Insert {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        store::oauth_clients::insert(tx, self.org, &self.row, &self.cause).await?;
        let kind = if self.row.secret_hash.is_some() {
            ClientKind::Confidential
        } else {
            ClientKind::Public
        };
        let told = json!({
            "name": self.row.name,
            "kind": kind.as_str(),
            "redirects": self.row.redirects,
            "scopes": self.row.scopes,
            "grant_types": self.row.grant_types,
        });
        let event = event("oauth_client_create", self.row.id, &told);
        store::events::append(tx, self.org, &event, &self.cause)
            .await
            .map(drop)
    }
}

struct Remove {
    org: OrgId,
    id: ClientId,
    name: String,
    cause: Cause,
}

impl Write for Remove {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        tx.lock(store::Lock::Feed(self.org)).await?;
        if store::oauth_clients::remove(tx, self.org, self.id, &self.cause).await? {
            let event = event("oauth_client_delete", self.id, &json!({ "name": self.name }));
            store::events::append(tx, self.org, &event, &self.cause).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use base::Ambient;

    use super::*;

    #[test]
    fn whose_client_it_is_stands_in_its_id() {
        let ambient = Ambient::system();
        let (org, id): (OrgId, ClientId) = (ambient.id(), ambient.id());
        let text = client_id(org, id);
        assert_eq!((text.len(), read_client_id(&text)), (65, Some((org, id))));
        for wrong in [
            "",
            "C",
            &text[1..],
            &text.to_uppercase(),
            &format!("{text}0"),
            &text.replace('C', "D"),
        ] {
            assert_eq!(read_client_id(wrong), None, "{wrong}");
        }
        assert_eq!(read_client_id(&format!("C{}", "é".repeat(32))), None);
    }

    #[test]
    fn names_show_what_they_are() {
        for (name, good) in [
            ("Staff portal", true),
            ("Überblick – 2", true),
            ("نرم\u{200c}افزار", true),
            ("", false),
            ("a\0", false),
            ("a\nb", false),
            ("a\u{2028}b", false),
            ("a\u{202e}b", false),
            ("a\u{200b}b", false),
            ("a\u{200d}b", false),
            ("a\u{feff}b", false),
            ("a\u{2066}b", false),
        ] {
            assert_eq!(is_name(name), good, "{name:?}");
        }
        assert!(is_name(&"é".repeat(200)) && !is_name(&"é".repeat(201)));
    }

    #[test]
    fn redirects_are_judged() {
        for (redirect, good) in [
            ("https://app.example/callback?a=b", true),
            ("http://localhost:8400/callback", true),
            ("http://127.0.0.1/", true),
            ("http://[::1]:1/", true),
            ("http://app.example/callback", false),
            ("https://app.example/#", false),
            ("https://user@app.example/", false),
            ("https://app.example/a b", false),
            ("https://app.example/;script-src", false),
            ("javascript:alert(1)", false),
            ("com.example.app:/callback", false),
            ("//app.example", false),
            ("", false),
            // Read as something else than is written there.
            ("https:evil/cb", false),
            ("https:///evil", false),
            ("https://@evil/", false),
            ("https://app.example", false),
            ("https://app.example:443/", false),
            ("HTTPS://app.example/", false),
            ("https://App.example/", false),
            ("https://app.example/a/../b", false),
            ("https://0x7f.1/", false),
            ("http://127.1/", false),
            ("https://*.app.example/", false),
            ("https://app.example/*", false),
            ("https://app.example/?code=x&state=y", false),
            ("https://app.example/?a=b&%73tate=y", false),
            ("https://app.example/?Error=x", false),
            ("https://app.example/?iss", false),
            ("https://app.example/?encoded=1", true),
        ] {
            assert_eq!(judge_redirect(redirect).is_ok(), good, "{redirect}");
        }
    }
}
