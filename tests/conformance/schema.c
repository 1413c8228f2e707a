/* schema.c: the suite "schema": models and operations to the statements of the schema editor. */
#include "conformance/conformance.h"
#include "conformance/python.h"
#include "migrations/operation.h"

typedef struct Case {
    const Map *record;
    List *statements;
    Str why;
} Case;

typedef struct Sink {
    Arena *a;
    List *list;
} Sink;

static void collect(void *arg, Str sql)
{
    Sink *sink = arg;
    bool ended = str_ends(sql, STR(";"));
    list_push(sink->a, sink->list, value_str(ended ? str_copy(sink->a, sql) : str_concat(sink->a, sql, STR(";"))));
}

static void run(Context *cx, void *arg)
{
    Case *c = arg;
    Sink sink = { cx->arena, c->statements };
    ProjectState *s = py_state(cx, record_text(c->record, "source"), &c->why);
    if (!s)
        RAISE(cx, 500, "not_understood", "%.*s", STR_FMT(c->why));
    Str vendor = record_text(c->record, "vendor"); /* of the project's own recordings; Django's are of SQLite */
    SchemaEditor *e = editor_create(cx, vendor.n ? vendor : STR("sqlite"), collect, &sink);
    Str text = record_text(c->record, "operation");
    if (!text.n) {
        for (size_t i = 0; i < s->n; i++)
            editor_create_model(e, state_info(cx, s, s->p[i]->app, s->p[i]->lower));
    } else {
        Operation op;
        Py *p = py_parse(cx->arena, text);
        if (!p || !py_operation(cx, p, &op, &c->why))
            RAISE(cx, 500, "not_understood", "%.*s", STR_FMT(c->why));
        ProjectState *to = state_clone(cx->arena, s);
        OperationRun r = { .cx = cx, .editor = e, .app = "app", .collect = op.kind != OPERATION_RUN_FUNCTION };
        state_apply(cx, to, "app", &op);
        if (str_eq(record_text(c->record, "direction"), STR("backwards")))
            operation_backwards(&r, &op, to, s);
        else
            operation_forwards(&r, &op, s, to);
    }
    editor_finish(e);
}

static bool answer(Run *r, const Map *record, Value *got, Value *expected)
{
    Context cx;
    Case c = { .record = record, .statements = list_new(r->scratch) };
    context_init(&cx, arena_create(r->scratch, 0, 0));
    const Error *e = attempt(&cx, run, &c);
    *got = e ? value_str(str_copy(r->scratch, e->message)) : value_list(c.statements);
    *expected = record_get(record, "sql");
    context_finish(&cx);
    return true;
}

const Suite schema_suite = { .name = "schema", .answer = answer };
