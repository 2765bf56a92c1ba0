//! Where the token of a request comes from. One that is given is kept, sealed, until shortly before it expires; a
//! refresh token that was given in place of another is written down before what came with it is used. Of several
//! processes one asks at a time.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use base::{Ambient, AppId, Field, Keyring, OrgId, Secret, Timestamp};
use outbound::Outbound;
use serde::{Deserialize, Serialize};
use store::target_tokens::{self, Given};
use store::{Store, Tx, Write};
use tokio::sync::Mutex;

use super::grant::{self, Granted, refused};
use super::{ClientSecrets, Concealed, NoteExpiry, OAuthSettings};
use crate::target::{Failure, Kind};

/// Renewed this long before it expires, or at nine tenths of its life.
const EARLY: Duration = Duration::from_mins(1);
/// Between two looks whether somebody else has asked.
const LOOK: Duration = Duration::from_millis(100);

/// A token that is there, or a way to get one.
#[derive(Clone)]
pub(crate) enum TokenSource {
    Bearer(Secret),
    OAuth(Arc<Client>),
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bearer(_) => "Bearer",
            Self::OAuth(_) => "OAuth",
        })
    }
}

pub(crate) struct Client {
    store: Store,
    keyring: Arc<Keyring>,
    outbound: Outbound,
    org: OrgId,
    app: AppId,
    settings: OAuthSettings,
    secrets: ClientSecrets,
    timeout: Duration,
    held: Mutex<Option<Tokens>>,
}

/// What is sealed of what was given.
#[derive(Clone, Serialize, Deserialize)]
struct Tokens {
    access_token: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    /// When another one is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    renew: Option<Timestamp>,
}

impl Tokens {
    fn lasts(&self, now: Timestamp) -> bool {
        self.renew.is_none_or(|renew| now < renew)
    }
}

fn field(org: OrgId) -> Field {
    Field {
        org,
        name: store::sealed::TARGET_TOKEN,
    }
}

impl TokenSource {
    /// `text` is what was sealed with the app.
    pub(crate) fn new(
        (store, keyring, outbound): (&Store, &Arc<Keyring>, &Outbound),
        (org, app): (OrgId, AppId),
        settings: Option<&OAuthSettings>,
        text: Secret,
        timeout: Duration,
    ) -> Result<Self, Failure> {
        let Some(settings) = settings else {
            return Ok(Self::Bearer(text));
        };
        let secrets = serde_json::from_str(text.expose())
            .map_err(|_| refused("the credentials are damaged: set them again"))?;
        Ok(Self::OAuth(Arc::new(Client {
            store: store.clone(),
            keyring: Arc::clone(keyring),
            outbound: outbound.clone(),
            org,
            app,
            settings: settings.clone(),
            secrets,
            timeout,
            held: Mutex::default(),
        })))
    }

    /// What no answer to a request with this token may show.
    pub(crate) fn concealed(&self, token: Option<&Secret>) -> Concealed {
        let mut concealed = match self {
            Self::Bearer(_) => Concealed::default(),
            Self::OAuth(client) => client.concealed(None),
        };
        if let Some(token) = token {
            concealed.add(token.expose());
        }
        concealed
    }

    pub(crate) async fn token(&self) -> Result<Secret, Failure> {
        match self {
            Self::Bearer(token) => Ok(token.clone()),
            Self::OAuth(client) => client.token(None).await,
        }
    }

    /// The token that has meanwhile come in the place of this one, if another has; whoever is getting one is not
    /// waited for.
    pub(crate) fn latest(&self, token: Secret) -> Secret {
        let Self::OAuth(client) = self else {
            return token;
        };
        match client.held.try_lock().as_deref() {
            Ok(Some(tokens)) => Secret::new(tokens.access_token.clone()),
            Ok(None) | Err(_) => token,
        }
    }

    /// Whether there may be another token once one is refused.
    pub(crate) fn renews(&self) -> bool {
        matches!(self, Self::OAuth(_))
    }

    /// Another token than this one, which the target has refused; `None`: there is no other.
    pub(crate) async fn another(&self, refused: &Secret) -> Result<Option<Secret>, Failure> {
        match self {
            Self::Bearer(_) => Ok(None),
            Self::OAuth(client) => client.token(Some(refused)).await.map(Some),
        }
    }
}

impl Client {
    fn ambient(&self) -> &Ambient {
        self.store.ambient()
    }

    fn concealed(&self, refresh_token: Option<&str>) -> Concealed {
        let mut concealed = Concealed::default();
        concealed.add_pair(&self.settings.client_id, &self.secrets.client_secret);
        for token in refresh_token
            .into_iter()
            .chain(self.secrets.refresh_token.as_deref())
        {
            concealed.add(token);
        }
        concealed
    }

