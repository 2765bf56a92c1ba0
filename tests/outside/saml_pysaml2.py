#!/usr/bin/env python3
"""A service by other authors, pysaml2, signs people in at an app's identity provider: asked by Redirect and by a form, unasked,
with every way of signing, encrypted, under each kind of name. What it makes of the answers is compared with a table; every
message is judged by the schemas of OASIS and by xmlsec1."""

import base64
import os
import http.server
import subprocess
import sys
import tempfile
import threading
import urllib.parse

from checks import run, wait_until
from processes import Instep, arguments

try:
    import requests  # noqa: F401
    from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT, saml
    from saml2.client import Saml2Client
    from saml2.config import SPConfig
    from saml2.metadata import create_metadata_string
    from saml2.response import StatusInvalidNameidPolicy, StatusNoAuthnContext
except ImportError:
    # They are where the programs by other authors are.
    python = os.path.join(arguments(__doc__).parse_args().tools, "python")
    if python == sys.executable:
        raise
    os.execv(python, [python, "-u", *sys.argv])

from chromium import Chromium
from saml_judges import Judges, certificates
from saml_people import Form, Person, handed_on
from saml_table import ATTRIBUTES, OWN, PERSON

SERVICE = "https://wiki.example/saml"
CONSUMER = "https://wiki.example/saml/acs"
LOGOUT = "https://wiki.example/saml/slo"
SHA1 = ("http://www.w3.org/2000/09/xmldsig#rsa-sha1", "http://www.w3.org/2000/09/xmldsig#sha1")


def keys(folder):
    key, certificate = os.path.join(folder, "sp.key"), os.path.join(folder, "sp.crt")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=wiki", "-days", "30",
                    "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return key, certificate


def configuration(folder, key, certificate, metadata=None, consumer=CONSUMER, sha1=False):
    """What the service is told of itself and of us."""
    told = {
        "entityid": SERVICE,
        "xmlsec_binary": "/usr/bin/xmlsec1",
        "key_file": key,
        "cert_file": certificate,
        "encryption_keypairs": [{"key_file": key, "cert_file": certificate}],
        "allow_unknown_attributes": True,
        "accepted_time_diff": 5,
        "service": {"sp": {
            "endpoints": {
                "assertion_consumer_service": [(consumer, BINDING_HTTP_POST)],
                "single_logout_service": [(LOGOUT, BINDING_HTTP_REDIRECT)],
            },
            "allow_unsolicited": True,
            # It would sign with SHA-1.
            "signing_algorithm": SHA1[0] if sha1 else "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            "digest_algorithm": SHA1[1] if sha1 else "http://www.w3.org/2001/04/xmlenc#sha256",
            "authn_requests_signed": True,
            "want_response_signed": False,
            "want_assertions_signed": False,
            "want_assertions_or_response_signed": True,
            "name_id_policy_format": [saml.NAMEID_FORMAT_TRANSIENT],
        }},
    }
    if metadata:
        told["metadata"] = {"inline": [metadata]}
    return SPConfig().load(told)


