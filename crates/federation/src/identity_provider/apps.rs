//! Setting up, changing, activating and deactivating the sign-in to an application.

use base::{AppId, Cause, OrgId, Timestamp};
use saml::security::SignatureAlgorithm;
use serde_json::{Value, json};
use store::sso_apps::{self, SsoApp};
use store::{Lock, Tx, Write};

use super::change::{Change, Kind};
use super::settings::{Saml, Settings, SignOn};
use super::{SsoError, slug};
use crate::error::refuse;
use crate::event::{Told, tell};
use crate::key_algorithms::unable;
use crate::{Error, Federation, KeyOwner};

/// What is set for signing in to an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sso {
    pub app: AppId,
    /// The application's name.
    pub name: String,
    pub active: bool,
    /// Of a bookmark none, nor an address.
    pub slug: Option<String>,
    /// Where services send people, such as `https://id.example/saml2/wiki`.
    pub address: String,
    /// What we are called.
    pub issuer: String,
    pub settings: Settings,
    pub created: Timestamp,
    pub modified: Timestamp,
}

/// How the sign-in to an application is set up.
#[derive(Debug, Clone)]
pub struct NewSso {
    pub kind: Kind,
    /// The application's part of its address; made of its name if left out.
    pub slug: Option<String>,
    pub change: Change,
    /// Whether it may come in the place of what is set.
    pub replaces: bool,
}

impl Sso {
    fn read(base: &str, name: String, row: SsoApp) -> Result<Self, Error> {
        let settings = read_settings(&row.settings)?;
        let address = row
            .slug
            .as_deref()
            .map_or_else(String::new, |slug| address(base, slug));
        Ok(Self {
            app: row.app,
            name,
            active: row.active,
            issuer: match &settings.sign_on {
                SignOn::Saml(saml) if !saml.issuer.is_empty() => saml.issuer.clone(),
                _ => address.clone(),
            },
            address,
            slug: row.slug,
            settings,
            created: row.created,
            modified: row.modified,
        })
    }

    pub fn kind(&self) -> Kind {
        kind(&self.settings)
    }

    /// How a service is spoken to; nothing of a bookmark.
    pub fn saml(&self) -> Option<&Saml> {
        match &self.settings.sign_on {
            SignOn::Saml(saml) => Some(saml),
            SignOn::Bookmark(_) => None,
        }
    }

    /// What the portal calls it.
    pub fn label(&self) -> &str {
        let label = &self.settings.tile.label;
        if label.is_empty() { &self.name } else { label }
    }

    /// Where requests for sign-outs, and answers to ours, come in.
    pub fn logout_address(&self) -> String {
        format!("{}/logout", self.address)
    }
}

/// An application's address below that of the server.
fn address(base: &str, slug: &str) -> String {
    format!("{base}/saml2/{slug}")
}

fn kind(settings: &Settings) -> Kind {
    match settings.sign_on {
        SignOn::Saml(_) => Kind::Saml,
        SignOn::Bookmark(_) => Kind::Bookmark,
    }
}

fn read_settings(text: &str) -> Result<Settings, store::Error> {
    serde_json::from_str(text).map_err(|error| {
        store::Error::internal(format!("stored settings of a sign-in cannot be read: {error}"))
    })
}

/// Refuses to be active what lets nobody in.
fn complete(settings: &Settings) -> Result<(), SsoError> {
    let missing = match &settings.sign_on {
        SignOn::Saml(saml) if saml.entity_id.is_empty() => "what the service is called (entity_id)",
        SignOn::Saml(saml) if saml.consumers.is_empty() => "where answers go (consumers)",
        SignOn::Bookmark(url) if url.is_empty() => "where it leads (url)",
        SignOn::Saml(_) | SignOn::Bookmark(_) => return Ok(()),
    };
    Err(SsoError::Incomplete { missing })
}

impl Federation {
    /// Whose an address is.
    pub async fn sso_at(&self, slug: &str) -> Result<Option<(OrgId, AppId)>, Error> {
        if !slug::is_slug(slug) {
            return Ok(None);
        }
        Ok(sso_apps::by_slug(&mut self.store.reader(), slug).await?)
    }

