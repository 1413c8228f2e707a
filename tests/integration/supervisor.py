#!/usr/bin/env python3
"""The supervisor by its promises: programs are killed, replaced and stopped under load, and no request may fail.

    tests/integration/supervisor.py [--full] [PART OF A TEST'S NAME]

--full: the upgrades under load go on until 100,000 requests were answered."""
import contextlib, os, re, signal, socket, stat, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from serving import *

PROGRAM = os.path.join(BUILD, "tests/clef-tests-supervised")
FULL = "--full" in sys.argv
REQUESTS = 100_000 if FULL else 4_000
SANITISED = "dev" in os.path.basename(BUILD) or "asan" in BUILD


@contextlib.contextmanager
def server(*options, version="v1", listen=None, ready=True, **more):
    port = free_port()
    s = Server(PROGRAM, [f"listen={listen or f'127.0.0.1:{port}'}", *options], files={"version": version}, **more)
    s.at = ("127.0.0.1", port)
    try:
        if ready:
            s.wait_said("serving with")
        yield s
    finally:
        s.clean()


def fields(answer):
    pid, generation, version, inode, seat, listeners = answer.body.split()
    return {"pid": int(pid), "generation": int(generation), "version": version, "inode": int(inode), "seat": int(seat),
            "listeners": int(listeners)}


def check(condition, what):
    if not condition:
        raise AssertionError(what)


def on_each_worker(s, count):
    """A kept connection to each worker, by process id."""
    found = {}
    for _ in range(400):
        c = Connection(s.at)
        pid = fields(c.ask())["pid"]
        if pid in found:
            c.close()
        found.setdefault(pid, c)
        if len(found) == count:
            return found
    raise AssertionError(f"only {len(found)} of {count} workers answer")


def test_graceful_stop_finishes_what_runs():
    with server("grace=300") as s:
        slow, idle = Connection(s.at), Connection(s.at)
        idle.ask()
        slow.send("/sleep/1000")
        time.sleep(0.3)
        s.kill(signal.SIGTERM)
        answer = slow.read()
        check(answer.status == 200 and answer.closes, "the slow request is answered, with Connection: close")
        check(s.process.wait(PATIENCE) == 0, "status 0")
        check(idle.socket.recv(1) == b"", "the idle connection is closed")
        with contextlib.suppress(ConnectionRefusedError):
            Connection(s.at)
            raise AssertionError("still listening")


def test_graceful_stop_answers_on_idle_connections_in_the_grace():
    with server("grace=3000") as s:
        idle = Connection(s.at)
        check(not idle.ask().closes, "kept before")
        s.kill(signal.SIGTERM)
        s.wait_said("stopping on SIGTERM")
        time.sleep(0.3)
        answer = idle.ask()
        check(answer.status == 200 and answer.closes, "answered, with Connection: close")


def test_graceful_stop_takes_what_has_queued():
    with server("workers=1", "grace=500") as s:
        (pid,) = s.workers()
        os.kill(pid, signal.SIGSTOP)
        queued = [Connection(s.at) for _ in range(50)]
        for c in queued:
            c.send()
        s.kill(signal.SIGTERM)
        time.sleep(0.2)
        os.kill(pid, signal.SIGCONT)
        check(all(c.read().status == 200 for c in queued), "all that queued are answered")


def begins(address):
    """Can a client get a connection now, accepted or queued?"""
    try:
        Connection(address, timeout=0.3).close()
        return True
    except (TimeoutError, ConnectionRefusedError, FileNotFoundError):
        return False


def no_connection_begins_in_a_graceful_stop(listen=None):
    """What came too late finds nobody, instead of a queue that is reset when the listener is closed."""
    with server("workers=1", "grace=500", listen=listen) as s:
        at = "\0" + listen[6:] if listen else s.at # a name without a file: removing the file is not what does it
        (pid,) = s.workers()
        os.kill(pid, signal.SIGSTOP)
        queued = [Connection(at) for _ in range(10)]
        check(begins(at), "the queue takes connections before the stop")
        s.kill(signal.SIGTERM)
        s.wait_said("stopping on SIGTERM")
        time.sleep(0.1)
        check(not begins(at), "no connection can begin any more")
        for c in queued:
            c.send()
        os.kill(pid, signal.SIGCONT)
        check(all(c.read().status == 200 for c in queued), "all that had begun are answered")


