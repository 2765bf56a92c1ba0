//! How each sign-in and sign-out by SAML went: every message, every check and its outcome, kept for a while, for administrators.
//!
//! What would let its reader in is left out: a message is kept without its signatures, so that it cannot be shown to anybody
//! again, and encrypted parts without what they hold.

pub(crate) mod left_out;
mod redact;
mod under_way;

use std::time::Duration;

use base::{
    AppId, Cause, CorrelationId, IdentityProviderId, OrgId, SamlTraceId, SubjectId, Timestamp, UserId,
};
use saml::profile::{Check, Outcome as Checked};
use serde::{Deserialize, Serialize};
use store::saml_traces;
use store::{Tx, Write};

use crate::clip::{beginning, clipped};
use crate::{Error, Federation};
use redact::without_secrets;
pub(crate) use redact::without_values;

/// Longer messages are cut off, in bytes.
const LONGEST: usize = 100 * 1024;
/// Those of strangers sooner.
const LONGEST_OF_STRANGERS: usize = 16 * 1024;
/// Everybody can send messages: of those that prove nothing of anybody so many an hour are kept, and so many from one address.
/// The others are counted.
const STRANGERS: u32 = 200;
const ONE_STRANGER: u32 = 50;
const HOUR: Duration = Duration::from_hours(1);

/// At which end of SAML we were.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    IdentityProvider,
    ServiceProvider,
}

impl End {
    pub const fn name(self) -> &'static str {
        match self {
            Self::IdentityProvider => "identity_provider",
            Self::ServiceProvider => "service_provider",
        }
    }
}

/// What was wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    SignIn,
    SignOut,
    /// A sign-in that was to show whether the settings are right, and let nobody in.
    Test,
}

impl Action {
    pub const fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::SignOut => "sign_out",
            Self::Test => "test",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Succeeded,
    Failed,
    /// The other side's turn, or the browser's.
    UnderWay,
}

impl Outcome {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::UnderWay => "under_way",
        }
    }
}

/// Who was at the other end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer {
    App(AppId),
    IdentityProvider(IdentityProviderId),
}

impl From<Peer> for SubjectId {
    fn from(peer: Peer) -> Self {
        match peer {
            Peer::App(id) => id.into(),
            Peer::IdentityProvider(id) => id.into(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    Received,
    Sent,
}

/// A message as it went over the wire, but for what is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TracedMessage {
    pub direction: Direction,
    /// `redirect`, `post`.
    pub binding: String,
    pub xml: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relay_state: Option<String>,
}

/// One check and its outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TracedCheck {
    /// Such as `audience`.
    pub check: String,
    /// `passed`, `failed`, `not_applicable`.
    pub outcome: String,
    pub detail: String,
}

impl From<&Check> for TracedCheck {
    fn from(check: &Check) -> Self {
        Self {
            check: check.code.as_str().to_owned(),
            outcome: match check.outcome {
                Checked::Passed => "passed",
                Checked::Failed => "failed",
                Checked::NotApplicable => "not_applicable",
            }
            .to_owned(),
            detail: check.detail.clone(),
        }
    }
}

/// A trace that is about to be kept.
#[derive(Debug, Clone)]
pub struct NewTrace {
    pub end: End,
    pub action: Action,
    pub outcome: Outcome,
    /// As far as it was known.
    pub peer: Option<Peer>,
    pub user: Option<UserId>,
    /// What the other side, or we, called somebody.
    pub subject: Option<String>,
    /// Which error it ended with: the code of a check, a number of Webex's, a word of ours.
    pub code: Option<String>,
    /// In a sentence.
    pub message: Option<String>,
    pub messages: Vec<TracedMessage>,
    pub checks: Vec<TracedCheck>,
}

impl NewTrace {
    /// Is it of something that anybody can send? Whom it is about would be known of what an identity provider or an app has
    /// signed; a test is begun by whoever was let.
    fn is_of_stranger(&self) -> bool {
        let nobody = self.user.is_none() && self.subject.is_none();
        nobody && self.outcome != Outcome::Succeeded && self.action != Action::Test
    }
}

/// What is kept beside the columns by which traces are found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Doc {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    messages: Vec<TracedMessage>,
    checks: Vec<TracedCheck>,
}

/// A trace as kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Trace {
    pub id: SamlTraceId,
    pub at: Timestamp,
    /// [`End::name`].
    pub role: String,
    /// [`Action::name`].
    pub action: String,
    /// [`Outcome::name`].
    pub outcome: String,
    /// The application, or the identity provider that vouches.
    pub peer: Option<SubjectId>,
    pub user: Option<UserId>,
    pub subject: Option<String>,
    pub code: Option<String>,
    pub message: Option<String>,
    pub client_ip: Option<String>,
    pub correlation: CorrelationId,
    pub checks: Vec<TracedCheck>,
    pub messages: Vec<TracedMessage>,
}

/// Which traces are asked for; what is `None` does not matter.
pub type TraceFilter = saml_traces::Filter;

