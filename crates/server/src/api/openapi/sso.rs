//! Signing in through identity providers.

use super::book::Book;
use super::shape::{
    Member, any_object, between, flag, id, list_of, named, object, or_null, page_of, text, time, words,
};
use crate::api::{saml_keys, sso};

pub fn describe(book: &mut Book) {
    shapes(book);
    book.get(
        "/sso",
        "Signing in through identity providers: the switch, our addresses, the settings",
    )
    .answers(200, named("Sso"));
    book.patch("/sso", "Changes settings that hold for the whole organization")
        .takes::<sso::SettingsChange>()
        .answers(200, named("Sso"));
    book.post(
        "/sso/activate",
        "Switches it on: people are led to the identity providers that vouch for them",
    )
    .answers(200, named("Sso"))
    .may_conflict();
    book.post(
        "/sso/deactivate",
        "Switches it off: everybody signs in with a password",
    )
    .answers(200, named("Sso"));
    book.get(
        "/sso/metadata",
        "Our metadata, for an identity provider to import",
    )
    .answers(200, object([("address", text()), ("xml", text())]));
    providers(book);
    book.get(
        "/sso/routes",
        "Whom each identity provider vouches for, in the order in which it is looked",
    )
    .answers(200, page_of(named("SsoRouteShown")));
    book.put("/sso/routes", "Puts these routes in the place of those before")
        .takes::<sso::Routes>()
        .answers(200, page_of(named("SsoRouteShown")))
        .may_be_missing();
    book.get(
        "/people/{person}/sso-subjects",
        "By which name each identity provider has vouched for somebody",
    )
    .answers(200, page_of(named("SsoSubject")));
    book.delete(
        "/people/{person}/sso-subjects/{provider}",
        "Forgets that name: the next one that comes is the person's",
    )
    .answers_nothing(204);
    book.get("/sso/keys", "Our keys, the one that signs first")
        .answers(200, page_of(named("SamlKey")));
    book.post("/sso/keys", "Makes the next key, which is published at once")
        .takes::<saml_keys::Wanted>()
        .answers(201, named("SamlKey"))
        .may_conflict();
    book.post(
        "/sso/keys/{sso_key}/promote",
        "Lets a key sign, at once or from a time on",
    )
    .takes::<saml_keys::Promotion>()
    .answers(200, named("SamlKey"))
    .may_conflict();
    book.delete("/sso/keys/{sso_key}", "Removes a key that does not sign")
        .answers_nothing(204)
        .may_conflict();
}

fn providers(book: &mut Book) {
    let one = || named("IdentityProvider");
    book.get("/sso/providers", "Identity providers, in their order")
        .answers(200, page_of(one()));
    let with_metadata = || object(provider().into_iter().chain([("left_out", list_of(text()))]));
    book.post(
        "/sso/providers",
        "Adds an identity provider, by its metadata or by hand; it is switched on in a step of its own",
    )
    .takes::<sso::NewProvider>()
    .answers(201, with_metadata())
    .may_conflict();
    book.get("/sso/providers/{provider}", "One identity provider")
        .answers(200, one());
    book.patch("/sso/providers/{provider}", "Changes an identity provider")
        .takes::<sso::ProviderChange>()
        .answers(200, with_metadata())
        .may_conflict();
    book.delete(
        "/sso/providers/{provider}",
        "Removes an identity provider with its routes",
    )
    .answers_nothing(204);
    book.post(
        "/sso/providers/{provider}/test",
        "An address at which somebody signs in by way of trial; it is good for an hour",
    )
    .answers(200, object([("url", text())]));
    book.post(
        "/sso/providers/{provider}/activate",
        "Switches an identity provider on that was tested",
    )
    .takes::<sso::Activation>()
    .answers(200, one())
    .may_conflict();
    book.post(
        "/sso/providers/{provider}/deactivate",
        "Switches an identity provider off",
    )
    .answers(200, one());
    let configuration = object([
        ("authn_request_signed_destination", or_null(text())),
        ("idp_issuer", or_null(text())),
        ("login_url", or_null(text())),
    ]);
    book.get(
        "/sso/providers/{provider}/configuration",
        "What an SSO page exports",
    )
    .answers(200, configuration);
    book.put(
        "/sso/providers/{provider}/configuration",
        "Takes over what an SSO page has exported",
    )
    .takes::<sso::ConfigurationImport>()
    .answers(200, one())
    .may_conflict();
    book.post(
        "/sso/providers/{provider}/certificates",
        "Adds a certificate beside those that are there",
    )
    .takes::<sso::NewCertificate>()
    .answers(200, one())
    .may_conflict();
    book.delete(
        "/sso/providers/{provider}/certificates/{certificate}",
        "Removes a certificate, by its fingerprint",
    )
    .answers_nothing(204)
    .may_conflict();
}

fn shapes(book: &mut Book) {
    book.shape(
        "Sso",
        object([
            ("active", flag()),
            ("federation_protocol", words(["saml2"])),
            ("entity_id", text()),
            ("consumer_url", text()),
            ("login_url", text()),
            ("logout_url", text()),
            ("metadata_url", text()),
            ("settings", any_object()),
            ("signature_algorithms", list_of(named("SignatureAlgorithm"))),
            ("modified_at", or_null(time())),
        ]),
    );
    book.shape("IdentityProvider", object(provider()));
    let subject = object([
        ("provider", object([("id", id()), ("name", text())])),
        ("name_id", text()),
        ("format", text()),
        ("finds", flag()),
        ("linked_at", time()),
    ]);
    book.shape("SsoSubject", subject);
    let group = object([("id", id()), ("display_name", or_null(text()))]);
    let of = object([("id", id()), ("name", or_null(text()))]);
    book.shape(
        "SsoRouteShown",
        object([
            ("domain", or_null(text())),
            ("group", or_null(group)),
            ("provider", of),
        ]),
    );
}

fn provider() -> [Member; 10] {
    [
        ("id", id()),
        ("name", text()),
        ("entity_id", text()),
        ("active", flag()),
        ("tested_at", or_null(time())),
        ("position", between(0, i64::MAX)),
        ("settings", any_object()),
        ("certificates", list_of(named("SamlCertificate"))),
        ("created_at", time()),
        ("modified_at", time()),
    ]
}
