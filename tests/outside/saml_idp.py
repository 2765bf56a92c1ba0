#!/usr/bin/env python3
"""An identity provider by other authors, pysaml2, signs people in: asked by Redirect and by a form, unasked, encrypted, with
SHA-1 where that is allowed; accounts are made and changed by what it says; who signs out is signed out there. Chromium goes the
way between two sites, with their cookies. Our metadata and requests are judged by the schemas of OASIS, by xmlsec1, and by
pysaml2 itself."""

import base64
import datetime
import functools
import html
import html.parser
import http.server
import os
import subprocess
import sys
import tempfile
import threading
import urllib.parse

from checks import run
from chromium import Chromium
from dns_server import Dns
from processes import Instep, arguments

try:
    import requests
    import saml2.entity
    import saml2.sigver
    from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT, saml
    from saml2.authn_context import PASSWORDPROTECTEDTRANSPORT
    from saml2.config import IdPConfig
    from saml2.metadata import create_metadata_string
    from saml2.server import Server
    from saml2.xmldsig import DIGEST_SHA1, DIGEST_SHA256, SIG_RSA_SHA1, SIG_RSA_SHA256
except ImportError:
    # They are where the programs by other authors are.
    python = os.path.join(arguments(__doc__).parse_args().tools, "python")
    if python == sys.executable:
        raise
    os.execv(python, [python, "-u", *sys.argv])

from saml_judges import Judges, certificates, inflated

IDP = "https://idp.example/saml"
SSO = "https://idp.example/sso"
SLO = "https://idp.example/slo"
BASIC = "urn:oasis:names:tc:SAML:2.0:attrname-format:basic"
NAMES = ["uid", "email", "firstname", "lastname", "jobTitle", "updateTimeStamp"]
ANNA = "anna@people.example"
BERT = "bert@people.example"


# Triple DES, which the library encrypts with unless told otherwise, is taken by nobody any more.
saml2.entity.pre_encryption_part = functools.partial(saml2.sigver.pre_encryption_part,
                                                     msg_enc="http://www.w3.org/2001/04/xmlenc#aes256-cbc")
encrypt = saml2.sigver.CryptoBackendXmlSec1.encrypt_assertion
saml2.sigver.CryptoBackendXmlSec1.encrypt_assertion = (
    lambda self, statement, key, template, key_type="des-192", node_xpath=None, node_id=None:
    encrypt(self, statement, key, template, "aes-256", node_xpath, node_id))


class Form(html.parser.HTMLParser):
    """The hidden fields of a page's forms, by the form's action; and where its first link leads."""

    def __init__(self, text):
        super().__init__()
        self.fields, self.action, self.link = {}, None, None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if tag == "form":
            self.action = found["action"]
            self.fields[self.action] = {}
        elif tag == "input" and found.get("type") == "hidden":
            self.fields[self.action][found["name"]] = found["value"]
        elif tag == "a" and self.link is None:
            self.link = found["href"]


class Browser:
    """A browser that runs no script; forms of other sites come without its cookies."""

    def __init__(self, base):
        self.base, self.http = base, requests.Session()

    def get(self, address):
        return self.http.get(address if "://" in address else self.base + address, allow_redirects=False)

    def submit(self, page, action, **fields):
        fields = dict(Form(page.text).fields[action], **fields)
        return self.http.post(self.base + action, fields, headers={"Origin": self.base}, allow_redirects=False)

    def bring(self, address, fields):
        """A form from another site, and on to where it leads here."""
        page = requests.post(address, fields, headers={"Origin": "https://idp.example"}, allow_redirects=False)
        for cookie in page.cookies:
            self.http.cookies.set_cookie(cookie)
        if page.status_code == 303 and page.headers["Location"].startswith("/"):
            return self.get(page.headers["Location"])
        return page


def keys(folder):
    key, certificate = os.path.join(folder, "idp.key"), os.path.join(folder, "idp.crt")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=idp", "-days", "30",
                    "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return key, certificate


