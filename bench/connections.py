#!/usr/bin/env python3
"""connections: plaintext on 1 to 10,000 connections, and what an idle connection holds: the growth of the worker's private
memory from 100 to 10,000 idle connections that each had an answer already, divided by their number."""
import socket
import time

from harness import Server, clef, have, minimal, nginx, print_rates, rounds

servers = {"minimal epoll": minimal(), "clef, bare": clef("bare")}
if have("nginx"):
    servers["nginx return 200"] = nginx('return 200 "Hello, World!";')
makers = {name: (lambda name=name, command=command: Server(name, command)) for name, command in servers.items()}
for connections in 1, 8, 256, 1000, 10000:
    rates = rounds(makers, lambda s, n=connections: s.load(n)[0])
    print_rates(f"{connections} connections:", rates)

REQUEST = b"GET /plaintext HTTP/1.1\r\nHost: localhost\r\n\r\n"


def idle(server, held, count):
    while len(held) < count:
        s = socket.create_connection(("127.0.0.1", server.port))
        s.sendall(REQUEST)
        assert s.recv(4096).startswith(b"HTTP/1.1 200")
        held.append(s)
    time.sleep(2.5)  # pools give back what they do not need
    return server.memory()[1]


server, held = Server("clef, bare", servers["clef, bare"]), []
try:
    base = idle(server, held, 100)
    many = idle(server, held, 10000)
    answered = 0
    for s in held[::97]:
        s.sendall(REQUEST)
        answered += s.recv(4096).startswith(b"HTTP/1.1 200")
    assert answered == len(held[::97])
finally:
    for s in held:
        s.close()
    server.stop()
print(f"connections: {(many - base) / 9900:.0f} bytes per idle connection, 10000 held; at 1,000 and 10,000 connections "
      f"every request was answered")
