#!/usr/bin/env python3
"""Our two ends against each other, in two installations: a directory provisions its people to a hub and signs them in there. Only
what goes over HTTP is looked at, and compared with a table that is written down here: who gets in, as whom, and who does not."""

import base64
import os
import sys
import tempfile

from checks import run
from dns_server import Dns
from processes import Instep, arguments, in_step

try:
    import requests
except ImportError:
    # It is where the programs by other authors are.
    python = os.path.join(arguments(__doc__).parse_args().tools, "python")
    if python == sys.executable:
        raise
    os.execv(python, [python, "-u", *sys.argv])

from saml_judges import Judges, certificates
from saml_people import Form, Person, handed_on
from saml_table import OWN

ANNA, BERT, CARLA = "anna@people.example", "bert@people.example", "carla@people.example"
# What the hub must hold of somebody whom only a sign-in has brought: the table of the attributes, once more.
TOLD = {
    "uid": {"attribute": "userName"},
    "email": {"attribute": "mail"},
    "firstname": {"attribute": "givenName"},
    "lastname": {"attribute": "surname"},
    "jobTitle": {"attribute": "jobTitle"},
}
PEOPLE = {
    ANNA: {"name": {"givenName": "Anna", "familyName": "Berg"}, "title": "Cook"},
    BERT: {"name": {"givenName": "Bert", "familyName": "Öberg <\"'>"}, "title": "Chef & Boss"},
    CARLA: {"name": {"givenName": "Carla", "familyName": "Dahl"}, "title": "Guest"},
}


class Guest:
    """Somebody at the hub: forms of the directory's site come without the hub's cookies."""

    def __init__(self, base, origin):
        self.base, self.origin, self.http = base, origin, requests.Session()

    def get(self, address):
        return self.http.get(address if "://" in address else self.base + address, allow_redirects=False)

    def bring(self, address, fields):
        page = requests.post(address, fields, headers={"Origin": self.origin}, allow_redirects=False)
        for cookie in page.cookies:
            self.http.cookies.set_cookie(cookie)
        if page.status_code == 303 and page.headers["Location"].startswith("/"):
            return self.get(page.headers["Location"])
        return page

    def submit(self, page, action):
        fields = Form(page.text).fields[action]
        return self.http.post(self.base + action, fields, headers={"Origin": self.base}, allow_redirects=False)


