#!/usr/bin/env python3
"""Handlers that crash, under load: each of their requests is answered 500, every other request is answered, and the log has
the stack with file and line.

    tests/integration/crash.py [PART OF A TEST'S NAME]"""
import contextlib, os, re, signal, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from serving import *

PROGRAM = os.path.join(BUILD, "tests/clef-tests-crashing")
SANITISED = "dev" in os.path.basename(BUILD) or "asan" in BUILD
KINDS = {
    "null": "SIGSEGV: write at 0x0",
    "abort": "SIGABRT: aborted",
    "assert": "assertion failed: zero == 1",
    "division": "SIGFPE: integer division by zero",
    "overflow": "stack overflow: the ",
    "call": "SIGSEGV: read at 0x0" if os.uname().machine != "x86_64" else "SIGSEGV: ",
    "free": "AddressSanitizer" if SANITISED else "free(): double free detected",
    "smash": "AddressSanitizer" if SANITISED else "stack smashing detected",
}


@contextlib.contextmanager
def server(workers=2):
    port = free_port()
    s = Server(PROGRAM, [f"127.0.0.1:{port}", str(workers)])
    s.at = ("127.0.0.1", port)
    try:
        s.wait_said("serving with")
        yield s
    finally:
        s.clean()


def check(condition, what):
    if not condition:
        raise AssertionError(what)


def test_each_kind_is_answered_and_traced():
    with server() as s:
        for kind, words in KINDS.items():
            answer = ask(s.at, f"/{kind}")
            check(answer.status == 500 and answer.closes, f"/{kind}: {answer.status}")
            s.wait_said(words)
            # A smashed frame has no way back to who called it.
            s.wait_said(f"{kind}_view at /" if kind != "smash" or SANITISED else "smash_view")
            check(ask(s.at).status == 200, f"the site answers after /{kind}")
        check(re.search(r"null_view at \S*/tests/net/crashing\.c:\d+", s.said()), "file and line")
        check("died" not in s.said(), "no worker has died")
        check(s.end() == 0, "ends as it should")


def test_others_are_served_under_load():
    with server(4) as s:
        load = Load(s.at, clients=6)
        load.start()
        crashed = 0
        end = time.monotonic() + 8
        while time.monotonic() < end:
            for kind in KINDS:
                if SANITISED and kind in ("free", "smash"):
                    continue  # the second report of a process may end it
                answer = ask(s.at, f"/{kind}")
                check(answer.status == 500, f"/{kind}: {answer.status}")
                crashed += 1
                time.sleep(0.05)
        answers, failures = load.stop()
        check(not failures, f"{len(failures)} of {answers} failed: {failures[:3]}")
        check(answers > 200, f"only {answers} answers")
        check("died" not in s.said(), "no worker has died")
        check(s.end() == 0, "ends as it should")
        return f"{crashed} crashes, {answers} other answers"


def test_what_is_under_way_is_finished_and_the_worker_replaced():
    with server(1) as s:
        (first,) = s.workers()
        slow = Connection(s.at)
        slow.send("/slow")
        time.sleep(0.2)
        check(ask(s.at, "/null").status == 500, "answered")
        answer = slow.read()
        check(answer.status == 200 and int(answer.body) == first, "finished by the same worker")
        check(int(ask(s.at).body) != first, "another worker serves")
        wait_for("the old worker leaves", lambda: not alive(first))


def test_several_at_once_in_one_worker():
    with server(1) as s:
        connections = [Connection(s.at) for _ in range(6)]
        for c in connections:
            c.ask()
        for c in connections[:4]:
            c.send("/null")
        for c in connections[4:]:
            c.send("/slow")
        check([c.read().status for c in connections] == [500] * 4 + [200] * 2, "four crash, two are served")


sys.exit(run([(n, f) for n, f in list(globals().items()) if n.startswith("test_")], sys.argv[1] if len(sys.argv) > 1 else ""))