class Scenario:
    def __init__(self, checks, service, folder):
        self.checks, self.service, self.folder = checks, service, folder
        self.judges = Judges(checks)
        self.key, self.certificate = keys(folder)
        self.assertions = {}

    def configuration(self, metadata=None):
        # What is told goes under the very names that it has here.
        os.makedirs(os.path.join(self.folder, "maps"), exist_ok=True)
        self.put("maps/plain.py", "MAP = %r" % {"identifier": BASIC, "fro": {name: name for name in NAMES},
                                                "to": {name: name for name in NAMES}})
        told = {
            "entityid": IDP,
            "attribute_map_dir": os.path.join(self.folder, "maps"),
            "xmlsec_binary": "/usr/bin/xmlsec1",
            "key_file": self.key,
            "cert_file": self.certificate,
            "service": {"idp": {
                "endpoints": {
                    "single_sign_on_service": [(SSO, BINDING_HTTP_REDIRECT), (SSO, BINDING_HTTP_POST)],
                    "single_logout_service": [(SLO, BINDING_HTTP_REDIRECT)],
                },
                "want_authn_requests_signed": True,
                "policy": {"default": {"lifetime": {"minutes": 5}, "name_form": BASIC, "attribute_restrictions": None}},
                "name_id_format": [saml.NAMEID_FORMAT_UNSPECIFIED],
            }},
        }
        if metadata:
            told["metadata"] = {"inline": [metadata]}
        return IdPConfig().load(told)

    def put(self, name, content):
        path = os.path.join(self.folder, name)
        with open(path, "w" if isinstance(content, str) else "wb") as file:
            file.write(content)
        return path

    def set(self, **settings):
        self.service.api().send("PATCH", "/api/v1/sso/providers/pysaml2", {"settings": settings})

    def prepare(self, dns):
        service = self.service
        record = service.run("domain", "add", "people.example")["record"]
        dns.records["people.example"] = [record["value"]]
        service.run("domain", "verify", "people.example")
        service.scim().send("POST", "/Users", {"userName": ANNA, "displayName": "Anna"})
        own = self.put("idp.xml", create_metadata_string(None, self.configuration()))
        added = service.run("sso", "provider", "add", "--name", "pysaml2", "--metadata", own)
        settings = added["settings"]
        self.checks.equal("its metadata say what it is called", added["entity_id"], IDP)
        self.checks.equal("… where requests go, and logouts", (settings["login_url"], settings["logout_url"]), (SSO, SLO))
        self.checks.equal("… and its certificate", len(added["certificates"]), 1)
        self.metadata = requests.get(service.url + "/idb/saml2/%s/metadata" % service.org).text
        self.checks.equal("the command prints them too", service.run("sso", "metadata")["xml"], self.metadata)
        self.judges.valid("the metadata", self.metadata)
        self.idp = Server(config=self.configuration(self.metadata))
        self.entity = "%s/%s" % (service.url, service.org)
        self.consumer = "%s/idb/Consumer/metaAlias/%s/sp" % (service.url, service.org)
        self.login = "/idb/saml2/%s/login" % service.org

    def asked(self, page):
        """What the identity provider makes of the request in a page."""
        if page.status_code == 303:
            location = page.headers["Location"]
            found = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(location).query))
            self.judges.valid("the request in a query", inflated(location, "SAMLRequest"))
            return self.idp.parse_authn_request(found["SAMLRequest"], BINDING_HTTP_REDIRECT,
                                                relay_state=found.get("RelayState"), sigalg=found["SigAlg"],
                                                signature=found["Signature"]).message
        fields = Form(page.text).fields[SSO]
        xml = base64.b64decode(fields["SAMLRequest"]).decode()
        self.judges.valid("the request in a form", xml)
        self.judges.signed("the request in a form", xml, certificates(self.metadata)[0])
        return self.idp.parse_authn_request(fields["SAMLRequest"], BINDING_HTTP_POST).message

    def answer(self, request, uid, attributes=(), **more):
        name = saml.NameID(format=more.pop("format", saml.NAMEID_FORMAT_UNSPECIFIED), text=more.pop("name", uid))
        told = dict({"sign_response": True, "sign_assertion": True, "sign_alg": SIG_RSA_SHA256,
                     "digest_alg": DIGEST_SHA256}, **more)
        identity = dict({"uid": [uid]}, **{key: [value] for key, value in attributes})
        response = self.idp.create_authn_response(
            identity, request.id if request else None, self.consumer, self.entity, name_id=name, userid=uid,
            authn={"class_ref": PASSWORDPROTECTEDTRANSPORT}, **told)
        return {"SAMLResponse": base64.b64encode(str(response).encode()).decode()}

    def sign_in(self, uid, attributes=(), browser=None, **more):
        """Gives the browser, and the page that it ends at."""
        browser = browser or Browser(self.service.url)
        request = self.asked(browser.get(self.login))
        return browser, browser.bring(self.consumer, self.answer(request, uid, attributes, **more))

    def is_in(self, what, found, address):
        browser, page = found
        led = (page.status_code, page.headers.get("Location"))
        self.checks.check("%s: the browser is led on" % what, led == (303, "/account"), (led, page.text))
        self.checks.check("%s: and signed in" % what, address in browser.get("/account").text)

    def is_refused(self, what, found, said):
        browser, page = found
        self.checks.check("%s: %s" % (what, said), said in page.text, (page.status_code, page.text))
        self.checks.equal("%s: nobody is in" % what, browser.get("/account").status_code, 303)


