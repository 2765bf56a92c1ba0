//! Who asks for a token: the client of the guides, or one that an organization has registered.

use access::{GUIDE_CLIENT, GrantType, RegisteredClient, Scope, Scopes};
use base::OrgId;

use crate::State;

/// A client that there is.
#[derive(Debug)]
pub enum Client {
    Guide,
    Registered(Box<RegisteredClient>),
}

/// What a client is answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// A token, in the fragment (RFC 6749 §4.2).
    Implicit,
    /// A code, in the query (§4.1).
    Code,
}

impl Flow {
    pub fn response_type(self) -> &'static str {
        match self {
            Self::Implicit => "token",
            Self::Code => "code",
        }
    }
}

/// The client of a `client_id`.
pub async fn find(state: &State, id: &str) -> Result<Option<Client>, access::Error> {
    if id == GUIDE_CLIENT.id {
        return Ok(Some(Client::Guide));
    }
    let found = state.access.client_of(id).await?;
    Ok(found.map(|client| Client::Registered(Box::new(client))))
}

impl Client {
    pub fn flow(&self) -> Flow {
        match self {
            Self::Guide => Flow::Implicit,
            Self::Registered(_) => Flow::Code,
        }
    }

    pub fn id(&self) -> String {
        match self {
            Self::Guide => GUIDE_CLIENT.id.to_owned(),
            Self::Registered(client) => client.client_id(),
        }
    }

    /// Whose people it may ask; the guides' asks everybody's.
    pub fn org(&self) -> Option<OrgId> {
        match self {
            Self::Guide => None,
            Self::Registered(client) => Some(client.org),
        }
    }

    /// What people are told.
    pub fn name(&self) -> &str {
        match self {
            Self::Guide => GUIDE_CLIENT.name,
            Self::Registered(client) => &client.name,
        }
    }

    pub fn redirects(&self) -> Vec<&str> {
        match self {
            Self::Guide => GUIDE_CLIENT.redirects.to_vec(),
            Self::Registered(client) => client.redirects.iter().map(String::as_str).collect(),
        }
    }

    pub fn may_ask_for(&self, scope: Scope) -> bool {
        match self {
            Self::Guide => GUIDE_CLIENT.scopes.contains(&scope),
            Self::Registered(client) => client.scopes.contains(scope),
        }
    }

    /// May it send people here at all?
    pub fn may_ask_people(&self) -> bool {
        match self {
            Self::Guide => true,
            Self::Registered(client) => client.grant_types.contains(GrantType::AuthorizationCode),
        }
    }

    /// What it asks for if it does not say.
    pub fn usual_scopes(&self) -> Scopes {
        match self {
            Self::Guide => Scopes::for_provisioning(),
            Self::Registered(client) => client.scopes.clone(),
        }
    }
}
