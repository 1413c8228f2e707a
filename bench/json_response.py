"""json: {"message": "Hello, World!"} as a JsonResponse, bare and with the default middleware, beside nginx and node."""
from harness import Server, clef, have, how, instructions, node, print_rates, rounds

servers = {"clef, bare": clef("bare"), "clef, default middleware": clef("default")}
if have("node"):
    servers["node http"] = node("s.setHeader('Content-Type', 'application/json'); "
                                "s.end(JSON.stringify({message: 'Hello, World!'}))")
makers = {name: (lambda name=name, command=command: Server(name, command, "/json")) for name, command in servers.items()}
print_rates("64 connections, one request at a time on each:", rounds(makers, lambda s: s.load(64)[0]))
counts = {name: instructions(name, servers[name], "/json") for name in list(servers)[:2]}
print(f"json: bare {counts['clef, bare']:.0f}, middleware {counts['clef, default middleware']:.0f} "
      f"user instructions per request ({how()})")
