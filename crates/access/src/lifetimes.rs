//! How long things live that people get by signing in, as their organization has it. What is out already keeps its end.

use std::time::Duration;

use base::OrgId;

use crate::{Access, Error};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lifetimes {
    /// Of access tokens that clients get.
    pub(crate) access: Duration,
    /// Of refresh tokens that nobody uses.
    pub(crate) refresh: Duration,
    pub(crate) session: Duration,
    /// Of sessions in which nothing is done.
    pub(crate) idle: Duration,
}

impl Access {
    pub(crate) async fn lifetimes(&self, org: OrgId) -> Result<Lifetimes, Error> {
        let (_, settings) = directory::read_settings(&mut self.store.reader(), org).await?;
        Ok(Lifetimes {
            access: Duration::from_mins(settings.access_token_minutes.into()),
            refresh: Duration::from_hours(24 * u64::from(settings.refresh_token_days)),
            session: Duration::from_hours(settings.session_hours.into()),
            idle: Duration::from_mins(settings.idle_minutes.into()),
        })
    }
}
