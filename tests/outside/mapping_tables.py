"""What each attribute of a hub's account must be, said once more by hand.

The rows are those of the published tables, not read from our preset files: if the two disagree, one of them is wrong.
A row is (attribute of the directory's SCIM user, attribute of the target's SCIM user).
"""

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


def _work(part):
    return ('addresses[type eq "work"].' + part,) * 2


def _phone(kind):
    return ('phoneNumbers[type eq "%s"].value' % kind,) * 2


_COMMON = [
    ("userName", "userName"),
    ("displayName", "displayName"),
    ("name.familyName", "name.familyName"),
    ("name.givenName", "name.givenName"),
    ("id", "externalId"),
    ("title", "title"),
    _work("country"),
    _work("locality"),
    _work("streetAddress"),
    _work("region"),
    _work("postalCode"),
    _phone("work"),
    _phone("mobile"),
    _phone("fax"),
]

# `active` is in no table: it follows from state and assignment and is checked by itself.
TABLES = {
    "webex-entra": _COMMON,
    "scim": _COMMON
    + [
        ('emails[type eq "work"].value', 'emails[type eq "work"].value'),
        (ENTERPRISE + ":department", ENTERPRISE + ":department"),
    ],
    # A manager is another id there: compare.manager_differences.
    "webex-okta": [
        ("userName", "userName"),
        ("displayName", "displayName"),
        ("name.familyName", "name.familyName"),
        ("name.givenName", "name.givenName"),
        ("id", "externalId"),
        ("title", "title"),
    ],
    "webex-jumpcloud": [
        ("userName", "userName"),
        ("displayName", "displayName"),
        ("name.givenName", "name.givenName"),
        ("name.familyName", "name.familyName"),
        (ENTERPRISE + ":employeeNumber", "externalId"),
        ("title", "title"),
        _work("country"),
        _work("locality"),
        _work("streetAddress"),
        _work("region"),
        _work("postalCode"),
        _phone("work"),
    ],
}

# A column of Entra ID's "Download users" -> the attribute that a Webex account must have from it.
ENTRA_COLUMNS = [
    ("userPrincipalName", "userName"),
    ("displayName", "displayName"),
    ("surname", "name.familyName"),
    ("givenName", "name.givenName"),
    ("jobTitle", "title"),
    ("usageLocation", 'addresses[type eq "work"].country'),
    ("city", 'addresses[type eq "work"].locality'),
    ("streetAddress", 'addresses[type eq "work"].streetAddress'),
    ("state", 'addresses[type eq "work"].region'),
    ("postalCode", 'addresses[type eq "work"].postalCode'),
    ("telephoneNumber", 'phoneNumbers[type eq "work"].value'),
    ("mobilePhone", 'phoneNumbers[type eq "mobile"].value'),
]


def value(resource, path):
    """The value at a path of the tables, or None; an empty text is None too."""
    if path.startswith("urn:"):
        urn, _, path = path.rpartition(":")
        resource = resource.get(urn) or {}
    if "[" in path:
        name, _, rest = path.partition("[type eq \"")
        kind, _, sub = rest.partition("\"].")
        found = [e.get(sub) for e in resource.get(name) or [] if str(e.get("type", "")).lower() == kind]
        found = [v for v in found if v not in (None, "")]
        if len(found) > 1:
            return found
        return found[0] if found else None
    for part in path.split("."):
        resource = (resource or {}).get(part)
    return resource if resource not in ("", [], {}) else None
