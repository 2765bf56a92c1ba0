//! Apps, their state, assignments, attributes and scoping filters.

use super::book::Book;
use super::shape::{
    Shape, anything, count, flag, id, list_of, map_of, named, object, object_and, or_null, page_of, text,
    time, words,
};
use super::words as w;
use crate::api::{apps, assignments, attributes, filter};

pub fn describe(book: &mut Book) {
    shapes(book);
    list(book);
    states(book);
    status(book);
    parts(book);
}

fn shapes(book: &mut Book) {
    book.shape("Note", object([("code", text()), ("text", text())]));
    let subject = object([("kind", w::subject()), ("id", id()), ("name", text())]);
    book.shape("Subject", subject);
    let verdict = object([
        ("ok", flag()),
        ("code", text()),
        ("params", map_of(text())),
        ("text", text()),
    ]);
    book.shape("Verdict", verdict);
    book.shape("Switches", switches());
    book.shape("AppSettings", settings());
    let way = object([
        ("name", text()),
        ("value", text()),
        ("origin", words(["assumed", "announced", "observed", "set"])),
        ("seen_at", or_null(time())),
    ]);
    let app = object_and(
        [
            ("id", id()),
            ("name", text()),
            ("template", w::template()),
            ("preset", text()),
            ("state", w::app_state()),
            ("removal", or_null(words(["disable", "delete"]))),
            ("removal_groups", or_null(words(["keep", "delete"]))),
            ("started", flag()),
            ("base_url", text()),
            ("scope", w::app_scope()),
            ("settings", named("AppSettings")),
            ("has_token", flag()),
            ("token_expires_at", or_null(time())),
            ("created_at", time()),
            ("modified_at", time()),
            ("warnings", list_of(named("Note"))),
        ],
        [("verified", named("Verdict")), ("ways", list_of(named("Way")))],
    );
    book.shape("Way", way);
    book.shape("App", app);
}

fn switches() -> Shape {
    object([
        ("create", flag()),
        ("update", flag()),
        ("deactivate", flag()),
        ("delete", flag()),
    ])
}

fn settings() -> Shape {
    let ways = object([
        ("update", w::updates()),
        ("etag", w::switch()),
        ("filters", w::filters()),
        ("cursor", w::switch()),
        ("look_ups", w::switch()),
        ("bulk", w::switch()),
        ("bulk_operations", count()),
        ("page_size", count()),
        ("missing_element", w::missing_element()),
    ]);
    let oauth = object_and(
        [
            ("token_url", text()),
            ("client_id", text()),
            ("grant", words(["client_credentials", "refresh_token"])),
            ("client_auth", w::client_auth()),
        ],
        [("scope", text())],
    );
    object_and(
        vec![
            ("base_url", text()),
            ("preset", text()),
            ("scope", w::app_scope()),
            ("groups", w::group_scope()),
            ("groups_out_of_scope", w::group_leaving()),
            ("switches", named("Switches")),
            ("concurrency", count()),
            ("concurrency_least", count()),
            ("rate", count()),
            ("rate_least", count()),
            ("request_timeout_seconds", count()),
            ("in_doubt_seconds", count()),
            ("retry_first_seconds", count()),
            ("retry_longest_seconds", count()),
            ("plan_days", count()),
            ("approval", w::approval()),
            ("threshold_count", count()),
            ("threshold_percent", count()),
            ("threshold_minutes", count()),
            ("quarantine_failures", count()),
            ("quarantine_percent", count()),
            ("drift", w::drift()),
            ("drift_hours", count()),
            ("notification_email", text()),
            ("notify", flag()),
            ("ways", ways),
            ("token_expiry_url", text()),
            ("default_domain", text()),
        ],
        [
            ("filter", named("ScopingFilter")),
            ("custom_attributes", list_of(named("CustomAttribute"))),
            ("oauth", oauth),
        ],
    )
}

fn list(book: &mut Book) {
    book.get("/apps", "Apps").answers(200, page_of(named("App")));
    book.post("/apps", "Adds an app from a template")
        .takes::<apps::Wanted>()
        .answers(201, named("App"))
        .may_conflict();
    book.get("/apps/{app}", "One app, and how its target works")
        .answers(200, named("App"));
    book.patch("/apps/{app}", "Changes an app's name, settings or credentials")
        .takes::<apps::Wanted>()
        .answers(200, named("App"))
        .may_conflict();
    book.delete(
        "/apps/{app}",
        "Removes an app: at once, or after its accounts were disabled or deleted",
    )
    .answers(202, object([("cycle", named("Cycle"))]))
    .answers_nothing(204)
    .may_conflict();
}

fn states(book: &mut Book) {
    let changes = [
        ("/apps/{app}/pause", "Pauses an app"),
        ("/apps/{app}/resume", "Resumes an app that was paused"),
        (
            "/apps/{app}/deactivate",
            "Ends an app's provisioning; its accounts stay",
        ),
        ("/apps/{app}/activate", "Activates an app, and tests its target"),
    ];
    for (path, summary) in changes {
        book.post(path, summary).answers(200, named("App")).may_conflict();
    }
    book.post("/apps/{app}/test", "Tests an app's address and credentials")
        .answers(200, named("Verdict"))
        .may_conflict();
    let retried = object([("retried", count()), ("hold_lifted", flag())]);
    book.post("/apps/{app}/retry", "Tries at once whoever has failed")
        .takes::<crate::api::retry::Wanted>()
        .answers(200, retried)
        .may_conflict();
}

