/*
 * sqlite_statements.c: prepared statements by their text. The least recently used one goes when the cache is full. A
 * statement that is running is not shared: the same text a second time, inside, gets a statement of its own.
 */
#include "base/hash_quick.h"
#include "db/sqlite.h"

static SqliteStatement **bucket(Sqlite *s, uint64_t hash) { return &s->buckets[hash % SQLITE_CACHE_BUCKETS]; }

static void unlink_use(Sqlite *s, SqliteStatement *st)
{
    *(st->newer ? &st->newer->older : &s->newest) = st->older;
    *(st->older ? &st->older->newer : &s->oldest) = st->newer;
    st->newer = st->older = NULL;
}

static void link_newest(Sqlite *s, SqliteStatement *st)
{
    st->older = s->newest;
    *(s->newest ? &s->newest->newer : &s->oldest) = st;
    s->newest = st;
}

static void drop(Sqlite *s, SqliteStatement *st)
{
    sqlite3_finalize(st->stmt);
    *st = (SqliteStatement){ .chain = s->spare };
    s->spare = st;
}

static void evict(Sqlite *s, SqliteStatement *st)
{
    for (SqliteStatement **at = bucket(s, st->hash); *at; at = &(*at)->chain)
        if (*at == st) {
            *at = st->chain;
            break;
        }
    unlink_use(s, st);
    s->cached--;
    drop(s, st);
}

/* Room for one more; false when every cached statement is running. */
static bool make_room(Sqlite *s)
{
    SqliteStatement *st = s->oldest;
    while (s->cached >= s->most_cached && st) {
        SqliteStatement *newer = st->newer;
        if (!st->busy)
            evict(s, st);
        st = newer;
    }
    return s->cached < s->most_cached;
}

static sqlite3_stmt *prepare(DbConnection *c, Str sql)
{
    Sqlite *s = c->state;
    SqliteWait wait = { 0 };
    sqlite3_stmt *stmt = NULL;
    const char *tail = NULL;
    int code;
    if (sql.n > INT32_MAX / 2) {
        sqlite_fail(c, SQLITE_TOOBIG, STR(""));
        return NULL;
    }
    do
        code = sqlite3_prepare_v3(s->db, sql.p, (int)sql.n, SQLITE_PREPARE_PERSISTENT, &stmt, &tail);
    while (code != SQLITE_OK && sqlite_wait(c, code, &wait));
    if (code != SQLITE_OK) {
        sqlite_fail(c, code, sql);
        return NULL;
    }
    if (!stmt) {
        db_fail(c,
                &(DbError){ .kind = DB_ERROR_SYNTAX, .message = STR("there is no SQL in the statement"), .sql = sql });
        return NULL;
    }
    Str rest = str_trim_set(str_from(tail, (size_t)(sql.p + sql.n - tail)), STR(" \t\r\n;"));
    if (rest.n) {
        sqlite3_finalize(stmt);
        db_fail(c, &(DbError){ .kind = DB_ERROR_SYNTAX,
                               .message = STR("only one statement at a time can be run"),
                               .sql = sql });
        return NULL;
    }
    return stmt;
}

static SqliteVerb verb_of(Str sql, sqlite3_stmt *stmt)
{
    static const struct {
        Str begins;
        SqliteVerb verb;
    } verbs[] = { { STR("BEGIN IMMEDIATE"), SQLITE_BEGINS }, { STR("BEGIN EXCLUSIVE"), SQLITE_BEGINS },
                  { STR("COMMIT"), SQLITE_COMMITS },         { STR("INSERT"), SQLITE_CHANGES },
                  { STR("UPDATE"), SQLITE_CHANGES },         { STR("DELETE"), SQLITE_CHANGES },
                  { STR("REPLACE"), SQLITE_CHANGES } };
    for (size_t i = 0; i < CLEF_COUNT(verbs); i++)
        if (str_starts(sql, verbs[i].begins))
            return verbs[i].verb;
    return sqlite3_stmt_readonly(stmt) && str_starts(sql, STR("SELECT")) ? SQLITE_READS : SQLITE_OTHER;
}

SqliteStatement *sqlite_statement(DbConnection *c, Str sql)
{
    Sqlite *s = c->state;
    uint64_t hash = hash_quick(sql.p, sql.n);
    bool running = false;
    for (SqliteStatement *st = *bucket(s, hash); st; st = st->chain) {
        if (st->hash != hash)
            continue;
        const char *text = sqlite3_sql(st->stmt);
        if (strncmp(text, sql.p, sql.n) != 0 || text[sql.n])
            continue;
        if (st->busy) {
            running = true;
            break;
        }
        if (s->newest != st) {
            unlink_use(s, st);
            link_newest(s, st);
        }
        st->busy = true;
        return st;
    }
    sqlite3_stmt *stmt = prepare(c, sql);
    if (!stmt)
        return NULL;
    SqliteStatement *st = s->spare;
    if (st)
        s->spare = st->chain;
    else
        st = NEW(c->arena, SqliteStatement);
    *st = (SqliteStatement){ .stmt = stmt, .hash = hash, .busy = true, .verb = verb_of(sql, stmt) };
    if (!running && make_room(s)) {
        st->cached = true;
        st->chain = *bucket(s, hash);
        *bucket(s, hash) = st;
        link_newest(s, st);
        s->cached++;
    }
    return st;
}

void sqlite_statement_release(DbConnection *c, SqliteStatement *st)
{
    st->busy = false;
    if (!st->cached) {
        drop(c->state, st);
        return;
    }
    sqlite3_reset(st->stmt);
    sqlite3_clear_bindings(st->stmt);
}

void sqlite_cache_clear(DbConnection *c)
{
    Sqlite *s = c->state;
    while (s->oldest)
        evict(s, s->oldest);
}
