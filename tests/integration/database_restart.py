#!/usr/bin/env python3
"""The help desk on PostgreSQL and on MariaDB, under load: connections that the server cuts, and a server that is restarted. Only
requests of that time fail, each with a 503 whose cause is in the log, and the next ones are answered by the same process.

    tests/integration/database_restart.py"""
import os, subprocess, sys, threading, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from checking import check, closing
from databases import SERVERS, Missing, find
from serving import *

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROJECT = os.path.join(ROOT, "examples/helpdesk")
PROGRAM = os.path.join(BUILD, "examples/helpdesk/helpdesk")
CLIENTS = 6
SLACK = 0.3  # seconds that a cut may take to be seen


class Asking(threading.Thread):
    """Asks for the list again and again; keeps when each request began and ended, and how."""

    def __init__(self, address):
        super().__init__(daemon=True)
        self.address, self.ending, self.seen = address, False, []

    def run(self):
        connection = None
        while not self.ending:
            began = time.monotonic()
            try:
                connection = connection or Connection(self.address)
                answer = connection.ask("/")
                how = answer.status
                if answer.closes:
                    connection.close()
                    connection = None
            except OSError as e:
                how = f"{type(e).__name__}: {e}"
                connection = None
            self.seen.append((began, time.monotonic(), how))
            time.sleep(0.003)


def statement(server, sql):
    """Runs it by the server's own client."""
    if server.name == "postgresql":
        words = [find("psql"), "-h", "127.0.0.1", "-p", str(server.port), "-U", "clef", "-d", "postgres", "-Atc", sql]
    else:
        words = [find("mariadb", "mysql"), "--no-defaults", "-h", "127.0.0.1", "-P", str(server.port), "-u", "root", "-N", "-e", sql]
    return subprocess.run(words, capture_output=True, text=True, check=True, timeout=60).stdout


def cut(server):
    if server.name == "postgresql":
        statement(server, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'clef'")
    else:
        for line in statement(server, "SELECT id FROM information_schema.processlist WHERE db = 'test'").split():
            statement(server, f"KILL {line}")


def restart(server):
    server.stop(server.quick)
    time.sleep(0.3)
    server.start()


def outages(server, address):
    """Loads the site while its connections are cut, and while the server goes; the times of both, and all requests."""
    clients, times = [Asking(address) for _ in range(CLIENTS)], []
    for c in clients:
        c.start()
    for what in (cut, restart):
        time.sleep(0.7)
        began = time.monotonic()
        what(server)
        times.append((began, time.monotonic() + SLACK))
    time.sleep(1.2)
    for c in clients:
        c.ending = True
    for c in clients:
        c.join(PATIENCE)
    return times, [one for c in clients for one in c.seen]


def run(server):
    folder = tempfile.mkdtemp(prefix="clef-restart-")
    env = {k: v for k, v in os.environ.items() if not k.startswith("CLEF_")}
    env.update(DATABASE_URL=server.url, CLEF_BASE_DIR=PROJECT, CLEF_SETTINGS="production",
               SECRET_KEY="a key that only this test knows, and long enough for the checks")
    for words in (["migrate"], ["load_demo", "--tickets", "60"]):
        done = subprocess.run([PROGRAM, *words], env=env, capture_output=True, text=True, timeout=120)
        check(done.returncode == 0, f"{server.name}: {words}: {done}")
    port, log = free_port(), os.path.join(folder, "log")
    with open(log, "wb") as out:
        site = subprocess.Popen([PROGRAM, "serve", "--listen", f"127.0.0.1:{port}", "--workers", "1"], env=env, stdout=out, stderr=out,
                                stdin=subprocess.DEVNULL)
    try:
        wait_for("the help desk serves", lambda: '"message":"ready"' in open(log).read())
        times, seen = outages(server, ("127.0.0.1", port))
        good = [s for s in seen if s[2] == 200]
        bad = [s for s in seen if s[2] != 200]
        outside = [s for s in bad if not any(s[1] >= began and s[0] <= ended for began, ended in times)]
        check(len(good) > 50, f"{server.name}: requests were answered ({len(good)})")
        check(not outside, f"{server.name}: failures at other times: {[(round(b - times[0][0], 3), how) for b, _, how in outside[:5]]}")
        check({how for _, _, how in bad} <= {503}, f"{server.name}: every failure is a 503: { {how for _, _, how in bad} }")
        after = [s for s in seen if s[0] > times[1][1]]
        check(after and all(s[2] == 200 for s in after), f"{server.name}: after the restart all is as before ({len(after)} requests)")
        said = open(log).read()
        if bad:
            check("database_unavailable" in said, f"{server.name}: the log says why: {said[-600:]}")
        check("crash" not in said.lower() and site.poll() is None, f"{server.name}: no process went down")
        print(f"note: {server.name}: {len(good)} answered, {len(bad)} refused while the server was away")
    finally:
        site.terminate()
        try:
            site.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            site.kill()
            site.wait()
        shutil.rmtree(folder, ignore_errors=True)


def main():
    ran = 0
    for name, kind in SERVERS.items():
        try:
            with kind() as server:
                run(server)
                ran += 1
        except Missing as why:
            print(f"skipped {name}: {why}")
    if not ran:
        return 77
    return closing()


if __name__ == "__main__":
    sys.exit(main())
