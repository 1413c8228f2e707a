/*
 * shop_server.c: the shop's rows on a server: the tables as Clef makes them, the rows as they stand in the recordings'
 * SQLite.
 */
#include "conformance/shop_server.h"
#include "../../examples/shop/shop.h"
#include "orm/dialect.h"
#include "orm/node.h"
#include "orm/work.h"

#include <clef/base/vec.h>
#include <clef/codec/json.h>
#include <clef/conf/service_url.h>
#include <clef/orm.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { ROWS_AT_ONCE = 50 };

bool shop_server_config(Run *run, DbConfig *out)
{
    bool mariadb = str_eq(str_c(run->database), STR("mariadb"));
    if (!mariadb && !str_eq(str_c(run->database), STR("postgresql"))) {
        fprintf(stderr, "clef-conformance: no database is called %s; there are sqlite, postgresql and mariadb\n",
                run->database);
        return false;
    }
    const char *url = getenv(mariadb ? "CLEF_TEST_MARIADB" : "CLEF_TEST_POSTGRESQL");
    DatabaseSettings s;
    Str error = { 0 };
    if (!url || !database_url_parse(run->arena, str_c(url), &s, &error)) {
        fprintf(stderr, "clef-conformance: no server: tests/with-databases %s -- ... starts one %.*s\n", run->database,
                STR_FMT(error));
        return false;
    }
    *out = (DbConfig){ .alias = STR("default"),
                       .driver = mariadb ? &mariadb_driver : &postgresql_driver,
                       .name = s.name,
                       .user = s.user,
                       .password = s.password,
                       .host = s.host,
                       .port = s.port };
    return true;
}

static bool tell(const DbConfig *server, Str sql)
{
    Arena *arena = arena_create(NULL, 0, 0);
    DbConnection *c = db_open(arena, server);
    bool done = !c->error.kind && db_execute(c, sql, NULL, 0, NULL);
    if (!done)
        fprintf(stderr, "clef-conformance: %.*s\n", STR_FMT(c->error.message));
    db_close(c);
    arena_destroy(arena);
    return done;
}

bool shop_server_create(Run *run, DbConfig *config)
{
    Str name = str_format(run->arena, "clef_conformance_%d", (int)getpid());
    bool mariadb = config->driver == &mariadb_driver;
    if (!tell(config, str_format(run->arena, "CREATE DATABASE \"%.*s\"%s", STR_FMT(name),
                                 mariadb ? " CHARACTER SET utf8mb4" : "")))
        return false;
    config->name = name;
    if (!mariadb) /* SHA1; a server without its contributed modules fails that case */
        (void)tell(config, STR("CREATE EXTENSION IF NOT EXISTS pgcrypto"));
    return true;
}

void shop_server_drop(const DbConfig *config, Str name)
{
    char sql[128];
    snprintf(sql, sizeof sql,
             config->driver == &mariadb_driver ? "DROP DATABASE \"%.*s\"" : "DROP DATABASE \"%.*s\" WITH (FORCE)",
             STR_FMT(name));
    (void)tell(config, str_c(sql));
}

/* --- rows */

/* What SQLite gave, as the column's type. */
static Value typed(Context *cx, const FieldInfo *field, Value v)
{
    Value parsed;
    if (v.tag == VALUE_NULL)
        return v;
    if (field->kind == FIELD_JSON)
        return v; /* its text */
    if (field->kind == FIELD_DURATION && v.tag == VALUE_INT)
        return value_duration((Duration){ v.i });
    if (field->kind == FIELD_DATETIME && v.tag == VALUE_STR) { /* stored in UTC, without a word of it */
        ParsedDateTime x;
        DateTime t;
        if (datetime_parse(v.s, &x) == PARSE_OK && datetime_from_naive(x.local, 0, &t))
            return value_datetime(t, NULL);
    }
    parsed = value_for_field(cx, field, v);
    return parsed;
}

static void insert(Context *cx, const ModelInfo *info, const SqlRows *rows, const FieldInfo *const *fields, size_t n)
{
    for (size_t from = 0; from < rows->n; from += ROWS_AT_ONCE) {
        size_t to = from + ROWS_AT_ONCE < rows->n ? from + ROWS_AT_ONCE : rows->n;
        Buf b = BUF_INIT(cx->arena, 1 << 20);
        Value *params = NEW_ARRAY(cx->arena, Value, (to - from) * n + 1);
        size_t nparams = 0;
        buf_printf(&b, "INSERT INTO %.*s (", STR_FMT(info->quoted));
        for (size_t k = 0; k < n; k++)
            buf_printf(&b, "%s%.*s", k ? ", " : "", STR_FMT(fields[k]->quoted));
        BUF_LIT(&b, ") VALUES ");
        for (size_t i = from; i < to; i++) {
            buf_c(&b, i > from ? ", (" : "(");
            for (size_t k = 0; k < n; k++) {
                buf_c(&b, k ? ", ?" : "?");
                params[nparams++] = typed(cx, fields[k], rows->rows[i][k]);
            }
            BUF_LIT(&b, ")");
        }
        sql_execute(cx, STR(""), buf_view(&b), params, nparams);
    }
}

