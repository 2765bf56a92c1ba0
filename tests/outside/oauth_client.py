#!/usr/bin/env python3
"""A client by other authors, requests-oauthlib, gets tokens in every way that the authorization server has for registered
clients: by a code with PKCE that somebody agrees to at a page, by refresh tokens, for itself. It ends them (RFC 7009) and asks
about them (RFC 7662), and finds everything by the metadata (RFC 8414). It goes the implicit way of the Webex guides too.
"""

import html.parser
import os
import sys
import tempfile
import urllib.parse

from checks import run
from hidden import secrets_in
from processes import Instep, arguments

try:
    import requests
    from oauthlib.oauth2 import BackendApplicationClient, MobileApplicationClient, OAuth2Error
    from requests.auth import HTTPBasicAuth
    from requests_oauthlib import OAuth2Session
except ImportError:
    # They are where the programs by other authors are.
    python = os.path.join(arguments(__doc__).parse_args().tools, "python")
    if python == sys.executable:
        raise
    os.execv(python, [python, "-u", *sys.argv])

# The library wants https; the server under test is on this machine.
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
REDIRECT = "http://localhost:8400/callback"
GUIDES = "C4ca14fe00b0e51efb414ebd45aa88c1858c3bfb949b2405dba10b0ca4bc37402"
GUIDES_REDIRECT = "http://localhost:3000/auth/code"
OWN = "four words of one's own"


class Form(html.parser.HTMLParser):
    """The hidden fields of a page's forms, by the form's action."""

    def __init__(self, text):
        super().__init__()
        self.fields, self.action = {}, None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if tag == "form":
            self.action = found["action"]
            self.fields[self.action] = {}
        elif tag == "input" and found.get("type") == "hidden":
            self.fields[self.action][found["name"]] = found["value"]


class Person:
    """Somebody at a browser that runs no script."""

    def __init__(self, base):
        self.base, self.http = base, requests.Session()

    def submit(self, page, action, **fields):
        fields = dict(Form(page.text).fields[action], **fields)
        return self.http.post(self.base + action, fields, headers={"Origin": self.base}, allow_redirects=False)

    def sign_in(self, address, made_up):
        page = self.http.get(self.base + "/sign-in")
        page = self.submit(page, "/sign-in", address=address, password=made_up)
        self.submit(page, "/sign-in/password", new=OWN, again=OWN)

    def agree(self, address):
        page = self.http.get(address)
        place = urllib.parse.urlsplit(address).path
        return self.submit(page, place, decision="allow").headers["Location"]


def scenario(checks, options):
    with tempfile.TemporaryDirectory(prefix="instep-outside-") as folder:
        service = Instep(options.instep, folder, "Directory", options.postgres)
        try:
            made = service.create_organization()
            service.token = service.create_token("Identity:SCIM", "instep:admin")
            # Whatever it can be asked to tell, it tells no secret.
            service.environment["INSTEP_LOG"] = "trace"
            service.serve()
            metadata = requests.get(service.url + "/.well-known/oauth-authorization-server").json()
            person = Person(service.url)
            person.sign_in(made["admin_email"], made["admin_password"])
            public(checks, service, metadata, person)
            confidential(checks, service, metadata, person)
            implicit(checks, service, metadata, person)
            service.secrets |= {OWN, *(cookie.value for cookie in person.http.cookies)}
        finally:
            failed = checks.failed or sys.exc_info()[0]
            service.stop()
            if failed:
                service.show_log()


def refused(checks, what, error, ask):
    try:
        ask()
        checks.check(what, False, "it was not refused")
    except OAuth2Error as found:
        checks.equal(what, found.error, error)


def by_code(checks, service, metadata, person, client, auth):
    """A session of the library's with tokens that somebody has agreed to."""
    session = OAuth2Session(client["client_id"], redirect_uri=REDIRECT, scope=["Identity:SCIM"], pkce="S256")
    address, state = session.authorization_url(metadata["authorization_endpoint"])
    answer = person.agree(address)
    checks.check("the browser goes to the client's address", answer.startswith(REDIRECT + "?code="), answer)
    found = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(answer).query))
    service.secrets |= {found["code"], session._client.code_verifier}
    checks.equal("the state comes back", found["state"], state)
    checks.equal("it is said from whom the answer is", found["iss"], metadata["issuer"])
    extra = {"include_client_id": True} if auth is None else {"auth": auth}
    tokens = session.fetch_token(metadata["token_endpoint"], authorization_response=answer, **extra)
    service.secrets |= secrets_in(tokens)
    checks.equal("the scope is said", tokens.scope, "Identity:SCIM")
    checks.equal("an access token lives for 14 days", tokens["expires_in"], 14 * 86400)
    return session, tokens


def people(service, session):
    return session.get("%s/v1/scim/%s/Users" % (service.url, service.org))


