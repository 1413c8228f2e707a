"""Writes src/codec/html_entities.c from the HTML standard's table as Python's html.entities has it.

    python3 tools/html_entities.py > src/codec/html_entities.c
"""
from html.entities import html5

print('/* html_entities.c: the named character references of HTML, written by tools/html_entities.py. */')
print('#include "codec/html_entities.h"\n')
print('/* clang-format off */')
names = sorted(html5, key=lambda name: name.encode())
offsets, at = [], 0
print('const char html_entity_text[] =')
for name in names:
    value = ''.join('\\%03o' % byte for byte in html5[name].encode())
    offsets.append(at)
    at += len(name) + 1 + len(html5[name].encode()) + 1
    print('    "%s\\0%s\\0"' % (name, value))
print('    ;')
assert at < 65536
print('const uint16_t html_entity_at[HTML_ENTITIES] = {')
for i in range(0, len(offsets), 16):
    print('    ' + ', '.join(str(offset) for offset in offsets[i:i + 16]) + ',')
print('};')
