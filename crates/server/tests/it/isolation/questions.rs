//! What names a thing in a question: filters, cursors, places of pages, conditions on versions.

use serde_json::{Value, json};

use super::attempts::{Row, Table};

pub(super) fn table() -> Table {
    let mut table = reads();
    table.extend(api_reads());
    table
}

fn of_people() -> Vec<String> {
    [
        "id eq \"«user»\"",
        "id ge \"«user»\" and id le \"«user»\"",
        "not (id ne \"«user»\")",
        "userName eq \"«user_name»\"",
        "userName sw \"«user_name»\"",
        "userName pr and externalId eq \"«external_id»\"",
        "emails eq \"«email»\"",
        "emails[value eq \"«email»\" and type eq \"home\"]",
        "displayName eq \"«display_name»\"",
        "displayName co \"«display_name»\"",
        "groups eq \"«group»\"",
        "groups.value eq \"«group»\"",
        "groups[value eq \"«team»\" and type eq \"direct\"]",
        "groups.display eq \"«group_name»\"",
        "groups.$ref ew \"«group»\"",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq \"«manager»\"",
        "manager.value eq \"«manager»\"",
        "urn:scim:schemas:extension:cisco:webexidentity:2.0:User:meta.organizationId eq \"«org»\"",
        "«schema»:badge pr",
        "meta.location co \"«user»\"",
    ]
    .map(str::to_owned)
    .to_vec()
}

fn of_groups() -> Vec<String> {
    [
        "id eq \"«group»\"",
        "displayName eq \"«group_name»\"",
        "displayName sw \"«group_name»\"",
        "externalId eq \"«group_external_id»\"",
        "members eq \"«user»\"",
        "members.value eq \"«user»\"",
        "not (members.value ne \"«user»\")",
        "members[value eq \"«team»\" and type eq \"Group\"]",
        "members.display eq \"«display_name»\"",
        "members.$ref ew \"«user»\"",
        "urn:scim:schemas:extension:cisco:webexidentity:2.0:Group:meta.organizationID eq \"«org»\"",
    ]
    .map(str::to_owned)
    .to_vec()
}

fn reads() -> Table {
    let both = || of_people().into_iter().chain(of_groups()).collect();
    let mut table = Vec::new();
    for (list, search, filters, cursor) in [
        ("GET /Users", "POST /Users/.search", of_people(), "«cursor_users»"),
        (
            "GET /Groups",
            "POST /Groups/.search",
            of_groups(),
            "«cursor_groups»",
        ),
        ("GET ", "POST /.search", both(), "«cursor_both»"),
    ] {
        let mut rows: Vec<_> = filters
            .iter()
            .map(|filter| Row::query("filter", filter.clone()))
            .collect();
        let mut searches: Vec<_> = filters
            .iter()
            .map(|filter| Row::json(json!({ "filter": filter })))
            .collect();
        // Made for the same question elsewhere, and for another one here.
        for cursor in [
            cursor,
            "«own.cursor_users»",
            "«own.cursor_groups»",
            "«own.cursor_both»",
        ] {
            let mut row = Row::query("cursor", cursor);
            if cursor.starts_with("«own") {
                row.query.push(("filter", "id pr".to_owned()));
            }
            let body: Value = row
                .query
                .iter()
                .map(|(name, value)| ((*name).to_owned(), json!(value)))
                .collect();
            searches.push(Row::json(body));
            rows.push(row);
        }
        table.push((list, rows));
        table.push((search, searches));
    }
    for (read, tag) in [
        ("GET /Users/{id}", "«etag_user»"),
        ("GET /Groups/{id}", "«etag_group»"),
        ("GET /Me", "«etag_user»"),
        ("GET /identity/scim/v2/Users/me", "«etag_user»"),
    ] {
        table.push((read, vec![Row::header("if-none-match", tag, None)]));
    }
    table
}

fn api_reads() -> Table {
    let people = of_people().into_iter().map(|filter| Row::query("filter", filter));
    let queries = |name: &'static str, values: &[&str]| -> Vec<Row> {
        values.iter().map(|value| Row::query(name, *value)).collect()
    };
    let mut log = queries("app", &["«app»", "«app_name»"]);
    log.extend(queries("user", &["«user»", "«user_name»"]));
    log.extend(queries("cycle", &["«cycle»"]));
    log.extend(queries("after", &["«log»"]));
    let mut traces = queries("app", &["«app»", "«app_name»"]);
    traces.extend(queries("user", &["«user»", "«user_name»"]));
    traces.extend(queries("after", &["«trace»"]));
    let mut sessions = queries("person", &["«manager»", "«manager_name»"]);
    sessions.extend(queries("after", &["«session»"]));
    let mut grants = queries("person", &["«manager»", "«manager_name»"]);
    grants.extend(queries("after", &["«grant»"]));
    vec![
        (
            "GET /people",
            people.chain(queries("after", &["«user»"])).collect(),
        ),
        ("GET /groups", queries("after", &["«team»"])),
        (
            "GET /groups/{group}/members",
            queries("after", &["user:«manager»", "group:«team»"]),
        ),
        ("GET /apps/{app}/assignments", queries("after", &["«user»"])),
        ("GET /apps/{app}/import", queries("after", &["«job»"])),
        ("GET /licence-report", queries("after", &["«user»"])),
        ("GET /licence-runs", queries("after", &["«run»"])),
        (
            "GET /licence-runs/{run}/items",
            queries("after", &["«manager»:«licence»"]),
        ),
        ("GET /apps/{app}/plans", queries("after", &["«plan»"])),
        (
            "GET /apps/{app}/plans/{plan}/items",
            queries("after", &["«manager»"]),
        ),
        ("GET /log", log),
        ("GET /saml-traces", traces),
        ("GET /events", queries("after", &["«event»"])),
        ("GET /tokens", queries("after", &["«token»"])),
        ("GET /v1/licenses", queries("orgId", &["«org»"])),
        ("GET /clients", queries("after", &["«client»"])),
        ("GET /partners", queries("after", &["«partner»"])),
        ("GET /sessions", sessions),
        ("GET /grants", grants),
        ("GET /mails", queries("after", &["«mail»"])),
        ("POST /insights/directory/v1/events", insights()),
    ]
}

fn insights() -> Vec<Row> {
    let mut rows = Vec::new();
    for (field, value) in [
        ("id", "«event»"),
        ("organization", "«org»"),
        ("resource.id", "«user»"),
        ("resource.username", "«user_name»"),
        ("resource.name", "«group_name»"),
        ("application.id", "«app»"),
        ("application.name", "«app_name»"),
        ("correlation.id", "«correlation»"),
        ("plan.id", "«plan»"),
    ] {
        rows.push(json!({ "search_term": { "and": [{ field: value }] } }));
        rows.push(json!({ "search_term": { "or": [{ field: value }, { "not": [{ "id": "«event»" }] }] } }));
    }
    for key in ["«user»", "«user_name»", "«org»"] {
        rows.push(json!({ "q": key }));
        rows.push(json!({ "exact_match": key }));
    }
    rows.push(json!({ "search_after": [0, "«event»"] }));
    let question = |row: Value| {
        let mut body = json!({ "service": ["all"], "start_time": "2020-01-01T00:00:00Z" });
        for (name, value) in row.as_object().expect("an object") {
            body[name] = value.clone();
        }
        body
    };
    let mut rows: Vec<_> = rows.into_iter().map(|row| Row::json(question(row))).collect();
    rows.push(Row::header("x-org-id", "«org»", Some(question(json!({})))));
    rows
}