    async fn token(&self, refused: Option<&Secret>) -> Result<Secret, Failure> {
        let mut held = self.held.lock().await;
        let serves = |tokens: &Tokens| {
            tokens.lasts(self.ambient().now())
                && refused.is_none_or(|refused| refused.expose() != tokens.access_token)
        };
        if let Some(tokens) = held.as_ref().filter(|tokens| serves(tokens)) {
            return Ok(Secret::new(tokens.access_token.clone()));
        }
        loop {
            let known = self.read().await?;
            if let Some(tokens) = known.as_ref().filter(|tokens| serves(tokens)) {
                held.clone_from(&known);
                return Ok(Secret::new(tokens.access_token.clone()));
            }
            if let Some(until) = self.take_turn().await? {
                // Whoever had the turn before may have written meanwhile.
                let known = self.read().await?;
                if known.as_ref().is_some_and(&serves) {
                    self.end_turn(until).await?;
                    continue;
                }
                let tokens = self.ask(until, known).await?;
                let token = Secret::new(tokens.access_token.clone());
                *held = Some(tokens);
                return Ok(token);
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    async fn ask(&self, until: Timestamp, known: Option<Tokens>) -> Result<Tokens, Failure> {
        let rotated = known.and_then(|tokens| tokens.refresh_token);
        let refresh_token = rotated.as_ref().or(self.secrets.refresh_token.as_ref());
        let request = grant::request(
            &self.settings,
            &self.secrets,
            refresh_token.map(String::as_str),
            self.timeout,
        )?;
        let concealed = self.concealed(refresh_token.map(String::as_str));
        let answer = match self.outbound.send(request).await {
            Ok(mut response) => {
                // What is given may well be what was sent.
                if !response.status.is_success() {
                    concealed.mask(&mut response);
                }
                grant::read(&response, self.ambient().now())
            }
            Err(error) => Err(grant::unanswered(&error)),
        };
        let granted = match answer {
            Ok(granted) => granted,
            Err(failure) => {
                self.end_turn(until).await?;
                return Err(failure);
            }
        };
        let Granted {
            access_token,
            expires,
            refresh_token: given,
            refresh_expires,
        } = granted;
        let now = self.ambient().now();
        let tokens = Tokens {
            access_token,
            refresh_token: given.or(rotated),
            renew: expires.map(|expires| expires - EARLY.min(expires.since(now) / 10)),
        };
        self.keep(until, &tokens, expires).await?;
        if let Some(at) = refresh_expires {
            let write = NoteExpiry {
                org: self.org,
                app: self.app,
                at,
            };
            self.store.write(write).await.map_err(stored)?;
        }
        Ok(tokens)
    }

    async fn read(&self) -> Result<Option<Tokens>, Failure> {
        let mut reader = self.store.reader();
        let given = target_tokens::read(&mut reader, self.org, self.app)
            .await
            .map_err(stored)?;
        // What cannot be opened any more is asked for anew.
        Ok(given.and_then(|given| {
            let text = self.keyring.open(field(self.org), &given.sealed).ok()?;
            serde_json::from_str(text.expose()).ok()
        }))
    }

    async fn take_turn(&self) -> Result<Option<Timestamp>, Failure> {
        let now = self.ambient().now();
        let until = now + self.timeout + Duration::from_secs(5);
        let write = Turn::Take { now, until };
        Ok(self.write(write).await?.then_some(until))
    }

    async fn end_turn(&self, until: Timestamp) -> Result<(), Failure> {
        self.write(Turn::End { until }).await.map(drop)
    }

    async fn keep(
        &self,
        until: Timestamp,
        tokens: &Tokens,
        expires: Option<Timestamp>,
    ) -> Result<(), Failure> {
        let text = serde_json::to_string(tokens).unwrap_or_default();
        let sealed = self
            .keyring
            .seal(self.ambient(), field(self.org), &Secret::new(text));
        let given = Given { sealed, expires };
        self.write(Turn::Keep { until, given }).await.map(drop)
    }

    async fn write(&self, turn: Turn) -> Result<bool, Failure> {
        let write = TakeTurn {
            org: self.org,
            app: self.app,
            turn,
        };
        self.store.write(write).await.map_err(stored)
    }
}

/// The database, not the target: tried again soon.
fn stored(error: store::Error) -> Failure {
    tracing::warn!(%error, "an access token cannot be kept");
    Failure {
        kind: Kind::Unreachable,
        status: None,
        message: base::Message::new("token.not_kept"),
        retry_after: None,
    }
}

enum Turn {
    Take { now: Timestamp, until: Timestamp },
    Keep { until: Timestamp, given: Given },
    End { until: Timestamp },
}

struct TakeTurn {
    org: OrgId,
    app: AppId,
    turn: Turn,
}

impl Write for TakeTurn {
    type Out = bool;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, store::Error> {
        let Self { org, app, .. } = *self;
        match &self.turn {
            Turn::Take { now, until } => target_tokens::take_turn(tx, org, app, *now, *until).await,
            Turn::Keep { until, given } => target_tokens::keep(tx, org, app, *until, given).await,
            Turn::End { until } => target_tokens::end_turn(tx, org, app, *until).await.map(|()| true),
        }
    }
}
