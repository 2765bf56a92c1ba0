"""A real browser: Debian's Chromium without a window, driven over WebDriver (https://www.w3.org/TR/webdriver2/)."""

import base64
import json
import subprocess
import tempfile
import urllib.error
import urllib.request

from checks import wait_until
from processes import free_port, terminate

# As root it has no sandbox; the others keep it from calling home.
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-component-update",
             "--disable-background-networking", "--disable-sync", "--disable-dev-shm-usage", "--window-size=1024,900"]
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


class Chromium:
    """One browser with a fresh profile."""

    def __init__(self, script=True):
        self.profile = tempfile.TemporaryDirectory(prefix="instep-chromium-")
        port = free_port()
        self.driver = subprocess.Popen(["chromedriver", "--port=%d" % port], stdin=subprocess.DEVNULL,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.base = "http://127.0.0.1:%d" % port
        wait_until("chromedriver listens", self.is_ready, 30)
        options = {"args": ARGUMENTS + ["--user-data-dir=" + self.profile.name]}
        if not script:
            options["prefs"] = {"profile.managed_default_content_settings.javascript": 2}
        wanted = {"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}}
        self.session = "/session/" + self.call("POST", "/session", wanted)["sessionId"]
        # What is looked for may not be there yet.
        self.here("POST", "/timeouts", {"implicit": 30_000})

    def is_ready(self):
        try:
            return self.call("GET", "/status")["ready"]
        except OSError:
            return False

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.loads(answer.read())["value"]

    def here(self, method, path, body=None):
        return self.call(method, self.session + path, body)

    def go(self, url):
        """Goes there; that nothing may answer at the end of a redirect is no error here."""
        try:
            self.here("POST", "/url", {"url": url})
        except urllib.error.HTTPError as error:
            if b"ERR_CONNECTION_REFUSED" not in error.read():
                raise

    def url(self):
        return self.here("GET", "/url")

    def text(self):
        return self.here("GET", "/element/%s/text" % self.find("body"))

    def find(self, css):
        return self.here("POST", "/element", {"using": "css selector", "value": css})[ELEMENT]

    def fill(self, **fields):
        for name, value in fields.items():
            self.type("#" + name, value)

    def type(self, css, text):
        """Types into a field, in place of what stood there."""
        field = self.find(css)
        self.here("POST", "/element/%s/clear" % field, {})
        self.here("POST", "/element/%s/value" % field, {"text": text})

    def click_here(self, css):
        """Clicks on what changes something on the page that is there."""
        self.here("POST", "/element/%s/click" % self.find(css), {})

    def attribute(self, css, name):
        return self.here("GET", "/element/%s/attribute/%s" % (self.find(css), name))

    def click(self, css):
        """Clicks on what leads on to another page, and waits for that."""
        page = self.find("html")
        try:
            self.here("POST", "/element/%s/click" % self.find(css), {})
        except urllib.error.HTTPError as error:
            if b"ERR_CONNECTION_REFUSED" not in error.read():
                raise
        wait_until("another page is there", lambda: self.is_gone(page), 30)

    def is_gone(self, element):
        try:
            self.here("GET", "/element/%s/name" % element)
        except urllib.error.HTTPError:
            return True
        return False

    def cookies(self):
        return {cookie["name"]: cookie for cookie in self.here("GET", "/cookie")}

    def give_device(self):
        """A device of this machine that holds passkeys, and lets whoever is there use them (WebAuthn §11, WebDriver)."""
        self.here("POST", "/webauthn/authenticator", {
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
            "isUserVerified": True})

    def picture(self, path):
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.here("GET", "/screenshot")))

    def close(self):
        try:
            self.call("DELETE", self.session)
        except (OSError, AttributeError):
            pass
        terminate(self.driver)
        self.profile.cleanup()
