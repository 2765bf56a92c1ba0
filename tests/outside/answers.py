#!/usr/bin/env python3
"""Every SCIM answer of the server's own tests, judged by the models of scim2-models.

Reads the exchanges that those tests write down (one JSON object a line) when INSTEP_RECORD_SCIM names a file. People,
groups, lists, errors, bulk answers and discovery documents must be valid as scim2-models has them: its own User, Group
and EnterpriseUser; our extensions become models by way of our own /Schemas."""

import collections
import json
import os
import re
import sys
import urllib.parse

from checks import run
from processes import arguments

MESSAGES = "urn:ietf:params:scim:api:messages:2.0:"
BUILT_IN = ("urn:ietf:params:scim:", "urn:scim:schemas:extension:cisco:webexidentity:")
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
WEBEX_ERROR = "urn:scim:schemas:extension:cisco:webexidentity:api:messages:2.0:Error"
GROUP_MEMBERS = "urn:scim:schemas:extension:cisco:webexidentity:2.0:GroupMembers"
MEDIA_TYPES = {"application/scim+json", "application/json"}
VARYING = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|127\.0\.0\.1:\d+|T\d\d:\d\d:[\d.]+Z")
PLACE = re.compile(r"^/(?:v1/scim/([^/]*)|identity/scim/([^/]*)/v2)(/.*)?$")


# What the library asks for beyond the RFCs.
ITS_OWN = ("value is not a valid email address: Length must not exceed 2048 characters",)


class Exchange:
    def __init__(self, line):
        told = json.loads(line)
        self.method, self.status, self.text = told["method"], told["status"], told["body"]
        self.media_type = told["media_type"].partition(";")[0]
        path = urllib.parse.urlsplit(told["path"]).path.rstrip("/")
        place = PLACE.match(path)
        self.organization = place and (place.group(1) or place.group(2))
        if path == "/identity/scim/v2/Users/me":
            self.below = "/Me"
        else:
            self.below = (place and place.group(3)) or ""
        self.what = "%s %s: %d" % (told["method"], told["path"][:120], told["status"])

    def kind(self):
        """Exchanges that differ in ids and times only are one."""
        return self.method, self.status, VARYING.sub("", self.below), VARYING.sub("", self.text)


class Models:
    """What scim2-models makes of our /Schemas, for each organization of the tests."""

    def __init__(self, exchanges):
        import scim2_models

        self.lib = scim2_models
        self.extensions = collections.defaultdict(dict)
        self.known = {}
        for exchange in exchanges:
            if exchange.method == "GET" and exchange.status == 200 and exchange.below == "/Schemas":
                for schema in json.loads(exchange.text)["Resources"]:
                    self.extensions[exchange.organization][schema["id"]] = schema

    def without_own(self, body):
        """A body without the extensions that its organization added itself: their definitions change from test to test, and
        the server's own tests judge them."""
        own = [urn for urn in body.get("schemas", []) if not urn.startswith(BUILT_IN)]
        left = {name: value for name, value in body.items() if name not in own}
        return dict(left, schemas=[urn for urn in body.get("schemas", []) if urn not in own])

    def resource(self, organization, body):
        """The model of a resource: the library's own, with the extensions that the resource has."""
        base = self.lib.Group if any(":Group" in urn for urn in body.get("schemas", [])[:1]) else self.lib.User
        wanted = [urn for urn in body.get("schemas", [])[1:]]
        found = []
        for urn in wanted:
            if urn == ENTERPRISE:
                found.append(self.lib.EnterpriseUser)
                continue
            definition = self.extensions[organization].get(urn) or self.anywhere(urn)
            key = json.dumps(definition, sort_keys=True) if definition else urn
            key = VARYING.sub("", key)
            if key not in self.known:
                schema = self.lib.Schema.model_validate(definition)
                self.known[key] = self.lib.Extension.from_schema(schema)
            found.append(self.known[key])
        if not found:
            return base
        union = found[0]
        for one in found[1:]:
            union = union | one
        return base[union]

    def anywhere(self, urn):
        for schemas in self.extensions.values():
            if urn in schemas:
                return schemas[urn]
        return None


