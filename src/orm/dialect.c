/* dialect.c: which dialect a database speaks, and what several of them share. */
#include "orm/dialect.h"
#include "orm/work.h"

const Dialect *dialect_of_vendor(Str vendor)
{
    static const Dialect *const all[] = { &dialect_sqlite, &dialect_postgresql, &dialect_mysql, &dialect_mariadb };
    for (size_t i = 0; i < CLEF_COUNT(all); i++)
        if (str_eq(vendor, str_c(all[i]->vendor)))
            return all[i];
    return NULL;
}

const Dialect *dialect_of(Context *cx, Str alias)
{
    if (!cx->databases)
        return &dialect_sqlite;
    const Dialect *d = dialect_of_vendor(str_c(db_pool_config(work_pool(cx, alias))->driver->vendor));
    return d ? d : &dialect_sqlite;
}

const char *dialect_function(const Dialect *d, const char *name, const char *otherwise)
{
    for (const char *const *pair = d->functions; pair && pair[0]; pair += 2)
        if (str_eq(str_c(pair[0]), str_c(name)))
            return pair[1];
    return otherwise;
}

Str dialect_text(Arena *a, Str s) { return str_format(a, "'%.*s'", STR_FMT(str_replace(a, s, STR("'"), STR("''")))); }

Str dialect_zone(Arena *a, Str zone, bool turned)
{
    if (!zone.n)
        return STR("'UTC'");
    size_t at = str_find_byte(zone, '+');
    if (at == STR_NPOS)
        at = str_find_byte(zone, '-');
    /* POSIX counts offsets westwards. */
    bool offset = at != STR_NPOS && at + 1 < zone.n && zone.p[at + 1] >= '0' && zone.p[at + 1] <= '9' &&
                  !str_starts(zone, STR("Etc/"));
    if (!turned || !offset)
        return dialect_text(a, zone);
    return str_format(a, "'%.*s%c%.*s'", STR_FMT(str_slice(zone, 0, at)), zone.p[at] == '+' ? '-' : '+',
                      STR_FMT(str_from_byte(zone, at + 1)));
}

Str dialect_varchar(Arena *a, const FieldInfo *field)
{
    return str_format(a, "varchar(%d)", field_max_length(field->stored));
}

void dialect_upsert_conflict(Buf *b, const Str *unique, size_t nunique, const Str *update, size_t nupdate)
{
    BUF_LIT(b, " ON CONFLICT(");
    for (size_t i = 0; i < nunique; i++)
        buf_printf(b, "%s%.*s", i ? ", " : "", STR_FMT(unique[i]));
    BUF_LIT(b, ") DO UPDATE SET ");
    for (size_t i = 0; i < nupdate; i++)
        buf_printf(b, "%s%.*s = EXCLUDED.%.*s", i ? ", " : "", STR_FMT(update[i]), STR_FMT(update[i]));
}

/* $."key"[0]: digits are an index. */
Str dialect_json_path(Arena *a, const Str *keys, size_t n, bool name)
{
    Buf b = BUF_INIT(a, 1 << 16);
    buf_byte(&b, '$');
    for (size_t i = 0; i < n; i++) {
        int64_t index;
        if (!(name && i + 1 == n) && str_to_i64(keys[i], &index)) {
            buf_printf(&b, index < 0 ? "[#%lld]" : "[%lld]", (long long)index);
            continue;
        }
        BUF_LIT(&b, ".\"");
        for (size_t j = 0; j < keys[i].n; j++) {
            if (keys[i].p[j] == '"' || keys[i].p[j] == '\\')
                buf_byte(&b, '\\');
            buf_byte(&b, keys[i].p[j]);
        }
        buf_byte(&b, '"');
    }
    return buf_view(&b);
}
