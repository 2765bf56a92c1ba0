//! The DNS, as the directory asks it.

use directory::domains::{NoAnswer, TxtAnswer, TxtRecords};
use outbound::{Dns, TxtError};

pub(crate) struct Records(pub(crate) Dns);

impl TxtRecords for Records {
    fn txt<'a>(&'a self, name: &'a str) -> TxtAnswer<'a> {
        Box::pin(async move {
            self.0.txt(name).await.map_err(|error| match error {
                TxtError::NoSuchName => NoAnswer::NoSuchName,
                TxtError::ServerFailed(reason) => NoAnswer::ServerFailed(reason),
                TxtError::TimedOut => NoAnswer::TimedOut,
                TxtError::Unusable(reason) => NoAnswer::Unusable(reason),
            })
        })
    }
}
