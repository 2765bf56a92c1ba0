//! Judges, before anything is sent, whether more accounts would go than may go without anybody being asked.
//!
//! What is due is judged as a whole, once the feed is read to its head: as long as even everything together cannot
//! exceed the threshold, nothing has to be worked out. Else it is planned, on what is stored, for those who have an
//! account and might lose it. What exceeds the threshold is not sent, nor is anything else: it is gathered in a plan.
//!
//! A judgement binds: work by which an account goes that was not counted is put back and judged again, so that never
//! more accounts go within the threshold's window than were counted.

use base::{AppId, Message, OrgId, SubjectId, Timestamp};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use store::judging::{self, Doubtful};
use store::{Tx, Write};

use super::config::Config;
use super::resolve::own_link;
use super::source::Source;
use crate::announcements::{Announcement, announce};
use crate::error::Error;
use crate::plan::{Account, Choices, Writing};
use crate::plans::{Gatherer, Origin};
use crate::provisioning::Provisioning;
use crate::settings::{AppScope, Approval};

/// People planned for at the same time.
const AT_A_TIME: usize = 16;

/// What may pass without anything being worked out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Quick {
    /// So many accounts may go, however many are linked.
    most: u64,
    since: Timestamp,
}

impl Quick {
    /// `None`: nothing is judged at this app.
    pub(crate) fn of(config: &Config, now: Timestamp) -> Option<Self> {
        (config.settings.approval == Approval::OverThreshold).then(|| Self {
            most: config.settings.threshold_count.into(),
            since: now - config.settings.threshold_window(),
        })
    }

    /// Whether one more account may go, beside what is judged already.
    pub(super) async fn has_room(
        self,
        tx: &mut Tx<'_>,
        org: OrgId,
        app: AppId,
    ) -> Result<bool, store::Error> {
        let tally = judging::tally(tx, org, app, self.since, 1).await?;
        Ok(tally.counted + tally.suspect + tally.struck < self.most)
    }

    /// Lets everything that is due pass, if all of it together cannot exceed the threshold.
    pub(crate) async fn admit(self, tx: &mut Tx<'_>, org: OrgId, app: AppId) -> Result<(), store::Error> {
        judging::admit(tx, org, app, self.since, self.most).await
    }
}

impl Provisioning {
    /// Judges what is due; the feed was read to its head.
    pub(super) async fn judge(&self, config: &Config, gatherer: &Gatherer) -> Result<(), Error> {
        let Some(quick) = Quick::of(config, self.ambient().now()) else {
            return Ok(());
        };
        let Config { org, app, .. } = *config;
        let mut reader = self.reader();
        let tally = judging::tally(&mut reader, org, app, quick.since, quick.most + 1).await?;
        if tally.open + tally.suspect == 0 {
            return Ok(());
        }
        let most = if tally.most() <= quick.most {
            quick.most
        } else {
            let linked = store::links::count(&mut reader, org, app).await?;
            config.settings.threshold(linked)
        };
        let limit = Quick { most, ..quick };
        let verdict = if judging::tally(&mut reader, org, app, limit.since, most + 1)
            .await?
            .most()
            <= most
        {
            Verdict::AdmitAll
        } else {
            let room = most.saturating_sub(tally.struck + tally.suspect);
            let going = self
                .going(config, usize::try_from(room).unwrap_or(usize::MAX))
                .await?;
            if tally.struck + tally.suspect + going.len() as u64 <= most {
                Verdict::AdmitCounting(going)
            } else {
                Verdict::Ask
            }
        };
        let write = Judge {
            version: config.version,
            limit,
            verdict,
            gatherer: gatherer.clone(),
        };
        match self.store.write(write).await {
            Err(error) => error.refusal::<Overtaken>().map(drop).map_err(Error::Store),
            done => Ok(done?),
        }
    }