    /// What is set for an application; `base` is where the server is reached.
    pub async fn app_sso(&self, base: &str, org: OrgId, app: AppId) -> Result<Sso, Error> {
        let mut reader = self.store.reader();
        let named = store::apps::by_id(&mut reader, org, app).await?;
        let named = named.ok_or(SsoError::UnknownApp)?;
        let row = sso_apps::by_app(&mut reader, org, app).await?;
        Sso::read(base, named.name, row.ok_or(SsoError::Unset)?)
    }

    /// Those of all applications of an organization, the oldest application first.
    pub async fn all_sso(&self, base: &str, org: OrgId) -> Result<Vec<Sso>, Error> {
        let mut reader = self.store.reader();
        let apps = store::apps::all(&mut reader, org).await?;
        let rows = sso_apps::all(&mut reader, org).await?;
        let mut found = Vec::with_capacity(rows.len());
        for row in rows {
            if let Some(app) = apps.iter().find(|app| app.id == row.app) {
                found.push(Sso::read(base, app.name.clone(), row)?);
            }
        }
        Ok(found)
    }

    /// Sets the sign-in up, or anew with what is left out as at the beginning; says whether it was not there before.
    pub async fn set_sso(
        &self,
        cause: &Cause,
        base: &str,
        (org, app): (OrgId, AppId),
        new: NewSso,
    ) -> Result<(Sso, bool), Error> {
        self.check_algorithm(org, app, &new.change).await?;
        self.check_sources(org, &new.change).await?;
        let write = Set {
            org,
            app,
            spare_slug: self.spare_slug(org, app).await?,
            new,
            cause: cause.clone(),
        };
        let is_new = self.store.write(write).await?;
        Ok((self.app_sso(base, org, app).await?, is_new))
    }

    /// Changes what is said, and leaves the rest.
    pub async fn change_app_sso(
        &self,
        cause: &Cause,
        base: &str,
        (org, app): (OrgId, AppId),
        change: Change,
    ) -> Result<Sso, Error> {
        self.check_algorithm(org, app, &change).await?;
        self.check_sources(org, &change).await?;
        let step = Step::Change(Box::new(change));
        self.step(cause, base, (org, app), step).await
    }

    /// Lets people in, or no longer. What is set stays.
    pub async fn activate_app_sso(
        &self,
        cause: &Cause,
        base: &str,
        (org, app): (OrgId, AppId),
        active: bool,
    ) -> Result<Sso, Error> {
        self.step(cause, base, (org, app), Step::Activate(active)).await
    }

    async fn step(
        &self,
        cause: &Cause,
        base: &str,
        (org, app): (OrgId, AppId),
        step: Step,
    ) -> Result<Sso, Error> {
        let cause = cause.clone();
        self.store
            .write(Alter {
                org,
                app,
                step,
                cause,
            })
            .await?;
        self.app_sso(base, org, app).await
    }

    async fn spare_slug(&self, org: OrgId, app: AppId) -> Result<String, Error> {
        let named = store::apps::by_id(&mut self.store.reader(), org, app).await?;
        let named = named.ok_or(SsoError::UnknownApp)?;
        Ok(slug::of_name(&named.name, self.ambient()))
    }

    /// Refuses an algorithm that a key cannot carry out which signs, or is to from a date on.
    async fn check_algorithm(&self, org: OrgId, app: AppId, change: &Change) -> Result<(), Error> {
        let chosen = change
            .signature_algorithm
            .and_then(super::SignatureChoice::algorithm);
        let Some(algorithm) = chosen else { return Ok(()) };
        let named = store::apps::by_id(&mut self.store.reader(), org, app).await?;
        let name = named.ok_or(SsoError::UnknownApp)?.name;
        let owner = KeyOwner::App(app);
        // Where there is none the first is made, as it would be for the first message.
        self.credential(org, owner, &name).await?;
        match self.unable_key(org, owner, algorithm).await? {
            None => Ok(()),
            Some(key) => Err(SsoError::Setting {
                setting: "signature_algorithm",
                message: unable(&key),
            }
            .into()),
        }
    }

