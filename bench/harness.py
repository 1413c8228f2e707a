"""harness.py: what the benches share: servers side by side, load from the other core, interleaved rounds, instructions.

A bench is an executable script beside this file. It prints a table and ends with one line of figures. Throughput is
compared only inside one run: every round measures each server once, in turn; medians are quoted, and ratios to the first.
Beside the rate by the clock stands the rate by the server's own processor time, which says the same on a machine of its own
and can still be compared on one that others use.
The server is pinned to the first core, the client to the second. Instructions are those of user mode in the whole server
process, per request: by `perf stat` where the machine counts them, else by callgrind on fixed runs of two lengths, whose
difference is divided by the difference in requests (so that start-up does not count).
"""
import os
import re
import resource
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

BUILD = os.environ.get("BUILD", "build/release")
HERE = os.path.dirname(os.path.abspath(__file__))
WORK = tempfile.mkdtemp(prefix="clef-bench-")
CC = os.environ.get("CC", "cc")

# Servers and clients inherit it: 10,000 connections are 10,000 descriptors on either side.
FILES = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, FILES))


def compile_c(name):
    """bench/NAME.c as a program of its own."""
    out = os.path.join(WORK, name)
    subprocess.run([CC, "-O2", os.path.join(HERE, name + ".c"), "-o", out], check=True)
    return out


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def have(command):
    return subprocess.run(["sh", "-c", "command -v " + command], stdout=subprocess.DEVNULL).returncode == 0


class Server:
    """A program that answers on a port: `command` is a function of the port; `path` is what is asked for."""

    def __init__(self, name, command, path="/plaintext", env=None, wrap=(), cpu="0"):
        self.name, self.path = name, path
        self.log = open(os.path.join(WORK, "server.log"), "ab")
        # A free port may be somebody else's by the time that the server asks for it.
        for _ in range(3):
            self.port = free_port()
            argv = ["taskset", "-c", cpu, *wrap, *command(self.port)]
            self.process = subprocess.Popen(argv, stdout=self.log, stderr=self.log, cwd=WORK, start_new_session=True,
                                            env={**os.environ, **(env or {})})
            if self.answers():
                return
            self.end()
        self.log.close()
        sys.exit(f"bench: {name} does not answer; its output is in {self.log.name}")

    def answers(self):
        deadline = time.time() + 120
        while time.time() < deadline and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return True
            except OSError:
                time.sleep(0.01)
        return False

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()

    def stop(self):
        self.end()
        self.log.close()

    def tree(self):
        """The process and its descendants."""
        found, todo = [], [self.process.pid]
        while todo:
            pid = todo.pop()
            found.append(pid)
            try:
                with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
                    todo += [int(word) for word in f.read().split()]
            except OSError:
                pass
        return found

    def memory(self):
        """Resident, and private (not shared with anybody) bytes of the last process of the tree: the worker."""
        pid = self.tree()[-1]
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as f:
            fields = dict(re.findall(r"^(\w+):\s+(\d+) kB", f.read(), re.M))
        return int(fields["Rss"]) * 1024, (int(fields["Private_Clean"]) + int(fields["Private_Dirty"])) * 1024

    def work(self):
        """Seconds of processor time that the process and its descendants have used."""
        total = 0
        for pid in self.tree():
            with open(f"/proc/{pid}/schedstat", encoding="ascii") as f:
                total += int(f.read().split()[0])
        return total / 1e9

    def ask(self, connections, depth, seconds, requests, cpu):
        """The load generator's fields: requests, seconds, requests/s, errors, p50 and p99 in us."""
        argv = ["taskset", "-c", cpu, LOAD, "127.0.0.1", str(self.port), self.path, str(connections), str(depth),
                str(seconds), str(requests)]
        out = subprocess.run(argv, stdout=subprocess.PIPE, text=True)
        fields = out.stdout.split()
        if len(fields) != 6 or fields[3] != "0":
            sys.exit(f"bench: {self.name}: the load generator met errors: {out.stdout}")
        return [float(field) for field in fields]

    def load(self, connections=64, depth=1, seconds=2.0, requests=0, cpu="1"):
        """(requests/s, median and 99th percentile of a batch's time in us)."""
        fields = self.ask(connections, depth, seconds, requests, cpu)
        return fields[2], int(fields[4]), int(fields[5])

    def rates(self, connections=64, depth=1, seconds=2.0):
        """(requests/s, requests per second of the server's own processor time)."""
        before = self.work()
        fields = self.ask(connections, depth, seconds, 0, "1")
        return fields[2], fields[0] / (self.work() - before)


LOAD = compile_c("load")