class Scenario:
    def __init__(self, checks, options, folder):
        self.checks, self.judges, self.folder = checks, Judges(checks), folder
        self.service = Instep(options.instep, folder, "People", options.postgres)
        self.key, self.certificate = keys(folder)

    def prepare(self):
        service = self.service
        service.create_organization()
        service.token = service.create_token("Identity:SCIM", "instep:admin")
        service.environment["INSTEP_LOG"] = "debug"
        service.serve()
        anna = service.scim().send("POST", "/Users", PERSON)
        for name in ("Cooks", "Staff"):
            service.scim().send("POST", "/Groups", {"displayName": name, "members": [{"value": anna["id"]}]})
        made_up = service.run("org", "reset-password", service.org, PERSON["userName"], *service.place())["password"]
        self.person = Person(service.url)
        self.person.choose(made_up, PERSON["userName"])
        # The app from the service's own metadata.
        own = os.path.join(self.folder, "sp.xml")
        with open(own, "wb") as file:
            file.write(create_metadata_string(None, configuration(self.folder, self.key, self.certificate)))
        service.run("app", "add", "saml", "--name", "Wiki")
        taken = service.run("app", "sso", "import", "Wiki", own, "--slug", "wiki")
        settings = taken["settings"]
        self.checks.equal("the metadata say what the service is called", settings["entity_id"], SERVICE)
        self.checks.equal("and where answers go", [one["url"] for one in settings["consumers"]], [CONSUMER])
        self.checks.equal("that requests are signed", settings["signed_requests"], True)
        self.checks.equal("and where it is told of sign-outs", settings["logout"]["url"], LOGOUT)
        self.set(attributes=[attribute for attribute, _ in ATTRIBUTES])
        service.run("app", "assign", "Wiki", "--user", PERSON["userName"])
        self.fetch_metadata()

    def set(self, **settings):
        api = self.service.api()
        api.send("PATCH", "/api/v1/apps/Wiki/sso", {"settings": settings})

    def fetch_metadata(self):
        answer = self.person.get("/saml2/wiki/metadata")
        self.checks.equal("metadata are served as such", answer.headers["Content-Type"], "application/samlmetadata+xml")
        self.metadata = answer.text
        self.judges.valid("the metadata", self.metadata)
        self.client = Saml2Client(config=configuration(self.folder, self.key, self.certificate, self.metadata))

    def ask(self, binding, **more):
        """Sends the browser with a request; gives its id and the page that it ends at."""
        more.setdefault("nameid_format", saml.NAMEID_FORMAT_UNSPECIFIED)
        request, sent = self.client.prepare_for_authenticate(binding=binding, relay_state="deep/link?a=b&c",
                                                             response_binding=BINDING_HTTP_POST, **more)
        if binding == BINDING_HTTP_REDIRECT:
            return request, self.person.get(dict(sent["headers"])["Location"])
        fields = Form(sent["data"] if isinstance(sent["data"], str) else "".join(sent["data"])).fields
        (address, fields), = fields.items()
        # As another site's form: no cookie of ours goes along.
        page = requests.post(address, fields, headers={"Origin": "https://wiki.example"}, allow_redirects=False)
        return request, self.person.get(page.headers["Location"])

    def take(self, what, page, request=None):
        """What the service makes of the answer in a page."""
        fields = handed_on(page, CONSUMER)
        xml = base64.b64decode(fields["SAMLResponse"]).decode()
        self.judges.valid("the response (%s)" % what, xml)
        outstanding = {request: "/"} if request else {}
        response = self.client.parse_authn_request_response(fields["SAMLResponse"], BINDING_HTTP_POST, outstanding)
        return fields, xml, response

    def sign_in(self, what, binding=BINDING_HTTP_REDIRECT, verify=True, **more):
        request, page = self.ask(binding, **more)
        fields, xml, response = self.take(what, page, request)
        self.checks.equal("%s: the RelayState comes back" % what, fields.get("RelayState"), "deep/link?a=b&c")
        self.checks.equal("%s: it answers the request" % what, response.in_response_to, request)
        if verify:
            self.judges.signed("the response (%s)" % what, xml, certificates(self.metadata)[0])
        return xml, response

    def told(self, what, response):
        """The service finds what the table says, and nothing else."""
        wanted = {attribute["name"]: values for attribute, values in ATTRIBUTES if values is not None}
        found = {name: sorted(values) for name, values in plain_attributes(response).items()}
        self.checks.equal("%s: the attributes are those of the table" % what, found, wanted)


def plain_attributes(response):
    """By the names that were sent: the library would give them names of its own."""
    found = {}
    for statement in response.assertion.attribute_statement:
        for attribute in statement.attribute:
            found[attribute.name] = [value.text or "" for value in attribute.attribute_value]
    return found


def scenario(checks, options):
    with tempfile.TemporaryDirectory(prefix="instep-outside-") as folder:
        it = Scenario(checks, options, folder)
        try:
            it.prepare()
            asked(it)
            unasked(it)
            signed(it)
            encrypted(it)
            named(it)
            refused(it)
            old_signatures(it)
            rolled_over(it)
            by_passkey(it)
            checks.check("messages were judged", it.judges.seen > 15, it.judges.seen)
            it.service.secrets |= {OWN, *(cookie.value for cookie in it.person.http.cookies)}
        finally:
            failed = checks.failed or sys.exc_info()[0]
            if failed and it.service.process:
                traces = it.service.run("sso", "trace", "--limit", "1")
                print("        the last trace: %s %s" % (traces[0]["code"], traces[0]["message"]) if traces else "")
            it.service.stop()
            if failed:
                it.service.show_log()


def asked(it):
    for what, binding in (("by Redirect", BINDING_HTTP_REDIRECT), ("by a form", BINDING_HTTP_POST)):
        _, response = it.sign_in(what, binding)
        it.checks.equal("%s: the service knows who it is" % what, response.get_subject().text, PERSON["userName"])
        it.told(what, response)
        it.checks.equal("%s: and from whom" % what, response.issuer(), it.service.url + "/saml2/wiki")
    # Somebody who is not signed in yet comes to the same end.
    before, it.person = it.person, Person(it.service.url)
    request, page = it.ask(BINDING_HTTP_POST)
    page = it.person.sign_in(page, PERSON["userName"], OWN)
    _, _, response = it.take("after a sign-in", page, request)
    it.checks.equal("after a sign-in: the service knows who it is", response.get_subject().text, PERSON["userName"])
    it.person = before


