//! The directory, as imports from apps know it: makes people by its rules.

use std::fmt;

use base::{Cause, Message, OrgId};
use directory::{Change, Directory, NewUser, Source};
use futures_util::future::{BoxFuture, FutureExt as _, join_all};
use provisioning::Newcomer;
use scim::resource::Mode;
use serde_json::Value;

/// Makes people of what an import finds.
#[derive(Clone)]
pub struct Newcomers(pub Directory);

impl fmt::Debug for Newcomers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Newcomers(..)")
    }
}

impl provisioning::Newcomers for Newcomers {
    fn create<'a>(
        &'a self,
        org: OrgId,
        newcomers: Vec<Newcomer>,
        cause: &'a Cause,
    ) -> BoxFuture<'a, Result<Vec<Result<(), Message>>, store::Error>> {
        self.create_all(org, newcomers, cause).boxed()
    }
}

impl Newcomers {
    async fn create_all(
        &self,
        org: OrgId,
        newcomers: Vec<Newcomer>,
        cause: &Cause,
    ) -> Result<Vec<Result<(), Message>>, store::Error> {
        // No token brings the revisions along: they are read.
        let types = self.0.resource_types(org, i64::MAX).await.map_err(passing)?;
        let settings = self.0.settings(org).await.map_err(passing)?;
        let change = Change {
            cause,
            source: Source::Import,
            types: &types,
            settings,
        };
        let results = join_all(
            newcomers
                .into_iter()
                .map(|one| self.create_one(&change, org, one)),
        )
        .await;
        results.into_iter().collect()
    }

    async fn create_one(
        &self,
        change: &Change<'_>,
        org: OrgId,
        Newcomer { id, resource }: Newcomer,
    ) -> Result<Result<(), Message>, store::Error> {
        let read = scim::resource::read(Value::Object(resource), &change.types.user, Mode::Create);
        let resource = match read {
            Ok(resource) => resource,
            Err(error) => return Ok(Err(refused(&error))),
        };
        let created = self
            .0
            .create_users(change, org, vec![NewUser { id, resource }])
            .await;
        match created {
            Ok(_) => Ok(Ok(())),
            Err(directory::Error::UserNameTaken { user_name }) => {
                Ok(Err(Message::new("import.user_name_taken").with("name", user_name)))
            }
            Err(
                error @ (directory::Error::UserNameNotEmail { .. }
                | directory::Error::ValueTaken { .. }
                | directory::Error::Domain(_)),
            ) => Ok(Err(refused(&error))),
            Err(directory::Error::Scim(error)) if error.status < 500 => Ok(Err(refused(&error.detail))),
            Err(error) => Err(passing(error)),
        }
    }
}

fn refused(reason: &impl ToString) -> Message {
    Message::new("import.refused").with("reason", reason.to_string())
}

fn passing(error: directory::Error) -> store::Error {
    match error {
        directory::Error::Store(error) => error,
        other => store::Error::internal(other.to_string()),
    }
}
