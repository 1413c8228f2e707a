#!/usr/bin/env python3
"""`serve` of the example hello: a site under the supervisor, with settings, log and TLS.

    tests/integration/serve.py [--full] [PART OF A TEST'S NAME]

--full: the upgrade under load goes on until 100,000 requests were answered."""
import contextlib, json, os, shutil, signal, ssl, socket, subprocess, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from serving import *

PROJECT = os.path.join(BUILD, "tests/clef-tests-project")
HELLO = os.path.join(BUILD, "examples/hello/hello")
REQUESTS = 100_000 if "--full" in sys.argv else 3_000


@contextlib.contextmanager
def hello(*words, environment=None, files=None, listen=None, ready=True, program=HELLO):
    port = free_port()
    s = Server(program, ["serve", "--listen", listen or f"127.0.0.1:{port}", "--workers", "2", *words], environment, files)
    s.at = ("127.0.0.1", port)
    try:
        if ready:
            s.wait_said('"message":"ready"')
        yield s
    finally:
        s.clean()


def check(condition, what):
    if not condition:
        raise AssertionError(what)


def test_answers():
    with hello() as s:
        answer = ask(s.at)
        check(answer.status == 200 and answer.body == "Hello, World!", answer.body)
        check(answer.headers["x-content-type-options"] == "nosniff", "the default middleware is there")
        check(ask(s.at, "/nothing/").status == 404, "404")
        check(s.end() == 0, "status 0")
        for line in s.said().splitlines():
            check("level" in json.loads(line), line)


def test_settings_from_the_environment_and_dotenv():
    port = free_port()
    files = {".env": "SECRET_KEY=0123456789-0123456789-0123456789-0123456789-012\nALLOWED_HOSTS=example.org\n"}
    with hello("--settings", "production", files=files, environment={"CLEF_WORKERS": "1"}) as s:
        check(ask(s.at).status == 400, "another host is refused")
        s.write(".env", "ALLOWED_HOSTS=example.org\n")
        s.kill(signal.SIGHUP)
        s.wait_said("reload refused")
        check("SECRET_KEY" in s.said(), "the message names the setting: " + s.said())
        check(ask(s.at).status == 400, "the old settings serve")
        s.write(".env", files[".env"].replace("example.org", "localhost"))
        s.kill(signal.SIGHUP)
        s.wait_said("reload done")
        check(ask(s.at).status == 200, "the new settings serve")


def test_mode_of_unix_sockets():
    with hello(listen="unix:site.sock", environment={"CLEF_LISTEN_UNIX_MODE": "0o620"}) as s:
        path = os.path.join(s.folder, "site.sock")
        check(os.stat(path).st_mode & 0o777 == 0o620, oct(os.stat(path).st_mode))


def test_upgrade_under_load():
    with hello() as s:
        load, n = Load(s.at, 8), 0
        load.start()
        while n < 2 or load.answers < REQUESTS:
            time.sleep(0.3)
            n += 1
            s.install(HELLO)
            s.kill(signal.SIGHUP)
            s.wait_said("reload done", n)
        answers, failures = load.stop()
        check(not failures, f"{len(failures)} of {answers} failed: {failures[:3]}")
        check(s.end() == 0, "status 0")
        return f"0 of {answers} requests failed in {n} reloads"


def stop_under_load(listen=None):
    with hello(listen=listen) as s:
        load = Load(os.path.join(s.folder, listen[5:]) if listen else s.at, 6)
        load.start()
        time.sleep(0.5)
        s.kill(signal.SIGTERM)
        status = s.process.wait(PATIENCE)
        answers, failures = load.stop()
        lost = [f for f in failures if not f.startswith(("ConnectionRefusedError", "FileNotFoundError"))]
        check(status == 0 and answers > 100 and not lost, f"status {status}, {answers} answered, lost: {lost[:3]}")
        return answers


def test_stop_under_load():
    """Whoever got a connection gets an answer: until the last one nothing is reset, and then new clients are refused."""
    return f"{sum(stop_under_load() for _ in range(5))} answered in 5 stops"


def test_stop_under_load_on_a_unix_socket():
    return f"{sum(stop_under_load('unix:site.sock') for _ in range(5))} answered in 5 stops"


