//! What people are to be told of: written into the event trail in the transaction in which it happens, and into the
//! outbox if the app names somebody who is to have it by mail.

use base::expiry::so_many;
use base::{AppId, Cause, Message, OrgId, PlanId, Timestamp};
use serde_json::{Value, json};
use store::events::{NewEvent, Outcome};
use store::outbox::Draft;
use store::{StoredId as _, Tx};

use crate::plans::Origin;
use crate::reconcile::{DriftCounts, GroupDrift};
use crate::settings::{Drift, Settings};
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
    /// The target has changed accounts by itself.
    DriftFound { counts: DriftCounts, mode: Drift },
    /// The target will soon not take the token any more.
    TokenExpires { at: Timestamp, days: u32 },
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
            Self::DriftFound { .. } => "idm_drift_found",
            Self::TokenExpires { .. } => "idm_token_expiry",
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
            Self::DriftFound { counts, mode } => {
                json!({ "name": app, "mode": mode, "counts": counts })
            }
            Self::TokenExpires { at, days } => json!({ "name": app, "expires_at": at, "days": days }),
        }
    }

    /// The subject and the text of the mail about it, if there is to be one.
    fn letter(&self, app: &str) -> Option<(String, String)> {
        let letter = match self {
            // Another one follows as soon as the plan is whole; and whoever asked for a plan knows of it.
            Self::ThresholdExceeded { .. }
            | Self::Healed
            | Self::DriftFound {
                mode: Drift::Correct, ..
            }
            | Self::PlanAwaits {
                origin: Origin::Saved,
                ..
            } => return None,
            Self::PlanAwaits { plan, .. } => (
                format!("{app}: a plan awaits your approval"),
                format!(
                    "What is to be done at {app} needs approval; until then nothing is sent.\n\n\
                     See it:      instep app plans show {app:?} {plan}\n\
                     Approve it:  instep app plans approve {app:?} {plan}\n\
                     Or not:      instep app plans discard {app:?} {plan}\n"
                ),
            ),
            Self::PlanExpired { plan } => (
                format!("{app}: a plan has expired"),
                format!(
                    "Nobody has decided on the plan {plan} for {app} in time. What it held is planned anew.\n"
                ),
            ),
            Self::Quarantined { reason } => (
                format!("{app} is in quarantine"),
                format!(
                    "{app} is not kept in step at the moment: {}.\n\n\
                     It is tried again by itself, ever more rarely, and goes on as soon as it works. After 28 days it\n\
                     is disabled.\n\n\
                     How it stands:  instep app status {app:?}\n\
                     Try it now:     instep app test {app:?}\n",
                    text(reason)
                ),
            ),
            Self::Disabled { since, reason } => (
                format!("{app} is disabled"),
                format!(
                    "{app} has been in quarantine since {since}: {}. Nothing is tried any more.\n\n\
                     Once it is mended:  instep app resume {app:?}\n",
                    text(reason)
                ),
            ),
            Self::DriftFound { counts, .. } => (
                format!("{app}: the target has changed accounts"),
                format!(
                    "At {app} accounts or groups are not as they should be: {}. Nothing is done about it.\n\n\
                     See it:           instep app drift {app:?}\n\
                     Bring them back:  instep app reconcile {app:?} --correct\n",
                    counted(counts)
                ),
            ),
            Self::TokenExpires { at, days } => (
                format!("{app}: the token expires within {}", so_many(*days)),
                format!(
                    "The token with which accounts are kept in step at {app} expires on {}. After that nothing can be\n\
                     done there.\n\n\
                     With a new one:  instep app set {app:?} --target-token-file FILE --target-token-expires-at TIME\n",
                    at.to_minute()
                ),
            ),
        };
        Some(letter)
    }

    /// Which plan it is about.
    fn plan(&self) -> Option<PlanId> {
        match self {
            Self::ThresholdExceeded { plan, .. }
            | Self::PlanAwaits { plan, .. }
            | Self::PlanExpired { plan } => Some(*plan),
            Self::Quarantined { .. }
            | Self::Healed
            | Self::Disabled { .. }
            | Self::DriftFound { .. }
            | Self::TokenExpires { .. } => None,
        }
    }
}

/// `2 changed, 1 vanished, 1 group changed`
fn counted(counts: &DriftCounts) -> String {
    let groups = |number| if number == 1 { "group" } else { "groups" };
    let GroupDrift {
        changed, vanished, ..
    } = counts.groups;
    let counts = [
        (counts.changed, "changed".to_owned()),
        (counts.enabled, "enabled".to_owned()),
        (counts.disabled, "disabled".to_owned()),
        (counts.vanished, "vanished".to_owned()),
        (changed, format!("{} changed", groups(changed))),
        (vanished, format!("{} vanished", groups(vanished))),
    ];
    let counts = counts.into_iter().filter(|(number, _)| *number > 0);
    let counts: Vec<_> = counts.map(|(number, what)| format!("{number} {what}")).collect();
    counts.join(", ")
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
    store::events::append(tx, org, &event, cause).await?;
    let Some((subject, text)) = announcement.letter(name) else {
        return Ok(());
    };
    match recipient(tx, org, app).await? {
        Some(recipient) => {
            let draft = Draft {
                recipient,
                subject,
                text,
            };
            store::outbox::insert(tx, org, &draft, cause).await.map(drop)
        }
        None => Ok(()),
    }
}

async fn recipient(tx: &mut Tx<'_>, org: OrgId, app: AppId) -> Result<Option<String>, store::Error> {
    let row = store::apps::by_id(tx, org, app).await?;
    // Settings that cannot be read tell nobody; the engine says so elsewhere.
    let settings = row.and_then(|row| serde_json::from_str::<Settings>(&row.settings).ok());
    Ok(settings.and_then(|settings| settings.notified().map(str::to_owned)))
}
