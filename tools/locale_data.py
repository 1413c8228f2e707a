#!/usr/bin/env python3
"""locale_data.py DJANGO: writes src/i18n/locale_data.c and locale_data.h: what Clef itself says, in the languages that Django
speaks, and the formats of their dates and numbers. DJANGO is the folder of an installed Django 6.0.

To let Clef say one more thing: add its msgid to MESSAGES and run this again. The translations are Django's (BSD, see LICENSE)."""
import gettext
import os
import re
import sys

MONTHS = 'January February March April May June July August September October November December'.split()
AP = 'Jan. Feb. March April May June July Aug. Sept. Oct. Nov. Dec.'.split()
DAYS = 'Monday Tuesday Wednesday Thursday Friday Saturday Sunday'.split()
# In this order: the enum DateName of src/i18n/names.h.
NAMES = (MONTHS + [m[:3].lower() for m in MONTHS] + ['abbrev. month\4' + m for m in AP] + ['alt. month\4' + m for m in MONTHS] +
         DAYS + [d[:3] for d in DAYS] + ['a.m.', 'p.m.', 'AM', 'PM', 'midnight', 'noon'])
UNITS = [('%%(num)d %s' % u, '%%(num)d %ss' % u) for u in 'year month week day hour minute'.split()]
BIG = 'million billion trillion quadrillion quintillion sextillion septillion octillion nonillion decillion googol'.split()
MESSAGES = (
    # time between, sizes, choices
    [u[0] for u in UNITS] + [', ', '%(size)d byte', '%s KB', '%s MB', '%s GB', '%s TB', '%s PB', 'yes,no,maybe', 'Yes', 'No', 'Unknown'] +
    ['String to return when truncating text\4%(truncated_text)s…', 'or', '%(counter)s result'] +
    # humanize
    ['ordinal 11, 12, 13\4{}th'] + ['ordinal %d\4{}%s' % (n, s) for n, s in enumerate('th st nd rd th th th th th th'.split())] +
    ['%%(value)s %s' % w for w in BIG] + 'one two three four five six seven eight nine today tomorrow yesterday now'.split() +
    ['%(delta)s ago', '%(delta)s from now'] +
    [a + b for b in (' ago', ' from now') for a in ('an hour', 'a minute', 'a second')] +
    ['naturaltime-%s\4%s' % (w, u[0]) for w in ('past', 'future') for u in UNITS] +
    # pages and forms
    ['Page not found', 'Server error', 'Forbidden', 'Password', 'Username', 'This field is required.', 'Currently', 'Change', 'Clear'])
FORMATS = 'DATE DATETIME TIME YEAR_MONTH MONTH_DAY SHORT_DATE SHORT_DATETIME'.split()
INPUTS = 'DATE_INPUT DATETIME_INPUT TIME_INPUT'.split()
SOURCES = ['contrib/humanize', 'contrib/auth', 'contrib/admin', 'conf']


def literal(text, more=''):
    """A C string; what an editor does not show is written by its bytes."""
    out = ''
    for c in text:
        if c in '"\\':
            out += '\\' + c
        elif c == '\n':
            out += '\\n'
        elif ord(c) < 32 or c in '\x7f\xa0\xad' or 0x2000 <= ord(c) <= 0x200f or 0x2028 <= ord(c) <= 0x202f or ord(c) == 0xfeff:
            out += ''.join('\\%03o' % b for b in c.encode())
        else:
            out += c
    return '"' + out + more + '"'


class Catalog:
    def __init__(self, path):
        with open(path, 'rb') as f:
            t = gettext.GNUTranslations(f)
        self.texts, self.plural = t._catalog, t.plural
        m = re.search(r'plural\s*=\s*([^;]*)', t._info.get('plural-forms', ''))
        self.expression = re.sub(r'\s+', '', m.group(1)) if m else None
        n = re.search(r'nplurals\s*=\s*(\d+)', t._info.get('plural-forms', ''))
        self.forms = int(n.group(1)) if n else 2

    def find(self, key, base):
        """The forms of a message, in the plural forms of the catalogue `base`; None."""
        if key in self.texts:
            return [self.texts[key]]
        if (key, 0) not in self.texts:
            return None
        out = []
        for form in range(base.forms):
            n = next((n for n in list(range(200)) + [1000000] if base.plural(n) == form), None)
            out.append(self.texts[key, self.plural(n) if n is not None else 0])
        return out


