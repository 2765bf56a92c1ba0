//! Schemas of the organization's own, and what is written down: the provisioning log, the event trail, mails.

use super::book::Book;
use super::shape::{
    Member, any_object, anything, count, flag, id, list_of, named, object, object_and, or_null, page_of,
    text, time, words,
};
use crate::api::{log, schemas};

pub fn describe(book: &mut Book) {
    describe_schemas(book);
    describe_log(book);
    trail(book);
}

fn schema() -> [Member; 9] {
    [
        ("urn", text()),
        ("name", text()),
        ("resource_type", words(["User", "Group"])),
        ("required", flag()),
        ("attributes", count()),
        ("resources", count()),
        ("created_at", time()),
        ("modified_at", time()),
        ("version", count()),
    ]
}

fn describe_schemas(book: &mut Book) {
    book.shape("OwnSchema", object(schema()));
    let whole = object(schema().into_iter().chain([("schema", any_object())]));
    book.shape("OwnSchemaInDetail", whole);
    let list = object([
        ("items", list_of(named("OwnSchema"))),
        ("next", or_null(text())),
        ("total", count()),
    ]);
    book.get("/schemas", "Schemas of the organization's own, the oldest first")
        .answers(200, list);
    book.get("/schemas/{urn}", "One schema, with its definition")
        .answers(200, named("OwnSchemaInDetail"));
    book.put("/schemas/{urn}", "Adds a schema, or puts another in its place")
        .takes::<schemas::Upload>()
        .answers(200, named("OwnSchemaInDetail"))
        .answers(201, named("OwnSchemaInDetail"))
        .may_conflict();
    book.delete(
        "/schemas/{urn}",
        "Removes a schema of which no resource has values",
    )
    .answers_nothing(204)
    .may_conflict();
}

fn describe_log(book: &mut Book) {
    let value = object([("target", text()), ("source", text()), ("value", anything())]);
    let request = object([("method", text()), ("url", text()), ("body", anything())]);
    let response = object([("status", or_null(count())), ("body", anything())]);
    let entry = object(vec![
        ("id", id()),
        ("at", time()),
        ("app", text()),
        ("app_id", id()),
        ("cycle_id", or_null(id())),
        ("subject", named("Subject")),
        ("action", words(log::ACTIONS)),
        ("status", words(["success", "failure"])),
        ("source", or_null(named("SourceRead"))),
        ("scope", named("ScopeDecision")),
        ("match", named("Match")),
        ("mappings", list_of(value)),
        ("changes", list_of(named("AttributeChange"))),
        ("request", or_null(request)),
        ("response", or_null(response)),
        ("exchanges", list_of(named("Exchange"))),
        ("duration_ms", count()),
        ("attempt", count()),
        ("next_attempt", or_null(time())),
        ("code", text()),
        ("text", text()),
        ("actor", named("Actor")),
        ("correlation_id", id()),
    ]);
    book.shape("LogEntry", entry);
    book.get(
        "/log",
        "The provisioning log: what was done to whose account, with requests and answers",
    )
    .answers(200, page_of(named("LogEntry")));
    book.get("/log/{entry}", "One entry of the log")
        .answers(200, named("LogEntry"));
}

fn trail(book: &mut Book) {
    let actor = object_and(
        [(
            "kind",
            words(["system", "operator", "token", "user", "app", "client"]),
        )],
        [("id", text()), ("name", text())],
    );
    book.shape("Actor", actor);
    let resource = object([("kind", or_null(text())), ("id", or_null(id()))]);
    let event = object([
        ("id", id()),
        ("at", time()),
        ("type", text()),
        ("success", flag()),
        ("resource", resource),
        ("actor", named("Actor")),
        ("client_ip", or_null(text())),
        ("correlation_id", id()),
        ("detail", anything()),
    ]);
    book.shape("Event", event);
    book.get("/openapi.json", "This document")
        .answers(200, any_object());
    book.get("/events", "The event trail: who did what")
        .answers(200, page_of(named("Event")));
    let mail = object([
        ("id", id()),
        ("to", text()),
        ("subject", text()),
        ("state", words(["waiting", "sent", "given_up"])),
        ("created_at", time()),
        ("sent_at", or_null(time())),
        ("given_up_at", or_null(time())),
        ("attempts", count()),
        ("next_attempt", or_null(time())),
        ("error", or_null(text())),
    ]);
    book.shape("Mail", mail);
    book.get("/mails", "What was to be sent by mail, and what came of it")
        .answers(200, page_of(named("Mail")));
}
