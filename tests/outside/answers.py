#!/usr/bin/env python3
"""Every SCIM answer of the server's own tests, judged by the models of scim2-models.

Reads the exchanges that those tests write down (one JSON object a line) when INSTEP_RECORD_SCIM names a file. People,
groups, lists, errors, bulk answers and discovery documents must be valid as scim2-models has them: its own User, Group
and EnterpriseUser; our extensions become models by way of our own /Schemas, those that organizations added by way of what
the admin API answered to their upload. Each resource must also be valid by nothing but the models that /Schemas gives."""

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
HR = "urn:example:hr:1.0:User"
MEDIA_TYPES = {"application/scim+json", "application/json"}
VARYING = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|127\.0\.0\.1:\d+|T\d\d:\d\d:[\d.]+Z")
ADMIN_API = "/api/v1/schemas"
PLACE = re.compile(r"^/(?:v1/scim/([^/]*)|identity/scim/([^/]*)/v2)(/.*)?$")


# What the library asks for beyond the RFCs. What is always returned can be without a value.
ITS_OWN = ("value is not a valid email address: Length must not exceed 2048 characters",
           "has returnability 'always' but value is missing or null")


def is_its_own(error):
    return any(reason in str(error) for reason in ITS_OWN)


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
        self.is_definition = path.startswith(ADMIN_API)
        self.what = "%s %s: %d" % (told["method"], told["path"][:120], told["status"])

    def kind(self):
        """Exchanges that differ in ids and times only are one."""
        return self.method, self.status, VARYING.sub("", self.below), VARYING.sub("", self.text)


class Models:
    """What scim2-models makes of our /Schemas, for each organization of the tests."""

    def __init__(self, exchanges):
        import scim2_models

        self.lib = scim2_models
        # By URN: what we have and announce, and all that an organization has uploaded at one time or another.
        self.announced, self.uploaded = {}, collections.defaultdict(list)
        self.known = {}
        for exchange in exchanges:
            if exchange.is_definition and exchange.status in (200, 201):
                told = json.loads(exchange.text)
                for schema in [told["schema"]] if "schema" in told else []:
                    if schema not in self.uploaded[schema["id"]]:
                        self.uploaded[schema["id"]].append(schema)
            if exchange.method == "GET" and exchange.status == 200 and exchange.below == "/Schemas":
                for schema in json.loads(exchange.text)["Resources"]:
                    # An organization may show less to Entra ID than it has.
                    if len(json.dumps(schema)) > len(json.dumps(self.announced.get(schema["id"], ""))):
                        self.announced[schema["id"]] = schema

    def made(self, definition, of):
        key = of.__name__ + json.dumps(definition, sort_keys=True)
        if key not in self.known:
            self.known[key] = of.from_schema(self.lib.Schema.model_validate(definition))
        return self.known[key]

    def judge(self, body, context):
        """A resource by all models there are for it; raises if one of them refuses it."""
        urns = body["schemas"]
        own = [urn for urn in urns if not urn.startswith(BUILT_IN)]
        core = self.lib.Group if any(":Group" in urn for urn in urns[:1]) else self.lib.User
        ours = self.made(self.announced[urns[0]], self.lib.Resource)
        built_in = [urn for urn in urns[1:] if urn not in own]
        extensions = [self.made(self.announced[urn], self.lib.Extension) for urn in built_in]
        theirs = [self.lib.EnterpriseUser if urn == ENTERPRISE else model for urn, model in zip(built_in, extensions)]
        less = without(body, own)
        with_extensions(ours, extensions).model_validate(less, scim_ctx=context)
        # The library's own User has none of them; ours has judged them.
        less.pop("inheritances", None)
        with_extensions(core, theirs).model_validate(less, scim_ctx=context)
        for urn in own:
            others = [other for other in own if other != urn]
            self.judge_own(without(body, others + built_in), core, urn, context)

    def judge_own(self, body, core, urn, context):
        """What an organization has added, by one of the definitions that it had: they change from test to test."""
        assert self.uploaded[urn], "nobody has uploaded %s" % urn
        body.pop("inheritances", None)
        refused = None
        for definition in self.uploaded[urn]:
            try:
                with_extensions(core, [self.made(definition, self.lib.Extension)]).model_validate(body, scim_ctx=context)
                return
            except Exception as error:
                refused = refused if refused and is_its_own(refused) else error
        raise refused


def without(body, urns):
    left = {name: value for name, value in body.items() if name not in urns}
    return dict(left, schemas=[urn for urn in body["schemas"] if urn not in urns])


def with_extensions(model, extensions):
    if not extensions:
        return model
    union = extensions[0]
    for one in extensions[1:]:
        union = union | one
    return model[union]


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
        own = [urn for urn in body["schemas"] if not urn.startswith(BUILT_IN)]
        if own:
            self.counts["with an organization's own schema"] += 1
        if "inheritances" in body:
            self.counts["with inheritances"] += 1
        self.models.judge(body, context)


def scenario(checks, options):
    with open(options.exchanges) as file:
        exchanges = [Exchange(line) for line in file]
    judge = Judge(Models(exchanges))
    seen, wrong = set(), collections.defaultdict(list)
    for exchange in exchanges:
        if exchange.is_definition:
            continue
        if exchange.kind() in seen:
            judge.counts["the same again"] += 1
            continue
        seen.add(exchange.kind())
        try:
            judge.judge(exchange)
        except Exception as error:
            if is_its_own(error):
                judge.counts["refused for what no RFC says"] += 1
                continue
            wrong["%s: %s" % (type(error).__name__, str(error).replace("\n", " ")[:300])].append(exchange)
    print("%d exchanges: %s" % (len(exchanges), ", ".join("%d %s" % (n, what) for what, n in judge.counts.most_common())))
    finds_what_is_wrong(checks, judge)
    for reason, ones in wrong.items():
        checks.check("%d answers" % len(ones), False, [reason, ones[0].what, ones[0].text[:1000]])
    for what, least in (("User", 500), ("Group", 150), ("lists", 300), ("errors", 300), ("bulk answers", 20),
                        ("errors with Webex's extension", 20), ("Schema", 10), ("ResourceType", 4),
                        ("ServiceProviderConfig", 2), ("pages of members", 5), ("without a body", 5),
                        ("with an organization's own schema", 30), ("with inheritances", 2)):
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
        ("inheritances of another shape", dict(user, inheritances=[{"kind": "role"}])),
        ("an own schema of which nobody knows", dict(user, schemas=user["schemas"] + ["urn:x:nobody:User"],
                                                     **{"urn:x:nobody:User": {"a": "b"}})),
        ("a text for a number in an own schema", dict(user, schemas=user["schemas"] + [HR], **{HR: {"badge": [["x"]]}})),
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