class Scenario:
    def __init__(self, checks, directory, hub, folder):
        self.checks, self.directory, self.hub, self.folder = checks, directory, hub, folder
        self.judges = Judges(checks)

    def put(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w") as file:
            file.write(text)
        return path

    def prepare(self, dns):
        directory, hub = self.directory, self.hub
        record = hub.run("domain", "add", "people.example")["record"]
        dns.records["people.example"] = [record["value"]]
        hub.run("domain", "verify", "people.example")
        self.people = {}
        for address, more in PEOPLE.items():
            emails = [{"value": address, "type": "work", "primary": True}]
            directory.scim().send("POST", "/Users", dict(more, userName=address, emails=emails))
            made_up = directory.run("org", "reset-password", directory.org, address, *directory.place())["password"]
            self.people[address] = Person(directory.url)
            self.people[address].choose(made_up, address)
        # Each end is told of the other by metadata alone.
        directory.run("app", "add", "saml", "--name", "Hub")
        directory.run("app", "sso", "import", "Hub", self.put("hub.xml", hub.run("sso", "metadata")["xml"]), "--slug", "hub")
        attributes = [{"name": name, "source": source} for name, source in TOLD.items()]
        self.set_app(attributes=attributes)
        for address in (ANNA, BERT):
            directory.run("app", "assign", "Hub", "--user", address)
        self.metadata = requests.get(directory.url + "/saml2/hub/metadata").text
        hub.run("sso", "provider", "add", "--name", "Directory", "--metadata", self.put("directory.xml", self.metadata))
        self.consumer = "%s/idb/Consumer/metaAlias/%s/sp" % (hub.url, hub.org)
        self.login = "/idb/saml2/%s/login" % hub.org

    def set_app(self, **settings):
        self.directory.api().send("PATCH", "/api/v1/apps/Hub/sso", {"settings": settings})

    def set_provider(self, **settings):
        self.hub.api().send("PATCH", "/api/v1/sso/providers/Directory", {"settings": settings})

    def guest(self):
        return Guest(self.hub.url, self.directory.url)

    def sign_in(self, address, path=None):
        """From the hub to the directory and back; gives the guest and the page that it ends at."""
        guest = self.guest()
        begun = guest.get(path or self.login)
        if begun.status_code == 303:
            asked = begun.headers["Location"]
            if asked.startswith(self.directory.url):
                self.judges.sent_on("the hub's request", asked, "SAMLRequest", self.key_of_hub())
            page = self.people[address].get(asked)
        else:
            fields = Form(begun.text)
            if "SAMLRequest" in fields.fields[fields.action]:
                xml = base64.b64decode(fields.fields[fields.action]["SAMLRequest"]).decode()
                self.judges.valid("the hub's request in a form", xml)
                self.judges.signed("the hub's request in a form", xml, self.key_of_hub())
            page = requests.post(fields.action, fields.fields[fields.action], headers={"Origin": self.hub.url},
                                 allow_redirects=False)
            page = self.people[address].get(page.headers["Location"])
        if self.consumer not in Form(page.text).fields:
            return guest, page
        fields = handed_on(page, self.consumer)
        xml = base64.b64decode(fields["SAMLResponse"]).decode()
        self.judges.valid("the directory's response", xml)
        if "EncryptedAssertion" not in xml:
            self.judges.signed("the directory's response", xml, self.key_of_directory())
        return guest, guest.bring(self.consumer, fields)

    def key_of_hub(self):
        """The certificate of what signs, which metadata name first."""
        return certificates(requests.get("%s/idb/saml2/%s/metadata" % (self.hub.url, self.hub.org)).text)[0]

    def key_of_directory(self):
        return certificates(requests.get(self.directory.url + "/saml2/hub/metadata").text)[0]

    def is_in(self, what, found, address):
        guest, page = found
        self.checks.check("%s: led to the account" % what, (page.status_code, page.headers.get("Location")) == (303, "/account"),
                          (page.status_code, page.text[-1500:]))
        self.checks.check("%s: as %s" % (what, address), address in guest.get("/account").text)

    def is_out(self, what, found, said):
        guest, page = found
        self.checks.check("%s: %s" % (what, said), said in page.text, (page.status_code, page.text[-1500:]))
        self.checks.equal("%s: nobody is in" % what, guest.get("/account").status_code, 303)

    def at_hub(self, address):
        found = self.hub.scim().send("GET", '/Users?filter=userName%20eq%20%22' + address + "%22")["Resources"]
        return found[0] if found else None


def scenario(checks, options):
    dns = Dns()
    with tempfile.TemporaryDirectory(prefix="instep-outside-") as folder:
        directory = Instep(options.instep, folder, "Northwind", options.postgres)
        hub = Instep(options.instep, folder, "Hub", options.postgres)
        hub.environment = {"INSTEP_DNS_SERVER": dns.address}
        try:
            for one in (directory, hub):
                one.create_organization()
                one.token = one.create_token("Identity:SCIM", "instep:admin")
                one.serve()
            it = Scenario(checks, directory, hub, folder)
            it.prepare(dns)
            provisioned(it)
            tested(it)
            signed_in(it)
            brought_along(it)
            protected(it)
            rolled_over(it)
            begun_at_the_portal(it)
            signed_out(it)
            checks.check("messages were judged", it.judges.seen > 20, it.judges.seen)
            directory.secrets |= {OWN, *(cookie.value for person in it.people.values() for cookie in person.http.cookies)}
        finally:
            failed = checks.failed or sys.exc_info()[0]
            for one in (directory, hub):
                one.stop()
            dns.shutdown()
            if failed:
                directory.show_log()
                hub.show_log()


def provisioned(it):
    """Anna comes by SCIM: her account is there before she is."""
    directory, hub, checks = it.directory, it.hub, it.checks
    token = hub.create_token("Identity:SCIM")
    directory.secrets.add(token)
    directory.run("app", "add", "scim", "--name", "Accounts", "--base-url", "%s/v1/scim/%s" % (hub.url, hub.org),
                  "--target-token-file", it.put("token", token))
    directory.run("app", "assign", "Accounts", "--user", ANNA)
    directory.run("app", "sync", "Accounts")
    in_step(directory.api(), "Accounts")
    anna = it.at_hub(ANNA)
    checks.check("Anna is provisioned", anna is not None and anna["active"])
    checks.equal("and nobody else is", [it.at_hub(BERT), it.at_hub(CARLA)], [None, None])


def tested(it):
    checks, hub = it.checks, it.hub
    checks.equal("nobody is led away before it is switched on", it.guest().get(it.login).status_code, 403)
    _, page = it.sign_in(ANNA, hub.run("sso", "test", "Directory")["url"][len(hub.url):])
    checks.check("the test passes", "Successful test" in page.text, page.text[-1500:])
    hub.run("sso", "provider", "activate", "Directory")
    hub.run("sso", "activate")


def signed_in(it):
    it.is_in("Anna, whom SCIM brought", it.sign_in(ANNA), ANNA)
    it.checks.equal("she has one account", it.hub.scim().send("GET", '/Users?filter=userName%20eq%20%22' + ANNA + "%22")["totalResults"], 1)
    it.is_out("Carla is not assigned", it.sign_in(CARLA), "You have no access to Hub")
    it.is_out("Bert has no account", it.sign_in(BERT), "No user account found in the system (3)")
    it.set_provider(login_binding="post")
    it.is_in("by a form", it.sign_in(ANNA), ANNA)
    it.set_provider(login_binding=None)
    # Whom the directory disables gets no answer, and whom the hub disables gets no further.
    anna = it.at_hub(ANNA)
    disable = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
               "Operations": [{"op": "replace", "path": "active", "value": False}]}
    it.hub.scim().send("PATCH", "/Users/" + anna["id"], disable)
    it.is_out("disabled at the hub", it.sign_in(ANNA), "(18)")
    disable["Operations"][0]["value"] = True
    it.hub.scim().send("PATCH", "/Users/" + anna["id"], disable)
    it.is_in("and enabled again", it.sign_in(ANNA), ANNA)


