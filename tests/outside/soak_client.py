"""One of the clients of a soak: it sends one request after another, and knows what of its people and groups must be
there. What was not answered may have been carried out or not; how to tell is kept beside it."""

import http.client
import itertools
import json
import random
import urllib.parse

from soak_world import Gone, Person

GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"

# So many people and groups of its own does a client hold before it rather deletes.
PEOPLE, GROUPS = 60, 6


class Client:
    def __init__(self, world, number, seed):
        self.world, self.number = world, number
        self.random = random.Random(seed * 1000 + number)
        self.people, self.groups, self.group_names = {}, {}, {}
        self.board, self.pending, self.counter_pending = 0, [], 0
        self.numbers, self.connection = itertools.count(1), None
        self.shared = {"shared-%d" % at: id for at, id in enumerate(world.shared_groups)}

    # Sending

    def send(self, method, path, body=None, headers=None):
        sent = {"Authorization": "Bearer " + self.world.token, "Content-Type": "application/scim+json"}
        sent.update(headers or {})
        if self.connection is None:
            self.connection = http.client.HTTPConnection(self.world.host, timeout=60)
        try:
            self.connection.request(method, self.world.prefix + path, json.dumps(body) if body else None, sent)
            response = self.connection.getresponse()
            text = response.read()
        except (http.client.HTTPException, OSError) as error:
            self.connection.close()
            self.connection = None
            if not self.world.killing:
                self.world.blame("%s %s: %r" % (method, path, error))
            raise Gone()
        with self.world.lock:
            self.world.requests += 1
        return response.status, response.headers, json.loads(text) if text else None

    def ask(self, path, method="GET", body=None):
        status, _, answer = self.send(method, path, body)
        self.expect(status == 200, "%s %s: %d %r" % (method, path, status, answer))
        return answer

    def write(self, method, path, body, witness, apply, statuses=(200, 201, 204), headers=None):
        """Sends a change. `apply` brings it into what is known; `witness` tells by what the server shows later whether
        it was carried out, if there is no answer."""
        try:
            status, headers, answer = self.send(method, path, body, headers)
        except Gone:
            self.pending.append((witness, apply))
            raise
        self.expect(status in statuses, "%s %s %r: %d %r" % (method, path, body, status, answer))
        if status < 300:
            apply(answer)
            with self.world.lock:
                self.world.writes += 1
                self.world.correlations.add(headers["TrackingID"].removeprefix("INSTEP_"))
        return status, answer

    def expect(self, holds, what):
        if not holds:
            self.world.blame("client %d: %s" % (self.number, what))
            raise Gone()

    def go_on(self):
        """Until the server is gone."""
        kinds = [kind for kind, weight in KINDS for _ in range(weight)]
        try:
            while not self.world.wrong:
                self.random.choice(kinds)(self)
        except Gone:
            pass
        except Exception as error:  # An answer in no form that was expected.
            self.world.blame("client %d: %r" % (self.number, error))

    # People

    def fresh(self, user_name=None):
        number = next(self.numbers)
        key = "c%d-%d" % (self.number, number)
        return Person(key, user_name or key + "@soak.example", "C%d person %d" % (self.number, number),
                      "Title %d" % number)

    def someone(self):
        return self.random.choice(list(self.people.values())) if self.people else self.create()

    def ids_of_groups(self):
        return {**self.shared, **self.groups}

    def same(self, person, shown):
        difference = person.differs(shown, self.ids_of_groups())
        self.expect(difference is None, difference)

    def create(self, user_name=None, statuses=(201,)):
        if len(self.people) >= PEOPLE:
            return self.delete()
        person = self.fresh(user_name)

        def apply(shown):
            person.id = shown["id"]
            self.people[person.key] = person

        status, shown = self.write("POST", "/Users", person.body(), lambda server: server.person(person.key), apply,
                                   statuses)
        if status == 201:
            self.same(person, shown)
            return person
        return None

    def create_again(self):
        """A userName that is taken, in another case of letters."""
        person = self.someone()
        if person:
            body = dict(self.fresh().body(), userName=person.user_name.upper())
            status, _, answer = self.send("POST", "/Users", body)
            self.expect(status == 409 and answer["scimType"] == "uniqueness", "taken twice: %d %r" % (status, answer))

    def race(self):
        """Several clients want the same userName: one of them gets it."""
        name = "wanted%d@soak.example" % (next(self.world.races) // 6)
        self.create(name, (201, 409))

    def change(self, person, method, body, headers=None, **values):
        """A change of attributes, which all get values that they never had."""
        name = next(iter(values))

        def apply(_):
            for attribute, value in values.items():
                setattr(person, attribute, value)
            person.version += 1

        def witness(server):
            shown = server.person(person.key)
            found = {"display_name": "displayName", "title": "title", "user_name": "userName"}
            if name == "phones":
                return shown and {p["type"]: p["value"] for p in shown.get("phoneNumbers", [])} == values[name]
            return shown and shown[found[name]] == values[name]

        _, shown = self.write(method, "/Users/" + person.id, body, witness, apply, (200,), headers)
        self.same(person, shown)

    def patch(self):
        person = self.someone()
        if not person:
            return
        number = next(self.numbers)
        title = "Patched %d" % number
        operations = [{"op": "replace", "path": "title", "value": title},
                      {"op": "Replace", "value": {"name.familyName": title}}]
        headers = self.random.choice([None, {"If-Match": 'W/"%d"' % person.version}])
        self.change(person, "PATCH", {"schemas": [PATCH], "Operations": operations}, headers, title=title)

    def patch_phone(self):
        person = self.someone()
        if not person:
            return
        kind, value = self.random.choice(["work", "mobile", "home"]), "+%d" % next(self.numbers)
        operation = {"op": "replace", "path": 'phoneNumbers[type eq "%s"].value' % kind, "value": value}
        phones = dict(person.phones, **{kind: value})
        self.change(person, "PATCH", {"schemas": [PATCH], "Operations": [operation]}, phones=phones)

    def rename(self):
        person = self.someone()
        if not person:
            return
        old, new = person.user_name, "r%d-%d@soak.example" % (self.number, next(self.numbers))
        operation = {"op": "replace", "path": "userName", "value": new}
        self.change(person, "PATCH", {"schemas": [PATCH], "Operations": [operation]}, user_name=new)
        if not old.startswith("wanted"):
            found = self.ask("/Users?" + query(filter='userName eq "%s"' % old))
            self.expect(found["totalResults"] == 0, "%s was given up" % old)

    def put(self):
        person = self.someone()
        if not person:
            return
        number = next(self.numbers)
        values = {"title": "Put %d" % number, "display_name": "C%d put %d" % (self.number, number),
                  "active": self.random.random() < 0.7, "phones": {}}
        after = Person(person.key, person.user_name, values["display_name"], values["title"])
        after.active = values["active"]
        self.change(person, "PUT", after.body(), **values)

    def stale(self):
        """A condition that does not hold changes nothing."""
        person = self.someone()
        if person:
            operation = {"op": "replace", "path": "title", "value": "stale"}
            status, _, answer = self.send("PATCH", "/Users/" + person.id,
                                          {"schemas": [PATCH], "Operations": [operation]},
                                          {"If-Match": 'W/"%d"' % (person.version + 1)})
            self.expect(status == 412, "another version: %d %r" % (status, answer))

    def delete(self):
        if len(self.people) < 5:
            return
        person = self.someone()

        def apply(_):
            self.people.pop(person.key)

        self.write("DELETE", "/Users/" + person.id, None, lambda server: not server.person(person.key), apply, (204,))
        status, _, _ = self.send("GET", "/Users/" + person.id)
        self.expect(status == 404, "deleted: %d" % status)

    # Groups

    def create_group(self):
        if len(self.groups) >= GROUPS:
            return self.delete_group()
        number = next(self.numbers)
        key, name = "g%d-%d" % (self.number, number), "Group %d of %d" % (number, self.number)
        members = self.random.sample(list(self.people.values()), min(5, len(self.people)))
        body = {"schemas": [GROUP], "displayName": name, "externalId": key,
                "members": [{"value": person.id} for person in members]}

        def apply(shown):
            self.groups[key], self.group_names[key] = shown["id"], name
            for person in members:
                person.groups.add(key)

        self.write("POST", "/Groups", body, lambda server: server.group(key), apply, (201,))

    def some_group(self):
        if self.groups and self.random.random() < 0.5:
            return self.random.choice(list(self.groups.items()))
        return self.random.choice(list(self.shared.items()))

    def enter(self):
        """Several people into a group in one request: all or none."""
        key, id = self.some_group()
        outside = [person for person in self.people.values() if key not in person.groups]
        chosen = self.random.sample(outside, min(3, len(outside)))
        if not chosen:
            return
        operation = {"op": "add", "path": "members", "value": [{"value": person.id} for person in chosen]}

        def apply(_):
            for person in chosen:
                person.groups.add(key)

        self.write("PATCH", "/Groups/" + id, {"schemas": [PATCH], "Operations": [operation]},
                   lambda server: server.is_member(key, chosen[0].id), apply, (204,))

    def leave(self):
        key, id = self.some_group()
        inside = [person for person in self.people.values() if key in person.groups]
        if not inside:
            return
        person = self.random.choice(inside)
        operation = {"op": "remove", "path": 'members[value eq "%s"]' % person.id}

        def apply(_):
            person.groups.discard(key)

        self.write("PATCH", "/Groups/" + id, {"schemas": [PATCH], "Operations": [operation]},
                   lambda server: not server.is_member(key, person.id), apply, (204,))

    def put_group(self):
        if not self.groups:
            return
        key, id = self.random.choice(list(self.groups.items()))
        name = "Group put %d of %d" % (next(self.numbers), self.number)
        members = self.random.sample(list(self.people.values()), min(4, len(self.people)))

        def apply(_):
            self.group_names[key] = name
            for person in self.people.values():
                person.groups.discard(key)
            for person in members:
                person.groups.add(key)

        body = {"schemas": [GROUP], "displayName": name, "externalId": key,
                "members": [{"value": person.id} for person in members]}
        self.write("PUT", "/Groups/" + id, body,
                   lambda server: (server.group(key) or {}).get("displayName") == name, apply, (200,))

    def delete_group(self):
        if not self.groups:
            return
        key, id = self.random.choice(list(self.groups.items()))

        def apply(_):
            self.groups.pop(key), self.group_names.pop(key)
            for person in self.people.values():
                person.groups.discard(key)

        self.write("DELETE", "/Groups/" + id, None, lambda server: not server.group(key), apply, (204,))

    # Several at once

    def bulk(self):
        if len(self.people) > PEOPLE:
            return
        people = [self.fresh() for _ in range(8)]
        key = "g%d-%d" % (self.number, next(self.numbers))
        name = "Bulk %s" % key
        operations = [{"method": "POST", "path": "/Users", "bulkId": person.key, "data": person.body()}
                      for person in people]
        members = [{"value": "bulkId:" + person.key} for person in people[:3]]
        operations.append({"method": "POST", "path": "/Groups", "bulkId": key,
                           "data": {"schemas": [GROUP], "displayName": name, "externalId": key, "members": members}})

        def arrived(person, id):
            person.id = id
            self.people[person.key] = person

        def founded(id):
            self.groups[key], self.group_names[key] = id, name
            for person in people[:3]:
                person.groups.add(key)

        try:
            status, headers, answer = self.send("POST", "/Bulk", {"schemas": [BULK], "Operations": operations})
        except Gone:
            # Each operation stands alone; people[…] comes before the group that refers to them.
            for person in people:
                self.pending.append((lambda server, person=person: server.person(person.key),
                                     lambda shown, person=person: arrived(person, shown["id"])))
            self.pending.append((lambda server: server.group(key), lambda shown: founded(shown["id"])))
            raise
        self.expect(status == 200, "bulk: %d %r" % (status, answer))
        statuses = [str(operation["status"]) for operation in answer["Operations"]]
        self.expect(statuses == ["201"] * len(operations), "bulk: %r" % answer)
        ids = [operation["location"].rsplit("/", 1)[1] for operation in answer["Operations"]]
        for person, id in zip(people, ids):
            arrived(person, id)
        founded(ids[-1])
        with self.world.lock:
            self.world.writes += len(operations)
            self.world.correlations.add(headers["TrackingID"].removeprefix("INSTEP_"))

    # What all clients change

    def count_up(self):
        """Reads a number and writes the next one under the version that was read: no two succeed with the same."""
        at = self.random.randrange(len(self.world.counters))
        path = "/Users/" + self.world.counters[at]
        shown = self.ask(path)
        number = int(shown["title"]) + 1
        operation = {"op": "replace", "path": "title", "value": str(number)}
        try:
            status, _, answer = self.send("PATCH", path, {"schemas": [PATCH], "Operations": [operation]},
                                          {"If-Match": shown["meta"]["version"]})
        except Gone:
            self.counter_pending += 1
            raise
        self.expect(status in (200, 412), "counting: %d %r" % (status, answer))
        if status == 200:
            with self.world.lock:
                twice = (at, number) in self.world.counted
                self.world.counted.add((at, number))
            self.expect(not twice, "two have counted to %d" % number)

    def write_on_board(self):
        """One person whom all change at once, without a condition: each its own value, and none is lost."""
        number = next(self.numbers)
        kind = "c%d" % self.number
        operation = {"op": "replace", "path": 'phoneNumbers[type eq "%s"].value' % kind, "value": "+%d" % number}

        def apply(_):
            self.board = number

        self.write("PATCH", "/Users/" + self.world.board, {"schemas": [PATCH], "Operations": [operation]},
                   lambda server: server.on_board(kind) == number, apply, (200,))

    # Reading

    def read(self):
        person = self.someone()
        if person:
            self.same(person, self.ask("/Users/" + person.id))

    def not_modified(self):
        person = self.someone()
        if person:
            shown = self.ask("/Users/" + person.id)
            status, _, _ = self.send("GET", "/Users/" + person.id, None, {"If-None-Match": shown["meta"]["version"]})
            self.expect(status == 304, "not modified: %d" % status)

    def find(self):
        person = self.someone()
        if not person:
            return
        filter = self.random.choice([
            'externalId eq "%s"' % person.key, 'userName eq "%s"' % person.user_name.upper(),
            'emails.value eq "%s"' % person.user_name, 'id eq "%s"' % person.id,
            'displayName eq "%s" and title eq "%s"' % (person.display_name, person.title),
            'emails[type eq "work" and value eq "%s"]' % person.user_name])
        found = self.ask("/Users?" + query(filter=filter))
        self.expect([one["id"] for one in found["Resources"]] == [person.id], "%s: %r" % (filter, found))
        self.same(person, found["Resources"][0])

    def find_mine(self):
        """All one's own people, page by page and by cursor, in one of several orders."""
        prefix = 'externalId sw "c%d-"' % self.number
        order = self.random.choice([{}, {"sortBy": "userName"}, {"sortBy": "title", "sortOrder": "descending"}])
        found, cursor = [], ""
        while cursor is not None:
            page = self.ask("/Users?" + query(filter=prefix, count=25, cursor=cursor, attributes="externalId", **order))
            found += [one["externalId"] for one in page["Resources"]]
            cursor = page.get("nextCursor")
        self.expect(sorted(found) == sorted(self.people), "mine by %r: %r, not %r" % (order, found, list(self.people)))

    def turn_pages(self):
        """A few pages of everybody while everything changes: nobody twice, and in order."""
        found, cursor = [], ""
        for _ in range(4):
            page = self.ask("/Users?" + query(count=50, cursor=cursor, attributes="userName", sortBy="userName"))
            found += [one["userName"] for one in page["Resources"]]
            cursor = page.get("nextCursor")
            if cursor is None:
                break
        # Who was given another name while the page was put together (r…) stands where it was, or twice.
        found = [name for name in found if not name.startswith("r")]
        self.expect(found == sorted(set(found)), "not in order: %r" % found)

    def search(self):
        body = {"schemas": [SEARCH], "filter": 'displayName sw "C%d p"' % self.number, "count": 10,
                "attributes": ["displayName"]}
        found = self.ask("/Users/.search", "POST", body)
        wanted = sum(person.display_name.startswith("C%d p" % self.number) for person in self.people.values())
        self.expect(found["totalResults"] == wanted, "search: %d, not %d" % (found["totalResults"], wanted))

    def groups_of(self):
        person = self.someone()
        if person:
            found = self.ask("/Groups?" + query(filter='members.value eq "%s"' % person.id,
                                                excludedAttributes="members"))
            wanted = sorted(self.ids_of_groups()[key] for key in person.groups)
            self.expect(sorted(one["id"] for one in found["Resources"]) == wanted, "groups of %s" % person.key)

    def members_of(self):
        if not self.groups:
            return
        key, id = self.random.choice(list(self.groups.items()))
        shown = self.ask("/Groups/" + id)
        wanted = sorted(person.id for person in self.people.values() if key in person.groups)
        self.expect(sorted(one["value"] for one in shown.get("members", [])) == wanted, "members of %s" % key)
        self.expect(shown["displayName"] == self.group_names[key], "name of %s" % key)


def query(**parameters):
    return urllib.parse.urlencode(parameters, quote_via=urllib.parse.quote)


KINDS = [
    (Client.create, 10), (Client.create_again, 1), (Client.race, 2), (Client.patch, 8), (Client.patch_phone, 4),
    (Client.rename, 2), (Client.put, 4), (Client.stale, 1), (Client.delete, 5), (Client.create_group, 2),
    (Client.enter, 5), (Client.leave, 3), (Client.put_group, 1), (Client.delete_group, 1), (Client.bulk, 1),
    (Client.count_up, 2), (Client.write_on_board, 2), (Client.read, 15), (Client.not_modified, 2), (Client.find, 10),
    (Client.find_mine, 2), (Client.turn_pages, 1), (Client.search, 1), (Client.groups_of, 3), (Client.members_of, 3),
]