def test_no_connection_begins_in_a_graceful_stop():
    no_connection_begins_in_a_graceful_stop()


def test_no_connection_begins_in_a_graceful_stop_on_a_unix_socket():
    no_connection_begins_in_a_graceful_stop("unix:@clef-test-stop-%d" % os.getpid())


def test_graceful_stop_has_a_limit():
    with server("limit=700", "grace=100") as s:
        c = Connection(s.at)
        c.send("/sleep/60000")
        time.sleep(0.2)
        began = time.monotonic()
        check(s.end() == 0, "status 0")
        check(0.5 < time.monotonic() - began < 3, f"ends at its limit: {time.monotonic() - began:.1f} s")


def test_a_hanging_worker_is_killed_at_the_limit():
    with server("workers=1", "limit=500", "grace=100") as s:
        c = Connection(s.at)
        c.send("/hang")
        time.sleep(0.2)
        s.end()
        check("did not leave in time and is killed" in s.said(), "says so")


def test_quick_stop():
    for number in signal.SIGINT, signal.SIGQUIT:
        with server() as s:
            c = Connection(s.at)
            c.send("/sleep/30000")
            time.sleep(0.2)
            began = time.monotonic()
            check(s.end(number) == 0, "status 0")
            check(time.monotonic() - began < 3, "at once")


def test_quick_stop_of_a_graceful_one():
    with server() as s:
        c = Connection(s.at)
        c.send("/sleep/30000")
        time.sleep(0.2)
        s.kill(signal.SIGTERM)
        s.wait_said("stopping on SIGTERM")
        began = time.monotonic()
        s.end(signal.SIGINT)
        check(time.monotonic() - began < 3, "at once")


def test_terminate_to_the_whole_group_is_graceful():
    """As systemd does by default: the workers get the signal twice."""
    with server("grace=300") as s:
        slow = Connection(s.at)
        slow.send("/sleep/1000")
        time.sleep(0.3)
        for pid in [s.pid, *s.workers()]:
            os.kill(pid, signal.SIGTERM)
        check(slow.read().status == 200, "answered")
        check(s.process.wait(PATIENCE) == 0, "status 0")


def test_killed_worker_fails_nobody_else():
    with server("workers=3") as s:
        kept = on_each_worker(s, 3)
        victim = next(iter(kept))
        kept.pop(victim).close()
        os.kill(victim, signal.SIGKILL)
        end, answers = time.monotonic() + 1.5, 0
        while time.monotonic() < end:
            for pid, c in kept.items():
                check(fields(c.ask())["pid"] == pid, "the same worker answers")
                answers += 1
        s.wait_said("died: it was ended by signal 9")
        s.wait_said("is ready", 4)
        on_each_worker(s, 3)
        return f"{answers} requests"


def test_killed_worker_leaves_its_queue_to_the_next():
    with server("workers=1") as s:
        (pid,) = s.workers()
        os.kill(pid, signal.SIGSTOP)
        queued = [Connection(s.at) for _ in range(50)]
        for c in queued:
            c.send()
        os.kill(pid, signal.SIGKILL)
        check(all(c.read().status == 200 for c in queued), "the next worker answers all")


def test_kills_under_load():
    with server("workers=3") as s:
        load = Load(s.at, 9)
        load.start()
        kills = 4
        for _ in range(kills):
            time.sleep(0.5)
            ready = s.said().count("is ready")
            os.kill(s.workers()[0], signal.SIGKILL)
            s.wait_said("is ready", ready + 1)
        answers, failures = load.stop()
        # A client has one request in flight at a time, so a kill can fail at most the clients of that worker.
        check(len(failures) <= kills * 9, f"{len(failures)} failures: {failures[:3]}")
        check(not any("refused" in f for f in failures), f"a refused connection: {failures}")
        return f"{answers} requests, {len(failures)} cut by {kills} kills"


