"""Accepts one message a connection and closes it ("polite"), or answers one and reads the next without a word ("mute")."""

import itertools
import socketserver
import sys

NUMBERS = itertools.count(1)


class Handler(socketserver.BaseRequestHandler):
    def read(self):
        frame = b""
        while b"\x1c" not in frame:
            part = self.request.recv(65536)
            if not part:
                return None
            frame += part
        return frame

    def handle(self):
        frame = self.read()
        if frame is None:
            return
        control_id = frame.split(b"\r")[0].split(b"|")[9]
        self.request.sendall(
            b"\x0bMSH|^~\\&|HUB||PAS||20260101||ACK^A04^ACK|S%d|P|2.5.1\rMSA|AA|%s\r\x1c\r" % (next(NUMBERS), control_id)
        )
        if sys.argv[2] == "mute":
            self.read()


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True


Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
