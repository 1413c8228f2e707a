/*
 * postgresql_statements.c: prepared statements by their text, and `?` as PostgreSQL's $1. The least recently used one
 * goes.
 */
#include "base/hash_quick.h"
#include "db/postgresql.h"

/* --- placeholders */

/* Past a text, a name, a comment or a body between dollars that begins here; the same place when none does. */
static size_t past_quoted(Str sql, size_t i)
{
    char c = sql.p[i];
    if (c == '\'' || c == '"') {
        bool escapes = c == '\'' && i > 0 && (sql.p[i - 1] | 32) == 'e' &&
                       (i == 1 || !(((sql.p[i - 2] | 32) >= 'a' && (sql.p[i - 2] | 32) <= 'z') || sql.p[i - 2] == '_' ||
                                    sql.p[i - 2] == '"' || (sql.p[i - 2] >= '0' && sql.p[i - 2] <= '9')));
        for (i++; i < sql.n; i++) {
            if (escapes && sql.p[i] == '\\')
                i++;
            else if (sql.p[i] == c && !(i + 1 < sql.n && sql.p[i + 1] == c))
                return i + 1;
            else if (sql.p[i] == c)
                i++;
        }
        return sql.n;
    }
    if (c == '-' && i + 1 < sql.n && sql.p[i + 1] == '-') {
        while (i < sql.n && sql.p[i] != '\n')
            i++;
        return i;
    }
    if (c == '/' && i + 1 < sql.n && sql.p[i + 1] == '*') {
        unsigned depth = 0;
        for (; i < sql.n; i++) {
            if (i + 1 < sql.n && sql.p[i] == '/' && sql.p[i + 1] == '*')
                depth++, i++;
            else if (i + 1 < sql.n && sql.p[i] == '*' && sql.p[i + 1] == '/' && (i++, --depth == 0))
                return i + 1;
        }
        return sql.n;
    }
    if (c == '$') {
        size_t end = i + 1;
        while (end < sql.n && (((sql.p[end] | 32) >= 'a' && (sql.p[end] | 32) <= 'z') || sql.p[end] == '_' ||
                               (end > i + 1 && sql.p[end] >= '0' && sql.p[end] <= '9')))
            end++;
        if (end >= sql.n || sql.p[end] != '$')
            return i;
        Str tag = str_slice(sql, i, end + 1);
        size_t close = str_find(str_from_byte(sql, end + 1), tag);
        return close == STR_NPOS ? sql.n : end + 1 + close + tag.n;
    }
    return i;
}

/* `?` as $1, $2, ...; `??` as `?`. How many placeholders there were. */
static size_t number_placeholders(Str sql, Buf *b)
{
    size_t n = 0;
    for (size_t i = 0; i < sql.n;) {
        size_t past = past_quoted(sql, i);
        if (past > i) {
            buf_add(b, sql.p + i, past - i);
            i = past;
        } else if (sql.p[i] != '?') {
            buf_byte(b, sql.p[i++]);
        } else if (i + 1 < sql.n && sql.p[i + 1] == '?') {
            buf_byte(b, '?');
            i += 2;
        } else {
            buf_byte(b, '$');
            buf_u64(b, ++n);
            i++;
        }
    }
    return n;
}