def main(root):
    both = [Catalog('%s/%s/locale/de/LC_MESSAGES/django.mo' % (root, s)) for s in SOURCES]
    others = sorted((set(MESSAGES) | set(languages(root)) | set(said(root))) - set(NAMES), key=lambda k: k.encode())
    plurals = [k for k in others if any((k, 0) in c.texts for c in both)]
    keys = NAMES + [k for k in others if k not in plurals] + plurals
    header(keys, len(plurals))
    with open('src/i18n/locale_data.c', 'w') as out:
        body(root, keys, out)


def said(root):
    """What Django's forms and validators say: the msgids of its English catalogue by the file that they stand in."""
    keys = []
    with open(root + '/conf/locale/en/LC_MESSAGES/django.po', encoding='utf-8') as f:
        for block in f.read().split('\n\n'):
            if not re.search(r'^#: (forms/|core/validators|utils/ipv6)', block, re.M):
                continue
            parts = dict((name, ''.join(re.findall(r'"(.*)"', text))) for name, text in
                         re.findall(r'^(msgctxt|msgid) ((?:".*"\n?)+)', block, re.M))
            text = parts['msgid'].encode('latin-1', 'backslashreplace').decode('unicode_escape')
            keys.append((parts['msgctxt'] + '\4' if 'msgctxt' in parts else '') + text)
    return keys


def languages(root):
    ns = {}
    with open(root + '/conf/locale/__init__.py') as f:
        exec(f.read(), ns)
    return [i['name'] for i in ns['LANG_INFO'].values() if 'name' in i]


def header(keys, plurals):
    with open('src/i18n/locale_data.h', 'w') as out:
        out.write('''/* locale_data.h: the tables of locale_data.c: languages, formats of dates and numbers, and what Clef itself says. */
#ifndef I18N_LOCALE_DATA_H
#define I18N_LOCALE_DATA_H

#include <clef/base/str.h>

/* A language's own information, as Django's LANG_INFO has it. */
typedef struct LanguageRow {
    const char *code, *name, *name_local;
    const char *fallback; /* the code whose information it has; then the names are NULL */
    bool bidi;
    bool listed; /* in Django's default of LANGUAGES */
} LanguageRow;

/* What a locale says of formats. NULL and -1: nothing, the settings' value holds. */
typedef struct LocaleRow {
    const char *code;
    const char *plural;   /* the expression of its plural forms; NULL: n != 1 */
    const uint16_t *at;   /* for each message, where in `texts` its forms begin; 0: not translated; NULL: none is */
    const char *texts;    /* forms that end with NUL, a message's one after the other */
    uint8_t nplurals;     /* how many of a message with a plural; the others have one */
    const char *formats[7]; /* FormatName */
    const char *decimal_separator, *thousand_separator;
    int8_t first_day_of_week;
    int8_t grouping[4];   /* sizes from the right; the last one repeats */
    const char *inputs[3]; /* strptime formats with a newline between: dates, dates with times, times */
} LocaleRow;

''')
        out.write('enum { LOCALE_NAMES = %d, LOCALE_PLURALS = %d, LOCALE_MESSAGES = %d };\n' %
                  (len(NAMES), len(keys) - plurals, len(keys)))
        out.write('''extern CLEF_HIDDEN const LanguageRow language_rows[] __asm__("clef__language_rows"); /* by code */
extern CLEF_HIDDEN const size_t language_rows_n __asm__("clef__language_rows_n");
extern CLEF_HIDDEN const LocaleRow locale_rows[] __asm__("clef__locale_rows"); /* by code */
extern CLEF_HIDDEN const size_t locale_rows_n __asm__("clef__locale_rows_n");
/* The msgids (with their context, as in a .mo file): first the names of dates, then others, those with a plural from LOCALE_PLURALS on; and all of them in order. */
extern CLEF_HIDDEN const Str locale_messages[LOCALE_MESSAGES] __asm__("clef__locale_messages");
extern CLEF_HIDDEN const uint16_t locale_messages_sorted[LOCALE_MESSAGES] __asm__("clef__locale_messages_sorted");

#endif
''')


