#!/usr/bin/env python3
"""A domain is verified and claimed on the command line, by a DNS server of our own that the server is told to ask; whoever
operates the server finds who is in the way.
"""

import sys
import tempfile

from checks import run
from dns_server import Dns
from http_json import Scim
from processes import CommandFailed, Instep, arguments


def scenario(checks, options):
    dns = Dns()
    with tempfile.TemporaryDirectory(prefix="instep-outside-") as folder:
        service = Instep(options.instep, folder, "Domains", options.postgres)
        service.environment = {"INSTEP_DNS_SERVER": dns.address}
        try:
            service.create_organization()
            service.token = service.create_token("Identity:SCIM", "instep:admin")
            service.serve()
            domains(checks, service, dns)
        finally:
            failed = checks.failed or sys.exc_info()[0]
            service.stop()
            dns.shutdown()
            if failed:
                service.show_log()


def refused(service, *words):
    try:
        service.run(*words)
    except CommandFailed as error:
        return str(error)
    return ""


def domains(checks, service, dns):
    api = service.api()
    record = service.run("domain", "add", "Acme.Example")["record"]
    checks.equal("what is to be added", (record["type"], record["name"]), ("TXT", "acme.example"))
    said = refused(service, "domain", "verify", "acme.example")
    checks.check("a name that the DNS does not know", "does not know the name" in said, said)
    dns.records["acme.example"] = ["v=spf1 -all", record["value"]]
    other = service.run("domain", "add", "other.example")["record"]["value"]
    dns.records["other.example"] = [record["value"]]
    said = refused(service, "domain", "verify", "other.example")
    checks.check("another token is none", "another token" in said and other != record["value"], said)
    scim = service.scim()
    scim.post("/Users", {"userName": "anna@acme.example"})
    state = lambda name: api.get("/api/v1/people/" + name)["state"]
    checks.equal("somebody who is there", state("anna@acme.example"), "not_verified")
    # Each domain is looked for at most every five seconds; the command waits for as long as it is told.
    verified = service.run("domain", "verify", "acme.example")
    checks.equal("the domain is verified", verified["state"], "verified")
    checks.equal("… and she with it", state("anna@acme.example"), "verified")
    checks.equal("nobody is in the way", service.run("org", "conflicts", *service.place()), [])
    other = service.run("org", "create", "Other", "--admin-email", "admin@other.example", *service.place())
    other = other["organization_id"]
    token = service.run("token", "create", "--org", other, "--name", "outside", *service.place())["token"]
    elsewhere = Scim("%s/v1/scim/%s" % (service.url, other), token)
    there = elsewhere.post("/Users", {"userName": "carl@acme.example"})["id"]
    claimed = service.run("domain", "claim", "acme.example")
    checks.equal("it is claimed", (claimed["claimed"], claimed["people"]["elsewhere"]), (True, 1))
    found = service.run("org", "conflicts", *service.place())
    named = [(one["domain"], one["claimed_by"], one["organization_id"], one["user_id"]) for one in found]
    checks.equal("whoever runs the server finds who is in the way", named, [("acme.example", service.org, other, there)])
    status = elsewhere.try_send("POST", "/Users", {"userName": "dora@acme.example"}).status
    checks.equal("nobody else comes there", status, 403)
    service.run("domain", "release", "acme.example")
    service.run("domain", "remove", "acme.example", "--yes")
    listed = [domain["domain"] for domain in service.run("domain", "list")]
    checks.equal("what is left", listed, ["other.example"])


if __name__ == "__main__":
    sys.exit(run(scenario, arguments(__doc__).parse_args()))
