#!/usr/bin/env python3
"""A person at a real browser, without script, goes the way that the guides of the Webex integrations describe: from their
address through the sign-in to a token behind the # of an address where nothing listens. The token provisions over SCIM as
far as its owner's role goes.
"""

import base64
import hmac
import struct
import sys
import tempfile
import time
import urllib.parse

from checks import run
from chromium import Chromium
from http_json import Refused
from processes import Instep, arguments

CLIENT = "C4ca14fe00b0e51efb414ebd45aa88c1858c3bfb949b2405dba10b0ca4bc37402"
GUIDES = ("/idb/oauth2/v1/authorize?response_type=token&client_id=" + CLIENT +
          "&redirect_uri=http%3A%2F%2Flocalhost%3A3000%2Fauth%2Fcode"
          "&scope=spark%3Apeople_read%20spark%3Apeople_write%20Identity%3ASCIM"
          "&state=this-should-be-a-random-string-for-security-purpose")
REDIRECT = "http://localhost:3000/auth/code#"
OWN = "four words of one's own"
YEAR = 365 * 86400


def scenario(checks, options):
    with tempfile.TemporaryDirectory(prefix="instep-outside-") as folder:
        service = Instep(options.instep, folder, "Hub", options.postgres)
        try:
            made = service.create_organization("--preset", "webex")
            service.token = service.create_token("Identity:SCIM", "instep:admin")
            service.environment["INSTEP_LOG"] = "trace"
            service.secrets.add(OWN)
            service.serve()
            administrator(checks, service, made)
            reader(checks, service)
            partner(checks, service)
            second_factor(checks, service, made["admin_email"])
            passkey(checks, service, made["admin_email"])
        finally:
            failed = checks.failed or sys.exc_info()[0]
            service.stop()
            if failed:
                service.show_log()


def ritual(service, address, made_up, own):
    """Signs in with the password that was made up, chooses another, agrees; what stands behind the #, and the browser."""
    browser = Chromium(script=False)
    browser.go(service.url + GUIDES)
    browser.fill(address=address, password=made_up)
    browser.click("button")
    browser.fill(new=own, again=own)
    browser.click("button")
    return browser


def members(checks, url):
    checks.check("the browser is at the client's address", url.startswith(REDIRECT), url)
    return urllib.parse.parse_qsl(url.partition("#")[2])


def administrator(checks, service, made):
    browser = ritual(service, made["admin_email"], made["admin_password"], OWN)
    try:
        text = browser.text()
        for said in (made["admin_email"], "Hub · Full administrator", "Identity:SCIM", "365 days"):
            checks.check("the page that asks says %s" % said, said in text, text)
        cookie = browser.cookies()["instep-session"]
        checks.check("no script can read the session's cookie", cookie["httpOnly"] and cookie["sameSite"] == "Lax", cookie)
        checks.check("it is gone with the browser", "expiry" not in cookie, cookie)
        browser.click("button[value=allow]")
        found = members(checks, browser.url())
        checks.equal("the members stand in their order", [name for name, _ in found],
                     ["access_token", "token_type", "expires_in", "state"])
        token, expires = found[0][1], int(found[2][1])
        checks.check("it lives for a year", YEAR - 60 < expires <= YEAR, expires)
        checks.equal("the state comes back", found[3][1], "this-should-be-a-random-string-for-security-purpose")
        scim = service.scim(token)
        made = scim.create({"userName": "new@example.com", "active": True})
        checks.check("the token provisions", scim.one("new@example.com"))
        scim.delete(made["id"])
        # Without a new sign-in, as somebody who looks once more; and no.
        browser.go(service.url + GUIDES)
        browser.click("button[value=deny]")
        found = dict(members(checks, browser.url()))
        checks.equal("who says no is told to the client", found["error"], "access_denied")
        browser.go(service.url + GUIDES.replace("localhost", "evil.example"))
        checks.check("nobody is sent to another address", browser.url().startswith(service.url), browser.url())
        browser.go(service.url + "/account")
        browser.click("header button")
        browser.go(service.url + GUIDES)
        checks.check("who has signed out is asked to sign in", "/sign-in?" in browser.url(), browser.url())
    finally:
        browser.close()


def reader(checks, service):
    service.scim().create({"userName": "reader@example.com", "active": True})
    service.run("user", "role", "reader@example.com", "id_readonly_admin")
    reset = service.run("org", "reset-password", service.org, "reader@example.com", *service.place())
    browser = ritual(service, "reader@example.com", reset["password"], OWN)
    try:
        browser.click("button[value=allow]")
        token = dict(members(checks, browser.url()))["access_token"]
    finally:
        browser.close()
    scim = service.scim(token)
    checks.check("the token of somebody who may only look reads", scim.one("reader@example.com"))
    try:
        scim.create({"userName": "another@example.com"})
        checks.check("and creates nobody", False)
    except Refused as refused:
        checks.equal("and creates nobody", refused.answer.status, 403)
    sessions = service.run("user", "sessions", "reader@example.com")
    service.run("user", "end-session", sessions[0]["id"])
    checks.equal("an administrator ends sessions", service.run("user", "sessions", "reader@example.com"), [])