def clef(profile, program="clef-bench"):
    """The example `bench` under one of its settings profiles, with one worker."""
    def command(port):
        return [os.path.abspath(os.path.join(BUILD, "examples/bench", program)), "serve", "--workers", "1", "--listen",
                f"127.0.0.1:{port}", "--settings", profile]
    return command


def minimal():
    program = compile_c("minimal")
    return lambda port: [program, str(port)]


def nginx(location):
    """nginx with one worker; `location` is the body of its only location block."""
    def command(port):
        folder = tempfile.mkdtemp(dir=WORK)
        config = os.path.join(folder, "nginx.conf")
        with open(config, "w", encoding="ascii") as f:
            f.write(f"""{"user root;" if os.geteuid() == 0 else ""} daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 16384; }}
http {{ access_log off; keepalive_requests 1000000000; keepalive_timeout 600; default_type text/plain; sendfile on;
  client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
  uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
  server {{ listen 127.0.0.1:{port}; location / {{ {location} }} }} }}
""")
        return ["nginx", "-c", config, "-p", folder]
    return command


def node(body):
    def command(port):
        return ["node", "-e", "require('http').createServer((q, s) => { " + body + f" }}).listen({port}, '127.0.0.1')"]
    return command


def rounds(makers, measure, count=3):
    """measure(server) for every server in turn, `count` times; {name: [figure, ...]}. makers: {name: () -> Server}."""
    servers = {name: make() for name, make in makers.items()}
    figures = {name: [] for name in servers}
    try:
        for _ in range(count):
            for name, server in servers.items():
                figures[name].append(measure(server))
    finally:
        for server in servers.values():
            server.stop()
    return figures


def ratios(figures):
    """{name: the median of its ratios to the first server, round by round}."""
    first = next(iter(figures.values()))
    return {name: statistics.median(a / b for a, b in zip(rates, first)) for name, rates in figures.items()}


def print_rates(title, figures, unit="/s"):
    """A row a server: its median, the spread, and its ratio to the first."""
    print(title)
    for name, ratio in ratios(figures).items():
        rates = figures[name]
        print(f"  {name:<28} {statistics.median(rates):>12,.0f} {unit}  ({min(rates):,.0f} to {max(rates):,.0f})"
              f"  x{ratio:.2f}")
    sys.stdout.flush()


def print_both(title, makers, connections, depth=1):
    """Two tables of the same rounds: by the clock, and by the processor time that the servers used, which moves less with
    what else the machine does. Returns both."""
    pairs = rounds(makers, lambda s: s.rates(connections, depth))
    clock = {name: [pair[0] for pair in row] for name, row in pairs.items()}
    work = {name: [pair[1] for pair in row] for name, row in pairs.items()}
    print_rates(title, clock)
    print_rates("  by a second of the server's processor time:", work)
    return clock, work


def perf_counts():
    out = subprocess.run(["perf", "stat", "-e", "instructions:u", "true"], stderr=subprocess.PIPE, text=True) \
        if have("perf") else None
    return bool(out) and out.returncode == 0 and "not supported" not in out.stderr


PERF = perf_counts()


def instructions(name, command, path="/plaintext", env=None, depth=1, connections=8, few=2000, many=12000):
    """User-mode instructions per request of the whole server process."""
    if PERF:
        server = Server(name, command, path, env)
        try:
            server.load(connections, depth, requests=few)
            out = os.path.join(WORK, "perf.txt")
            counter = subprocess.Popen(["perf", "stat", "-x,", "-e", "instructions:u", "-o", out, "-p",
                                        ",".join(map(str, server.tree()))])
            time.sleep(0.3)
            n = 20 * (many - few)
            server.load(connections, depth, requests=n)
            counter.send_signal(signal.SIGINT)
            counter.wait()
        finally:
            server.stop()
        with open(out, encoding="ascii") as f:
            return int(re.search(r"^(\d+),", f.read(), re.M).group(1)) / n
    totals = []
    for n in few, many:
        folder = tempfile.mkdtemp(dir=WORK)
        wrap = ["valgrind", "--tool=callgrind", "--trace-children=yes", f"--callgrind-out-file={folder}/out.%p"]
        server = Server(name, command, path, env, wrap)
        try:
            server.load(connections, depth, requests=n)
        finally:
            server.stop()
        total = 0
        for file in os.listdir(folder):
            with open(os.path.join(folder, file), encoding="latin-1") as f:
                found = re.search(r"^(?:totals|summary): (\d+)", f.read(), re.M)
                total += int(found.group(1)) if found else 0
        totals.append(total)
    return (totals[1] - totals[0]) / (many - few)


def how():
    return "perf stat" if PERF else "callgrind"
