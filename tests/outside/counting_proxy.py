"""A reverse proxy that counts what passes through it."""

import http.client
import http.server
import json
import threading
import urllib.parse


class CountingProxy:
    """Forwards to one server; `reads` and `writes` count requests, `seen` lists the writes. Of a bulk request it is the
    operations that count and are listed; `bulks` has how many there were in each."""

    def __init__(self, upstream):
        self.upstream = urllib.parse.urlsplit(upstream).netloc
        self.reads, self.writes, self.seen, self.bulks = 0, 0, [], []
        self._lock, self._local = threading.Lock(), threading.local()
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = "http://127.0.0.1:%d" % self._server.server_port

    def reset(self):
        with self._lock:
            self.reads, self.writes, self.seen, self.bulks = 0, 0, [], []

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def _count(self, method, path, body):
        with self._lock:
            if path.split("?")[0].endswith("/Bulk"):
                whole = json.loads(body)
                operations = whole.get("Operations") or whole["operations"]
                self.bulks.append(len(operations))
                self.writes += len(operations)
                self.seen += [(one["method"], one["path"], json.dumps(one.get("data"))) for one in operations]
            elif method == "GET" or path.split("?")[0].endswith("/.search"):
                self.reads += 1
            else:
                self.writes += 1
                self.seen.append((method, path, body.decode("utf-8", "replace") if body else ""))

    def _forward(self, method, path, body, headers):
        for attempt in (1, 2):
            connection = getattr(self._local, "connection", None)
            fresh = connection is None
            if fresh:
                connection = self._local.connection = http.client.HTTPConnection(self.upstream, timeout=120)
            try:
                connection.request(method, path, body, headers)
                response = connection.getresponse()
                return response.status, response.getheaders(), response.read()
            except (http.client.HTTPException, ConnectionError):
                connection.close()
                self._local.connection = None
                # A connection that idled may have been closed meanwhile; a fresh one may not fail.
                if fresh or attempt == 2:
                    raise

    def _handler(proxy):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def forward(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)) or None
                proxy._count(self.command, self.path, body)
                hop = ("connection", "keep-alive", "transfer-encoding", "content-length", "host", "accept-encoding")
                headers = {k: v for k, v in self.headers.items() if k.lower() not in hop}
                try:
                    status, sent, answer = proxy._forward(self.command, self.path, body, headers)
                except (http.client.HTTPException, OSError) as error:
                    status, sent, answer = 502, [], str(error).encode()
                self.send_response_only(status)
                for name, text in sent:
                    if name.lower() not in hop:
                        self.send_header(name, text)
                if status != 204:
                    self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = forward

            def log_message(self, *_):
                pass

        return Handler
