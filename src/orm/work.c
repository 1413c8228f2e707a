/* work.c: statements in the name of a context: connections, the query log, errors raised. */
#include "orm/work.h"
#include <clef/base/vec.h>
#include <clef/orm/router.h>
#include <clef/orm/row.h>
#include <clef/rt/fiber.h>
#include <clef/rt/loop.h>

static struct {
    int64_t threshold_ns;
    DbQueryFn *fn;
    void *arg;
} slow;

void sql_on_slow(int64_t threshold_ns, DbQueryFn *fn, void *arg)
{
    slow.threshold_ns = threshold_ns;
    slow.fn = fn;
    slow.arg = arg;
}

/* On the loop's stack, while the fiber waits. */
static void interrupt(void *arg)
{
    DbWork *w = arg;
    if (w->waits)
        db_cancel(w->waits, w->waits_for);
}

DbWork *db_work(Context *cx)
{
    if (CLEF_LIKELY(cx->db_work != NULL))
        return cx->db_work;
    DbWork *w = NEW(cx->arena, DbWork);
    w->cx = cx;
    w->root = w;
    cx->db_work = w;
    cx->on_interrupt = interrupt;
    cx->on_interrupt_arg = w;
    return w;
}

/* --- errors */

static const char *code_of(DbErrorKind kind)
{
    if (db_error_is_integrity(kind))
        return "integrity_error";
    switch (kind) {
    case DB_ERROR_CONNECTION:
    case DB_ERROR_POOL:
        return "database_unavailable";
    case DB_ERROR_SERIALIZATION:
    case DB_ERROR_DEADLOCK:
        return TRANSACTION_CONFLICT;
    case DB_ERROR_TIMEOUT:
        return "statement_timeout";
    case DB_ERROR_SYNTAX:
    case DB_ERROR_NO_COLUMN:
        return "programming_error";
    case DB_ERROR_DATA:
        return "data_error";
    default:
        return "operational_error";
    }
}

/* The populated model of a table. */
static const ModelInfo *info_of_table(const ModelInfo *info, Str table)
{
    if (info && str_eq(info->table, table))
        return info;
    const Model *m;
    for (size_t i = 0; (m = model_at(i)) != NULL; i++)
        if (str_eq(model_info_known(m)->table, table))
            return model_info_known(m);
    return NULL;
}

static const IntegrityError *integrity_of(Arena *a, const DbError *e, const ModelInfo *info)
{
    IntegrityError *payload = NEW(a, IntegrityError);
    payload->problem = db_error_word(e->kind);
    payload->columns = str_copy(a, e->columns);
    payload->constraint = str_copy(a, e->constraint);
    const ModelInfo *of = e->table.n ? info_of_table(info, e->table) : info;
    payload->model = of ? of->m : NULL;
    Str rest = e->columns, first = { 0 };
    if (of && str_cut(&rest, ',', &first))
        for (size_t i = 0; i < of->n; i++)
            if (str_eq(of->fields[i].column, first))
                payload->field = of->fields[i].f;
    return payload;
}

static Str hint_of(Arena *a, const Context *cx, const DbError *e, const IntegrityError *integrity)
{
    Buf b = BUF_INIT(a, 1 << 14);
    switch (e->kind) {
    case DB_ERROR_NO_TABLE:
        BUF_LIT(&b, "The table has not been made in this database: run the command `migrate` (and before it "
                    "`makemigrations`, when "
                    "the model is new or changed).");
        break;
    case DB_ERROR_NO_COLUMN:
        BUF_LIT(&b, "The table is older than its model: run `makemigrations`, then `migrate`.");
        break;
    case DB_ERROR_BUSY:
        BUF_LIT(
            &b,
            "Another connection holds the database for longer than the time-out: keep waits out of ATOMIC, or raise "
            "the option \"timeout\".");
        break;
    case DB_ERROR_SERIALIZATION:
    case DB_ERROR_DEADLOCK:
        BUF_LIT(&b, "Run the transaction again (transaction_retry), and take locks in one order everywhere.");
        break;
    case DB_ERROR_ABORTED:
        BUF_LIT(&b, "An earlier statement of this transaction failed and was caught: put an ATOMIC around it.");
        break;
    case DB_ERROR_MEMORY:
        BUF_LIT(&b, "Read fewer rows (SLICE, only, values), or walk over them by queryset_iterate.");
        break;
    case DB_ERROR_UNIQUE:
        if (integrity && integrity->model && integrity->columns.n)
            buf_printf(&b, "%s with this %.*s already exists.", integrity->model->name, STR_FMT(integrity->columns));
        break;
    case DB_ERROR_NOT_NULL:
        if (integrity && integrity->model)
            buf_printf(&b, "%s.%.*s cannot be NULL.", integrity->model->name, STR_FMT(integrity->columns));
        break;
    case DB_ERROR_FOREIGN_KEY:
        BUF_LIT(&b, "A row refers to one that does not exist.");
        break;
    default:
        break;
    }
    if (cx->backtraces && e->sql.n) {
        if (b.n)
            buf_byte(&b, '\n');
        BUF_LIT(&b, "SQL: ");
        buf_str(&b, e->sql);
    }
    return buf_view(&b);
}