def scenario(checks, options):
    dns = Dns()
    with tempfile.TemporaryDirectory(prefix="instep-outside-") as folder:
        service = Instep(options.instep, folder, "People", options.postgres)
        service.environment = {"INSTEP_DNS_SERVER": dns.address, "INSTEP_LOG": "debug"}
        try:
            service.create_organization()
            service.token = service.create_token("Identity:SCIM", "instep:admin")
            service.serve()
            it = Scenario(checks, service, folder)
            it.prepare(dns)
            tested_first(it)
            asked(it)
            unasked(it)
            protected(it)
            accounts(it)
            in_a_browser(it)
            logout(it)
            checks.check("messages were judged", it.judges.seen > 10, it.judges.seen)
        finally:
            failed = checks.failed or sys.exc_info()[0]
            service.stop()
            dns.shutdown()
            if failed:
                service.show_log()


def tested_first(it):
    """Nothing is switched on before somebody has signed in by a test."""
    service, checks = it.service, it.checks
    browser = Browser(service.url)
    checks.equal("nobody is led there yet", browser.get(it.login).status_code, 403)
    path = service.run("sso", "test", "pysaml2")["url"][len(service.url):]
    request = it.asked(browser.get(path))
    page = browser.bring(it.consumer, it.answer(request, ANNA))
    checks.check("the test passes", "Successful test" in page.text, page.text)
    checks.equal("and lets nobody in", browser.get("/account").status_code, 303)
    checks.equal("it can be switched on", service.run("sso", "provider", "activate", "pysaml2")["active"], True)
    checks.equal("and so can the whole", service.run("sso", "activate")["active"], True)


def asked(it):
    it.is_in("by Redirect", it.sign_in(ANNA), ANNA)
    it.set(login_binding="post")
    it.is_in("by a form", it.sign_in(ANNA), ANNA)
    it.set(login_binding=None)
    # From the sign-in page, by the address alone.
    browser = Browser(it.service.url)
    page = browser.submit(browser.get("/sign-in"), "/sign-in", address=ANNA)
    request = it.asked(browser.get(Form(page.text).link))
    page = browser.bring(it.consumer, it.answer(request, ANNA))
    it.is_in("from the sign-in page", (browser, page), ANNA)
    browser = Browser(it.service.url)
    fields = it.answer(it.asked(browser.get(it.login)), ANNA)
    it.is_in("once", (browser, browser.bring(it.consumer, fields)), ANNA)
    other = Browser(it.service.url)
    it.is_refused("twice", (other, other.bring(it.consumer, fields)), "(28)")
    it.is_refused("somebody unknown", it.sign_in("nobody@people.example"), "No user account found in the system (3)")


def unasked(it):
    browser = Browser(it.service.url)
    fields = it.answer(None, ANNA)
    it.is_refused("unasked", (browser, browser.bring(it.consumer, fields)), "(28)")
    it.set(profile="idp_initiated")
    fields = dict(it.answer(None, ANNA), RelayState="/account")
    it.is_in("unasked where that is set", (browser, browser.bring(it.consumer, fields)), ANNA)
    it.set(profile=None)


def protected(it):
    it.is_in("only the assertion is signed", it.sign_in(ANNA, sign_response=False), ANNA)
    it.is_in("only the response is signed", it.sign_in(ANNA, sign_assertion=False), ANNA)
    it.is_refused("nothing is signed", it.sign_in(ANNA, sign_assertion=False, sign_response=False),
                  "SAML assertion is unsigned (20)")
    old = {"sign_alg": SIG_RSA_SHA1, "digest_alg": DIGEST_SHA1}
    it.is_refused("signed with SHA-1", it.sign_in(ANNA, **old), "Invalid digital signature (23)")
    it.set(allow_sha1=True)
    it.is_in("signed with SHA-1 where that is allowed", it.sign_in(ANNA, **old), ANNA)
    it.set(allow_sha1=None)
    encrypted = {"encrypt_assertion": True, "encrypt_cert_assertion": certificates(it.metadata)[0]}
    it.set(allow_cbc=True, require_encrypted_assertion=True)
    it.is_in("encrypted", it.sign_in(ANNA, **encrypted), ANNA)
    it.is_refused("not encrypted where that is wanted", it.sign_in(ANNA), "Invalid SAML assertion (13)")
    it.set(allow_cbc=None, require_encrypted_assertion=None)


