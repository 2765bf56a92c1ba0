#!/usr/bin/env python3
"""The process is killed in the middle of a licence run, several times; after the last start it goes on to its end, and
everybody has what is his or hers once: not one licence more than there are, nobody passed over, nothing done twice."""

import os
import sys
import tempfile

from checks import run, wait_until
from processes import Instep, arguments
from staff import as_csv, people as make_people

KILLS = 4


def everything(api, path):
    """All items of a list."""
    return list(api.items("/api/v1" + path, 1000))


def scenario(checks, options):
    with tempfile.TemporaryDirectory(prefix="instep-outside-") as folder:
        hub = Instep(options.instep, folder, "Hub", options.postgres)
        try:
            hub.create_organization()
            hub.token = hub.create_token("Identity:SCIM", "instep:admin")
            hub.serve()
            staff = os.path.join(folder, "staff.csv")
            with open(staff, "wb") as file:
                file.write(as_csv(make_people(options.people, seed=5)))
            hub.run("user", "import", staff)
            everybody = len(everything(hub.api(), "/people"))
            total = everybody * 3 // 4
            hub.run("licence", "add", "Calling", "--total", str(total))
            hub.run("licence", "add", "Messaging")
            template = {"licences": ["Calling", "Messaging"], "existing_users": "preserve"}
            put = hub.api().send("PUT", "/api/v1/licence-templates/organization", template)
            run_at = "/api/v1/licence-runs/%s" % put["run"]["id"]

            middles = 0
            for number in range(KILLS):
                seen = wait_until("the run is under way, kill %d" % (number + 1),
                                  lambda: moved_on(hub.api().get(run_at), middles), 120, 0.001)
                hub.stop(kill=True)
                hub.serve()
                now = hub.api().get(run_at)
                if now["state"] != "running" and seen["state"] != "running":
                    break
                middles = max(now["progress"]["done"], seen["progress"]["done"])
                checks.check("kill %d: in the middle, and nothing of what was done is gone" % (number + 1),
                             now["progress"]["done"] >= seen["progress"]["done"], (seen["progress"], now["progress"]))
            checks.check("it was killed before the end", middles and middles < everybody, middles)
            over = wait_until("the run is over", lambda: ended(hub.api().get(run_at)), 300)
            checks.equal("the run ends well", (over["state"], over["progress"]), ("done", {"done": everybody, "total": everybody}))
            the_end(checks, hub.api(), everybody, total, over)
        finally:
            hub.stop()
            if checks.failed:
                hub.show_log()


def moved_on(run, before):
    """A run that has done more than before, or is over."""
    return run if run["state"] != "running" or run["progress"]["done"] > before else None


def ended(run):
    return run if run["state"] != "running" else None


def the_end(checks, api, everybody, total, over):
    items = everything(api, "/licence-runs/%s/items" % over["id"])
    pairs = [(item["person"]["id"], item["licence"]["name"]) for item in items]
    checks.equal("each person and licence is written down once", (len(pairs), len(set(pairs))), (everybody * 2, everybody * 2))
    told = {}
    for item in items:
        told[item["licence"]["name"], item["state"]] = told.get((item["licence"]["name"], item["state"]), 0) + 1
    checks.equal("what it came to", told, {("Calling", "given"): total, ("Calling", "none_left"): everybody - total,
                                           ("Messaging", "given"): everybody})
    for name, given in (("Calling", total), ("Messaging", everybody)):
        licence = api.get("/api/v1/licences/%s" % name)
        holders = [one["id"] for one in everything(api, "/licences/%s/people" % name)]
        checks.equal("%s: as many as are counted have it, each once" % name,
                     (licence["consumed"], len(holders), len(set(holders))), (given, given, given))
    waiting = [one["id"] for one in everything(api, "/licences/Calling/people?state=waiting")]
    checks.equal("the others wait, each once", (len(waiting), len(set(waiting))), (everybody - total, everybody - total))
    changed = [event["resource"]["id"] for event in everything(api, "/events?type=user_licence_update")]
    checks.equal("one event for each person", (len(changed), len(set(changed))), (everybody, everybody))
    finished = everything(api, "/events?type=licence_run_finish")
    checks.equal("and one of the run", len(finished), 1)


def main():
    parser = arguments(__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=2000)
    return run(scenario, parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