/* Why the work is to end; NULL: it is not. */
static const Error *interruption(const Context *cx)
{
    const Context *root = cx->db_work ? cx->db_work->root->cx : cx;
    if (CLEF_UNLIKELY(root->interruption != NULL))
        return root->interruption;
    return CLEF_UNLIKELY(root->deadline_ns != 0) && loop_clock() >= root->deadline_ns ? root->deadline_error : NULL;
}

static CLEF_COLD CLEF_NORETURN void raise_interruption(Context *cx, const Error *why)
{
    Error e = *why;
    e.file = __FILE__;
    e.line = __LINE__;
    e.function = "";
    context_raise_error(cx, &e);
}

void work_check(Context *cx)
{
    const Error *why = interruption(cx);
    if (CLEF_UNLIKELY(why != NULL))
        raise_interruption(cx, why);
}

static bool ends_by_interruption(DbErrorKind kind)
{
    return kind == DB_ERROR_TIMEOUT || kind == DB_ERROR_POOL || kind == DB_ERROR_BUSY || kind == DB_ERROR_CONNECTION;
}

void work_raise(Context *cx, const DbError *e, const ModelInfo *info)
{
    if (ends_by_interruption(e->kind))
        work_check(cx);
    bool unavailable = e->kind == DB_ERROR_CONNECTION || e->kind == DB_ERROR_POOL;
    Error error = { .status = unavailable ? 503 : 500, .code = code_of(e->kind), .function = "" };
    error.message = str_copy(cx->arena, e->message);
    const IntegrityError *integrity = db_error_is_integrity(e->kind) ? integrity_of(cx->arena, e, info) : NULL;
    error.payload = integrity;
    error.hint = hint_of(cx->arena, cx, e, integrity);
    error.file = __FILE__;
    error.line = __LINE__;
    context_raise_error(cx, &error);
}

/* --- connections */

DbPool *work_pool(Context *cx, Str alias)
{
    if (!cx->databases)
        RAISE(cx, 500, "no_databases",
              "This work has no databases: whoever starts it must set the databases of its Context (settings: "
              "DATABASES).");
    DbPool *pool = databases_pool(cx->databases, alias);
    if (!pool)
        RAISE(cx, 500, "no_database", "The connection '%.*s' doesn't exist: there is no such alias in DATABASES.",
              STR_FMT(alias));
    return pool;
}

AtomicScope *work_scope(const DbWork *w, const DbPool *pool)
{
    for (AtomicScope *s = w->innermost; s; s = s->outer)
        if (s->pool == pool)
            return s;
    return NULL;
}

static void on_query(void *arg, const DbQueryEvent *event)
{
    DbWork *w = arg;
    if (slow.fn && event->duration_ns >= slow.threshold_ns)
        slow.fn(slow.arg, event);
    if (!w->keep || w->kept >= SQL_LOG_MAX)
        return;
    /* Without the limit handler: the log must not end the work, least of all here, where a connection is open. */
    LoggedQuery *q = arena_try_alloc(w->cx->arena, sizeof *q + event->sql.n + 1);
    if (!q)
        return;
    char *text = (char *)(q + 1);
    memcpy(text, event->sql.p, event->sql.n);
    text[event->sql.n] = 0;
    *q = (LoggedQuery){ .sql = { text, event->sql.n },
                        .duration_ns = event->duration_ns,
                        .failed = event->error != NULL };
    Value *params = event->nparams ? arena_try_alloc(w->cx->arena, event->nparams * sizeof *params) : NULL;
    for (size_t i = 0; params && i < event->nparams; i++) {
        params[i] = event->params[i];
        if (params[i].tag == VALUE_STR || params[i].tag == VALUE_BYTES) {
            char *copy = arena_try_alloc(w->cx->arena, params[i].s.n + 1);
            if (copy && params[i].s.n)
                memcpy(copy, params[i].s.p, params[i].s.n);
            params[i].s = copy ? str_from(copy, params[i].s.n) : STR("");
        }
    }
    q->params = params;
    q->nparams = params ? event->nparams : 0;
    *(w->newest ? &w->newest->next : &w->oldest) = q;
    w->newest = q;
    w->kept++;
}