def upgrade(times, change, workers="workers=3"):
    with server(workers, "grace=500") as s:
        load = Load(s.at, 8)
        load.start()
        done = 0
        while done < times or load.answers < REQUESTS:
            time.sleep(0.3)
            done += 1
            change(s, done)
            s.kill(signal.SIGHUP)
            s.wait_said("reload done", done)
        answers, failures = load.stop()
        check(s.process.poll() is None, "the same process goes on")
        check(not failures, f"{len(failures)} of {answers + len(failures)} requests failed: {sorted(set(failures))[:3]}")
        return s, load, f"0 of {answers} requests failed in {done} reloads"


def test_binary_upgrade_under_load():
    def change(s, n):
        s.install(PROGRAM)
        s.write("version", f"v{n + 1}")

    s, load, said = upgrade(2, change)
    inodes = {body.split()[3] for body in load.bodies}
    versions = {body.split()[2] for body in load.bodies}
    check(len(inodes) >= 2 and {"v1", "v2", "v3"} <= versions, f"new programs served: {inodes} {versions}")
    return said


def test_fewer_and_more_workers_under_load():
    _, load, said = upgrade(4, lambda s, n: s.write("version", f"v1 {(1, 3, 2, 4)[n % 4]}"))
    check(max(int(body.split()[5]) for body in load.bodies) >= 3, "spare listeners went to the seats that are left")
    return said


def refused(change, why):
    with server() as s:
        change(s)
        s.kill(signal.SIGHUP)
        s.wait_said("reload refused")
        check(why in s.said(), f"the log says why ({why}): {s.said()}")
        answer = fields(ask(s.at))
        check(answer["version"] == "v1" and answer["generation"] == 1, "the old workers serve")
        s.install(PROGRAM)
        s.write("version", "v2")
        s.kill(signal.SIGHUP)
        s.wait_said("reload done")
        check(fields(ask(s.at))["version"] == "v2", "the next reload passes")


def test_bad_settings_are_refused():
    refused(lambda s: s.write("version", "v2 bad"), "the settings are bad")


def test_a_program_that_does_not_run_is_refused():
    refused(lambda s: s.install("/bin/false"), "the check run ended with status 1")


def test_a_program_that_does_not_serve_is_refused():
    refused(lambda s: s.install("/bin/true"), "without having come to the point")


def test_a_file_that_is_no_program_is_refused():
    def change(s):
        s.install("/etc/hostname")
        os.chmod(s.program, 0o644)

    refused(change, "cannot be run: Permission denied")


def test_workers_that_die_leave_the_old_ones_serving():
    with server() as s:
        s.write("version", "v2 die")
        s.kill(signal.SIGHUP)
        s.wait_said("the next one starts in", 2)
        for _ in range(10):
            check(fields(ask(s.at))["generation"] == 1, "the old workers serve")
        s.write("version", "v3")
        s.kill(signal.SIGHUP)
        s.wait_said("reload done: generation 3")
        wait_for("the old ones leave", lambda: len(s.workers()) == 2)
        check(fields(ask(s.at))["version"] == "v3", "mended")


def test_a_program_whose_workers_never_get_ready_ends():
    with server(version="v1 die", ready=False) as s:
        check(s.process.wait(PATIENCE) == 1, "status 1")
        check("no worker has become ready" in s.said(), "says so")


def test_crash_loop_is_slowed():
    with server("workers=1") as s:
        for _ in range(3):
            ready = s.said().count("is ready")
            with contextlib.suppress(OSError):
                ask(s.at, "/crash")
            s.wait_said("is ready", ready + 1)
        check("signal 6 (Aborted)" in s.said(), "the signal is named")
        check("is the 3. on its seat to end within 5 seconds; the next one starts in 500 ms" in s.said(), "slowed")


def test_worker_replaced_after_its_requests():
    with server("workers=2", "requests=300", "grace=300") as s:
        load = Load(s.at, 4)
        load.start()
        s.wait_said("its limit of requests is reached", 2)
        s.wait_said("left: it ended with status 0", 2)
        answers, failures = load.stop()
        check(not failures, f"failures: {failures[:3]}")
        return f"0 of {answers} requests failed"


