#!/usr/bin/env python3
"""Bad input, each a clear error at its door: over SCIM, over /api/v1, on the command line."""

import os
import re
import sys
import tempfile
import urllib.parse

from checks import run
from http_json import Client, Scim
from processes import Instep, arguments, free_port

ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
NOBODY = "0198a000-0000-7000-8000-000000000000"


def is_scim_error(answer, statuses, scim_type=None):
    try:
        body = answer.json
    except ValueError:
        return False
    return (answer.status in statuses and isinstance(body, dict) and ERROR in body.get("schemas", [])
            and str(body.get("status")) == str(answer.status) and bool(body.get("detail"))
            and "application/scim+json" in (answer.headers.get("Content-Type") or "")
            and (scim_type is None or body.get("scimType") == scim_type))


def is_problem(answer, status, code=None):
    try:
        body = answer.json
    except ValueError:
        return False
    return (answer.status == status and isinstance(body, dict) and body.get("status") == status and body.get("detail")
            and "application/problem+json" in (answer.headers.get("Content-Type") or "")
            and (code is None or body.get("code") == code))


def over_scim(checks, service):
    for base in ("/v1/scim/%s", "/identity/scim/%s/v2"):
        root = service.url + base
        scim = Scim(root % service.org, service.token)
        answer = Scim(root % NOBODY, service.token).try_send("GET", "/Users")
        checks.check("%s: an unknown organization" % base, is_scim_error(answer, (401, 403, 404)), answer)
        answer = Scim(root % "no-organization", service.token).try_send("GET", "/Users")
        checks.check("%s: an organization that is no id" % base, is_scim_error(answer, (400, 401, 403, 404)), answer)
        for what, token in (("no token", None), ("a wrong token", "x" * 43)):
            answer = Scim(root % service.org, token).try_send("GET", "/Users")
            good = is_scim_error(answer, (401,)) and "Bearer" in (answer.headers.get("WWW-Authenticate") or "")
            checks.check("%s: %s" % (base, what), good, answer)
        answer = scim.try_send("POST", "/Users", b'{"userName": ')
        checks.check("%s: malformed JSON" % base, is_scim_error(answer, (400,), "invalidSyntax"), answer)
        answer = scim.try_send("POST", "/Users", {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"]})
        checks.check("%s: no userName" % base, is_scim_error(answer, (400,), "invalidValue"), answer)
        answer = scim.try_send("GET", "/Users?filter=" + urllib.parse.quote('userName eq "a" and (title pr'))
        good = is_scim_error(answer, (400,), "invalidFilter") and re.search(r"\d", answer.json["detail"])
        checks.check("%s: a filter with an error says where" % base, good, answer)
        answer = scim.try_send("GET", "/Users/" + NOBODY)
        checks.check("%s: nobody" % base, is_scim_error(answer, (404,)), answer)
        answer = scim.try_send("GET", "/Nothing")
        checks.check("%s: an unknown endpoint" % base, is_scim_error(answer, (404,)), answer)
        answer = scim.try_send("POST", "/Users", {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
                                                  "userName": "nul\u0000@example.com"})
        checks.check("%s: U+0000" % base, is_scim_error(answer, (400,)), answer)


def over_the_api(checks, service):
    api = service.api()
    answer = Client(service.url).try_send("GET", "/api/v1/people")
    good = is_problem(answer, 401) and "Bearer" in (answer.headers.get("WWW-Authenticate") or "")
    checks.check("/api/v1: no token", good, answer)
    answer = api.try_send("GET", "/api/v1/apps/nothing")
    checks.check("/api/v1: an unknown app", is_problem(answer, 404), answer)
    answer = api.try_send("POST", "/api/v1/apps", b"{")
    checks.check("/api/v1: malformed JSON", is_problem(answer, 400), answer)
    answer = api.try_send("GET", "/api/v1/nothing")
    checks.check("/api/v1: an unknown address", is_problem(answer, 404), answer)
    plain = Client(service.url, service.create_token())
    answer = plain.try_send("DELETE", "/api/v1/people/" + NOBODY)
    checks.check("/api/v1: a token without the scope", is_problem(answer, 403), answer)

    target = "http://127.0.0.1:%d/scim/v2" % free_port()
    api.post("/api/v1/apps", {"template": "webex", "name": "Down", "base_url": target, "token": "t", "activate": False})
    mappings = api.get("/api/v1/apps/Down/mappings")["mappings"]
    for row in mappings:
        if row["target"] == "active":
            row["source"] = {"expression": 'Switch([IsSoftDeleted], , "False", "True"'}
    answer = api.try_send("PUT", "/api/v1/apps/Down/mappings", {"mappings": mappings})
    good = is_problem(answer, 400, "mapping.expression") and "position" in (answer.json.get("params") or {})
    checks.check("/api/v1: an expression that does not parse says where", good, answer)
    tested = api.post("/api/v1/apps/Down/test", {})
    checks.check("/api/v1: a target that is down", tested["ok"] is False and tested["text"], tested)


def on_the_command_line(checks, service, folder):
    def refused(what, status, *words):
        done = service.run(*words, check=False)
        lines = done.stderr.strip().splitlines()
        # A test of a connection has a result even when it fails.
        quiet = not done.stdout.strip() or words[:2] == ("app", "test")
        good = done.returncode == status and lines and quiet and "panicked" not in done.stderr
        if status == 1:
            good = good and len(lines) == 1
        checks.check("instep %s" % what, good, "status %d\nstdout: %s\nstderr: %s"
                     % (done.returncode, done.stdout, done.stderr))

    picture = os.path.join(folder, "picture.csv")
    with open(picture, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8)
    refused("user import of a picture", 1, "user", "import", picture)
    other = os.path.join(folder, "other.csv")
    with open(other, "w") as file:
        file.write("colour,weight\nred,3\n")
    refused("user import of a list of something else", 1, "user", "import", other)
    refused("user import of a missing file", 1, "user", "import", os.path.join(folder, "missing.csv"))
    refused("user show of nobody", 1, "user", "show", "nobody@example.com")
    refused("with an unknown command", 2, "usr")
    refused("with an unknown flag", 2, "user", "list", "--colour")
    refused("org show of an unknown organization", 1, "org", "show", NOBODY, *service.place())
    refused("app test of a target that is down", 1, "app", "test", "Down")
    refused("with a wrong token", 1, "user", "list", "--token", "wrong")
    refused("with no server", 1, "user", "list", "--url", "http://127.0.0.1:%d" % free_port())


def scenario(checks, options):
    with tempfile.TemporaryDirectory(prefix="instep-outside-") as folder:
        service = Instep(options.instep, folder, "Service", options.postgres)
        try:
            service.create_organization()
            service.token = service.create_token("Identity:SCIM", "instep:admin")
            service.serve()
            over_scim(checks, service)
            over_the_api(checks, service)
            on_the_command_line(checks, service, folder)
        finally:
            service.stop()
            if checks.failed:
                service.show_log(10)


def main():
    return run(scenario, arguments(__doc__.splitlines()[0]).parse_args())


if __name__ == "__main__":
    sys.exit(main())
