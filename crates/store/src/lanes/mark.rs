//! Marking lanes: there is something to do.

use base::{AppId, GroupId, OrgId, PlanId, SubjectId};

use super::{Mark, Verify};
use crate::error::Error;
use crate::params;
use crate::tx::Tx;
use crate::value::Value;

/// What happens to a lane that is there already.
const CONFLICT: &str = "ON CONFLICT (org, app, subject) DO UPDATE SET generation = lanes.generation + 1, \
    due = CASE WHEN lanes.lease_until IS NOT NULL THEN lanes.due \
               WHEN lanes.hold > excluded.due THEN lanes.hold ELSE excluded.due END, \
    verify = CASE WHEN excluded.verify = 1 THEN 1 ELSE lanes.verify END, \
    judged = CASE WHEN lanes.lease_until IS NOT NULL THEN lanes.judged ELSE 0 END, ";

/// The cycle that waits for it goes on waiting; work that is taken up again in one cycle counts once.
const KEEP_CYCLE: &str = "cycle = CASE WHEN lanes.pending = 1 THEN lanes.cycle ELSE excluded.cycle END, \
    outcome = CASE WHEN lanes.pending = 1 OR lanes.cycle = excluded.cycle THEN lanes.outcome ELSE NULL END, pending = 1";

/// It is another cycle's from now on.
const TAKE_CYCLE: &str = "cycle = excluded.cycle, outcome = NULL, pending = 1";

/// `INSERT … SELECT`: `what` gives the person, `from` is everything behind it. ?1 org, ?2 app, ?3 now, ?4 verify,
/// ?5 cycle; further parameters are the caller's.
fn mark_sql(what: &str, from: &str) -> String {
    insert_sql((what, "'user'"), from, KEEP_CYCLE)
}

/// The same; `kind` says whether it is a person or a group.
fn insert_sql((what, kind): (&str, &str), from: &str, cycle: &str) -> String {
    format!(
        "INSERT INTO lanes (org, app, subject, kind, generation, done_generation, due, fence, attempts, verify, cycle, \
         pending, judged) SELECT ?1, ?2, {what}, {kind}, 1, 0, ?3, 0, 0, ?4, ?5, 1, 0 {from} {CONFLICT}{cycle}"
    )
}

/// The same, with what the statement asks for by ?6.
fn mark_params_of(org: OrgId, app: AppId, mark: Mark, of: impl Into<Value>) -> Vec<Value> {
    let mut params = mark_params(org, app, mark);
    params.push(of.into());
    params
}

fn mark_params(org: OrgId, app: AppId, mark: Mark) -> Vec<Value> {
    params![org, app, mark.now, mark.verify == Verify::Yes, mark.cycle].to_vec()
}

/// Marks people whom the application concerns: who is assigned, in person or through a group, or has an account.
/// Says how many.
pub async fn mark_concerned(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    subjects: &[SubjectId],
    mark: Mark,
) -> Result<u64, Error> {
    let sql = mark_sql(
        "?6",
        "WHERE EXISTS (SELECT 1 FROM links WHERE org = ?1 AND app = ?2 AND subject = ?6) \
         OR EXISTS (SELECT 1 FROM lanes WHERE org = ?1 AND app = ?2 AND subject = ?6 \
                    AND (due IS NOT NULL OR error IS NOT NULL)) \
         OR EXISTS (SELECT 1 FROM assignments WHERE org = ?1 AND app = ?2 AND subject = ?6 AND kind = 'user') \
         OR EXISTS (SELECT 1 FROM members m JOIN assignments a \
                    ON a.org = m.org AND a.app = ?2 AND a.subject = m.group_id \
                    WHERE m.org = ?1 AND m.member_id = ?6 AND m.member_kind = 'user')",
    );
    each(tx, &sql, subjects, &mark_params(org, app, mark)).await
}