def partner(checks, service):
    """Somebody of another organization takes up what this one offers, and goes the same way for it."""
    made = service.run("org", "create", "Partner Ltd", "--admin-email", "anna@partner.example", *service.place())
    service.run("partner", "offer", made["organization_id"], made["admin_email"])
    browser = Chromium(script=False)
    try:
        browser.go(service.url + "/account")
        browser.fill(address=made["admin_email"], password=made["admin_password"])
        browser.click("button")
        browser.fill(new=OWN, again=OWN)
        browser.click("button")
        checks.check("the offer stands on the account's page", "Asks you to administer it" in browser.text(), browser.text())
        browser.click("button[value=take_up]")
        checks.check("it is taken up", "You administer this organization from now on." in browser.text(), browser.text())
        browser.go(service.url + GUIDES)
        text = browser.text()
        checks.check("the organization is chosen first", "Hub" in text and "Partner Ltd" in text, text)
        browser.click("a.choice[href$='organization=%s']" % service.org)
        text = browser.text()
        checks.check("the page says for which and as what", "Hub · Full administrator, as a partner" in text, text)
        browser.click("button[value=allow]")
        token = dict(members(checks, browser.url()))["access_token"]
    finally:
        browser.close()
    scim = service.scim(token)
    checks.check("the partner's token writes there", scim.create({"userName": "by.partner@example.com"})["id"])
    listed = service.run("partner", "list")
    checks.equal("the organization sees who it is", [(one["user_name"], one["organization"]["name"], one["state"])
                                                     for one in listed], [(made["admin_email"], "Partner Ltd", "active")])
    service.run("partner", "withdraw", listed[0]["id"], "--yes")
    try:
        scim.list()
        checks.check("withdrawn, the token opens nothing", False)
    except Refused as refused:
        checks.equal("withdrawn, the token opens nothing", refused.answer.status, 401)


def code(key, steps=0):
    """What an authenticator app shows (RFC 6238)."""
    counter = struct.pack(">Q", int(time.time()) // 30 + steps)
    tag = hmac.digest(base64.b32decode(key), counter, "sha1")
    number = struct.unpack(">I", tag[tag[19] & 15:][:4])[0] & 0x7fffffff
    return "%06d" % (number % 1_000_000)


def second_factor(checks, service, address):
    browser = Chromium(script=False)
    try:
        browser.go(service.url + "/account/authenticator")
        browser.fill(address=address, password=OWN)
        browser.click("button")
        key = browser.here("GET", "/element/%s/text" % browser.find(".key")).replace(" ", "")
        checks.check("the QR code is drawn", browser.find("svg.qr path"))
        browser.fill(code=code(key))
        browser.click("button")
        codes = [line for line in browser.text().splitlines() if line.count("-") == 3]
        checks.equal("there are ten recovery codes", len(codes), 10)
    finally:
        browser.close()
    for app in (True, False):
        browser = Chromium(script=False)
        try:
            browser.go(service.url + "/account")
            browser.fill(address=address, password=OWN)
            browser.click("button")
            checks.check("the password alone lets nobody in", "instep-session" not in browser.cookies())
            if app:
                # The one of a moment ago is used; the next is taken already.
                browser.fill(code=code(key, 1))
                browser.click("button")
            else:
                browser.here("POST", "/element/%s/click" % browser.find("summary"), {})
                browser.fill(recovery=codes[0])
                browser.click("details button")
            checks.check("with a second factor one is in", browser.url().endswith("/account"), browser.url())
        finally:
            browser.close()
    reset = service.run("org", "reset-factors", service.org, address, *service.place())
    checks.equal("the operator takes it away", reset["removed"], True)


def passkey(checks, service, address):
    """With script, and at a name: the browser makes passkeys for no address."""
    home = service.url.replace("127.0.0.1", "localhost")
    service.stop()
    service.serve("--public-url", home)
    browser = Chromium()
    try:
        browser.give_device()
        browser.go(home + "/account/passkey")
        browser.fill(address=address, password=OWN)
        browser.click("button")
        browser.click("form.with-passkeys button")
        checks.check("a passkey is made", "Your recovery codes" in browser.text(), browser.text())
        browser.go(home + "/account")
        browser.click("header button")
        browser.go(home + "/account")
        browser.fill(address=address, password=OWN)
        browser.click("button")
        checks.check("it is asked for", "You are signing in to" in browser.text(), browser.text())
        browser.click("form.with-passkeys button")
        checks.check("it lets in", browser.url() == home + "/account", browser.url())
        checks.check("and is seen there", "Last used" in browser.text(), browser.text())
    finally:
        browser.close()
    browser = Chromium(script=False)
    try:
        browser.go(home + "/account")
        browser.fill(address=address, password=OWN)
        browser.click("button")
        text = browser.text()
        checks.check("without script another way is named", "recovery codes" in text and "Use your passkey" not in text, text)
    finally:
        browser.close()


if __name__ == "__main__":
    sys.exit(run(scenario, arguments(__doc__).parse_args()))
