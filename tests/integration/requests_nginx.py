#!/usr/bin/env python3
"""requests_nginx.py: nginx as a second judge of tests/net/requests/. What it refuses, the corpus must not accept.

nginx is laxer than the corpus in places (bare LF, repeated equal hosts, ...), so only this direction is a test; how many cases
it accepts that the corpus refuses is printed. Needs nginx; skipped (77) without it.
"""
import os, re, shutil, socket, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
CASES = os.path.join(HERE, "..", "net", "requests")
# Accepted by the corpus with good reason: (case, why).
STRICTER = {
    "a method that no RFC has": "nginx knows a fixed list of methods",
    "methods in lower case are other methods": "nginx takes upper case only",
    "method of 32 letters": "nginx knows a fixed list of methods",
    "asterisk form": "nginx serves files, and * is none",
    "HTTP/1.0 that asks to go on": "answered, in one connection or two",
    "every token byte in a name": "nginx ignores or refuses odd names",
    "request line at its limit": "nginx's buffers are of another size",
    "headers at their limit of bytes": "nginx's buffers are of another size",
    "many headers": "nginx's buffers are of another size",
    "chunked in odd case": "nginx takes no tabs around a value",
    "white space around a value": "nginx takes no tabs around a value",
    "an address of a future form": "nginx knows IPv4 and IPv6 only",
}


def unescape(s):
    out, i = b"", 0
    while i < len(s):
        if s[i] != "\\":
            out += s[i].encode("utf-8")
            i += 1
            continue
        k = s[i + 1]
        if k == "x":
            out += bytes([int(s[i + 2:i + 4], 16)])
            i += 4
        elif k == "*":
            close = s.index("}", i)
            count, text = s[i + 3:close].split(":", 1)
            out += unescape(text) * int(count)
            i = close + 1
        else:
            out += {"r": b"\r", "n": b"\n", "t": b"\t", "0": b"\0", "\\": b"\\"}[k]
            i += 2
    return out


def cases():
    for name in sorted(os.listdir(CASES)):
        if not name.endswith(".http"):
            continue
        case = None
        for line in open(os.path.join(CASES, name), encoding="utf-8").read().split("\n") + ["case: end"]:
            if line.startswith("case: "):
                if case and case["want"]:
                    yield name[:-5], case
                case = {"name": line[6:], "send": b"", "want": []}
            elif line.startswith("send: "):
                case["send"] += unescape(line[6:])
            elif line.startswith("want: "):
                case["want"].append(line[6:])


def ask(port, data):
    """The status of the first answer; 0 for none within a short time. (No half-close: nginx would drop what it proxies.)"""
    with socket.create_connection(("127.0.0.1", port), timeout=2) as s:
        got = b""
        try:
            s.sendall(data)
            s.settimeout(0.5)
            while not re.search(rb"HTTP/1\.[01] \d\d\d ", got):
                chunk = s.recv(65536)
                if not chunk:
                    break
                got += chunk
        except OSError:
            pass
    found = re.search(rb"HTTP/1\.[01] (\d\d\d) ", got)
    return int(found.group(1)) if found else 0


def main():
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if not nginx:
        print("skipped: nginx is not installed")
        return 77
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    passed = failed = laxer = 0
    with tempfile.TemporaryDirectory() as home:
        conf = os.path.join(home, "nginx.conf")
        with open(conf, "w") as f:
            f.write(f"""daemon off; master_process off; pid {home}/pid; error_log {home}/error.log;
events {{ worker_connections 64; }}
http {{ access_log off; client_body_temp_path {home}/b; proxy_temp_path {home}/p; fastcgi_temp_path {home}/f;
uwsgi_temp_path {home}/u; scgi_temp_path {home}/s;
server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://127.0.0.1:{port}/judged/; }}
location /judged/ {{ return 200; }} }} }}""")
        server = subprocess.Popen([nginx, "-p", home, "-c", conf], stderr=subprocess.DEVNULL)
        try:
            for _ in range(100):
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    time.sleep(0.05)
            for group, case in cases():
                wants = case["want"]
                if "more" in wants or any(b in case["send"][:8] for b in (b"CONNECT",)):
                    continue
                first = ask(port, case["send"])
                refused = first == 0 or 400 <= first < 600 and first not in (404, 405)
                if wants[0].startswith("200"):
                    if refused and case["name"] not in STRICTER:
                        print(f"{group}: {case['name']}: nginx says {first}, the corpus accepts it")
                        failed += 1
                    else:
                        passed += 1
                else:
                    passed += 1
                    laxer += not refused
        finally:
            server.terminate()
            server.wait()
    print(f"nginx accepts {laxer} of the cases that the corpus refuses")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
