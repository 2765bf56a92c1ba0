//! Organizations, and what they start with.

use std::collections::BTreeMap;

use base::{Cause, OrgId, UserId};
use scim::{Object, ResourceTypes};
use serde_json::json;
use store::credentials::{NewCredential, Validity};
use store::organizations::Organization;
use store::users::Draft;
use store::{Tx, Write};

use crate::events::Event;
use crate::rendering;
use crate::{Change, Directory, Error, Facts, Preset, Settings, Source, events, rules, users};

/// An organization to be made.
#[derive(Debug, Clone)]
pub struct NewOrganization {
    pub name: String,
    pub preset: Preset,
    pub admin: Admin,
}

/// Its first user, who may do everything.
#[derive(Clone)]
pub struct Admin {
    pub email: String,
    /// The PHC string of the password.
    pub password_hash: String,
    /// Was the password made up, so that it must be changed at first sign-in?
    pub must_change_password: bool,
}

impl std::fmt::Debug for Admin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Admin")
            .field("email", &self.email)
            .finish_non_exhaustive()
    }
}

/// The settings of an organization, with their revision, from the database itself.
pub async fn read_settings(q: &mut impl store::Query, org: OrgId) -> Result<(i64, Settings), store::Error> {
    let (revision, stored) = store::settings::all(q, org).await?;
    let mut settings = Settings::default();
    for (key, value) in stored {
        if let Err(error) = settings.set(&key, &value) {
            tracing::warn!(%org, %error, "a stored setting is passed over");
        }
    }
    Ok((revision, settings))
}

impl Directory {
    pub async fn organization(&self, id: OrgId) -> Result<Organization, Error> {
        let found = store::organizations::by_id(&mut self.store.reader(), id).await?;
        found.ok_or(Error::UnknownOrganization)
    }

    pub async fn organizations(&self) -> Result<Vec<Organization>, Error> {
        Ok(store::organizations::list(&mut self.store.reader()).await?)
    }

    /// Creates an organization with its first admin, in one transaction.
    pub async fn create_organization(
        &self,
        cause: &Cause,
        new: NewOrganization,
    ) -> Result<Organization, Error> {
        let name = read_name(&new.name)?;
        // The first admin signs in with an e-mail address, whatever the others' userNames look like.
        let strict = Settings {
            user_name_is_email: true,
            ..new.preset.settings()
        };
        let mut resource = admin_resource(&new.admin.email)?;
        rules::apply(strict, &mut resource)?;
        let (org, admin) = (self.ambient.id::<OrgId>(), self.ambient.id::<UserId>());
        let change = Change {
            cause,
            source: Source::Operator,
            types: ResourceTypes::built_in(),
            settings: strict,
        };
        let draft = users::draft(
            &resource,
            rendering::trace("{}", &Object::new(), &resource, Source::Operator),
            &ResourceTypes::built_in().user,
        )?;
        let settings = changed_settings(new.preset.settings());
        let named: BTreeMap<_, _> = settings.iter().map(|(key, value)| (key, value)).collect();
        let granted = json!({
            "name": draft.user_name,
            "changes": [{ "field": "roles", "from": [], "to": [users::FULL_ADMIN] }],
        });
        let events = [
            Event::new(
                "organization_create",
                "organization",
                org,
                &json!({ "name": name, "settings": named }),
                cause,
            ),
            events::user("user_create", admin, &change, &draft.user_name, &[]),
            Event::new("user_admin_granted", "user", admin, &granted, cause),
        ];
        let write = Create {
            org,
            name,
            settings,
            admin,
            draft,
            address: rules::sign_in_address(&resource),
            credentials: new.admin,
            cause: cause.clone(),
            events,
        };
        Ok(self.store.write(write).await?)
    }

    /// The settings of an organization.
    pub async fn settings(&self, org: OrgId) -> Result<Settings, Error> {
        Ok(self.read_settings(org).await?.1)
    }

    /// The same, of this revision or a later one. A token that is looked up brings the revision along, so nothing is
    /// asked here unless there is a new one.
    pub async fn settings_since(&self, org: OrgId, revision: i64) -> Result<Settings, Error> {
        if revision == 0 {
            return Ok(Settings::default());
        }
        if let Some(settings) = self.kept_settings.get(org, revision) {
            return Ok(settings);
        }
        let (revision, settings) = self.read_settings(org).await?;
        self.kept_settings.put(org, revision, &settings);
        Ok(settings)
    }

    async fn read_settings(&self, org: OrgId) -> Result<(i64, Settings), Error> {
        Ok(read_settings(&mut self.store.reader(), org).await?)
    }

