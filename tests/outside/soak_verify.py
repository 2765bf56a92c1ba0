"""What a soak looks at once the server is up again."""

import collections
import urllib.parse


class Seen:
    """Everything that the service shows, read page by page."""

    def __init__(self, scim, world):
        self.people = everything(scim, "/Users")
        self.groups = everything(scim, "/Groups")
        self.by_key = {one["externalId"]: one for one in self.people if "externalId" in one}
        self.groups_by_key = {one["externalId"]: one for one in self.groups if "externalId" in one}
        self.board_values = {phone["type"]: int(phone["value"]) for one in self.people if one["id"] == world.board
                             for phone in one.get("phoneNumbers", [])}

    def person(self, key):
        return self.by_key.get(key)

    def group(self, key):
        return self.groups_by_key.get(key)

    def is_member(self, key, id):
        return any(member["value"] == id for member in (self.group(key) or {}).get("members", []))

    def on_board(self, kind):
        return self.board_values.get(kind)


def everything(scim, endpoint):
    found, cursor = [], ""
    while cursor is not None:
        page = scim.get(endpoint + "?" + urllib.parse.urlencode({"count": 500, "cursor": cursor}))
        found += page["Resources"]
        cursor = page.get("nextCursor")
    return found


def verify(checks, what, service, world, clients, feed):
    scim = service.scim()
    seen = Seen(scim, world)
    done = settle_pending(clients, seen)
    print("        of what was not answered %d were carried out and %d were not" % done)
    checks.none(what + "every acknowledged write is there, every other one whole or not at all",
                list(differences(clients, seen)))
    checks.none(what + "nobody is there whom nobody created", list(strangers(world, clients, seen)))
    names = collections.Counter(one["userName"].lower() for one in seen.people)
    checks.none(what + "userNames are unique", [name for name, count in names.items() if count > 1])
    checks.none(what + "groups, people and look-ups agree who is a member", list(memberships(scim, seen)))
    checks.none(what + "no count is lost, none was made twice", list(counts(world, clients, seen)))
    checks.none(what + "no value that somebody wrote beside others is lost",
                ["client %d: %r, not %d" % (client.number, seen.on_board("c%d" % client.number), client.board)
                 for client in clients if client.board and seen.on_board("c%d" % client.number) != client.board])
    checks.none(what + "the feed tells of every change just once", list(feed_gaps(seen, feed, service.database is None)))
    events = {event["correlation_id"] for event in service.api().items("/api/v1/events?order=asc", 1000)}
    checks.none(what + "every acknowledged write has its event", sorted(world.correlations - events))
    noted = {line.correlation for line in feed}
    checks.none(what + "and its line in the feed",
                sorted(one for one in world.correlations if one.replace("-", "") not in noted))


def settle_pending(clients, seen):
    """Brings what was carried out without an answer into what is known."""
    carried_out = not_done = 0
    for client in clients:
        for witness, apply in client.pending:
            shown = witness(seen)
            if shown:
                apply(shown)
                carried_out += 1
            else:
                not_done += 1
        client.pending = []
    return carried_out, not_done


def differences(clients, seen):
    for client in clients:
        groups = client.ids_of_groups()
        for person in client.people.values():
            shown = seen.person(person.key)
            difference = person.differs(shown, groups) if shown else "%s is not there" % person.key
            if difference:
                yield difference
        for key, id in client.groups.items():
            shown = seen.group(key)
            if not shown or (shown["id"], shown["displayName"]) != (id, client.group_names[key]):
                yield "%s: %r" % (key, shown)


def strangers(world, clients, seen):
    people = {key for client in clients for key in client.people}
    groups = {key for client in clients for key in client.groups}
    ours = {world.board, *world.counters, *world.shared_groups}
    for one in seen.people + seen.groups:
        known = people if one["meta"]["resourceType"] == "User" else groups
        if one.get("externalId") not in known and one["id"] not in ours and one.get("externalId"):
            yield "%s %s" % (one["id"], one["externalId"])


def memberships(scim, seen):
    of_people = collections.defaultdict(set)
    for one in seen.people:
        for group in one.get("groups", []):
            of_people[group["value"]].add(one["id"])
    for group in seen.groups:
        members = [member["value"] for member in group.get("members", [])]
        found = scim.get("/Users?" + urllib.parse.urlencode({"filter": 'groups.value eq "%s"' % group["id"],
                                                            "count": 0}))
        if not len(members) == len(set(members)) == found["totalResults"] or set(members) != of_people[group["id"]]:
            yield "%s: %d members, %d found, %d people say so" % (
                group["displayName"], len(members), found["totalResults"], len(of_people[group["id"]]))


def counts(world, clients, seen):
    pending = sum(client.counter_pending for client in clients)
    titles = {one["id"]: one.get("title") for one in seen.people}
    missing = 0
    for at, id in enumerate(world.counters):
        numbers = {number for counter, number in world.counted if counter == at}
        reached = int(titles.get(id) or 0)
        missing += reached - len(numbers)
        if any(number > reached for number in numbers):
            yield "counter %d is at %d, and somebody had counted to %d" % (at, reached, max(numbers))
    if missing > pending:
        yield "%d counts were made, of which %d were not acknowledged" % (missing, pending)


def feed_gaps(seen, feed, in_one_row):
    """The first line of each resource is its creation, the last one agrees with what is there now, and each version
    has its line."""
    if in_one_row and [line.seq for line in feed] != list(range(feed[0].seq, feed[0].seq + len(feed))):
        yield "numbers are missing"
    lines, members = collections.defaultdict(list), collections.Counter()
    for line in feed:
        if line.kind in ("user", "group"):
            lines[line.kind, line.id].append(line.what)
        elif line.kind == "member":
            members[line.id, line.related] += {"added": 1, "removed": -1}[line.what]
    there = {}
    for kind, resources in (("user", seen.people), ("group", seen.groups)):
        for one in resources:
            version = int(one["meta"]["version"].split('"')[1].split("-")[0])
            there[kind, one["id"].replace("-", "")] = version
    for subject in set(lines) | set(there):
        told, version = lines[subject], there.get(subject)
        if not told or told[0] != "created" or told.count("created") != 1:
            yield "%s %s: %r" % (*subject, told)
        elif (version is None) != (told[-1] == "deleted"):
            yield "%s %s: version %r, and at last %s" % (*subject, version, told[-1])
        elif subject[0] == "user" and version is not None and len(told) != version:
            yield "%s %s: version %d, %d lines" % (*subject, version, len(told))
    shown = {(group["id"].replace("-", ""), member["value"].replace("-", "")): 1
             for group in seen.groups for member in group.get("members", [])}
    for pair in set(members) | set(shown):
        if members[pair] != shown.get(pair, 0):
            yield "member %s of %s: %d in the feed, %d there" % (pair[1], pair[0], members[pair], shown.get(pair, 0))
