//! Shapes of what requests give that is read by the rooms below, which know nothing of documents.

use super::shape::{
    Member, Shape, any_object, between, either, flag, id, list_of, name, nothing, object, object_and,
    or_null, text, time, words,
};
use super::words as w;
use crate::api::saml_keys;

/// The largest number that settings hold.
const LARGEST: i64 = 4_294_967_295;

/// A person or a group, by id or name; or a text: the id of either, or a userName.
pub fn members() -> Shape {
    let user = object([("user", text())]);
    let group = object([("group", text())]);
    list_of(either([text(), user, group]))
}

pub fn maybe_name() -> Shape {
    or_null(name())
}

/// How many there are of a licence; null is as many as one likes.
pub fn total() -> Shape {
    or_null(between(0, LARGEST))
}

/// What becomes of people who are there when a template changes.
pub fn existing_users() -> Shape {
    words(["untouched", "preserve", "take_away"])
}

/// A person by id or userName, or a group by id or displayName, and what else may be said.
fn one_subject(others: &[Member]) -> Shape {
    let one = |named: &'static str, other: &'static str| {
        let nothing = (other, nothing());
        object_and([(named, text())], others.iter().cloned().chain([nothing]))
    };
    either([one("person", "group"), one("group", "person")])
}

pub fn subject() -> Shape {
    one_subject(&[])
}

pub fn previewed() -> Shape {
    one_subject(&[("mappings", maybe_mappings()), ("filter", maybe_filter())])
}

/// A person or a group, with the role that goes with the assignment.
pub fn assignments() -> Shape {
    let role = || [("role", or_null(text()))];
    let user = object_and([("user", text())], role());
    let group = object_and([("group", text())], role());
    list_of(either([user, group]))
}

pub fn unassignments() -> Shape {
    list_of(either([object([("user", text())]), object([("group", text())])]))
}

pub fn grant_types() -> Shape {
    list_of(words(access::GrantType::ALL.map(access::GrantType::name)))
}

pub fn maybe_grant_types() -> Shape {
    or_null(grant_types())
}

pub fn overlap_hours() -> Shape {
    or_null(between(0, access::MOST_OVERLAP_HOURS.into()))
}

pub fn scopes() -> Shape {
    or_null(list_of(words(access::Scope::ALL.map(access::Scope::name))))
}

pub fn client_kind() -> Shape {
    or_null(words(["confidential", "public"]))
}

pub fn role() -> Shape {
    words(access::Role::ALL.map(access::Role::name))
}

pub fn organization_id() -> Shape {
    id()
}

pub fn source() -> Shape {
    let written = object_and([("expression", text())], [("language", or_null(w::language()))]);
    either([
        object([("attribute", text())]),
        object([("constant", text())]),
        written,
        words(["none"]),
    ])
}

pub fn mapping() -> Shape {
    object_and(
        [("source", source()), ("target", text())],
        [
            ("matching", or_null(between(0, 255))),
            ("apply", w::apply()),
            ("default_value", or_null(text())),
            ("when_empty", w::when_empty()),
        ],
    )
}

/// Members of a mapping that are to change; null is the default again.
pub fn mapping_changes() -> Shape {
    object_and(
        [],
        [
            ("source", source()),
            ("target", text()),
            ("matching", or_null(between(0, 255))),
            ("apply", or_null(w::apply())),
            ("default_value", or_null(text())),
            ("when_empty", or_null(w::when_empty())),
        ],
    )
}

/// Which row of a table, counted from 1.
pub fn row() -> Shape {
    or_null(between(1, LARGEST))
}

/// The revision of a plan; as large as every language holds whole.
pub fn revision() -> Shape {
    between(0, 9_007_199_254_740_991)
}

pub fn mappings() -> Shape {
    list_of(mapping())
}

pub fn maybe_mappings() -> Shape {
    or_null(mappings())
}

fn clause() -> Shape {
    let clause = object_and(
        [("attribute", text()), ("operator", w::operator())],
        [("value", or_null(text()))],
    );
    either([text(), clause])
}

pub fn clause_groups() -> Shape {
    list_of(object_and([("clauses", list_of(clause()))], [("title", text())]))
}

pub fn maybe_filter() -> Shape {
    or_null(object_and([], [("groups", clause_groups())]))
}

pub fn custom_attributes() -> Shape {
    list_of(object_and(
        [("name", text())],
        [("type", w::custom_kind()), ("multi_valued", flag())],
    ))
}

pub fn template() -> Shape {
    or_null(w::template())
}

pub fn offer() -> Shape {
    or_null(w::offer())
}

pub fn app_scope() -> Shape {
    or_null(w::app_scope())
}

pub fn when_empty() -> Shape {
    or_null(w::when_empty())
}

pub fn unfit() -> Shape {
    words(["refuse", "leave_out"])
}

pub fn drift_mode() -> Shape {
    or_null(words(["report", "correct"]))
}

pub fn resource_type() -> Shape {
    words(["User", "Group"])
}

pub fn secret() -> Shape {
    or_null(text())
}

pub fn maybe_time() -> Shape {
    or_null(time())
}

