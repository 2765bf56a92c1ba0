"""What is secret and was shown to somebody in the course of a scenario, and must not stand in the log of any server."""

import re

# Where answers and commands show a secret, once.
NAMES = {"access_token", "admin_password", "client_secret", "id_token", "password", "refresh_token", "secret", "token"}
# Tokens of ours look like this wherever they are made.
TOKEN = re.compile(r"instep_(?:refresh_)?[A-Za-z0-9_-]{32,}")
# What is shorter may stand there by chance.
SHORTEST = 8


def secrets_in(answer):
    """Those that JSON holds under one of the names."""
    if isinstance(answer, list):
        return {secret for one in answer for secret in secrets_in(one)}
    if not isinstance(answer, dict):
        return set()
    found = set()
    for name, value in answer.items():
        if isinstance(value, str) and name in NAMES and len(value) >= SHORTEST:
            found.add(value)
        else:
            found |= secrets_in(value)
    return found


def must_be_absent(path, known):
    """Fails if a log shows a token, or one of these."""
    with open(path, encoding="utf-8", errors="replace") as log:
        for number, line in enumerate(log, 1):
            shown = [secret for secret in known if secret in line] or TOKEN.findall(line)
            for secret in shown:
                before = line[:line.index(secret)]
                raise AssertionError("%s:%d shows a secret, behind: %s" % (path, number, before[-200:]))
