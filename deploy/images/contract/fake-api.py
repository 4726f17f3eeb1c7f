"""As much of a Kubernetes API server as exec needs: lists pods, and runs the command of an exec right here.

usage: fake-api.py PORT CERTIFICATE KEY. The selector two=pods finds two pods, any other finds one;
exec in the container `forbidden` is refused. In `behind` it sees another configuration the first time, in `apart`
each time; in `busy` another pgBackRest has the lock the first time.
"""
import base64
import hashlib
import http.server
import json
import ssl
import struct
import subprocess
import sys
import urllib.parse


class Api(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    known = set()  # containers that something ran in

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = urllib.parse.parse_qs(url.query)
        if url.path.endswith("/exec") and query["container"] == ["forbidden"]:
            self.reply({"message": "not in this container"}, 403)
        elif url.path.endswith("/exec"):
            self.exec(query["container"][0], query["command"])
        else:
            count = 2 if query.get("labelSelector") == ["two=pods"] else 1
            self.reply({"items": [{"metadata": {"name": f"pod-{i}"}} for i in range(count)]})

    def reply(self, body, status=200):
        body = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    # The last word of a command is the hash of the configuration that the Job has.
    def seen_from(self, container, command):
        is_first, _ = container not in Api.known, Api.known.add(container)
        if container == "apart" or (container == "behind" and is_first):
            return command[:-1] + ["of another configuration"]
        is_locked = container == "locked" or (container in ("busy", "occupied") and is_first)
        return ["bash", "-c", "exit 50"] if is_locked else command

    def exec(self, container, command):
        key = self.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Protocol", "v4.channel.k8s.io")
        self.send_header("Sec-WebSocket-Accept", base64.b64encode(hashlib.sha1(key.encode()).digest()).decode())
        self.end_headers()
        done = subprocess.run(self.seen_from(container, command), capture_output=True)
        status = {"status": "Success"} if done.returncode == 0 else {
            "status": "Failure", "details": {"causes": [{"reason": "ExitCode", "message": str(done.returncode)}]}}
        for channel, data in ((1, done.stdout), (2, done.stderr), (3, json.dumps(status).encode())):
            self.frame(0x2, bytes([channel]) + data)
        self.frame(0x8, b"")
        self.close_connection = True

    def frame(self, opcode, payload):
        size = bytes([len(payload)]) if len(payload) < 126 else b"\x7e" + struct.pack("!H", len(payload))
        self.wfile.write(bytes([0x80 | opcode]) + size + payload)


def main(port, certificate, key):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), Api)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.serve_forever()


main(*sys.argv[1:])
