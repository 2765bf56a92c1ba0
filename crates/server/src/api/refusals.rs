//! What is refused before the rooms below hear of it stands in the event trail, too.

use base::AppId;
use provisioning::Tried;

use super::Problem;
use crate::State;
use crate::middleware::context::Caller;

/// Notes it if an attempt at an app was refused. `None`: the app is not there yet.
pub async fn noted<T>(
    (state, caller): (&State, &Caller),
    (app, tried): (Option<AppId>, Tried<'_>),
    result: Result<T, Problem>,
) -> Result<T, Problem> {
    let refusal = result.as_ref().err().and_then(Problem::refusal);
    if let Some(why) = refusal {
        let org = caller.principal.org;
        let noted = state
            .provisioning
            .note_refusal(org, (app, tried), why, caller.cause())
            .await;
        if let Err(error) = noted {
            tracing::warn!(%error, "a refused attempt was not noted");
        }
    }
    result
}
