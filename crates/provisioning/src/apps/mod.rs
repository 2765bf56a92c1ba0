//! Adding, changing and removing apps.

pub(crate) mod revision;
mod write;

use base::{AppId, Cause, OrgId, Secret, Timestamp};
use mapping::{Preset, WhenEmpty};
use serde_json::{Value, json};
use store::apps::{Draft, State};

use self::revision::{Attempts, rows, to_json, unknown};
use self::write::{Add, Update};
use crate::app::{Activate, App, AppChange, NewApp, SettingsChange};
use crate::attempts::Attempt;
use crate::credentials::NewOAuth;
use crate::cycles::Everybody;
use crate::desired::Mappings;
use crate::error::Error;
use crate::events::{self, Note};
use crate::mapping_table::{find, group_rows};
use crate::plans::Gatherer;
use crate::provisioning::Provisioning;
use crate::settings::{Settings, Template};
use crate::target::webex_base_url;
use crate::target_attributes::{self, TargetAttribute};

impl Provisioning {
    /// All apps, the oldest first.
    pub async fn apps(&self, org: OrgId) -> Result<Vec<App>, Error> {
        let rows = store::apps::all(&mut self.reader(), org).await?;
        rows.iter().map(App::read).collect()
    }

    pub async fn app(&self, org: OrgId, id: AppId) -> Result<App, Error> {
        App::read(&self.app_row(org, id).await?)
    }

    /// Finds an app by its name, in whichever case it is written.
    pub async fn app_by_name(&self, org: OrgId, name: &str) -> Result<App, Error> {
        let row = store::apps::by_name(&mut self.reader(), org, name).await?;
        App::read(&row.ok_or(Error::UnknownApp)?)
    }

    /// The attributes that accounts at the target have, as far as is known.
    pub async fn target_attributes(&self, org: OrgId, id: AppId) -> Result<Vec<TargetAttribute>, Error> {
        let app = self.app(org, id).await?;
        Ok(target_attributes::list(
            app.template,
            &app.settings.custom_attributes,
        ))
    }

    pub(crate) async fn app_row(&self, org: OrgId, id: AppId) -> Result<store::apps::App, Error> {
        let row = store::apps::by_id(&mut self.reader(), org, id).await?;
        row.ok_or(Error::UnknownApp)
    }

    /// Adds an app from the gallery. Nothing is sent before it is synchronized for the first time.
    pub async fn add_app(&self, org: OrgId, new: NewApp, cause: &Cause) -> Result<App, Error> {
        let name = new
            .name
            .clone()
            .unwrap_or_else(|| new.template.title().to_owned());
        let attempt = Attempt {
            org,
            app: None,
            name: Some(&name),
            note: match new.activate {
                Activate::Now => Note::Activate,
                Activate::Later => Note::Create,
            },
            cause,
        };
        let added = self.try_add(org, new, cause).await;
        self.attempted(attempt, added).await
    }

    async fn try_add(&self, org: OrgId, new: NewApp, cause: &Cause) -> Result<App, Error> {
        if let Some(what) = needs_target(&new) {
            refuse_without_target(new.template, what)?;
        }
        let preset = find(new.preset.as_deref().unwrap_or(new.template.default_preset()))?;
        let provisions = new.template.provisions();
        let address = if provisions {
            base_url(&new, preset)?
        } else {
            String::new()
        };
        let mut settings = Settings::new(address, &preset.name, preset.switches);
        new.change.apply(&mut settings);
        settings.oauth = new.oauth.as_ref().map(NewOAuth::settings).transpose()?;
        if provisions {
            settings.check()?;
        }
        if settings.shows_token_elsewhere() && new.token.is_none() && new.oauth.is_none() {
            return Err(Error::TokenNeeded);
        }
        target_attributes::check(new.template, &settings.custom_attributes)?;
        settings.checked_filter()?;
        let mappings = checked(preset, new.when_empty)?;
        let name = new.name.as_deref().unwrap_or(new.template.title());
        let id: AppId = self.ambient().id();
        let write = Add {
            org,
            id,
            draft: Draft {
                name: checked_name(name)?,
                template: new.template.as_str().to_owned(),
                state: match new.activate {
                    // The engine leaves it alone.
                    _ if !provisions => State::Inactive,
                    Activate::Now => State::Active,
                    Activate::Later => State::Paused,
                },
                settings: to_json(&settings)?,
            },
            credentials: self.seal(org, (new.token.as_ref(), new.oauth.as_ref()), new.token_expires)?,
            mappings: rows(mappings.set())?,
            group_mappings: group_rows(new.when_empty)
                .iter()
                .map(to_json)
                .collect::<Result<_, _>>()?,
            cause: cause.clone(),
        };
        self.store
            .write(write)
            .await
            .map_err(|error| taken(error, name))?;
        self.waker.wake(org);
        self.app(org, id).await
    }