def brought_along(it):
    it.set_provider(auto_create=True)
    it.is_in("Bert, whom the sign-in brings", it.sign_in(BERT), BERT)
    bert = it.at_hub(BERT)
    found = {key: bert.get(key) for key in ("name", "title")}
    found["name"] = {key: found["name"].get(key) for key in ("givenName", "familyName")}
    it.checks.equal("he is who the directory says", found, PEOPLE[BERT])
    it.is_in("once more", it.sign_in(BERT), BERT)
    it.checks.equal("the same account", it.at_hub(BERT)["id"], bert["id"])


def protected(it):
    for settings in ({"sign": "response"}, {"sign": "assertion"}, {"signature_algorithm": "rsa_sha512"},
                     {"encryption": "aes256_gcm"}, {"encryption": "aes128_gcm", "key_transport": "oaep_sha256"}):
        it.set_app(**settings)
        it.is_in("with %s" % settings, it.sign_in(ANNA), ANNA)
    it.set_provider(require_encrypted_assertion=True)
    it.is_in("encrypted, as the hub wants", it.sign_in(ANNA), ANNA)
    it.set_app(encryption="off", key_transport="oaep_sha1", sign="both", signature_algorithm="auto")
    it.is_out("not encrypted where the hub wants it", it.sign_in(ANNA), "Invalid SAML assertion (13)")
    it.set_provider(require_encrypted_assertion=None)
    # A page of a request that was used is good for nobody.
    guest = it.guest()
    page = it.people[ANNA].get(guest.get(it.login).headers["Location"])
    fields = handed_on(page, it.consumer)
    it.is_in("an answer, once", (guest, guest.bring(it.consumer, fields)), ANNA)
    other = it.guest()
    it.is_out("the same answer at another browser", (other, other.bring(it.consumer, fields)), "(28)")


