#!/usr/bin/env python3
"""static: a file of 64 KiB (a FileResponse, sent by sendfile), beside nginx serving the same file."""
import os
import statistics

from harness import WORK, Server, clef, have, nginx, print_both, ratios

with open(os.path.join(WORK, "file.bin"), "wb") as f:
    f.write(os.urandom(65536))
env = {"CLEF_BENCH_FILE": f.name}
makers = {"clef, bare": lambda: Server("clef", clef("bare"), "/file", env)}
if have("nginx"):
    makers["nginx sendfile"] = lambda: Server("nginx", nginx(f"root {WORK};"), "/file.bin")
clock, work = print_both("32 connections, a file of 64 KiB:", makers, 32)
line = f"static: {statistics.median(clock['clef, bare']):.0f} files/s"
if len(makers) > 1:
    line += f", {1 / ratios(clock)['nginx sendfile']:.2f} of nginx ({1 / ratios(work)['nginx sendfile']:.2f} by processor time)"
print(line)
