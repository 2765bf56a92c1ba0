//! The accounts of one person, at every app.

use base::{AppId, Message, OrgId, Timestamp, UserId};

use crate::error::Error;
use crate::provisioning::Provisioning;
use crate::status::read_message;

/// A person's account at an app, or why there is none.
#[derive(Debug, Clone, PartialEq)]
pub struct AccountView {
    pub app: AppId,
    pub app_name: String,
    pub remote_id: Option<String>,
    /// `active`, `disabled` or `none`.
    pub state: &'static str,
    pub error: Option<Message>,
    pub next_attempt: Option<Timestamp>,
}

impl Provisioning {
    /// One for each app at which the person has an account or a failure.
    pub async fn accounts_of(&self, org: OrgId, user: UserId) -> Result<Vec<AccountView>, Error> {
        let mut reader = self.reader();
        let links = store::links::of_subject(&mut reader, org, user.into()).await?;
        let mut views = Vec::new();
        for app in store::apps::all(&mut reader, org).await? {
            let link = links.iter().find(|link| link.app == app.id);
            let failing = store::lanes::failing_subject(&mut reader, org, app.id, user.into()).await?;
            if link.is_none() && failing.is_none() {
                continue;
            }
            let error = failing.as_ref().map(|failing| read_message(&failing.error));
            views.push(AccountView {
                app: app.id,
                app_name: app.name,
                remote_id: link.map(|link| link.remote_id.clone()),
                state: link.map_or("none", |link| link.state.as_str()),
                error: error.transpose()?,
                next_attempt: failing.and_then(|failing| failing.next_attempt),
            });
        }
        Ok(views)
    }
}