static void copy_table(Context *cx, const ModelInfo *info)
{
    VEC(const FieldInfo *) fields = { 0 };
    Buf b = BUF_INIT(cx->arena, 1 << 16);
    BUF_LIT(&b, "SELECT ");
    for (size_t i = 0; i < info->n; i++)
        if (!field_is_generated(info->fields[i].f) && info->fields[i].kind != FIELD_COMPOSITE) {
            buf_printf(&b, "%s%.*s", fields.n ? ", " : "", STR_FMT(info->fields[i].quoted));
            VEC_PUSH(cx->arena, &fields, &info->fields[i]);
        }
    buf_printf(&b, " FROM %.*s ORDER BY rowid", STR_FMT(info->quoted));
    SqlRows rows = sql_query(cx, STR("recorded"), buf_view(&b), NULL, 0);
    insert(cx, info, &rows, fields.p, fields.n);
    shop_server_reset_sequence(cx, info);
    for (size_t i = 0; i < info->nbetween; i++)
        if (info->between[i].through->between_only)
            copy_table(cx, info->between[i].through);
}

void shop_server_fill(Context *cx, void *arg)
{
    static const App *const apps[] = { &catalog_app, &sales_app };
    (void)arg;
    for (size_t i = 0; i < CLEF_COUNT(apps); i++)
        schema_create(cx, STR(""), apps[i]);
    bool mariadb = !dialect_of(cx, STR(""))->has.can_defer_constraint_checks;
    ATOMIC(cx)
    {
        if (mariadb)
            sql_execute(cx, STR(""), STR("SET FOREIGN_KEY_CHECKS = 0"), NULL, 0);
        for (size_t i = 0; i < CLEF_COUNT(apps); i++)
            for (const Model *const *m = apps[i]->models; *m; m++)
                if (!(*m)->proxy && !(*m)->abstract)
                    copy_table(cx, model_info(cx, *m));
        if (mariadb)
            sql_execute(cx, STR(""), STR("SET FOREIGN_KEY_CHECKS = 1"), NULL, 0);
    }
}

/* --- keys that the database counts */

void shop_server_reset_sequence(Context *cx, const ModelInfo *info)
{
    const FieldInfo *pk = info->pk;
    if (!field_is_auto(pk->f) || pk->to)
        return;
    if (dialect_of(cx, STR(""))->has.supports_identity) {
        sql_query(cx, STR(""),
                  str_format(cx->arena,
                             "SELECT setval(pg_get_serial_sequence('%.*s', '%.*s'), coalesce(max(%.*s), 1), max(%.*s) "
                             "IS NOT NULL) FROM %.*s",
                             STR_FMT(info->quoted), STR_FMT(pk->column), STR_FMT(pk->quoted), STR_FMT(pk->quoted),
                             STR_FMT(info->quoted)),
                  NULL, 0);
        return;
    }
    sql_execute(cx, STR(""), str_format(cx->arena, "ALTER TABLE %.*s AUTO_INCREMENT = 1", STR_FMT(info->quoted)), NULL,
                0);
}

static void reset_if_inserted(Context *cx, const ModelInfo *info, Str table)
{
    if (str_eq(info->quoted, table))
        shop_server_reset_sequence(cx, info);
    for (size_t i = 0; i < info->nbetween; i++)
        if (info->between[i].through->between_only && str_eq(info->between[i].through->quoted, table))
            shop_server_reset_sequence(cx, info->between[i].through);
}

void shop_server_after(Context *cx, void *arg)
{
    const Context *ran = arg;
    VEC(Str) tables = { 0 };
    for (const LoggedQuery *q = sql_log(ran); q; q = q->next) {
        Str rest = q->sql, into = STR(" INTO ");
        size_t at = str_find(rest, into);
        if (!str_starts(rest, STR("INSERT")) || at == STR_NPOS)
            continue;
        rest = str_from_byte(rest, at + into.n);
        size_t end = str_find_byte(rest, ' ');
        Str table = str_slice(rest, 0, end == STR_NPOS ? rest.n : end);
        bool known = false;
        for (size_t i = 0; i < tables.n; i++)
            known |= str_eq(tables.p[i], table);
        if (!known)
            VEC_PUSH(cx->arena, &tables, table);
    }
    const Model *m;
    for (size_t i = 0; i < tables.n; i++)
        for (size_t k = 0; (m = model_at(k)) != NULL; k++)
            if (!m->proxy)
                reset_if_inserted(cx, model_info(cx, m), tables.p[i]);
}
