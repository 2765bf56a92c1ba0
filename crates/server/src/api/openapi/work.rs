//! What is done at targets: mappings, plans, cycles, drift, imports.

use super::book::Book;
use super::given;
use super::shape::{
    Member, Shape, any_object, anything, count, either, flag, id, list_of, map_of, named, object, object_and,
    or_null, page_of, text, time, words,
};
use super::words as w;
use crate::api::{app_import, cycles, drift, mappings, on_demand, plan, plans, synchronization_schema};

pub fn describe(book: &mut Book) {
    shapes(book);
    describe_mappings(book);
    describe_plans(book);
    describe_cycles(book);
    describe_drift(book);
    describe_imports(book);
}

/// Where a value comes from.
pub fn source() -> Shape {
    let written = object_and([("expression", text())], [("language", w::language())]);
    either([
        object([("attribute", text())]),
        object([("constant", text())]),
        written,
        words(["none"]),
    ])
}

fn shapes(book: &mut Book) {
    book.shape("Source", source());
    let mapping = object_and(
        [
            ("source", named("Source")),
            ("target", text()),
            ("apply", w::apply()),
            ("when_empty", w::when_empty()),
        ],
        [("matching", count()), ("default_value", text())],
    );
    book.shape("AttributeMapping", mapping);
    let change = object_and(
        [("attribute", text()), ("old", anything()), ("new", anything())],
        [("waits_for", text())],
    );
    book.shape("AttributeChange", change);
    let request = object([("method", text()), ("path", text()), ("body", anything())]);
    book.shape("PlannedRequest", request);
    let read = object([
        ("version", count()),
        ("active", flag()),
        ("attributes", any_object()),
    ]);
    book.shape("SourceRead", read);
    let scope = object([("in_scope", flag()), ("code", text()), ("text", text())]);
    book.shape("ScopeDecision", scope);
    book.shape(
        "Match",
        object([("result", w::found()), ("remote_id", or_null(text()))]),
    );
    let message = object_and([("code", text())], [("params", map_of(text()))]);
    let exchange = object_and(
        [("method", text()), ("url", text()), ("duration_ms", count())],
        [
            ("request", anything()),
            ("status", count()),
            ("response", anything()),
            ("error", message),
            ("bulk", count()),
            ("look_ups", count()),
        ],
    );
    book.shape("Exchange", exchange);
}

fn describe_mappings(book: &mut Book) {
    let table = object([("mappings", list_of(named("AttributeMapping")))]);
    book.shape("Mappings", table);
    book.get(
        "/apps/{app}/mappings",
        "The attribute mappings of people, or of groups",
    )
    .answers(200, named("Mappings"));
    book.put("/apps/{app}/mappings", "Puts other mappings in place of all")
        .takes::<mappings::Mappings>()
        .answers(200, named("Mappings"))
        .may_conflict();
    book.post("/apps/{app}/mappings", "Adds a mapping")
        .takes::<mappings::Added>()
        .answers(201, named("Mappings"))
        .may_conflict();
    book.patch("/apps/{app}/mappings/{target}", "Changes a mapping")
        .takes_shape(mappings::changes())
        .answers(200, named("Mappings"))
        .may_conflict();
    book.delete("/apps/{app}/mappings/{target}", "Removes a mapping")
        .answers(200, named("Mappings"))
        .may_conflict();
    book.post(
        "/apps/{app}/restore-mappings",
        "Puts a preset's mappings in place of all",
    )
    .takes::<mappings::Restored>()
    .answers(200, named("Mappings"))
    .may_conflict();
    let preset = object_and(
        [
            ("name", text()),
            ("title", text()),
            ("switches", named("Switches")),
            ("users_only", flag()),
            ("mappings", list_of(named("AttributeMapping"))),
        ],
        [("why_no_others", text()), ("base_urls", map_of(text()))],
    );
    book.shape("Preset", preset);
    book.get("/presets", "The presets of mappings")
        .answers(200, page_of(named("Preset")));
    book.get("/presets/{preset}", "One preset")
        .answers(200, named("Preset"));
    let brought = object([
        ("mappings", list_of(named("AttributeMapping"))),
        ("group_mappings", or_null(list_of(named("AttributeMapping")))),
        ("groups", or_null(w::group_scope())),
        ("filter", named("ScopingFilter")),
        ("custom_attributes", list_of(named("CustomAttribute"))),
        ("switches", named("Switches")),
        ("notes", list_of(text())),
    ]);
    book.get(
        "/apps/{app}/synchronization-schema",
        "An app's configuration in the form of Microsoft Graph",
    )
    .answers(200, any_object());
    book.post(
        "/apps/{app}/synchronization-schema",
        "Brings a configuration in the form of Microsoft Graph along",
    )
    .takes::<synchronization_schema::Wanted>()
    .answers(200, brought)
    .may_conflict();
}

