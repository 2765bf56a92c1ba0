#!/usr/bin/env python3
"""Two administrators at a real browser, without script, set single sign-on up in the consoles of two installations, a directory and
a hub: metadata, settings, test, switch. Then somebody signs in from the one to the other, and each console tells how it went."""

import sys
import tempfile
import urllib.request

from checks import run
from chromium import Chromium
from dns_server import Dns
from processes import Instep, arguments

OWN = "four words of one's own"
ANNA = "anna@people.example"


class Console:
    """An administrator in front of an organization's console."""

    def __init__(self, checks, service, made):
        self.checks, self.service = checks, service
        self.base = "%s/console/%s" % (service.url, service.org)
        self.browser = Chromium(script=False)
        # It is not signed in yet: the way leads over the sign-in, and on.
        self.browser.go(self.base)
        self.browser.fill(address=made["admin_email"], password=made["admin_password"])
        self.browser.click("button")
        self.browser.fill(new=OWN, again=OWN)
        self.browser.click("button")
        checks.equal("%s: the sign-in leads to the console" % service.name, self.browser.url(), self.base)

    def go(self, rest):
        self.browser.go(self.base + rest)

    def says(self, text):
        shown = self.browser.text()
        self.checks.check("%s: the page says %r" % (self.service.name, text), text in shown, shown[:3000])

    def fill(self, css, text):
        self.browser.type(css, text)

    def choose(self, css, value):
        self.browser.click_here("%s option[value='%s']" % (css, value))

    def save(self, section):
        self.browser.click("#%s button[value=save]" % section)
        self.says("Saved")

    def press(self, button):
        self.browser.click("button[value=%s]" % button)


def metadata(address):
    with urllib.request.urlopen(address, timeout=20) as answer:
        return answer.read().decode()


def scenario(checks, options):
    dns = Dns()
    with tempfile.TemporaryDirectory(prefix="instep-outside-") as folder:
        directory = Instep(options.instep, folder, "Northwind", options.postgres)
        hub = Instep(options.instep, folder, "Hub", options.postgres)
        hub.environment = {"INSTEP_DNS_SERVER": dns.address}
        hub.host = "localhost"
        consoles = []
        try:
            made = {}
            for one in (directory, hub):
                made[one.name] = one.create_organization()
                one.token = one.create_token("Identity:SCIM", "instep:admin")
                one.secrets.add(OWN)
                one.serve()
            password = prepare(directory, hub, dns)
            consoles = [Console(checks, one, made[one.name]) for one in (directory, hub)]
            set_up(checks, *consoles)
            signed_in(checks, *consoles, password)
        finally:
            failed = checks.failed or sys.exc_info()[0]
            for console in consoles:
                console.browser.close()
            for one in (directory, hub):
                one.stop()
            dns.shutdown()
            if failed:
                directory.show_log()
                hub.show_log()


def prepare(directory, hub, dns):
    """What has no page yet: a verified domain, and somebody at the directory; the password that is made up."""
    record = hub.run("domain", "add", "people.example")["record"]
    dns.records["people.example"] = [record["value"]]
    hub.run("domain", "verify", "people.example")
    emails = [{"value": ANNA, "type": "work", "primary": True}]
    anna = {"userName": ANNA, "name": {"givenName": "Anna", "familyName": "Berg"}, "emails": emails}
    directory.scim().send("POST", "/Users", anna)
    return directory.run("org", "reset-password", directory.org, ANNA, *directory.place())["password"]


