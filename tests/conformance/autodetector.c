/* autodetector.c: the suite "autodetector": two states to migrations, shown as Django would write them in Python. */
#include "conformance/conformance.h"
#include "conformance/python.h"
#include "migrations/changes.h"

/* --- cases */

static bool yes_model(void *arg, const char *app, const char *old_name, const char *new_name)
{
    (void)arg, (void)app, (void)old_name, (void)new_name;
    return true;
}

static bool yes_field(void *arg, const char *model, const char *old_name, const char *new_name, const Field *field)
{
    (void)arg, (void)model, (void)old_name, (void)new_name, (void)field;
    return true;
}

static bool new_default(void *arg, const char *model, const Field *f, Value *out)
{
    (void)arg, (void)model;
    Date day = { 0 };
    if (!date_parse_iso(STR("2024-01-01"), &day))
        return false;
    *out = f->auto_now_add ? value_datetime((DateTime){ naive_combine(day, (Time){ 0 }).us }, NULL) : value_int(1);
    return true;
}

static bool altered_default(void *arg, const char *model, const Field *f, Value *out)
{
    (void)arg, (void)model, (void)f;
    *out = value_str(STR(""));
    return true;
}

typedef struct Case {
    const Map *record;
    Arena *a;
    List *migrations;
} Case;

static const char *leaf(void *arg, const char *app)
{
    (void)app;
    const ProjectState *before = arg;
    return before->n ? "0001_initial" : NULL;
}

static Value map_of(Arena *a, const Change *c, Str after)
{
    Map *m = map_new(a);
    List *operations = list_new(a), *words = list_new(a);
    for (const Operation *op = c->operations; op->kind; op++) {
        list_push(a, operations,
                  value_str(py_write_operation(a, op, op->table && py_is_concrete(a, after, op->model))));
        list_push(a, words, value_str(operation_describe(a, op)));
    }
    map_set(m, STR("name_suggested"), value_str(str_copy(a, str_from_byte(str_c(c->name), 5))));
    map_set(m, STR("dependencies"), value_list(list_new(a)));
    map_set(m, STR("operations"), value_list(operations));
    map_set(m, STR("describe"), value_list(words));
    return value_map(m);
}

static void run(Context *cx, void *arg)
{
    Case *c = arg;
    Str why = { 0 };
    ProjectState *from = py_state(cx, record_text(c->record, "before"), &why),
                 *to = from ? py_state(cx, record_text(c->record, "after"), &why) : NULL;
    if (!to)
        RAISE(cx, 500, "not_understood", "%.*s", STR_FMT(why));
    const Questioner q = { yes_model, yes_field, new_default, altered_default, NULL };
    const KnownMigrations known = { leaf, from };
    Change *changes;
    size_t n = changes_detect(cx, from, to, &q, &known, NULL, &changes);
    for (size_t i = 0; i < n; i++)
        list_push(c->a, c->migrations, map_of(c->a, &changes[i], record_text(c->record, "after")));
}

static bool answer(Run *r, const Map *record, Value *got, Value *expected)
{
    Context cx;
    Case c = { .record = record, .a = r->scratch, .migrations = list_new(r->scratch) };
    context_init(&cx, arena_create(r->scratch, 0, 0));
    const Error *e = attempt(&cx, run, &c);
    *got = e ? value_str(str_copy(r->scratch, e->message)) : value_list(c.migrations);
    *expected = record_get(record, "migrations");
    context_finish(&cx);
    return true;
}

const Suite autodetector_suite = { .name = "autodetector", .answer = answer };