def unasked(it):
    fields, xml, response = it.take("begun here", it.person.get("/saml2/wiki"))
    it.checks.check("begun here: it answers nothing", "InResponseTo" not in xml and "RelayState" not in fields, xml)
    it.told("begun here", response)


def signed(it):
    for sign, count in (("response", 1), ("assertion", 1), ("both", 2)):
        it.set(sign=sign)
        xml, response = it.sign_in("signed: %s" % sign)
        it.checks.equal("signed: %s: as many signatures" % sign, xml.count("<ds:SignatureValue>"), count)
        it.told("signed: %s" % sign, response)
    for algorithm in ("rsa_sha384", "rsa_sha512", "rsa_sha256"):
        it.set(signature_algorithm=algorithm)
        xml, _ = it.sign_in(algorithm)
        it.checks.check("%s is what it is signed with" % algorithm, algorithm.replace("_", "-") + '"' in xml, xml)


def encrypted(it):
    for cipher in ("aes256_gcm", "aes128_gcm", "aes256_cbc", "aes128_cbc"):
        it.set(encryption=cipher)
        xml, response = it.sign_in("encrypted: %s" % cipher, verify=False)
        it.checks.check("encrypted: %s: nobody else reads it" % cipher,
                        "EncryptedAssertion" in xml and PERSON["userName"] not in xml, xml)
        it.told("encrypted: %s" % cipher, response)
    it.set(encryption="off")


def named(it):
    # The library asks that no name be made unless it is told to allow that: there is none of this person yet.
    refusal(it, "a persistent name that may not be made", StatusInvalidNameidPolicy, "sso.no_identifier",
            nameid_format=saml.NAMEID_FORMAT_PERSISTENT)
    it.sign_in("a persistent name that may", nameid_format=saml.NAMEID_FORMAT_PERSISTENT, allow_create="true")
    names = {}
    for format in (saml.NAMEID_FORMAT_PERSISTENT, saml.NAMEID_FORMAT_TRANSIENT, saml.NAMEID_FORMAT_EMAILADDRESS):
        for turn in (1, 2):
            _, response = it.sign_in("named %s %d" % (format.rsplit(":", 1)[1], turn), nameid_format=format)
            name = response.get_subject()
            it.checks.equal("the name has the format that is asked for", name.format, format)
            names[format, turn] = name.text
    it.checks.equal("a persistent name stays", names[saml.NAMEID_FORMAT_PERSISTENT, 1], names[saml.NAMEID_FORMAT_PERSISTENT, 2])
    it.checks.check("a transient one does not",
                    names[saml.NAMEID_FORMAT_TRANSIENT, 1] != names[saml.NAMEID_FORMAT_TRANSIENT, 2])
    it.checks.equal("an address is the person's", names[saml.NAMEID_FORMAT_EMAILADDRESS, 1], "Anna.Berg@people.example")


def refusal(it, what, error, code, **more):
    """The service is answered by this error, and by no other; the trace says why."""
    request, page = it.ask(BINDING_HTTP_REDIRECT, **more)
    try:
        it.take(what, page, request)
        it.checks.check("%s is refused" % what, False, page.text)
    except error as answer:
        it.checks.equal("%s is refused as it should be" % what, type(answer), error)
    traces = it.service.run("sso", "trace", "--limit", "1")
    it.checks.equal("%s: so says the trace" % what, traces[0]["code"], code)


def refused(it):
    refusal(it, "a name that cannot be given", StatusInvalidNameidPolicy, "request.name_id_policy",
            nameid_format=saml.NAMEID_FORMAT_KERBEROS)
    it.service.run("app", "assign", "Wiki", "--remove", "--user", PERSON["userName"])
    _, page = it.ask(BINDING_HTTP_REDIRECT)
    it.checks.equal("nobody gets in who is not assigned", page.status_code, 403)
    it.checks.check("and is told whom to ask", "administrator of People" in page.text, page.text)
    it.service.run("app", "assign", "Wiki", "--user", PERSON["userName"])
    traces = it.service.run("sso", "trace", "--app", "Wiki", "--outcome", "failed")
    it.checks.equal("all are in the traces", [trace["code"] for trace in traces],
                    ["sso.not_assigned", "request.name_id_policy", "sso.no_identifier"])


