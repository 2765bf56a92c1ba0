#!/usr/bin/env python3
"""Our engine keeps scimmy-routers in step: a SCIM service for Node by other authors, a process of its own."""

import os
import subprocess
import sys

from checks import run, wait_until
from foreign_target import keep_in_step
from http_json import Scim
from mapping_tables import TABLES
from processes import arguments, free_port


def start_target(_tools, token, folder, modules):
    port = free_port()
    log = open(os.path.join(folder, "scimmy.log"), "w")
    process = subprocess.Popen(["node", os.path.join(modules, "server.mjs"), str(port), token],
                               stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    target = Scim("http://127.0.0.1:%d/scim" % port, token)

    def up():
        if process.poll() is not None:
            raise RuntimeError("the server ended: " + open(log.name).read())
        try:
            return target.try_send("GET", "/ServiceProviderConfig").status == 200
        except OSError:
            return False

    wait_until("scimmy-routers is up", up, 60)
    return process, target


def scenario(checks, options):
    keep_in_step(checks, options, lambda *given: start_target(*given, options.modules), bulk=True)


def main():
    parser = arguments(__doc__.splitlines()[0])
    parser.add_argument("--modules", required=True, metavar="DIR", help="where server.mjs and its modules are")
    parser.add_argument("--template", default="scim", help="scim or webex")
    parser.add_argument("--mapping", choices=sorted(TABLES), default="scim")
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--changes", type=int, default=50)
    return run(scenario, parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
