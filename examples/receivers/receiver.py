"""Receiver of messages from zhaoren (Standard Webhooks), with the standard library only.

    python3 receiver.py SECRET_FILE [PORT]

Prints a line for each message. To be adapted: `handle`, and a store for `seen` that survives a restart.
"""

import base64
import hashlib
import hmac
import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOLERANCE = 300  # seconds
MAX_BODY = 64 * 1024


def signature(secret: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    signed = f"{message_id}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()


def is_sound(secret: bytes, headers, body: bytes, now: float) -> bool:
    """Whether one of the signatures is ours, and the message is not old."""
    message_id = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    if not message_id or not timestamp.isdigit() or abs(now - int(timestamp)) > TOLERANCE:
        return False
    own = "v1," + signature(secret, message_id, timestamp, body)
    shown = headers.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(own, one) for one in shown)


def handle(message: dict) -> None:
    """What the portal does with a message: here, a line. A merged one (`notice`) has several items, each with an id."""
    data = message["data"]
    for item in data.get("items", [{**data, "type": message["type"]}]):
        print(item["type"], data["enterprise"], item["item"], item.get("title", ""), flush=True)


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    secret = b""
    seen: set = set()

    def do_POST(self):
        length = int(self.headers.get("content-length") or 0)
        if length > MAX_BODY:
            return self.answer(413)
        body = self.rfile.read(length)
        if not is_sound(self.secret, self.headers, body, time.time()):
            return self.answer(401)
        message_id = self.headers["webhook-id"]
        # The same message may arrive more than once, always with the same id.
        if message_id not in self.seen:
            handle(json.loads(body))
            self.seen.add(message_id)
        self.answer(204)

    def answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def read_secret(path: str) -> bytes:
    with open(path, encoding="utf-8") as file:
        first = file.readline().strip()
    return base64.b64decode(first.removeprefix("whsec_"))


if __name__ == "__main__":
    Receiver.secret = read_secret(sys.argv[1])
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2]) if len(sys.argv) > 2 else 8099), Receiver)
    print("listening", server.server_address[1], flush=True)
    server.serve_forever()
