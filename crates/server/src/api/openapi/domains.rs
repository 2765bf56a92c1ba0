//! E-mail domains.

use directory::domains::DomainState;

use super::book::Book;
use super::shape::{
    Member, Shape, count, flag, id, list_of, named, object, or_null, page_of, text, time, words,
};
use crate::api::domains;

pub fn describe(book: &mut Book) {
    let of_people = object([("here", count()), ("elsewhere", or_null(count()))]);
    let whole = || named("DomainWithPeople");
    book.shape("Domain", object(domain()));
    book.shape(
        "DomainWithPeople",
        object(domain().into_iter().chain([("people", of_people)])),
    );
    let list = object([
        ("items", list_of(named("Domain"))),
        ("next", or_null(text())),
        ("total", count()),
    ]);
    book.get("/domains", "E-mail domains, in the order of their names")
        .answers(200, list);
    book.post(
        "/domains",
        "Asks for a domain; the answer says which TXT record it is to have",
    )
    .takes::<domains::Wanted>()
    .answers(201, named("Domain"))
    .may_conflict();
    book.get(
        "/domains/{domain}",
        "One domain, and how many people have addresses of it",
    )
    .answers(200, whole());
    book.delete("/domains/{domain}", "Removes a domain that is not claimed")
        .answers_nothing(204)
        .may_conflict();
    book.post(
        "/domains/{domain}/token",
        "Makes another token for the TXT record",
    )
    .answers(200, named("Domain"));
    book.post(
        "/domains/{domain}/verify",
        "Asks the DNS for the TXT record; if it is there, the domain is verified",
    )
    .answers(200, whole())
    .may_conflict();
    book.post(
        "/domains/{domain}/claim",
        "Claims a verified domain: nobody else's people can get addresses of it",
    )
    .answers(200, whole())
    .may_conflict();
    book.delete(
        "/domains/{domain}/claim",
        "Releases a claim; the domain stays verified",
    )
    .answers_nothing(204)
    .may_conflict();
    let person = object([("id", id()), ("user_name", text()), ("domain", text())]);
    book.get(
        "/claimed-people",
        "People whose addresses are in domains that other organizations have claimed",
    )
    .answers(200, page_of(person));
}

fn domain() -> [Member; 14] {
    let maybe = || or_null(time());
    let record: Shape = object([("type", words(["TXT"])), ("name", text()), ("value", text())]);
    [
        ("domain", text()),
        ("shown", text()),
        ("state", words(DomainState::ALL.map(DomainState::as_str))),
        ("claimed", flag()),
        ("record", record),
        ("problem", or_null(text())),
        ("created_at", time()),
        ("token_created_at", time()),
        ("verified_at", maybe()),
        ("claimed_at", maybe()),
        ("lapsed_at", maybe()),
        ("checked_at", maybe()),
        ("record_missing_since", maybe()),
        ("lapses_at", maybe()),
    ]
}
