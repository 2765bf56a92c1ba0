//! The work for one person: reads, plans, sends, and writes down what came of it.

use std::sync::Arc;
use std::time::Duration;

use jobs::Queue as _;
use store::lanes::{Completion, Lease, Verify};

use super::carry::Carrier;
use super::claim::Piece;
use super::complete::{Complete, LeaseLost, Written};
use super::config::Config;
use super::doubt::read_keys;
use super::holds::Sending;
use super::mandate::Mandate;
use super::members::Memberships;
use super::outcome::{Circumstances, Notice, Outcome};
use super::references::Ties;
use super::resolve::read_link;
use super::rows::Rows;
use super::source::Source;
use super::task::{AppQueue, Current};
use crate::error::Error;
use crate::explanation::Found;
use base::SubjectId;

/// Tries at writing down what came of the work.
const WRITE_TRIES: u32 = 5;

impl AppQueue {
    /// Works for one person on an app as it was just read, and ends the cycle if it was the last.
    pub(super) async fn work_at(&self, current: Arc<Current>, piece: Piece) -> Result<(), Error> {
        self.set_current(Some(Arc::clone(&current)));
        self.one(&current, piece).await?;
        self.settle().await
    }

    /// Works for one person and writes down what came of it.
    pub(super) async fn one(&self, current: &Current, piece: Piece) -> Result<(), Error> {
        let Piece {
            mut lease,
            mode,
            rows,
        } = piece;
        let gate = &current.gate;
        let config = current.config.of(lease.kind);
        let mut reader = self.provisioning.reader();
        let started = self.now();
        let mut rows = match rows {
            Some(rows) => *rows,
            None => Rows::read(&mut reader, config, (lease.kind, lease.subject)).await?,
        };
        let row = rows.link.take();
        let link = row.as_ref().map(read_link).transpose()?;
        let mut log = Vec::new();
        let mut source = Source::read_on(&mut reader, config, lease.subject, &mut rows).await?;
        let mut members_read = Ok(());
        if let (true, Verify::Yes, Some(link)) = (config.members, lease.verify, &link)
            && !source.is_to_go()
        {
            let provisioning = &self.provisioning;
            members_read = provisioning
                .read_members_anew(config, gate, link, &mut lease, &mut log)
                .await;
        }
        source.read_members(&mut reader, config, lease.attempts).await?;
        let link = link.filter(|_| row.as_ref().is_none_or(|row| !source.leaves_alone(row)));
        let linked = match link {
            Some(_) => Found::Linked,
            None => Found::Unknown,
        };
        let mandate = Mandate::read(&mut reader, config, &lease, mode).await?;
        if let Mandate::Exactly { basis, .. } = &mandate {
            // What was approved is planned as of the time when it was planned first.
            source.as_of(basis.at);
        }
        let doubt = lease.doubt.as_deref().map(read_keys).transpose()?;
        let mut carrier = Carrier {
            provisioning: &self.provisioning,
            notes: &self.notes,
            config,
            gate,
            lease: &lease,
            source: &source,
            started,
            log,
            doubt: doubt.unwrap_or_default(),
            linked_at: row.as_ref().map(|row| row.created),
            mandate,
            adopted: false,
            no_target: 0,
        };
        let result = match members_read {
            Ok(()) => carrier.run(link).await,
            Err(why) => Err(carrier.undone(None, why)),
        };
        let (exchanges, adopted) = (std::mem::take(&mut carrier.log), carrier.adopted);
        for exchange in &exchanges {
            if exchange.error.is_none() && exchange.is_alone() {
                gate.note_pace(exchange.duration_ms, self.now());
            }
        }
        let answered = exchanges.iter().any(|exchange| exchange.status.is_some());
        let circumstances = Circumstances {
            config,
            lease: &lease,
            source: &source,
            linked,
            exchanges,
            started,
            now: self.now(),
            random: self.provisioning.ambient().random(),
            adopted,
            mode,
            provisioning: &self.provisioning,
        };
        let memberships = Memberships::of(&source, &result);
        let (mut outcome, mut notice) = match result {
            Ok(done) => (circumstances.done(done), Notice::Nothing),
            Err(undone) => circumstances.undone(undone),
        };
        if notice == Notice::Nothing && answered {
            notice = Notice::Fine;
        }
        if self.take_notice(current, notice).await? == Sending::Held {
            // The gate holds everybody up; whoever opens it need not know whom it held.
            outcome.put_back(self.now());
        }
        let before = row.as_ref().map(|row| row.remote_id.as_str());
        let ties = outcome.ties(config, &source, (before, &rows.noted), memberships);
        let (width, why) = gate.budget().width();
        config.ways.note_concurrency(width, why, self.now());
        config.ways.note_rate(config.target.meter().limited(), self.now());
        self.provisioning.remember_ways(config).await;
        self.write_down(config, lease, outcome, ties).await
    }

    async fn write_down(
        &self,
        config: &Config,
        lease: Lease,
        outcome: Outcome,
        ties: Ties,
    ) -> Result<(), Error> {
        let subject = lease.subject;
        let suspect = matches!(outcome.completion, Completion::Suspect { .. });
        let mut line = Arc::new(Complete {
            gatherer: self.gatherer(config),
            subject,
            lease,
            outcome,
            active: config.mappings.active().map(|path| path.as_str().to_owned()),
            ties,
        });
        let mut tries = 1;
        loop {
            match self
                .completed
                .write(&self.provisioning.store, Arc::clone(&line))
                .await
            {
                Ok(Written::LeaseLost) => {
                    say_lost(config, subject);
                    return Ok(());
                }
                Ok(written) => {
                    if suspect || written == Written::Again {
                        // It is judged at the next look.
                        self.provisioning.waker.wake(config.org);
                    }
                    return Ok(());
                }
                Err(error @ store::Error::Refused(_)) => {
                    let LeaseLost = error.refusal()?;
                    say_lost(config, subject);
                    return Ok(());
                }
                // Somebody else's account meanwhile: the next try says so.
                Err(store::Error::Conflict { .. }) => {
                    let random = self.provisioning.ambient().random();
                    let taken = line.outcome.taken(config, &line.lease, self.now(), random);
                    let before = Arc::unwrap_or_clone(line);
                    line = Arc::new(Complete {
                        outcome: taken,
                        ..before
                    });
                }
                Err(store::Error::Busy | store::Error::Unavailable(_)) if tries < WRITE_TRIES => {
                    tokio::time::sleep(Duration::from_millis(100) * tries).await;
                }
                Err(error) => return Err(error.into()),
            }
            tries += 1;
        }
    }
}

fn say_lost(config: &Config, subject: SubjectId) {
    tracing::warn!(app = %config.name, %subject, "the lease was lost; nothing is written");
}