fn status(book: &mut Book) {
    let failing = object([
        ("subject", named("Subject")),
        ("error", named("Note")),
        ("attempts", count()),
        ("next_attempt", or_null(time())),
    ]);
    let hold = object([("until", time()), ("code", text()), ("text", text())]);
    let quarantine = object([
        ("since", time()),
        ("code", text()),
        ("text", text()),
        ("disabled_at", time()),
    ]);
    let refused = object([("group", named("Subject")), ("member", named("Subject"))]);
    let accounts = object([
        ("active", count()),
        ("disabled", count()),
        ("imported", count()),
        ("groups", count()),
    ]);
    let concurrency = object([("now", count()), ("most", count()), ("why", or_null(text()))]);
    let rate = object([
        ("now", or_null(count())),
        ("most", or_null(count())),
        ("why", or_null(text())),
    ]);
    let drift = object([
        ("counts", named("DriftCounts")),
        ("reconciliation", or_null(named("Reconciliation"))),
    ]);
    let status = object([
        ("state", w::app_state()),
        ("started", flag()),
        ("hold", or_null(hold)),
        ("quarantine", or_null(quarantine)),
        ("plan", or_null(named("Plan"))),
        ("cycle", or_null(named("Cycle"))),
        (
            "progress",
            or_null(object([("done", count()), ("total", count())])),
        ),
        ("in_step", flag()),
        ("waiting", count()),
        ("failing", list_of(failing)),
        ("failing_total", count()),
        ("warnings", list_of(named("Note"))),
        ("refused_members", list_of(refused)),
        ("refused_members_total", count()),
        ("linked", count()),
        ("accounts", accounts),
        ("removal", or_null(words(["disable", "delete"]))),
        ("removal_groups", or_null(words(["keep", "delete"]))),
        ("concurrency", concurrency),
        ("rate", rate),
        ("drift", drift),
    ]);
    book.shape("AppStatus", status);
    book.get(
        "/apps/{app}/status",
        "How an app stands: its cycle, who waits, who fails and why",
    )
    .answers(200, named("AppStatus"));
}

fn parts(book: &mut Book) {
    let assignment = object([
        ("kind", w::subject()),
        ("id", id()),
        ("name", text()),
        ("role", or_null(text())),
        ("created_at", time()),
    ]);
    book.get("/apps/{app}/assignments", "Who is assigned to an app")
        .answers(200, page_of(assignment));
    book.post(
        "/apps/{app}/assignments",
        "Assigns people and groups, and takes out others",
    )
    .takes::<assignments::Assignments>()
    .answers(200, object([("added", count()), ("removed", count())]))
    .may_conflict();
    let custom = object_and(
        [("name", text()), ("type", w::custom_kind())],
        [("multi_valued", flag())],
    );
    book.shape("CustomAttribute", custom);
    let attribute = object([
        ("name", text()),
        ("type", w::kind()),
        ("multi_valued", flag()),
        ("required", flag()),
        ("custom", flag()),
    ]);
    book.shape("TargetAttributes", object([("attributes", list_of(attribute))]));
    book.get("/apps/{app}/attributes", "The attributes that a mapping can fill")
        .answers(200, named("TargetAttributes"));
    book.put(
        "/apps/{app}/attributes",
        "Declares attributes beside those of the target's schemas",
    )
    .takes::<attributes::Declared>()
    .answers(200, named("TargetAttributes"))
    .may_conflict();
    let clause = object_and(
        [("attribute", text()), ("operator", w::operator())],
        [("value", text())],
    );
    book.shape("Clause", clause);
    let groups = object([("title", text()), ("clauses", list_of(named("Clause")))]);
    book.shape("ScopingFilter", object([("groups", list_of(groups))]));
    book.get("/apps/{app}/filter", "The scoping filter")
        .answers(200, named("ScopingFilter"));
    book.put("/apps/{app}/filter", "Puts another scoping filter in place")
        .takes::<filter::Wanted>()
        .answers(200, named("ScopingFilter"))
        .may_conflict();
    why(book);
}

fn why(book: &mut Book) {
    let way = object_and(
        [("kind", w::subject())],
        [("id", id()), ("name", text()), ("nested", anything())],
    );
    let clause = object_and(
        [
            ("attribute", text()),
            ("operator", w::operator()),
            ("found", or_null(text())),
            ("holds", flag()),
        ],
        [("value", text())],
    );
    let group = object([("title", text()), ("holds", flag()), ("clauses", list_of(clause))]);
    let reason = object([("code", text()), ("params", map_of(text())), ("text", text())]);
    let why = object([
        ("subject", named("Subject")),
        ("in_scope", flag()),
        ("active", flag()),
        ("assignments", list_of(way)),
        (
            "filter",
            object([("in_scope", flag()), ("groups", list_of(group))]),
        ),
        ("reasons", list_of(reason)),
    ]);
    book.get(
        "/apps/{app}/why/{person}",
        "Why somebody is in scope or not; with kind=group, why a group is",
    )
    .answers(200, why)
    .may_conflict();
}
