#!/usr/bin/env python3
"""Mail under TLS arrives at a sink of another author's (aiosmtpd): by STARTTLS and with TLS from the first byte. A certificate by
somebody whom the machine does not trust, one for another name, and a server without STARTTLS get nothing. Where the server wants
a name and a password, they are given under TLS, and a wrong one is said to be wrong.
"""

import os
import socket
import subprocess
import sys
import tempfile

from checks import run, wait_until
from post import SETTINGS, Sink
from processes import Instep, arguments


PASSWORD = "the post's own password"


class Authority:
    """Whoever signs certificates."""

    def __init__(self, folder, name):
        self.folder, self.name = folder, name
        self.certificate, self.key = self.path("pem"), self.path("key")
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=%s" % name,
                "-keyout", self.key, "-out", self.certificate)

    def path(self, ending):
        return os.path.join(self.folder, "%s.%s" % (self.name, ending))

    def sign(self, host):
        """A certificate and its key, for a host's name."""
        request, certificate, key, more = [self.path("%s.%s" % (host, ending)) for ending in ("csr", "pem", "key", "ext")]
        with open(more, "w") as file:
            file.write("subjectAltName=DNS:%s\nbasicConstraints=CA:FALSE\n" % host)
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=%s" % host, "-keyout", key, "-out", request)
        openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial",
                "-days", "2", "-extfile", more, "-out", certificate)
        return certificate, key


def openssl(*words):
    subprocess.run(["openssl", *words], check=True, stdin=subprocess.DEVNULL, capture_output=True)


