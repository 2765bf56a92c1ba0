//! Licences: types, templates, who has them and who does not.

use directory::licences::Outcome;

use super::book::Book;
use super::shape::{
    Member, Shape, count, flag, id, list_of, named, object, object_and, or_null, page_of, text, time, words,
};
use crate::api::{licence_templates, licences, person_licences};

pub fn describe(book: &mut Book) {
    types(book);
    of_people(book);
    templates(book);
    runs(book);
    report(book);
}

/// A list that is always whole.
fn whole_list(item: Shape) -> Shape {
    object([
        ("items", list_of(item)),
        ("next", or_null(text())),
        ("total", count()),
    ])
}

fn licence() -> Shape {
    object([("id", id()), ("name", text())])
}

/// Where a person can stand with a licence.
pub fn states() -> Shape {
    words(["given", "waiting", "taken"])
}

/// What can become of a person and a licence in a run.
pub fn outcomes() -> Shape {
    words(Outcome::ALL.map(Outcome::as_str))
}

fn types(book: &mut Book) {
    let licence = object([
        ("id", id()),
        ("name", text()),
        ("total", or_null(count())),
        ("consumed", count()),
        ("available", or_null(count())),
        ("waiting", count()),
        ("created_at", time()),
        ("modified_at", time()),
        ("version", count()),
    ]);
    book.shape("Licence", licence);
    book.get(
        "/licences",
        "Licences, the oldest first: how many there are of each, and how many are given",
    )
    .answers(200, whole_list(named("Licence")));
    book.post("/licences", "Adds a licence")
        .takes::<licences::Wanted>()
        .answers(201, named("Licence"))
        .may_conflict();
    book.get("/licences/{licence}", "One licence")
        .answers(200, named("Licence"));
    book.patch(
        "/licences/{licence}",
        "Changes a licence's name or how many there are",
    )
    .takes::<licences::Update>()
    .answers(200, named("Licence"))
    .may_conflict();
    book.delete(
        "/licences/{licence}",
        "Removes a licence that nobody has or waits for and no template gives",
    )
    .answers_nothing(204)
    .may_conflict();
    let holder = object([
        ("id", id()),
        ("user_name", text()),
        ("state", states()),
        ("since", time()),
    ]);
    book.get(
        "/licences/{licence}/people",
        "Who has a licence, or waits for it, or had it",
    )
    .answers(200, page_of(holder));
}

fn of_people(book: &mut Book) {
    let source = object_and(
        [("kind", words(["direct", "organization", "group"]))],
        [("id", id()), ("display_name", or_null(text()))],
    );
    let one = object([
        ("id", id()),
        ("name", text()),
        ("state", states()),
        ("code", or_null(text())),
        ("text", or_null(text())),
        ("sources", list_of(source)),
        ("since", time()),
    ]);
    book.shape("PersonLicence", one);
    book.get(
        "/people/{person}/licences",
        "What licences somebody has, waits for or had, and where from",
    )
    .answers(200, whole_list(named("PersonLicence")));
    book.post(
        "/people/{person}/licences",
        "Gives somebody licences and takes others away, all or none",
    )
    .takes::<person_licences::Wanted>()
    .answers(200, whole_list(named("PersonLicence")))
    .may_conflict();
}

fn template() -> [Member; 6] {
    [
        ("scope", words(["organization", "group"])),
        ("group", or_null(named("TemplateGroup"))),
        ("licences", list_of(licence())),
        ("created_at", time()),
        ("modified_at", time()),
        ("version", count()),
    ]
}

fn templates(book: &mut Book) {
    let group = object([("id", id()), ("display_name", or_null(text()))]);
    book.shape("TemplateGroup", group);
    book.shape("LicenceTemplate", object(template()));
    let put = object(
        template()
            .into_iter()
            .chain([("run", or_null(named("LicenceRun")))]),
    );
    book.shape("LicenceTemplatePut", put);
    book.get(
        "/licence-templates",
        "Licence templates, the organization's first",
    )
    .answers(200, whole_list(named("LicenceTemplate")));
    let places = [
        (
            "/licence-templates/organization",
            "The template of the organization",
            "Says what the organization's template gives",
            "Removes the organization's template",
        ),
        (
            "/licence-templates/groups/{group}",
            "The template of a group",
            "Says what a group's template gives",
            "Removes a group's template",
        ),
    ];
    for (path, read, put, remove) in places {
        book.get(path, read)
            .answers(200, named("LicenceTemplate"))
            .may_be_missing();
        book.put(path, put)
            .takes::<licence_templates::Wanted>()
            .answers(200, named("LicenceTemplatePut"))
            .answers(202, named("LicenceTemplatePut"))
            .may_be_missing()
            .may_conflict();
        book.delete(path, remove)
            .answers(202, object([("run", named("LicenceRun"))]))
            .answers_nothing(204)
            .may_be_missing()
            .may_conflict();
    }
}

fn runs(book: &mut Book) {
    let counts = Outcome::ALL.map(|outcome| (outcome.as_str(), count()));
    let run = object([
        ("id", id()),
        ("state", super::words::job_state()),
        ("mode", words(["preserve", "take_away", "withdraw"])),
        ("scope", words(["organization", "group"])),
        ("group", or_null(named("TemplateGroup"))),
        ("progress", object([("done", count()), ("total", count())])),
        ("counts", object(counts)),
        ("error", or_null(text())),
        ("next_attempt", or_null(time())),
        ("started_at", time()),
        ("finished_at", or_null(time())),
        ("actor", named("Actor")),
    ]);
    book.shape("LicenceRun", run);
    book.get(
        "/licence-runs",
        "Templates applied to people who were there before, the latest first",
    )
    .answers(200, page_of(named("LicenceRun")));
    book.get("/licence-runs/{run}", "One run, and how far it is")
        .answers(200, named("LicenceRun"));
    let item = object([
        ("person", object([("id", id()), ("user_name", text())])),
        ("licence", licence()),
        ("state", outcomes()),
    ]);
    book.get("/licence-runs/{run}/items", "What became of whom in a run")
        .answers(200, page_of(item));
}

fn report(book: &mut Book) {
    let reason = object([("code", text()), ("text", text())]);
    let one = object([
        ("id", id()),
        ("user_name", text()),
        ("display_name", or_null(text())),
        ("active", flag()),
        ("reasons", list_of(reason)),
    ]);
    book.get("/licence-report", "Who has no licence, and why")
        .answers(200, page_of(one));
}
