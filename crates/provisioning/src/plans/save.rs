//! Making a plan that is kept: planned as `preview` plans, written in batches.

use base::{AppId, Cause, Message, OrgId, PlanId};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use store::plan_items::Draft;
use store::plans::State;
use store::{Tx, Write};

use super::item::{self, Basis};
use super::{KEPT, KeptPlan, Origin};
use crate::engine::{Config, Gate, Ready};
use crate::error::Error;
use crate::events::{self, PlanNote};
use crate::plan::Action;
use crate::preview::{PlanCounts, Planned};
use crate::provisioning::Provisioning;

/// Items written at a time.
const BATCH: usize = 250;

impl Provisioning {
    /// Plans for everybody whom the app concerns, and keeps the plan for approval. `None`: nothing is to be done.
    pub async fn save_plan(&self, org: OrgId, id: AppId, cause: &Cause) -> Result<Option<KeptPlan>, Error> {
        let row = self.app_row(org, id).await?;
        let config = match self.config(org, &row).await? {
            Ready::Yes(config) => config,
            Ready::No(reason) => return Err(Error::Target(reason)),
        };
        // What comes behind this is not in the plan.
        let watermark = store::changes::head(&self.store, org, row.watermark.unwrap_or_default()).await?;
        let plan: PlanId = self.ambient().id();
        let write = Begin {
            org,
            app: id,
            plan,
            draft: store::plans::Draft {
                state: State::Draft,
                origin: Origin::Saved.as_str(),
                reason: crate::apps::revision::to_json(&Message::new("plan.saved"))?,
                watermark,
                expires: self.ambient().now() + config.settings.plan_life(),
            },
            cause: cause.clone(),
        };
        self.store.write(write).await?;
        let kept = self.fill(&config, plan, cause).await;
        match kept {
            Ok(counts) if counts.touched() > 0 => Ok(Some(self.kept_plan(org, id, plan).await?)),
            nothing => {
                self.store.write(Drop { org, app: id, plan }).await?;
                nothing.map(|_| None)
            }
        }
    }

    async fn fill(&self, config: &Config, plan: PlanId, cause: &Cause) -> Result<PlanCounts, Error> {
        let concurrency = usize::try_from(config.settings.concurrency).unwrap_or(1);
        let gate = Gate::new(concurrency, None, None);
        let subjects = self.concerned(config).await?;
        let mut planned = stream::iter(subjects)
            .map(|(kind, subject)| self.plan_for(config.of(kind), &gate, subject))
            .buffered(2 * concurrency)
            .try_chunks(BATCH);
        let mut counts = PlanCounts::default();
        while let Some(batch) = planned.try_next().await.map_err(|error| error.1)? {
            let mut items = Vec::with_capacity(batch.len());
            for planned in batch {
                *counts.place(planned.plan.as_ref().ok().map(|plan| plan.action)) += 1;
                items.extend(self.item(config, &planned)?);
            }
            let write = Put {
                org: config.org,
                app: config.app,
                plan,
                items,
            };
            self.store.write(write).await?;
        }
        if counts.touched() > 0 {
            let write = Complete {
                org: config.org,
                app: config.app,
                name: config.name.clone(),
                plan,
                counts,
                cause: cause.clone(),
            };
            self.store.write(write).await?;
        }
        Ok(counts)
    }

    /// The item of a person, if there is anything to be done or to be said.
    fn item(&self, config: &Config, planned: &Planned) -> Result<Option<Draft>, Error> {
        let basis = Basis::new(&planned.source, config.version, planned.target());
        match &planned.plan {
            Err(reason) => item::unplanned(&planned.source, reason, &basis).map(Some),
            Ok(plan) if item::does_something(plan) => {
                let digest = item::digest(&self.fingerprinter, config.org, plan);
                let destructive = plan.is_destructive(config.mappings.active());
                item::draft(&planned.source, plan, (destructive, digest, &basis)).map(Some)
            }
            Ok(_) => Ok(None),
        }
    }
}

impl PlanCounts {
    /// People for whom something is to be done, or who cannot be planned for.
    pub fn touched(&self) -> u64 {
        let Self {
            create,
            link,
            update,
            disable,
            enable,
            delete,
            error,
            unchanged: _,
            skip: _,
        } = self;
        create + link + update + disable + enable + delete + error
    }
}

struct Begin {
    org: OrgId,
    app: AppId,
    plan: PlanId,
    draft: store::plans::Draft,
    cause: Cause,
}

impl Write for Begin {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        store::plans::expire(tx, self.org, self.app).await?;
        store::plans::prune(tx, self.org, self.app, KEPT).await?;
        store::plans::insert(tx, self.org, self.app, self.plan, &self.draft, &self.cause).await
    }
}

struct Put {
    org: OrgId,
    app: AppId,
    plan: PlanId,
    items: Vec<Draft>,
}

impl Write for Put {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        store::plan_items::put(tx, self.org, self.app, self.plan, &self.items).await
    }
}

struct Complete {
    org: OrgId,
    app: AppId,
    name: String,
    plan: PlanId,
    counts: PlanCounts,
    cause: Cause,
}

impl Write for Complete {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        let Self {
            org,
            app,
            plan,
            counts,
            ..
        } = self;
        let left_alone = (counts.unchanged, counts.skip);
        if store::plans::complete(tx, *org, *app, *plan, left_alone).await? {
            events::note_plan(tx, *org, (*app, *plan), &self.name, PlanNote::Create, &self.cause).await?;
        }
        Ok(())
    }
}

/// Takes back a plan that came to nothing.
struct Drop {
    org: OrgId,
    app: AppId,
    plan: PlanId,
}

impl Write for Drop {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        store::plans::remove(tx, self.org, self.app, self.plan).await
    }
}

impl Action {
    /// Reads the word; `None` if it is none.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        let all = [
            Self::Create,
            Self::Link,
            Self::Update,
            Self::Disable,
            Self::Enable,
            Self::Delete,
            Self::Unchanged,
            Self::Skip,
        ];
        all.into_iter().find(|action| action.as_str() == word)
    }
}