    /// Changes an app. What decides who has which account makes a started app begin anew with everybody.
    pub async fn update_app(
        &self,
        org: OrgId,
        id: AppId,
        change: AppChange,
        cause: &Cause,
    ) -> Result<App, Error> {
        let attempt = Attempt {
            org,
            app: Some(id),
            name: None,
            note: if change.has_credentials() {
                Note::Reauthorize
            } else {
                Note::Update
            },
            cause,
        };
        let mut attempts = Attempts::default();
        let updated = loop {
            match attempts.outrun(self.try_update(org, id, &change, cause).await) {
                Ok(true) => {}
                Ok(false) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        self.attempted(attempt, updated).await?;
        self.waker.wake(org);
        self.app(org, id).await
    }

    async fn try_update(
        &self,
        org: OrgId,
        id: AppId,
        change: &AppChange,
        cause: &Cause,
    ) -> Result<(), Error> {
        let before = self.app(org, id).await?;
        let mut settings = before.settings.clone();
        change.settings.apply(&mut settings);
        if change.has_credentials() {
            settings.oauth = change.oauth.as_ref().map(NewOAuth::settings).transpose()?;
        }
        if before.template.provisions() {
            settings.check()?;
        } else if change.has_credentials() || change.settings != only_scope(&change.settings) {
            refuse_without_target(before.template, "any setting but the scope")?;
        }
        settings.checked_filter()?;
        let moved = settings.base_url != before.settings.base_url;
        let asked_elsewhere = settings.shows_token_elsewhere()
            && (moved || settings.token_expiry_url != before.settings.token_expiry_url);
        // A token is sent to nobody but whom it was given for.
        if (asked_elsewhere || (moved && before.has_token)) && !change.has_credentials() {
            return Err(Error::TokenNeeded);
        }
        let name = checked_name(change.name.as_deref().unwrap_or(&before.name))?;
        let custom = &settings.custom_attributes;
        let declared_otherwise = *custom != before.settings.custom_attributes;
        if declared_otherwise {
            target_attributes::check(before.template, custom)?;
            self.refuse_orphans(org, &before, custom).await?;
        }
        let decisive = declared_otherwise
            || settings.scope != before.settings.scope
            || settings.filter != before.settings.filter
            || settings.groups != before.settings.groups
            || settings.groups_out_of_scope != before.settings.groups_out_of_scope
            || settings.default_domain != before.settings.default_domain
            || settings.switches != before.settings.switches
            || moved;
        let write = Update {
            org,
            id,
            expected: before.version,
            draft: Draft {
                name: name.clone(),
                template: before.template.as_str().to_owned(),
                state: before.state,
                settings: to_json(&settings)?,
            },
            credentials: self.seal(
                org,
                (change.token.as_ref(), change.oauth.as_ref()),
                change.token_expires,
            )?,
            everybody: self.everybody(org, &before, &settings, decisive).await?,
            moved,
            resumed: false,
            notes: update_notes(&before, &settings, &name, change)?,
            reopened: settings.asks_otherwise(&before.settings).then(|| Gatherer {
                org,
                app: id,
                name: name.clone(),
                approval: settings.approval,
                expires: self.ambient().now() + settings.plan_life(),
                cause: cause.clone(),
            }),
            cause: cause.clone(),
        };
        self.store.write(write).await.map_err(|error| taken(error, &name))
    }

    /// Sets another token.
    pub async fn set_token(
        &self,
        org: OrgId,
        id: AppId,
        token: Secret,
        expires: Option<Timestamp>,
        cause: &Cause,
    ) -> Result<App, Error> {
        let change = AppChange {
            token: Some(token),
            token_expires: expires,
            ..AppChange::default()
        };
        self.update_app(org, id, change, cause).await
    }

    /// Sends nothing more until it is resumed; the feed is kept.
    pub async fn pause(&self, org: OrgId, id: AppId, cause: &Cause) -> Result<App, Error> {
        self.set_state(org, id, State::Paused, cause).await
    }

    /// Goes on where it was paused.
    pub async fn resume(&self, org: OrgId, id: AppId, cause: &Cause) -> Result<App, Error> {
        self.set_state(org, id, State::Active, cause).await
    }

    /// Ends the app's work: accounts stay as they are, and so does what is known of them. It is activated by resuming it,
    /// and begins with everybody then.
    pub async fn deactivate(&self, org: OrgId, id: AppId, cause: &Cause) -> Result<App, Error> {
        self.set_state(org, id, State::Inactive, cause).await
    }

    async fn set_state(&self, org: OrgId, id: AppId, state: State, cause: &Cause) -> Result<App, Error> {
        let attempt = Attempt {
            org,
            app: Some(id),
            name: None,
            note: match state {
                State::Active => Note::Activate,
                State::Paused | State::Inactive | State::Disabled | State::Removing => Note::Update,
            },
            cause,
        };
        let mut attempts = Attempts::default();
        let set = loop {
            match attempts.outrun(self.try_set_state(org, id, state, cause).await) {
                Ok(true) => {}
                Ok(false) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        self.attempted(attempt, set).await?;
        self.waker.wake(org);
        self.app(org, id).await
    }

    async fn try_set_state(&self, org: OrgId, id: AppId, state: State, cause: &Cause) -> Result<(), Error> {
        let row = self.app_row(org, id).await?;
        if row.state == state {
            return Ok(());
        }
        refuse_without_target(App::read(&row)?.template, "activating or pausing provisioning")?;
        if row.state == State::Removing {
            return Err(Error::Removing);
        }
        let everybody = match (row.state, state) {
            // Meanwhile anything may have happened, at either end.
            (State::Inactive, State::Active) => {
                let app = App::read(&row)?;
                self.everybody(org, &app, &app.settings, true).await?
            }
            _ => None,
        };
        let write = Update {
            org,
            id,
            expected: row.version,
            draft: Draft {
                name: row.name,
                template: row.template,
                state,
                settings: row.settings,
            },
            credentials: None,
            everybody,
            moved: false,
            reopened: None,
            resumed: state == State::Active,
            notes: match state {
                State::Active => vec![(Note::Activate, Vec::new())],
                State::Paused | State::Inactive | State::Disabled | State::Removing => {
                    let (from, to) = (row.state.as_str(), state.as_str());
                    let paused = json!({ "field": "state", "from": from, "to": to });
                    vec![(Note::Update, vec![paused])]
                }
            },
            cause: cause.clone(),
        };
        self.store.write(write).await.map_err(unknown)
    }

    /// What a started app needs to begin anew, if something decisive has changed.
    pub(crate) async fn everybody(
        &self,
        org: OrgId,
        app: &App,
        settings: &Settings,
        decisive: bool,
    ) -> Result<Option<Everybody>, Error> {
        if !(decisive && app.started) {
            return Ok(None);
        }
        let head = store::changes::head(&self.store, org, 0).await?;
        Ok(Some(Everybody {
            scope: settings.scope,
            groups: settings.groups,
            head,
        }))
    }
}

/// What the trail says about a change: that there is another token, and what else is different.
fn update_notes(
    before: &App,
    settings: &Settings,
    name: &str,
    change: &AppChange,
) -> Result<Vec<(Note, Vec<Value>)>, Error> {
    let object = |name: &str, settings: &Settings| -> Result<Value, Error> {
        let settings = serde_json::to_value(settings).map_err(|error| Error::damaged("setting", &error))?;
        Ok(json!({ "name": name, "settings": settings }))
    };
    let changes = events::differences(&object(&before.name, &before.settings)?, &object(name, settings)?);
    let mut notes = Vec::new();
    if change.has_credentials() {
        notes.push((Note::Reauthorize, Vec::new()));
    }
    if notes.is_empty() || !changes.is_empty() {
        notes.push((Note::Update, changes));
    }
    Ok(notes)
}

/// What of a new app speaks of a target, if anything does.
fn needs_target(new: &NewApp) -> Option<&'static str> {
    let said = [
        ("a base URL", new.base_url.is_some()),
        ("an organization ID", new.org_id.is_some()),
        ("a token", new.token.is_some() || new.oauth.is_some()),
        (
            "a mapping preset",
            new.preset.is_some() || new.when_empty.is_some(),
        ),
        ("any setting but the scope", new.change != only_scope(&new.change)),
    ];
    said.into_iter()
        .find(|(_, is_said)| *is_said)
        .map(|(what, _)| what)
}

/// What of a change is possible where nobody is provisioned: who is in.
fn only_scope(change: &SettingsChange) -> SettingsChange {
    SettingsChange {
        scope: change.scope,
        ..SettingsChange::default()
    }
}

fn refuse_without_target(template: Template, what: &'static str) -> Result<(), Error> {
    if template.provisions() {
        return Ok(());
    }
    Err(Error::NoProvisioning { template, what })
}

fn base_url(new: &NewApp, preset: &Preset) -> Result<String, Error> {
    let given = [new.base_url.as_deref(), new.change.base_url.as_deref()];
    if let Some(url) = given.into_iter().flatten().find(|url| !url.trim().is_empty()) {
        return Ok(url.trim().to_owned());
    }
    let org_id = new.org_id.as_deref().map(str::trim);
    if org_id.is_some_and(|id| !id.chars().all(may_be_in_id)) {
        return Err(Error::OrgId);
    }
    match (new.template, org_id) {
        (Template::Webex, Some(org_id)) if !org_id.is_empty() && preset.base_urls.is_empty() => {
            Ok(webex_base_url(new.offer, org_id))
        }
        (_, Some(org_id)) if !org_id.is_empty() => {
            let known = preset.base_urls.get(new.offer.as_str());
            known
                .map(|url| url.replace("{org_id}", org_id))
                .ok_or_else(|| offerless(new, preset))
        }
        _ => Err(Error::BaseUrlMissing),
    }
}

/// Whether a letter can be in an organization's ID, which becomes a part of the target's address.
fn may_be_in_id(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "-._~=".contains(letter)
}

/// Why an organization ID was given, and there is still no address.
fn offerless(new: &NewApp, preset: &Preset) -> Error {
    if preset.base_urls.is_empty() {
        return Error::BaseUrlMissing;
    }
    Error::NoAddressForOffer {
        preset: preset.name.clone(),
        offer: new.offer,
    }
}

fn checked(preset: &Preset, when_empty: Option<WhenEmpty>) -> Result<Mappings, Error> {
    let mut set = preset.mapping_set()?;
    if let Some(when_empty) = when_empty {
        set = set.with_when_empty(when_empty);
    }
    Ok(Mappings::new(set)?)
}

fn checked_name(name: &str) -> Result<String, Error> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 200 || name.contains(char::is_control) {
        return Err(Error::NameMissing);
    }
    Ok(name.to_owned())
}

fn taken(error: store::Error, name: &str) -> Error {
    match error {
        store::Error::Conflict { what } if what == "name" => Error::NameTaken {
            name: name.to_owned(),
        },
        other => unknown(other),
    }
}
