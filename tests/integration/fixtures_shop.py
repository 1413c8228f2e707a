#!/usr/bin/env python3
"""The shop's rows by loaddata into a new database and by dumpdata out of it: the very bytes that Django's dumpdata wrote.

    tests/integration/fixtures_shop.py

The recorded rows are beside the project (../shared, or $CLEF_SHARED); without them the test is skipped."""
import gzip, os, subprocess, sys, tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from checking import check, closing

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(os.environ.get("BUILD", os.path.join(ROOT, "build/dev")))
PROGRAM = os.path.join(BUILD, "examples/shop/shop")
FIXTURE = os.path.join(os.environ.get("CLEF_SHARED", os.path.join(ROOT, "../shared")), "conformance/shop/shop_fixture.json")


def shop(database, *words, given=None):
    env = {k: v for k, v in os.environ.items() if not k.startswith("CLEF_")}
    env.update(DATABASE_URL=f"sqlite:///{database}")
    return subprocess.run([PROGRAM, *words], env=env, input=given, capture_output=True, timeout=120)


def made(folder, name):
    database = os.path.join(folder, name)
    result = shop(database, "migrate")
    check(result.returncode == 0, f"migrate: {result.stderr!r}")
    return database


def main():
    if not os.path.exists(FIXTURE):
        print("skipped: ../shared/conformance/shop/shop_fixture.json is not there")
        return 0
    with open(FIXTURE, "rb") as f:
        recorded = f.read().removesuffix(b"\n")  # dumpdata ends at the bracket
    with tempfile.TemporaryDirectory(prefix="clef-fixtures-") as folder:
        first = made(folder, "first.sqlite3")
        result = shop(first, "loaddata", os.path.abspath(FIXTURE))
        check(result.stdout == b"Installed 5458 object(s) from 1 fixture(s)\n", f"loaddata: {result}")
        check(shop(first, "dumpdata").stdout == recorded, "dumpdata of the shop is what Django wrote")
        # By lines, packed, into another database, and from there again.
        lines = os.path.join(folder, "rows.jsonl.gz")
        check(shop(first, "dumpdata", "--format", "jsonl", "-o", lines).returncode == 0, "dumpdata -o")
        with gzip.open(lines) as f:
            check(len(f.read().splitlines()) == 5458, "an object a line")
        second = made(folder, "second.sqlite3")
        check(shop(second, "loaddata", lines).returncode == 0, "loaddata of lines, packed")
        check(shop(second, "dumpdata").stdout == recorded, "the same by way of lines")
        # From standard input, and what the words choose.
        third = made(folder, "third.sqlite3")
        result = shop(third, "loaddata", "-", "--format", "json", "-e", "sales", given=recorded)
        check(result.stdout == b"Installed 2586 object(s) (of 5458) from 1 fixture(s)\n", f"loaddata -: {result}")
        check(shop(third, "dumpdata").stdout == shop(first, "dumpdata", "catalog").stdout, "an application alone")
        check(shop(first, "dumpdata", "catalog.Country", "--pks", "DE,FR").stdout.count(b'"pk"') == 2, "--pks")
        check(shop(first, "dumpdata", "sales", "-e", "sales.Order", "-e", "sales.OrderLine").stdout.count(b"sales.order") == 0, "-e")
        check(shop(first, "dumpdata", "sales.Shelf", "--indent", "1").stdout.startswith(b'[\n{\n "model": "sales.shelf",\n "pk": [\n'), "--indent")
        for words, says in ((("loaddata", "nothing"), b"No fixture named 'nothing' found."),
                            (("loaddata", "rows.xyz"), b"xyz is not a known serialization format."),
                            (("loaddata", "-"), b"--format must be specified when reading from stdin."),
                            (("dumpdata", "nothing"), b"No installed app with label 'nothing'."),
                            (("dumpdata", "sales.Nothing"), b"Unknown model: sales.Nothing"),
                            (("dumpdata", "-e", "nothing"), b"Unknown app: nothing"),
                            (("dumpdata", "sales", "--pks", "1"), b"You can only use --pks option with one model")):
            result = shop(first, *words)
            check(result.returncode == 1 and says in result.stderr, f"{words}: {result}")
        # A line that leads nowhere leaves nothing behind.
        line = b'{"model": "sales.coupon", "pk": "X", "fields": {"percent": 1, "valid_from": "2024-01-01", "customer": 99999, "used": true}}'
        result = shop(first, "loaddata", "-", "--format", "jsonl", given=line)
        check(result.returncode == 1 and b"contains a value '99999' that does not have a corresponding value in sales_customer.id"
              in result.stderr, f"a key that leads nowhere: {result}")
        check(shop(first, "dumpdata").stdout == recorded, "nothing was left of it")
    return closing()


if __name__ == "__main__":
    sys.exit(main())
