//! An authorization request (RFC 6749 §4.1.1, §4.2.1; RFC 7636 §4.3), judged. Pure.

use access::{Scope, Scopes};
use serde::{Deserialize, Serialize};

use super::client::{Client, Flow};

/// The longest `state` that is carried, in bytes.
const LONGEST_STATE: usize = 2_000;

/// What somebody is to be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    pub client_id: String,
    /// Where the browser goes then: one of the client's own.
    pub redirect: String,
    /// The same if the request named it, or nothing.
    pub named_redirect: String,
    /// The S256 challenge; nothing where there is no code.
    pub challenge: String,
    /// Separated by spaces.
    pub scopes: String,
    pub state: Option<String>,
}

/// Why nobody is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// Nobody knows where to send the browser, so it is told on a page.
    Page(&'static str),
    /// The client is told (§4.1.2.1, §4.2.2.1).
    Client {
        flow: Flow,
        redirect: String,
        state: Option<String>,
        error: &'static str,
        description: String,
    },
}

/// Reads the authorization request of a client.
pub fn read(params: &Params, client: &Client) -> Result<Request, Refused> {
    let (redirect, named_redirect) = redirect(params, client)?;
    let flow = client.flow();
    let refuse = |error, description: String, state: Option<&str>| Refused::Client {
        flow,
        redirect: redirect.to_owned(),
        state: state.map(str::to_owned),
        error,
        description,
    };
    let invalid = |description: &str, state| refuse("invalid_request", description.to_owned(), state);
    let state = params
        .one("state")
        .map_err(|()| invalid("state is there twice", None))?;
    if state.is_some_and(|state| state.len() > LONGEST_STATE || !is_visible(state)) {
        let description = format!("state must be visible ASCII, {LONGEST_STATE} characters at most");
        return Err(refuse("invalid_request", description, None));
    }
    if !client.may_ask_people() {
        let description = "the client was not registered for authorization_code";
        return Err(refuse("unauthorized_client", description.to_owned(), state));
    }
    match params.one("response_type") {
        Ok(Some(wanted)) if wanted == flow.response_type() => {}
        Ok(Some(_)) => {
            let description = format!("response_type can be {} for this client", flow.response_type());
            return Err(refuse("unsupported_response_type", description, state));
        }
        Ok(None) => {
            let description = format!("response_type is missing: send {}", flow.response_type());
            return Err(refuse("invalid_request", description, state));
        }
        Err(()) => return Err(invalid("response_type is there twice", state)),
    }
    let wanted = params
        .one("scope")
        .map_err(|()| invalid("scope is there twice", state))?;
    let scopes = scopes(wanted, client).map_err(|error| refuse("invalid_scope", error, state))?;
    let challenge = match flow {
        Flow::Implicit => "",
        Flow::Code => challenge(params).map_err(|description| invalid(description, state))?,
    };
    Ok(Request {
        client_id: client.id(),
        redirect: redirect.to_owned(),
        named_redirect: named_redirect.to_owned(),
        challenge: challenge.to_owned(),
        scopes: scopes.to_string(),
        state: state.map(str::to_owned),
    })
}

/// Whose request it is.
pub fn client_id(params: &Params) -> Result<&str, Refused> {
    match params.one("client_id") {
        Ok(Some(id)) => Ok(id),
        Ok(None) => Err(Refused::Page("The client_id is missing in this address.")),
        Err(()) => Err(Refused::Page("The client_id is there twice in this address.")),
    }
}

/// What is said where there is no such client.
pub const NO_CLIENT: &str =
    "No client has the client_id in this address. Check that the whole address was copied.";

/// The one to go to, and the same if the request names it; compared letter by letter (RFC 9700 §2.1).
fn redirect<'a>(params: &'a Params, client: &'a Client) -> Result<(&'a str, &'a str), Refused> {
    let known = client.redirects();
    match params.one("redirect_uri") {
        Ok(Some(redirect)) if known.contains(&redirect) => Ok((redirect, redirect)),
        Ok(None) if known.len() == 1 => Ok((known[0], "")),
        Ok(_) => Err(Refused::Page(
            "The redirect_uri in this address is not one that belongs to the client, so nobody is sent there.",
        )),
        Err(()) => Err(Refused::Page("The redirect_uri is there twice in this address.")),
    }
}

/// Without PKCE no client gets a code, and `plain` proves nothing (RFC 9700 §2.1.1).
fn challenge(params: &Params) -> Result<&str, &'static str> {
    if !matches!(params.one("code_challenge_method"), Ok(Some("S256"))) {
        return Err("code_challenge_method must be S256");
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    match params.one("code_challenge") {
        Ok(Some(text)) if text.len() == 43 && text.bytes().all(plain) => Ok(text),
        _ => Err("code_challenge must be there: 43 characters of base64url"),
    }
}

fn scopes(wanted: Option<&str>, client: &Client) -> Result<Scopes, String> {
    let Some(wanted) = wanted else {
        return Ok(client.usual_scopes());
    };
    let mut scopes = Vec::new();
    for name in wanted.split(' ').filter(|name| !name.is_empty()) {
        let scope = name.parse::<Scope>().ok();
        let Some(scope) = scope.filter(|scope| client.may_ask_for(*scope)) else {
            // Only characters that may stand in a description (§5.2).
            let shown: String = name.chars().filter(char::is_ascii_graphic).take(60).collect();
            return Err(format!("this client cannot ask for the scope {shown}").replace(['"', '\\'], ""));
        };
        scopes.push(scope);
    }
    if scopes.is_empty() {
        return Ok(client.usual_scopes());
    }
    Ok(Scopes::new(scopes))
}

