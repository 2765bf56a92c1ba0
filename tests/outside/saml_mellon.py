#!/usr/bin/env python3
"""A real Apache with mod_auth_mellon (lasso) and a real Chromium: somebody asks for a page behind it, signs in here and reads it
there with the attributes; begins at the portal; signs out there, and here. The scripts and cookies are the browser's own."""

import base64
import html
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request

from checks import run, wait_until
from chromium import Chromium
from processes import Instep, arguments, free_port, terminate

try:
    import requests  # noqa: F401
except ImportError:
    # It is where the programs by other authors are.
    python = os.path.join(arguments(__doc__).parse_args().tools, "python")
    if python == sys.executable:
        raise
    os.execv(python, [python, "-u", *sys.argv])
from saml_judges import Judges, certificates
from saml_people import Person, handed_on
from saml_table import ATTRIBUTES, OWN, PERSON

CONFIGURATION = """
ServerRoot "%(folder)s"
ServerName localhost
Listen 127.0.0.1:%(port)d
PidFile "%(folder)s/apache.pid"
ErrorLog "%(folder)s/apache.log"
Mutex file:%(folder)s default
LoadModule mpm_event_module %(modules)s/mod_mpm_event.so
LoadModule authn_core_module %(modules)s/mod_authn_core.so
LoadModule authz_core_module %(modules)s/mod_authz_core.so
LoadModule authz_user_module %(modules)s/mod_authz_user.so
LoadModule mime_module %(modules)s/mod_mime.so
LoadModule include_module %(modules)s/mod_include.so
LoadModule auth_mellon_module %(modules)s/mod_auth_mellon.so
User www-data
Group www-data
TypesConfig /dev/null
AddType text/html .html
AddDefaultCharset UTF-8
DocumentRoot "%(folder)s/www"
<Directory "%(folder)s/www">
Options +Includes
AddOutputFilter INCLUDES .html
</Directory>
<Location />
MellonEnable "info"
MellonEndpointPath "/mellon"
MellonSPPrivateKeyFile "%(folder)s/sp.key"
MellonSPCertFile "%(folder)s/sp.crt"
MellonIdPMetadataFile "%(folder)s/idp.xml"
MellonSignatureMethod rsa-sha256
# The answer comes with a form of another site.
MellonSecureCookie On
MellonCookieSameSite none
MellonUser "uid"
MellonMergeEnvVars On ";"
</Location>
<Location /private>
AuthType "Mellon"
MellonEnable "auth"
Require valid-user
</Location>
"""
MODULES = "/usr/lib/apache2/modules"


class Apache:
    def __init__(self, folder, metadata):
        self.folder, self.port = folder, free_port()
        self.url = "http://localhost:%d" % self.port
        os.chmod(folder, 0o755)
        os.makedirs(os.path.join(folder, "www", "private"))
        for path, text in (("www/index.html", "outside"), ("www/private/index.html", "<pre><!--#printenv --></pre>"),
                           ("idp.xml", metadata), ("apache.conf", CONFIGURATION % {
                               "folder": folder, "port": self.port, "modules": MODULES})):
            with open(os.path.join(folder, path), "w") as file:
                file.write(text)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=mellon", "-days", "30",
                        "-keyout", "sp.key", "-out", "sp.crt"], check=True, capture_output=True, cwd=folder)
        os.chmod(os.path.join(folder, "sp.key"), 0o644)
        program = shutil.which("apache2") or "/usr/sbin/apache2"
        self.process = subprocess.Popen([program, "-f", os.path.join(folder, "apache.conf"), "-DFOREGROUND"],
                                        stdin=subprocess.DEVNULL)
        wait_until("Apache listens", self.is_ready, 30)

    def is_ready(self):
        try:
            return self.get("/index.html") == "outside"
        except OSError:
            if self.process.poll() is not None:
                raise AssertionError("Apache ended: " + self.log())
            return False

    def get(self, path):
        with urllib.request.urlopen("http://127.0.0.1:%d%s" % (self.port, path), timeout=30) as answer:
            return answer.read().decode().strip()

    def log(self):
        path = os.path.join(self.folder, "apache.log")
        return open(path).read()[-3000:] if os.path.exists(path) else ""


def scenario(checks, options):
    with tempfile.TemporaryDirectory(prefix="instep-outside-") as folder:
        service, apache, browsers = Instep(options.instep, folder, "People", options.postgres), None, []
        try:
            service.create_organization()
            service.token = service.create_token("Identity:SCIM", "instep:admin")
            service.environment["INSTEP_LOG"] = "debug"
            service.serve()
            anna = service.scim().send("POST", "/Users", PERSON)
            for name in ("Cooks", "Staff"):
                service.scim().send("POST", "/Groups", {"displayName": name, "members": [{"value": anna["id"]}]})
            made_up = service.run("org", "reset-password", service.org, PERSON["userName"], *service.place())["password"]
            # Ours are needed before there are any of Apache's.
            service.run("app", "add", "saml", "--name", "Kitchen")
            service.run("app", "sso", "set", "Kitchen", "--slug", "kitchen")
            metadata = service.run("app", "sso", "metadata", "Kitchen")["metadata"]
            place = os.path.join(folder, "apache")
            os.mkdir(place)
            os.chmod(folder, 0o755)
            apache = Apache(place, metadata)
            own = os.path.join(folder, "sp.xml")
            with urllib.request.urlopen(urllib.request.Request(
                    "http://127.0.0.1:%d/mellon/metadata" % apache.port,
                    headers={"Host": "localhost:%d" % apache.port})) as answer, open(own, "wb") as file:
                file.write(answer.read())
            taken = service.run("app", "sso", "import", "Kitchen", own)
            checks.equal("mellon's metadata say where answers go", [one["url"] for one in taken["settings"]["consumers"]],
                         [apache.url + "/mellon/postResponse"])
            api = service.api()
            api.send("PATCH", "/api/v1/apps/Kitchen/sso", {"settings": {
                "attributes": [attribute for attribute, _ in ATTRIBUTES],
                "default_relay_state": apache.url + "/private/index.html"}})
            service.run("app", "sso", "activate", "Kitchen")
            service.run("app", "assign", "Kitchen", "--user", PERSON["userName"])
            browsers.append(Chromium())
            begun_there(checks, service, apache, browsers[0], made_up)
            signed_out_there(checks, service, apache, browsers[0])
            begun_here(checks, service, apache, browsers[0])
            signed_out_here(checks, service, apache, browsers[0])
            browsers.append(Chromium(script=False))
            without_script(checks, service, apache, browsers[1])
            judged(checks, service, apache)
            service.secrets.add(OWN)
        finally:
            failed = checks.failed or sys.exc_info()[0]
            for browser in browsers:
                if failed:
                    print("        %s: %s" % (browser.url(), browser.text()[:500]))
                browser.close()
            if apache:
                terminate(apache.process)
                if failed:
                    print(apache.log())
            service.stop()
            if failed:
                service.show_log()


