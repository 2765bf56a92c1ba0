//! The post. A mail is written into the outbox (`store::outbox`) in the transaction of what it tells of; the post sends it
//! afterwards, tries again what the mail server does not take, and gives up after three days. Several processes may do so
//! on one database: a mail is leased, under a fence.
//!
//! A process that is killed between the server's answer and its own note sends the mail once more, under the same id.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use base::{Ambient, Field, Keyring, OrgId, Timestamp};
use jobs::Backoff;
use outbound::{Letter, MailError, Mailer};
use store::outbox::{self, Lease, Outcome};
use store::{Store, Tx, Write};
use tokio::task::JoinHandle;

/// Between two looks into the outbox.
const LOOK: Duration = Duration::from_secs(2);
/// Longer than the mail server may take.
const LEASE: Duration = Duration::from_mins(5);
const BACKOFF: Backoff = Backoff {
    first: Duration::from_mins(1),
    longest: Duration::from_hours(1),
};
/// What could not be sent by then is given up.
const LONGEST: Duration = Duration::from_hours(3 * 24);

/// The post of one process.
#[derive(Clone)]
pub struct Post {
    store: Store,
    /// Opens what only the mail itself may show.
    keyring: Arc<Keyring>,
    /// `None`: no mail server is configured. Mail then waits, and is given up in the end.
    mailer: Option<Mailer>,
}

impl Post {
    pub fn new(store: Store, keyring: Arc<Keyring>, mailer: Option<Mailer>) -> Self {
        Self {
            store,
            keyring,
            mailer,
        }
    }

    /// Sends what is due until it is aborted. Links lead to the server at `public_url`.
    pub fn start(self, public_url: String) -> JoinHandle<()> {
        tokio::spawn(async move {
            loop {
                if let Err(error) = self.round(&public_url).await {
                    tracing::warn!(%error, "the outbox cannot be read");
                }
                tokio::time::sleep(LOOK).await;
            }
        })
    }

    /// Tries everything that is due, once; says how many mails were sent.
    pub async fn round(&self, public_url: &str) -> Result<u64, store::Error> {
        let mut sent = 0;
        let organizations = store::organizations::list(&mut self.store.reader()).await?;
        for organization in organizations {
            while let Some(lease) = self.claim(organization.id).await? {
                let outcome = self.attempt(organization.id, &lease, public_url).await;
                sent += u64::from(outcome == Outcome::Sent);
                let write = Complete {
                    org: organization.id,
                    lease,
                    outcome,
                };
                self.store.write(write).await?;
            }
        }
        Ok(sent)
    }

    async fn claim(&self, org: OrgId) -> Result<Option<Lease>, store::Error> {
        let now = self.ambient().now();
        if !outbox::is_due(&mut self.store.reader(), org, now).await? {
            return Ok(None);
        }
        let until = now + LEASE;
        self.store.write(Claim { org, now, until }).await
    }

    async fn attempt(&self, org: OrgId, lease: &Lease, public_url: &str) -> Outcome {
        let mail = &lease.mail;
        let text = match self.text(org, lease, public_url) {
            Ok(text) => text,
            Err(error) => {
                tracing::error!(%error, mail = %mail.id, "mail cannot be put together");
                let error = error.to_string();
                return Outcome::GivenUp { error };
            }
        };
        let sent = match &self.mailer {
            None => Err(MailError::Later("no mail server is configured".to_owned())),
            Some(mailer) => {
                let letter = Letter {
                    id: &mail.id.to_string(),
                    to: &mail.recipient,
                    subject: &mail.subject,
                    text: &text,
                };
                mailer.send(letter).await
            }
        };
        let error = match sent {
            Ok(()) => return Outcome::Sent,
            Err(error) => error,
        };
        tracing::warn!(%error, mail = %mail.id, "mail was not sent");
        let now = self.ambient().now();
        let failures = u32::try_from(mail.attempts + 1).unwrap_or(u32::MAX);
        let due = now + BACKOFF.after(failures, self.ambient().random());
        match error {
            MailError::Later(error) if due < mail.created + LONGEST => Outcome::Failed { due, error },
            error => Outcome::GivenUp {
                error: error.to_string(),
            },
        }
    }

    /// The text, with the secret in it if there is one.
    fn text<'l>(
        &self,
        org: OrgId,
        lease: &'l Lease,
        public_url: &str,
    ) -> Result<Cow<'l, str>, base::SealError> {
        let text = &lease.mail.text;
        let Some(sealed) = &lease.secret else {
            return Ok(text.into());
        };
        let name = outbox::SECRET_FIELD;
        let secret = self.keyring.open(Field { org, name }, sealed)?;
        let text = text.replace(outbox::PUBLIC_URL, public_url);
        Ok(text.replace(outbox::SECRET, secret.expose()).into())
    }

    fn ambient(&self) -> &Ambient {
        self.store.ambient()
    }
}

struct Claim {
    org: OrgId,
    now: Timestamp,
    until: Timestamp,
}

impl Write for Claim {
    type Out = Option<Lease>;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<Lease>, store::Error> {
        outbox::claim(tx, self.org, (self.now, self.until)).await
    }
}

struct Complete {
    org: OrgId,
    lease: Lease,
    outcome: Outcome,
}

impl Write for Complete {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        if !outbox::complete(tx, self.org, &self.lease, &self.outcome).await? {
            tracing::warn!(mail = %self.lease.mail.id, "another process has the mail by now");
        }
        Ok(())
    }
}
