#!/usr/bin/env python3
"""Mail arrives at a sink of another author's (aiosmtpd): one for each reason, to whom the app names, with nothing secret in
it; and what is written while the sink is away arrives when it is back.
"""

import mailbox
import os
import subprocess
import sys
import tempfile
import time

from checks import run, wait_until
from processes import Instep, arguments, free_port, terminate

SETTINGS = {"notification_email": "it@example.com", "notify": True}


class Sink:
    """A mail server that keeps what it is sent."""

    def __init__(self, tools, folder):
        self.tools, self.folder, self.port = tools, os.path.join(folder, "mail"), free_port()
        self.process = None

    def start(self):
        command = [os.path.join(self.tools, "aiosmtpd"), "-n", "-l", "127.0.0.1:%d" % self.port,
                   "-c", "aiosmtpd.handlers.Mailbox", self.folder]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL)

    def stop(self):
        terminate(self.process)

    def mails(self):
        if not os.path.isdir(self.folder):
            return []
        found = list(mailbox.Maildir(self.folder, create=False))
        return sorted(found, key=lambda mail: mail["Message-ID"])


def configure(folder, port):
    path = os.path.join(folder, "instep.toml")
    with open(path, "w") as file:
        file.write('[mail]\nserver = "127.0.0.1:%d"\ntls = "none"\nfrom = "Instep <instep@example.com>"\n' % port)
    return path


def scenario(checks, options):
    with tempfile.TemporaryDirectory(prefix="instep-outside-") as folder:
        sink = Sink(options.tools, folder)
        service = Instep(options.instep, folder, "Post", options.postgres)
        service.config = configure(folder, sink.port)
        try:
            service.create_organization()
            service.token = service.create_token("Identity:SCIM", "instep:admin")
            service.serve()
            notifications(checks, service, sink)
        finally:
            failed = checks.failed or sys.exc_info()[0]
            service.stop()
            sink.stop()
            if failed:
                service.show_log()


def notifications(checks, service, sink):
    api = service.api()
    hub = "%s/v1/scim/%s" % (service.url, service.org)
    app = api.post("/api/v1/apps", {"template": "scim", "name": "Büro", "base_url": hub, "token": "wrong-secret-token",
                                    "settings": dict(SETTINGS, scope="all")})["id"]
    api.post("/api/v1/apps/%s/sync" % app, {})
    waiting = wait_until("a mail waits as the sink is away", lambda: [
        mail for mail in api.get("/api/v1/mails")["items"] if mail["attempts"] and mail["error"]])
    checks.equal("the mail that waits is to whom the app names", waiting[0]["to"], "it@example.com")
    checks.equal("… and waits", (waiting[0]["state"], waiting[0]["sent_at"]), ("waiting", None))
    sink.start()
    mails = wait_until("the mail arrives", sink.mails, 200, 0.5)
    mail = mails[0]
    text = mail.get_payload(decode=True).decode("utf-8")
    checks.equal("from whom the configuration says", mail["From"], "Instep <instep@example.com>")
    checks.equal("to whom the app names", mail["To"], "it@example.com")
    checks.equal("marked as made by a program", mail["Auto-Submitted"], "auto-generated")
    checks.check("it says what is the matter", "refuses the credentials" in text and "Büro" in text, text)
    checks.check("nothing secret is in it", "wrong-secret-token" not in mail.as_string() + text)
    sent = wait_until("it is noted as sent", lambda: [
        mail for mail in api.get("/api/v1/mails")["items"] if mail["state"] == "sent"])
    checks.check("its id is that of the mail", sent[0]["id"] in mail["Message-ID"], mail["Message-ID"])
    # Tried again and again meanwhile.
    time.sleep(6)
    checks.equal("one mail for one reason", len(sink.mails()), 1)


if __name__ == "__main__":
    sys.exit(run(scenario, arguments(__doc__).parse_args()))