impl Federation {
    /// Keeps a trace, with texts that are not too long, and without what would let the reader of a message in. Nothing is kept,
    /// nor is there to be an event, once strangers have sent too much.
    pub async fn keep_trace(
        &self,
        cause: &Cause,
        org: OrgId,
        trace: NewTrace,
    ) -> Result<Option<SamlTraceId>, Error> {
        self.keep(cause, org, trace, None).await
    }

    async fn keep(
        &self,
        cause: &Cause,
        org: OrgId,
        trace: NewTrace,
        instead_of: Option<SamlTraceId>,
    ) -> Result<Option<SamlTraceId>, Error> {
        let of_stranger = trace.is_of_stranger();
        if of_stranger && self.is_flooded(cause, org, trace.outcome).await? {
            self.left_out.count(org, self.ambient().now());
            if let Some(id) = instead_of {
                self.store.write(under_way::End { org, id }).await?;
            }
            return Ok(None);
        }
        let write = Keep {
            org,
            trace: stored(trace),
            cause: cause.clone(),
            instead_of,
        };
        let id = self.store.write(write).await?;
        if of_stranger {
            let hour_ago = self.ambient().now() - HOUR;
            self.tell_left_out_since(org, hour_ago).await?;
        }
        Ok(Some(id))
    }

    /// Have strangers left too many of this outcome behind? Each has limits of its own: neither hides the other.
    async fn is_flooded(&self, cause: &Cause, org: OrgId, outcome: Outcome) -> Result<bool, Error> {
        let since = self.ambient().now() - HOUR;
        let limits = match cause.client_ip {
            Some(address) => vec![
                (saml_traces::Strangers::All, STRANGERS),
                (saml_traces::Strangers::From(address), ONE_STRANGER),
            ],
            // Such as requests of ours that nobody has answered.
            None => vec![(saml_traces::Strangers::Nobody, STRANGERS)],
        };
        for (whose, most) in limits {
            let mut reader = self.store.reader();
            let of = (outcome.name(), since, whose);
            let found = saml_traces::count_strangers(&mut reader, org, of, most).await?;
            if found >= u64::from(most) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// A page of traces, the newest first.
    pub async fn traces(&self, org: OrgId, filter: &TraceFilter, limit: u32) -> Result<Vec<Trace>, Error> {
        let stored = saml_traces::page(&mut self.store.reader(), org, filter, limit).await?;
        stored.into_iter().map(read).collect()
    }

    pub async fn trace(&self, org: OrgId, id: SamlTraceId) -> Result<Option<Trace>, Error> {
        let stored = saml_traces::by_id(&mut self.store.reader(), org, id).await?;
        stored.map(read).transpose()
    }
}

fn stored(trace: NewTrace) -> saml_traces::NewTrace {
    saml_traces::NewTrace {
        role: trace.end.name(),
        action: trace.action.name(),
        outcome: trace.outcome.name(),
        peer: trace.peer.map(SubjectId::from),
        user: trace.user,
        doc: document(trace),
    }
}

fn document(trace: NewTrace) -> String {
    let of_stranger = trace.is_of_stranger();
    let longest = if of_stranger {
        LONGEST_OF_STRANGERS
    } else {
        LONGEST
    };
    let messages = trace.messages.into_iter().map(|message| TracedMessage {
        xml: beginning(&without_secrets(&message.xml), longest).to_owned(),
        relay_state: message.relay_state.as_deref().map(clipped),
        ..message
    });
    let checks = trace.checks.into_iter().map(|check| TracedCheck {
        detail: clipped(&check.detail),
        ..check
    });
    let doc = Doc {
        subject: trace.subject.as_deref().map(clipped),
        code: trace.code,
        message: trace.message.as_deref().map(clipped),
        messages: messages.collect(),
        checks: checks.collect(),
    };
    let text = serde_json::to_string(&doc).unwrap_or_default();
    text.replace("\\u0000", "\\ufffd")
}

fn read(stored: saml_traces::Trace) -> Result<Trace, Error> {
    let doc: Doc = serde_json::from_str(&stored.doc)
        .map_err(|error| store::Error::internal(format!("the trace {}: {error}", stored.id)))?;
    Ok(Trace {
        id: stored.id,
        at: stored.at,
        role: stored.role,
        action: stored.action,
        outcome: stored.outcome,
        peer: stored.peer,
        user: stored.user,
        subject: doc.subject,
        code: doc.code,
        message: doc.message,
        client_ip: stored.client_ip,
        correlation: stored.correlation,
        checks: doc.checks,
        messages: doc.messages,
    })
}

struct Keep {
    org: OrgId,
    trace: saml_traces::NewTrace,
    cause: Cause,
    /// What was under way until now.
    instead_of: Option<SamlTraceId>,
}

impl Write for Keep {
    type Out = SamlTraceId;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<SamlTraceId, store::Error> {
        if let Some(id) = self.instead_of {
            saml_traces::end(tx, self.org, id).await?;
        }
        saml_traces::append(tx, self.org, &self.trace, &self.cause).await
    }
}
