#!/usr/bin/env python3
"""Compares a directory organization with the hub that it is to be kept in step with, attribute by attribute.

People and assignments are read through the directory's interfaces, accounts through the target's SCIM API; what each
attribute must be comes from mapping_tables.py. Prints every difference; exit status 0 if there is none, else 1.
"""

import argparse
import sys

from http_json import Client, Scim
from mapping_tables import ENTERPRISE, TABLES, value


def assigned(api, scim, app):
    """Ids of the people that an app's assignments name, directly or as direct members of a group."""
    people = set()
    for assignment in api.items("/api/v1/apps/%s/assignments" % app):
        if assignment["kind"] == "user":
            people.add(assignment["id"])
        else:
            group = scim.get("/Groups/" + assignment["id"])
            people |= {m["value"] for m in group.get("members") or [] if m.get("type", "User") == "User"}
    return people


def differences(people, accounts, table, in_scope=None, when_empty="clear", ignored=()):
    """What is wrong with the accounts, one line each.

    `in_scope` are the ids of the people who must have an account (None: all). An account that is nobody's may be
    there if it has no externalId, or if its externalId or userName is among `ignored`.
    """
    wrong = []
    by_name, by_link = {}, {}
    for account in accounts:
        by_name.setdefault(account["userName"].lower(), []).append(account)
        if account.get("externalId"):
            by_link.setdefault(account["externalId"], []).append(account)

    for name, several in by_name.items():
        if len(several) > 1:
            wrong.append("%s: %d accounts of this userName" % (name, len(several)))
    for link, several in by_link.items():
        if len(several) > 1:
            wrong.append("externalId %s: %d accounts" % (link, len(several)))

    for person in people:
        name = person["userName"]
        wanted = in_scope is None or person["id"] in in_scope
        active = wanted and person.get("active", True) is not False
        account = next(iter(by_link.get(person["id"]) or by_name.get(name.lower()) or []), None)
        if account is None:
            if active:
                wrong.append("%s: no account" % name)
            continue
        if not wanted and not account.get("externalId"):
            continue
        if account.get("active", True) is not active:
            wrong.append("%s: active is %r, must be %r" % (name, account.get("active"), active))
        if not wanted:
            continue
        for source, target in table:
            must, found = value(person, source), value(account, target)
            if must is None and when_empty == "leave":
                continue
            if must != found:
                wrong.append("%s: %s is %r, must be %r" % (name, target, found, must))

    ids = {person["id"] for person in people}
    for link, several in by_link.items():
        if link not in ids and link not in ignored and several[0]["userName"] not in ignored:
            wrong.append("%s: an account of nobody (externalId %s)" % (several[0]["userName"], link))
    return wrong


def manager_differences(people, accounts):
    """Where a manager is not the manager's account: of people who have an account, for managers who have one."""
    account_of = {account.get("externalId"): account for account in accounts}
    manager = lambda resource: ((resource.get(ENTERPRISE) or {}).get("manager") or {}).get("value")
    wrong = []
    for person in people:
        account = account_of.get(person["id"])
        if account is None or person.get("active", True) is False:
            continue
        boss = account_of.get(manager(person))
        must = boss and boss["id"]
        if manager(account) != must:
            wrong.append("%s: the manager is %r, must be %r" % (person["userName"], manager(account), must))
    return wrong


def whole_groups(scim):
    """All groups with their members."""
    return [scim.get("/Groups/" + group["id"]) for group in scim.list("/Groups")]


def group_differences(groups, theirs, accounts, in_scope=None):
    """What is wrong with the target's groups, one line each.

    `groups` are the directory's with their members, `in_scope` the ids of those that must be there (None: all). Members
    are whoever has an account, and groups that are there; an account is a person's by its externalId.
    """
    wrong = []
    held, there = {}, {}
    for account in accounts:
        if account.get("externalId"):
            held[account["externalId"]] = account["id"]
    for group in theirs:
        there.setdefault(group["displayName"], []).append(group)
    wanted = [group for group in groups if in_scope is None or group["id"] in in_scope]
    for group in wanted:
        found = there.get(group["displayName"], [])
        if len(found) == 1:
            held[group["id"]] = found[0]["id"]
    for group in wanted:
        name = group["displayName"]
        found = there.pop(name, [])
        if len(found) != 1:
            wrong.append("group %s: there %d times" % (name, len(found)))
            continue
        if found[0].get("externalId") != group["id"]:
            wrong.append("group %s: externalId is %r" % (name, found[0].get("externalId")))
        must = {held[m["value"]] for m in group.get("members") or [] if m["value"] in held}
        members = [m["value"] for m in found[0].get("members") or []]
        if len(members) != len(set(members)):
            wrong.append("group %s: a member is there twice" % name)
        for id in must.symmetric_difference(members):
            wrong.append("group %s: %s is %s" % (name, id, "missing" if id in must else "too many"))
    wrong += ["group %s: nobody's" % name for name in there]
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--directory", required=True, metavar="URL")
    parser.add_argument("--directory-token", required=True, metavar="TOKEN")
    parser.add_argument("--directory-org", required=True, metavar="ID")
    parser.add_argument("--hub", required=True, metavar="URL", help="the server, or without --hub-org the SCIM root")
    parser.add_argument("--hub-token", required=True, metavar="TOKEN")
    parser.add_argument("--hub-org", metavar="ID")
    parser.add_argument("--mapping", choices=sorted(TABLES), default="webex-entra")
    parser.add_argument("--app", help="only people assigned to this app must have an account; otherwise all")
    parser.add_argument("--when-empty", choices=["leave", "clear"], default="clear")
    parser.add_argument("--ignore", action="append", default=[], metavar="NAME", help="an account that may be there")
    arguments = parser.parse_args()

    scim = Scim("%s/v1/scim/%s" % (arguments.directory.rstrip("/"), arguments.directory_org), arguments.directory_token)
    hub = arguments.hub.rstrip("/")
    if arguments.hub_org:
        hub = "%s/identity/scim/%s/v2" % (hub, arguments.hub_org)
    people, accounts = scim.list(), Scim(hub, arguments.hub_token).list()
    in_scope = None
    if arguments.app:
        in_scope = assigned(Client(arguments.directory, arguments.directory_token), scim, arguments.app)
    table = TABLES[arguments.mapping]
    wrong = differences(people, accounts, table, in_scope, arguments.when_empty, arguments.ignore)
    for line in wrong:
        print(line)
    print("%d people, %d accounts, %d differences" % (len(people), len(accounts), len(wrong)))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
