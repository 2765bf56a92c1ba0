#!/usr/bin/env python3
"""Our engine keeps scim2-server in step: another author's code, a process of its own, compared through its API."""

import os
import subprocess
import sys

from behind_our_back import afterwards
from checks import run, wait_until
from foreign_target import keep_in_step
from http_json import Scim
from mapping_tables import TABLES
from processes import arguments, free_port


def start_target(tools, token, folder):
    port = free_port()
    log = open(os.path.join(folder, "scim2-server.log"), "w")
    process = subprocess.Popen(
        [os.path.join(tools, "scim2-server"), "--port", str(port), "--bearer-token", token],
        stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    base = "http://127.0.0.1:%d/v2" % port
    target = Scim(base, token)

    def up():
        if process.poll() is not None:
            raise RuntimeError("scim2-server ended: " + open(log.name).read())
        try:
            return target.try_send("GET", "/ServiceProviderConfig").status == 200
        except OSError:
            return False

    wait_until("scim2-server is up", up, 60)
    return process, target


def scenario(checks, options):
    keep_in_step(checks, options, start_target, afterwards, bulk=True)


def main():
    parser = arguments(__doc__.splitlines()[0])
    parser.add_argument("--template", default="scim", help="scim or webex")
    parser.add_argument("--mapping", choices=sorted(TABLES), default="scim")
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--changes", type=int, default=50)
    return run(scenario, parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