DbConnection *work_take(Context *cx, DbPool *pool, const ModelInfo *info, bool shared)
{
    DbWork *w = db_work(cx);
    const DbError *e;
    int64_t deadline = w->root->cx->deadline_ns;
    DbConnection *c = db_acquire_until(pool, shared, deadline, &e);
    if (CLEF_UNLIKELY(!c))
        work_raise(cx, e, info);
    if (CLEF_UNLIKELY(deadline))
        c->deadline_ns = deadline;
    if (w->keep || slow.fn) {
        c->on_query = on_query;
        c->on_query_arg = w;
    }
    return c;
}

/*
 * Memory of the connection's has run out in the midst of a statement: the work that runs it raises, and the connection,
 * whose state nobody knows, is not used again. On the loop's own stack there is nobody to tell.
 */
static void on_no_memory(Arena *arena, size_t wanted, void *arg)
{
    DbWork *w = arg;
    (void)arena;
    if (w->fiber != fiber_self())
        return;
    w->guarded->broken = true;
    RAISE(w->cx, 503, "no_memory", "The system has no memory left: a statement asked for %zu bytes.", wanted);
}

/* Around the driver's work for `w`, on the fiber that runs now. */
static void guard(DbWork *w, DbConnection *c)
{
    w->guarded = c;
    w->fiber = fiber_self();
    arena_on_limit(c->arena, on_no_memory, w);
}

static void unguard(DbConnection *c) { arena_on_limit(c->arena, NULL, NULL); }

/* --- statements */

static void end(Reading *r)
{
    DbWork *w = r->cx->db_work;
    work_waits(w, NULL, NULL);
    unguard(r->c);
    db_finish(&r->cursor);
    if (!r->held)
        db_release(r->c);
    r->c = NULL;
    r->next = w->spare_readings;
    w->spare_readings = r;
}

static void end_by_raise(void *arg) { end(arg); }
static void release(void *connection)
{
    unguard(connection);
    db_release(connection);
}

/* A statement that gives rows may write all the same: INSERT ... RETURNING. */
static Str routed(Context *cx, const Model *m, Str sql)
{
    bool reads = str_starts(sql, STR("SELECT")) || str_starts(sql, STR("("));
    return reads ? router_db_for_read(cx, (Str){ 0 }, m, NULL) : router_db_for_write(cx, (Str){ 0 }, m, NULL);
}

/* What asks for rows or changes them leaves nothing behind on its connection; others (SET, COPY, LISTEN) may. */
static bool may_share(Str sql)
{
    static const char *const words[] = { "SELECT", "INSERT", "UPDATE", "DELETE" };
    for (size_t i = 0; sql.n > 8 && i < CLEF_COUNT(words); i++)
        if (memcmp(sql.p, words[i], 6) == 0)
            return true;
    return false;
}

/* Does `word` stand in the text, in any case? It is given in small letters. */
static bool mentions(Str sql, const char *word)
{
    size_t n = strlen(word);
    for (size_t i = 0; i + n <= sql.n; i++)
        if ((sql.p[i] | 32) == word[0] && str_ieq(str_slice(sql, i, i + n), str_c(word)))
            return true;
    return false;
}

static bool begins(Str sql, const char *word)
{
    return sql.n > strlen(word) && str_ieq(str_slice(sql, 0, strlen(word)), str_c(word));
}

/* A statement of the program's own that leaves something behind in its session, by the words that say so. */
static bool leaves_state(const DbPool *pool, Str sql)
{
    static const char *const verbs[] = { "SET ", "RESET ", "LISTEN ", "CREATE TEMP", "LOAD " };
    Str vendor = str_c(db_pool_config(pool)->driver->vendor);
    sql = str_trim(sql);
    if (str_eq(vendor, STR("mariadb")) || str_eq(vendor, STR("mysql")))
        return mentions(sql, "get_lock(");
    if (!str_eq(vendor, STR("postgresql")))
        return false;
    for (size_t i = 0; i < CLEF_COUNT(verbs); i++)
        if (begins(sql, verbs[i]))
            return true;
    return mentions(sql, "pg_advisory_lock") || mentions(sql, "pg_try_advisory_lock") || mentions(sql, "set_config(") ||
           mentions(sql, "setseed(");
}

static Reading *begin(Context *cx, Str alias, const ModelInfo *info, Str sql, const Value *params, size_t n,
                      bool streams)
{
    DbWork *w = db_work(cx);
    DbPool *pool = work_pool(cx, alias.n || !info ? alias : routed(cx, info->m, sql));
    AtomicScope *scope = work_scope(w, pool);
    Reading *r = w->spare_readings;
    if (r)
        w->spare_readings = r->next;
    else
        r = NEW(cx->arena, Reading);
    work_check(cx);
    *r = (Reading){ .cx = cx, .held = scope != NULL };
    bool leaves = !scope && !info && leaves_state(pool, sql);
    r->c = scope ? scope->c : work_take(cx, pool, info, !streams && !leaves && may_share(sql));
    if (CLEF_UNLIKELY(leaves)) /* it ends with the statement: nobody gets what it leaves behind */
        r->c->retiring = true;
    DEFER(cx, end_by_raise, r);
    w->queries++;
    work_waits(w, r->c, &r->cursor);
    guard(w, r->c);
    bool ok = CLEF_UNLIKELY(streams) ? db_query_streaming(r->c, &r->cursor, sql, params, n)
                                     : db_query(r->c, &r->cursor, sql, params, n);
    work_waits(w, NULL, NULL);
    if (CLEF_UNLIKELY(!ok))
        work_raise(cx, &r->c->error, info);
    return r;
}

