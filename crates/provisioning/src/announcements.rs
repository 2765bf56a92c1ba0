//! What people are to be told of: written into the event trail in the transaction in which it happens. The one place
//! through which everything goes that is to reach somebody by other ways, too.

use base::{AppId, Cause, Message, OrgId, PlanId, Timestamp};
use serde_json::{Value, json};
use store::events::{NewEvent, Outcome};
use store::{StoredId as _, Tx};

use crate::plans::Origin;
use crate::text::text;

/// What has happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Announcement {
    /// More accounts would go than may go without anybody being asked: nothing is sent any more, and what is to be done
    /// is gathered in a plan.
    ThresholdExceeded { plan: PlanId, limit: u64 },
    /// A plan is whole and awaits approval.
    PlanAwaits { plan: PlanId, origin: Origin },
    /// Nobody has decided on a plan in time; what it held is planned anew.
    PlanExpired { plan: PlanId },
    /// The target is tried ever more rarely from now on.
    Quarantined { reason: Message },
    /// The target works again.
    Healed,
    /// The quarantine has lasted too long: nothing is tried any more.
    Disabled { since: Timestamp, reason: Message },
}

impl Announcement {
    fn event_type(&self) -> &'static str {
        match self {
            Self::ThresholdExceeded { .. } => "idm_plan_threshold",
            Self::PlanAwaits { .. } => "idm_plan_create",
            Self::PlanExpired { .. } => "idm_plan_expire",
            Self::Quarantined { .. } => "idm_quarantine_enter",
            Self::Healed => "idm_quarantine_leave",
            Self::Disabled { .. } => "idm_quarantine_disable",
        }
    }

    fn doc(&self, app: &str) -> Value {
        match self {
            Self::ThresholdExceeded { plan, limit } => {
                json!({ "name": app, "plan": plan, "limit": limit })
            }
            Self::PlanAwaits { plan, origin } => {
                json!({ "name": app, "plan": plan, "origin": origin.as_str() })
            }
            Self::PlanExpired { plan } => json!({ "name": app, "plan": plan }),
            Self::Quarantined { reason } => {
                json!({ "name": app, "code": reason.code, "text": text(reason) })
            }
            Self::Healed => json!({ "name": app }),
            Self::Disabled { since, reason } => {
                json!({ "name": app, "since": since, "code": reason.code, "text": text(reason) })
            }
        }
    }

    /// Which plan it is about.
    fn plan(&self) -> Option<PlanId> {
        match self {
            Self::ThresholdExceeded { plan, .. }
            | Self::PlanAwaits { plan, .. }
            | Self::PlanExpired { plan } => Some(*plan),
            Self::Quarantined { .. } | Self::Healed | Self::Disabled { .. } => None,
        }
    }
}

/// Tells it, in the write in which it happens.
pub(crate) async fn announce(
    tx: &mut Tx<'_>,
    org: OrgId,
    (app, name): (AppId, &str),
    announcement: &Announcement,
    cause: &Cause,
) -> Result<(), store::Error> {
    let mut doc = announcement.doc(name);
    if let Some(plan) = announcement.plan() {
        doc["counts"] = crate::events::item_counts(tx, org, (app, plan)).await?;
    }
    let event = NewEvent {
        event_type: announcement.event_type().to_owned(),
        outcome: Outcome::Succeeded,
        resource_kind: "app".to_owned(),
        resource_id: Some(app.stored()),
        doc: doc.to_string(),
    };
    store::events::append(tx, org, &event, cause).await.map(drop)
}
