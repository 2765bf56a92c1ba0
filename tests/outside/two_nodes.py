#!/usr/bin/env python3
"""Two servers on one PostgreSQL work for one app; one after the other is killed in the middle of an initial cycle. The
one that is left finishes, and nothing is done twice: the target takes the same userName as often as it is sent.
"""

import json
import os
import shutil
import sys
import tempfile

from checks import run, wait_until
from compare import differences
from kills import Target, TOKEN
from mapping_tables import TABLES
from processes import Instep, arguments, in_step
from staff import as_csv, people as make_people

APP = "Target"


def second_node(first, folder):
    """Another server of the same installation: the same database and key file, an address of its own."""
    second = Instep(first.program, folder, first.name + "-2")
    shutil.copytree(first.data, second.data, dirs_exist_ok=True)
    second.database, second.org, second.token = first.database, first.org, first.token
    return second


def kill_in_the_middle(checks, target, node, other, accounts):
    """Kills a server once there are so many accounts, of which some answers are still under way to it."""
    wait_until("%d accounts" % accounts, lambda: target.counts()["creates"] >= accounts, 120, 0.002)
    node.stop(kill=True)
    # The one that is left goes on by itself.
    before = target.counts()["creates"]
    wait_until("the other one goes on", lambda: target.counts()["creates"] > before, 60, 0.01)
    status = other.api().get("/api/v1/apps/%s/status" % APP)
    checks.equal("%s was killed in the middle of the cycle" % node.name, status["cycle"]["state"], "running")


def scenario(checks, options):
    with tempfile.TemporaryDirectory(prefix="instep-outside-") as folder:
        first = Instep(options.instep, folder, "Node", options.postgres)
        target = Target(options.fake_target, "--no-uniqueness")
        nodes = [first]
        try:
            first.create_organization()
            first.token = first.create_token("Identity:SCIM", "instep:admin")
            first.serve()
            staff = os.path.join(folder, "staff.csv")
            with open(staff, "wb") as file:
                file.write(as_csv([dict(row, accountEnabled="True") for row in make_people(options.people, seed=4)]))
            first.run("user", "import", staff)
            second = second_node(first, folder)
            nodes.append(second)
            second.serve()

            # Answers are slow, so that at any moment some are owed to each of the two.
            target.order(rules=[{"method": "POST", "path": "/Users", "fault": {"kind": "slow_answer", "millis": 30}}])
            first.run("app", "add", "scim", "--name", APP, "--base-url", target.base, "--target-token", TOKEN,
                      "--scope", "all", "--set", "request_timeout_seconds=2", "--set", "in_doubt_seconds=1",
                      "--set", "retry_longest_seconds=2", "--set", "concurrency=8")
            second.run("app", "sync", APP)
            kill_in_the_middle(checks, target, first, second, options.people // 4)
            first.serve()
            kill_in_the_middle(checks, target, second, first, options.people // 2)
            target.order(heal=True)
            in_step(first.api(), APP)

            people, accounts = first.scim().list(), target.scim.list()
            checks.equal("as many accounts as people", len(accounts), len(people))
            checks.none("every person exactly once, nobody missing", differences(people, accounts, TABLES["scim"]))
            status = first.api().get("/api/v1/apps/%s/status" % APP)
            checks.equal("nobody fails", status["failing"], [])
            checks.equal("each counts once in the cycle", status["cycle"]["counts"]["created"]
                         + status["cycle"]["counts"]["linked"], len(people))

            # Both at work again: what comes in by one is carried out once, whoever takes it.
            second.serve()
            target.order(resetCounts=True)
            for number, person in enumerate(people[:20]):
                node = nodes[number % 2]
                node.scim().patch(person["id"], {"op": "replace", "path": "title", "value": "Number %d" % number})
            in_step(first.api(), APP)
            checks.equal("twenty changes by both doors are twenty writes", target.counts()["writes"], 20)
            checks.none("and all arrived", differences(first.scim().list(), target.scim.list(), TABLES["scim"]))
        finally:
            failed = checks.failed or sys.exc_info()[0]
            for node in nodes:
                node.stop()
                if failed:
                    node.show_log()
            if failed:
                print("        target: " + json.dumps(target.counts()))
            target.stop()


def main():
    parser = arguments(__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=1000)
    return run(scenario, parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
