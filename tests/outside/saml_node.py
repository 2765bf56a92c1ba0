#!/usr/bin/env python3
"""Another service by other authors, node-saml, signs people in and out at an app's identity provider, and judges what it is
answered as strictly as it can: response and assertion signed, no difference between clocks."""

import base64
import html
import json
import os
import subprocess
import sys
import tempfile
import urllib.parse

from checks import run
from processes import Instep, arguments, terminate

try:
    import requests
except ImportError:
    # They are where the programs by other authors are.
    python = os.path.join(arguments(__doc__).parse_known_args()[0].tools, "python")
    if python == sys.executable:
        raise
    os.execv(python, [python, "-u", *sys.argv])

from saml_judges import Judges, certificates, inflated
from saml_people import Form, Person, handed_on
from saml_table import ATTRIBUTES, OWN, PERSON

SERVICE = "https://lab.example/saml"
CONSUMER = "https://lab.example/saml/acs"
LOGOUT = "https://lab.example/saml/slo"
EMAIL = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"


class Service:
    """The program, spoken to in lines of JSON."""

    def __init__(self, folder):
        self.process = subprocess.Popen(["node", os.path.join(folder, "service.mjs")], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)

    def ask(self, act, **told):
        self.process.stdin.write(json.dumps(dict(told, act=act)) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


def keys(folder):
    key, certificate = os.path.join(folder, "sp.key"), os.path.join(folder, "sp.crt")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=lab", "-days", "30",
                    "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return key, certificate


class Scenario:
    def __init__(self, checks, options, folder):
        self.checks, self.judges, self.folder = checks, Judges(checks), folder
        self.instep = Instep(options.instep, folder, "People", options.postgres)
        self.service = Service(options.node)
        self.key, self.certificate = keys(folder)

    def prepare(self):
        instep = self.instep
        instep.create_organization()
        instep.token = instep.create_token("Identity:SCIM", "instep:admin")
        instep.environment["INSTEP_LOG"] = "debug"
        instep.serve()
        anna = instep.scim().send("POST", "/Users", PERSON)
        for name in ("Cooks", "Staff"):
            instep.scim().send("POST", "/Groups", {"displayName": name, "members": [{"value": anna["id"]}]})
        made_up = instep.run("org", "reset-password", instep.org, PERSON["userName"], *instep.place())["password"]
        self.person = Person(instep.url)
        self.person.choose(made_up, PERSON["userName"])
        instep.run("app", "add", "saml", "--name", "Lab")
        self.address = instep.url + "/saml2/lab"
        # Its metadata are made before it knows our certificate.
        self.configure(idpCert="AAAA")
        own = os.path.join(self.folder, "sp.xml")
        with open(own, "w") as file:
            file.write(self.service.ask("metadata", certificate=self.certificate)["metadata"])
        instep.run("app", "sso", "import", "Lab", own, "--slug", "lab")
        self.set(attributes=[attribute for attribute, _ in ATTRIBUTES])
        instep.run("app", "assign", "Lab", "--user", PERSON["userName"])
        self.metadata = self.person.get("/saml2/lab/metadata").text
        self.configure(idpCert=certificates(self.metadata))

    def configure(self, **told):
        answer = self.service.ask("configure", key=self.key, certificate=self.certificate, issuer=SERVICE, audience=SERVICE,
                                  callbackUrl=CONSUMER, logoutCallbackUrl=LOGOUT, entryPoint=self.address,
                                  logoutUrl=self.address + "/logout", idpIssuer=self.address, identifierFormat=EMAIL,
                                  wantAuthnResponseSigned=True, wantAssertionsSigned=True, **told)
        self.checks.check("the service takes its settings", "error" not in answer, answer)

    def set(self, **settings):
        self.instep.api().send("PATCH", "/api/v1/apps/Lab/sso", {"settings": settings})

    def take(self, what, page):
        fields = handed_on(page, CONSUMER)
        xml = base64.b64decode(fields["SAMLResponse"]).decode()
        self.judges.valid("the response (%s)" % what, xml)
        found = self.service.ask("response", response=fields["SAMLResponse"])
        self.checks.check("%s: the service believes it" % what, "error" not in found, found)
        return fields, found

    def told(self, what, found):
        # The library passes over values that are empty.
        wanted = {attribute["name"]: values for attribute, values in ATTRIBUTES if values not in (None, [""])}
        # One value is a text, several are a list.
        plain = {name: values if isinstance(values, list) else [values]
                 for name, values in found.get("attributes", {}).items()}
        self.checks.equal("%s: the attributes are those of the table" % what,
                          {name: sorted(values) for name, values in plain.items()}, wanted)
        self.checks.equal("%s: the name is the person's address" % what, found.get("nameID"), "Anna.Berg@people.example")
        self.checks.equal("%s: from us" % what, found.get("issuer"), self.address)


def scenario(checks, options):
    with tempfile.TemporaryDirectory(prefix="instep-outside-") as folder:
        it = Scenario(checks, options, folder)
        try:
            it.prepare()
            found = asked(it)
            encrypted(it)
            signed_out(it, found)
            it.instep.secrets |= {OWN, *(cookie.value for cookie in it.person.http.cookies)}
        finally:
            failed = checks.failed or sys.exc_info()[0]
            terminate(it.service.process)
            if failed and it.instep.process:
                traces = it.instep.run("sso", "trace", "--limit", "1")
                print("        the last trace: %s %s" % (traces[0]["code"], traces[0]["message"]) if traces else "")
            it.instep.stop()
            if failed:
                it.instep.show_log()


def asked(it):
    page = it.person.get(it.service.ask("address", relay_state="deep")["address"])
    fields, found = it.take("by Redirect", page)
    it.checks.equal("the RelayState comes back", fields.get("RelayState"), "deep")
    it.told("by Redirect", found)
    # By a form it would compress requests as for an address, unless told not to.
    it.configure(idpCert=certificates(it.metadata), skipRequestCompression=True, authnRequestBinding="HTTP-POST")
    form = it.service.ask("form", relay_state="deep")["form"]
    (address, fields), = Form(form).fields.items()
    page = requests.post(html.unescape(address), fields, headers={"Origin": "https://lab.example"}, allow_redirects=False)
    _, found = it.take("by a form", it.person.get(page.headers["Location"]))
    it.told("by a form", found)
    it.configure(idpCert=certificates(it.metadata))
    # What is changed on the way is believed by nobody.
    page = it.person.get(it.service.ask("address", relay_state="")["address"])
    fields = handed_on(page, CONSUMER)
    xml = base64.b64decode(fields["SAMLResponse"]).decode().replace("Anna.Berg", "Boss.Berg")
    forged = it.service.ask("response", response=base64.b64encode(xml.encode()).decode())
    it.checks.check("what was changed on the way is not believed", "error" in forged, forged)
    # Begun here; asked under a name of another format.
    it.set(name_id_format="email_address")
    _, found = it.take("begun here", it.person.get("/saml2/lab"))
    it.told("begun here", found)
    return found


def encrypted(it):
    it.set(encryption="aes256_gcm")
    page = it.person.get(it.service.ask("address", relay_state="")["address"])
    it.checks.check("nobody else reads it", "EncryptedAssertion" in base64.b64decode(
        handed_on(page, CONSUMER)["SAMLResponse"]).decode())
    _, found = it.take("encrypted", page)
    it.told("encrypted", found)
    it.set(encryption="off")


def signed_out(it, found):
    person = {key: found[key] for key in ("nameID", "nameIDFormat", "sessionIndex")}
    address = it.service.ask("logout", person=person, relay_state="bye")["address"]
    it.judges.valid("the service's request to sign out", inflated(address, "SAMLRequest"))
    # By a form, as its metadata want it.
    fields = handed_on(it.person.get(address), LOGOUT)
    it.checks.equal("the RelayState comes back with the answer", fields.get("RelayState"), "bye")
    xml = base64.b64decode(fields["SAMLResponse"]).decode()
    it.judges.valid("the answer", xml)
    it.judges.signed("the answer", xml, certificates(it.metadata)[0])
    taken = it.service.ask("posted", response=fields["SAMLResponse"])
    it.checks.equal("and the service believes that the session ended", taken.get("loggedOut"), True)
    it.checks.equal("nobody is signed in here any more", it.person.http.get(
        it.instep.url + "/account", allow_redirects=False).status_code, 303)
    # And by an address.
    it.set(logout={"url": LOGOUT, "binding": "redirect"})
    it.person.sign_in(it.person.get("/sign-in"), PERSON["userName"], OWN)
    _, found = it.take("signed in again", it.person.get("/saml2/lab"))
    person = {key: found[key] for key in ("nameID", "nameIDFormat", "sessionIndex")}
    page = it.person.http.get(it.service.ask("logout", person=person, relay_state="bye")["address"], allow_redirects=False)
    to = page.headers.get("Location", "")
    it.checks.check("the service is answered by an address", to.startswith(LOGOUT + "?SAMLResponse="), to or page.text)
    it.judges.sent_on("the answer in the address", to, "SAMLResponse", certificates(it.metadata)[0])
    taken = it.service.ask("redirected", query=urllib.parse.urlsplit(to).query)
    it.checks.equal("and the service believes that, too", taken.get("loggedOut"), True)
    # Begun here, the service is asked by a form.
    it.set(logout={"url": LOGOUT, "binding": "post"})
    it.person.sign_in(it.person.get("/sign-in"), PERSON["userName"], OWN)
    it.take("signed in once more", it.person.get("/saml2/lab"))
    page = it.person.submit(it.person.get("/sign-out"), "/sign-out")
    link = next(part.split('"')[0] for part in page.text.split('href="') if part.startswith("/saml2/"))
    fields = handed_on(it.person.get(html.unescape(link)), LOGOUT)
    xml = base64.b64decode(fields["SAMLRequest"]).decode()
    it.judges.valid("our request to sign out", xml)
    it.judges.signed("our request to sign out", xml, certificates(it.metadata)[0])
    it.checks.check("its RelayState has 80 bytes at most", len(fields["RelayState"]) <= 80, fields["RelayState"])


if __name__ == "__main__":
    parser = arguments(__doc__)
    parser.add_argument("--node", required=True, metavar="DIR", help="where the service for Node is installed")
    sys.exit(run(scenario, parser.parse_args()))
