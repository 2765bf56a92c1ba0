//! People's states: what follows from whether somebody is active, has shown the address to be theirs, was invited, and has
//! signed in. States are never stored; what they follow from is ([`store::facts`]).

use base::{Cause, OrgId, UserId};
use serde_json::json;
use store::Tx;
pub use store::facts::Facts;
use store::users::User;

use crate::events::Event;
use crate::{Directory, Error};

/// How a person stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PersonState {
    /// The address is theirs, and they have signed in.
    Active,
    /// The address is theirs; they have never signed in.
    Verified,
    /// They were invited to the present address and have not answered.
    Pending,
    /// Nobody has shown the present address to be theirs, and they are not invited.
    NotVerified,
    /// Disabled: they cannot sign in.
    Inactive,
}

impl PersonState {
    pub const ALL: [Self; 5] = [
        Self::Active,
        Self::Verified,
        Self::Pending,
        Self::NotVerified,
        Self::Inactive,
    ];

    pub fn of(active: bool, facts: &Facts) -> Self {
        if !active {
            return Self::Inactive;
        }
        match (facts.verified, facts.first_sign_in, facts.invited) {
            (Some(_), Some(_), _) => Self::Active,
            (Some(_), None, _) => Self::Verified,
            (None, _, Some(_)) => Self::Pending,
            (None, _, None) => Self::NotVerified,
        }
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Verified => "verified",
            Self::Pending => "pending",
            Self::NotVerified => "not_verified",
            Self::Inactive => "inactive",
        }
    }

    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// Somebody of whom more becomes known. The transaction holds the person.
#[derive(Debug, Clone, Copy)]
pub struct Moving<'a> {
    pub org: OrgId,
    pub user: UserId,
    pub user_name: &'a str,
    pub was_active: bool,
    pub is_active: bool,
}

impl<'a> Moving<'a> {
    /// Somebody who is as active as before.
    pub fn of(org: OrgId, person: &'a User) -> Self {
        Self {
            org,
            user: person.id,
            user_name: &person.user_name,
            was_active: person.active,
            is_active: person.active,
        }
    }

    /// Writes down what becomes known, and tells if the state is another one by that; answers what was known before.
    pub async fn learn(
        self,
        tx: &mut Tx<'_>,
        cause: &Cause,
        change: impl FnOnce(&mut Facts),
    ) -> Result<Facts, store::Error> {
        let before = store::facts::of_user(tx, self.org, self.user).await?;
        let mut after = before;
        change(&mut after);
        if self.is_active {
            after.inactive = None;
        } else {
            after.inactive = after.inactive.or(Some(tx.ambient().now()));
        }
        if after != before {
            store::facts::set(tx, self.org, self.user, &after).await?;
        }
        let from = PersonState::of(self.was_active, &before);
        let to = PersonState::of(self.is_active, &after);
        if from == to {
            return Ok(before);
        }
        let told = json!({ "name": self.user_name, "from": from.as_str(), "to": to.as_str() });
        let event = Event::new("user_state_change", "user", self.user, &told, cause);
        event.append(tx, self.org).await?;
        Ok(before)
    }
}

/// Of another address nothing is known.
pub fn forget_address(facts: &mut Facts) {
    facts.verified = None;
    facts.invited = None;
}

impl Directory {
    /// What is known of people, in their order.
    pub async fn facts(&self, org: OrgId, people: &[User]) -> Result<Vec<Facts>, Error> {
        let ids: Vec<UserId> = people.iter().map(|person| person.id).collect();
        let known = store::facts::of_users(&mut self.store.reader(), org, &ids).await?;
        let facts = |id| known.get(id).copied().unwrap_or_default();
        Ok(ids.iter().map(facts).collect())
    }
}

#[cfg(test)]
mod tests {
    use base::Timestamp;

    use super::*;

    #[test]
    fn a_state_follows_from_what_is_known() {
        let at = Some(Timestamp::default());
        for (active, invited, verified, signed_in, state) in [
            (true, None, None, None, "not_verified"),
            (true, at, None, None, "pending"),
            (true, at, at, None, "verified"),
            (true, None, at, None, "verified"),
            (true, at, at, at, "active"),
            // Another address, of which nothing is known yet.
            (true, None, None, at, "not_verified"),
            (true, at, None, at, "pending"),
            (false, None, None, None, "inactive"),
            (false, at, at, at, "inactive"),
        ] {
            let facts = Facts {
                invited,
                verified,
                first_sign_in: signed_in,
                ..Facts::default()
            };
            let found = PersonState::of(active, &facts);
            assert_eq!(found.as_str(), state, "{active} {facts:?}");
            assert_eq!(PersonState::find(state), Some(found));
        }
        assert_eq!(PersonState::find("Active"), None);
    }
}
