"""Who judges every SAML message that we send: the schemas of OASIS by xmllint, and xmlsec1 with the certificate of the
metadata. Neither knows anything of ours."""

import base64
import os
import re
import subprocess
import tempfile
import urllib.parse
import xml.etree.ElementTree as tree
import zlib

SCHEMA = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
<xs:import namespace="urn:oasis:names:tc:SAML:2.0:protocol" schemaLocation="file:///usr/share/xml/opensaml/saml-schema-protocol-2.0.xsd"/>
<xs:import namespace="urn:oasis:names:tc:SAML:2.0:metadata" schemaLocation="file:///usr/share/xml/opensaml/saml-schema-metadata-2.0.xsd"/>
<xs:import namespace="http://www.w3.org/2009/xmlenc11#" schemaLocation="file:///usr/share/xml/xmltooling/xenc11-schema.xsd"/>
</xs:schema>"""

CATALOG = """<catalog xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog">
<system systemId="http://www.w3.org/TR/2002/REC-xmldsig-core-20020212/xmldsig-core-schema.xsd" uri="file:///usr/share/xml/xmltooling/xmldsig-core-schema.xsd"/>
<system systemId="http://www.w3.org/TR/2002/REC-xmlenc-core-20021210/xenc-schema.xsd" uri="file:///usr/share/xml/xmltooling/xenc-schema.xsd"/>
<system systemId="http://www.w3.org/2001/xml.xsd" uri="file:///usr/share/xml/xmltooling/xml.xsd"/>
</catalog>"""

IDS = [word for name in ("protocol:Response", "protocol:LogoutRequest", "protocol:LogoutResponse",
                         "assertion:Assertion", "protocol:AuthnRequest")
       for word in ("--id-attr:ID", "urn:oasis:names:tc:SAML:2.0:" + name)]
SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"


def pem(certificate):
    """A certificate of metadata as a file has it."""
    text = "".join(certificate.split())
    lines = [text[at:at + 64] for at in range(0, len(text), 64)]
    return "-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n" % "\n".join(lines)


def certificates(metadata):
    """Those that metadata name."""
    return re.findall(r"<ds:X509Certificate>([^<]*)</ds:X509Certificate>", metadata)


class Judges:
    def __init__(self, checks):
        self.checks = checks
        self.folder = tempfile.mkdtemp(prefix="instep-saml-")
        self.schema, self.catalog = self.put("all.xsd", SCHEMA), self.put("catalog.xml", CATALOG)
        self.seen = 0

    def put(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w") as file:
            file.write(text)
        return path

    def valid(self, what, xml):
        file = self.put("message.xml", xml)
        done = subprocess.run(["xmllint", "--nonet", "--noout", "--schema", self.schema, file],
                              env=dict(os.environ, XML_CATALOG_FILES=self.catalog), capture_output=True, text=True)
        self.seen += 1
        return self.checks.check("%s is valid by the schemas" % what, done.returncode == 0, done.stderr)

    def sent_on(self, what, address, field, certificate):
        """A message in an address: valid, and the query signed as OpenSSL says (SAML bindings §3.4.4.1)."""
        self.valid(what, inflated(address, field))
        query = urllib.parse.urlsplit(address).query.split("&")
        parts = {part.split("=", 1)[0]: part for part in query}
        octets = "&".join(parts[name] for name in (field, "RelayState", "SigAlg") if name in parts)
        value = {name: urllib.parse.unquote(part.split("=", 1)[1]) for name, part in parts.items()}
        if not self.checks.check("%s is signed" % what, "Signature" in value, address):
            return
        digest = value["SigAlg"].rsplit("-", 1)[1]
        signature = os.path.join(self.folder, "signature")
        with open(signature, "wb") as file:
            file.write(base64.b64decode(value["Signature"]))
        key = self.put("key.pem", subprocess.run(
            ["openssl", "x509", "-pubkey", "-noout", "-in", self.put("certificate.pem", pem(certificate))], check=True,
            capture_output=True, text=True).stdout)
        done = subprocess.run(["openssl", "dgst", "-" + digest, "-verify", key, "-signature", signature,
                               self.put("octets", octets)], capture_output=True, text=True)
        self.checks.check("openssl verifies %s" % what, done.returncode == 0, done.stderr)
        relay_state = value.get("RelayState", "")
        self.checks.check("%s: its RelayState has 80 bytes at most" % what, field == "SAMLResponse" or len(relay_state) <= 80,
                          relay_state)

    def signed(self, what, xml, certificate):
        """Every signature in it verifies, and there is one."""
        file, key = self.put("signed.xml", xml), self.put("certificate.pem", pem(certificate))
        count = sum(1 for _ in tree.fromstring(xml).iter(SIGNATURE))
        wrong = [] if count else ["there is no signature"]
        for number in range(count):
            place = "(//*[local-name()='Signature'])[%d]" % (number + 1)
            done = subprocess.run(["xmlsec1", "--verify", *IDS, "--pubkey-cert-pem", key, "--node-xpath", place, file],
                                  capture_output=True, text=True)
            if done.returncode:
                wrong.append(done.stderr)
        return self.checks.none("xmlsec1 verifies %s" % what, wrong)


def inflated(query, field):
    """The message in the query of an address."""
    found = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(query).query))
    return zlib.decompress(base64.b64decode(found[field]), -15).decode()
