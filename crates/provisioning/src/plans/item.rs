//! From the plan for one person to an item of a kept plan, and whether the two are still the same.

use base::{Fingerprinter, Message, OrgId, Timestamp};
use serde::{Deserialize, Serialize};
use store::plan_items::Draft;

use crate::engine::Source;
use crate::error::Error;
use crate::plan::{Action, Plan, Scope};
use crate::preview::PlannedRequest;

/// What an item is made on: what tells, when it no longer fits, what has changed since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Basis {
    /// The person's version; `None`: removed for good.
    person: Option<i64>,
    scope: Message,
    /// The app's version.
    app: i64,
    /// The account.
    target: Option<String>,
    /// The time that mappings were told.
    pub(crate) at: Timestamp,
}

impl Basis {
    pub(crate) fn new(source: &Source, app_version: i64, target: Option<&str>) -> Self {
        let (Scope::In(scope) | Scope::Out(scope)) = &source.scope;
        Self {
            person: source.present.as_ref().map(|present| present.version),
            scope: scope.clone(),
            app: app_version,
            target: target.map(str::to_owned),
            at: source.now,
        }
    }

    pub(crate) fn read(text: &str) -> Result<Self, Error> {
        serde_json::from_str(text).map_err(|error| Error::damaged("item of a plan", &error))
    }

    /// Why what was planned on this is no longer what is to be done.
    pub(crate) fn stale(&self, now: &Self) -> Message {
        Message::new(if self.person != now.person {
            "plan.stale_person"
        } else if self.scope != now.scope {
            "plan.stale_scope"
        } else if self.app != now.app {
            "plan.stale_app"
        } else if self.target != now.target {
            "plan.stale_link"
        } else {
            "plan.stale_account"
        })
    }
}

/// Whether there is anything to be carried out: a request, or an account that becomes somebody's.
pub(crate) fn does_something(plan: &Plan) -> bool {
    plan.request.is_some() || plan.action == Action::Link
}

/// The fingerprint of what is to be carried out: the very request, and whose account becomes whose.
pub(crate) fn digest(fingerprinter: &Fingerprinter, org: OrgId, plan: &Plan) -> String {
    let linked = plan.target.as_deref().filter(|_| plan.action == Action::Link);
    let request = plan
        .request
        .as_ref()
        .map(|request| (request.method(), request.path(plan.kind), request.body()));
    let what = serde_json::to_vec(&(linked, request)).unwrap_or_default();
    fingerprinter.of(org, &what)
}

/// An item of a kept plan.
pub(crate) fn draft(
    source: &Source,
    plan: &Plan,
    (destructive, digest, basis): (bool, String, &Basis),
) -> Result<Draft, Error> {
    Ok(Draft {
        subject: source.subject,
        kind: source.kind,
        subject_name: source.name.clone(),
        action: plan.action.as_str().to_owned(),
        destructive,
        reason: crate::apps::revision::to_json(&plan.reason)?,
        changes: crate::apps::revision::to_json(&plan.changes)?,
        request: PlannedRequest::of(plan)
            .map(|request| crate::apps::revision::to_json(&request))
            .transpose()?,
        digest,
        basis: crate::apps::revision::to_json(basis)?,
    })
}

/// An item for somebody who cannot be planned for.
pub(crate) fn unplanned(source: &Source, reason: &Message, basis: &Basis) -> Result<Draft, Error> {
    Ok(Draft {
        subject: source.subject,
        kind: source.kind,
        subject_name: source.name.clone(),
        action: "error".to_owned(),
        destructive: false,
        reason: crate::apps::revision::to_json(reason)?,
        changes: "[]".to_owned(),
        request: None,
        digest: String::new(),
        basis: crate::apps::revision::to_json(basis)?,
    })
}
