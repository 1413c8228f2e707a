#!/usr/bin/env python3
"""startup: from the start of the process to the end of the first answer, and the memory of an idle worker: the program
examples/hello in release, 20 starts, medians."""
import os
import socket
import statistics
import subprocess
import time

from harness import BUILD, Server, free_port

PROGRAM = os.path.abspath(os.path.join(BUILD, "examples/hello/hello"))


def start(port):
    began = time.perf_counter()
    process = subprocess.Popen([PROGRAM, "serve", "--workers", "1", "--listen", f"127.0.0.1:{port}"],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port)) as s:
                s.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                assert s.recv(4096).startswith(b"HTTP/1.1 200")
            took = time.perf_counter() - began
            break
        except ConnectionRefusedError:
            time.sleep(0.0002)
    process.terminate()
    process.wait()
    return took * 1000


times = [start(free_port()) for _ in range(20)]
server = Server("hello", lambda port: [PROGRAM, "serve", "--workers", "1", "--listen", f"127.0.0.1:{port}"], "/")
try:
    server.load(8, seconds=0.5)
    resident, private = server.memory()
finally:
    server.stop()
print(f"startup: {statistics.median(times):.1f} ms to the first answer ({min(times):.1f} to {max(times):.1f}); worker "
      f"{resident / 1048576:.1f} MiB resident, {private / 1048576:.1f} MiB of them private")