/// Marks the same, and who is in a group within an assigned one.
pub async fn mark_concerned_nested(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    subjects: &[SubjectId],
    mark: Mark,
) -> Result<u64, Error> {
    let sql = mark_sql(
        "?6",
        "WHERE EXISTS (SELECT 1 FROM links WHERE org = ?1 AND app = ?2 AND subject = ?6) \
         OR EXISTS (SELECT 1 FROM lanes WHERE org = ?1 AND app = ?2 AND subject = ?6 \
                    AND (due IS NOT NULL OR error IS NOT NULL)) \
         OR EXISTS (SELECT 1 FROM assignments WHERE org = ?1 AND app = ?2 AND subject = ?6 AND kind = 'user') \
         OR (EXISTS (SELECT 1 FROM users WHERE org = ?1 AND id = ?6) AND EXISTS (\
             WITH RECURSIVE above (id) AS (\
             SELECT m.group_id FROM members m WHERE m.org = ?1 AND m.member_id = ?6 \
             UNION \
             SELECT m.group_id FROM above a CROSS JOIN members m WHERE m.org = ?1 AND m.member_id = a.id) \
             SELECT 1 FROM above CROSS JOIN assignments s WHERE s.org = ?1 AND s.app = ?2 AND s.subject = above.id))",
    );
    each(tx, &sql, subjects, &mark_params(org, app, mark)).await
}

/// Marks people who are in the directory, have an account, or whose lane has something to do still. Says how many.
pub async fn mark_known(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    subjects: &[SubjectId],
    mark: Mark,
) -> Result<u64, Error> {
    let sql = mark_sql(
        "?6",
        "WHERE EXISTS (SELECT 1 FROM users WHERE org = ?1 AND id = ?6) \
         OR EXISTS (SELECT 1 FROM links WHERE org = ?1 AND app = ?2 AND subject = ?6) \
         OR EXISTS (SELECT 1 FROM lanes WHERE org = ?1 AND app = ?2 AND subject = ?6 \
                    AND (due IS NOT NULL OR error IS NOT NULL))",
    );
    each(tx, &sql, subjects, &mark_params(org, app, mark)).await
}

async fn each(tx: &mut Tx<'_>, sql: &str, subjects: &[SubjectId], common: &[Value]) -> Result<u64, Error> {
    let sets: Vec<_> = subjects
        .iter()
        .map(|subject| common.iter().cloned().chain([Value::from(*subject)]).collect())
        .collect();
    tx.execute_many(sql, &sets).await
}

/// Marks the people who are direct members of a group.
pub async fn mark_members(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    group: GroupId,
    mark: Mark,
) -> Result<u64, Error> {
    let sql = mark_sql(
        "member_id",
        "FROM members WHERE org = ?1 AND group_id = ?6 AND member_kind = 'user'",
    );
    tx.execute(&sql, &mark_params_of(org, app, mark, group)).await
}

/// Marks those whose accounts refer to a subject's.
pub async fn mark_referring(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    referenced: SubjectId,
    mark: Mark,
) -> Result<u64, Error> {
    let sql = mark_sql(
        "subject",
        "FROM account_references WHERE org = ?1 AND app = ?2 AND referenced = ?6",
    );
    tx.execute(&sql, &mark_params_of(org, app, mark, referenced))
        .await
}

/// Marks a subject that has a lane, whatever it has to do with the application.
pub async fn mark_again(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    subject: SubjectId,
    mark: Mark,
) -> Result<u64, Error> {
    let sql = mark_sql(
        "?6",
        "WHERE EXISTS (SELECT 1 FROM lanes WHERE org = ?1 AND app = ?2 AND subject = ?6)",
    );
    tx.execute(&sql, &mark_params_of(org, app, mark, subject)).await
}

/// Marks everybody in the directory.
pub async fn mark_everybody(tx: &mut Tx<'_>, org: OrgId, app: AppId, mark: Mark) -> Result<u64, Error> {
    let sql = mark_sql("id", "FROM users WHERE org = ?1");
    tx.execute(&sql, &mark_params(org, app, mark)).await
}

