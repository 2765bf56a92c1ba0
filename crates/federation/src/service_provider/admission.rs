//! Whom an answer is about, and whether that person may in.

use base::{Cause, OrgId, Timestamp};
use directory::domains::{domain_of, domain_of_person};
use saml::profile::service_provider::SignedIn;
use saml::webex_error::WebexError;
use store::users::User;

use super::accounts::{Account, UpdateTime, source_name};
use super::attributes::{Said, UPDATE_TIME, plain};
use super::organization::Sso;
use super::person::{self, Found};
use super::settings::SecondFactor;
use super::way::{Stop, Way};
use super::{Provider, Vouched, Welcome};
use crate::{Federation, TracedCheck};

impl Federation {
    /// Whom it is about, and whether that person may in. A test is judged like a real sign-in, of an identity provider that is
    /// switched on; it makes and changes nobody.
    pub(super) async fn judge_person(
        &self,
        cause: &Cause,
        org: OrgId,
        (sso, provider): (&Sso, &Provider),
        signed_in: &SignedIn,
        way: &mut Way,
    ) -> Result<Welcome, Stop> {
        let assertion = &signed_in.assertion;
        // The judge has made sure that there is one.
        let Some(name_id) = &assertion.subject.name_id else {
            return Err(way.fail("subject.name_id", WebexError::NoUserName, "none"));
        };
        way.subject = Some(name_id.value.clone());
        let settings = &provider.settings;
        let said = Said::read(assertion, settings);
        let user_name = person::user_name(&said, name_id, provider);
        let found = self
            .find_person(org, provider, (assertion, name_id), &said, &user_name)
            .await?;
        if found.is_none() && user_name.is_empty() {
            let reason = format!(
                "there is no attribute {}, and the name says nothing",
                settings.names_of("userName").join(" or ")
            );
            return Err(way.fail("subject.user_name", WebexError::NoUserName, reason));
        }
        let account = Account {
            said: &said,
            user_name: &user_name,
        };
        let (whose, domain) = if let Some(found) = &found {
            let document = directory::document(&found.user)?;
            (Some(found.user.id), domain_of_person(&document))
        } else {
            let by_name = Some(user_name.as_str()).filter(|name| person::is_address(name));
            (None, by_name.or_else(|| said.get("email")).and_then(domain_of))
        };
        let whom = found
            .as_ref()
            .map_or(&user_name, |found| &found.user.user_name)
            .clone();
        if !self.may_vouch(org, way.voucher(provider), whose, domain).await? {
            let reason = self.why_no_route(org, &whom).await?;
            return Err(way.fail("account.route", WebexError::UntrustedIssuer, reason));
        }
        way.note("account.route", true, whom);
        if let Some(found) = &found
            && self
                .is_somebody_else(org, provider.id, found.user.id, name_id)
                .await?
        {
            let reason = format!(
                "{} is linked to another persistent name of this identity provider: whoever it is, an administrator has to \
                 unlink that one first",
                found.user.user_name
            );
            return Err(way.fail("account.subject", WebexError::NoAccount, reason));
        }
        let time = UpdateTime::read(plain(assertion, UPDATE_TIME));
        let (user, updated) = match found {
            Some(found) => {
                self.known(cause, org, provider, found, account, time, way)
                    .await?
            }
            None => self.unknown(cause, org, provider, account, time, way).await?,
        };
        way.user = user.as_ref().map(|user| user.id);
        if let Some(user) = user.as_ref().filter(|_| !way.test) {
            let whose = (user.id, user.user_name.as_str());
            let kept = self.keep_subject(cause, org, provider, whose, name_id, updated);
            if !kept.await? {
                let reason = "the person was linked to another name meanwhile";
                return Err(way.fail("account.subject", WebexError::NoAccount, reason));
            }
        }
        let authenticated = assertion
            .authn_statements
            .first()
            .map_or_else(|| self.ambient().now(), |statement| statement.instant);
        Ok(Welcome {
            // Nobody is let in by a test.
            user: user.map_or_else(|| self.ambient().id(), |user| user.id),
            authenticated,
            until: signed_in.session_not_on_or_after,
            trusts_second_factor: settings.second_factor == SecondFactor::Trust,
            vouched: Vouched {
                provider: provider.id,
                name_id: name_id.value.clone(),
                name_id_format: name_id.format.clone(),
                name_qualifier: name_id.name_qualifier.clone(),
                sp_name_qualifier: name_id.sp_name_qualifier.clone(),
                session_index: signed_in.session_index.clone(),
                context: signed_in.context_class.clone(),
                authenticated: Some(authenticated),
                attendee: sso.settings.attendees,
            },
            browser: None,
            target: None,
        })
    }

