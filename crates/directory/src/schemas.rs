//! The extensions that an organization adds to its resource types.

use base::{Cause, OrgId, SchemaId, Timestamp};
use scim::ResourceTypes;
use scim::schema::{self, Schema};
use serde_json::json;
use store::changes::Kind as Stored;
use store::{Attribute, Lookup, Match, Query, Tx, Write};

use crate::events::Event;
use crate::schema_changes::{Side, changes};
use crate::{Directory, Error, Kind, rendering, resource_types};

/// Schemas of one organization.
pub const MAX_SCHEMAS: usize = 50;

/// A schema that an organization adds, or that one of its own becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSchema {
    /// Which resources it extends.
    pub kind: Kind,
    /// Must every such resource have it?
    pub required: bool,
    /// One that [`scim::schema::definition::read`] made.
    pub definition: Schema,
}

/// A schema that an organization has added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnSchema {
    pub id: SchemaId,
    pub kind: Kind,
    pub required: bool,
    pub definition: Schema,
    /// How many resources have values of its attributes.
    pub resources: u64,
    pub version: i64,
    pub created: Timestamp,
    pub modified: Timestamp,
}

/// What became of a schema that was put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    Created,
    Changed,
    /// It was just so already.
    Unchanged,
}

impl Directory {
    /// The schemas that the organization has added, the oldest first.
    pub async fn schemas(&self, org: OrgId) -> Result<Vec<OwnSchema>, Error> {
        let mut reader = self.store.reader();
        let (_, stored) = store::schemas::all(&mut reader, org).await?;
        let mut own = Vec::with_capacity(stored.len());
        for schema in &stored {
            own.push(own_schema(&mut reader, org, schema).await?);
        }
        Ok(own)
    }

    /// The one of a URN, in any case.
    pub async fn schema(&self, org: OrgId, urn: &str) -> Result<OwnSchema, Error> {
        let mut reader = self.store.reader();
        match find(&mut reader, org, urn).await? {
            Some(stored) => own_schema(&mut reader, org, &stored).await,
            None => Err(Error::UnknownSchema { urn: urn.to_owned() }),
        }
    }

    /// Adds a schema, or changes the one of that URN if stored values allow it.
    pub async fn put_schema(
        &self,
        cause: &Cause,
        org: OrgId,
        new: NewSchema,
    ) -> Result<(OwnSchema, Put), Error> {
        let write = PutSchema {
            org,
            id: self.ambient.id(),
            new,
            cause: cause.clone(),
        };
        Ok(self.store.write(write).await?)
    }

    /// Removes a schema of which no resource has values.
    pub async fn remove_schema(&self, cause: &Cause, org: OrgId, urn: &str) -> Result<(), Error> {
        let write = RemoveSchema {
            org,
            urn: urn.to_owned(),
            cause: cause.clone(),
        };
        Ok(self.store.write(write).await?)
    }
}

async fn find(
    q: &mut impl Query,
    org: OrgId,
    urn: &str,
) -> Result<Option<store::schemas::Schema>, store::Error> {
    let (_, stored) = store::schemas::all(q, org).await?;
    for one in stored {
        if definition(&one)?.id.eq_ignore_ascii_case(urn) {
            return Ok(Some(one));
        }
    }
    Ok(None)
}

fn definition(stored: &store::schemas::Schema) -> Result<Schema, store::Error> {
    resource_types::definition(stored).map_err(store::Error::refuse)
}

async fn own_schema(
    q: &mut impl Query,
    org: OrgId,
    stored: &store::schemas::Schema,
) -> Result<OwnSchema, Error> {
    let definition = resource_types::definition(stored)?;
    Ok(OwnSchema {
        id: stored.id,
        kind: kind(stored.kind),
        required: stored.required,
        resources: uses(q, org, stored.kind, &definition.id).await?,
        definition,
        version: stored.version,
        created: stored.created,
        modified: stored.modified,
    })
}

fn kind(stored: Stored) -> Kind {
    match stored {
        Stored::Group => Kind::Group,
        _ => Kind::User,
    }
}

fn stored_kind(kind: Kind) -> Stored {
    match kind {
        Kind::User => Stored::User,
        Kind::Group => Stored::Group,
    }
}

/// How many resources have values of a schema's attributes.
async fn uses(q: &mut impl Query, org: OrgId, kind: Stored, urn: &str) -> Result<u64, store::Error> {
    let key = rendering::schema_key(urn);
    let lookup = Lookup::Key(Attribute::Schema, Match::Equal(key.value));
    match kind {
        Stored::Group => store::groups::count(q, org, &lookup).await,
        _ => store::users::count(q, org, &lookup).await,
    }
}

struct PutSchema {
    org: OrgId,
    /// For one that is new.
    id: SchemaId,
    new: NewSchema,
    cause: Cause,
}

