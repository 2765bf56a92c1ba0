//! What an assertion that is believed says: about us, now, in answer to what we asked (SAML profiles §4.1.4.2, §4.1.4.3).

use base::Timestamp;

use super::service_provider::{Expected, Remember, SignedIn};
use super::{CheckCode, Trace};
use crate::message::{Assertion, AuthnStatement, Confirmation, RequestedContext, Response};
use crate::names::{confirmation, name_id_format};
use crate::xml::format_time;

pub(super) fn judge(
    response: Response,
    assertion: Assertion,
    was_encrypted: bool,
    certificate: usize,
    expected: &Expected<'_>,
    trace: &mut Trace,
) -> Option<SignedIn> {
    let clock = expected.clock;
    trace.check(
        CheckCode::AssertionIssuer,
        assertion.issuer == expected.identity_provider,
        &assertion.issuer,
    );

    let issued = assertion.issued;
    let fresh = clock.has_begun(issued) && clock.has_not_ended(issued + expected.longest_age);
    trace.check(CheckCode::AssertionIssued, fresh, format_time(issued));

    let conditions = &assertion.conditions;
    match conditions.not_before {
        Some(time) => {
            trace.check(CheckCode::NotBefore, clock.has_begun(time), format_time(time));
        }
        None => trace.skip(CheckCode::NotBefore, "none"),
    }
    match conditions.not_on_or_after {
        Some(time) => {
            trace.check(
                CheckCode::NotOnOrAfter,
                clock.has_not_ended(time),
                format_time(time),
            );
        }
        None => trace.skip(CheckCode::NotOnOrAfter, "none"),
    }
    let for_us = |audiences: &Vec<String>| audiences.iter().any(|audience| audience == expected.entity_id);
    let restrictions = &conditions.audience_restrictions;
    let is_for_us = !restrictions.is_empty() && restrictions.iter().all(for_us);
    let audiences: Vec<&str> = restrictions.iter().flatten().map(String::as_str).collect();
    trace.check(CheckCode::Audience, is_for_us, audiences.join(" "));
    trace.check(
        CheckCode::Conditions,
        conditions.unknown.is_empty(),
        conditions.unknown.join(" "),
    );

    let confirmed_until = judge_confirmations(&assertion, expected, trace);
    judge_name(&assertion, expected, trace);
    let statement = judge_authn(&assertion, expected, trace);

    if trace.is_refused() {
        return None;
    }
    let ends = confirmed_until?.max(conditions.not_on_or_after.unwrap_or_default());
    let until = ends.min(assertion.issued + expected.longest_age) + clock.skew;
    let statement = statement?;
    Some(SignedIn {
        response_id: response.head.id,
        in_response_to: response.in_response_to,
        was_encrypted,
        certificate,
        context_class: statement.context_class,
        session_index: statement.session_index,
        session_not_on_or_after: statement.session_not_on_or_after,
        remember: Remember {
            assertion_id: assertion.id.clone(),
            until,
        },
        assertion,
    })
}

/// One of the bearer confirmations has to be well in everything (SAML profiles §4.1.4.2, §4.1.4.3).
fn judge_confirmations(
    assertion: &Assertion,
    expected: &Expected<'_>,
    trace: &mut Trace,
) -> Option<Timestamp> {
    let bearers: Vec<&Confirmation> = assertion
        .subject
        .confirmations
        .iter()
        .filter(|confirmation| confirmation.method == confirmation::BEARER)
        .collect();
    let is_well = |confirmation: &&&Confirmation| Confirmed::of(confirmation, expected).is_well();
    let detail = format!("{} of {}", bearers.len(), assertion.subject.confirmations.len());
    let chosen = bearers.iter().find(is_well).or(bearers.first());
    trace.check(CheckCode::Confirmation, chosen.is_some(), detail);
    let chosen = chosen?;
    let confirmed = Confirmed::of(chosen, expected);
    trace.check(
        CheckCode::Recipient,
        confirmed.recipient,
        chosen.recipient.as_deref().unwrap_or("none"),
    );
    trace.check(
        CheckCode::ConfirmationTime,
        confirmed.time,
        chosen
            .not_on_or_after
            .map_or_else(|| "none".to_owned(), format_time),
    );
    trace.check(
        CheckCode::ConfirmationInResponseTo,
        confirmed.in_response_to,
        chosen.in_response_to.as_deref().unwrap_or("none"),
    );
    // Any of the others may be well another time.
    bearers
        .iter()
        .filter_map(|confirmation| confirmation.not_on_or_after)
        .max()
}