fn is_visible(text: &str) -> bool {
    text.bytes().all(|byte| (0x20..=0x7e).contains(&byte))
}

/// The query's parameters; an empty one counts as left out (§3.1).
pub struct Params(Vec<(String, String)>);

impl Params {
    pub fn read(query: &str) -> Self {
        let pairs = url::form_urlencoded::parse(query.as_bytes()).into_owned();
        Self(pairs.filter(|(_, value)| !value.is_empty()).collect())
    }

    /// A parameter that must not be there twice (§3.1).
    pub fn one(&self, name: &str) -> Result<Option<&str>, ()> {
        let mut found = self.0.iter().filter(|(key, _)| key == name);
        let first = found.next().map(|(_, value)| value.as_str());
        if found.next().is_some() {
            Err(())
        } else {
            Ok(first)
        }
    }
}

#[cfg(test)]
mod tests {
    use access::GUIDE_CLIENT;

    use super::*;

    /// As a request of the guides' client, whoever it says that it is.
    fn read(query: &str) -> Result<Request, Refused> {
        let params = Params::read(query);
        if client_id(&params)? != GUIDE_CLIENT.id {
            return Err(Refused::Page(NO_CLIENT));
        }
        super::read(&params, &Client::Guide)
    }

    /// The address as the guides of the Webex integrations have it, from `response_type` on.
    fn guides() -> String {
        format!(
            "response_type=token&client_id={}&redirect_uri=http%3A%2F%2Flocalhost%3A3000%2Fauth%2Fcode&\
             scope=spark%3Apeople_read%20spark%3Apeople_write%20Identity%3ASCIM&state=a-b",
            GUIDE_CLIENT.id
        )
    }

    #[test]
    fn the_guides_address_is_understood() {
        let request = read(&guides()).expect("understood");
        assert_eq!(request.redirect, "http://localhost:3000/auth/code");
        assert_eq!(
            request.scopes,
            "Identity:SCIM spark:people_read spark:people_write"
        );
        assert_eq!(request.state.as_deref(), Some("a-b"));
        let plus = read(&guides().replace("%20", "+")).expect("understood");
        assert_eq!(plus, request);
    }

    #[test]
    fn nobody_is_sent_where_the_client_does_not_live() {
        let id = GUIDE_CLIENT.id;
        for query in [
            "",
            "response_type=token",
            "response_type=token&client_id=x",
            &format!("client_id={id}&client_id={id}"),
            &guides().replace("localhost", "evil.example"),
            &guides().replace("%2Fcode", "%2Fcode%2F"),
            &guides().replace("http%3A", "HTTP%3A"),
            &guides().replace("%2Fcode", "%2Fcode%3Fa"),
            &format!("{}&redirect_uri=http%3A%2F%2Fevil.example", guides()),
        ] {
            assert!(matches!(read(query), Err(Refused::Page(_))), "{query}");
        }
    }

    #[test]
    fn the_client_is_told_what_is_wrong() {
        for (query, expected, has_state) in [
            (
                guides().replace("=token", "=code"),
                "unsupported_response_type",
                true,
            ),
            (
                guides().replace("response_type=token&", ""),
                "invalid_request",
                true,
            ),
            (
                format!("{}&response_type=token", guides()),
                "invalid_request",
                true,
            ),
            (format!("{}&state=c", guides()), "invalid_request", false),
            (guides().replace("a-b", "%00"), "invalid_request", false),
            (
                guides().replace("a-b", &"x".repeat(2_001)),
                "invalid_request",
                false,
            ),
            (
                guides().replace("Identity%3ASCIM", "instep%3Aadmin"),
                "invalid_scope",
                true,
            ),
            (
                guides().replace("Identity%3ASCIM", "%22%5Cx"),
                "invalid_scope",
                true,
            ),
        ] {
            let Err(Refused::Client {
                error,
                state,
                description,
                ..
            }) = read(&query)
            else {
                panic!("{query}");
            };
            assert_eq!((error, state.is_some()), (expected, has_state), "{query}");
            let allowed = |byte: u8| matches!(byte, 0x20..=0x7e) && byte != b'"' && byte != b'\\';
            assert!(description.bytes().all(allowed), "{description}");
        }
    }

    #[test]
    fn there_is_no_code_without_a_challenge() {
        let good = format!("code_challenge={}&code_challenge_method=S256", "a".repeat(43));
        assert_eq!(challenge(&Params::read(&good)), Ok("a".repeat(43).as_str()));
        for bad in [
            "",
            &good.replace("S256", "plain"),
            &good.replace("&code_challenge_method=S256", ""),
            &good.replace("aaa", "aa"),
            &good.replace("aaa", "aa%3D"),
            &format!("{good}&code_challenge=x"),
            &format!("{good}&code_challenge_method=plain"),
        ] {
            assert!(challenge(&Params::read(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_may_be_left_out() {
        let short = format!("response_type=token&client_id={}", GUIDE_CLIENT.id);
        let request = read(&short).expect("understood");
        assert_eq!(request.redirect, "http://localhost:3000/auth/code");
        assert_eq!(request.scopes, Scopes::for_provisioning().to_string());
        assert_eq!(request.state, None);
        let spaces = read(&format!("{short}&scope=%20&state=")).expect("understood");
        assert_eq!(spaces, request);
    }
}
