"""Small HTTP clients for JSON and SCIM, on the standard library."""

import http.client
import json
import threading
import urllib.parse


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.text = status, headers, body.decode("utf-8", "replace")

    @property
    def json(self):
        return json.loads(self.text) if self.text.strip() else None

    def __repr__(self):
        return "%d %s" % (self.status, self.text[:300])


class Refused(Exception):
    """An answer that is no success."""

    def __init__(self, method, url, answer):
        super().__init__("%s %s: %r" % (method, url, answer))
        self.answer = answer


class Client:
    """One server and one token; a connection for each thread, kept open."""

    def __init__(self, base, token=None, content_type="application/json"):
        parts = urllib.parse.urlsplit(base)
        self.base, self.host, self.prefix = base.rstrip("/"), parts.netloc, parts.path.rstrip("/")
        self.token, self.content_type = token, content_type
        self._local = threading.local()

    def try_send(self, method, path, body=None, headers=None):
        sent = {"Accept": self.content_type}
        if self.token:
            sent["Authorization"] = "Bearer " + self.token
        if body is not None:
            sent["Content-Type"] = self.content_type
            body = json.dumps(body).encode() if not isinstance(body, bytes) else body
        sent.update(headers or {})
        for attempt in (1, 2):
            connection = getattr(self._local, "connection", None)
            fresh = connection is None
            if fresh:
                connection = self._local.connection = http.client.HTTPConnection(self.host, timeout=120)
            try:
                connection.request(method, self.prefix + path, body, sent)
                response = connection.getresponse()
                return Answer(response.status, response.headers, response.read())
            except (http.client.HTTPException, ConnectionError):
                connection.close()
                self._local.connection = None
                if fresh or attempt == 2:
                    raise

    def send(self, method, path, body=None, headers=None):
        answer = self.try_send(method, path, body, headers)
        if not 200 <= answer.status < 300:
            raise Refused(method, self.base + path, answer)
        return answer.json

    def get(self, path):
        return self.send("GET", path)

    def post(self, path, body):
        return self.send("POST", path, body)

    def items(self, path, limit=100):
        """All pages of a list of /api/v1."""
        after = None
        while True:
            query = {"limit": str(limit)}
            if after:
                query["after"] = after
            page = self.get(path + ("&" if "?" in path else "?") + urllib.parse.urlencode(query))
            yield from page["items"]
            after = page.get("next")
            if not after:
                return


class Scim(Client):
    def __init__(self, base, token=None):
        super().__init__(base, token, "application/scim+json")

    def list(self, endpoint="/Users", filter=None, count=100):
        """All resources of an endpoint, page by page."""
        start, found = 1, []
        while True:
            query = {"startIndex": str(start), "count": str(count)}
            if filter:
                query["filter"] = filter
            page = self.get(endpoint + "?" + urllib.parse.urlencode(query, quote_via=urllib.parse.quote))
            resources = page.get("Resources") or []
            found += resources
            start += len(resources)
            if not resources or start > page["totalResults"]:
                if len({resource["id"] for resource in found}) != len(found):
                    raise AssertionError("%s%s lists a resource twice" % (self.base, endpoint))
                return found

    def one(self, user_name):
        found = self.list(filter='userName eq "%s"' % user_name)
        return found[0] if len(found) == 1 else None

    def create(self, user):
        return self.post("/Users", user)

    def patch(self, id, *operations):
        body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": list(operations)}
        return self.send("PATCH", "/Users/" + urllib.parse.quote(id), body)

    def delete(self, id):
        return self.send("DELETE", "/Users/" + urllib.parse.quote(id))
