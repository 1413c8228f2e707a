#!/usr/bin/env python3
"""pipelined: plaintext, 16 requests in flight on each of 64 connections: all requests of one read, answered by one write."""
import statistics

from harness import Server, clef, have, how, instructions, minimal, nginx, print_both, ratios

servers = {"minimal epoll": minimal(), "clef, bare": clef("bare"), "clef, default middleware": clef("default")}
if have("nginx"):
    servers["nginx return 200"] = nginx('return 200 "Hello, World!";')
makers = {name: (lambda name=name, command=command: Server(name, command)) for name, command in servers.items()}
clock, work = print_both("64 connections, 16 requests in flight on each:", makers, 64, 16)
count = instructions("clef, bare", servers["clef, bare"], depth=16)
print(f"pipelined: bare {statistics.median(clock['clef, bare']):.0f} requests/s, "
      f"{statistics.median(work['clef, bare']):.0f} a second of its processor time "
      f"({ratios(work)['clef, bare']:.2f} of the minimal server's), {count:.0f} user instructions per request ({how()})")
