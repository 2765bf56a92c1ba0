"""A DNS server: TXT records over UDP (RFC 1035), on Python's standard library."""

import socketserver
import threading


class Answers(socketserver.BaseRequestHandler):
    """TXT records of the names that are there; NXDOMAIN for all others (RFC 1035)."""

    def handle(self):
        question, socket = self.request
        labels, at = [], 12
        while question[at]:
            labels.append(question[at + 1:at + 1 + question[at]].decode("ascii").lower())
            at += 1 + question[at]
        texts = self.server.records.get(".".join(labels))
        flags = 0x8180 if texts is not None else 0x8183
        answer = question[:2] + b"".join(number.to_bytes(2, "big") for number in (flags, 1, len(texts or []), 0, 0))
        answer += question[12:at + 5]
        for text in texts or []:
            data = bytes([len(text)]) + text.encode("ascii")
            answer += b"\xc0\x0c\x00\x10\x00\x01\x00\x00\x00\x3c" + len(data).to_bytes(2, "big") + data
        socket.sendto(answer, self.client_address)


class Dns(socketserver.ThreadingUDPServer):
    """Runs from the beginning; `records` are the texts of each name."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answers)
        self.records = {}
        self.address = "127.0.0.1:%d" % self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()