Reading *reading_begin(Context *cx, Str alias, const ModelInfo *info, Str sql, const Value *params, size_t n)
{
    return begin(cx, alias, info, sql, params, n, false);
}

Reading *reading_begin_streaming(Context *cx, Str alias, const ModelInfo *info, Str sql, const Value *params, size_t n)
{
    return begin(cx, alias, info, sql, params, n, true);
}

bool reading_step(Reading *r, const ModelInfo *info)
{
    DbWork *w = r->cx->db_work;
    work_waits(w, r->c, &r->cursor);
    guard(w, r->c);
    DbStep step = db_step(&r->cursor);
    work_waits(w, NULL, NULL);
    if (CLEF_UNLIKELY(step == DB_FAILED))
        work_raise(r->cx, &r->c->error, info);
    return step == DB_ROW;
}

DbDone reading_end(Reading *r)
{
    DbDone done = { r->cursor.changes, r->cursor.insert_id };
    context_undefer(r->cx, end_by_raise, r);
    end(r);
    return done;
}

DbDone work_execute(Context *cx, Str alias, const ModelInfo *info, Str sql, const Value *params, size_t n)
{
    /* The primary unless a router says otherwise: what is not routed must not follow the reads to a replica. */
    Str to = alias.n || !info ? alias : router_db_for_write(cx, alias, info->m, NULL);
    Reading *r = reading_begin(cx, to.n ? to : STR("default"), info, sql, params, n);
    while (reading_step(r, info))
        ;
    return reading_end(r);
}

size_t work_copy(Context *cx, Str alias, const ModelInfo *info, const Str *columns, size_t ncolumns, DbRowsFn *rows,
                 void *arg)
{
    DbWork *w = db_work(cx);
    DbPool *pool = work_pool(cx, alias.n ? alias : router_db_for_write(cx, alias, info->m, NULL));
    AtomicScope *scope = work_scope(w, pool);
    DbConnection *c = scope ? scope->c : work_take(cx, pool, info, false);
    int64_t n = 0;
    if (!scope)
        DEFER(cx, release, c);
    w->queries++;
    work_check(cx);
    work_waits(w, c, NULL);
    guard(w, c);
    bool ok = db_copy(c, info->quoted, columns, ncolumns, rows, arg, &n);
    unguard(c);
    work_waits(w, NULL, NULL);
    if (!ok)
        work_raise(cx, &c->error, info);
    if (!scope) {
        context_undefer(cx, release, c);
        db_release(c);
    }
    return (size_t)n;
}

DbDone sql_execute(Context *cx, Str alias, Str sql, const Value *params, size_t n)
{
    return work_execute(cx, alias, NULL, sql, params, n);
}

SqlRows sql_query(Context *cx, Str alias, Str sql, const Value *params, size_t n)
{
    SqlRows out = { 0 };
    Arena *a = cx->arena;
    VEC(Value *) rows = { 0 };
    Reading *r = reading_begin(cx, alias, NULL, sql, params, n);
    out.columns = r->cursor.columns;
    out.names = NEW_ARRAY(a, Str, out.columns);
    for (size_t i = 0; i < out.columns; i++)
        out.names[i] = str_copy(a, db_column_name(&r->cursor, i));
    while (reading_step(r, NULL)) {
        Value *cells = NEW_ARRAY(a, Value, out.columns);
        db_row(&r->cursor, cells);
        for (size_t i = 0; i < out.columns; i++)
            cells[i] = value_copy(a, cells[i]);
        VEC_PUSH(a, &rows, cells);
    }
    reading_end(r);
    out.rows = rows.p;
    out.n = rows.n;
    return out;
}

void sql_log_start(Context *cx)
{
    DbWork *w = db_work(cx);
    w->keep = true;
    for (AtomicScope *s = w->innermost; s; s = s->outer) { /* what transactions have taken already */
        s->c->on_query = on_query;
        s->c->on_query_arg = w;
    }
}

const LoggedQuery *sql_log(const Context *cx) { return cx->db_work ? cx->db_work->oldest : NULL; }
size_t sql_count(const Context *cx) { return cx->db_work ? cx->db_work->queries : 0; }
