"""databases: servers of PostgreSQL and MariaDB, started on free ports in throw-away folders and stopped by their ids."""
import ctypes, glob, os, pwd, shutil, signal, socket, subprocess, tempfile, time

PATIENCE = 60.0
PRCTL = ctypes.CDLL(None).prctl


class Missing(Exception):
    """The server's programs are not installed."""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def find(*names):
    folders = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda p: [int(w) if w.isdigit() else 0 for w in p.split("/")], reverse=True)
    for name in names:
        for folder in folders + os.environ.get("PATH", "").split(":") + ["/usr/sbin", "/usr/local/bin", "/usr/local/sbin"]:
            path = os.path.join(folder, name)
            if os.access(path, os.X_OK):
                return os.path.realpath(path)
    raise Missing(f"{names[0]} is not installed")


def other_user():
    """Neither server runs as root: whom to become, or None."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "mysql", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            pass
    raise Missing("there is no user to run a server as")


def memory():
    """A folder in memory with room for a server, or None: the usual one."""
    try:
        found = os.statvfs("/dev/shm")
    except OSError:
        return None
    return "/dev/shm" if found.f_bavail * found.f_frsize > 2 << 30 and os.access("/dev/shm", os.W_OK) else None


class DatabaseServer:
    def __init__(self):
        self.port = free_port()
        self.user = other_user()
        self.folder = tempfile.mkdtemp(prefix="clef-db-", dir=memory())
        self.data = os.path.join(self.folder, "data")
        self.process = None
        if self.user:
            os.chown(self.folder, self.user.pw_uid, self.user.pw_gid)
        try:
            self.prepare()
            self.start()
        except BaseException:
            self.clean()
            raise

    def become(self):
        """Arguments for subprocess: the other user, a group of its own."""
        words = {"cwd": self.folder, "start_new_session": True, "stdin": subprocess.DEVNULL}
        if self.user:
            words.update(user=self.user.pw_uid, group=self.user.pw_gid, extra_groups=[])
        return words

    def run(self, *words):
        p = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **self.become())
        if p.returncode:
            raise RuntimeError(f"{words[0]} failed: {p.stdout[-500:]}")

    def die_with(self):
        """In the new process: it ends when the one that started it is killed."""
        PRCTL(1, int(self.quick), 0, 0, 0)  # PR_SET_PDEATHSIG
        if os.getppid() != self.parent:
            os._exit(1)

    def start(self):
        self.log = open(os.path.join(self.folder, "log"), "ab")
        self.parent = os.getpid()
        self.process = subprocess.Popen(self.command(), stdout=self.log, stderr=self.log, preexec_fn=self.die_with, **self.become())
        end = time.monotonic() + PATIENCE
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > end:
                with open(self.log.name, errors="replace") as log:
                    raise RuntimeError(f"the server did not start: {log.read()[-800:]}")
            time.sleep(0.05)

    def answers(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            return True
        except OSError:
            return False

    def stop(self, how=signal.SIGTERM):
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None

    def clean(self):
        self.stop(self.quick)
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.clean()


class PostgreSQL(DatabaseServer):
    name = "postgresql"
    variable = "CLEF_TEST_POSTGRESQL"
    quick = signal.SIGINT

    def prepare(self):
        self.run(find("initdb"), "-D", self.data, "-U", "clef", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")

    def command(self):
        words = [find("postgres"), "-D", self.data, "-p", str(self.port), "-h", "127.0.0.1", "-k", self.folder]
        for option in ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0", "autovacuum=off",
                       "max_connections=200", "shared_buffers=64MB", "max_prepared_transactions=10"):
            words += ["-c", option]
        return words

    def answers(self):
        # The port is open before the server takes connections.
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as s:
                startup = b"\0\3\0\0user\0clef\0database\0postgres\0\0"
                s.sendall((len(startup) + 4).to_bytes(4, "big") + startup)
                return s.recv(1) == b"R"
        except OSError:
            return False

    @property
    def url(self):
        return f"postgresql://clef@127.0.0.1:{self.port}/postgres"


class MariaDB(DatabaseServer):
    name = "mariadb"
    variable = "CLEF_TEST_MARIADB"
    quick = signal.SIGKILL
    zones = False

    def prepare(self):
        install = find("mariadb-install-db", "mysql_install_db")
        self.run(install, "--no-defaults", f"--datadir={self.data}", "--auth-root-authentication-method=normal", "--skip-test-db")

    def command(self):
        return [find("mariadbd", "mysqld"), "--no-defaults", f"--datadir={self.data}", f"--port={self.port}", "--bind-address=127.0.0.1",
                f"--socket={self.folder}/socket", f"--pid-file={self.folder}/pid", "--innodb-flush-log-at-trx-commit=0",
                "--innodb-buffer-pool-size=64M", "--character-set-server=utf8mb4", "--skip-name-resolve", "--max-connections=200"]

    @property
    def url(self):
        return f"mariadb://root@127.0.0.1:{self.port}/test"

    def start(self):
        super().start()
        client = find("mariadb", "mysql")
        self.run(client, "--no-defaults", "-h", "127.0.0.1", "-P", str(self.port), "-u", "root", "-e", "CREATE DATABASE IF NOT EXISTS test")
        if not self.zones:  # dates in time zones are computed by the server
            tool = find("mariadb-tzinfo-to-sql", "mysql_tzinfo_to_sql")
            sql = subprocess.run([tool, "/usr/share/zoneinfo"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout
            subprocess.run([client, "--no-defaults", "-h", "127.0.0.1", "-P", str(self.port), "-u", "root", "mysql"], input=sql, check=True,
                           stdout=subprocess.DEVNULL)
            self.zones = True


SERVERS = {"postgresql": PostgreSQL, "mariadb": MariaDB}
