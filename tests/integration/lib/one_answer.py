"""one_answer.py PROGRAM: serves it, asks for / once, and stops it: succeeds when it says Hello and leaves with 0."""
import os, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from serving import *

port = free_port()
server = Server(sys.argv[1], ["serve", "--listen", f"127.0.0.1:{port}", "--workers", "1"], None, None)
try:
    server.wait_said('"message":"ready"')
    answer = ask(("127.0.0.1", port))
    assert answer.status == 200 and answer.body == "Hello, World!", (answer.status, answer.body)
    assert server.end() == 0, server.said()
finally:
    server.clean()
