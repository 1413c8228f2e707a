"""serving: programs that serve, started for a test on free ports in throw-away folders, and a client that counts failures."""
import os, re, select, shutil, signal, socket, subprocess, sys, tempfile, threading, time

BUILD = os.path.abspath(os.environ.get("BUILD", "build/dev"))
PATIENCE = 20.0


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(what, condition, seconds=PATIENCE):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"{what}: not within {seconds} s")


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def closes(self):
        return "close" in self.headers.get("connection", "").lower()


class Connection:
    """One connection that asks and reads one answer at a time."""

    def __init__(self, address, timeout=PATIENCE):
        if isinstance(address, str):
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.settimeout(timeout)
            self.socket.connect(address)
        else:
            self.socket = socket.create_connection(address, timeout=timeout)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.data = b""

    def close(self):
        self.socket.close()

    def send(self, path="/", extra=""):
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{extra}\r\n".encode())

    def more(self):
        piece = self.socket.recv(65536)
        if not piece:
            raise ConnectionError(f"closed with {len(self.data)} bytes of an answer")
        self.data += piece

    def read(self):
        while b"\r\n\r\n" not in self.data:
            self.more()
        head, self.data = self.data.split(b"\r\n\r\n", 1)
        lines = head.decode("latin-1").split("\r\n")
        headers = {n.lower(): v.strip() for n, v in (line.split(":", 1) for line in lines[1:])}
        length = int(headers.get("content-length", 0))
        while len(self.data) < length:
            self.more()
        body, self.data = self.data[:length], self.data[length:]
        return Answer(int(lines[0].split()[1]), headers, body.decode("utf-8", "replace"))

    def ask(self, path="/", extra=""):
        self.send(path, extra)
        return self.read()


def ask(address, path="/", extra="", timeout=PATIENCE):
    c = Connection(address, timeout)
    try:
        return c.ask(path, extra)
    finally:
        c.close()


class Load(threading.Thread):
    """Clients without pause: every other request on a kept connection, every other on one of its own. Failures are kept."""

    def __init__(self, address, clients=8, path="/"):
        super().__init__(daemon=True)
        self.address, self.path, self.ending = address, path, False
        self.answers, self.failures, self.bodies = 0, [], set()
        self.lock = threading.Lock()
        self.clients = [threading.Thread(target=self.client, args=(i % 4 != 3,), daemon=True) for i in range(clients)]

    def client(self, keep):
        connection, answers, bodies = None, 0, set()
        while not self.ending:
            try:
                if connection is None:
                    connection = Connection(self.address)
                answer = connection.ask(self.path)
                if answer.status != 200:
                    raise ConnectionError(f"status {answer.status}")
                answers += 1
                bodies.add(answer.body)
                if answer.closes or not keep:
                    connection.close()
                    connection = None
            except OSError as e:
                with self.lock:
                    self.failures.append(f"{type(e).__name__}: {e}")
                if connection:
                    connection.close()
                connection = None
            if answers >= 50:
                with self.lock:
                    self.answers += answers
                    self.bodies |= bodies
                answers, bodies = 0, set()
        with self.lock:
            self.answers += answers
            self.bodies |= bodies

    def run(self):
        for c in self.clients:
            c.start()
        for c in self.clients:
            c.join()

    def stop(self):
        self.ending = True
        self.join(PATIENCE * 2)
        return self.answers, self.failures


class Server:
    """A program in a folder of its own, ended by its process id."""

    def __init__(self, program, arguments=(), environment=None, files=None, pass_fds=(), before=None):
        self.folder = tempfile.mkdtemp(prefix="clef-serve-")
        self.program = os.path.join(self.folder, "program")
        self.install(program)
        for name, text in (files or {}).items():
            self.write(name, text)
        self.log = os.path.join(self.folder, "log")
        env = {k: v for k, v in os.environ.items() if not k.startswith(("CLEF_", "LISTEN_", "NOTIFY_"))}
        env.update(environment or {})
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen([self.program, *arguments], cwd=self.folder, env=env, stdout=log, stderr=log,
                                            stdin=subprocess.DEVNULL, pass_fds=pass_fds, preexec_fn=before)
        self.pid = self.process.pid

    def install(self, program):
        """As an installer does: another file takes the place of the running one."""
        shutil.copy(program, self.program + ".new")
        os.rename(self.program + ".new", self.program)

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w") as f:
            f.write(text)

    def said(self):
        with open(self.log, errors="replace") as f:
            return f.read()

    def wait_said(self, text, times=1, seconds=PATIENCE):
        try:
            return wait_for(f"the log says {text!r}", lambda: self.said().count(text) >= times, seconds)
        except AssertionError:
            sys.stdout.write(self.said())
            raise

    def workers(self):
        try:
            with open(f"/proc/{self.pid}/task/{self.pid}/children") as f:
                return [int(pid) for pid in f.read().split()]
        except OSError:
            return []

    def kill(self, number):
        os.kill(self.pid, number)

    def end(self, number=signal.SIGTERM, seconds=PATIENCE):
        if self.process.poll() is None:
            self.kill(number)
        return self.process.wait(seconds)

    def clean(self):
        workers = self.workers()
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for pid in workers:
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                pass
        shutil.rmtree(self.folder, ignore_errors=True)


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def run(tests, only=""):
    """Runs functions whose names begin with `test_`; ends with the line that ./dev test counts."""
    passed = failed = 0
    for name, test in tests:
        if only not in name:
            continue
        began = time.monotonic()
        try:
            said = test() or ""
            passed += 1
            print(f"ok {name} ({time.monotonic() - began:.1f} s) {said}", flush=True)
        except Exception as e:
            failed += 1
            print(f"FAILED {name}: {type(e).__name__}: {e}", flush=True)
            if os.environ.get("CLEF_TRACE"):
                raise
    print(f"{passed} passed, {failed} failed")
    return failed != 0
