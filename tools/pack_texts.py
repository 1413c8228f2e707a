#!/usr/bin/env python3
"""pack_texts.py TEXTS OUTPUT: what Clef says in all languages, src/i18n/locale_texts.txt, as a table in C whose rows are packed: a
program has all of them in it, and a process unpacks the few that it speaks."""
import sys
import zlib

rows, code = [], None
with open(sys.argv[1], encoding="utf-8") as file:
    for line in file:
        if line.startswith("= "):
            rows.append([line[2:].strip(), b"\0"])
        elif line.startswith(" "):
            text = line[1:].rstrip("\n").replace("\\\\", "\0").replace("\\n", "\n").replace("\0", "\\")
            rows[-1][1] += text.encode() + b"\0"
with open(sys.argv[2], "w", encoding="ascii") as out:
    out.write('#include "i18n/locale_data.h"\n\n')
    table = []
    for number, (code, text) in enumerate(rows):
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        packed = packer.compress(text) + packer.flush()
        assert len(text) < 65536
        out.write(f"static const uint8_t packed_{number}[] = {{ /* {code} */\n")
        for at in range(0, len(packed), 32):
            out.write(",".join(map(str, packed[at:at + 32])) + ",\n")
        out.write("};\n")
        table.append(f"    {{ packed_{number}, {len(packed)}, {len(text)} }},\n")
    out.write("const LocaleTexts locale_texts[] = {\n" + "".join(table) + "};\n")