impl Write for PutSchema {
    type Out = (OwnSchema, Put);

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out, store::Error> {
        let (org, new) = (self.org, &self.new);
        store::schemas::begin(tx, org).await?;
        let Some(old) = find(tx, org, &new.definition.id).await? else {
            return self.create(tx).await;
        };
        let mut new = new.clone();
        let old_definition = definition(&old)?;
        // Documents hold the URN as it was written first.
        new.definition.id.clone_from(&old_definition.id);
        let resources = uses(tx, org, old.kind, &old_definition.id).await?;
        if resources > 0 {
            refuse_incompatible(&old, &old_definition, &new, resources)?;
        }
        let draft = draft(&new)?;
        let unchanged = draft.kind == old.kind && draft.required == old.required && draft.doc == old.doc;
        let (stored, put) = if unchanged {
            (old, Put::Unchanged)
        } else {
            forget_what_need_not_be_unique(tx, org, &old_definition, &new.definition).await?;
            let stored = store::schemas::update(tx, org, old.id, &draft, &self.cause).await?;
            let before = (&old_definition, kind(old.kind), old.required);
            self.event("schema_update", stored.id, (Some(before), Some(side(&new))))
                .append(tx, org)
                .await?;
            (stored, Put::Changed)
        };
        Ok((own(&stored, &new, resources), put))
    }
}

impl PutSchema {
    async fn create(&self, tx: &mut Tx<'_>) -> Result<(OwnSchema, Put), store::Error> {
        let (org, new) = (self.org, &self.new);
        let urn = &new.definition.id;
        let (_, others) = store::schemas::all(tx, org).await?;
        if others.len() >= MAX_SCHEMAS {
            return Err(store::Error::refuse(Error::TooManySchemas));
        }
        let mut known: Vec<String> = others
            .iter()
            .map(|other| Ok(definition(other)?.id))
            .collect::<Result<_, store::Error>>()?;
        let built_in = ResourceTypes::built_in().all().into_iter();
        known.extend(built_in.flat_map(|kind| kind.schemas().map(|schema| schema.id.clone())));
        if let Some(other) = known.into_iter().find(|other| schema::clash(other, urn)) {
            return Err(store::Error::refuse(Error::SchemaClash {
                urn: urn.clone(),
                other,
            }));
        }
        let stored = store::schemas::insert(tx, org, (self.id, urn), &draft(new)?, &self.cause).await?;
        self.event("schema_create", stored.id, (None, Some(side(new))))
            .append(tx, org)
            .await?;
        Ok((own(&stored, new, 0), Put::Created))
    }

    fn event(&self, kind: &str, id: SchemaId, sides: Sides<'_>) -> Event {
        event(kind, id, sides, &self.cause)
    }
}

/// Before and after.
type Sides<'s> = (Option<Side<'s>>, Option<Side<'s>>);

fn side(new: &NewSchema) -> Side<'_> {
    (&new.definition, new.kind, new.required)
}

fn event(kind: &str, id: SchemaId, (before, after): Sides<'_>, cause: &Cause) -> Event {
    let urn = after.or(before).map(|(schema, ..)| &schema.id);
    let detail = json!({ "schema": urn, "changes": changes(before, after) });
    Event::new(kind, "schema", id, &detail, cause)
}

fn draft(new: &NewSchema) -> Result<store::schemas::Draft, store::Error> {
    let doc = serde_json::to_string(&new.definition).map_err(|error| store::Error::Internal(error.into()))?;
    Ok(store::schemas::Draft {
        kind: stored_kind(new.kind),
        required: new.required,
        doc,
    })
}

fn own(stored: &store::schemas::Schema, new: &NewSchema, resources: u64) -> OwnSchema {
    OwnSchema {
        id: stored.id,
        kind: new.kind,
        required: new.required,
        definition: new.definition.clone(),
        resources,
        version: stored.version,
        created: stored.created,
        modified: stored.modified,
    }
}

fn refuse_incompatible(
    old: &store::schemas::Schema,
    old_definition: &Schema,
    new: &NewSchema,
    resources: u64,
) -> Result<(), store::Error> {
    let urn = old_definition.id.clone();
    let error = if stored_kind(new.kind) == old.kind {
        schema::refuse_incompatible(old_definition, &new.definition).err()
    } else {
        Some(schema::DefinitionError {
            pointer: String::new(),
            detail: "it extends another kind of resource".to_owned(),
        })
    };
    match error {
        None => Ok(()),
        Some(error) => Err(store::Error::refuse(Error::SchemaIncompatible {
            urn,
            resources,
            error,
        })),
    }
}

async fn forget_what_need_not_be_unique(
    tx: &mut Tx<'_>,
    org: OrgId,
    old: &Schema,
    new: &Schema,
) -> Result<(), store::Error> {
    let still = scim::resource::unique_names(new);
    for name in scim::resource::unique_names(old) {
        if !still.contains(&name) {
            store::unique_values::forget(tx, org, &name).await?;
        }
    }
    Ok(())
}

struct RemoveSchema {
    org: OrgId,
    urn: String,
    cause: Cause,
}

impl Write for RemoveSchema {
    type Out = ();

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        let org = self.org;
        store::schemas::begin(tx, org).await?;
        let Some(stored) = find(tx, org, &self.urn).await? else {
            return Err(store::Error::refuse(Error::UnknownSchema {
                urn: self.urn.clone(),
            }));
        };
        let gone = definition(&stored)?;
        let resources = uses(tx, org, stored.kind, &gone.id).await?;
        if resources > 0 {
            let urn = gone.id;
            return Err(store::Error::refuse(Error::SchemaInUse { urn, resources }));
        }
        store::schemas::delete(tx, org, stored.id, &self.cause).await?;
        let before = (&gone, kind(stored.kind), stored.required);
        event("schema_delete", stored.id, (Some(before), None), &self.cause)
            .append(tx, org)
            .await
    }
}
