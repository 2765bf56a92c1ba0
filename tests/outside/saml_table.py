"""What an app is told of somebody: a table that is written down a second time."""

OWN = "four words of one's own"

# What is set for the app, and what the service must find for the person below.
ATTRIBUTES = [
    ({"name": "uid", "source": {"attribute": "userName"}}, ["anna@people.example"]),
    ({"name": "mail", "source": {"expression": "ToLower([mail])"}}, ["anna.berg@people.example"]),
    ({"name": "urn:oid:2.5.4.4", "name_format": "uri", "friendly_name": "sn", "source": {"attribute": "surname"}},
     ["Berg & Söhne <\"'>"]),
    ({"name": "title", "source": {"constant": "Köchin"}}, ["Köchin"]),
    ({"name": "greeting", "source": {"expression": "String.append(\"Hello \", user.firstName)", "language": "okta"}},
     ["Hello Anna"]),
    ({"name": "groups", "source": {"attribute": "groups.display"}}, ["Cooks", "Staff"]),
    ({"name": "nickname", "source": {"attribute": "nickName"}}, None),
    ({"name": "empty", "source": {"attribute": "nickName"}, "when_empty": "empty"}, [""]),
]

PERSON = {
    "userName": "anna@people.example",
    "name": {"givenName": "Anna", "familyName": "Berg & Söhne <\"'>"},
    "emails": [{"value": "Anna.Berg@people.example", "type": "work", "primary": True}],
}
