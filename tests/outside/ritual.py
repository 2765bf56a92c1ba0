#!/usr/bin/env python3
"""A person at a real browser, without script, goes the way that the guides of the Webex integrations describe: from their
address through the sign-in to a token behind the # of an address where nothing listens. The token provisions over SCIM as
far as its owner's role goes.
"""

import sys
import tempfile
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
            service.serve()
            administrator(checks, service, made)
            reader(checks, service)
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


if __name__ == "__main__":
    sys.exit(run(scenario, arguments(__doc__).parse_args()))