def arrives(apache, browser, path):
    """Waits until the browser has come to a page of Apache's."""
    wait_until("the browser is at %s" % path, lambda: browser.url().startswith(apache.url + path), 30)


def told(checks, what, browser):
    """The page shows the attributes as Apache knows them."""
    text = html.unescape(browser.text())
    for attribute, values in ATTRIBUTES:
        name = attribute["name"]
        found = re.search("^MELLON_%s=(.*)$" % re.escape(name), text, re.M)
        if values is None:
            checks.check("%s: there is no %s" % (what, name), found is None, text)
        elif values != [""]:
            checks.equal("%s: %s is that of the table" % (what, name),
                         sorted(found.group(1).split(";")) if found else None, values)
    checks.check("%s: and who it is" % what, "REMOTE_USER=" + PERSON["userName"] in text, text)


def begun_there(checks, service, apache, browser, made_up):
    browser.go(apache.url + "/private/index.html")
    checks.check("who is not signed in is sent here", browser.url().startswith(service.url + "/sign-in"), browser.url())
    browser.fill(address=PERSON["userName"], password=made_up)
    browser.click("button")
    browser.fill(new=OWN, again=OWN)
    browser.click("button")
    arrives(apache, browser, "/private/index.html")
    told(checks, "begun there", browser)


def signed_out_there(checks, service, apache, browser):
    browser.go(apache.url + "/mellon/logout?ReturnTo=" + apache.url + "/index.html")
    arrives(apache, browser, "/index.html")
    checks.equal("one comes back to where one wanted", browser.text(), "outside")
    browser.go(service.url + "/account")
    checks.check("and is signed in here no longer", browser.url().startswith(service.url + "/sign-in"), browser.url())
    browser.go(apache.url + "/private/index.html")
    checks.check("nor there", browser.url().startswith(service.url + "/sign-in"), browser.url())


def begun_here(checks, service, apache, browser):
    browser.go(service.url + "/portal")
    browser.fill(address=PERSON["userName"], password=OWN)
    browser.click("button")
    checks.check("the portal has the app", "Kitchen" in browser.text(), browser.text())
    browser.click("a.tile")
    arrives(apache, browser, "/private/index.html")
    told(checks, "begun here", browser)


def signed_out_here(checks, service, apache, browser):
    browser.go(service.url + "/sign-out")
    browser.click("button")
    checks.check("one is offered to sign out there, too", "Kitchen" in browser.text(), browser.text())
    browser.click("p.way a")
    wait_until("the browser is back", lambda: browser.url() == service.url + "/signed-out", 30)
    browser.go(apache.url + "/private/index.html")
    checks.check("nobody is signed in there any more", browser.url().startswith(service.url + "/sign-in"), browser.url())


def without_script(checks, service, apache, browser):
    browser.go(apache.url + "/private/index.html")
    browser.fill(address=PERSON["userName"], password=OWN)
    browser.click("button")
    checks.check("without script there is a button", "On to Kitchen" in browser.text(), browser.text())
    browser.click("button")
    arrives(apache, browser, "/private/index.html")
    told(checks, "without script", browser)


def judged(checks, service, apache):
    """The messages that the browsers have carried, once more: by the schemas, xmlsec1 and OpenSSL."""
    judges, person = Judges(checks), Person(service.url)
    metadata = person.get("/saml2/kitchen/metadata").text
    judges.valid("the metadata", metadata)
    key = certificates(metadata)[0]
    person.sign_in(person.get("/sign-in"), PERSON["userName"], OWN)
    xml = base64.b64decode(handed_on(person.get("/saml2/kitchen"), apache.url + "/mellon/postResponse")["SAMLResponse"]).decode()
    judges.valid("the response", xml)
    judges.signed("the response", xml, key)
    page = person.submit(person.get("/sign-out"), "/sign-out")
    link = next(part.split('"')[0] for part in page.text.split('href="') if part.startswith("/saml2/"))
    asked = person.http.get(service.url + html.unescape(link), allow_redirects=False).headers.get("Location", "")
    checks.check("mellon is asked to sign out", asked.startswith(apache.url + "/mellon/logout?SAMLRequest="), asked)
    judges.sent_on("our request to sign out", asked, "SAMLRequest", key)


if __name__ == "__main__":
    sys.exit(run(scenario, arguments(__doc__).parse_args()))