fn plan_counts() -> Shape {
    object([
        ("create", count()),
        ("link", count()),
        ("update", count()),
        ("disable", count()),
        ("enable", count()),
        ("delete", count()),
        ("unchanged", count()),
        ("skip", count()),
        ("error", count()),
    ])
}

fn preview() -> [Member; 9] {
    let line = object_and(
        [
            ("target", text()),
            ("row", count()),
            ("mapping", named("AttributeMapping")),
            ("sources", any_object()),
            ("value", anything()),
            ("held", anything()),
            ("sent", flag()),
        ],
        [("new", anything()), ("code", text()), ("why", text())],
    );
    [
        ("subject", named("Subject")),
        ("action", w::action()),
        ("reason", text()),
        ("code", text()),
        ("source", or_null(named("SourceRead"))),
        ("scope", named("ScopeDecision")),
        ("match", named("Match")),
        ("attributes", list_of(line)),
        ("request", or_null(named("PlannedRequest"))),
    ]
}

fn describe_plans(book: &mut Book) {
    book.shape("PlanCounts", plan_counts());
    let item = object([
        ("subject", named("Subject")),
        ("action", w::action()),
        ("reason", text()),
        ("code", text()),
        ("changes", list_of(named("AttributeChange"))),
        ("requests", list_of(named("PlannedRequest"))),
    ]);
    let shown = object([
        ("counts", named("PlanCounts")),
        ("items", list_of(item)),
        ("warnings", list_of(named("Note"))),
    ]);
    book.post(
        "/apps/{app}/plan",
        "What a cycle would do now; nothing is written",
    )
    .takes::<plan::Supposed>()
    .answers(200, shown)
    .may_conflict();
    book.shape("Preview", object(preview()));
    book.post(
        "/apps/{app}/preview",
        "What would become of one account now, attribute by attribute; nothing is written",
    )
    .takes_shape(given::previewed())
    .answers(200, named("Preview"))
    .may_conflict();
    let step = object_and(
        [
            ("name", words(["read", "scope", "match", "plan", "perform"])),
            ("status", words(["success", "failure", "skipped"])),
            ("text", text()),
        ],
        [("exchanges", list_of(named("Exchange")))],
    );
    let demanded = object(preview().into_iter().chain([
        ("result", on_demand::results()),
        ("steps", list_of(step)),
        ("log_entry", or_null(named("LogEntry"))),
    ]));
    book.post(
        "/apps/{app}/provision-on-demand",
        "Provisions one person or group now, step by step",
    )
    .takes_shape(given::subject())
    .answers(200, demanded)
    .may_conflict();
    kept(book);
}

fn kept(book: &mut Book) {
    let items = object([
        ("open", count()),
        ("approved", count()),
        ("applied", count()),
        ("failed", count()),
        ("stale", count()),
    ]);
    let plan = object([
        ("id", id()),
        (
            "state",
            words([
                "draft",
                "awaiting_approval",
                "approved",
                "applying",
                "applied",
                "discarded",
                "expired",
                "stale",
            ]),
        ),
        ("origin", words(["saved", "approval", "threshold"])),
        ("reason", named("Note")),
        ("revision", count()),
        ("counts", named("PlanCounts")),
        ("destructive", count()),
        ("items", items),
        ("created_at", time()),
        ("expires_at", or_null(time())),
        ("decided_at", or_null(time())),
        ("finished_at", or_null(time())),
        ("cycle_id", or_null(id())),
        ("actor", named("Actor")),
        ("decided_by", or_null(named("Actor"))),
    ]);
    book.shape("Plan", plan);
    let item = object([
        ("subject", named("Subject")),
        ("action", w::action()),
        ("destructive", flag()),
        ("state", words(["open", "approved", "applied", "failed", "stale"])),
        ("reason", text()),
        ("code", text()),
        ("changes", list_of(named("AttributeChange"))),
        ("requests", list_of(named("PlannedRequest"))),
        ("outcome", or_null(named("Note"))),
        ("modified_at", time()),
    ]);
    book.get("/apps/{app}/plans", "Plans that are kept, the newest first")
        .answers(200, page_of(named("Plan")));
    let saved = object([("plan", or_null(named("Plan")))]);
    book.post("/apps/{app}/plans", "Plans now, and keeps the plan")
        .answers(200, saved.clone())
        .answers(201, saved)
        .may_conflict();
    book.get("/apps/{app}/plans/{plan}", "One plan")
        .answers(200, named("Plan"));
    book.get("/apps/{app}/plans/{plan}/items", "A plan's items")
        .answers(200, page_of(item));
    book.post("/apps/{app}/plans/{plan}/approve", "Approves a plan")
        .takes::<plans::Approval>()
        .answers(200, named("Plan"))
        .may_conflict();
    book.post("/apps/{app}/plans/{plan}/discard", "Discards a plan")
        .answers(200, named("Plan"))
        .may_conflict();
}