    /// Changes settings; all of them, or none if one is wrong.
    pub async fn set_settings(
        &self,
        cause: &Cause,
        org: OrgId,
        changes: &[(String, String)],
    ) -> Result<Settings, Error> {
        self.change_organization(cause, org, None, changes).await
    }

    /// Gives an organization another name, if there is one, and changes settings; all of it, or nothing if something is wrong.
    pub async fn change_organization(
        &self,
        cause: &Cause,
        org: OrgId,
        name: Option<&str>,
        changes: &[(String, String)],
    ) -> Result<Settings, Error> {
        let present = self.organization(org).await?;
        let name = name.map(read_name).transpose()?;
        let name = name.filter(|name| *name != present.name);
        let mut settings = self.settings(org).await?;
        let before: BTreeMap<_, _> = settings
            .list()
            .map(|(key, value)| (key, value.into_owned()))
            .collect();
        for (key, value) in changes {
            settings.set(key, value)?;
        }
        if name.is_none() && changes.is_empty() {
            return Ok(settings);
        }
        let renamed = name
            .iter()
            .map(|name| json!({ "field": "name", "from": present.name, "to": name }));
        let differing = settings
            .list()
            .filter(|(key, value)| before.get(key).is_none_or(|before| before != value))
            .map(|(key, value)| json!({ "field": key, "from": before.get(key), "to": value }));
        let changed: Vec<_> = renamed.chain(differing).collect();
        let named: BTreeMap<_, _> = changes.iter().map(|(key, value)| (key, value)).collect();
        let event = Event::new(
            "organization_update",
            "organization",
            org,
            &json!({ "settings": named, "changes": changed }),
            cause,
        );
        let write = Update {
            org,
            name,
            settings: changes.to_vec(),
            event,
        };
        self.store.write(write).await?;
        Ok(settings)
    }
}

/// An organization's name, without the white space around it.
fn read_name(text: &str) -> Result<String, Error> {
    let name = text.trim();
    if name.is_empty() || name.chars().count() > 200 || name.contains('\0') {
        return Err(Error::Name);
    }
    Ok(name.to_owned())
}

fn admin_resource(email: &str) -> Result<Object, Error> {
    let body = json!({
        "schemas": [scim::ResourceType::user().core_urn()],
        "userName": email,
        "displayName": email,
        "emails": [{ "value": email, "type": "work", "primary": true }],
    });
    Ok(scim::resource::read(
        body,
        scim::ResourceType::user(),
        scim::resource::Mode::Create,
    )?)
}

/// The settings that differ from the defaults: only those are stored.
fn changed_settings(settings: Settings) -> Vec<(String, String)> {
    let defaults = Settings::default();
    let pairs = settings.list().zip(defaults.list());
    pairs
        .filter(|(own, default)| own != default)
        .map(|((key, value), _)| (key.to_owned(), value.into_owned()))
        .collect()
}

struct Create {
    org: OrgId,
    name: String,
    settings: Vec<(String, String)>,
    admin: UserId,
    draft: Draft,
    /// By which the admin signs in.
    address: Option<String>,
    credentials: Admin,
    cause: Cause,
    events: [Event; 3],
}

impl Write for Create {
    type Out = Organization;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Organization, store::Error> {
        let (org, cause) = (self.org, &self.cause);
        let organization = store::organizations::insert(tx, org, &self.name, cause).await?;
        for (key, value) in &self.settings {
            store::settings::set(tx, org, key, value, cause).await?;
        }
        store::users::insert(tx, org, self.admin, &self.draft, cause).await?;
        store::roles::grant(tx, org, self.admin, users::FULL_ADMIN, cause).await?;
        let Admin {
            password_hash,
            must_change_password,
            ..
        } = &self.credentials;
        let validity = if *must_change_password {
            Validity::MustChange
        } else {
            Validity::Lasting
        };
        let new = NewCredential {
            password_hash,
            validity,
            address: self.address.as_deref(),
        };
        store::credentials::set(tx, org, self.admin, new, cause).await?;
        // Whoever runs the server says whose address it is.
        let facts = Facts {
            verified: Some(tx.ambient().now()),
            ..Facts::default()
        };
        store::facts::set(tx, org, self.admin, &facts).await?;
        for event in &self.events {
            event.append(tx, org).await?;
        }
        Ok(organization)
    }
}

struct Update {
    org: OrgId,
    name: Option<String>,
    settings: Vec<(String, String)>,
    event: Event,
}

impl Write for Update {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        let cause = &self.event.cause;
        if let Some(name) = &self.name {
            store::organizations::rename(tx, self.org, name, cause).await?;
        }
        for (key, value) in &self.settings {
            store::settings::set(tx, self.org, key, value, cause).await?;
        }
        self.event.append(tx, self.org).await
    }
}