/* Only what asks for rows or changes them is worth being kept: everything else is run once, mostly. */
static bool is_worth_keeping(Str sql)
{
    static const char *const words[] = { "SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "VALUES", "MERGE", "(SELECT" };
    sql = str_trim(sql);
    for (size_t i = 0; i < CLEF_COUNT(words); i++)
        if (sql.n > 8 && str_ieq(str_slice(sql, 0, strlen(words[i])), str_c(words[i])))
            return true;
    return false;
}

/* --- the cache */

static PgStatement **bucket(Pg *pg, uint64_t hash) { return &pg->buckets[hash % PG_BUCKETS]; }

static void unlink_use(Pg *pg, PgStatement *s)
{
    *(s->newer ? &s->newer->older : &pg->newest) = s->older;
    *(s->older ? &s->older->newer : &pg->oldest) = s->newer;
    s->newer = s->older = NULL;
}

static void link_newest(Pg *pg, PgStatement *s)
{
    s->older = pg->newest;
    *(pg->newest ? &pg->newest->newer : &pg->oldest) = s;
    pg->newest = s;
}

/* Tells the server to forget it; nobody waits for the answer. */
static void deallocate(Pg *pg, PgStatement *s)
{
    char text[40];
    Buf b = { .p = text, .cap = sizeof text, .max = sizeof text - 1 };
    if (pg->lane) {
        if (s->prepared)
            pg_lane_deallocate(pg, s->name);
        return;
    }
    BUF_LIT(&b, "DEALLOCATE ");
    buf_c(&b, s->name);
    if (!s->prepared || pg->dead || pg->lib.transactionStatus(pg->conn) == PQTRANS_INERROR ||
        !pg->lib.sendQueryParams(pg->conn, text, 0, NULL, NULL, NULL, NULL, 0))
        return;
    PgRequest *r = pg_request_new(pg);
    r->commands = 1;
    r->abandoned = true;
    pg_request_queue(pg, r);
    r->waiter = NULL;
    pg->lib.pipelineSync(pg->conn);
}

void pg_statement_forget(Pg *pg, PgStatement *s)
{
    if (s->once)
        return;
    for (PgStatement **at = bucket(pg, s->hash); *at; at = &(*at)->chain)
        if (*at == s) {
            *at = s->chain;
            break;
        }
    unlink_use(pg, s);
    pg->cached--;
    s->once = true;
    deallocate(pg, s);
    if (!s->users)
        arena_destroy(s->arena);
}

void pg_statement_release(Pg *pg, PgStatement *s)
{
    s->users--;
    if (!s->users && s->once)
        arena_destroy(s->arena);
    else if (!s->once && !s->prepared && !s->users)
        pg_statement_forget(pg, s);
}

static void make_room(Pg *pg)
{
    PgStatement *s = pg->oldest;
    while (pg->cached >= pg->most_cached && s) {
        PgStatement *newer = s->newer;
        if (!s->users)
            pg_statement_forget(pg, s);
        s = newer;
    }
}

/* A NULL fits any type, and a small integer a large one. */
static bool fits(const PgStatement *s, const PgParams *params, size_t n)
{
    if (s->nparams != n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (params->types[i] != s->types[i] && params->values[i] &&
            !(s->types[i] == PG_INT8 && params->types[i] == PG_INT4))
            return false;
    return true;
}

PgStatement *pg_statement(DbConnection *c, Str sql, PgParams *params, size_t n)
{
    Pg *pg = c->state;
    uint64_t hash = hash_quick(sql.p, sql.n);
    for (PgStatement *s = *bucket(pg, hash); s; s = s->chain) {
        if (s->hash != hash || !str_eq(s->sql, sql) || !fits(s, params, n))
            continue;
        for (size_t i = 0; i < n; i++)
            if (params->types[i] != s->types[i])
                pg_widen(pg->scratch, params, i, s->types[i]);
        if (pg->newest != s) {
            unlink_use(pg, s);
            link_newest(pg, s);
        }
        s->users++;
        return s;
    }
    Arena *arena = arena_create(pg->arena, 0, 512);
    PgStatement *s = NEW(arena, PgStatement);
    Buf b = BUF_INIT(arena, sql.n + 64 + 8 * n);
    size_t wanted = number_placeholders(sql, &b);
    if (wanted != n || b.failed) {
        db_fail(c, &(DbError){ .kind = DB_ERROR_SYNTAX,
                               .message = STR("the statement has another number of placeholders than parameters were "
                                              "given"),
                               .sql = sql });
        arena_destroy(arena);
        return NULL;
    }
    *s = (PgStatement){ .arena = arena, .hash = hash, .nparams = (unsigned)n, .users = 1 };
    s->text = (char *)(uintptr_t)str_dup_c(arena, buf_view(&b));
    s->once = pg->most_cached == 0 || !is_worth_keeping(sql);
    if (s->once)
        return s;
    s->sql = str_copy(arena, sql);
    s->types = NEW_ARRAY(arena, Oid, n + 1);
    memcpy(s->types, params->types, n * sizeof *s->types);
    make_room(pg);
    Buf name = { .p = s->name, .cap = sizeof s->name, .max = sizeof s->name - 1 };
    buf_byte(&name, 's');
    buf_u64(&name, ++pg->names);
    s->chain = *bucket(pg, hash);
    *bucket(pg, hash) = s;
    link_newest(pg, s);
    pg->cached++;
    return s;
}
