#!/usr/bin/env python3
"""plaintext: a request for "Hello, World!" as the site answers it: through routing alone (bare), and through routing and
the default middleware; beside the least that an epoll server can do, nginx's `return 200`, and node's http."""
from harness import Server, clef, have, how, instructions, minimal, nginx, node, print_both

HELLO = 'return 200 "Hello, World!";'
servers = {"minimal epoll": minimal(), "clef, bare": clef("bare"), "clef, default middleware": clef("default")}
if have("nginx"):
    servers["nginx return 200"] = nginx(HELLO)
if have("node"):
    servers["node http"] = node("s.setHeader('Content-Type', 'text/plain'); s.end('Hello, World!')")
makers = {name: (lambda name=name, command=command: Server(name, command)) for name, command in servers.items()}

print_both("64 connections, one request at a time on each:", makers, 64)
print_both("8 connections:", makers, 8)
print_both("256 connections:", makers, 256)

counts = {name: instructions(name, servers[name]) for name in list(servers)[:3]}
print(f"user instructions per request ({how()}):")
for name, count in counts.items():
    print(f"  {name:<28} {count:>12,.0f}")
print(f"plaintext: bare {counts['clef, bare']:.0f}, middleware {counts['clef, default middleware']:.0f} "
      "user instructions per request")