def test_worker_replaced_past_its_memory():
    limit = 400 if SANITISED else 60
    with server("workers=1", f"memory={limit << 20}", "grace=300") as s:
        (before,) = s.workers()
        for _ in range(limit // 64 + 1):
            ask(s.at, "/hog")
        s.wait_said("its limit of memory is reached")
        s.wait_said("left: it ended with status 0")
        check(fields(ask(s.at))["pid"] != before, "another worker serves")


def test_worker_replaced_after_a_crash_it_survived():
    with server("workers=1", "grace=300") as s:
        before = fields(ask(s.at, "/limp"))["pid"]
        s.wait_said("is replaced: it survived a crash")
        s.wait_said("left: it ended with status 0")
        check(fields(ask(s.at))["pid"] != before, "another worker serves")


def test_replacement_is_ready_before_the_old_one_goes():
    with server("workers=1", "grace=300") as s:
        ask(s.at, "/limp")
        s.wait_said("left: it ended")
        said = s.said()
        check(said.index("is ready", said.index("is replaced")) < said.index("left: it ended"), said)


def test_unix_socket():
    with server(listen="unix:site.sock") as s:
        path = os.path.join(s.folder, "site.sock")
        check(ask(path).status == 200, "answers")
        s.end()
        check(not os.path.exists(path), "the file is gone")


def test_unix_socket_mode_and_stale_file():
    with server("mode=384", listen="unix:site.sock") as s:
        path = os.path.join(s.folder, "site.sock")
        check(stat.S_IMODE(os.stat(path).st_mode) == 0o600, "its mode")
        workers = s.workers()
        s.process.kill()
        s.process.wait()
        check(os.path.exists(path), "left behind")
        wait_for("the workers leave", lambda: not any(alive(pid) for pid in workers))
        again = Server(PROGRAM, ["listen=unix:" + path])
        try:
            again.wait_said("serving with")
            check(ask(path).status == 200, "answers on the same path")
        finally:
            again.clean()


def test_unix_socket_reload_under_load():
    with server("workers=3", "grace=300", listen="unix:site.sock") as s:
        path = os.path.join(s.folder, "site.sock")
        load = Load(path, 8)
        load.start()
        for n in range(2):
            time.sleep(0.5)
            s.kill(signal.SIGHUP)
            s.wait_said("reload done", n + 1)
        answers, failures = load.stop()
        check(not failures, f"failures: {failures[:3]}")
        s.end()
        check(not os.path.exists(path), "the file is removed by the program that took over")
        return f"0 of {answers} requests failed"


def test_port_in_use():
    with server() as s:
        second = Server(PROGRAM, [f"listen=127.0.0.1:{s.at[1]}"])
        try:
            check(second.process.wait(PATIENCE) == 1, "status 1")
            check(f"cannot listen on 127.0.0.1:{s.at[1]}: Address already in use" in second.said(), second.said())
            check("--listen" in second.said(), "names the way out")
        finally:
            second.clean()


def test_addresses_change_at_a_reload():
    with server("grace=100") as s:
        other = ("127.0.0.1", free_port())
        s.write("version", f"v2 +127.0.0.1:{other[1]}")
        s.kill(signal.SIGHUP)
        s.wait_said("reload done: generation 2")
        check(fields(ask(other))["version"] == "v2", "the new address answers")
        s.write("version", "v3")
        s.kill(signal.SIGHUP)
        s.wait_said("reload done: generation 3")

        def gone():
            try:
                Connection(other).close()
            except ConnectionRefusedError:
                return True

        wait_for("the address is gone", gone)
        check(fields(ask(s.at))["version"] == "v3", "the first one answers")


def test_a_new_address_in_use_is_refused():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        refused(lambda s: s.write("version", f"v2 +127.0.0.1:{taken.getsockname()[1]}"), "Address already in use")


class Manager:
    """The service manager's end of NOTIFY_SOCKET."""

    def __init__(self, folder):
        self.path = os.path.join(folder, "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.settimeout(PATIENCE)

    def next(self, beginning):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            text = self.socket.recv(4096).decode()
            if text.startswith(beginning):
                return text
        raise AssertionError(f"no {beginning}")


def test_notify():
    folder = tempfile.mkdtemp(prefix="clef-notify-")
    try:
        manager = Manager(folder)
        with server("grace=200", environment={"NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "400000"}) as s:
            check("STATUS=serving with 2 workers" in manager.next("READY=1"), "status")
            manager.next("WATCHDOG=1")
            manager.next("WATCHDOG=1")
            before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
            s.kill(signal.SIGHUP)
            text = manager.next("RELOADING=1")
            at = int(re.search(r"MONOTONIC_USEC=(\d+)", text).group(1))
            check(before <= at <= time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000, "the time of the reload")
            manager.next("READY=1")
            s.write("version", "v2 bad")
            s.kill(signal.SIGHUP)
            manager.next("RELOADING=1")
            check("refused" in manager.next("READY=1"), "a refused reload says READY again")
            s.kill(signal.SIGTERM)
            manager.next("STOPPING=1")
    finally:
        shutil.rmtree(folder)


def test_sockets_from_systemd():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        fd = listener.fileno()

        # The variables must hold the child's id, so a shell sets them.
        port = listener.getsockname()[1]
        script = 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" "$@"'
        folder = tempfile.mkdtemp(prefix="clef-listen-")
        program = os.path.join(folder, "program")
        shutil.copy(PROGRAM, program)
        with open(os.path.join(folder, "version"), "w") as f:
            f.write("v1")
        log = open(os.path.join(folder, "log"), "wb+")
        process = subprocess.Popen(["/bin/sh", "-c", script, program, f"listen=127.0.0.1:{free_port()}", "grace=200"], cwd=folder,
                                   stdout=log, stderr=log, pass_fds=(3,) if fd == 3 else (fd,), close_fds=fd == 3,
                                   preexec_fn=lambda: os.dup2(fd, 3) if fd != 3 else None)
        try:
            pids = {fields(ask(("127.0.0.1", port)))["pid"] for _ in range(20)}
            check(process.pid not in pids, "workers answer on the socket that was passed")
            os.kill(process.pid, signal.SIGHUP)
            wait_for("the reload", lambda: fields(ask(("127.0.0.1", port)))["generation"] == 2)
            os.kill(process.pid, signal.SIGTERM)
            check(process.wait(PATIENCE) == 0, "status 0")
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
            log.close()
            shutil.rmtree(folder)


def test_supervisor_killed_workers_leave():
    with server("grace=200") as s:
        slow = Connection(s.at)
        slow.send("/sleep/800")
        time.sleep(0.2)
        workers = s.workers()
        check(len(workers) == 2, f"two workers: {workers}")
        s.process.kill()
        s.process.wait()
        check(slow.read().status == 200, "what runs is finished")
        wait_for("the workers leave", lambda: not any(alive(pid) for pid in workers))


def test_reopen():
    with server() as s:
        s.kill(signal.SIGUSR1)
        s.wait_said("logs are opened anew")
        s.wait_said("reopens", 2)


def test_no_descriptor_leaks_into_workers():
    with server("workers=3", "grace=200") as s:
        for n in range(2):
            s.kill(signal.SIGHUP)
            s.wait_said("reload done", n + 1)
        wait_for("the old ones leave", lambda: len(s.workers()) == 3)
        for pid in s.workers():
            links = [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")]
            sockets = sum(link.startswith("socket:") for link in links)
            check(sockets == 2, f"one listener and the channel: {links}")
        links = [os.readlink(f"/proc/{s.pid}/fd/{fd}") for fd in os.listdir(f"/proc/{s.pid}/fd")]
        check(sum(link.startswith("socket:") for link in links) == 6, f"3 listeners and 3 channels: {links}")
        check(not any(link.startswith("pipe:") for link in links), f"no pipe of a check run: {links}")


if __name__ == "__main__":
    words = [word for word in sys.argv[1:] if not word.startswith("-")]
    tests = [(name, test) for name, test in globals().items() if name.startswith("test_")]
    sys.exit(run(tests, words[0] if words else ""))
