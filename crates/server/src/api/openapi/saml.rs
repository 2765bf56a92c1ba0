//! What both ends of SAML show alike: keys, certificates, algorithms.

use super::book::Book;
use super::shape::{flag, id, named, object, or_null, text, time, words};

pub fn describe(book: &mut Book) {
    book.shape(
        "SamlKey",
        object([
            ("id", id()),
            ("standing", words(["current", "next", "previous"])),
            ("signs_from", or_null(time())),
            ("created_at", time()),
            ("certificate", named("SamlCertificate")),
        ]),
    );
    book.shape(
        "SamlCertificate",
        object([
            ("fingerprint", text()),
            ("subject", text()),
            ("not_before", time()),
            ("expires_at", time()),
            ("expired", flag()),
            ("pem", text()),
        ]),
    );
    book.shape(
        "SignatureAlgorithm",
        object([("name", text()), ("usable", flag()), ("reason", or_null(text()))]),
    );
}
