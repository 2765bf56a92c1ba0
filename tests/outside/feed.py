"""The change feed, read from the database itself: no door shows it."""

import collections
import glob
import os
import shutil
import sqlite3
import subprocess

from checks import wait_until

Line = collections.namedtuple("Line", "seq kind id related what correlation")


def lines_of(service):
    """All lines of the one organization of an installation, in their order; ids as hexadecimal digits."""
    if service.database:
        rows = _psql(service.database,
                     "select seq, kind, encode(id, 'hex'), coalesce(encode(related, 'hex'), ''), what, "
                     "encode(correlation, 'hex') from changes order by seq")
        return [Line(int(row[0]), *row[1:]) for row in rows]
    connection = sqlite3.connect("file:%s?mode=ro" % os.path.join(service.data, "instep.db"), uri=True)
    try:
        return [Line(*row) for row in connection.execute(
            "select seq, kind, lower(hex(id)), lower(coalesce(hex(related), '')), what, lower(hex(correlation)) "
            "from changes order by seq")]
    finally:
        connection.close()


def settled(service):
    """Waits until PostgreSQL has done with the connections of a process that was killed: a commit that had been sent
    is still carried out."""
    if not service.database:
        return
    others = ("select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() "
              "and backend_type = 'client backend'")
    wait_until("PostgreSQL is alone", lambda: not _psql(service.database, others), 60)


def _psql(url, statement):
    psql = shutil.which("psql") or next(iter(sorted(glob.glob("/usr/lib/postgresql/*/bin/psql"), reverse=True)))
    done = subprocess.run([psql, url, "-qAtc", statement], check=True, capture_output=True, text=True)
    return [line.split("|") for line in done.stdout.splitlines() if line]
