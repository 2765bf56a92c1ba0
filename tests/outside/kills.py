#!/usr/bin/env python3
"""The engine's process is killed at 20 moments of an initial cycle of 1,000, half of them between a target's commit
and its answer; in the end every person has exactly one account. At a target with unique userNames and at one without.
"""

import json
import os
import subprocess
import sys
import tempfile

from checks import run, wait_until
from compare import differences
from http_json import Client, Scim
from mapping_tables import TABLES
from processes import Instep, arguments, in_step, terminate
from staff import as_csv, people as make_people

APP = "Target"
TOKEN = "kills-target-token"


class Target:
    """The fake target, a process of its own, steered by its control address."""

    def __init__(self, program, *words):
        self.process = subprocess.Popen([program, "--token", TOKEN, *words], stdin=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE, text=True)
        self.base = self.process.stderr.readline().split()[-1]
        self.scim, self.control = Scim(self.base, TOKEN), Client(self.base.rsplit("/scim", 1)[0])

    def order(self, **orders):
        return self.control.post("/control", orders)

    def counts(self):
        return self.control.get("/control")

    def hold(self, method, nth):
        """Holds the answer of the nth request of this method from now on: a write is committed by then."""
        kind = "slow_answer" if method == "POST" else "delay"
        self.order(heal=True, resetCounts=True,
                   rules=[{"method": method, "path": "/Users", "nth": nth, "fault": {"kind": kind, "millis": 20000}}])

    def stop(self):
        terminate(self.process, kill=True)


def await_moment(target, directory, number):
    try:
        wait_until("the moment of kill %d" % number, lambda: target.counts()["faults"] > 0, 60, 0.002)
    except TimeoutError as error:
        status = directory.api().get("/api/v1/apps/%s/status" % APP)
        raise TimeoutError("%s; target: %s, %d accounts; status: %s" % (
            error, target.counts(), len(target.control.get("/control/accounts")), json.dumps(status)[:2000]))


def initial_cycle_with_kills(checks, options, folder, name, *manners):
    directory = Instep(options.instep, folder, name, options.postgres)
    target = Target(options.fake_target, *manners)
    try:
        directory.create_organization()
        directory.token = directory.create_token("Identity:SCIM", "instep:admin")
        directory.serve()
        staff = os.path.join(folder, name + ".csv")
        rows = make_people(options.people, seed=3)
        for row in rows:
            row["accountEnabled"] = "True"
        with open(staff, "wb") as file:
            file.write(as_csv(rows))
        directory.run("user", "import", staff)

        killed = committed = 0
        apart = max(options.people // (options.kills * 4), 1)
        for number in range(options.kills):
            method = "POST" if number % 2 == 0 else "GET"
            target.hold(method, apart + number % 7)
            if number == 0:
                directory.run("app", "add", "scim", "--name", APP, "--base-url", target.base, "--target-token", TOKEN,
                              "--scope", "all", "--set", "request_timeout_seconds=2", "--set", "in_doubt_seconds=1",
                              "--set", "retry_longest_seconds=2", "--set", "concurrency=8")
                directory.run("app", "sync", APP)
            else:
                directory.serve()
            await_moment(target, directory, number + 1)
            committed += method == "POST"
            directory.stop(kill=True)
            killed += 1
        checks.check("%s: the last kill came before the end of the cycle" % name,
                     len(target.scim.list()) < options.people)
        target.order(heal=True)
        directory.serve()
        checks.equal("%s: killed, and of these between commit and answer" % name,
                     (killed, committed), (options.kills, (options.kills + 1) // 2))
        in_step(directory.api(), APP)

        people, accounts = directory.scim().list(), target.scim.list()
        checks.equal("%s: as many accounts as people" % name, len(accounts), len(people))
        checks.none("%s: every person exactly once, nobody missing" % name,
                    differences(people, accounts, TABLES["scim"]))
        status = directory.api().get("/api/v1/apps/%s/status" % APP)
        checks.equal("%s: nobody fails" % name, status["failing"], [])
        target.order(resetCounts=True)
        directory.run("app", "sync", APP, "--restart", "--wait")
        in_step(directory.api(), APP)
        checks.equal("%s: an initial cycle over again sends no write" % name, target.counts()["writes"], 0)
    finally:
        failed = checks.failed or sys.exc_info()[0]
        directory.stop()
        target.stop()
        if failed:
            directory.show_log()


def scenario(checks, options):
    with tempfile.TemporaryDirectory(prefix="instep-outside-") as folder:
        initial_cycle_with_kills(checks, options, folder, "Unique")
        initial_cycle_with_kills(checks, options, folder, "Doubles", "--no-uniqueness")


def main():
    parser = arguments(__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=20)
    return run(scenario, parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