pub fn definition() -> Shape {
    any_object()
}

pub fn oauth() -> Shape {
    or_null(object_and(
        [
            ("token_url", name()),
            ("client_id", name()),
            ("client_secret", text()),
        ],
        [
            ("scope", text()),
            ("refresh_token", or_null(text())),
            ("client_auth", w::client_auth()),
        ],
    ))
}

/// Settings of an app that are to change.
pub fn settings() -> Shape {
    let number = |least: i64, most: i64| or_null(between(least, most));
    let maybe_flag = || or_null(flag());
    let ways = object_and(
        [],
        [
            ("update", or_null(w::updates())),
            ("etag", or_null(w::switch())),
            ("filters", or_null(w::filters())),
            ("cursor", or_null(w::switch())),
            ("look_ups", or_null(w::switch())),
            ("bulk", or_null(w::switch())),
            ("bulk_operations", number(0, LARGEST)),
            ("page_size", number(0, LARGEST)),
            ("missing_element", or_null(w::missing_element())),
        ],
    );
    object_and(
        [],
        vec![
            ("base_url", or_null(text())),
            ("scope", app_scope()),
            ("filter", maybe_filter()),
            ("groups", or_null(w::group_scope())),
            ("groups_out_of_scope", or_null(w::group_leaving())),
            ("custom_attributes", or_null(custom_attributes())),
            ("create", maybe_flag()),
            ("update", maybe_flag()),
            ("deactivate", maybe_flag()),
            ("delete", maybe_flag()),
            ("concurrency", number(0, LARGEST)),
            ("concurrency_least", number(0, LARGEST)),
            ("rate", number(0, LARGEST)),
            ("rate_least", number(0, LARGEST)),
            ("request_timeout_seconds", number(0, LARGEST)),
            ("in_doubt_seconds", number(0, LARGEST)),
            ("retry_first_seconds", number(0, LARGEST)),
            ("retry_longest_seconds", number(0, LARGEST)),
            ("plan_days", number(0, LARGEST)),
            ("approval", or_null(w::approval())),
            ("threshold_count", number(0, LARGEST)),
            ("threshold_percent", number(0, LARGEST)),
            ("threshold_minutes", number(0, LARGEST)),
            ("quarantine_failures", number(0, LARGEST)),
            ("quarantine_percent", number(0, LARGEST)),
            ("drift", or_null(w::drift())),
            ("drift_hours", number(0, LARGEST)),
            ("notification_email", or_null(text())),
            ("notify", maybe_flag()),
            ("ways", ways),
            ("token_expiry_url", or_null(text())),
            ("default_domain", or_null(text())),
        ],
    )
}

pub fn key_kind() -> Shape {
    or_null(words(saml_keys::KINDS.map(|(name, _)| name)))
}

pub fn key_days() -> Shape {
    or_null(between(
        federation::DAYS.start().to_owned().into(),
        federation::DAYS.end().to_owned().into(),
    ))
}

/// How one signs in to an app, as far as it is to change.
pub fn sso_settings() -> Shape {
    let maybe_text = || or_null(text());
    let maybe_flag = || or_null(flag());
    let texts = || or_null(list_of(text()));
    let attribute = object_and(
        [("name", name()), ("source", source())],
        [
            ("name_format", w::sso_name_format()),
            ("friendly_name", maybe_text()),
            ("when_empty", w::sso_when_empty()),
        ],
    );
    let consumer = object_and(
        [("url", text()), ("index", between(0, 65_535))],
        [("default", maybe_flag())],
    );
    let logout = object_and(
        [("url", text())],
        [
            ("binding", w::sso_logout_binding()),
            ("response_url", maybe_text()),
        ],
    );
    let contexts = object_and(
        [],
        [
            ("password", maybe_text()),
            ("code", maybe_text()),
            ("passkey", maybe_text()),
            ("federated", maybe_text()),
        ],
    );
    object_and(
        [],
        vec![
            ("label", maybe_text()),
            ("description", maybe_text()),
            ("logo", maybe_text()),
            ("shown", maybe_flag()),
            ("url", maybe_text()),
            ("entity_id", maybe_text()),
            ("consumers", or_null(list_of(consumer))),
            ("logout", or_null(logout)),
            ("request_certificates", texts()),
            ("signed_requests", maybe_flag()),
            ("sha1_requests", maybe_flag()),
            ("issuer", maybe_text()),
            ("name_id_format", or_null(w::sso_name_id_format())),
            ("name_id", or_null(source())),
            ("attributes", or_null(list_of(attribute))),
            ("sign", or_null(w::sso_sign())),
            ("signature_algorithm", or_null(w::sso_signature_algorithm())),
            ("encryption", or_null(w::sso_encryption())),
            ("key_transport", or_null(w::sso_key_transport())),
            ("encryption_certificate", maybe_text()),
            ("valid_minutes", or_null(between(0, LARGEST))),
            ("session_minutes", or_null(between(0, LARGEST))),
            ("idp_initiated", maybe_flag()),
            ("default_relay_state", maybe_text()),
            ("relay_states", texts()),
            ("contexts", or_null(contexts)),
        ],
    )
}
