//! The attributes, written down a second time: RFC 7643 §3.1, §4, §8.7, and Webex's extensions as far as they hold
//! something that the core schemas do not.

/// What a value is compared as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// Not caseExact.
    Text,
    ExactText,
    Boolean,
    Number,
    Time,
    /// An address; always exact.
    Reference,
    /// Base64; always exact.
    Binary,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Simple(Type),
    Complex(&'static [Sub]),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sub {
    pub name: &'static str,
    pub kind: Type,
    pub written_by: Side,
}

/// Who sets an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Client,
    /// The client, but never anew: it is immutable.
    ClientOnce,
    /// It is readOnly.
    Server,
    /// Nobody ever gets to see it.
    Hidden,
}

impl Side {
    pub fn is_client(self) -> bool {
        matches!(self, Self::Client | Self::ClientOnce)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    One,
    Many,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attribute {
    pub name: &'static str,
    /// The extension's URN.
    pub extension: Option<&'static str>,
    pub kind: Kind,
    pub count: Count,
    pub written_by: Side,
}

/// What one kind of resource has.
#[derive(Debug, Clone, Copy)]
pub struct Schema {
    pub urn: &'static str,
    pub attributes: &'static [Attribute],
}

pub const USER_URN: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub const GROUP_URN: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
pub const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
pub const WEBEX_USER: &str = "urn:scim:schemas:extension:cisco:webexidentity:2.0:User";
pub const WEBEX_GROUP: &str = "urn:scim:schemas:extension:cisco:webexidentity:2.0:Group";

pub const USER: Schema = Schema {
    urn: USER_URN,
    attributes: USER_ATTRIBUTES,
};

pub const GROUP: Schema = Schema {
    urn: GROUP_URN,
    attributes: GROUP_ATTRIBUTES,
};

/// A group but for its members, which are kept apart from the rest.
pub const GROUP_ITSELF: Schema = Schema {
    urn: GROUP_URN,
    attributes: GROUP_ATTRIBUTES.split_at(GROUP_ATTRIBUTES.len() - 1).0,
};

const fn one(name: &'static str, kind: Type) -> Attribute {
    Attribute {
        name,
        extension: None,
        kind: Kind::Simple(kind),
        count: Count::One,
        written_by: Side::Client,
    }
}

const fn complex(name: &'static str, subs: &'static [Sub]) -> Attribute {
    Attribute {
        kind: Kind::Complex(subs),
        ..one(name, Type::Text)
    }
}

const fn many(attribute: Attribute) -> Attribute {
    Attribute {
        count: Count::Many,
        ..attribute
    }
}

const fn by_server(attribute: Attribute) -> Attribute {
    Attribute {
        written_by: Side::Server,
        ..attribute
    }
}

const fn of(extension: &'static str, attribute: Attribute) -> Attribute {
    Attribute {
        extension: Some(extension),
        ..attribute
    }
}

const fn sub(name: &'static str, kind: Type) -> Sub {
    Sub {
        name,
        kind,
        written_by: Side::Client,
    }
}

const fn sub_once(name: &'static str, kind: Type) -> Sub {
    Sub {
        name,
        kind,
        written_by: Side::ClientOnce,
    }
}

const fn sub_by_server(name: &'static str, kind: Type) -> Sub {
    Sub {
        name,
        kind,
        written_by: Side::Server,
    }
}

const SCHEMAS: Attribute = by_server(many(one("schemas", Type::ExactText)));
const ID: Attribute = by_server(one("id", Type::ExactText));
const EXTERNAL_ID: Attribute = one("externalId", Type::ExactText);
const META: Attribute = by_server(complex(
    "meta",
    &[
        sub_by_server("resourceType", Type::ExactText),
        sub_by_server("created", Type::Time),
        sub_by_server("lastModified", Type::Time),
        sub_by_server("location", Type::Reference),
        sub_by_server("version", Type::ExactText),
    ],
));

/// RFC 7643 §2.4.
const PLURAL: &[Sub] = &[
    sub("value", Type::Text),
    sub("display", Type::Text),
    sub("type", Type::Text),
    sub("primary", Type::Boolean),
];

const USER_ATTRIBUTES: &[Attribute] = &[
    SCHEMAS,
    ID,
    EXTERNAL_ID,
    META,
    one("userName", Type::Text),
    complex(
        "name",
        &[
            sub("formatted", Type::Text),
            sub("familyName", Type::Text),
            sub("givenName", Type::Text),
            sub("middleName", Type::Text),
            sub("honorificPrefix", Type::Text),
            sub("honorificSuffix", Type::Text),
        ],
    ),
    one("displayName", Type::Text),
    one("nickName", Type::Text),
    one("profileUrl", Type::Reference),
    one("title", Type::Text),
    one("userType", Type::Text),
    one("preferredLanguage", Type::Text),
    one("locale", Type::Text),
    one("timezone", Type::Text),
    one("active", Type::Boolean),
    Attribute {
        written_by: Side::Hidden,
        ..one("password", Type::ExactText)
    },
    many(complex("emails", PLURAL)),
    many(complex("phoneNumbers", PLURAL)),
    many(complex("ims", PLURAL)),
    many(complex(
        "photos",
        &[
            sub("value", Type::Reference),
            sub("display", Type::Text),
            sub("type", Type::Text),
            sub("primary", Type::Boolean),
        ],
    )),
    many(complex(
        "addresses",
        &[
            sub("formatted", Type::Text),
            sub("streetAddress", Type::Text),
            sub("locality", Type::Text),
            sub("region", Type::Text),
            sub("postalCode", Type::Text),
            sub("country", Type::Text),
            sub("type", Type::Text),
            sub("primary", Type::Boolean),
        ],
    )),
    by_server(many(complex(
        "groups",
        &[
            sub_by_server("value", Type::ExactText),
            sub_by_server("$ref", Type::Reference),
            sub_by_server("display", Type::Text),
            sub_by_server("type", Type::Text),
        ],
    ))),
    many(complex("entitlements", PLURAL)),
    many(complex("roles", PLURAL)),
    many(complex(
        "x509Certificates",
        &[
            sub("value", Type::Binary),
            sub("display", Type::Text),
            sub("type", Type::Text),
            sub("primary", Type::Boolean),
        ],
    )),
    of(ENTERPRISE, one("employeeNumber", Type::Text)),
    of(ENTERPRISE, one("costCenter", Type::Text)),
    of(ENTERPRISE, one("organization", Type::Text)),
    of(ENTERPRISE, one("division", Type::Text)),
    of(ENTERPRISE, one("department", Type::Text)),
    of(
        ENTERPRISE,
        complex(
            "manager",
            &[
                sub("value", Type::Text),
                sub("$ref", Type::Reference),
                sub_by_server("displayName", Type::Text),
            ],
        ),
    ),
    of(WEBEX_USER, many(one("accountStatus", Type::Text))),
    of(WEBEX_USER, one("authProvider", Type::Text)),
    of(WEBEX_USER, one("mfaEnabled", Type::Boolean)),
    of(WEBEX_USER, many(one("licenseID", Type::ExactText))),
    of(WEBEX_USER, many(complex("sipAddresses", PLURAL))),
    of(
        WEBEX_USER,
        many(complex(
            "managedOrgs",
            &[sub("orgId", Type::Text), sub("role", Type::Text)],
        )),
    ),
    of(
        WEBEX_USER,
        many(complex(
            "loginIds",
            &[
                sub("value", Type::Text),
                sub("format", Type::Text),
                sub("type", Type::Text),
                sub("status", Type::Text),
                sub_by_server("lastValidated", Type::Time),
            ],
        )),
    ),
    of(
        WEBEX_USER,
        complex(
            "pronouns",
            &[sub("value", Type::Text), sub("visibility", Type::Text)],
        ),
    ),
];

const GROUP_ATTRIBUTES: &[Attribute] = &[
    SCHEMAS,
    ID,
    EXTERNAL_ID,
    META,
    one("displayName", Type::Text),
    of(WEBEX_GROUP, one("usage", Type::Text)),
    of(
        WEBEX_GROUP,
        many(complex(
            "owners",
            &[
                sub("value", Type::Text),
                sub("display", Type::Text),
                sub("primary", Type::Boolean),
            ],
        )),
    ),
    of(
        WEBEX_GROUP,
        many(complex(
            "inheritances",
            &[
                sub_once("type", Type::Text),
                sub_once("value", Type::Text),
                sub_once("nested", Type::Boolean),
            ],
        )),
    ),
    of(
        WEBEX_GROUP,
        many(complex(
            "memberFilter",
            &[
                sub("value", Type::ExactText),
                sub("display", Type::Text),
                sub("type", Type::Text),
                sub("primary", Type::Boolean),
            ],
        )),
    ),
    by_server(many(complex(
        "members",
        &[
            sub_by_server("value", Type::ExactText),
            sub_by_server("$ref", Type::Reference),
            sub_by_server("type", Type::Text),
            sub_by_server("display", Type::Text),
        ],
    ))),
];

impl Schema {
    /// By name, in any case: of the core schema if it has the name, else of the first extension that does; with a
    /// URN, of that schema only.
    pub fn attribute(&self, urn: Option<&str>, name: &str) -> Option<&'static Attribute> {
        let fits = |attribute: &&'static Attribute| match urn {
            None => true,
            Some(urn) => attribute.extension.unwrap_or(self.urn).eq_ignore_ascii_case(urn),
        };
        let mut named = self
            .attributes
            .iter()
            .filter(|attribute| attribute.name.eq_ignore_ascii_case(name))
            .filter(fits);
        named.next()
    }
}

impl Attribute {
    /// Whether what tells its values apart is set once: they come and go as a whole.
    pub fn comes_whole(&self) -> bool {
        self.sub("value")
            .is_some_and(|sub| sub.written_by == Side::ClientOnce)
    }

    /// By name, in any case.
    pub fn sub(&self, name: &str) -> Option<&'static Sub> {
        match self.kind {
            Kind::Simple(_) => None,
            Kind::Complex(subs) => subs.iter().find(|sub| sub.name.eq_ignore_ascii_case(name)),
        }
    }
}
