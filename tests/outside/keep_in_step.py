#!/usr/bin/env python3
"""A directory and a hub as separate processes with separate databases, kept in step; compared from outside.

Import a staff list, add the Webex app through a counting proxy, assign, plan, synchronize, compare; then a day of mixed
changes, compare; then cycles without changes, also after a restart, which must send no write.

The hub takes bulk requests, so changes travel together; with `--alone` each is sent by itself, to the hub's other address.
"""

import os
import sys
import tempfile

from checks import run
from compare import assigned, differences, group_differences, whole_groups
from counting_proxy import CountingProxy
from mapping_tables import ENTRA_COLUMNS, TABLES, value
from processes import Instep, arguments, in_step
from staff import as_csv, people as make_people

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
APP = "Webex"
TABLE = TABLES["webex-entra"]


def truth(rows, accounts):
    """What is wrong with the accounts, judged by the rows of the file."""
    by_name = {account["userName"].lower(): account for account in accounts}
    wrong = []
    for row in rows:
        account = by_name.get(row["userPrincipalName"].lower())
        if account is None:
            if row["accountEnabled"] == "True":
                wrong.append("%s: no account" % row["userPrincipalName"])
            continue
        for column, target in ENTRA_COLUMNS:
            if value(account, target) != (row[column] or None):
                wrong.append("%s: %s is %r, the file says %r"
                             % (row["userPrincipalName"], target, value(account, target), row[column]))
    return wrong


class Scene:
    """Both organizations, the proxy between them, and who is assigned."""

    def __init__(self, options, directory):
        self.alone = options.alone
        self.directory = Instep(options.instep, directory, "Directory", options.postgres)
        self.hub = Instep(options.instep, directory, "Hub", options.postgres)
        self.folder = directory
        self.proxy = None

    def start(self):
        self.hub.create_organization("--preset", "webex")
        self.hub.token = self.hub.create_token()
        self.hub.serve()
        self.proxy = CountingProxy(self.hub.url)
        self.directory.create_organization()
        self.directory.token = self.directory.create_token("Identity:SCIM", "instep:admin")
        self.directory.serve()
        self.people = self.directory.scim()
        self.accounts = self.hub.scim(base="/identity/scim/%s/v2")
        self.api = self.directory.api()

    def stop(self):
        self.directory.stop()
        self.hub.stop()

    def compared(self):
        in_scope = assigned(self.api, self.people, APP)
        accounts = self.accounts.list()
        groups = {one["id"] for one in self.api.items("/api/v1/apps/%s/assignments" % APP) if one["kind"] == "group"}
        return (differences(self.people.list(), accounts, TABLE, in_scope)
                + group_differences(whole_groups(self.people), whole_groups(self.accounts), accounts, groups))


