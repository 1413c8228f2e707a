#!/usr/bin/env python3
"""static: a file of 64 KiB (a FileResponse, sent by sendfile), beside nginx serving the same file."""
import os
import statistics

from harness import WORK, Server, clef, have, nginx, print_rates, rounds

with open(os.path.join(WORK, "file.bin"), "wb") as f:
    f.write(os.urandom(65536))
env = {"CLEF_BENCH_FILE": f.name}
makers = {"clef, bare": lambda: Server("clef", clef("bare"), "/file", env)}
if have("nginx"):
    makers["nginx sendfile"] = lambda: Server("nginx", nginx(f"alias {f.name};"), "/")
rates = rounds(makers, lambda s: s.load(32)[0])
print_rates("32 connections, a file of 64 KiB:", rates)
first = list(rates.values())
ratio = statistics.median(a / b for a, b in zip(first[0], first[-1]))
print(f"static: {statistics.median(first[0]):.0f} files/s, {ratio:.2f} of nginx")
