#!/usr/bin/env python3
"""scim2-tester, by way of scim2-cli, against the service on both base URLs; each of its checks is counted."""

import os
import re
import subprocess
import sys
import tempfile

from checks import run
from processes import Instep, arguments

BASES = {"/v1/scim": "/v1/scim/%s", "/identity/scim": "/identity/scim/%s/v2"}
LINE = re.compile(r"^(SUCCESS|ERROR|CRITICAL|ACCEPTABLE|COMPLIANT|DEVIATION|SKIPPED|WARNING)\s+(.*)$")
GOOD = {"SUCCESS", "COMPLIANT", "ACCEPTABLE", "SKIPPED"}


def scenario(checks, options):
    with tempfile.TemporaryDirectory(prefix="instep-outside-") as folder:
        service = Instep(options.instep, folder, "Service", options.postgres)
        try:
            service.create_organization()
            service.token = service.create_token()
            service.serve()
            for name, base in BASES.items():
                examine(checks, options, name, service.url + base % service.org, service.token)
        finally:
            service.stop()
            if checks.failed:
                service.show_log(10)


def examine(checks, options, name, url, token):
    environment = dict(os.environ, SCIM_CLI_HEADERS="Authorization: Bearer " + token, NO_COLOR="1")
    done = subprocess.run([os.path.join(options.tools, "scim2"), "--url", url, "test", "--verbose"],
                          env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600)
    found, reason = [], []
    for line in done.stdout.splitlines():
        match = LINE.match(line)
        if match:
            reason = []
            found.append((match.group(1), match.group(2), reason))
        else:
            reason.append(line.strip()[:600])
    checks.check("%s: scim2-tester runs to its end" % name, len(found) > 50, done.stdout[-2000:] + done.stderr[-2000:])
    seen = {}
    for status, title, reason in found:
        seen[title] = seen.get(title, 0) + 1
        what = "%s: %s%s" % (name, title, " (%d)" % seen[title] if seen[title] > 1 else "")
        what += "" if status == "SUCCESS" else " [%s]" % status.lower()
        checks.check(what, status in GOOD, reason)


def main():
    parser = arguments(__doc__.splitlines()[0])
    return run(scenario, parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