def old_signatures(it):
    """Good signatures with SHA-1 count where that is set, and nowhere else."""
    before, it.client = it.client, Saml2Client(config=configuration(it.folder, it.key, it.certificate, it.metadata, sha1=True))
    _, page = it.ask(BINDING_HTTP_REDIRECT)
    it.checks.equal("SHA-1: a request is refused", page.status_code, 400)
    traces = it.service.run("sso", "trace", "--limit", "1")
    it.checks.equal("SHA-1: for its signature", traces[0]["code"], "message.signature")
    it.set(sha1_requests=True)
    it.sign_in("SHA-1, where it is allowed")
    it.set(sha1_requests=False)
    it.client = before


def rolled_over(it):
    """Another key: the service is given it beforehand, and notices nothing."""
    added = it.service.run("app", "sso", "key", "add", "Wiki", "--kind", "ec_p256")
    it.fetch_metadata()
    it.checks.equal("both keys are in the metadata", len(certificates(it.metadata)), 2)
    it.set(signature_algorithm="auto")
    it.sign_in("before the other key signs")
    it.service.run("app", "sso", "key", "promote", "Wiki", added["id"])
    before = it.metadata
    it.metadata = it.person.get("/saml2/wiki/metadata").text
    it.checks.check("the key that signs is named first", certificates(it.metadata)[0] == certificates(before)[1])
    request, page = it.ask(BINDING_HTTP_REDIRECT)
    fields = handed_on(page, CONSUMER)
    xml = base64.b64decode(fields["SAMLResponse"]).decode()
    it.judges.signed("what the other key signs", xml, certificates(it.metadata)[0])
    it.checks.check("by the curve's own algorithm", "ecdsa-sha256" in xml, xml)


class Consumer(http.server.BaseHTTPRequestHandler):
    """Where a real browser brings answers."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.brought.append(dict(urllib.parse.parse_qsl(body)))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"brought")

    def log_message(self, *_):
        pass


def by_passkey(it):
    """A service asks for what only a passkey is said to be; a browser with one brings the answer."""
    wanted = "urn:example:passkey"
    # The browser makes passkeys for no address.
    home = it.service.url.replace("127.0.0.1", "localhost")
    it.service.stop()
    it.service.serve("--public-url", home)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Consumer)
    server.brought = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    consumer = "http://localhost:%d/acs" % server.server_port
    it.set(consumers=[{"url": consumer, "index": 0}], contexts={"passkey": wanted})
    metadata = requests.get(it.service.url + "/saml2/wiki/metadata").text
    client = Saml2Client(config=configuration(it.folder, it.key, it.certificate, metadata, consumer))

    def ask():
        request, sent = client.prepare_for_authenticate(
            binding=BINDING_HTTP_REDIRECT, response_binding=BINDING_HTTP_POST, nameid_format=saml.NAMEID_FORMAT_UNSPECIFIED,
            requested_authn_context={"authn_context_class_ref": [wanted], "comparison": "exact"})
        return request, dict(sent["headers"])["Location"]

    def take(request):
        wait_until("the answer is brought", lambda: server.brought, 30)
        answer = server.brought.pop()["SAMLResponse"]
        it.judges.valid("what the browser brought", base64.b64decode(answer).decode())
        return client.parse_authn_request_response(answer, BINDING_HTTP_POST, {request: "/"})

    browser = Chromium()
    try:
        browser.give_device()
        request, address = ask()
        browser.go(address)
        browser.fill(address=PERSON["userName"], password=OWN)
        browser.click("button")
        try:
            take(request)
            it.checks.check("the password alone is not what is asked for", False)
        except StatusNoAuthnContext as error:
            it.checks.check("the password alone is not what is asked for", True, error)
        browser.go(home + "/account/passkey")
        browser.click("form.with-passkeys button")
        it.checks.check("a passkey is made", "Your recovery codes" in browser.text(), browser.text())
        browser.go(home + "/account")
        browser.click("header button")
        request, address = ask()
        browser.go(address)
        browser.fill(address=PERSON["userName"], password=OWN)
        browser.click("button")
        browser.click("form.with-passkeys button")
        response = take(request)
        it.checks.equal("the service learns that it was a passkey", [one[0] for one in response.authn_info()], [wanted])
        it.checks.equal("and whose", response.get_subject().text, PERSON["userName"])
        it.service.secrets |= {cookie["value"] for cookie in browser.cookies().values()}
    finally:
        browser.close()
        server.shutdown()


if __name__ == "__main__":
    sys.exit(run(scenario, arguments(__doc__).parse_args()))
