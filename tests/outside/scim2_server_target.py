#!/usr/bin/env python3
"""Our engine keeps scim2-server in step: another author's code, a process of its own, compared through its API."""

import os
import secrets
import subprocess
import sys
import tempfile

from checks import run, wait_until
from compare import differences
from counting_proxy import CountingProxy
from http_json import Scim
from mapping_tables import TABLES
from processes import Instep, arguments, free_port, in_step, terminate
from staff import as_csv, people as make_people

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
APP = "Foreign"


def start_target(tools, token, folder):
    port = free_port()
    log = open(os.path.join(folder, "scim2-server.log"), "w")
    process = subprocess.Popen(
        [os.path.join(tools, "scim2-server"), "--port", str(port), "--bearer-token", token],
        stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    base = "http://127.0.0.1:%d/v2" % port
    target = Scim(base, token)

    def up():
        if process.poll() is not None:
            raise RuntimeError("scim2-server ended: " + open(log.name).read())
        try:
            return target.try_send("GET", "/ServiceProviderConfig").status == 200
        except OSError:
            return False

    wait_until("scim2-server is up", up, 60)
    return process, target


def change(scim, people, number):
    """One of the day's changes."""
    person = people[number]
    replace = lambda path, new: {"op": "replace", "path": path, "value": new}
    kind = number % 10
    if kind == 0:
        name = "hired.%d@example.com" % number
        scim.create({"schemas": [USER], "userName": name, "displayName": "Hired %d" % number, "active": True,
                     "name": {"givenName": "Hired"}, "phoneNumbers": [{"type": "mobile", "value": "+1 %d" % number}]})
    elif kind == 1:
        scim.patch(person["id"], replace("userName", "renamed.%d@example.com" % number))
    elif kind in (2, 3):
        scim.patch(person["id"], replace("title", "Promoted %d" % number))
    elif kind == 4:
        scim.patch(person["id"], {"op": "remove", "path": 'phoneNumbers[type eq "work"]'})
    elif kind == 5:
        scim.patch(person["id"], replace("active", False))
    elif kind == 6:
        scim.patch(person["id"], replace('addresses[type eq "work"].locality', "Łódź %d" % number),
                   {"op": "remove", "path": 'addresses[type eq "work"].region'})
    elif kind == 7:
        scim.patch(person["id"], replace("active", person.get("active", True) is False))
    elif kind == 8:
        scim.patch(person["id"], {"op": "add", "path": "phoneNumbers", "value": [{"type": "fax", "value": "+49 %d" % number}]},
                   {"op": "remove", "path": "title"})
    else:
        scim.delete(person["id"])


def scenario(checks, options):
    with tempfile.TemporaryDirectory(prefix="instep-outside-") as folder:
        directory = Instep(options.instep, folder, "Directory", options.postgres)
        process = None
        try:
            token = secrets.token_urlsafe(24)
            process, target = start_target(options.tools, token, folder)
            proxy = CountingProxy(target.base)
            directory.create_organization()
            directory.token = directory.create_token("Identity:SCIM", "instep:admin")
            directory.serve()
            scim, api = directory.scim(base="/identity/scim/%s/v2"), directory.api()

            staff = os.path.join(folder, "staff.csv")
            with open(staff, "wb") as file:
                file.write(as_csv(make_people(options.people, seed=2)))
            directory.run("user", "import", staff)
            directory.run("app", "add", options.template, "--name", APP, "--base-url", proxy.url + "/v2",
                          "--target-token", token, "--scope", "all", "--when-empty", "clear")
            directory.run("app", "sync", APP, "--wait")
            in_step(api, APP)
            table = TABLES[options.mapping]
            checks.none("%d people: target and directory agree" % options.people,
                        differences(scim.list(), target.list(), table))
            checks.equal("nobody fails", api.get("/api/v1/apps/%s/status" % APP)["failing"], [])

            people = scim.list()[1:]
            proxy.reset()
            for number in range(options.changes):
                change(scim, people, number)
            in_step(api, APP)
            checks.none("%d mixed changes: target and directory agree" % options.changes,
                        differences(scim.list(), target.list(), table))
            checks.equal("nobody fails", api.get("/api/v1/apps/%s/status" % APP)["failing"], [])
            checks.check("a change costs one write", proxy.writes <= options.changes, "%d writes" % proxy.writes)

            proxy.reset()
            directory.run("app", "sync", APP, "--restart", "--wait")
            in_step(api, APP)
            checks.none("an initial cycle over again sends no write", proxy.seen)
        finally:
            failed = checks.failed or sys.exc_info()[0]
            directory.stop()
            terminate(process)
            if failed:
                directory.show_log()


def main():
    parser = arguments(__doc__.splitlines()[0])
    parser.add_argument("--template", default="scim", help="scim or webex")
    parser.add_argument("--mapping", choices=sorted(TABLES), default="scim")
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--changes", type=int, default=50)
    return run(scenario, parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