fn describe_cycles(book: &mut Book) {
    let counts = object([
        ("created", count()),
        ("linked", count()),
        ("updated", count()),
        ("disabled", count()),
        ("enabled", count()),
        ("deleted", count()),
        ("unchanged", count()),
        ("skipped", count()),
        ("planned", count()),
        ("errors", count()),
    ]);
    let cycle = object([
        ("id", id()),
        (
            "kind",
            words([
                "initial",
                "incremental",
                "apply",
                "on_demand",
                "reconcile",
                "removal",
            ]),
        ),
        ("state", words(["running", "done"])),
        ("started_at", time()),
        ("finished_at", or_null(time())),
        ("total", count()),
        ("done", count()),
        ("counts", counts),
    ]);
    book.shape("Cycle", cycle);
    book.post(
        "/apps/{app}/sync",
        "Begins the first cycle, or wakes the engine; may begin anew",
    )
    .takes::<cycles::Wanted>()
    .answers(202, object([("cycle", named("Cycle"))]))
    .may_conflict();
    book.get("/apps/{app}/cycles", "Cycles, the latest first")
        .answers(200, page_of(named("Cycle")));
    book.get("/apps/{app}/cycles/{cycle}", "One cycle")
        .answers(200, named("Cycle"));
}

fn describe_drift(book: &mut Book) {
    let groups = object([("changed", count()), ("vanished", count()), ("unlinked", count())]);
    let counts = object([
        ("changed", count()),
        ("enabled", count()),
        ("disabled", count()),
        ("vanished", count()),
        ("unlinked", count()),
        ("groups", groups),
    ]);
    book.shape("DriftCounts", counts);
    let reconciliation = object([
        ("id", id()),
        ("state", w::job_state()),
        ("mode", w::drift()),
        ("started_at", time()),
        ("finished_at", or_null(time())),
        ("listed", count()),
        ("total", or_null(count())),
        ("groups_listed", count()),
        ("read", count()),
        ("recent", count()),
        ("new", count()),
        ("corrected", count()),
        ("error", or_null(named("Note"))),
    ]);
    book.shape("Reconciliation", reconciliation);
    let change = object([
        ("attribute", text()),
        ("ours", anything()),
        ("theirs", anything()),
    ]);
    let item = object([
        ("resource", w::subject()),
        ("remote_id", text()),
        ("name", text()),
        ("subject", or_null(object([("id", id()), ("name", text())]))),
        ("kind", drift::kinds()),
        ("changes", list_of(change)),
        ("found_at", time()),
    ]);
    let list = object([
        ("items", list_of(item)),
        ("next", or_null(text())),
        ("counts", named("DriftCounts")),
        ("reconciliation", or_null(named("Reconciliation"))),
    ]);
    book.get("/apps/{app}/drift", "What the target has changed by itself")
        .answers(200, list);
    book.post(
        "/apps/{app}/reconcile",
        "Lists the target's accounts and compares them",
    )
    .takes::<drift::Wanted>()
    .answers(202, object([("reconciliation", named("Reconciliation"))]))
    .may_conflict();
}

fn describe_imports(book: &mut Book) {
    let person = object([("id", id()), ("name", text())]);
    let account = object([
        ("remote_id", text()),
        ("user_name", or_null(text())),
        ("display_name", or_null(text())),
        ("active", or_null(flag())),
        ("state", words(["new", "matches", "ambiguous", "imported"])),
        ("person", or_null(person)),
    ]);
    let accounts = object([
        ("items", list_of(account)),
        ("next", or_null(text())),
        ("at_target", or_null(count())),
    ]);
    let counts = object([
        ("total", count()),
        ("waiting", count()),
        ("created", count()),
        ("linked", count()),
        ("known", count()),
        ("failed", count()),
    ]);
    let import = object([
        ("id", id()),
        ("state", w::job_state()),
        ("started_at", time()),
        ("finished_at", or_null(time())),
        ("listed", count()),
        ("all_listed", flag()),
        ("counts", counts),
        ("error", or_null(named("Note"))),
    ]);
    book.shape("Import", import);
    let item = object([
        ("remote_id", text()),
        ("name", text()),
        ("state", app_import::item_states()),
        ("person", or_null(id())),
        ("error", or_null(named("Note"))),
    ]);
    book.shape("ImportItem", item);
    book.get(
        "/apps/{app}/import/accounts",
        "The target's accounts, asked for now",
    )
    .answers(200, accounts)
    .may_conflict();
    let result = object([
        ("import", named("Import")),
        ("items", list_of(named("ImportItem"))),
    ]);
    book.post("/apps/{app}/import", "Makes people of accounts at the target")
        .takes::<app_import::Wanted>()
        .answers(200, result)
        .answers(202, object([("import", named("Import"))]))
        .may_conflict();
    book.get("/apps/{app}/import", "Imports, the latest first")
        .answers(200, page_of(named("Import")));
    book.get("/apps/{app}/import/{job}", "One import")
        .answers(200, named("Import"));
    book.get(
        "/apps/{app}/import/{job}/items",
        "What became of an import's accounts",
    )
    .answers(200, page_of(named("ImportItem")));
}
