//! Test connection.

use base::{AppId, Message, OrgId};

use crate::engine::Ready;
use crate::error::Error;
use crate::provisioning::Provisioning;
use crate::target::{Verdict, probe};

impl Provisioning {
    /// Tests address and credentials, without touching an account. What does not work is a verdict, not an error.
    pub async fn test_connection(&self, org: OrgId, id: AppId) -> Result<Verdict, Error> {
        let row = self.app_row(org, id).await?;
        match self.config(org, &row).await? {
            Ready::Yes(config) => Ok(probe(&config.target, self.ambient()).await),
            Ready::No(reason) if reason.code == "app.no_token" => Ok(Verdict {
                ok: false,
                message: Message::new("test.no_token"),
            }),
            Ready::No(message) => Ok(Verdict { ok: false, message }),
        }
    }
}