    /// Whose account goes by what is to be done; one more than there is room for, if there are more.
    async fn going(&self, config: &Config, room: usize) -> Result<Vec<SubjectId>, Error> {
        let Config { org, app, .. } = *config;
        let depends_on_person =
            config.mappings.sign_in_depends_on_person() || !config.filter.filter().is_empty();
        let doubtful = if depends_on_person {
            Doubtful::Everybody
        } else {
            match config.settings.scope {
                AppScope::All => Doubtful::Inactive,
                AppScope::Assigned => Doubtful::Unassigned,
                AppScope::AssignedNested => Doubtful::Everybody,
            }
        };
        let people = judging::doubtful(&mut self.reader(), org, app, doubtful).await?;
        let mut worked_out = stream::iter(people)
            .map(|(kind, subject)| async move {
                Ok::<_, Error>((subject, self.goes(config.of(kind), subject).await?))
            })
            .buffer_unordered(AT_A_TIME);
        let mut going = Vec::new();
        while let Some((subject, goes)) = worked_out.try_next().await? {
            if goes {
                going.push(subject);
            }
            if going.len() > room {
                break;
            }
        }
        Ok(going)
    }

    /// Whether this person's account goes by what is to be done, as far as is known here.
    async fn goes(&self, config: &Config, subject: SubjectId) -> Result<bool, Error> {
        let mut reader = self.reader();
        let link = store::links::by_subject(&mut reader, config.org, config.app, subject).await?;
        if link.is_none() {
            return Ok(false);
        }
        let source = Source::read(&mut reader, config, subject).await?;
        let Some(link) = own_link(link.as_ref(), &source)? else {
            return Ok(false);
        };
        if store::drift::is_enabled(&mut reader, config.org, config.app, subject).await? {
            return Ok(true);
        }
        let account = Account::Linked {
            target: &link.target,
            known: &link.known,
        };
        let active = config.mappings.active();
        Ok(source
            .plan(
                config,
                (account, Writing::Patch(config.ways.missing_element())),
                &Choices::new(),
            )
            .is_ok_and(|plan| plan.is_destructive(active)))
    }
}

/// It is judged again at the next look.
#[derive(Debug, thiserror::Error)]
#[error("others have judged meanwhile")]
struct Overtaken;

enum Verdict {
    AdmitAll,
    /// These count.
    AdmitCounting(Vec<SubjectId>),
    /// A person is asked.
    Ask,
}

/// Writes a verdict down, if the app stands as it was judged.
struct Judge {
    version: i64,
    limit: Quick,
    verdict: Verdict,
    gatherer: Gatherer,
}

impl Write for Judge {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        let Gatherer { org, app, .. } = self.gatherer;
        if !store::apps::hold_free(tx, org, app, self.version).await? {
            return Ok(());
        }
        match &self.verdict {
            Verdict::AdmitAll => self.limit.admit(tx, org, app).await,
            Verdict::AdmitCounting(going) => {
                judging::admit_counting(tx, org, app, going).await?;
                let tally = judging::tally(tx, org, app, self.limit.since, 1).await?;
                if tally.counted + tally.struck > self.limit.most {
                    // Others have judged meanwhile, or work that counts is under way still: nothing of this stays.
                    return Err(store::Error::refuse(Overtaken));
                }
                Ok(())
            }
            Verdict::Ask => self.ask(tx).await,
        }
    }
}

impl Judge {
    async fn ask(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        let gatherer = &self.gatherer;
        let Gatherer { org, app, .. } = *gatherer;
        let limit = self.limit.most;
        let reason = Message::new("plan.threshold").with("limit", limit);
        let watermark = store::apps::stance(tx, org, app)
            .await?
            .and_then(|stance| stance.watermark);
        let begun = gatherer
            .begin(tx, (Origin::Threshold, &reason), watermark)
            .await?;
        let Some(plan) = begun else { return Ok(()) };
        let announcement = Announcement::ThresholdExceeded { plan, limit };
        announce(tx, org, (app, &gatherer.name), &announcement, &gatherer.cause).await
    }
}
