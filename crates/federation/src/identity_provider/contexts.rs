//! What a service is told of how somebody has signed in: classes of authentication contexts (SAML core §3.3.2.2.1).

use saml::names::context_class;
use serde::{Deserialize, Serialize};

/// What somebody has shown here who signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// The password; nothing where an identity provider outside vouches.
    Password,
    /// And that: a code.
    Code,
    /// And that: a passkey.
    Passkey,
}

impl Method {
    pub const ALL: [Self; 3] = [Self::Password, Self::Code, Self::Passkey];
}

/// An identity provider outside has vouched, in the place of a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outside {
    /// The class that it has said.
    pub context: Option<String>,
}

impl Outside {
    /// Has it seen a password? Only then is what was shown here a second thing.
    fn saw_password(&self) -> bool {
        let class = self.context.as_deref();
        class.is_some_and(|class| PASSWORDS.contains(&class))
    }
}

/// Classes of a password and nothing else, the one that says more first.
const PASSWORDS: [&str; 2] = [
    context_class::PASSWORD_PROTECTED_TRANSPORT,
    context_class::PASSWORD,
];

/// What the service is told of how somebody has signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Contexts {
    pub password: String,
    pub code: String,
    pub passkey: String,
    /// Of whom an identity provider outside vouches for. Empty: what that has said.
    pub federated: String,
}

impl Default for Contexts {
    fn default() -> Self {
        let of = str::to_owned;
        Self {
            password: of(context_class::PASSWORD_PROTECTED_TRANSPORT),
            code: of(context_class::TIME_SYNC_TOKEN),
            passkey: of(context_class::REFEDS_MFA),
            federated: String::new(),
        }
    }
}

/// Some of them, to be changed; what is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ContextsChange {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passkey: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub federated: Option<String>,
}

impl ContextsChange {
    /// The same with what another one says on top.
    pub(super) fn with(self, other: Self) -> Self {
        Self {
            password: other.password.or(self.password),
            code: other.code.or(self.code),
            passkey: other.passkey.or(self.passkey),
            federated: other.federated.or(self.federated),
        }
    }

    pub(super) fn apply(&self, contexts: &mut Contexts) {
        for (place, said) in [
            (&mut contexts.password, &self.password),
            (&mut contexts.code, &self.code),
            (&mut contexts.passkey, &self.passkey),
            (&mut contexts.federated, &self.federated),
        ] {
            if let Some(said) = said {
                place.clone_from(said);
            }
        }
    }
}

impl Contexts {
    fn own(&self, method: Method) -> &str {
        match method {
            Method::Password => &self.password,
            Method::Code => &self.code,
            Method::Passkey => &self.passkey,
        }
    }

    /// All that is true of somebody who has signed in so, what is said unless something is asked for first.
    pub(super) fn true_of<'c>(&'c self, method: Method, outside: Option<&'c Outside>) -> Vec<&'c str> {
        match outside {
            None => self.of_own(method),
            Some(outside) => self.of_outside(method, outside),
        }
    }

    /// Whoever has shown more has shown a password, too.
    fn of_own(&self, method: Method) -> Vec<&str> {
        let mut classes = vec![self.own(method)];
        if method != Method::Password {
            classes.extend([context_class::REFEDS_MFA, &self.password]);
        }
        classes.extend(PASSWORDS);
        classes.push(context_class::UNSPECIFIED);
        classes
    }

    /// No more than the identity provider outside has said, but for a second factor that was shown here behind a password
    /// there: where it has said nothing, nobody knows what the first one was.
    fn of_outside<'c>(&'c self, method: Method, outside: &'c Outside) -> Vec<&'c str> {
        let mut classes = Vec::new();
        if method != Method::Password && outside.saw_password() {
            classes.extend([self.own(method), context_class::REFEDS_MFA]);
        }
        classes.extend(Some(self.federated.as_str()).filter(|class| !class.is_empty()));
        classes.extend(outside.context.as_deref());
        if outside.saw_password() {
            classes.push(context_class::PASSWORD);
        }
        classes.push(context_class::UNSPECIFIED);
        classes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outside(class: &str) -> Outside {
        Outside {
            context: Some(class.to_owned()),
        }
    }

    #[test]
    fn nobody_is_said_to_have_shown_what_nobody_has_seen() {
        let contexts = Contexts::default();
        let silent = Outside { context: None };
        for method in Method::ALL {
            let told = contexts.true_of(method, Some(&silent));
            assert_eq!(told, [context_class::UNSPECIFIED], "{method:?}");
            let seen = outside("urn:example:link");
            let told = contexts.true_of(method, Some(&seen));
            assert_eq!(told, ["urn:example:link", context_class::UNSPECIFIED]);
        }
    }

    #[test]
    fn a_second_factor_counts_behind_a_password_outside() {
        let contexts = Contexts::default();
        let password = outside(context_class::PASSWORD);
        let told = contexts.true_of(Method::Code, Some(&password));
        assert_eq!(
            told[..2],
            [context_class::TIME_SYNC_TOKEN, context_class::REFEDS_MFA]
        );
        assert!(
            !told.contains(&context_class::PASSWORD_PROTECTED_TRANSPORT),
            "that was not said"
        );
        let told = contexts.true_of(Method::Password, Some(&password));
        assert_eq!(told[0], context_class::PASSWORD);
    }

    #[test]
    fn what_is_set_for_people_from_outside_is_said_first() {
        let contexts = Contexts {
            federated: "urn:example:outside".to_owned(),
            ..Contexts::default()
        };
        let there = outside(context_class::SMARTCARD_PKI);
        let told = contexts.true_of(Method::Password, Some(&there));
        let expected = [
            "urn:example:outside",
            context_class::SMARTCARD_PKI,
            context_class::UNSPECIFIED,
        ];
        assert_eq!(told, expected);
        assert!(
            !contexts
                .true_of(Method::Password, None)
                .contains(&"urn:example:outside")
        );
    }
}
