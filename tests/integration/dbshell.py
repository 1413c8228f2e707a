#!/usr/bin/env python3
"""dbshell: which program it becomes, with which words and environment; the password is in no list of processes."""
import os, subprocess, sys, tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(os.environ.get("BUILD", os.path.join(ROOT, "build/dev")))
PROGRAM = os.path.join(BUILD, "examples/shop/shop")
passed = failed = 0


def check(condition, what):
    global passed, failed
    passed, failed = passed + bool(condition), failed + (not condition)
    if not condition:
        print(f"FAILED {what}")


def shell(folder, url, *words, path=None):
    """The words and the passwords that the started program was given, or what dbshell said."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("CLEF_", "PG", "MYSQL"))}
    env.update(DATABASE_URL=url, PATH=folder if path is None else path)
    done = subprocess.run([PROGRAM, "dbshell", *words], env=env, cwd=folder, capture_output=True, text=True, timeout=60)
    lines = done.stdout.splitlines()
    return (lines[:-2], lines[-2:]) if len(lines) > 2 else (done.stderr, done.returncode)


def main():
    with tempfile.TemporaryDirectory(prefix="clef-dbshell-") as folder:
        for name in ("sqlite3", "psql", "mariadb"):
            with open(os.path.join(folder, name), "w") as f:
                f.write('#!/bin/sh\necho "${0##*/}"\nfor word; do echo "$word"; done\necho "pg=$PGPASSWORD"\necho "my=$MYSQL_PWD"\n')
            os.chmod(os.path.join(folder, name), 0o755)
        file = os.path.join(folder, "some.sqlite3")
        check(shell(folder, "sqlite:///" + file, "--", "-header", ".tables") == (["sqlite3", file, "-header", ".tables"], ["pg=", "my="]),
              f"sqlite: {shell(folder, 'sqlite:///' + file, '--', '-header', '.tables')}")
        for scheme, program, user, secrets in (("postgres", "psql", "--username=ann", ["pg=s3cret word", "my="]),
                                               ("mysql", "mariadb", "--user=ann", ["pg=", "my=s3cret word"])):
            got = shell(folder, f"{scheme}://ann:s3cret%20word@db.example:4321/things", "--", "-x", "a b")
            check(got == ([program, user, "--host=db.example", "--port=4321", "-x", "a b", "things"], secrets), f"{scheme}: {got}")
            got = shell(folder, f"{scheme}://db.example/things")
            check(got == ([program, "--host=db.example", "things"], ["pg=", "my="]), f"{scheme}, no user: {got}")
        got = shell(folder, "sqlite:///" + file, path="/nowhere")
        check(got[1] == 1 and "sqlite3 program installed" in got[0], f"a program that is not there: {got}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
