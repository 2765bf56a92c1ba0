//! An app as the engine needs it: read once, and again when its version changes.

use std::sync::Arc;
use std::time::Duration;

use base::{AppId, Fingerprinter, Message, OrgId, SubjectId, Timestamp};
use jobs::Backoff;
use mapping::Needs;
use mapping::scope::CheckedFilter;
use store::assignments::SubjectKind;

use super::unique::Reserved;
use crate::credentials::TokenSource;
use crate::desired::Mappings;
use crate::error::Error;
use crate::group_table::GroupTable;
use crate::provisioning::{Provisioning, token_field};
use crate::settings::Removal;
use crate::settings::Settings;
use crate::surroundings::Surroundings;
use crate::target::{Meter, Target, Ways};

/// Everything that work for one person depends on, besides the person.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) org: OrgId,
    pub(crate) app: AppId,
    pub(crate) name: String,
    pub(crate) version: i64,
    pub(crate) settings: Settings,
    pub(crate) filter: CheckedFilter,
    pub(crate) mappings: Mappings,
    pub(crate) target: Target,
    pub(crate) ways: Arc<Ways>,
    /// Whom it is about: people, or groups.
    pub(crate) kind: SubjectKind,
    /// Whether members are provisioned; never of people.
    pub(crate) members: bool,
    /// The same for groups; `None` in what is for groups.
    groups: Option<Box<Config>>,
    /// What becomes of the accounts and groups of an app that is being removed.
    pub(crate) removal: Option<Removal>,
    /// What of the directory around a person is read.
    pub(crate) needs: Needs,
    pub(crate) chance: Fingerprinter,
    pub(crate) reserved: Reserved,
}

/// Tables of mappings in place of the app's own.
#[derive(Default)]
pub(crate) struct Tables {
    pub(crate) people: Option<Mappings>,
    pub(crate) groups: Option<GroupTable>,
}

/// An app that can be worked for, or why it cannot.
pub(crate) enum Ready {
    Yes(Box<Config>),
    No(Message),
}

impl Config {
    /// The one for people, or the one for groups.
    pub(crate) fn of(&self, kind: SubjectKind) -> &Self {
        match (&self.groups, kind) {
            (Some(groups), SubjectKind::Group) => groups,
            _ => self,
        }
    }

    /// What the mappings of one person may know besides the person.
    pub(crate) fn surroundings(&self, subject: SubjectId, now: Timestamp) -> Surroundings<'_> {
        Surroundings {
            now,
            fingerprinter: &self.chance,
            org: self.org,
            app: self.app,
            subject,
            default_domain: &self.settings.default_domain,
        }
    }

    pub(crate) fn backoff(&self) -> Backoff {
        Backoff {
            first: Duration::from_secs(self.settings.retry_first_seconds.into()),
            longest: Duration::from_secs(self.settings.retry_longest_seconds.into()),
        }
    }
}

impl Provisioning {
    /// Reads what the engine needs of an app.
    pub(crate) async fn config(&self, org: OrgId, row: &store::apps::App) -> Result<Ready, Error> {
        self.config_with(org, row, Tables::default()).await
    }

    /// The same with other tables, where there are some.
    pub(crate) async fn config_with(
        &self,
        org: OrgId,
        row: &store::apps::App,
        tables: Tables,
    ) -> Result<Ready, Error> {
        let mut app = crate::App::read(row)?;
        let mut of_groups = app.settings.clone();
        if let Some(removal) = app.removal {
            app.settings = removal.settings(app.settings, SubjectKind::User);
            of_groups = removal.settings(of_groups, SubjectKind::Group);
        }
        let Some(sealed) = &row.credentials else {
            return Ok(Ready::No(Message::new("app.no_token")));
        };
        let Ok(token) = self.keyring.open(token_field(org), sealed) else {
            return Ok(Ready::No(Message::new("app.sealed")));
        };
        let token = TokenSource::new(
            (&self.store, &self.keyring, &self.outbound),
            (org, row.id),
            app.settings.oauth.as_ref(),
            token,
            app.settings.request_timeout(),
        );
        let token = match token {
            Ok(token) => token,
            Err(failure) => return Ok(Ready::No(failure.message)),
        };
        let mappings = match tables.people {
            Some(mappings) => mappings,
            None => self.mapping_table(org, &app).await?,
        };
        let ways = Arc::new(self.read_ways(org, &app).await?);
        let target = Target::new(
            self.outbound.clone(),
            self.ambient().clone(),
            &app.settings.base_url,
            token,
            app.settings.request_timeout(),
            mappings.secrets().clone(),
            Meter::new(app.settings.rate_bounds(), ways.rate(), self.ambient().now()),
        );
        let target = match target {
            Ok(target) => target,
            Err(failure) => return Ok(Ready::No(failure.message)),
        };
        let group_table = match tables.groups {
            Some(table) => table,
            None => self.group_table(org, &app).await?,
        };
        let groups = Config {
            org,
            app: row.id,
            name: app.name.clone(),
            version: row.version,
            needs: Needs::default(),
            filter: app.settings.checked_filter()?,
            settings: of_groups,
            target: target.groups(group_table.mappings.secrets().clone()),
            mappings: group_table.mappings,
            members: group_table.members,
            kind: SubjectKind::Group,
            groups: None,
            removal: app.removal,
            ways: Arc::clone(&ways),
            chance: self.chance.clone(),
            reserved: Reserved::default(),
        };
        Ok(Ready::Yes(Box::new(Config {
            org,
            app: row.id,
            kind: SubjectKind::User,
            members: false,
            groups: Some(Box::new(groups)),
            removal: app.removal,
            name: app.name,
            version: row.version,
            needs: Needs::of(mappings.set().attributes()).and(Needs::of(app.settings.filter.attributes())),
            filter: app.settings.checked_filter()?,
            settings: app.settings,
            mappings,
            target,
            ways,
            chance: self.chance.clone(),
            reserved: Reserved::default(),
        })))
    }
}
