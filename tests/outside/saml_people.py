"""Somebody at a browser that runs no script."""

import html.parser

import requests

from saml_table import OWN


class Form(html.parser.HTMLParser):
    """The hidden fields of a page's forms, by the form's action."""

    def __init__(self, text):
        super().__init__()
        self.fields, self.action = {}, None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if tag == "form":
            self.action = found["action"]
            self.fields[self.action] = {}
        elif tag == "input" and found.get("type") == "hidden":
            self.fields[self.action][found["name"]] = found["value"]


class Person:
    """Somebody at a browser."""

    def __init__(self, base):
        self.base, self.http = base, requests.Session()

    def get(self, address):
        """Follows our own redirections; gives the page that is not one."""
        for _ in range(10):
            page = self.http.get(address if "://" in address else self.base + address, allow_redirects=False)
            if page.status_code != 303:
                return page
            address = page.headers["Location"]
        raise AssertionError("too many redirections")

    def submit(self, page, action, **fields):
        fields = dict(Form(page.text).fields[action], **fields)
        page = self.http.post(self.base + action, fields, headers={"Origin": self.base}, allow_redirects=False)
        return self.get(page.headers["Location"]) if page.status_code == 303 else page

    def sign_in(self, page, address, password):
        return self.submit(page, "/sign-in", address=address, password=password)

    def choose(self, made_up, address):
        """The first sign-in, with the password that was made up."""
        page = self.sign_in(self.get("/sign-in"), address, made_up)
        return self.submit(page, "/sign-in/password", new=OWN, again=OWN)


def handed_on(page, consumer):
    """What a page hands on to the address of a service."""
    fields = Form(page.text).fields
    assert consumer in fields, (page.status_code, page.text)
    return fields[consumer]
