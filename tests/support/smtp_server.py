# A real SMTP server (Debian's python3-aiosmtpd) for tests: prints its port, then each letter as a line of JSON.
# smtp_server.py MODE CERT KEY: starttls (a login is required), tls or plain.
import json
import ssl
import sys
import time

from aiosmtpd.controller import Controller
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
    return AuthResult(success=good)


mode, cert, key = sys.argv[1:4]
context = None
if mode != "plain":
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
options = {"authenticator": authenticate, "auth_require_tls": mode == "starttls"} if mode != "plain" else {}


class Server(Controller):
    def factory(self):
        more = {"tls_context": context, "require_starttls": True, "auth_required": True} if mode == "starttls" else {}
        return SMTP(self.handler, hostname="mail.test", **options, **more)


class WaitingServer(Server):
    def _trigger_server(self):  # it would connect to port 0
        pass


server = WaitingServer(Letters(), hostname="127.0.0.1", port=0, ssl_context=context if mode == "tls" else None)
server.start()
print(server.server.sockets[0].getsockname()[1], flush=True)
while sys.stdin.read(1):
    time.sleep(0)
server.stop()