def set_up(checks, at_directory, at_hub):
    directory, hub = at_directory.service, at_hub.service
    # The directory is told of the hub.
    at_directory.go("/apps")
    at_directory.fill("#name", "Hub")
    at_directory.browser.click(".settings > button")
    at_directory.says("Nothing is set for signing in yet")
    at_directory.fill("#slug", "hub")
    at_directory.fill("#metadata", metadata("%s/idb/saml2/%s/metadata" % (hub.url, hub.org)))
    at_directory.press("metadata")
    at_directory.says("The metadata are taken over")
    # What the hub is told, row by row: two empty ones invite to fill in at a time.
    for number, (name, kind, value) in enumerate([
            ("uid", "attribute", "userName"), ("email", "attribute", "mail"), ("firstname", "attribute", "givenName"),
            ("lastname", "entra", 'Join("", [surname])'), ("jobTitle", "constant", "Cook")]):
        row = "#settings-attributes-%d-" % number
        at_directory.fill(row + "name", name)
        at_directory.choose("[name='settings.attributes.%d.source.from']" % number, kind)
        at_directory.fill(row + "source", value)
        at_directory.save("told")
    app = directory.api().send("GET", "/api/v1/apps/Hub/sso")
    checks.equal("the app's attributes by the API", [(one["name"], one["source"]) for one in app["settings"]["attributes"]], [
        ("uid", {"attribute": "userName"}), ("email", {"attribute": "mail"}), ("firstname", {"attribute": "givenName"}),
        ("lastname", {"expression": 'Join("", [surname])'}), ("jobTitle", {"constant": "Cook"})])
    directory.run("app", "assign", "Hub", "--user", ANNA)
    at_directory.fill("#person", ANNA)
    at_directory.browser.click("#preview button")
    at_directory.says("\ngets in\n")
    at_directory.says("Berg")
    if not app["active"]:
        at_directory.press("activate")
    # And the hub of the directory.
    at_hub.go("/sso")
    at_hub.says("Off: people sign in with the passwords")
    at_hub.go("/sso/new-provider")
    at_hub.fill("#name", "Directory")
    at_hub.fill("#metadata", metadata(directory.url + "/saml2/hub/metadata"))
    at_hub.browser.click(".settings > button")
    at_hub.says("not tested")
    at_hub.browser.click_here("#settings-auto_create")
    at_hub.save("accounts")
    at_hub.press("activate")
    at_hub.says("off")
    checks.equal("what was not tested is not switched on", hub.api().send("GET", "/api/v1/sso/providers/Directory")["active"], False)


def signed_in(checks, at_directory, at_hub, password):
    hub = at_hub.service
    test = at_hub.browser.attribute("a[href*='?test=']", "href")
    person = Chromium(script=False)
    try:
        # The test opens in another browser, where somebody of the directory signs in.
        person.go(test)
        person.fill(address=ANNA, password=password)
        person.click("button")
        person.fill(new=OWN, again=OWN)
        person.click("button")
        # Without script whoever is led on presses a button.
        person.click("button")
        text = person.text()
        checks.check("the test shows its checks", "passed" in text.lower(), text)
        checks.equal("nobody was made by it", hub.scim().send("GET", "/Users?filter=userName%20eq%20%22" + ANNA + "%22")["totalResults"], 0)
        at_hub.browser.go(at_hub.browser.url())
        at_hub.says("Tested")
        at_hub.press("activate")
        at_hub.says("It is on")
        at_hub.go("/sso")
        at_hub.press("activate")
        at_hub.says("Single sign-on is on")
        person.go("%s/idb/saml2/%s/login" % (hub.url, hub.org))
        person.click("button")
        checks.equal("somebody is led to the account", person.url(), hub.url + "/account")
        checks.check("as who it is", ANNA in person.text(), person.text())
    finally:
        person.close()
    anna = hub.scim().send("GET", "/Users?filter=userName%20eq%20%22" + ANNA + "%22")["Resources"]
    checks.equal("the account is made by what was said", [(one["name"], one.get("title")) for one in anna],
                 [({"givenName": "Anna", "familyName": "Berg"}, "Cook")])
    for console, what in ((at_directory, "Sign-in, to an app"), (at_hub, "Sign-in, through an identity provider")):
        console.go("/saml-traces?outcome=succeeded")
        console.says(what)
        console.says(ANNA)
        console.browser.click(".rows a")
        console.says("Checks")
        console.says("AuthnRequest")
        console.says("HTTP-POST")
    # Whoever shuts it off says the name.
    at_hub.go("/sso")
    at_hub.fill("#confirm", "Nothing")
    at_hub.press("deactivate")
    at_hub.says("confirm with its name")
    at_hub.fill("#confirm", hub.name)
    at_hub.press("deactivate")
    at_hub.says("Single sign-on is off")


if __name__ == "__main__":
    sys.exit(run(scenario, arguments(__doc__).parse_args()))
