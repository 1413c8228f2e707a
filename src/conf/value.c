/* value.c: single settings: read from text, shown as text, compared with their defaults. */
#include <clef/base/assert.h>
#include <clef/conf/table.h>

#include "conf/words.h"

#include <stdlib.h>
#include <unistd.h>

static void *member(const Settings *s, const Setting *setting) { return (char *)(uintptr_t)s + setting->offset; }

bool word_to_bool(Str s, bool *out)
{
    static const char *const words[2][6] = { { "false", "off", "no", "n", "0", "" },
                                             { "true", "on", "yes", "y", "1", "ok" } };
    for (int truth = 0; truth < 2; truth++)
        for (int i = 0; i < 6; i++)
            if (str_ieq(str_trim(s), str_c(words[truth][i]))) {
                *out = truth;
                return true;
            }
    return false;
}

StrList words_split(Arena *a, Str text)
{
    size_t n = 0;
    Str rest = text, word;
    for (size_t i = 0; i < text.n; i++)
        n += text.p[i] == ',';
    Str *p = NEW_ARRAY(a, Str, n + 1);
    n = 0;
    while (str_cut(&rest, ',', &word))
        if ((word = str_trim(word)).n)
            p[n++] = word;
    return (StrList){ .p = p, .n = n };
}

/* Python's integers as far as settings need them: decimal, or octal for modes of files: 0o660. */
static bool read_integer(Str s, int64_t *out)
{
    if (!str_starts(s, STR("0o")) && !str_starts(s, STR("0O")))
        return str_to_i64(s, out);
    int64_t v = 0;
    if (s.n < 3 || s.n > 22) /* 20 octal digits fit */
        return false;
    for (size_t i = 2; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '7')
            return false;
        v = v * 8 + (s.p[i] - '0');
    }
    *out = v;
    return true;
}

bool setting_set(Settings *s, const Setting *setting, Str text)
{
    void *at = member(s, setting);
    switch ((SettingType)setting->type) {
    case SETTING_BOOL:
        return word_to_bool(text, at);
    case SETTING_INT:
        return read_integer(str_trim(text), at);
    case SETTING_STR:
        *(Str *)at = str_copy(s->arena, text);
        return true;
    case SETTING_LIST:
        *(StrList *)at = words_split(s->arena, str_copy(s->arena, text));
        return true;
    case SETTING_HEADER: {
        StrList both = words_split(s->arena, str_copy(s->arena, text));
        if (both.n != 2 && both.n != 0)
            return false;
        *(HeaderMatch *)at = both.n ? (HeaderMatch){ both.p[0], both.p[1] } : (HeaderMatch){ 0 };
        return true;
    }
    case SETTING_DATABASES:
    case SETTING_CACHES:
    case SETTING_TABLE:
        break;
    }
    return false;
}

void settings_init(Settings *s, Arena *a)
{
    size_t n;
    const Setting *rows = settings_table(&n);
    *s = (Settings){ .arena = a };
    for (size_t i = 0; i < n; i++)
        if (rows[i].fallback && !setting_set(s, &rows[i], str_c(rows[i].fallback)))
            PANIC("the table's default for %s cannot be read", rows[i].name);
    const char *base = getenv("CLEF_BASE_DIR");
    if (base && *base) {
        s->base_dir = str_copy(a, str_c(base));
    } else {
        size_t room = 4096;
        char *p = arena_alloc(a, room);
        s->base_dir = getcwd(p, room) ? str_c(p) : STR(".");
    }
}

static void show_text(Buf *b, Str s)
{
    char quote = str_find_byte(s, '\'') != STR_NPOS && str_find_byte(s, '"') == STR_NPOS ? '"' : '\'';
    buf_byte(b, quote);
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == (unsigned char)quote || c == '\\')
            buf_byte(b, '\\');
        if (c < 0x20 || c == 0x7f)
            buf_printf(b, "\\x%02x", c);
        else
            buf_byte(b, (char)c);
    }
    buf_byte(b, quote);
}

#define STARS "'********************'"

static void show_pair(Buf *b, const char *key, Str value, bool secret)
{
    if (value.n == 0)
        return;
    buf_printf(b, ", '%s': ", key);
    if (secret)
        BUF_LIT(b, STARS);
    else
        show_text(b, value);
}

/* Options may hold passwords and keys under any name: only their names are shown. */
static void show_options(Buf *b, const DatabaseOption *options, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        buf_c(b, i ? ", " : ", 'OPTIONS': {");
        show_text(b, options[i].name);
        BUF_LIT(b, ": " STARS);
        if (i + 1 == n)
            buf_byte(b, '}');
    }
}

