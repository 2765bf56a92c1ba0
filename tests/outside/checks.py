"""Counting checks, and closing with a line that says how many held."""

import time
import traceback


class Checks:
    def __init__(self):
        self.passed = self.failed = 0

    def check(self, what, holds, detail=""):
        """One check; `detail` is shown if it fails."""
        if holds:
            self.passed += 1
            print("ok      %s" % what)
            return True
        self.failed += 1
        print("FAILED  %s" % what)
        lines = detail if isinstance(detail, (list, tuple)) else str(detail).splitlines()
        for line in list(lines)[:20]:
            print("        %s" % (line,))
        if len(lines) > 20:
            print("        … and %d more" % (len(lines) - 20))
        return False

    def equal(self, what, found, wanted):
        return self.check(what, found == wanted, "found %r, wanted %r" % (found, wanted))

    def none(self, what, wrong):
        """That a list of what is wrong is empty."""
        return self.check(what, not wrong, wrong)

    def close(self):
        print("%d passed, %d failed" % (self.passed, self.failed))
        return 1 if self.failed or not self.passed else 0


def run(scenario, *arguments):
    """Runs a scenario with a fresh Checks; what it raises is a failed check. Gives the exit status."""
    checks = Checks()
    try:
        scenario(checks, *arguments)
    except Exception:
        checks.check("the scenario runs to its end", False, traceback.format_exc())
    return checks.close()


def wait_until(what, holds, seconds=120, pause=0.1):
    """Asks until it holds; the limit only keeps a broken run from hanging."""
    end = time.monotonic() + seconds
    while True:
        found = holds()
        if found:
            return found
        if time.monotonic() > end:
            raise TimeoutError("not within %d s: %s" % (seconds, what))
        time.sleep(pause)
