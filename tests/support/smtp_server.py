# A real SMTP server (Debian's python3-aiosmtpd) for tests: prints its port, then each letter as a line of JSON.
# smtp_server.py MODE CERT KEY: starttls (a login is required), tls or plain.
import asyncio
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


class Letters:
    async def handle_DATA(self, server, session, envelope):
        print(json.dumps({"from": envelope.mail_from, "to": envelope.rcpt_tos, "tls": session.ssl is not None,
                          "user": getattr(session, "user", None), "content": envelope.content.decode("ascii")}), flush=True)
        return "250 taken"


def authenticate(server, session, envelope, mechanism, data):
    good = data.login == b"telltale" and data.password == b"sesame, open"
    if good:
        session.user = data.login.decode()
    return AuthResult(success=good, handled=False)


mode, cert, key = sys.argv[1:4]
context = None
if mode != "plain":
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
options = {"authenticator": authenticate, "auth_require_tls": mode == "starttls"} if mode != "plain" else {}


def factory():
    more = {"tls_context": context, "require_starttls": True, "auth_required": True} if mode == "starttls" else {}
    return SMTP(Letters(), hostname="mail.test", **options, **more)


async def main():
    server = await asyncio.get_running_loop().create_server(factory, "127.0.0.1", 0, ssl=context if mode == "tls" else None)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
