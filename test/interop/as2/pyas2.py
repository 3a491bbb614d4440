"""pyas2-lib as a running AS2 server. POST / takes messages and receipts; POST /send makes it send one.

Arguments: PKCS #12 file of the peer (password `peerpeer`), certificate of the other side (PEM). Prints its port.
"""

import base64
import json
import sys
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from pyas2lib.as2 import Mdn, Message, Organization, Partner

KEY = open(sys.argv[1], "rb").read()
OTHER = open(sys.argv[2], "rb").read()
CIPHERS = {
    "3des": "tripledes_192_cbc",
    "aes128-cbc": "aes_128_cbc",
    "aes192-cbc": "aes_192_cbc",
    "aes256-cbc": "aes_256_cbc",
}
arrived = []
sent = {}
outcomes = {}


def organization(name, url=None):
    return Organization(name, KEY, "peerpeer", KEY, "peerpeer", mdn_url=url)


def partner(name, options=None):
    options = options or {}
    more = {}
    if options.get("digest"):
        more.update(sign=True, digest_alg=options["digest"])
        if options["scheme"] == "pss":
            more["sign_alg"] = "rsassa_pss"
    if options.get("cipher"):
        more.update(encrypt=True, enc_alg=CIPHERS[options["cipher"]])
    if options.get("compress"):
        more["compress"] = True
    if options.get("mode"):
        more["mdn_mode"] = options["mode"].upper()
        if options.get("signedReceipt"):
            more["mdn_digest_alg"] = "sha256"
    return Partner(
        name, verify_cert=OTHER, encrypt_cert=OTHER, validate_certs=False, **more
    )


def raw(headers, body):
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return lines.encode() + b"\r\n" + body


def post(url, headers, body):
    request = urllib.request.Request(url, data=body, headers=headers, method="POST")
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.status, list(answer.headers.items()), answer.read()


def judge(message_bytes):
    mdn = Mdn()
    status, detail = mdn.parse(message_bytes, lambda id_, _to: sent.get(id_.strip("<>")))
    # It compares the MIC where there is one, and says nothing where there is none.
    mic = "equal" if b"Received-Content-MIC" in message_bytes else "none"
    return {"disposition": status if status == "processed" else f"{status}: {detail}", "mic": mic}


class Server(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_args):
        pass

    def read(self):
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def reply(self, status, headers=(), body=b""):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, " ".join(value.splitlines()))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.reply(200, body=json.dumps({"arrived": arrived, "outcomes": outcomes}).encode())

    def do_POST(self):
        body = self.read()
        try:
            if self.path == "/send":
                self.send_one(json.loads(body))
            else:
                self.take(body)
        except Exception as error:  # told to whoever asked: this is a test peer
            self.reply(500, body=repr(error).encode())

    def take(self, body):
        bytes_ = raw(self.headers.items(), body)
        if "multipart/report" in bytes_[:20000].decode("latin1"):
            outcome = judge(bytes_)
            for id_ in sent:
                if id_.encode() in body:
                    outcomes[id_] = outcome
            return self.reply(200)
        message = Message()
        status, (error, _trace), mdn = message.parse(
            bytes_, lambda name: organization(name), lambda name: partner(name), lambda *_: False
        )
        content = message.content if error is None else b""
        arrived.append(
            {
                "id": self.headers["Message-ID"],
                "payload": base64.b64encode(content or b"").decode(),
                "error": repr(error) if error else None,
            }
        )
        if mdn is None:
            return self.reply(200)
        if mdn.mdn_mode == "ASYNC":
            self.reply(202)
            threading.Thread(target=post, args=(mdn.mdn_url, mdn.headers, mdn.content)).start()
            return None
        return self.reply(200, mdn.headers.items(), mdn.content)

    def send_one(self, job):
        options = job["options"]
        url = f"http://127.0.0.1:{self.server.server_port}/"
        sender = organization(job["from"], url if options["mode"] == "async" else None)
        message = Message(sender, partner(job["to"], options))
        message.build(base64.b64decode(job["payload"]), content_type="application/edi-x12")
        sent[message.message_id] = message
        _status, headers, body = post(job["url"], message.headers, message.content)
        outcome = {"id": message.message_id}
        if options["mode"] != "async":
            outcome.update(judge(raw(headers, body)))
        self.reply(200, body=json.dumps(outcome).encode())


server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
print(f"port {server.server_port}", flush=True)
server.serve_forever()
