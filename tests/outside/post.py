#!/usr/bin/env python3
"""Mail arrives at a sink of another author's (aiosmtpd): one for each reason, to whom the app names, with nothing secret in
it; and what is written while the sink is away arrives when it is back. By the link of an invitation somebody chooses a password, in a
browser without script, and is in.
"""

import http.cookiejar
import mailbox
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from html.parser import HTMLParser

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
            invitations(checks, service, sink)
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


class Form(HTMLParser):
    """The hidden fields of a page's form."""

    def __init__(self, page):
        super().__init__()
        self.fields = {}
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if tag == "input" and found.get("type") == "hidden":
            self.fields[found["name"]] = found["value"]


def open_page(browser, url, fields=None):
    """The status and the text of a page, with redirects followed."""
    data = None if fields is None else urllib.parse.urlencode(fields).encode()
    try:
        with browser.open(urllib.request.Request(url, data), timeout=30) as answer:
            return answer.status, answer.read().decode("utf-8")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode("utf-8")


def invitations(checks, service, sink):
    api = service.api()
    before = len(sink.mails())
    file = "userName,displayName\nanna@example.com,Anna\n".encode()
    api.send("PATCH", "/api/v1/organization", {"settings": {"users.invite": "except_scim"}})
    request = urllib.request.Request(service.url + "/api/v1/people/import", file, {
        "Authorization": "Bearer " + service.token, "Content-Type": "text/csv"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        checks.equal("a staff file brings somebody in", answer.status, 200)
    checks.equal("who is invited", api.get("/api/v1/people/anna@example.com")["state"], "pending")
    mails = wait_until("the invitation arrives", lambda: sink.mails()[before:], 100, 0.5)
    mail = mails[0]
    checks.equal("to whom it is for", mail["To"], "anna@example.com")
    text = mail.get_payload(decode=True).decode("utf-8")
    link = re.search(r"^(http://\S+/invitation\?token=\S+)$", text, re.M)
    checks.check("with a link to the server", link and link.group(1).startswith(service.url), text)
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    status, page = open_page(browser, link.group(1))
    checks.equal("that leads to a page", (status, "Choose a password" in page), (200, True))
    password = "a few words of one's own"
    form = dict(Form(page).fields, new=password, again=password)
    status, page = open_page(browser, service.url + "/invitation", form)
    checks.equal("by which one is in", (status, "anna@example.com" in page), (200, True))
    checks.equal("… and active", api.get("/api/v1/people/anna@example.com")["state"], "active")
    status, page = open_page(browser, link.group(1))
    checks.equal("the link is good once", (status, "is over" in page), (404, True))


if __name__ == "__main__":
    sys.exit(run(scenario, arguments(__doc__).parse_args()))
