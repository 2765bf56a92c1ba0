#!/usr/bin/env python3
"""64 clients read and write at once: no answer is a server error, and none contradicts what the client knows. Then the
server's process is killed in the middle of the writes; after a restart every acknowledged write is there, every other
one is there whole or not at all, and the feed and the trail of events tell of each.
"""

import os
import sys
import tempfile
import threading
import time

from checks import run
from feed import lines_of, settled
from processes import Instep, arguments
from soak_client import Client
from soak_verify import verify
from soak_world import SHARED_GROUPS, World

def begin(service, clients, seed):
    """Shared people and groups, and a client with a few people of its own for each thread."""
    scim = service.scim()
    world = World(service.url, service.org, service.token)
    for number in range(SHARED_GROUPS):
        made = scim.post("/Groups", {"displayName": "Shared %d" % number, "externalId": "shared-%d" % number})
        world.shared_groups.append(made["id"])
    for number in range(4):
        name = "counter%d@soak.example" % number
        made = scim.create({"userName": name, "externalId": "counter-%d" % number, "title": "0"})
        world.counters.append(made["id"])
    made = scim.create({"userName": "board@soak.example", "externalId": "board"})
    world.board = made["id"]
    return world, [Client(world, number, seed) for number in range(clients)]


def load(world, clients, seconds, kill):
    """Lets all clients do as they like, and kills the server when the time is up."""
    threads = [threading.Thread(target=client.go_on, daemon=True) for client in clients]
    for thread in threads:
        thread.start()
    end = time.monotonic() + seconds
    while time.monotonic() < end and not world.wrong:
        time.sleep(0.05)
    world.killing = True
    kill()
    for thread in threads:
        thread.join(120)
    return not any(thread.is_alive() for thread in threads)


def scenario(checks, options):
    with tempfile.TemporaryDirectory(prefix="instep-outside-") as folder:
        service = Instep(options.instep, folder, "Soak", options.postgres)
        try:
            service.create_organization("--preset", "webex")
            service.token = service.create_token("Identity:SCIM", "instep:admin")
            service.serve()
            world, clients = begin(service, options.clients, options.seed)
            for number in range(1, options.kills + 1):
                soak(checks, options, service, world, clients, number)
                if checks.failed:
                    break
        finally:
            failed = checks.failed or sys.exc_info()[0]
            service.stop()
            if failed:
                service.show_log()


def soak(checks, options, service, world, clients, number):
    began = time.monotonic()
    before, writes = world.requests, world.writes
    ended = load(world, clients, options.seconds, lambda: service.stop(kill=True))
    took = time.monotonic() - began
    checks.check("kill %d: every client ends when the server is gone" % number, ended)
    requests, written = world.requests - before, world.writes - writes
    print("        %d requests by %d clients in %.1f s, %d of them acknowledged writes, %d unanswered"
          % (requests, len(clients), took, written, sum(1 for client in clients if client.pending)))
    checks.none("kill %d: no server error, and no answer that contradicts" % number, world.wrong)
    checks.check("kill %d: it came in the middle of the writes" % number, any(client.pending for client in clients))
    checks.check("kill %d: there was something to lose" % number, written > options.clients)
    settled(service)
    service.serve()
    verify(checks, "kill %d: " % number, service, world, clients, lines_of(service))
    world.killing = False


def main():
    parser = arguments(__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=5, help="how long until the server is killed, each time")
    parser.add_argument("--kills", type=int, default=2)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(3), "big"))
    options = parser.parse_args()
    print("        seed %d" % options.seed)
    return run(scenario, options)


if __name__ == "__main__":
    sys.exit(main())
