//! Changes that are worked out on an app as it was read, and anew when somebody else comes first.

use mapping::MappingSet;

use crate::error::Error;

/// How often a change is worked out anew when others come first.
const ATTEMPTS: usize = 10;

/// The rows as they are stored.
pub(crate) fn rows(mappings: &MappingSet) -> Result<Vec<String>, Error> {
    mappings.rows().map(to_json).collect()
}

pub(crate) fn to_json<T: serde::Serialize>(value: &T) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|error| Error::Store(store::Error::Internal(error.into())))
}

/// The attempts at a change that is worked out on an app as it was read.
#[derive(Default)]
pub(crate) struct Attempts(usize);

impl Attempts {
    /// Whether somebody else has changed the app meanwhile, so that the change is to be worked out anew.
    pub(crate) fn outrun(&mut self, done: Result<(), Error>) -> Result<bool, Error> {
        match done {
            Err(Error::Store(store::Error::VersionMismatch { .. })) => {
                self.0 += 1;
                if self.0 < ATTEMPTS {
                    Ok(true)
                } else {
                    Err(Error::Store(store::Error::Busy))
                }
            }
            done => done.map(|()| false),
        }
    }
}

pub(crate) fn unknown(error: store::Error) -> Error {
    match error {
        store::Error::NotFound => Error::UnknownApp,
        other => other.into(),
    }
}
