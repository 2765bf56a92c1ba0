//! The ways of an app's target: asked for, remembered, shown.

use base::{AppId, OrgId};
use store::ways::Way;
use store::{Tx, Write};

use crate::app::App;
use crate::engine::Config;
use crate::error::Error;
use crate::provisioning::Provisioning;
use crate::target::{WayView, Ways, ask};

impl Provisioning {
    /// What is known of how an app's target works, and from where.
    pub async fn ways(&self, org: OrgId, id: AppId) -> Result<Vec<WayView>, Error> {
        let app = App::read(&self.app_row(org, id).await?)?;
        Ok(self.read_ways(org, &app).await?.view())
    }

    pub(crate) async fn read_ways(&self, org: OrgId, app: &App) -> Result<Ways, Error> {
        let known = store::ways::all(&mut self.reader(), org, app.id).await?;
        Ok(Ways::new(app.settings.ways.clone(), known).of(app.template))
    }

    /// Asks the target what it says of itself, and writes down what is new.
    pub(crate) async fn ask_ways(&self, config: &Config) -> Result<(), Error> {
        ask(&config.target, &config.ways).await;
        self.remember_ways(config).await;
        self.ask_expiry(config).await
    }

    /// Writes down what was learnt. What cannot be written down now is learnt again.
    pub(crate) async fn remember_ways(&self, config: &Config) {
        let news = config.ways.take_news();
        if news.is_empty() {
            return;
        }
        let write = Remember {
            org: config.org,
            app: config.app,
            base_url: config.settings.base_url.clone(),
            news,
        };
        if let Err(error) = self.store.write(write).await {
            tracing::warn!(%error, app = %config.name, "what was learnt of the target is not written down");
        }
    }
}

/// Writes down what was learnt of a target, unless the app has gone to another one meanwhile.
struct Remember {
    org: OrgId,
    app: AppId,
    base_url: String,
    news: Vec<Way>,
}

impl Write for Remember {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        let Self { org, app, .. } = *self;
        let Some(row) = store::apps::by_id(tx, org, app).await? else {
            return Ok(());
        };
        let same = App::read(&row).is_ok_and(|app| app.settings.base_url == self.base_url);
        if !same {
            return Ok(());
        }
        for way in &self.news {
            store::ways::put(tx, org, app, way).await?;
        }
        Ok(())
    }
}
