//! What holds for every person, whichever door he or she comes in by.

use base::canonical;
use scim::Object;
use serde_json::{Value, json};

use crate::{Error, Settings};

/// Brings a User into the form that the organization's settings want, or says why it cannot be.
pub fn apply(settings: Settings, user: &mut Object) -> Result<(), Error> {
    refuse_unseen(user_name(user))?;
    keep(settings, user)
}

fn keep(settings: Settings, user: &mut Object) -> Result<(), Error> {
    // Provisioning clients send one with every account (Okta always does). By which one signs in people choose
    // themselves, and a document is no place for it.
    user.shift_remove("password");
    refuse_long(user_name(user))?;
    if !user.contains_key("active") {
        user.insert("active".to_owned(), Value::Bool(true));
    }
    if settings.user_name_is_email {
        let user_name = user_name(user).to_owned();
        if !is_email(&user_name) {
            return Err(Error::UserNameNotEmail { user_name });
        }
        keep_email_equal(user, &user_name);
    }
    Ok(())
}

/// The same for a User that is there already: a userName that came before the setting may stay, so that its bearer can
/// be disabled, or given an address.
pub fn apply_to_change(settings: Settings, before: &Object, user: &mut Object) -> Result<(), Error> {
    let stays = user_name(before) == user_name(user) && !is_email(user_name(user));
    let settings = Settings {
        user_name_is_email: settings.user_name_is_email && !stays,
        ..settings
    };
    if user_name(before) != user_name(user) {
        refuse_unseen(user_name(user))?;
    }
    // Nobody is let in again by a change that only clears `active`.
    if let Some(active) = before.get("active").filter(|_| !user.contains_key("active")) {
        user.insert("active".to_owned(), active.clone());
    }
    keep(settings, user)
}

/// Refuses a userName that looks like another one: with white space around it, or with letters that do not show
/// (RFC 8265, section 3.3).
fn refuse_unseen(user_name: &str) -> Result<(), Error> {
    let detail = if user_name.trim() != user_name {
        "userName must not begin or end with white space"
    } else if has_unseen(user_name) {
        "userName must not hold letters that do not show"
    } else {
        return Ok(());
    };
    Err(Error::Scim(scim::Error::invalid_value(detail)))
}

/// Whether a text holds letters that do not show, so that it can look like another one.
pub fn has_unseen(text: &str) -> bool {
    text.contains(is_unseen) || has_idle_joiner(text)
}

/// Control characters, and Unicode's Default_Ignorable_Code_Point; joiners are judged by where they stand.
fn is_unseen(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// Whether there is a joiner or non-joiner where it changes no letter (RFC 5892, appendices A.1 and A.2): they belong
/// behind a virama, the non-joiner also between letters that join, as Persian names have it.
fn has_idle_joiner(text: &str) -> bool {
    let letters: Vec<char> = text.chars().collect();
    let joins = |letter: Option<&char>| letter.is_some_and(|letter| matches!(letter, '\u{620}'..='\u{74f}'));
    let is_virama = |letter: Option<&char>| letter.is_some_and(|&letter| canonical::is_virama(letter));
    letters.iter().enumerate().any(|(at, letter)| {
        let before = at.checked_sub(1).and_then(|at| letters.get(at));
        match letter {
            '\u{200d}' => !is_virama(before),
            '\u{200c}' => !(is_virama(before) || joins(before) && joins(letters.get(at + 1))),
            _ => false,
        }
    })
}

/// The longest userName, in characters, and in bytes of its canonical key: no two may share one, so the key is
/// indexed whole.
const LONGEST: usize = 256;
const LONGEST_KEY: usize = 512;

fn refuse_long(user_name: &str) -> Result<(), Error> {
    if user_name.chars().count() <= LONGEST && canonical::user_name(user_name).len() <= LONGEST_KEY {
        return Ok(());
    }
    let detail = format!("userName can have up to {LONGEST} characters and {LONGEST_KEY} bytes");
    Err(Error::Scim(scim::Error::invalid_value(detail)))
}

/// The userName; `scim` has made sure that there is one.
pub fn user_name(user: &Object) -> &str {
    user.get("userName").and_then(Value::as_str).unwrap_or_default()
}

/// A local part, an @, a domain with no empty label; what more there is to it the mail system decides.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let strange = |letter: char| letter.is_whitespace() || letter.is_control();
    !local.is_empty()
        && !domain.is_empty()
        && text.len() <= 254
        && !text.contains(strange)
        && !local.contains('@')
        && domain.split('.').all(|label| !label.is_empty())
}

/// The work and primary e-mail is the userName; no other is primary.
fn keep_email_equal(user: &mut Object, user_name: &str) {
    let emails = user.entry("emails").or_insert_with(|| Value::Array(Vec::new()));
    let Value::Array(emails) = emails else {
        return;
    };
    let mut found = false;
    for email in emails.iter_mut().filter_map(Value::as_object_mut) {
        let is_work = email
            .get("type")
            .and_then(Value::as_str)
            .is_some_and(|kind| kind.eq_ignore_ascii_case("work"));
        if is_work && !found {
            found = true;
            email.insert("value".to_owned(), user_name.into());
            email.insert("primary".to_owned(), true.into());
        } else {
            email.remove("primary");
        }
    }
    if !found {
        emails.push(json!({ "value": user_name, "type": "work", "primary": true }));
    }
    // Another work address that is the userName too says nothing more.
    let key = canonical::email(user_name);
    emails.retain(|email| {
        let is_work = email["type"]
            .as_str()
            .is_some_and(|kind| kind.eq_ignore_ascii_case("work"));
        let is_same = || {
            email["value"]
                .as_str()
                .is_some_and(|value| canonical::email(value) == key)
        };
        email["primary"] == true || !is_work || !is_same()
    });
}

