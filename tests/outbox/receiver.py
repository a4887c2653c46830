"""A receiver in a process of its own: checks signatures with the `standardwebhooks` package, takes each id once.

    python receiver.py PORT_FILE LOG_FILE MODE_FILE KEY_FILE

It writes its port, then one line of JSON for each request. MODE_FILE holds what it does: ok, slow, 500, garbage, 410,
redirect, drip, or hold (answers after a while, having taken the message). «ok:0.05» answers after so many seconds, as
over a network. Started again after it was killed it listens on the same port and knows what it has taken.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from standardwebhooks.webhooks import Webhook

port_file, log_file, mode_file, key_file = (Path(name) for name in sys.argv[1:5])
log_file.touch()
lines = log_file.read_bytes().splitlines(keepends=True)
if lines and not lines[-1].endswith(b"\n"):  # killed while it wrote
    os.truncate(log_file, sum(map(len, lines[:-1])))
    lines.pop()
known = {entry["id"] for entry in map(json.loads, lines) if entry["new"]}
taking = threading.Lock()


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        mode, _, pause = mode_file.read_text().strip().partition(":")
        identity = self.headers["webhook-id"]
        try:
            Webhook(key_file.read_text()).verify(body, dict(self.headers.items()))
            valid = True
        except Exception:
            valid = False
        with taking, log_file.open("ab", buffering=0) as log:
            new = valid and mode in {"ok", "hold"} and identity not in known
            entry = {"id": identity, "valid": valid, "new": new, "mode": mode, "body": body.decode()}
            log.write(json.dumps(entry).encode() + b"\n")
            if new:
                known.add(identity)
        if mode == "garbage":
            self.wfile.write(b"\x00\x01 it is a nice day\r\n\r\n")
            return
        if mode in {"slow", "hold"}:
            time.sleep(4)
        elif pause:
            time.sleep(float(pause))
        if mode == "drip":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            while True:
                self.wfile.write(b"a")
                time.sleep(0.1)
        status = {"500": 500, "410": 410, "redirect": 302}.get(mode, 200 if valid else 401)
        self.send_response(status)
        self.send_header("Content-Length", "0")
        if status == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


port = int(port_file.read_text()) if port_file.exists() else 0
server = ThreadingHTTPServer(("127.0.0.1", port), Receiver)
server.daemon_threads = True
port_file.write_text(str(server.server_address[1]))
server.serve_forever()