def rolled_over(it):
    directory, hub, checks = it.directory, it.hub, it.checks
    directory.run("app", "sso", "key", "add", "Hub")
    metadata = requests.get(directory.url + "/saml2/hub/metadata").text
    it.judges.valid("metadata with two keys", metadata)
    both = certificates(metadata)
    checks.equal("the next key is announced", len(set(both)), 2)
    new = next(one for one in both if one not in certificates(it.metadata))
    key = next(one["id"] for one in directory.run("app", "sso", "key", "list", "Hub") if one["standing"] == "next")
    directory.run("app", "sso", "key", "promote", "Hub", key)
    it.is_out("a key that the hub was not told of", it.sign_in(ANNA), "Incorrect X.509 certificate")
    hub.run("sso", "provider", "certificate", "add", "Directory", it.put("next.pem", new))
    it.is_in("once it was told", it.sign_in(ANNA), ANNA)


def begun_at_the_portal(it):
    page = it.people[ANNA].get("/portal")
    it.checks.check("the portal shows the hub", "/saml2/hub" in page.text, page.text[-1500:])
    it.checks.check("and not to who is not assigned", "/saml2/hub" not in it.people[CARLA].get("/portal").text)
    fields = handed_on(it.people[ANNA].get("/saml2/hub"), it.consumer)
    guest = it.guest()
    it.is_out("unasked", (guest, guest.bring(it.consumer, fields)), "(28)")
    it.set_provider(profile="idp_initiated")
    fields = handed_on(it.people[ANNA].get("/saml2/hub"), it.consumer)
    it.is_in("unasked, where the hub lets one begin there", (guest, guest.bring(it.consumer, fields)), ANNA)
    it.set_provider(profile=None)


def signed_out(it):
    guest, page = it.sign_in(ANNA)
    it.is_in("before the sign-out", (guest, page), ANNA)
    page = guest.submit(guest.get("/sign-out"), "/sign-out")
    link = next(part.split('"')[0] for part in page.text.split('href="') if part.startswith("/idb/saml2/"))
    leaving = guest.get(link.replace("&amp;", "&"))
    anna = it.people[ANNA]
    it.judges.sent_on("the hub's request to sign out", leaving.headers["Location"], "SAMLRequest", it.key_of_hub())
    it.checks.check("she is in at the directory", anna.get("/account").status_code == 200)
    page = anna.http.get(leaving.headers["Location"], allow_redirects=False)
    for _ in range(5):
        if page.status_code != 303 or page.headers["Location"].startswith(it.hub.url):
            break
        location = page.headers["Location"]
        page = anna.http.get(location if "://" in location else it.directory.url + location, allow_redirects=False)
    it.checks.equal("the directory answers the hub", page.status_code, 303)
    it.judges.sent_on("the directory's answer", page.headers["Location"], "SAMLResponse", it.key_of_directory())
    page = guest.get(page.headers["Location"])
    it.checks.check("the hub says that both are signed out", "signed out" in page.text.lower(), page.text[-1500:])
    it.checks.equal("nobody is in at the hub", guest.get("/account").status_code, 303)
    it.checks.check("nor at the directory", "/sign-in" in anna.http.get(it.directory.url + "/account", allow_redirects=False).headers.get("Location", ""))


if __name__ == "__main__":
    sys.exit(run(scenario, arguments(__doc__).parse_args()))