    /// By what an application's messages are to be signed, if anything is said.
    pub(crate) async fn algorithm_of_app(
        &self,
        org: OrgId,
        app: AppId,
    ) -> Result<Option<SignatureAlgorithm>, Error> {
        let row = sso_apps::by_app(&mut self.store.reader(), org, app).await?;
        let Some(row) = row else { return Ok(None) };
        Ok(match read_settings(&row.settings)?.sign_on {
            SignOn::Saml(saml) => saml.signature_algorithm.algorithm(),
            SignOn::Bookmark(_) => None,
        })
    }

    /// Refuses to read attributes that nobody here can have.
    async fn check_sources(&self, org: OrgId, change: &Change) -> Result<(), Error> {
        let types = self.directory.resource_types(org, i64::MAX).await?;
        Ok(change.check_sources(&types.user)?)
    }
}

struct Set {
    org: OrgId,
    app: AppId,
    /// For whoever names none.
    spare_slug: String,
    new: NewSso,
    cause: Cause,
}

impl Write for Set {
    type Out = bool;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool, store::Error> {
        let Self { org, app, new, .. } = self;
        let named = held(tx, *org, *app).await?;
        let before = sso_apps::by_app(tx, *org, *app).await?;
        let mut settings = Change::begin(new.kind);
        new.change.apply(&mut settings).map_err(ours)?;
        let settings = settings.checked().map_err(ours)?;
        let text = written(&settings)?;
        let wanted = new.slug.as_deref();
        if before.is_some() && !new.replaces {
            return Err(ours(SsoError::AlreadySet));
        }
        if let Some(row) = before {
            if let Some(slug) = &row.slug
                && wanted.is_some_and(|wanted| wanted != slug)
            {
                return Err(ours(SsoError::SlugFixed { slug: slug.clone() }));
            }
            if row.active {
                complete(&settings).map_err(ours)?;
            }
            let old = read_settings(&row.settings)?;
            sso_apps::update(tx, *org, *app, row.version, (row.active, &text)).await?;
            self.tell(tx, "update", &named, &changes(&old, &settings)).await?;
            return Ok(false);
        }
        let slug = match new.kind {
            Kind::Bookmark => None,
            Kind::Saml => Some(wanted.unwrap_or(&self.spare_slug).to_owned()),
        };
        if let Some(slug) = slug.as_ref().filter(|slug| !slug::is_slug(slug)) {
            return Err(ours(SsoError::Slug { slug: slug.clone() }));
        }
        let row = SsoApp {
            app: *app,
            slug: slug.clone(),
            // Whatever lets somebody in does so at once.
            active: complete(&settings).is_ok(),
            settings: text,
            version: 1,
            created: tx.ambient().now(),
            modified: tx.ambient().now(),
        };
        let inserted = sso_apps::insert(tx, *org, &row).await;
        inserted.map_err(|error| match (error, slug) {
            (store::Error::Conflict { what }, Some(slug)) if what == "slug" => {
                ours(SsoError::SlugTaken { slug })
            }
            (error, _) => error,
        })?;
        let mut told = changes(&Change::begin(new.kind), &settings);
        told.push(("slug", Value::Null, json!(row.slug)));
        told.push(("active", Value::Null, json!(row.active)));
        self.tell(tx, "create", &named, &told).await?;
        Ok(true)
    }
}

impl Set {
    async fn tell(
        &self,
        tx: &mut Tx<'_>,
        what: &str,
        name: &str,
        changes: &[(&str, Value, Value)],
    ) -> Result<(), store::Error> {
        let event_type = event_type(self.new.kind, what);
        let told = Told::new(&event_type, "app", self.app, name);
        tell(tx, self.org, &told, changes, &self.cause).await
    }
}

enum Step {
    Change(Box<Change>),
    Activate(bool),
}

struct Alter {
    org: OrgId,
    app: AppId,
    step: Step,
    cause: Cause,
}