def accounts(it):
    new = [("email", BERT), ("firstname", "Bert"), ("lastname", "Öberg"), ("jobTitle", "Cook")]
    it.is_refused("somebody new", it.sign_in(BERT, new), "(3)")
    it.set(auto_create=True, auto_update=True)
    it.is_refused("somebody new without a name", it.sign_in(BERT, new[:2]), "Auto Account Creation failed (31)")
    it.is_in("somebody new where that is set", it.sign_in(BERT, new), BERT)
    of = lambda: it.service.scim().send("GET", '/Users?filter=' + urllib.parse.quote('userName eq "%s"' % BERT))["Resources"][0]
    person = of()
    it.checks.equal("what was said of him", (person["name"]["familyName"], person["title"]), ("Öberg", "Cook"))
    now = datetime.datetime(2026, 11, 21, 9, 30, tzinfo=datetime.timezone.utc)
    later = now + datetime.timedelta(seconds=1)
    for title, time, wanted in (
        ("Chef", now.strftime("%Y-%m-%dT%H:%M:%SZ"), "Chef"),
        ("Boss", now.strftime("%Y%m%d%H%M%SZ"), "Chef"),
        ("Boss", str(int(later.timestamp() * 1000)), "Boss"),
        ("Cook", None, "Boss"),
    ):
        said = [("jobTitle", title)] + ([("updateTimeStamp", time)] if time else [])
        it.is_in("told at %s" % time, it.sign_in(BERT, said), BERT)
        it.checks.equal("told at %s: the title" % time, of()["title"], wanted)


class Site(http.server.BaseHTTPRequestHandler):
    """The identity provider's site: whoever comes with a request is Anna, and is sent back with the answer."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        it = self.server.scenario
        request = it.idp.parse_authn_request(dict(urllib.parse.parse_qsl(body))["SAMLRequest"], BINDING_HTTP_POST).message
        fields = it.answer(request, ANNA).items()
        hidden = "".join('<input type="hidden" name="%s" value="%s">' % (name, html.escape(text)) for name, text in fields)
        page = '<form id="f" method="post" action="%s">%s</form><script>document.getElementById("f").submit()</script>'
        text = (page % (it.consumer, hidden)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *words):
        pass


def in_a_browser(it):
    """From our page to another site and back, each with its own cookies: our script sends the request, theirs the answer."""
    site = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    site.scenario = it
    threading.Thread(target=site.serve_forever, daemon=True).start()
    # Another name of this machine is another site.
    it.set(login_url="http://localhost:%d/sso" % site.server_address[1], login_binding="post",
           destination="https://idp.example/sso")
    browser = Chromium()
    try:
        browser.go(it.service.url + "/sign-in")
        browser.fill(address=ANNA)
        browser.click("button")
        browser.find("form[action='/sign-out']")
        it.checks.equal("Chromium ends at the account", browser.url(), it.service.url + "/account")
        it.checks.check("of whoever the identity provider means", ANNA in browser.text())
    finally:
        browser.close()
        site.shutdown()
        it.set(login_url=SSO, login_binding=None, destination=None)


def logout(it):
    browser, page = it.sign_in(ANNA)
    it.is_in("before the logout", (browser, page), ANNA)
    page = browser.submit(browser.get("/sign-out"), "/sign-out")
    page = browser.get(Form(page.text).link)
    location = page.headers["Location"]
    it.judges.valid("the logout request", inflated(location, "SAMLRequest"))
    found = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(location).query))
    request = it.idp.parse_logout_request(found["SAMLRequest"], BINDING_HTTP_REDIRECT, sigalg=found["SigAlg"],
                                          signature=found["Signature"], relay_state=found.get("RelayState")).message
    it.checks.equal("who is to be signed out", request.name_id.text, ANNA)
    response = it.idp.create_logout_response(request, [BINDING_HTTP_REDIRECT], sign=False)
    sent = it.idp.apply_binding(BINDING_HTTP_REDIRECT, str(response), response.destination, response=True, sign=True,
                                sigalg=SIG_RSA_SHA256, relay_state=found.get("RelayState", ""))
    page = browser.get(dict(sent["headers"])["Location"])
    it.checks.check("both are signed out", "and of pysaml2" in page.text, page.text)
    it.checks.equal("nobody is in any more", browser.get("/account").status_code, 303)


if __name__ == "__main__":
    sys.exit(run(scenario, arguments(__doc__).parse_args()))
