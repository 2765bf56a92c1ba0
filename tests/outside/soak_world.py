"""What the clients of a soak share, and what one of them knows of a person."""

import itertools
import threading
import urllib.parse

USER = "urn:ietf:params:scim:schemas:core:2.0:User"

SHARED_GROUPS = 3


class World:
    """What all clients share."""

    def __init__(self, url, org, token):
        parts = urllib.parse.urlsplit(url)
        self.host, self.prefix, self.token = parts.netloc, "/v1/scim/" + org, token
        self.shared_groups, self.counters, self.board = [], [], None
        self.wrong, self.killing, self.requests, self.writes = [], False, 0, 0
        self.correlations, self.counted, self.races = set(), set(), itertools.count()
        self.lock = threading.Lock()

    def blame(self, what):
        with self.lock:
            self.wrong.append(what)


class Gone(Exception):
    """The server is gone, or has been wrong: no more requests."""


class Person:
    def __init__(self, key, user_name, display_name, title):
        self.key, self.user_name, self.display_name, self.title = key, user_name, display_name, title
        self.id, self.active, self.version, self.groups, self.phones = None, True, 1, set(), {}

    def body(self, **more):
        phones = [{"type": kind, "value": value} for kind, value in sorted(self.phones.items())]
        return dict({"schemas": [USER], "externalId": self.key, "userName": self.user_name,
                     "displayName": self.display_name, "title": self.title, "active": self.active,
                     "name": {"familyName": self.title, "givenName": self.key},
                     "emails": [{"value": self.user_name, "type": "work", "primary": True}],
                     "phoneNumbers": phones}, **more)

    def differs(self, shown, groups):
        """What a resource as it was shown has otherwise than it must be; `groups`: ids of groups by their keys."""
        version = int(shown["meta"]["version"].split('"')[1].split("-")[0])
        found = (shown["id"], shown["externalId"], shown["userName"], shown["displayName"], shown["title"],
                 shown["active"], shown["name"], shown["emails"][0]["value"], version,
                 {phone["type"]: phone["value"] for phone in shown.get("phoneNumbers", [])},
                 sorted(group["value"] for group in shown.get("groups", [])))
        wanted = (self.id, self.key, self.user_name, self.display_name, self.title, self.active,
                  {"familyName": self.title, "givenName": self.key}, self.user_name, self.version, self.phones,
                  sorted(groups[key] for key in self.groups))
        return None if found == wanted else "%s: found %r, wanted %r" % (self.key, found, wanted)