/// The address that mail would go to: the primary one, else the work one, else the first.
pub fn email(user: &Object) -> Option<&str> {
    let emails = user.get("emails")?.as_array()?;
    emails.get(email_place(emails)?)?["value"].as_str()
}

/// Which element that is.
pub fn email_place(emails: &[Value]) -> Option<usize> {
    let primary = emails.iter().position(|email| email["primary"] == true);
    let work = || emails.iter().position(|email| email["type"] == "work");
    let first = || (!emails.is_empty()).then_some(0);
    primary.or_else(work).or_else(first)
}

/// By which address somebody signs in, in canonical form: the userName where it is an e-mail address, else the one that
/// mail would go to.
pub fn sign_in_address(user: &Object) -> Option<String> {
    written_sign_in_address(user).map(canonical::email)
}

/// The same as it is written.
pub fn written_sign_in_address(user: &Object) -> Option<&str> {
    let name = Some(user_name(user)).filter(|name| is_email(name));
    let address = name.or_else(|| email(user).filter(|email| is_email(email)))?;
    (canonical::email(address).len() <= LONGEST_KEY).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_has_an_address_can_sign_in_by_it() {
        for (user, address) in [
            (
                json!({ "userName": "Anna@Example.com" }),
                Some("anna@example.com"),
            ),
            (json!({ "userName": "anna" }), None),
            (
                json!({ "userName": "anna", "emails": [{ "value": "Anna@Home.example" }] }),
                Some("anna@home.example"),
            ),
            (
                json!({ "userName": "anna@example.com", "emails": [{ "value": "anna@home.example" }] }),
                Some("anna@example.com"),
            ),
            (
                json!({ "userName": "anna", "emails": [{ "value": "no address" }] }),
                None,
            ),
        ] {
            assert_eq!(
                sign_in_address(&object(user.clone())).as_deref(),
                address,
                "{user}"
            );
        }
    }

    fn object(value: Value) -> Object {
        let Value::Object(object) = value else {
            unreachable!("tests pass objects")
        };
        object
    }

    #[test]
    fn only_addresses_where_the_organization_says_so() {
        let strict = Settings {
            user_name_is_email: true,
            ..Settings::default()
        };
        for (name, good) in [
            ("anna@example.com", true),
            ("ånna@exämple.com", true),
            ("anna", false),
            ("@example.com", false),
            ("anna@", false),
            ("anna@example..com", false),
            ("an na@example.com", false),
            ("anna@b@example.com", false),
        ] {
            let mut user = object(json!({ "userName": name }));
            assert_eq!(apply(strict, &mut user).is_ok(), good, "{name}");
            assert!(apply(Settings::default(), &mut user).is_ok(), "{name}");
        }
    }

    #[test]
    fn the_work_address_follows_the_user_name() {
        let strict = Settings {
            user_name_is_email: true,
            ..Settings::default()
        };
        let mut user = object(json!({ "userName": "new@x.example", "emails": [
            { "value": "home@x.example", "type": "home", "primary": true },
            { "value": "old@x.example", "type": "work" },
        ] }));
        apply(strict, &mut user).expect("an address");
        assert_eq!(
            user["emails"],
            json!([
                { "value": "home@x.example", "type": "home" },
                { "value": "new@x.example", "type": "work", "primary": true },
            ])
        );
        assert_eq!(email(&user), Some("new@x.example"));
    }

    #[test]
    fn the_user_name_is_there_once_as_a_work_address() {
        let strict = Settings {
            user_name_is_email: true,
            ..Settings::default()
        };
        let mut user = object(json!({ "userName": "new@x.example", "emails": [
            { "value": "old@x.example", "type": "work" },
            { "value": "NEW@x.example", "type": "work" },
            { "value": "new@x.example", "type": "home" },
            { "value": "other@x.example", "type": "work" },
        ] }));
        apply(strict, &mut user).expect("an address");
        assert_eq!(
            user["emails"],
            json!([
                { "value": "new@x.example", "type": "work", "primary": true },
                { "value": "new@x.example", "type": "home" },
                { "value": "other@x.example", "type": "work" },
            ])
        );
    }

    #[test]
    fn nobody_is_let_in_again_by_a_change_that_clears_active() {
        for was in [true, false] {
            let before = object(json!({ "userName": "a", "active": was }));
            let mut after = object(json!({ "userName": "a" }));
            apply_to_change(Settings::default(), &before, &mut after).expect("free");
            assert_eq!(after["active"], was);
        }
    }

    #[test]
    fn letters_that_do_not_show_are_refused() {
        for (name, good) in [
            ("vz", true),
            ("v\u{34f}z", false),
            ("v\u{61c}z", false),
            ("v\u{180e}z", false),
            ("v\u{3164}z", false),
            ("v\u{fe0f}z", false),
            ("v\u{e0041}z", false),
            ("v\u{2800}z", false),
            ("v\u{200d}z", false),
            ("v\u{200c}z", false),
            // A Persian plural, and a Sinhala letter that is joined.
            ("نامه\u{200c}ای", true),
            ("ශ්\u{200d}රී", true),
        ] {
            let mut user = object(json!({ "userName": name }));
            assert_eq!(apply(Settings::default(), &mut user).is_ok(), good, "{name:?}");
        }
    }

    #[test]
    fn a_password_never_reaches_the_document() {
        let mut user = object(json!({ "userName": "a", "password": "1mz050nq" }));
        apply(Settings::default(), &mut user).expect("free");
        assert!(!user.contains_key("password"));
    }

    #[test]
    fn whoever_comes_is_active_unless_said_otherwise() {
        let mut user = object(json!({ "userName": "a" }));
        apply(Settings::default(), &mut user).expect("free");
        assert_eq!(user["active"], true);
    }
}
