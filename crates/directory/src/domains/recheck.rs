//! Verified domains are looked for again every day. Where the DNS says for two weeks that the record is not there, the domain
//! lapses: it may be somebody else's by now. A DNS that says nothing changes nothing.

use std::time::Duration;

use base::{Actor, OrgId};

use super::verify::Occasion;
use crate::{Directory, Error};

const EVERY: Duration = Duration::from_hours(24);
/// How long a record may be missing.
pub(super) const GRACE: Duration = Duration::from_hours(14 * 24);

impl Directory {
    /// Looks for every verified domain of an organization that was not looked for in the last day; says how many those were.
    /// Of several processes one looks for each.
    pub async fn recheck_domains(&self, org: OrgId) -> Result<u64, Error> {
        let due = self.ambient.now() - EVERY;
        let mut checked = 0;
        for domain in self.domains(org).await? {
            if domain.verified.is_none() {
                continue;
            }
            let cause = self.ambient.cause(Actor::system());
            if !domain.settled {
                self.settle_domain(&cause, org, &domain).await?;
            }
            if domain.checked.is_some_and(|checked| checked >= due) {
                continue;
            }
            let occasion = Occasion::Due(due);
            match self.ask_dns(&cause, org, &domain.name, occasion).await {
                Ok(Some(_)) => checked += 1,
                // Removed, renewed or taken in hand by somebody else meanwhile.
                Ok(None) | Err(Error::Domain(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(checked)
    }
}