    #[allow(clippy::too_many_arguments)]
    async fn known(
        &self,
        cause: &Cause,
        org: OrgId,
        provider: &Provider,
        found: Found,
        account: Account<'_>,
        time: UpdateTime,
        way: &mut Way,
    ) -> Result<(Option<User>, Option<Timestamp>), Stop> {
        let Found { user, by } = found;
        way.user = Some(user.id);
        way.note("account.found", true, format!("{} by {by}", user.user_name));
        if !user.active {
            let reason = format!("{} is disabled", user.user_name);
            return Err(way.fail("account.active", WebexError::AccountDeactivated, reason));
        }
        if !provider.settings.auto_update {
            return Ok((Some(user), None));
        }
        let known = self.subject(org, provider.id, user.id).await?;
        let before = known.and_then(|known| known.updated);
        let skip = |why: &str| TracedCheck {
            check: "account.update".to_owned(),
            outcome: "not_applicable".to_owned(),
            detail: why.to_owned(),
        };
        let at = match time {
            UpdateTime::Missing => {
                way.checks.push(skip("there is no updateTimeStamp"));
                return Ok((Some(user), None));
            }
            UpdateTime::Unreadable => {
                let reason = "updateTimeStamp is neither a long, nor UTC, nor LDIF time";
                return Err(way.fail("account.update", WebexError::AccountUpdate, reason));
            }
            UpdateTime::At(at) => at,
        };
        if before.is_some_and(|before| at <= before) {
            way.checks
                .push(skip("updateTimeStamp is no newer than that before"));
            return Ok((Some(user), None));
        }
        let source = self.directory.settings(org).await?.source;
        if source != directory::PeopleSource::None {
            way.checks
                .push(skip(&format!("users.source is {}", source_name(source))));
            return Ok((Some(user), None));
        }
        let updated = self.update_account(cause, org, provider, user, (account, way));
        match updated.await? {
            Ok(user) if way.test => {
                way.note(
                    "account.update",
                    true,
                    "would be brought up to date; a test changes nobody",
                );
                Ok((Some(user), None))
            }
            Ok(user) => {
                way.note("account.update", true, at.to_string());
                Ok((Some(user), Some(at)))
            }
            Err(fault) => Err(way.fail("account.update", fault.error, fault.reason)),
        }
    }

    async fn unknown(
        &self,
        cause: &Cause,
        org: OrgId,
        provider: &Provider,
        account: Account<'_>,
        time: UpdateTime,
        way: &mut Way,
    ) -> Result<(Option<User>, Option<Timestamp>), Stop> {
        if !provider.settings.auto_create {
            let mut reason = format!("nobody here is {}", account.user_name);
            if person::is_address(account.user_name)
                && !self.directory.may_vouch_for(org, account.user_name).await?
            {
                reason.push_str(": its domain is not verified, and nobody is found by such an address");
            }
            return Err(way.fail("account.found", WebexError::NoAccount, reason));
        }
        match self.create_account(cause, org, provider, account, way).await? {
            Ok(None) => {
                way.note("account.create", true, "would be made; a test makes nobody");
                Ok((None, None))
            }
            Ok(Some(user)) => {
                way.note("account.create", true, user.user_name.clone());
                Ok((Some(user), time.time()))
            }
            Err(fault) => Err(way.fail("account.create", fault.error, fault.reason)),
        }
    }
}