class TlsSink(Sink):
    """The same with a certificate; without one it speaks plain text only."""

    FLAGS = {"starttls": ("--tlscert", "--tlskey"), "implicit": ("--smtpscert", "--smtpskey")}

    def __init__(self, tools, folder, tls):
        os.makedirs(folder)
        super().__init__(tools, folder)
        self.tls = tls

    def start_with(self, signed):
        flags = [word for pair in zip(self.FLAGS[self.tls], signed) for word in pair] if signed else []
        command = [os.path.join(self.tools, "aiosmtpd"), "-n", "-l", "127.0.0.1:%d" % self.port, *flags,
                   "-c", "aiosmtpd.handlers.Mailbox", self.folder]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until("the sink listens", self.listens, 200, 0.05)

    def start_with_login(self, signed, user, password):
        command = [os.path.join(self.tools, "python"), os.path.join(os.path.dirname(__file__), "login_sink.py"),
                   str(self.port), self.folder, self.tls, *signed, user, password]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until("the sink listens", self.listens, 200, 0.05)

    def listens(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True


def scenario(checks, options):
    with tempfile.TemporaryDirectory(prefix="instep-outside-") as folder:
        trusted, stranger = Authority(folder, "trusted"), Authority(folder, "stranger")
        good = trusted.sign("localhost")
        wrong = [("somebody whom nobody trusts signed it", stranger.sign("localhost")),
                 ("it is for another name", trusted.sign("mail.example"))]
        for tls in ("starttls", "implicit"):
            refused = wrong + ([("the server has no STARTTLS", None)] if tls == "starttls" else [])
            delivered(checks, options, folder, tls, trusted, good, refused)
            signed_in(checks, options, folder, tls, trusted, good)


def delivered(checks, options, folder, tls, trusted, good, refused):
    sink = TlsSink(options.tools, os.path.join(folder, tls), tls)
    service = Instep(options.instep, folder, "Post" + tls, options.postgres)
    service.config = os.path.join(folder, tls + ".toml")
    service.environment = {"SSL_CERT_FILE": trusted.certificate, "SSL_CERT_DIR": ""}
    with open(service.config, "w") as file:
        file.write('[mail]\nserver = "localhost:%d"\ntls = "%s"\nfrom = "Instep <instep@example.com>"\n' % (sink.port, tls))
    try:
        service.create_organization()
        service.token = service.create_token("Identity:SCIM", "instep:admin")
        service.serve()
        api = service.api()
        for why, signed in refused:
            sink.start_with(signed)
            mail = told(api, service, "%s, %s" % (tls, why))
            waiting = wait_until("%s: a try, where %s" % (tls, why), lambda: failed(api, mail), 200, 0.2)
            checks.check("%s: nothing is sent where %s" % (tls, why), not sink.mails() and said(waiting), waiting["error"])
            sink.stop()
        sink.start_with(good)
        mail = told(api, service, tls + ", as it should be")
        arrived = wait_until("%s: a mail arrives" % tls, sink.mails, 200, 0.2)
        checks.equal("%s: one mail, under a certificate that is trusted" % tls, len(arrived), 1)
        checks.check("%s: it is that one" % tls, mail in arrived[0]["Message-ID"], arrived[0]["Message-ID"])
    finally:
        broken = checks.failed or sys.exc_info()[0]
        service.stop()
        sink.stop()
        if broken:
            service.show_log()


def signed_in(checks, options, folder, tls, trusted, good):
    sink = TlsSink(options.tools, os.path.join(folder, tls + "-login"), tls)
    service = Instep(options.instep, folder, "Login" + tls, options.postgres)
    service.config = os.path.join(folder, tls + "-login.toml")
    service.environment = {"SSL_CERT_FILE": trusted.certificate, "SSL_CERT_DIR": ""}
    secret = os.path.join(folder, tls + "-password")
    with open(secret, "w") as file:
        file.write(PASSWORD + "\n")
    os.chmod(secret, 0o600)
    with open(service.config, "w") as file:
        file.write('[mail]\nserver = "localhost:%d"\ntls = "%s"\nfrom = "Instep <instep@example.com>"\n'
                   'user = "instep"\npassword_file = "%s"\n' % (sink.port, tls, secret))
    try:
        service.create_organization()
        service.token = service.create_token("Identity:SCIM", "instep:admin")
        service.serve()
        api = service.api()
        sink.start_with_login(good, "instep", "another password")
        mail = told(api, service, tls + ", with a wrong password")
        waiting = wait_until("%s: a try with a wrong password" % tls, lambda: failed(api, mail), 200, 0.2)
        checks.check("%s: nothing is sent with a wrong password, and none is shown" % tls,
                     not sink.mails() and PASSWORD not in str(waiting), waiting["error"])
        sink.stop()
        sink.start_with_login(good, "instep", PASSWORD)
        mail = told(api, service, tls + ", signed in")
        arrived = wait_until("%s: a mail arrives from who has signed in" % tls, sink.mails, 200, 0.2)
        checks.check("%s: it is that one" % tls, mail in arrived[0]["Message-ID"], arrived[0]["Message-ID"])
    finally:
        broken = checks.failed or sys.exc_info()[0]
        service.stop()
        sink.stop()
        if broken:
            service.show_log()


def told(api, service, name):
    """Has a mail written: of an app whose credentials are refused. Gives its id."""
    before = {mail["id"] for mail in mails(api)}
    hub = "%s/v1/scim/%s" % (service.url, service.org)
    app = api.post("/api/v1/apps", {"template": "scim", "name": name, "base_url": hub, "token": "wrong",
                                    "settings": dict(SETTINGS, scope="all")})["id"]
    api.post("/api/v1/apps/%s/sync" % app, {})
    return wait_until("there is a mail", lambda: {mail["id"] for mail in mails(api)} - before, 200, 0.1).pop()


def failed(api, wanted):
    """The mail, once it was tried."""
    return next((mail for mail in mails(api) if mail["id"] == wanted and mail["error"]), None)


def said(mail):
    """Whether it failed for what this is about."""
    error = mail["error"].lower()
    return "certificate" in error or "starttls" in error


def mails(api):
    return api.get("/api/v1/mails")["items"]


if __name__ == "__main__":
    sys.exit(run(scenario, arguments(__doc__).parse_args()))