class Judge:
    def __init__(self, models):
        self.models, self.lib = models, models.lib
        self.counts = collections.Counter()

    def judge(self, exchange):
        """Raises if the answer is not valid."""
        if exchange.method == "HEAD" or exchange.status in (204, 304):
            assert not exchange.text, "a %d has no body" % exchange.status
            self.counts["without a body"] += 1
            return
        assert exchange.media_type in MEDIA_TYPES, "media type %r" % exchange.media_type
        body = json.loads(exchange.text)
        if exchange.status >= 400:
            self.error(body, exchange.status)
        elif MESSAGES + "BulkResponse" in body["schemas"]:
            self.bulk(exchange, body)
        elif MESSAGES + "ListResponse" in body["schemas"]:
            self.list(exchange, body)
        elif GROUP_MEMBERS in body["schemas"]:
            self.members(body)
        else:
            self.single(exchange, body, self.context(exchange))

    def context(self, exchange):
        contexts = {"POST": "CREATION", "PUT": "REPLACEMENT", "PATCH": "PATCH", "GET": "QUERY"}
        return self.lib.Context["RESOURCE_%s_RESPONSE" % contexts[exchange.method]]

    def error(self, body, status):
        self.counts["errors"] += 1
        if WEBEX_ERROR in body["schemas"]:
            self.counts["errors with Webex's extension"] += 1
            extension = body.pop(WEBEX_ERROR)
            assert set(extension) == {"trackingId", "errorCode", "details"}, extension
            assert all(isinstance(text, str) and text for text in extension.values()), extension
            assert int(extension["errorCode"]) // 1000 == status, extension
            assert extension["details"] == body["detail"], extension
            body["schemas"].remove(WEBEX_ERROR)
        error = self.lib.Error.model_validate(body)
        assert error.status == status, "says status %r" % error.status
        assert isinstance(body["status"], str) and error.detail
        types = {None, "invalidFilter", "tooMany", "uniqueness", "mutability", "invalidSyntax", "invalidPath", "noTarget",
                 "invalidValue", "invalidVers", "sensitive", "invalidCursor", "expiredCursor", "invalidCount"}
        assert error.scim_type in types, error.scim_type

    def list(self, exchange, body):
        self.counts["lists"] += 1
        resources = body["Resources"]
        assert body["itemsPerPage"] == len(resources) <= body["totalResults"], "counts differ"
        context = self.lib.Context.SEARCH_RESPONSE if exchange.method == "POST" else self.lib.Context.RESOURCE_QUERY_RESPONSE
        # An empty page of the library's own type: what holds for the message itself.
        self.lib.ListResponse[self.lib.User].model_validate(dict(body, Resources=[]), scim_ctx=context)
        for resource in resources:
            self.single(exchange, resource, self.lib.Context.RESOURCE_QUERY_RESPONSE)

    def members(self, body):
        """Webex's own message, of which the library knows nothing: as Webex's API reference shows it."""
        self.counts["pages of members"] += 1
        assert set(body) == {"schemas", "displayName", "memberSize", "itemsPerPage", "startIndex", "members"}, sorted(body)
        assert body["schemas"] == [GROUP_MEMBERS] and isinstance(body["displayName"], str)
        assert body["itemsPerPage"] == len(body["members"]) <= body["memberSize"] and body["startIndex"] >= 1, "counts differ"
        for member in body["members"]:
            assert set(member) == {"value", "type", "display"} and member["type"] in ("user", "group"), member

    def bulk(self, exchange, body):
        self.counts["bulk answers"] += 1
        assert ("Operations" in body) != ("operations" in body)
        body["Operations"] = body.pop("operations", None) or body.get("Operations") or []
        for operation in body["Operations"]:
            if operation["method"] == "POST":
                # A client that sends none gets none back; our own tests say when.
                operation.setdefault("bulkId", "none")
            if int(operation["status"]) >= 400:
                self.error(operation["response"], int(operation["status"]))
        both = self.lib.User | self.lib.Group
        self.lib.BulkResponse[both].model_validate(body, scim_ctx=self.lib.Context.BULK_RESPONSE)

    def single(self, exchange, body, context):
        name = body["schemas"][0].rpartition(":")[2]
        self.counts[name] += 1
        discovery = {"ServiceProviderConfig": self.lib.ServiceProviderConfig, "ResourceType": self.lib.ResourceType,
                     "Schema": self.lib.Schema}
        if name in discovery:
            discovery[name].model_validate(body, scim_ctx=context)
            return
        for inherited in body.pop("inheritances", []):
            assert set(inherited) <= {"type", "value", "source"}, inherited
        body = self.models.without_own(body)
        self.models.resource(exchange.organization, body).model_validate(body, scim_ctx=context)


