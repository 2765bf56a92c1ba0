"""Starting the programs under test as anyone would: by their command line."""

import argparse
import glob
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import threading
import urllib.parse

from checks import wait_until
from hidden import must_be_absent, secrets_in
from http_json import Client, Scim


def arguments(description):
    """What every scenario takes; add to it what is one scenario's own."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--instep", required=True, metavar="PROGRAM")
    parser.add_argument("--postgres", metavar="URL", help="a superuser's URL; SQLite if left out")
    parser.add_argument("--tools", metavar="DIR", help="where the Python programs by other authors are installed")
    parser.add_argument("--fake-target", metavar="PROGRAM")
    return parser


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def plain_environment():
    """Ours without what a developer may have set for the program."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("INSTEP_")}
    return dict(kept, NO_COLOR="1")


class CommandFailed(Exception):
    pass


def terminate(process, kill=False):
    """Ends a process that we started."""
    if process is None or process.poll() is not None:
        return
    process.kill() if kill else process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Instep:
    """One installation: a data directory, a database, at most one server."""

    def __init__(self, program, directory, name, postgres=None):
        self.program, self.name = os.path.abspath(program), name
        self.data = os.path.join(directory, name)
        os.makedirs(self.data)
        self.url = self.process = self.reader = self.token = self.org = self.config = None
        self.errors = os.path.join(directory, name + ".log")
        # Browsers tell servers apart by their names, and not by their ports.
        self.host = "127.0.0.1"
        self.environment = {}
        # What must not stand in the log, beside whatever looks like a token.
        self.secrets = set()
        self.database = None
        if postgres:
            self.database = new_database(postgres, name)

    def run(self, *words, check=True, stdin=None):
        """Runs a command; gives what it printed as JSON."""
        environment = plain_environment()
        if self.url:
            environment["INSTEP_URL"] = self.url
        if self.token:
            environment["INSTEP_TOKEN"] = self.token
        command = [self.program, *words, "--output", "json"]
        done = subprocess.run(command, env=environment, input=stdin, stdin=None if stdin else subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=600)
        if check and done.returncode != 0:
            raise CommandFailed("instep %s: status %d: %s" % (" ".join(words), done.returncode, done.stderr.strip()))
        if not check:
            return done
        answer = json.loads(done.stdout) if done.stdout.strip() else None
        self.secrets |= secrets_in(answer)
        return answer

    def place(self):
        words = ["--data", self.data]
        if self.database:
            words += ["--database", self.database]
        return words

    def create_organization(self, *words):
        made = self.run("org", "create", self.name, "--admin-email", "admin@%s.example" % self.name.lower(),
                        *words, *self.place())
        self.org = made["organization_id"]
        return made

    def create_token(self, *scopes):
        words = [word for scope in scopes for word in ("--scope", scope)]
        return self.run("token", "create", "--org", self.org, "--name", "outside", *words, *self.place())["token"]

    def serve(self, *words):
        port = int(urllib.parse.urlsplit(self.url).port) if self.url else free_port()
        log = open(self.errors, "a")
        self.url = "http://%s:%d" % (self.host, port)
        public = [] if self.host == "127.0.0.1" else ["--public-url", self.url]
        self.process = subprocess.Popen(
            [self.program, "serve", "--listen", "127.0.0.1:%d" % port, *self.place(), *public,
             *(["--config", self.config] if self.config else []), *words],
            env=dict(plain_environment(), **self.environment), stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.PIPE, text=True)
        ready = threading.Event()

        def read():
            for line in self.process.stderr:
                log.write(line)
                log.flush()
                if line.startswith("listening on http"):
                    ready.set()

        self.reader = threading.Thread(target=read, daemon=True)
        self.reader.start()
        wait_until("%s listens" % self.name, lambda: ready.is_set() or self.process.poll() is not None, 60, 0.005)
        if not ready.is_set():
            raise CommandFailed("instep serve ended: " + open(self.errors).read()[-2000:])

    def stop(self, kill=False):
        """Ends the server; its log must hold nothing secret."""
        terminate(self.process, kill)
        self.process = None
        if self.reader:
            self.reader.join(20)
            must_be_absent(self.errors, self.secrets)

    def scim(self, token=None, base="/v1/scim/%s"):
        return Scim(self.url + base % self.org, token or self.token)

    def api(self):
        return Client(self.url, self.token)

    def show_log(self, lines=30):
        if os.path.exists(self.errors):
            sys.stdout.write("".join("        %s: %s" % (self.name, line) for line in
                                     open(self.errors).readlines()[-lines:]))


def new_database(postgres, name):
    """A new, empty database on the server that a superuser's URL names; gives its URL."""
    psql = shutil.which("psql") or next(iter(sorted(glob.glob("/usr/lib/postgresql/*/bin/psql"), reverse=True)))
    database = "outside_%s_%s" % (name.lower(), secrets.token_hex(4))
    subprocess.run([psql, postgres, "-qc", "create database %s" % database], check=True)
    return urllib.parse.urlunsplit(urllib.parse.urlsplit(postgres)._replace(path="/" + database))


def in_step(api, app):
    """Waits until the app's feed is read to its head and no work is due."""

    def status():
        found = api.get("/api/v1/apps/%s/status" % app)
        if found["in_step"] and not found["waiting"] and (found.get("cycle") or {}).get("state") != "running":
            return found
        return None

    try:
        return wait_until("%s is in step" % app, status, 300)
    except TimeoutError as error:
        raise TimeoutError("%s; status: %s" % (error, json.dumps(api.get("/api/v1/apps/%s/status" % app))[:3000]))
