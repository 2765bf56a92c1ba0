"""Our engine keeps a target by another author in step: people, managers, groups and who is in them, compared through
both APIs. What the target is, and how it is started, is the caller's."""

import os
import secrets
import sys
import tempfile

from compare import differences, group_differences, manager_differences, whole_groups
from counting_proxy import CountingProxy
from mapping_tables import ENTERPRISE, TABLES
from processes import Instep, in_step, terminate
from staff import as_csv, people as make_people

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
APP = "Foreign"


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


def group_change(scim, id, *operations):
    scim.send("PATCH", "/Groups/" + id, {"schemas": [PATCH], "Operations": list(operations)})


def disagreements(scim, target, table):
    """Everything that is wrong at the target."""
    people, accounts = scim.list(), target.list()
    return (differences(people, accounts, table) + manager_differences(people, accounts)
            + group_differences(whole_groups(scim), whole_groups(target), accounts))


def add_groups_and_managers(scim):
    """A group of everybody, one of a few, one within another; a manager for every tenth person."""
    people = scim.list()[1:]
    ids = [{"value": person["id"]} for person in people]
    create = lambda name, members: scim.post("/Groups", {"schemas": [GROUP], "displayName": name, "members": members})
    create("Everybody", ids)
    few = create("A few", ids[:7])
    create("Above", ids[7:9] + [{"value": few["id"], "type": "Group"}])
    create("Nobody", [])
    for number, person in enumerate(people[::10]):
        boss = people[(number * 7 + 3) % len(people)]
        scim.patch(person["id"], {"op": "add", "path": ENTERPRISE + ":manager", "value": {"value": boss["id"]}})


def a_day_of_groups(scim):
    """A rename, two who come and one who leaves, one group made and one deleted."""
    groups = {group["displayName"]: group for group in whole_groups(scim)}
    people = scim.list()[1:]
    group_change(scim, groups["A few"]["id"], {"op": "replace", "path": "displayName", "value": "Some"})
    gone = groups["A few"]["members"][0]["value"]
    group_change(scim, groups["A few"]["id"],
                 {"op": "remove", "path": 'members[value eq "%s"]' % gone},
                 {"op": "add", "path": "members", "value": [{"value": person["id"]} for person in people[-2:]]})
    scim.send("DELETE", "/Groups/" + groups["Nobody"]["id"])
    scim.post("/Groups", {"schemas": [GROUP], "displayName": "New", "members": [{"value": people[5]["id"]}]})


def keep_in_step(checks, options, start, afterwards=None, bulk=False):
    """`start(tools, token, folder)` gives the process and a client of it. `afterwards` tries what else there is. `bulk`:
    the target takes bulk requests."""
    with tempfile.TemporaryDirectory(prefix="instep-outside-") as folder:
        directory = Instep(options.instep, folder, "Directory", options.postgres)
        process = None
        try:
            # No dash in front: a command line would take it for an option.
            token = "t" + secrets.token_urlsafe(24)
            process, target = start(options.tools, token, folder)
            proxy = CountingProxy(target.base)
            directory.create_organization()
            directory.token = directory.create_token("Identity:SCIM", "instep:admin")
            directory.serve()
            scim, api = directory.scim(base="/identity/scim/%s/v2"), directory.api()
            failing = lambda: api.get("/api/v1/apps/%s/status" % APP)["failing"]

            staff = os.path.join(folder, "staff.csv")
            with open(staff, "wb") as file:
                file.write(as_csv(make_people(options.people, seed=2)))
            directory.run("user", "import", staff)
            add_groups_and_managers(scim)
            directory.run("app", "add", options.template, "--name", APP, "--base-url", proxy.url + target.prefix,
                          "--target-token", token, "--scope", "all", "--when-empty", "clear", "--set", "groups=all")
            directory.run("app", "sync", APP, "--wait")
            in_step(api, APP)
            table = TABLES[options.mapping]
            checks.none("%d people and their groups: target and directory agree" % options.people,
                        disagreements(scim, target, table))
            checks.equal("nobody fails", failing(), [])
            checks.equal("changes travel together where the target takes bulk requests",
                         max(proxy.bulks, default=0) > 2, bulk)

            people = scim.list()[1:]
            proxy.reset()
            for number in range(options.changes):
                change(scim, people, number)
            in_step(api, APP)
            checks.none("%d mixed changes: target and directory agree" % options.changes,
                        disagreements(scim, target, table))
            checks.equal("nobody fails", failing(), [])
            writes = [one for one in proxy.seen if one[1].split("?")[0].rstrip("/").count("Users")]
            checks.check("a change costs one write, and one for each who refers to who came or left",
                         len(writes) <= 2 * options.changes, "%d writes" % len(writes))

            proxy.reset()
            a_day_of_groups(scim)
            in_step(api, APP)
            checks.none("groups that change: target and directory agree", disagreements(scim, target, table))
            checks.check("few requests do it", proxy.writes <= 8, proxy.seen)

            proxy.reset()
            directory.run("app", "sync", APP, "--restart", "--wait")
            in_step(api, APP)
            checks.none("an initial cycle over again sends no write", proxy.seen)
            if afterwards:
                afterwards(checks, directory, target, proxy, lambda: disagreements(scim, target, table))
        finally:
            failed = checks.failed or sys.exc_info()[0]
            directory.stop()
            terminate(process)
            if failed:
                directory.show_log()
