//! An app's attribute mappings.

use base::{AppId, Cause, OrgId};
use mapping::{AttributeMapping, MappingSet};
use store::{Tx, Write};

use crate::app::App;
use crate::apps::{Attempts, rows};
use crate::attempts::Attempt;
use crate::cycles::{Everybody, begin_initial};
use crate::desired::Mappings;
use crate::error::Error;
use crate::events::{self, Note};
use crate::provisioning::Provisioning;

impl Provisioning {
    pub async fn mappings(&self, org: OrgId, id: AppId) -> Result<MappingSet, Error> {
        Ok(self.mapping_table(org, id).await?.set().clone())
    }

    pub(crate) async fn mapping_table(&self, org: OrgId, id: AppId) -> Result<Mappings, Error> {
        let docs = store::mappings::all(&mut self.reader(), org, id).await?;
        if docs.is_empty() {
            return Err(Error::UnknownApp);
        }
        let rows = docs
            .iter()
            .map(|doc| serde_json::from_str(doc).map_err(|error| Error::damaged("mapping", &error)))
            .collect::<Result<Vec<AttributeMapping>, _>>()?;
        Ok(Mappings::new(MappingSet::check(rows)?)?)
    }

    /// Puts other mappings in place. A started app begins anew with everybody; links stay.
    pub async fn set_mappings(
        &self,
        org: OrgId,
        id: AppId,
        rows: Vec<AttributeMapping>,
        cause: &Cause,
    ) -> Result<MappingSet, Error> {
        let attempt = Attempt {
            org,
            app: Some(id),
            name: None,
            note: Note::Update,
            cause,
        };
        let set = self.checked_mappings(org, id, rows, cause).await;
        self.attempted(attempt, set).await
    }

    async fn checked_mappings(
        &self,
        org: OrgId,
        id: AppId,
        rows: Vec<AttributeMapping>,
        cause: &Cause,
    ) -> Result<MappingSet, Error> {
        let mappings = Mappings::new(MappingSet::check(rows)?)?;
        let rows = self::rows(&mappings)?;
        let mut attempts = Attempts::default();
        while attempts.outrun(self.try_set_mappings(org, id, &rows, cause).await)? {}
        self.waker.wake();
        Ok(mappings.set().clone())
    }

    async fn try_set_mappings(
        &self,
        org: OrgId,
        id: AppId,
        rows: &[String],
        cause: &Cause,
    ) -> Result<(), Error> {
        let row = self.app_row(org, id).await?;
        let app = App::read(&row)?;
        let write = Replace {
            org,
            app: row,
            rows: rows.to_vec(),
            everybody: self.everybody(org, &app, &app.settings, true).await?,
            cause: cause.clone(),
        };
        Ok(self.store.write(write).await?)
    }
}

struct Replace {
    org: OrgId,
    app: store::apps::App,
    rows: Vec<String>,
    everybody: Option<Everybody>,
    cause: Cause,
}

impl Write for Replace {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        let Self { org, app, cause, .. } = self;
        // The app's version tells the engine to read them anew.
        let draft = store::apps::Draft {
            name: app.name.clone(),
            template: app.template.clone(),
            state: app.state,
            settings: app.settings.clone(),
        };
        store::apps::update(tx, *org, app.id, app.version, &draft, cause).await?;
        store::mappings::replace(tx, *org, app.id, &self.rows, cause).await?;
        if let Some(everybody) = self.everybody {
            begin_initial(tx, *org, app.id, everybody, cause).await?;
        }
        events::note(tx, *org, app.id, &app.name, Note::Update, cause).await
    }
}
