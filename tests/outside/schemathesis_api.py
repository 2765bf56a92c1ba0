#!/usr/bin/env python3
"""A tester by other authors, schemathesis, against the admin API: it reads the API's OpenAPI document, makes up requests that
fit it and requests that do not, and judges the answers by it. Once with whatever names it thinks of; once with names of
what is there, and then also with every border of every value.
"""

import os
import subprocess
import sys
import tempfile

from checks import run
from dns_server import Dns
from processes import Instep, arguments, plain_environment

HOOKS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "schemathesis_hooks.py")

# A 400 to what fits the document is for what no schema can say: filters, expressions, what goes together. That it is not for
# the form is a check of our own, in the hooks. 409: what is there is in the way. 422: a key that was thought
# of twice. 429: a domain is looked for every five seconds at most. No 401 and no 403: the token may do everything, and goes on doing so. The others are schemathesis' own.
CONFIGURATION = """
seed = 20261121
continue-on-failure = true
request-timeout = 60
hooks = "%(hooks)s"

[generation]
# No text holds U+0000: databases cannot.
allow-x00 = false
max-examples = %(examples)d
deterministic = true
database = "none"

[phases.stateful]
enabled = false

[checks.positive_data_acceptance]
expected-statuses = ["2xx", 400, 404, 409, 422, 429, "5xx"]
"""


def furnish(api, fake_target):
    """One of each thing that a path can name."""
    api.post("/api/v1/groups", {"display_name": "Staff"})
    api.post("/api/v1/apps", {"template": "scim", "name": "Example", "base_url": fake_target, "token": "t"})
    api.post("/api/v1/apps/Example/assignments", {"add": [{"group": "Staff"}]})
    people = api.get("/api/v1/people")["items"]
    api.post("/api/v1/groups/Staff/members", {"add": [people[0]["id"]]})
    urn = "urn:example:2.0:Badge"
    api.send("PUT", "/api/v1/schemas/" + urn, {"resource_type": "User", "schema": {
        "id": urn, "name": "Badge", "attributes": [{"name": "badge", "type": "string", "multiValued": False}]}})
    api.post("/api/v1/licences", {"name": "Calling"})
    given = api.send("PUT", "/api/v1/licence-templates/groups/Staff", {"licences": ["Calling"], "existing_users": "preserve"})
    api.post("/api/v1/domains", {"domain": "acme.example"})
    client = api.post("/api/v1/clients", {"name": "Client", "redirects": ["https://client.example/callback"]})
    token = api.post("/api/v1/tokens", {"name": "Spare", "scopes": ["instep:read"]})
    return {"app": "Example", "group": "Staff", "person": people[0]["user_name"], "urn": urn, "plan": "latest",
            "target": "displayName", "preset": "webex-entra", "client": client["id"], "token": token["id"],
            "licence": "Calling", "domain": "acme.example", "run": given["run"]["id"]}


def judge(checks, what, options, service, folder, phases, configuration):
    path = os.path.join(folder, "schemathesis.toml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(CONFIGURATION % {"hooks": HOOKS, "examples": options.examples} + configuration)
    words = [os.path.join(options.tools, "schemathesis"), "--config-file", path, "run",
             service.url + "/api/v1/openapi.json", "--header", "Authorization: Bearer " + service.token,
             "--phases", phases, "--warnings", "off", "--no-color"]
    done = subprocess.run(words, env=dict(plain_environment(), PYTHONDONTWRITEBYTECODE="1", OWN_TOKEN=service.token_id), cwd=folder,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=900)
    text = done.stdout + done.stderr
    if done.returncode:
        print(text)
    checks.check(what, done.returncode == 0, text.splitlines()[-20:])


def scenario(checks, options):
    with tempfile.TemporaryDirectory(prefix="instep-outside-") as folder:
        service = Instep(options.instep, folder, "Directory", options.postgres)
        # One that knows no names: what no DNS server answers is a 503.
        dns = Dns()
        service.environment = {"INSTEP_DNS_SERVER": dns.address}
        try:
            service.create_organization()
            service.token = service.create_token("instep:admin")
            service.serve()
            service.token_id = service.api().get("/api/v1/tokens")["items"][0]["id"]
            judge(checks, "requests about whatever is thought of", options, service, folder, "fuzzing", "")
            places = furnish(service.api(), "http://127.0.0.1:9/scim")
            named = "".join('"path.%s" = "%s"\n' % pair for pair in places.items())
            judge(checks, "requests about what is there", options, service, folder, "coverage,fuzzing",
                  "\n[parameters]\n" + named)
            checks.equal("the server is well", service.api().try_send("GET", "/api/v1/organization").status, 200)
        finally:
            failed = checks.failed or sys.exc_info()[0]
            service.stop()
            dns.shutdown()
            if failed:
                service.show_log()


if __name__ == "__main__":
    parser = arguments(__doc__)
    parser.add_argument("--examples", type=int, default=15, help="requests of a kind at each endpoint (15)")
    sys.exit(run(scenario, parser.parse_args()))
