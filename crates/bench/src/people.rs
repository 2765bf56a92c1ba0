//! Who is in the directories that are measured.

use anyhow::{Context as _, Result, bail};
use base::{Actor, Ambient, OrgId, UserId};
use directory::{Change, Directory, NewUser, Source};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use scim::ResourceTypes;
use serde_json::{Value, json};
use store::{Database, Store};

/// How many people one transaction brings in, and how many transactions are prepared at once.
const CHUNK: usize = 1_000;
const AT_ONCE: usize = 4;

/// The document of one person.
pub fn person(at: usize) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": user_name(at),
        "externalId": format!("external-{at}"),
        "name": { "givenName": format!("Given{at}"), "familyName": format!("Family{at}") },
        "displayName": format!("Given{at} Family{at}"),
        "title": "Engineer",
        "emails": [{ "value": user_name(at), "type": "work", "primary": true }],
        "phoneNumbers": [{ "value": "+44 114 496 0178", "type": "work" }],
        "addresses": [{ "type": "work", "country": "GB", "locality": "Sheffield", "streetAddress": "18 Kelham Bank" }],
        "active": true,
    })
}

pub fn user_name(at: usize) -> String {
    format!("person{at}@people.example")
}

/// Creates people as the service would, but many to a transaction, beside whatever else runs on the database. Their
/// ids, in the order of their numbers.
pub async fn load(database: &str, org: &str, people: usize) -> Result<Vec<UserId>> {
    let store = Store::open(&Database::parse(database)?, Ambient::system()).await?;
    let ambient = store.ambient().clone();
    let directory = Directory::new(store, ambient.clone());
    let org: OrgId = org.parse().context("an organization's id")?;
    let ids: Vec<UserId> = (0..people).map(|_| ambient.id()).collect();
    let chunks = ids.chunks(CHUNK).enumerate().map(|(chunk, ids)| {
        let (directory, cause) = (&directory, ambient.cause(Actor::operator()));
        async move {
            let change = Change {
                cause: &cause,
                source: Source::Operator,
                types: ResourceTypes::built_in(),
                settings: directory.settings(org).await?,
            };
            let users: Result<Vec<_>> = ids
                .iter()
                .enumerate()
                .map(|(at, id)| newcomer(*id, chunk * CHUNK + at))
                .collect();
            directory.create_users(&change, org, users?).await?;
            anyhow::Ok(())
        }
    });
    stream::iter(chunks)
        .buffer_unordered(AT_ONCE)
        .try_collect::<()>()
        .await?;
    Ok(ids)
}

fn newcomer(id: UserId, at: usize) -> Result<NewUser> {
    let types = ResourceTypes::built_in();
    match scim::resource::read(person(at), &types.user, scim::resource::Mode::Create) {
        Ok(resource) => Ok(NewUser { id, resource }),
        Err(error) => bail!("person {at} is none: {error}"),
    }
}