impl Write for Alter {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        let Self { org, app, .. } = self;
        let name = held(tx, *org, *app).await?;
        let row = sso_apps::by_app(tx, *org, *app).await?;
        let row = row.ok_or_else(|| ours(SsoError::Unset))?;
        let before = read_settings(&row.settings)?;
        let mut settings = before.clone();
        let (what, active) = match &self.step {
            Step::Change(change) => {
                change.apply(&mut settings).map_err(ours)?;
                settings = settings.checked().map_err(ours)?;
                ("update", row.active)
            }
            Step::Activate(true) => ("activate", true),
            Step::Activate(false) => ("deactivate", false),
        };
        if active {
            complete(&settings).map_err(ours)?;
        }
        let mut told = changes(&before, &settings);
        if active != row.active {
            told.push(("active", json!(row.active), json!(active)));
        }
        if told.is_empty() {
            return Ok(());
        }
        sso_apps::update(tx, *org, *app, row.version, (active, &written(&settings)?)).await?;
        let event_type = event_type(kind(&settings), what);
        let event = Told::new(&event_type, "app", *app, &name);
        tell(tx, *org, &event, &told, &self.cause).await
    }
}

/// The application's name, while nobody else changes it.
async fn held(tx: &mut Tx<'_>, org: OrgId, app: AppId) -> Result<String, store::Error> {
    tx.lock(Lock::Apps(org)).await?;
    match store::apps::by_id(tx, org, app).await? {
        Some(app) => Ok(app.name),
        None => Err(ours(SsoError::UnknownApp)),
    }
}

/// Such as `sso_update`, `bookmark_deactivate`.
fn event_type(kind: Kind, what: &str) -> String {
    match kind {
        Kind::Saml => format!("sso_{what}"),
        Kind::Bookmark => format!("bookmark_{what}"),
    }
}

fn written(settings: &Settings) -> Result<String, store::Error> {
    serde_json::to_string(settings)
        .map_err(|error| store::Error::internal(format!("settings of a sign-in cannot be written: {error}")))
}

fn ours(error: SsoError) -> store::Error {
    refuse(error.into())
}

/// What is different: fields with what they were and are.
fn changes(before: &Settings, after: &Settings) -> Vec<(&'static str, Value, Value)> {
    let (before, after) = (fields(before), fields(after));
    let mut found = Vec::new();
    for (name, new) in after {
        let old = before.iter().find(|(other, _)| *other == name);
        let old = old.map_or(Value::Null, |(_, value)| value.clone());
        if old != new {
            found.push((name, old, new));
        }
    }
    found
}

fn fields(settings: &Settings) -> Vec<(&'static str, Value)> {
    let tile = &settings.tile;
    let mut fields = vec![
        ("label", json!(tile.label)),
        ("description", json!(tile.description)),
        // A picture says nothing to whoever reads the trail.
        ("logo", json!(tile.logo.len())),
        ("shown", json!(tile.shown)),
    ];
    match &settings.sign_on {
        SignOn::Bookmark(url) => fields.push(("url", json!(url))),
        SignOn::Saml(saml) => fields.extend([
            ("entity_id", json!(saml.entity_id)),
            ("consumers", json!(saml.consumers)),
            ("logout", json!(saml.logout)),
            ("request_certificates", json!(saml.request_certificates)),
            ("signed_requests", json!(saml.signed_requests)),
            ("sha1_requests", json!(saml.sha1_requests)),
            ("issuer", json!(saml.issuer)),
            ("name_id_format", json!(saml.name_id_format)),
            ("name_id", json!(saml.name_id)),
            ("attributes", json!(saml.attributes)),
            ("sign", json!(saml.sign)),
            ("signature_algorithm", json!(saml.signature_algorithm)),
            ("encryption", json!(saml.encryption)),
            ("key_transport", json!(saml.key_transport)),
            ("encryption_certificate", json!(saml.encryption_certificate)),
            ("valid_minutes", json!(saml.valid_minutes)),
            ("session_minutes", json!(saml.session_minutes)),
            ("idp_initiated", json!(saml.idp_initiated)),
            ("default_relay_state", json!(saml.default_relay_state)),
            ("relay_states", json!(saml.relay_states)),
            ("contexts", json!(saml.contexts)),
        ]),
    }
    fields
}
