//! Whose account it is that somebody else's word about an address means: only within verified domains.

use base::{OrgId, UserId, canonical};
use store::users::User;
use store::{Attribute, Lookup, Match, Start};

use super::name;
use crate::{Directory, Error, rendering, rules};

pub use super::name::of_address as domain_of;

/// As many people as can have one address, before none of them is meant.
const LOOKED_AT: u32 = 8;

impl Directory {
    /// The one person who signs in by an address, for whoever vouches for it from outside, such as another identity provider.
    /// Nobody, if the address is not in a domain that the organization has verified, or the DNS has ceased to say that it is its
    /// own, or if several people have the address: an account is not given to whoever names it.
    pub async fn person_to_link(&self, org: OrgId, address: &str) -> Result<Option<User>, Error> {
        let Some(domain) = name::of_address(address) else {
            return Ok(None);
        };
        if !self.may_vouch_for(org, address).await? {
            return Ok(None);
        }
        let mut reader = self.store.reader();
        let key = canonical::email(address);
        let mut found: Vec<(UserId, User)> = Vec::new();
        for lookup in [
            Lookup::UserName(Match::Equal(canonical::user_name(address))),
            Lookup::Key(Attribute::Email, Match::Equal(rendering::indexed(key.clone()))),
        ] {
            let people = store::users::page(&mut reader, org, &lookup, Start::FIRST, LOOKED_AT).await?;
            for person in people {
                let document = rendering::document(&person)?;
                let is_theirs = rules::sign_in_address(&document).as_ref() == Some(&key)
                    && name::of_person(&document).as_ref() == Some(&domain);
                if is_theirs && !found.iter().any(|(id, _)| *id == person.id) {
                    found.push((person.id, person));
                }
            }
        }
        let last = found.pop().map(|(_, person)| person);
        Ok(last.filter(|_| found.is_empty()))
    }

    /// Is an address in a domain that the organization has verified, and that the DNS still says to be its own?
    pub async fn may_vouch_for(&self, org: OrgId, address: &str) -> Result<bool, Error> {
        let Some(domain) = name::of_address(address) else {
            return Ok(false);
        };
        let known = store::domains::by_name(&mut self.store.reader(), org, &domain).await?;
        Ok(known.is_some_and(|known| known.verified.is_some() && known.missing.is_none()))
    }
}
