//! Signing in to apps, their keys, and how sign-ins went.

use super::book::Book;
use super::given;
use super::shape::{
    Member, Shape, any_object, count, flag, id, list_of, named, object, object_and, or_null, page_of, text,
    time, words,
};
use super::words as w;
use crate::api::{app_sso, saml_keys, saml_traces};

pub fn describe(book: &mut Book) {
    shapes(book);
    let sso = || named("AppSso");
    book.get("/apps/{app}/sso", "How people sign in to an app")
        .answers(200, sso())
        .may_be_missing();
    book.put(
        "/apps/{app}/sso",
        "Sets it up, or anew: what is left out is as at the beginning; the address is fixed",
    )
    .takes::<app_sso::Wanted>()
    .answers(200, sso())
    .answers(201, sso())
    .may_conflict();
    book.patch("/apps/{app}/sso", "Changes it; what is left out stays")
        .takes::<app_sso::Wanted>()
        .answers(200, sso())
        .may_conflict();
    book.post("/apps/{app}/sso/activate", "Lets people in who are assigned")
        .answers(200, sso())
        .may_conflict();
    book.post(
        "/apps/{app}/sso/deactivate",
        "Lets nobody in any more; what is set stays",
    )
    .answers(200, sso());
    book.post(
        "/apps/{app}/sso/import",
        "Takes what a service's metadata say, pasted or fetched, and says what was taken",
    )
    .takes::<app_sso::Described>()
    .answers(200, named("AppSsoImported"))
    .answers(201, named("AppSsoImported"))
    .may_conflict();
    let metadata = object([
        ("metadata", text()),
        ("metadata_url", text()),
        ("entity_id", text()),
        ("login_url", text()),
        ("logout_url", text()),
    ]);
    book.get("/apps/{app}/sso/metadata", "What the service is to be told of us")
        .answers(200, metadata)
        .may_conflict();
    book.post(
        "/apps/{app}/sso/preview",
        "What the service would be told of somebody; nothing is changed",
    )
    .takes::<app_sso::Previewed>()
    .answers(200, preview())
    .may_conflict();
    book.get("/apps/{app}/sso/keys", "The app's keys, the one that signs first")
        .answers(200, page_of(named("SamlKey")))
        .may_conflict();
    book.post(
        "/apps/{app}/sso/keys",
        "Makes a key; it is published at once and signs later",
    )
    .takes::<saml_keys::Wanted>()
    .answers(201, named("SamlKey"))
    .may_conflict();
    book.post(
        "/apps/{app}/sso/keys/{key}/promote",
        "Lets a key sign, at once or from a date on",
    )
    .takes::<saml_keys::Promotion>()
    .answers(200, named("SamlKey"))
    .may_conflict();
    book.delete("/apps/{app}/sso/keys/{key}", "Removes a key that does not sign")
        .answers_nothing(204)
        .may_conflict();
    book.get(
        "/saml-traces",
        "How sign-ins and sign-outs by SAML went, the newest first",
    )
    .answers(200, page_of(object(trace())))
    .may_be_missing();
    let check = object([("check", text()), ("outcome", text()), ("detail", text())]);
    let message = object_and(
        [
            ("direction", words(["received", "sent"])),
            ("binding", text()),
            ("xml", text()),
        ],
        [("relay_state", text())],
    );
    let whole = trace()
        .into_iter()
        .chain([("checks", list_of(check)), ("messages", list_of(message))]);
    book.get(
        "/saml-traces/{trace}",
        "One of them, with every message and every check",
    )
    .answers(200, object(whole));
}

fn shapes(book: &mut Book) {
    book.shape("AppSso", sso([]));
    let imported = [("taken", any_object()), ("left_out", list_of(text()))];
    book.shape("AppSsoImported", sso(imported));
}

fn sso<const N: usize>(more: [Member; N]) -> Shape {
    let members = [
        ("kind", w::sso_kind()),
        ("active", flag()),
        ("slug", or_null(text())),
        ("settings", settings()),
        ("created_at", time()),
        ("modified_at", time()),
    ];
    object_and(
        members.into_iter().chain(more),
        [
            ("entity_id", text()),
            ("login_url", text()),
            ("logout_url", text()),
            ("metadata_url", text()),
            ("portal_url", text()),
            ("signature_algorithms", list_of(named("SignatureAlgorithm"))),
        ],
    )
}

/// Those of a bookmark, or of SAML.
fn settings() -> Shape {
    let consumer = object_and([("url", text()), ("index", count())], [("default", flag())]);
    let logout = object_and(
        [("url", text()), ("binding", w::sso_logout_binding())],
        [("response_url", text())],
    );
    let attribute = object_and(
        [
            ("name", text()),
            ("name_format", w::sso_name_format()),
            ("source", given::source()),
            ("when_empty", w::sso_when_empty()),
        ],
        [("friendly_name", text())],
    );
    let contexts = object([
        ("password", text()),
        ("code", text()),
        ("passkey", text()),
        ("federated", text()),
    ]);
    object_and(
        [
            ("label", text()),
            ("description", text()),
            ("logo", text()),
            ("shown", flag()),
        ],
        vec![
            ("url", text()),
            ("entity_id", text()),
            ("consumers", list_of(consumer)),
            ("logout", or_null(logout)),
            ("request_certificates", list_of(text())),
            ("signed_requests", flag()),
            ("sha1_requests", flag()),
            ("issuer", text()),
            ("name_id_format", w::sso_name_id_format()),
            ("name_id", or_null(given::source())),
            ("attributes", list_of(attribute)),
            ("sign", w::sso_sign()),
            ("signature_algorithm", w::sso_signature_algorithm()),
            ("encryption", w::sso_encryption()),
            ("key_transport", w::sso_key_transport()),
            ("encryption_certificate", text()),
            ("valid_minutes", count()),
            ("session_minutes", count()),
            ("idp_initiated", flag()),
            ("default_relay_state", text()),
            ("relay_states", list_of(text())),
            ("contexts", contexts),
        ],
    )
}

fn preview() -> Shape {
    let name = object([("format", text()), ("value", or_null(text()))]);
    let attribute = object([
        ("name", text()),
        ("source", given::source()),
        ("values", list_of(text())),
        ("left_out", flag()),
    ]);
    object([
        ("user", object([("id", id()), ("name", text())])),
        ("let_in", flag()),
        ("assigned", flag()),
        ("name_id", or_null(name)),
        ("attributes", list_of(attribute)),
        ("problem", or_null(object([("code", text()), ("text", text())]))),
    ])
}

fn trace() -> Vec<Member> {
    vec![
        ("id", id()),
        ("at", time()),
        ("role", words(saml_traces::ROLES)),
        ("action", words(["sign_in", "sign_out", "test"])),
        ("outcome", words(saml_traces::OUTCOMES)),
        ("peer", or_null(id())),
        ("user", or_null(id())),
        ("subject", or_null(text())),
        ("code", or_null(text())),
        ("message", or_null(text())),
        ("client_ip", or_null(text())),
        ("correlation", id()),
    ]
}