def scenario(checks, options):
    with open(options.exchanges) as file:
        exchanges = [Exchange(line) for line in file]
    judge = Judge(Models(exchanges))
    seen, wrong = set(), collections.defaultdict(list)
    for exchange in exchanges:
        if exchange.kind() in seen:
            judge.counts["the same again"] += 1
            continue
        seen.add(exchange.kind())
        try:
            judge.judge(exchange)
        except Exception as error:
            if any(reason in str(error) for reason in ITS_OWN):
                judge.counts["refused for what no RFC says"] += 1
                continue
            wrong["%s: %s" % (type(error).__name__, str(error).replace("\n", " ")[:300])].append(exchange)
    print("%d exchanges: %s" % (len(exchanges), ", ".join("%d %s" % (n, what) for what, n in judge.counts.most_common())))
    finds_what_is_wrong(checks, judge)
    for reason, ones in wrong.items():
        checks.check("%d answers" % len(ones), False, [reason, ones[0].what, ones[0].text[:1000]])
    for what, least in (("User", 500), ("Group", 150), ("lists", 300), ("errors", 300), ("bulk answers", 20),
                        ("errors with Webex's extension", 20), ("Schema", 10), ("ResourceType", 4),
                        ("ServiceProviderConfig", 2), ("pages of members", 5), ("without a body", 5)):
        checks.check("valid: %d %s" % (judge.counts[what], what), judge.counts[what] >= least, "too few to mean something")


def finds_what_is_wrong(checks, judge):
    """That the judge is one: answers that are almost right."""
    user = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": "1", "userName": "a"}
    webex = "urn:scim:schemas:extension:cisco:webexidentity:2.0:User"
    for what, body in (
        ("no id", {name: value for name, value in user.items() if name != "id"}),
        ("an attribute that no schema has", dict(user, shoeSize=42)),
        ("a password", dict(user, password="secret")),
        ("a text for a boolean in our extension",
         dict(user, schemas=user["schemas"] + [webex], **{webex: {"mfaEnabled": "perhaps"}})),
        ("an extension that schemas does not name", dict(user, **{webex: {"mfaEnabled": True}})),
    ):
        line = {"method": "GET", "path": "/v1/scim/o/Users/1", "status": 200, "media_type": "application/scim+json",
                "body": json.dumps(body)}
        try:
            judge.judge(Exchange(json.dumps(line)))
            checks.check("refused: %s" % what, False)
        except Exception:
            checks.check("refused: %s" % what, True)


def main():
    parser = arguments(__doc__.splitlines()[0])
    parser.add_argument("--exchanges", required=True, metavar="FILE")
    options = parser.parse_args()
    try:
        import scim2_models  # noqa: F401
    except ImportError:
        python = os.path.join(options.tools, "python")
        os.execv(python, [python, "-u", *sys.argv])
    return run(scenario, options)


if __name__ == "__main__":
    sys.exit(main())