struct Confirmed {
    recipient: bool,
    time: bool,
    in_response_to: bool,
}

impl Confirmed {
    fn of(confirmation: &Confirmation, expected: &Expected<'_>) -> Self {
        let clock = expected.clock;
        let ends = confirmation
            .not_on_or_after
            .is_some_and(|time| clock.has_not_ended(time));
        let begins = confirmation.not_before.is_none_or(|time| clock.has_begun(time));
        let in_response_to = match (confirmation.in_response_to.as_deref(), expected.request) {
            (Some(answered), Some(request)) => answered == request.head.id,
            (Some(_), None) => false,
            (None, _) => expected.unsolicited,
        };
        Self {
            recipient: confirmation.recipient.as_deref() == Some(expected.consumer),
            time: ends && begins,
            in_response_to,
        }
    }

    fn is_well(&self) -> bool {
        self.recipient && self.time && self.in_response_to
    }
}

fn judge_name(assertion: &Assertion, expected: &Expected<'_>, trace: &mut Trace) {
    let Some(name) = &assertion.subject.name_id else {
        trace.check(CheckCode::NameId, false, "none");
        return;
    };
    trace.check(CheckCode::NameId, true, &name.value);
    if expected.name_id_formats.is_empty() {
        trace.skip(CheckCode::NameIdFormat, name.format());
        return;
    }
    let wanted = expected.name_id_formats.iter().any(|format| {
        let format = name_id_format::canonical(format);
        // Whoever asks for none in particular takes any (SAML core §8.3.1).
        format == name_id_format::UNSPECIFIED || format == name.format()
    });
    trace.check(CheckCode::NameIdFormat, wanted, name.format());
}

fn judge_authn(assertion: &Assertion, expected: &Expected<'_>, trace: &mut Trace) -> Option<AuthnStatement> {
    let clock = expected.clock;
    let statements = &assertion.authn_statements;
    let asked = expected
        .request
        .and_then(|request| request.requested_context.as_ref());
    let contexts: Vec<&RequestedContext> = expected.context.into_iter().chain(asked).collect();
    let meets = |class: &str| {
        contexts
            .iter()
            .all(|context| context.is_met_by(class, expected.context_order))
    };
    let will_do = |statement: &&AuthnStatement| statement.context_class.as_deref().is_some_and(meets);
    let chosen = statements.iter().find(will_do).or(statements.first());
    trace.check(
        CheckCode::AuthnStatement,
        chosen.is_some(),
        format!("{}", statements.len()),
    );
    let chosen = chosen?;

    let forced = expected
        .request
        .filter(|request| request.force_authn)
        .map(|request| request.head.issued);
    let new_enough = forced.is_none_or(|asked| chosen.instant + clock.skew >= asked);
    let has_been = clock.has_begun(chosen.instant);
    trace.check(
        CheckCode::AuthnInstant,
        has_been && new_enough,
        format_time(chosen.instant),
    );
    match chosen.session_not_on_or_after {
        Some(time) => {
            trace.check(CheckCode::Session, clock.has_not_ended(time), format_time(time));
        }
        None => trace.skip(CheckCode::Session, "no end is named"),
    }
    let class = chosen.context_class.as_deref().unwrap_or("none");
    if contexts.is_empty() {
        trace.skip(CheckCode::AuthnContext, class);
    } else {
        trace.check(CheckCode::AuthnContext, will_do(&chosen), class);
    }
    Some(chosen.clone())
}