def test_workers_are_replaced():
    with hello(environment={"CLEF_WORKER_MAX_REQUESTS": "200", "CLEF_LOG_LEVEL": "DEBUG"}) as s:
        load = Load(s.at, 4)
        load.start()
        s.wait_said('"message":"worker left"', 2)
        answers, failures = load.stop()
        check(not failures, f"{failures[:3]}")


def test_log_file_is_opened_anew():
    with hello(environment={"CLEF_LOG_FILE": "site.log"}, ready=False) as s:
        path = os.path.join(s.folder, "site.log")
        wait_for("the log", lambda: os.path.exists(path) and '"ready"' in open(path).read())
        os.rename(path, path + ".1")
        s.kill(signal.SIGUSR1)
        wait_for("the new file", lambda: os.path.exists(path) and "opened anew" in open(path).read())


def test_port_in_use_is_told_beside_the_log():
    with hello() as s:
        second = Server(HELLO, ["serve", "--listen", f"127.0.0.1:{s.at[1]}"], {"CLEF_LOG_FILE": "site.log"})
        try:
            check(second.process.wait(PATIENCE) == 1, "status 1")
            check("Address already in use" in second.said() and "--listen" in second.said(), second.said())
        finally:
            second.clean()


def certificate(folder, name):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-subj", "/CN=" + name, "-addext", "subjectAltName=DNS:" + name, "-keyout", "key.pem", "-out", "cert.pem"],
                   cwd=folder, check=True, capture_output=True)


def secure(at):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(at, PATIENCE) as plain, context.wrap_socket(plain, server_hostname="localhost") as s:
        s.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        data = b""
        while piece := s.recv(65536):
            data += piece
        return data.decode(), s.getpeercert(True)


def test_tls_and_its_reload():
    if not shutil.which("openssl"):
        return "skipped: no openssl command"
    with tempfile.TemporaryDirectory() as folder:
        certificate(folder, "one.example")
        tls = {"CLEF_TLS_CERTIFICATE": folder + "/cert.pem", "CLEF_TLS_KEY": folder + "/key.pem"}
        with hello(environment=tls) as s:
            text, first = secure(s.at)
            check(text.startswith("HTTP/1.1 200") and text.endswith("Hello, World!"), text)
            certificate(folder, "two.example")
            s.kill(signal.SIGHUP)
            s.wait_said("reload done")
            wait_for("the new certificate", lambda: secure(s.at)[1] != first)
            os.remove(folder + "/key.pem")
            s.kill(signal.SIGHUP)
            s.wait_said("reload refused")
            check("key.pem" in s.said(), "names the file")
            check(secure(s.at)[0].startswith("HTTP/1.1 200"), "serves on")


def lines(s, message):
    return [line for line in map(json.loads, filter(None, s.said().splitlines())) if line["message"] == message]


def test_converters_of_the_project():
    with hello(program=PROJECT) as s:
        check(ask(s.at, "/A/1f/").body == "A 31 /B/ff/", "a converter of the settings, and one of an application")
        # What they do not match is not found: that is answered by the project's own view, which says "page".
        check(ask(s.at, "/a/1f/").body == "page" and ask(s.at, "/A/xyz/").body == "page", "what they do not match")


def test_a_view_that_raises():
    with hello(program=PROJECT) as s:
        check(ask(s.at, "/broken/").status == 500, "500")
        (line,) = lines(s, "a request failed")
        check(line["path"] == "/broken/" and line["code"] == "broken" and line["file"].endswith("project.c"), str(line))
        check(line["component"] == "request" and line["level"] == "ERROR", str(line))


def test_a_view_that_crashes():
    with hello(program=PROJECT) as s:
        check(ask(s.at, "/crash/").status == 500, "500")
        s.wait_said("a view crashed")
        (line,) = lines(s, "a view crashed")
        check(line["path"] == "/crash/" and "SIGABRT" in line["what"] and "crash" in line["trace"], str(line))
        s.wait_said("asks to be replaced")
        for _ in range(10):
            check(ask(s.at).status == 200, "others are answered")


def test_a_new_program_that_is_broken():
    with hello() as s:
        s.install("/bin/false")
        s.kill(signal.SIGHUP)
        s.wait_said("reload refused")
        check(ask(s.at).status == 200, "serves on")


if __name__ == "__main__":
    words = [word for word in sys.argv[1:] if not word.startswith("-")]
    sys.exit(run([(n, t) for n, t in globals().items() if n.startswith("test_")], words[0] if words else ""))