/// Marks groups that are in the directory, are held at the target, or whose lane has something to do still. Says how many.
pub async fn mark_known_groups(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    groups: &[SubjectId],
    mark: Mark,
) -> Result<u64, Error> {
    let sql = group_sql("SELECT 1 FROM groups WHERE org = ?1 AND id = ?6");
    each(tx, &sql, groups, &mark_params(org, app, mark)).await
}

/// Marks groups that are assigned, are held at the target, or whose lane has something to do still. Says how many.
pub async fn mark_concerned_groups(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    groups: &[SubjectId],
    mark: Mark,
) -> Result<u64, Error> {
    let sql = group_sql(
        "SELECT 1 FROM assignments WHERE org = ?1 AND app = ?2 AND subject = ?6 AND kind = 'group'",
    );
    each(tx, &sql, groups, &mark_params(org, app, mark)).await
}

fn group_sql(wanted: &str) -> String {
    let from = format!(
        "WHERE EXISTS ({wanted}) \
         OR EXISTS (SELECT 1 FROM links WHERE org = ?1 AND app = ?2 AND subject = ?6 AND kind = 'group') \
         OR EXISTS (SELECT 1 FROM lanes WHERE org = ?1 AND app = ?2 AND subject = ?6 AND kind = 'group' \
                    AND (due IS NOT NULL OR error IS NOT NULL))"
    );
    insert_sql(("?6", "'group'"), &from, KEEP_CYCLE)
}

/// Marks every group of the directory.
pub async fn mark_every_group(tx: &mut Tx<'_>, org: OrgId, app: AppId, mark: Mark) -> Result<u64, Error> {
    let sql = insert_sql(("id", "'group'"), "FROM groups WHERE org = ?1", KEEP_CYCLE);
    tx.execute(&sql, &mark_params(org, app, mark)).await
}

/// Marks every group that is assigned.
pub async fn mark_assigned_groups(tx: &mut Tx<'_>, org: OrgId, app: AppId, mark: Mark) -> Result<u64, Error> {
    let from = "FROM assignments WHERE org = ?1 AND app = ?2 AND kind = 'group'";
    let sql = insert_sql(("subject", "'group'"), from, KEEP_CYCLE);
    tx.execute(&sql, &mark_params(org, app, mark)).await
}

/// Marks everybody who is assigned, in person or through a group.
pub async fn mark_assigned(tx: &mut Tx<'_>, org: OrgId, app: AppId, mark: Mark) -> Result<u64, Error> {
    let sql = mark_sql(
        "subject",
        "FROM (SELECT subject FROM assignments WHERE org = ?1 AND app = ?2 AND kind = 'user' \
         UNION SELECT m.member_id FROM assignments a JOIN members m \
         ON m.org = a.org AND m.group_id = a.subject AND m.member_kind = 'user' \
         WHERE a.org = ?1 AND a.app = ?2 AND a.kind = 'group') s WHERE 1 = 1",
    );
    tx.execute(&sql, &mark_params(org, app, mark)).await
}

/// Marks the same, and who is in a group within an assigned one.
pub async fn mark_assigned_nested(tx: &mut Tx<'_>, org: OrgId, app: AppId, mark: Mark) -> Result<u64, Error> {
    let sql = mark_sql(
        "subject",
        "FROM (SELECT subject FROM assignments WHERE org = ?1 AND app = ?2 AND kind = 'user' \
         UNION SELECT m.member_id FROM (WITH RECURSIVE below (id) AS (\
             SELECT subject FROM assignments WHERE org = ?1 AND app = ?2 AND kind = 'group' \
             UNION \
             SELECT m.member_id FROM below b CROSS JOIN members m \
             WHERE m.org = ?1 AND m.group_id = b.id AND m.member_kind = 'group') SELECT id FROM below) g \
         CROSS JOIN members m WHERE m.org = ?1 AND m.group_id = g.id AND m.member_kind = 'user') s WHERE 1 = 1",
    );
    tx.execute(&sql, &mark_params(org, app, mark)).await
}

