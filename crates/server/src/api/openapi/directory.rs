//! The organization, people and groups.

use super::book::Book;
use super::shape::{Shape, named};
use super::shape::{
    any_object, anything, count, flag, id, list_of, map_of, object, object_and, or_null, page_of, text, time,
    words,
};
use crate::api::{groups, organization, person_attributes, roles};

pub fn describe(book: &mut Book) {
    organization(book);
    describe_people(book);
    describe_groups(book);
}

fn organization(book: &mut Book) {
    let shape = object([
        ("id", id()),
        ("name", text()),
        ("created_at", time()),
        ("settings", map_of(text())),
    ]);
    book.shape("Organization", shape);
    book.get("/organization", "The token's organization and its settings")
        .answers(200, named("Organization"));
    book.patch("/organization", "Changes the organization's name and settings")
        .takes::<organization::Update>()
        .answers(200, named("Organization"));
}

fn person() -> [super::shape::Member; 12] {
    [
        ("id", id()),
        ("user_name", text()),
        ("display_name", or_null(text())),
        ("active", flag()),
        ("state", states()),
        ("role", role()),
        ("email", or_null(text())),
        ("title", or_null(text())),
        ("external_id", or_null(text())),
        ("created_at", time()),
        ("modified_at", time()),
        ("version", count()),
    ]
}

fn describe_people(book: &mut Book) {
    book.shape("Person", object(person()));
    let account = object([
        ("app", text()),
        ("app_id", id()),
        ("state", words(["active", "disabled", "imported", "none"])),
        ("remote_id", or_null(text())),
        ("error", or_null(text())),
        ("next_attempt", or_null(time())),
    ]);
    book.shape("Account", account);
    let group = object([("id", id()), ("display_name", text())]);
    let whole = object(person().into_iter().chain([
        ("invited_at", or_null(time())),
        ("invitation_expires_at", or_null(time())),
        ("verified_at", or_null(time())),
        ("first_sign_in_at", or_null(time())),
        ("last_sign_in_at", or_null(time())),
        ("inactive_since", or_null(time())),
        ("attributes", person_attributes::shape()),
        ("resource", any_object()),
        ("groups", list_of(group)),
        ("licences", list_of(named("PersonLicence"))),
        ("accounts", list_of(named("Account"))),
    ]));
    book.shape("PersonInDetail", whole);
    let page = object_and(
        [("items", list_of(named("Person"))), ("next", or_null(text()))],
        [("total", count())],
    );
    book.get(
        "/people",
        "People, those that a SCIM filter lets through, in a state, or with a role, in the order of their coming",
    )
    .answers(200, page);
    book.get(
        "/people/{person}",
        "One person: attributes, groups, role, accounts at the apps",
    )
    .answers(200, named("PersonInDetail"));
    book.shape("NewPerson", person_attributes::new_shape());
    book.post("/people", "Brings somebody in")
        .takes_shape(named("NewPerson"))
        .answers(201, named("PersonInDetail"))
        .may_be_missing()
        .may_conflict();
    book.shape("PersonChange", person_attributes::change_shape());
    book.patch(
        "/people/{person}",
        "Changes attributes of somebody, or disables or enables; null clears one",
    )
    .takes_shape(named("PersonChange"))
    .answers(200, named("PersonInDetail"))
    .may_conflict();
    book.delete("/people/{person}", "Removes somebody for good")
        .answers_nothing(204)
        .may_conflict();
    let given = object([("id", id()), ("user_name", text()), ("role", role())]);
    book.put(
        "/people/{person}/role",
        "Gives somebody a role, in place of the one before",
    )
    .takes::<roles::Wanted>()
    .answers(200, given)
    .may_conflict();
    let invited = object([
        ("id", id()),
        ("user_name", text()),
        ("address", text()),
        ("expires_at", time()),
    ]);
    book.post(
        "/people/{person}/invitation",
        "Sends somebody a mail to confirm the address by, and to choose a password; the one before is good no more",
    )
    .answers(200, invited)
    .may_conflict();
    import(book);
}

/// How people stand.
pub fn states() -> Shape {
    words(directory::PersonState::ALL.map(directory::PersonState::as_str))
}

fn role() -> Shape {
    words(access::Role::ALL.map(access::Role::name))
}

fn import(book: &mut Book) {
    let row = object([
        ("line", count()),
        ("code", text()),
        ("params", map_of(text())),
        ("message", text()),
    ]);
    let change = object([("attribute", text()), ("old", anything()), ("new", anything())]);
    let person = object([
        ("line", count()),
        ("user_name", text()),
        ("action", words(["create", "update", "unchanged"])),
        ("changes", list_of(change)),
    ]);
    let report = object_and(
        [
            ("dry_run", flag()),
            ("format", words(["entra_id", "control_hub", "jump_cloud", "scim"])),
            ("rows", count()),
            ("created", count()),
            ("updated", count()),
            ("unchanged", count()),
            ("problems", list_of(named("StaffFileRow"))),
            ("warnings", list_of(named("StaffFileRow"))),
            ("ignored_columns", list_of(text())),
        ],
        [("people", list_of(person))],
    );
    book.shape("StaffFileRow", row);
    book.shape("StaffFileReport", report);
    book.post("/people/import", "Imports a staff file")
        .takes_csv()
        .answers_or_streams(200, named("StaffFileReport"))
        .may_conflict();
}

fn group() -> [super::shape::Member; 7] {
    [
        ("id", id()),
        ("display_name", text()),
        ("external_id", or_null(text())),
        ("created_at", time()),
        ("modified_at", time()),
        ("version", count()),
        ("members", count()),
    ]
}

fn describe_groups(book: &mut Book) {
    book.shape("Group", object(group()));
    let app = object([("id", id()), ("name", text())]);
    book.shape(
        "GroupInDetail",
        object(group().into_iter().chain([("apps", list_of(app))])),
    );
    let member = object([
        ("id", id()),
        ("type", words(["User", "Group"])),
        ("user_name", or_null(text())),
        ("display_name", or_null(text())),
    ]);
    book.get("/groups", "Groups")
        .answers(200, page_of(named("Group")));
    book.post("/groups", "Makes a group")
        .takes::<groups::New>()
        .answers(201, named("Group"))
        .may_conflict();
    book.get("/groups/{group}", "One group, and the apps it is assigned to")
        .answers(200, named("GroupInDetail"));
    book.patch("/groups/{group}", "Renames a group")
        .takes::<groups::Update>()
        .answers(200, named("Group"))
        .may_conflict();
    book.delete("/groups/{group}", "Removes a group; its members stay")
        .answers_nothing(204)
        .may_conflict();
    book.get(
        "/groups/{group}/members",
        "Who is in a group directly, groups before people",
    )
    .answers(200, page_of(member));
    book.post(
        "/groups/{group}/members",
        "Puts members into a group and takes others out, all or none",
    )
    .takes::<groups::Members>()
    .answers(200, object([("added", count()), ("removed", count())]))
    .may_conflict();
}