def body(root, keys, out):
    out.write('/*\n * locale_data.c: generated by tools/locale_data.py.\n *\n'
              ' * The formats, names and translations are those of Django, Copyright (c) Django Software Foundation and individual\n'
              ' * contributors, under the licence that stands in LICENSE.\n */\n'
              '#include "i18n/locale_data.h"\n\n/* clang-format off */\n')
    ns = {}
    with open(root + '/conf/locale/__init__.py') as f:
        exec(f.read(), ns)
    with open(root + '/conf/global_settings.py') as f:
        listed = set(re.findall(r'^    \("([a-z-]+)", gettext_noop', f.read(), re.M))
    out.write('const LanguageRow language_rows[] = {\n')
    for code, i in sorted(ns['LANG_INFO'].items()):
        if 'fallback' in i:
            out.write('    { .code = "%s", .fallback = "%s" },\n' % (code, i['fallback'][0]))
        else:
            out.write('    { .code = "%s", .name = %s, .name_local = %s%s%s },\n' % (
                code, literal(i['name']), literal(i['name_local']), ', .bidi = true' if i['bidi'] else '',
                ', .listed = true' if code in listed else ''))
    out.write('};\nconst size_t language_rows_n = sizeof language_rows / sizeof language_rows[0];\n\n')
    out.write('const Str locale_messages[LOCALE_MESSAGES] = {\n')
    for k in keys:
        out.write('    { %s, %d },\n' % (literal(k), len(k.encode())))
    out.write('};\nconst uint16_t locale_messages_sorted[LOCALE_MESSAGES] = {\n')
    numbers(out, sorted(range(len(keys)), key=lambda i: keys[i].encode()))
    out.write('};\n\n')
    rows = []
    for name in sorted(os.listdir(root + '/conf/locale')):
        folder = root + '/conf/locale/' + name
        if not os.path.isdir(folder) or name.startswith('__'):
            continue
        if not any(os.path.exists(root + '/conf/locale/%s/LC_MESSAGES/django.mo' % n) for n in (name, name.split('_')[0])):
            continue  # formats that Django does not look at
        code = name.lower().replace('_', '-')
        rows.append((code, locale(root, name, code, keys, out)))
    out.write('const LocaleRow locale_rows[] = {\n')
    for code, row in sorted(rows):
        out.write('    { .code = "%s"%s },\n' % (code, ''.join(',\n      .' + r for r in row)))
    out.write('};\nconst size_t locale_rows_n = sizeof locale_rows / sizeof locale_rows[0];\n')


def words(out, list_):
    line = '   '
    for w in list_:
        if len(line) + len(w) > 118:
            out.write(line + '\n')
            line = '   '
        line += ' ' + w
    out.write(line + '\n')


def numbers(out, list_):
    words(out, ['%d,' % n for n in list_])


def locale(root, name, code, keys, out):
    row = []
    ident = code.replace('-', '_')
    catalogs = []
    for s in SOURCES:
        path = '%s/%s/locale/%s/LC_MESSAGES/django.mo' % (root, s, name)
        if os.path.exists(path):
            catalogs.append(Catalog(path))
    base = catalogs[-1] if os.path.exists(root + '/conf/locale/%s/LC_MESSAGES/django.mo' % name) else None
    if base and any(c.find(k, base) for k in keys for c in catalogs):
        at, seen, size, texts = [], {}, 1, []
        out.write('static const char texts_%s[] = "\\0"\n' % ident)
        for k in keys:
            found = next((f for f in (c.find(k, base) for c in catalogs) if f), None)
            at.append(0)
            if not found:
                continue
            if tuple(found) not in seen:
                seen[tuple(found)] = size
                texts.append(' '.join(literal(f, '\\0') for f in found))
                size += sum(len(f.encode()) + 1 for f in found)
            at[-1] = seen[tuple(found)]
        assert size < 65536
        words(out, texts)
        out.write('    ;\nstatic const uint16_t at_%s[LOCALE_MESSAGES] = {\n' % ident)
        numbers(out, at)
        out.write('};\n')
        row += ['texts = texts_' + ident, 'at = at_' + ident, 'nplurals = %d' % base.forms]
    if base and base.expression:
        row.append('plural = "%s"' % base.expression)
    ns = {}
    path = '%s/conf/locale/%s/formats.py' % (root, name)
    if os.path.exists(path):
        with open(path) as f:
            exec(f.read(), ns)
    f = [literal(ns[n + '_FORMAT']) if n + '_FORMAT' in ns else 'NULL' for n in FORMATS]
    if any(x != 'NULL' for x in f):
        row.append('formats = { %s }' % ', '.join(f))
    for n in ('DECIMAL_SEPARATOR', 'THOUSAND_SEPARATOR'):
        if n in ns:
            row.append('%s = %s' % (n.lower(), literal(ns[n])))
    row.append('first_day_of_week = %d' % ns.get('FIRST_DAY_OF_WEEK', -1))
    g = ns.get('NUMBER_GROUPING', -1)
    g = list(g) if isinstance(g, (tuple, list)) else [g]
    row.append('grouping = { %s }' % ', '.join(map(str, [x for x in g if x] or [0])))
    f = [literal('\n'.join(ns[n + '_FORMATS'])) if n + '_FORMATS' in ns else 'NULL' for n in INPUTS]
    if any(x != 'NULL' for x in f):
        row.append('inputs = { %s }' % ', '.join(f))
    return row


if __name__ == '__main__':
    main(sys.argv[1])
