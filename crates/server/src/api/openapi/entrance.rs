//! Who gets in: tokens, OAuth clients, sessions.

use super::book::Book;
use super::shape::{Member, Shape, between, id, list_of, named, object, or_null, page_of, text, time, words};
use crate::api::{clients, partners, tokens};

pub fn describe(book: &mut Book) {
    describe_tokens(book);
    describe_clients(book);
    sessions(book);
    grants(book);
    describe_partners(book);
}

fn owner() -> Shape {
    or_null(object([("id", id()), ("user_name", or_null(text()))]))
}

/// With the organization that the owner belongs to, if that is another one.
fn token_owner() -> Shape {
    or_null(object([
        ("id", id()),
        ("user_name", or_null(text())),
        ("organization_id", or_null(id())),
    ]))
}

fn scopes() -> Shape {
    list_of(words(access::Scope::ALL.map(access::Scope::name)))
}

fn describe_tokens(book: &mut Book) {
    let token = object([
        ("id", id()),
        ("name", text()),
        ("state", words(["active", "expired", "revoked", "orphaned"])),
        ("owner", token_owner()),
        ("scopes", scopes()),
        ("created_at", time()),
        ("created_by", named("Actor")),
        ("expires_at", or_null(time())),
        ("warning", or_null(between(1, 30))),
        ("last_used_at", or_null(time())),
        ("revoked_at", or_null(time())),
    ]);
    book.shape("Token", token);
    let made = object([("id", id()), ("token", text()), ("expires_at", or_null(time()))]);
    let successor = object([
        ("id", id()),
        ("token", text()),
        ("expires_at", time()),
        ("former_expires_at", time()),
    ]);
    book.get("/tokens", "Tokens, also those that open nothing any more")
        .answers(200, page_of(named("Token")));
    book.post("/tokens", "Makes a token; its text is in this answer only")
        .takes::<tokens::Wanted>()
        .answers(201, made);
    book.get("/tokens/{token}", "One token, without its text")
        .answers(200, named("Token"));
    book.post(
        "/tokens/{token}/successor",
        "Makes a token in the place of another one, which is good for a while; its text is in this answer only",
    )
    .takes::<tokens::Successor>()
    .answers(201, successor)
    .may_conflict();
    book.delete("/tokens/{token}", "Revokes a token")
        .answers_nothing(204);
}

fn client() -> [Member; 10] {
    [
        ("id", id()),
        ("client_id", text()),
        ("name", text()),
        ("kind", words(["confidential", "public"])),
        ("owner", owner()),
        ("redirects", list_of(text())),
        ("scopes", scopes()),
        (
            "grant_types",
            list_of(words(access::GrantType::ALL.map(access::GrantType::name))),
        ),
        ("former_secret_expires_at", or_null(time())),
        ("created_at", time()),
    ]
}

fn describe_clients(book: &mut Book) {
    book.shape("Client", object(client()));
    let with_secret = || object(client().into_iter().chain([("client_secret", or_null(text()))]));
    book.get("/clients", "OAuth clients that the organization has registered")
        .answers(200, page_of(named("Client")));
    book.post(
        "/clients",
        "Registers an OAuth client; its secret is in this answer only",
    )
    .takes::<clients::Wanted>()
    .answers(201, with_secret());
    book.get("/clients/{client}", "One OAuth client")
        .answers(200, named("Client"));
    book.patch(
        "/clients/{client}",
        "Changes an OAuth client: name, redirects, scopes, grants",
    )
    .takes::<clients::Change>()
    .answers(200, named("Client"));
    book.post(
        "/clients/{client}/secret",
        "Gives an OAuth client another secret, in this answer only; the one before is good for a while",
    )
    .takes::<clients::Overlap>()
    .answers(200, with_secret());
    book.delete(
        "/clients/{client}",
        "Removes an OAuth client, with all its tokens",
    )
    .answers_nothing(204);
}

fn sessions(book: &mut Book) {
    let session = object([
        ("id", id()),
        ("person", object([("id", id()), ("user_name", text())])),
        ("created_at", time()),
        ("last_used_at", time()),
        ("expires_at", time()),
        ("client_ip", text()),
        ("user_agent", text()),
    ]);
    book.get("/sessions", "Who is signed in, and where")
        .answers(200, page_of(session));
    book.delete("/sessions/{session}", "Signs a browser out")
        .answers_nothing(204);
}

fn grants(book: &mut Book) {
    let grant = object([
        ("id", id()),
        ("person", object([("id", id()), ("user_name", text())])),
        ("client", object([("id", id()), ("name", text())])),
        ("scopes", list_of(text())),
        ("created_at", time()),
        ("expires_at", time()),
    ]);
    book.get("/grants", "Which clients people have let in, the oldest first")
        .answers(200, page_of(grant));
    book.delete("/grants/{grant}", "Lets a client in no more, and ends its tokens")
        .answers_nothing(204);
}

fn describe_partners(book: &mut Book) {
    let partner = object([
        ("id", id()),
        ("organization", object([("id", id()), ("name", or_null(text()))])),
        ("user_name", text()),
        ("user_id", or_null(id())),
        ("role", words(access::Role::ALL.map(access::Role::name))),
        (
            "state",
            words(access::PartnerStanding::ALL.map(access::PartnerStanding::as_str)),
        ),
        ("offered_at", time()),
        ("lapses_at", time()),
        ("taken_up_at", or_null(time())),
    ]);
    book.shape("Partner", partner);
    book.get(
        "/partners",
        "People of other organizations who administer this one, and offers of that",
    )
    .answers(200, page_of(named("Partner")));
    book.post(
        "/partners",
        "Offers somebody of another organization to administer this one; the answer tells nothing of the other",
    )
    .takes::<partners::Wanted>()
    .answers(201, named("Partner"))
    .may_conflict();
    book.get("/partners/{partner}", "One partner, or offer")
        .answers(200, named("Partner"));
    book.delete(
        "/partners/{partner}",
        "Withdraws an offer, or a partner's role with all tokens that came of it",
    )
    .answers_nothing(204);
}
