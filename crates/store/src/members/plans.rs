//! No statement on memberships looks at more of them than it is about.

use base::{GroupId, OrgId, Timestamp};

use super::change::REMOVE;
use super::nesting::{ABOVE, BELOW, above_several_sql, direct_sql};
use super::{CONTAINS, GROUP_IDS, PAGE, USER_IDS, among_sql};
use crate::value::Value;

const BY_GROUP: &str = "USING PRIMARY KEY (org=? AND group_id=?";
const BY_MEMBER: &str = "USING COVERING INDEX members_member (org=? AND member_id=?";
const BY_BOTH: &str = "USING COVERING INDEX members_member (org=? AND member_id=? AND group_id=?";

#[test]
fn every_statement_goes_by_an_index() {
    let mut connection = rusqlite::Connection::open_in_memory().expect("opens");
    crate::migrations::sqlite(&mut connection).expect("tables");
    let org: Value = OrgId::new(Timestamp::default(), [1; 10]).into();
    let group: Value = GroupId::new(Timestamp::default(), [2; 10]).into();
    let id = || group.clone();
    let kind = || Value::from("user");
    for (sql, params, expected) in [
        (
            PAGE.to_owned(),
            vec![id(), kind(), id(), 10_u32.into()],
            &[BY_GROUP][..],
        ),
        (
            USER_IDS.to_owned(),
            vec![id(), id(), 10_u32.into()],
            &["(org=? AND group_id=? AND member_kind=? AND member_id>?)"],
        ),
        (CONTAINS.to_owned(), vec![id(), id()], &[BY_BOTH]),
        (GROUP_IDS.to_owned(), vec![id()], &[BY_MEMBER]),
        (
            among_sql("?4"),
            vec![id(), id(), id()],
            &[BY_MEMBER, "group_id>? AND group_id<?"],
        ),
        (
            REMOVE.to_owned(),
            vec![id(), id(), kind()],
            &["(org=? AND group_id=? AND member_kind=? AND member_id=?)"],
        ),
        (direct_sql("?2"), vec![id()], &[BY_MEMBER]),
        (above_several_sql("?2"), vec![id()], &[BY_MEMBER]),
        (ABOVE.to_owned(), vec![id()], &[BY_MEMBER]),
        (
            BELOW.to_owned(),
            vec![id()],
            &["USING PRIMARY KEY (org=? AND group_id=? AND member_kind=?)"],
        ),
    ] {
        let params: Vec<Value> = std::iter::once(org.clone()).chain(params).collect();
        let rows = crate::sqlite::query(&connection, &format!("EXPLAIN QUERY PLAN {sql}"), &params);
        let lines = rows.expect("a plan");
        let lines: Vec<&str> = lines.iter().map(|row| row.text(3).expect("a line")).collect();
        let plan = lines.join("\n");
        for part in expected {
            assert!(plan.contains(part), "{part} is not in the plan of {sql}:\n{plan}");
        }
        // Of a result of its own a statement may look at all, of a table never: not even of an organization's part.
        let whole = lines.iter().any(|line| {
            line.contains("(org=?)") || line.contains("AUTOMATIC") || line.contains("SCAN members")
        });
        assert!(!whole, "{sql}:\n{plan}");
    }
}
