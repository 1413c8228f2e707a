#!/usr/bin/env python3
"""embed: files as a table in C, for text that ships inside a program.

    tools/embed.py OUTPUT SYMBOL HEADER ROOT FILE...

OUTPUT defines `const EmbeddedFile *const SYMBOL`, as HEADER declares it: a row for each FILE with its path below ROOT, in the order
given, and an empty row at the end."""
import os
import sys

output, symbol, header, root, *files = sys.argv[1:]
with open(output, "w", encoding="ascii") as out:
    out.write(f'#include "{header}"\n\n')
    rows = []
    for number, path in enumerate(files):
        with open(path, "rb") as file:
            data = file.read()
        out.write(f"static const char file_{number}[] = {{\n")
        for at in range(0, len(data), 24):
            out.write(" ".join(f"{byte if byte < 128 else byte - 256}," for byte in data[at:at + 24]) + "\n")
        out.write("0 };\n\n")
        rows.append(f'    {{ "{os.path.relpath(path, root)}", {{ file_{number}, {len(data)} }} }},\n')
    out.write(f"static const EmbeddedFile rows[] = {{\n{''.join(rows)}    {{ 0 }},\n}};\nconst EmbeddedFile *const {symbol} = rows;\n")
