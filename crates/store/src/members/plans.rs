//! No statement on memberships looks at more of them than it is about.

use base::{GroupId, OrgId, Timestamp};

use super::change::REMOVE;
use super::nesting::{ABOVE, BELOW, above_several_sql, direct_sql};
use super::{CONTAINS, GROUP_IDS, MemberId, SubjectKind, USER_IDS, among_sql, page_sql};
use crate::Start;
use crate::value::Value;

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
            USER_IDS.to_owned(),
            vec![id(), id(), 10_u32.into()],
            &["(org=? AND group_id=? AND member_kind=? AND member_id>?)"][..],
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
        check(&connection, &sql, &params, expected);
    }
}

#[test]
fn every_page_is_a_range_of_the_key() {
    let mut connection = rusqlite::Connection::open_in_memory().expect("opens");
    crate::migrations::sqlite(&mut connection).expect("tables");
    let org = OrgId::new(Timestamp::default(), [1; 10]);
    let group = GroupId::new(Timestamp::default(), [2; 10]);
    let behind = Start::After(MemberId::Group(group));
    for (kind, start, expected) in [
        (None, Start::FIRST, "(org=? AND group_id=?)"),
        (
            None,
            behind,
            "(org=? AND group_id=? AND (member_kind,member_id)>(?,?))",
        ),
        (
            Some(SubjectKind::Group),
            Start::FIRST,
            "(org=? AND group_id=? AND member_kind=?)",
        ),
        (
            Some(SubjectKind::Group),
            behind,
            "(org=? AND group_id=? AND member_kind=? AND member_id>?)",
        ),
    ] {
        let (sql, params) = page_sql(org, group, kind, start, 10);
        check(
            &connection,
            &sql,
            &params,
            &[&format!("members USING PRIMARY KEY {expected}")],
        );
    }
}

fn check(connection: &rusqlite::Connection, sql: &str, params: &[Value], expected: &[&str]) {
    let rows = crate::sqlite::query(connection, &format!("EXPLAIN QUERY PLAN {sql}"), params);
    let lines = rows.expect("a plan");
    let lines: Vec<&str> = lines.iter().map(|row| row.text(3).expect("a line")).collect();
    let plan = lines.join("\n");
    for part in expected {
        assert!(plan.contains(part), "{part} is not in the plan of {sql}:\n{plan}");
    }
    // Of a result of its own a statement may look at all, of a table never: not even of an organization's part.
    let whole = |line: &&str| {
        ["(org=?)", "AUTOMATIC", "SCAN members"]
            .iter()
            .any(|bad| line.contains(bad))
    };
    assert_eq!(lines.iter().find(|line| whole(line)), None, "{sql}:\n{plan}");
}