/// Which items of a plan are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Items {
    All,
    /// Those by which no account goes.
    Harmless,
}

/// Marks everybody for whom a plan holds something, to carry out its approved items.
pub async fn mark_planned(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    plan: PlanId,
    mark: Mark,
) -> Result<u64, Error> {
    let marked = mark_items(tx, org, app, (plan, Items::All), mark).await?;
    let sql = "UPDATE lanes SET plan = ?3 WHERE org = ?1 AND app = ?2 AND cycle = ?4";
    tx.execute(sql, params![org, app, plan, mark.cycle]).await?;
    Ok(marked)
}

/// Marks everybody for whom a plan holds something, to be planned for anew.
pub async fn mark_items(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    (plan, items): (PlanId, Items),
    mark: Mark,
) -> Result<u64, Error> {
    let from = match items {
        Items::All => "FROM plan_items WHERE org = ?1 AND app = ?2 AND plan = ?6",
        Items::Harmless => "FROM plan_items WHERE org = ?1 AND app = ?2 AND plan = ?6 AND destructive = 0",
    };
    let sql = insert_sql(("subject", "kind"), from, TAKE_CYCLE);
    tx.execute(&sql, &mark_params_of(org, app, mark, plan)).await
}

/// Marks everybody whose account the target has changed, and every group that it has.
pub async fn mark_drifted(tx: &mut Tx<'_>, org: OrgId, app: AppId, mark: Mark) -> Result<u64, Error> {
    let sql = insert_sql(
        ("subject", "subject_kind"),
        "FROM (SELECT DISTINCT subject, subject_kind FROM drift \
         WHERE org = ?1 AND app = ?2 AND subject IS NOT NULL) s WHERE 1 = 1",
        KEEP_CYCLE,
    );
    tx.execute(&sql, &mark_params(org, app, mark)).await
}

/// The plan has nothing more to say about a subject.
pub async fn forget_plan(
    tx: &mut Tx<'_>,
    org: OrgId,
    app: AppId,
    subject: SubjectId,
    plan: PlanId,
) -> Result<(), Error> {
    let sql = "UPDATE lanes SET plan = NULL WHERE org = ?1 AND app = ?2 AND subject = ?3 AND plan = ?4";
    tx.execute(sql, params![org, app, subject, plan]).await.map(drop)
}

/// Marks everybody who has an account or whose lane has something to do still, and is not marked for the cycle yet.
pub async fn mark_linked(tx: &mut Tx<'_>, org: OrgId, app: AppId, mark: Mark) -> Result<u64, Error> {
    let sql = insert_sql(
        ("subject", "kind"),
        "FROM (SELECT subject, kind FROM links WHERE org = ?1 AND app = ?2 \
         UNION SELECT subject, kind FROM lanes WHERE org = ?1 AND app = ?2 AND (due IS NOT NULL OR error IS NOT NULL) \
         EXCEPT SELECT subject, kind FROM lanes WHERE org = ?1 AND app = ?2 AND cycle = ?5 AND pending = 1) s \
         WHERE 1 = 1",
        KEEP_CYCLE,
    );
    tx.execute(&sql, &mark_params(org, app, mark)).await
}

/// Lets no cycle wait any longer: before everybody is marked anew.
pub async fn detach(tx: &mut Tx<'_>, org: OrgId, app: AppId) -> Result<(), Error> {
    let sql = "UPDATE lanes SET pending = 0, outcome = NULL WHERE org = ?1 AND app = ?2 AND pending = 1";
    tx.execute(sql, params![org, app]).await.map(drop)
}

/// Forgets which accounts may have been created, and whoever works on a lane loses it: the target is another one now.
pub async fn forget_doubts(tx: &mut Tx<'_>, org: OrgId, app: AppId) -> Result<(), Error> {
    let sql = "UPDATE lanes SET doubt = NULL, hold = NULL, plan = NULL, fence = fence + 1, lease_until = NULL \
               WHERE org = ?1 AND app = ?2";
    tx.execute(sql, params![org, app]).await.map(drop)
}