/* A location such as redis://user:password@host/1, without the password. */
static Str without_password(Arena *a, Str url)
{
    size_t scheme = str_find(url, STR("://")), at = str_rfind_byte(url, '@');
    if (scheme == STR_NPOS || at == STR_NPOS || at < scheme)
        return url;
    Str user = str_slice(url, scheme + 3, at);
    size_t colon = str_find_byte(user, ':');
    if (colon == STR_NPOS)
        return url;
    return str_format(a, "%.*s****%.*s", STR_FMT(str_slice(url, 0, scheme + 4 + colon)),
                      STR_FMT(str_from_byte(url, at)));
}

static void show_databases(const Settings *s, Buf *b)
{
    buf_byte(b, '{');
    for (size_t i = 0; i < s->ndatabases; i++) {
        const DatabaseSettings *d = &s->databases[i];
        buf_c(b, i ? ", " : "");
        show_text(b, d->alias);
        BUF_LIT(b, ": {'ENGINE': ");
        show_text(b, d->engine);
        show_pair(b, "NAME", d->name, false);
        show_pair(b, "USER", d->user, false);
        show_pair(b, "PASSWORD", d->password, true);
        show_pair(b, "HOST", d->host, false);
        show_pair(b, "PORT", d->port, false);
        show_options(b, d->options, d->noptions);
        buf_byte(b, '}');
    }
    buf_byte(b, '}');
}

static void show_caches(const Settings *s, Buf *b, Arena *a)
{
    buf_byte(b, '{');
    for (size_t i = 0; i < s->ncaches; i++) {
        const CacheSettings *c = &s->caches[i];
        buf_c(b, i ? ", " : "");
        show_text(b, c->alias);
        BUF_LIT(b, ": {'BACKEND': ");
        show_text(b, c->backend);
        show_pair(b, "LOCATION", without_password(a, c->location), false);
        show_pair(b, "KEY_PREFIX", c->key_prefix, false);
        show_options(b, c->options, c->noptions);
        buf_byte(b, '}');
    }
    buf_byte(b, '}');
}

static void show_list(Buf *b, StrList list)
{
    buf_byte(b, '[');
    for (size_t i = 0; i < list.n; i++) {
        buf_c(b, i ? ", " : "");
        show_text(b, list.p[i]);
    }
    buf_byte(b, ']');
}

Str setting_show(const Settings *s, const Setting *setting, Arena *a)
{
    Buf b = BUF_INIT(a, (size_t)1 << 20);
    const void *at = member(s, setting);
    bool hidden = setting->flags & SETTING_SECRET;
    switch ((SettingType)setting->type) {
    case SETTING_BOOL:
        buf_c(&b, *(const bool *)at ? "True" : "False");
        break;
    case SETTING_INT:
        buf_i64(&b, *(const int64_t *)at);
        break;
    case SETTING_STR:
        if (hidden && ((const Str *)at)->n)
            BUF_LIT(&b, STARS);
        else
            show_text(&b, *(const Str *)at);
        break;
    case SETTING_LIST:
        if (hidden && ((const StrList *)at)->n)
            BUF_LIT(&b, STARS);
        else
            show_list(&b, *(const StrList *)at);
        break;
    case SETTING_HEADER: {
        HeaderMatch h = *(const HeaderMatch *)at;
        if (h.name.n)
            show_list(&b, (StrList){ .p = (Str[]){ h.name, h.value }, .n = 2 });
        else
            BUF_LIT(&b, "None");
        break;
    }
    case SETTING_DATABASES:
        show_databases(s, &b);
        break;
    case SETTING_CACHES:
        show_caches(s, &b, a);
        break;
    case SETTING_TABLE:
        buf_c(&b, *(const void *const *)at ? "<table>" : "None");
        break;
    }
    return buf_view(&b);
}

/* Is the value what the table gives? Secrets are compared by themselves, not by their stars. */
static bool is_default(const Settings *s, const Settings *defaults, const Setting *setting, Arena *a)
{
    if (setting->type == SETTING_STR)
        return str_eq(*(const Str *)member(s, setting), *(const Str *)member(defaults, setting));
    return str_eq(setting_show(s, setting, a), setting_show(defaults, setting, a));
}

void settings_print(const Settings *s, Buf *out, bool all)
{
    size_t n;
    const Setting *rows = settings_table(&n);
    Arena *a = arena_create(NULL, 0, 0);
    Settings defaults;
    settings_init(&defaults, a);
    for (size_t i = 0; i < n; i++) {
        bool same = is_default(s, &defaults, &rows[i], a);
        if (same && !all)
            continue;
        buf_c(out, same ? "### " : "");
        buf_c(out, rows[i].name);
        buf_c(out, " = ");
        buf_str(out, setting_show(s, &rows[i], a));
        buf_byte(out, '\n');
    }
    arena_destroy(a);
}