def public(checks, service, metadata, person):
    client = service.run("client", "add", "Desktop app", "--public", "--redirect", REDIRECT, "--scope", "Identity:SCIM")
    checks.equal("a public client has no secret", client["client_secret"], None)
    checks.equal("it is listed", [one["client_id"] for one in service.run("client", "list")], [client["client_id"]])
    checks.check("its secret is shown once", "client_secret" not in service.run("client", "show", client["id"]))
    session, first = by_code(checks, service, metadata, person, client, None)
    checks.equal("the token opens the directory", people(service, session).status_code, 200)
    made = session.post("%s/v1/scim/%s/Users" % (service.url, service.org), json={"userName": "by-oauth"},
                        headers={"Content-Type": "application/scim+json"})
    checks.equal("and provisions", made.status_code, 201)
    second = session.refresh_token(metadata["token_endpoint"], client_id=client["client_id"])
    checks.check("a refresh brings other tokens", second["access_token"] != first["access_token"]
                 and second["refresh_token"] != first["refresh_token"])
    checks.equal("which open the directory", people(service, session).status_code, 200)
    refused(checks, "an old refresh token is refused", "invalid_grant", lambda: session.refresh_token(
        metadata["token_endpoint"], refresh_token=first["refresh_token"], client_id=client["client_id"]))
    session.token = second
    checks.equal("and has ended what came of it", people(service, session).status_code, 401)


def confidential(checks, service, metadata, person):
    client = service.run("client", "add", "Nightly job", "--redirect", REDIRECT, "--scope", "Identity:SCIM",
                         "--scope", "instep:read", "--grant", "authorization_code", "--grant", "refresh_token",
                         "--grant", "client_credentials")
    basic = HTTPBasicAuth(client["client_id"], client["client_secret"])
    session, tokens = by_code(checks, service, metadata, person, client, basic)
    told = requests.post(metadata["introspection_endpoint"], {"token": tokens["access_token"]}, auth=basic).json()
    checks.equal("the token is active", (told["active"], told["scope"], told["client_id"]),
                 (True, "Identity:SCIM", client["client_id"]))
    itself = OAuth2Session(client=BackendApplicationClient(client["client_id"], scope=["instep:read"]))
    itself.fetch_token(metadata["token_endpoint"], auth=basic)
    checks.equal("for itself it may look", itself.get(service.url + "/api/v1/people").status_code, 200)
    checks.equal("and nothing else", people(service, itself).status_code, 403)
    wrong = HTTPBasicAuth(client["client_id"], "wrong")
    refused(checks, "a wrong secret is refused", "invalid_client",
            lambda: itself.fetch_token(metadata["token_endpoint"], auth=wrong))
    ended = requests.post(metadata["revocation_endpoint"], {"token": tokens["refresh_token"]}, auth=basic)
    checks.equal("a refresh token is revoked", ended.status_code, 200)
    checks.equal("and what came of it", people(service, session).status_code, 401)
    told = requests.post(metadata["introspection_endpoint"], {"token": tokens["access_token"]}, auth=basic).json()
    checks.equal("it is active no longer", told, {"active": False})
    rotated = service.run("client", "rotate-secret", client["id"], "--overlap-hours", "1")
    checks.check("another secret is shown once", rotated["client_secret"] not in (None, client["client_secret"])
                 and "client_secret" not in service.run("client", "show", client["id"]))
    for secret in (client["client_secret"], rotated["client_secret"]):
        itself.fetch_token(metadata["token_endpoint"], auth=HTTPBasicAuth(client["client_id"], secret))
        checks.equal("both secrets are good for a while", itself.get(service.url + "/api/v1/people").status_code, 200)
    last = service.run("client", "rotate-secret", client["id"], "--overlap-hours", "0")
    refused(checks, "without overlap the one before ends", "invalid_client", lambda: itself.fetch_token(
        metadata["token_endpoint"], auth=HTTPBasicAuth(client["client_id"], rotated["client_secret"])))
    basic = HTTPBasicAuth(client["client_id"], last["client_secret"])
    service.run("client", "set", client["id"], "--grant", "authorization_code")
    refused(checks, "a client gets nothing by a grant that it was not given", "unauthorized_client",
            lambda: itself.fetch_token(metadata["token_endpoint"], auth=basic))
    service.run("client", "remove", client["id"], "--yes")
    checks.equal("with the client its tokens go", itself.get(service.url + "/api/v1/people").status_code, 401)


def implicit(checks, service, metadata, person):
    """The way of the Webex guides, with their client: the token comes behind the # of an address."""
    service.api().send("PATCH", "/api/v1/organization", {"settings": {"oauth.guide_client": "true"}})
    library = MobileApplicationClient(GUIDES, scope=["Identity:SCIM", "spark:people_read"])
    session = OAuth2Session(client=library, redirect_uri=GUIDES_REDIRECT)
    address, state = session.authorization_url(metadata["authorization_endpoint"])
    answer = person.agree(address)
    tokens = session.token_from_fragment(answer)
    service.secrets |= secrets_in(tokens)
    checks.equal("the guides' state comes back", dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(answer).fragment))["state"], state)
    left = 365 * 86400 - tokens["expires_in"]
    checks.check("the guides' token lives for a year", 0 <= left < 60, tokens["expires_in"])
    checks.equal("and opens the directory", people(service, session).status_code, 200)


if __name__ == "__main__":
    sys.exit(run(scenario, arguments(__doc__).parse_args()))