def first_cycle(checks, scene, rows):
    staff = os.path.join(scene.folder, "staff.csv")
    with open(staff, "wb") as file:
        file.write(as_csv(rows))
    tried = scene.directory.run("user", "import", staff, "--dry-run")
    checks.equal("a dry run creates nobody", (tried["created"], len(scene.people.list())), (len(rows), 1))
    report = scene.directory.run("user", "import", staff)
    checks.equal("the file is understood as Entra ID's", report["format"], "entra_id")
    checks.equal("everybody in the file goes in", (report["created"], report["problems"]), (len(rows), []))
    again = scene.directory.run("user", "import", staff)
    checks.equal("the same file again changes nothing",
                 (again["created"], again["updated"], again["unchanged"]), (0, 0, len(rows)))

    known = {person["userName"].lower(): person for person in scene.people.list()}
    names = [row["userPrincipalName"] for row in rows]
    missing = [name for name in names if name.lower() not in known]
    checks.none("everybody in the file is in the directory", missing)

    # Some already have an account at the hub, with other values: they are to be linked, not made again.
    existing = [name for name, row in zip(names, rows) if row["accountEnabled"] == "True"][10:15]
    for name in existing:
        scene.accounts.create({"schemas": [USER], "userName": name, "displayName": "Before " + name, "active": True,
                               "emails": [{"type": "work", "value": name, "primary": True}]})

    base = ("%s/v1/scim/%s" if scene.alone else "%s/identity/scim/%s/v2") % (scene.proxy.url, scene.hub.org)
    token = os.path.join(scene.folder, "token")
    with open(token, "w") as file:
        file.write(scene.hub.token + "\n")
    scene.directory.run("app", "add", "webex", "--name", APP, "--base-url", base, "--target-token-file", token,
                        "--when-empty", "clear", "--set", "groups=assigned", "--no-activate",
                        *(["--set", "ways.bulk=off"] if scene.alone else []))
    tested = scene.directory.run("app", "test", APP)
    checks.check("the connection is tested well", tested["ok"], tested)

    # Most through a group, some by themselves, the last five not at all.
    scene.directory.run("group", "create", "Staff")
    grouped, single, nobody = names[:-15], names[-15:-5], names[-5:]
    for at in range(0, len(grouped), 200):
        scene.directory.run("group", "add", "Staff", *grouped[at:at + 200])
    scene.directory.run("app", "assign", APP, "--group", "Staff")
    scene.directory.run("app", "assign", APP, *[word for name in single for word in ("--user", name)])

    enabled = {row["userPrincipalName"] for row in rows if row["accountEnabled"] == "True"} - set(nobody)
    scene.proxy.reset()
    plan = scene.directory.run("app", "plan", APP)
    counts = plan["counts"]
    checks.equal("the plan names who is linked and who is created, and the group",
                 (counts["link"], counts["create"]), (len(existing), len(enabled) - len(existing) + 1))
    checks.equal("planning writes nothing", scene.proxy.writes, 0)

    scene.api.post("/api/v1/apps/%s/resume" % APP, {})
    scene.directory.run("app", "sync", APP, "--wait")
    in_step(scene.api, APP)
    checks.none("hub and directory agree after the initial cycle", scene.compared())
    checks.none("the hub agrees with the file",
                truth([row for row in rows if row["userPrincipalName"] not in nobody], scene.accounts.list()))
    creates = sum(1 for method, path, _ in scene.proxy.seen if method == "POST" and "/Users" in path)
    checks.equal("each person is created once", creates, len(enabled) - len(existing))
    travels(checks, scene)
    return grouped, single, nobody


def travels(checks, scene):
    """Whether changes travel together."""
    if scene.alone:
        checks.none("each change is sent by itself", scene.proxy.bulks)
    else:
        checks.check("changes travel together", max(scene.proxy.bulks, default=0) > 2, scene.proxy.bulks)
    entries = scene.api.items("/api/v1/log?app=" + APP)
    together = [one for entry in entries for one in entry["exchanges"] if one.get("bulk")]
    checks.equal("the log says so", bool(together), not scene.alone)


def no_writes(checks, scene, what, act):
    scene.proxy.reset()
    act()
    in_step(scene.api, APP)
    checks.none("%s sends no write" % what, scene.proxy.seen)


