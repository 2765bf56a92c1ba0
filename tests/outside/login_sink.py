#!/usr/bin/env python3
"""A mail server (aiosmtpd) that takes mail only from who has signed in, and offers that under TLS alone:
login_sink.py PORT FOLDER starttls|implicit CERTIFICATE KEY USER PASSWORD
"""

import asyncio
import ssl
import sys

from aiosmtpd.handlers import Mailbox
from aiosmtpd.smtp import SMTP, AuthResult


async def main(port, folder, tls, certificate, key, user, password):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    handler = Mailbox(folder)

    def authenticator(_server, _session, _envelope, _mechanism, given):
        good = (given.login, given.password) == (user.encode(), password.encode())
        return AuthResult(success=good, handled=good)

    def session():
        under_way = tls == "implicit"
        return SMTP(handler, hostname="localhost", authenticator=authenticator, auth_required=True,
                    auth_require_tls=not under_way, tls_context=None if under_way else context,
                    require_starttls=not under_way)

    loop = asyncio.get_running_loop()
    server = await loop.create_server(session, "127.0.0.1", int(port), ssl=context if tls == "implicit" else None)
    await server.serve_forever()


asyncio.run(main(*sys.argv[1:]))