def day_of_changes(checks, scene, grouped, single, nobody, round):
    people = {person["userName"].lower(): person for person in scene.people.list()}
    active = [people[name.lower()] for name in grouped
              if name.lower() in people and people[name.lower()].get("active", True)]
    off = [person for person in people.values() if person.get("active") is False]
    take = iter(active[round * 40:] + active[:round * 40]).__next__
    replace = lambda path, new: {"op": "replace", "path": path, "value": new}
    scene.proxy.reset()

    hired = []
    for number in range(5):
        name = "new.hire.%d.%d@example.com" % (round, number)
        hired.append(scene.people.create({
            "schemas": [USER], "userName": name, "displayName": "New Hire %d" % number, "active": True,
            "name": {"givenName": "New", "familyName": "Hire-%d" % number}, "title": "Trainee",
            "emails": [{"type": "work", "value": name, "primary": True}],
            "phoneNumbers": [{"type": "work", "value": "+1 555 %04d" % number}],
            "addresses": [{"type": "work", "country": "US", "locality": "Austin"}],
        }))
    scene.api.post("/api/v1/apps/%s/assignments" % APP, {"add": [{"user": person["id"]} for person in hired[:3]]})
    scene.api.post("/api/v1/groups/Staff/members", {"add": [person["userName"] for person in hired[3:]]})

    renamed = [take() for _ in range(3)]
    for number, person in enumerate(renamed):
        scene.people.patch(person["id"], replace("userName", "renamed.%d.%d@example.com" % (round, number)),
                           replace("name.familyName", "Umbenannt"), replace("displayName", "Neuer Name"))
    for person in [take() for _ in range(5)]:
        scene.people.patch(person["id"], replace("title", "Director %d" % round))
    for person in [take() for _ in range(3)]:
        scene.people.patch(person["id"], {"op": "remove", "path": 'phoneNumbers[type eq "work"]'},
                           {"op": "remove", "path": "title"}, replace('addresses[type eq "work"].locality', "Genève"))
    # Several changes to one person in a burst are one piece of work.
    busy = take()
    for number in range(5):
        scene.people.patch(busy["id"], replace("displayName", "Burst %d.%d" % (round, number)))
    for person in [take() for _ in range(4)]:
        scene.people.patch(person["id"], {"op": "Replace", "path": "active", "value": "False"})
    for person in off[:3]:
        scene.people.patch(person["id"], replace("active", True))
    for person in [take() for _ in range(4)]:
        scene.people.delete(person["id"])
    unassigned = [take() for _ in range(4)]
    scene.api.post("/api/v1/groups/Staff/members", {"remove": [person["id"] for person in unassigned]})
    if round == 0:
        scene.api.post("/api/v1/apps/%s/assignments" % APP,
                       {"remove": [{"user": single[0]}], "add": [{"user": nobody[0]}]})
    in_step(scene.api, APP)
    checks.none("hub and directory agree after round %d of changes" % (round + 1), scene.compared())

    scene.api.post("/api/v1/groups/Staff/members", {"add": [person["id"] for person in unassigned[:2]]})
    in_step(scene.api, APP)
    checks.none("hub and directory agree after two came back", scene.compared())
    by_link = {account.get("externalId"): account for account in scene.accounts.list()}
    states = [by_link[person["id"]]["active"] for person in unassigned]
    checks.equal("who left the group is disabled, who came back enabled", states, [True, True, False, False])
    names = [by_link[person["id"]]["userName"] for person in renamed]
    checks.check("who was renamed kept the account", all(name.startswith("renamed.") for name in names), names)
    status = scene.api.get("/api/v1/apps/%s/status" % APP)
    checks.equal("nobody fails", (status["failing_total"], status["failing"]), (0, []))


def log_tells(checks, scene):
    entries = list(scene.api.items("/api/v1/log?app=" + APP))
    actions = {entry["action"] for entry in entries if entry["status"] == "success"}
    checks.check("the log has an entry for each kind of action",
                 {"create", "update", "disable", "enable", "delete"} <= actions, sorted(actions))
    shown = [entry for entry in entries if scene.hub.token in str(entry)]
    checks.none("no entry of the log shows the target's token", shown)
    bare = [entry for entry in entries if entry["action"] == "update" and not entry["changes"]]
    checks.none("every update says what changed", bare)


def scenario(checks, options):
    with tempfile.TemporaryDirectory(prefix="instep-outside-") as folder:
        scene = Scene(options, folder)
        try:
            scene.start()
            rows = make_people(options.people)
            grouped, single, nobody = first_cycle(checks, scene, rows)
            no_writes(checks, scene, "the second identical cycle", lambda: scene.directory.run("app", "sync", APP, "--wait"))
            for round in range(options.rounds):
                day_of_changes(checks, scene, grouped, single, nobody, round)
            log_tells(checks, scene)
            no_writes(checks, scene, "an incremental cycle after the changes",
                      lambda: scene.directory.run("app", "sync", APP, "--wait"))
            no_writes(checks, scene, "an initial cycle over again",
                      lambda: scene.directory.run("app", "sync", APP, "--restart", "--wait"))

            def restart():
                scene.directory.stop()
                scene.directory.serve()

            no_writes(checks, scene, "a restart of the server", restart)
            checks.none("hub and directory still agree", scene.compared())
        finally:
            failed = checks.failed or sys.exc_info()[0]
            scene.stop()
            if failed:
                scene.directory.show_log()
                scene.hub.show_log()


def main():
    parser = arguments(__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--alone", action="store_true")
    return run(scenario, parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
