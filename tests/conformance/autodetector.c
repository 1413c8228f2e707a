/* autodetector.c: the suite "autodetector": two states to migrations, shown as Django would write them in Python. */
#include "conformance/conformance.h"
#include "conformance/python.h"
#include "migrations/changes.h"

#include <clef/base/double.h>

enum { TEXT_MAX = 1 << 20 };

static void write_str(Buf *b, Str s)
{
    char quote = str_contains(s, STR("'")) && !str_contains(s, STR("\"")) ? '"' : '\'';
    buf_byte(b, quote);
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == quote || s.p[i] == '\\')
            buf_byte(b, '\\');
        buf_byte(b, s.p[i]);
    }
    buf_byte(b, quote);
}

static void write_value(Buf *b, Arena *a, Value v)
{
    char digits[DOUBLE_TEXT_MAX];
    switch ((ValueTag)v.tag) {
    case VALUE_NULL:
        BUF_LIT(b, "None");
        break;
    case VALUE_BOOL:
        buf_c(b, v.b ? "True" : "False");
        break;
    case VALUE_INT:
        buf_i64(b, v.i);
        break;
    case VALUE_DOUBLE:
        buf_str(b, str_from(digits, double_format(v.d, digits)));
        break;
    case VALUE_STR:
        write_str(b, v.s);
        break;
    case VALUE_DECIMAL:
        buf_printf(b, "Decimal('%.*s')", STR_FMT(decimal_str(a, *v.decimal)));
        break;
    case VALUE_DATETIME: {
        char text[DATETIME_TEXT_MAX];
        naive_format_iso((NaiveDateTime){ v.us }, ' ', text);
        int n[5];
        for (int i = 0; i < 5; i++) {
            static const int at[5] = { 0, 5, 8, 11, 14 };
            int64_t x = 0;
            n[i] = str_to_i64(str_from(text + at[i], i ? 2 : 4), &x) ? (int)x : 0;
        }
        buf_printf(b, "datetime.datetime(%d, %d, %d, %d, %d%s)", n[0], n[1], n[2], n[3], n[4],
                   v.zone ? ", tzinfo=datetime.timezone.utc" : "");
        break;
    }
    case VALUE_LIST:
        BUF_LIT(b, "[");
        for (size_t i = 0; i < v.list->n; i++) {
            buf_c(b, i ? ", " : "");
            write_value(b, a, v.list->p[i]);
        }
        BUF_LIT(b, "]");
        break;
    default:
        buf_printf(b, "<%s>", value_type_name(v));
        break;
    }
}

static void write_names(Buf *b, const char *const *names, char open)
{
    buf_byte(b, open);
    size_t n = 0;
    for (; names && names[n]; n++) {
        buf_c(b, n ? ", " : "");
        write_str(b, str_c(names[n]));
    }
    if (open == '(' && n == 1)
        buf_byte(b, ',');
    buf_byte(b, open == '(' ? ')' : ']');
}

static void write_sets(Buf *b, const char *const *const *sets)
{
    if (!sets || !sets[0]) {
        BUF_LIT(b, "set()");
        return;
    }
    BUF_LIT(b, "{");
    for (size_t i = 0; sets[i]; i++) {
        buf_c(b, i ? ", " : "");
        write_names(b, sets[i], '(');
    }
    BUF_LIT(b, "}");
}

static void write_pred(Buf *b, Arena *a, const Pred *p)
{
    bool negated = p->connector == CONNECT_NOT;
    BUF_LIT(b, "models.Q(");
    if (negated && p->nchildren == 1 && p->children[0].connector != CONNECT_NOT && p->children[0].connector)
        p = &p->children[0];
    size_t n = p->connector ? p->nchildren : 1;
    for (size_t i = 0; i < n; i++) {
        const Pred *child = p->connector ? &p->children[i] : p;
        buf_c(b, i ? ", " : "");
        if (child->connector) {
            write_pred(b, a, child);
            continue;
        }
        BUF_LIT(b, "(");
        write_str(b, pred_lookup(a, child));
        BUF_LIT(b, ", ");
        write_value(b, a, child->value.box(a, child->value.at));
        BUF_LIT(b, ")");
    }
    if (p->connector == CONNECT_OR)
        BUF_LIT(b, ", _connector='OR'");
    if (negated)
        BUF_LIT(b, ", _negated=True");
    BUF_LIT(b, ")");
}

/* --- fields: keywords by name */

typedef struct Arguments {
    Arena *a;
    Str all[64];
    size_t n;
} Arguments;

static void argument(Arguments *x, const char *name, Str value)
{
    Str one = str_format(x->a, "%s=%.*s", name, STR_FMT(value));
    size_t at = x->n++;
    for (; at > 0 && str_cmp(str_c(name), str_slice(x->all[at - 1], 0, str_find_byte(x->all[at - 1], '='))) < 0; at--)
        x->all[at] = x->all[at - 1];
    x->all[at] = one;
}

static void text_argument(Arguments *x, const char *name, const char *value)
{
    Buf b = BUF_INIT(x->a, TEXT_MAX);
    if (!value)
        return;
    write_str(&b, str_c(value));
    argument(x, name, buf_view(&b));
}

static void flag(Arguments *x, const char *name, bool set, bool value)
{
    if (set)
        argument(x, name, value ? STR("True") : STR("False"));
}

static void label_argument(Arguments *x, const char *name, const char *label)
{
    if (label)
        text_argument(x, name, lower_c(x->a, label));
}

static void boxed_argument(Arguments *x, const char *name, Boxed v)
{
    Buf b = BUF_INIT(x->a, TEXT_MAX);
    if (!v.box)
        return;
    write_value(&b, x->a, v.box(x->a, v.at));
    argument(x, name, buf_view(&b));
}

static void write_field(Buf *b, Arena *a, const Field *f)
{
    static const char *const on_delete[] = {
        [CASCADE] = "CASCADE",   [PROTECT] = "PROTECT",         [RESTRICT] = "RESTRICT",
        [SET_NULL] = "SET_NULL", [SET_DEFAULT] = "SET_DEFAULT", [DO_NOTHING] = "DO_NOTHING"
    };
    Arguments x = { .a = a };
    flag(&x, "null", f->null, true);
    flag(&x, "blank", f->blank, true);
    flag(&x, "unique", f->unique, true);
    flag(&x, "primary_key", f->primary_key, true);
    flag(&x, "serialize", f->primary_key, false);
    flag(&x, "auto_created", f->auto_created, true);
    flag(&x, "parent_link", f->parent_link, true);
    flag(&x, "auto_now", f->auto_now, true);
    flag(&x, "auto_now_add", f->auto_now_add, true);
    flag(&x, "editable", f->not_editable, false);
    flag(&x, "db_constraint", f->no_constraint, false);
    flag(&x, "db_index", f->db_index, true);
    flag(&x, "db_index", f->no_db_index, false);
    int length = field_max_length(f);
    bool implied = f->kind != FIELD_EMAIL && !field_max_length(&(Field){ .kind = f->kind }) == 0 &&
                   length == field_max_length(&(Field){ .kind = f->kind });
    if (length && !implied)
        argument(&x, "max_length", str_format(a, "%d", length));
    if (f->kind == FIELD_DECIMAL) {
        argument(&x, "max_digits", str_format(a, "%d", f->max_digits));
        argument(&x, "decimal_places", str_format(a, "%d", f->decimal_places));
    }
    if (f->kind == FIELD_FILE || f->kind == FIELD_IMAGE)
        text_argument(&x, "upload_to", f->upload_to ? f->upload_to : "");
    text_argument(&x, "verbose_name", f->auto_created && !f->to_label ? "ID" : f->verbose_name);
    text_argument(&x, "help_text", f->help_text);
    text_argument(&x, "db_column", f->db_column);
    text_argument(&x, "db_table", f->db_table);
    text_argument(&x, "db_comment", f->db_comment);
    text_argument(&x, "related_name", f->related_name);
    text_argument(&x, "related_query_name", f->related_query_name);
    text_argument(&x, "to_field", f->to_field);
    text_argument(&x, "unique_for_date", f->unique_for_date);
    text_argument(&x, "protocol", f->protocol);
    label_argument(&x, "to", f->to_label);
    label_argument(&x, "through", f->through_label);
    boxed_argument(&x, "default", f->default_value);
    boxed_argument(&x, "db_default", f->db_default);
    if (field_is_relation(f))
        argument(&x, "on_delete", str_format(a, "django.db.models.deletion.%s", on_delete[f->on_delete]));
    if (f->choices) {
        Buf c = BUF_INIT(a, TEXT_MAX);
        BUF_LIT(&c, "[");
        for (const Choice *one = f->choices; one->display; one++) {
            buf_c(&c, one == f->choices ? "(" : ", (");
            write_value(&c, a, one->value.box(a, one->value.at));
            BUF_LIT(&c, ", ");
            write_str(&c, str_c(one->display));
            BUF_LIT(&c, ")");
        }
        BUF_LIT(&c, "]");
        argument(&x, "choices", buf_view(&c));
    }
    buf_printf(b, "models.%s(", field_class(f));
    for (size_t i = 0; i < x.n; i++) {
        buf_c(b, i ? ", " : "");
        buf_str(b, x.all[i]);
    }
    BUF_LIT(b, ")");
}

static void write_index(Buf *b, Arena *a, const Index *index)
{
    BUF_LIT(b, "models.Index(");
    if (index->condition) {
        BUF_LIT(b, "condition=");
        write_pred(b, a, index->condition);
        BUF_LIT(b, ", ");
    }
    BUF_LIT(b, "fields=");
    write_names(b, index->fields, '[');
    buf_printf(b, ", name='%s')", index->name);
}

static void write_constraint(Buf *b, Arena *a, const Constraint *c)
{
    buf_c(b, c->unique ? "models.UniqueConstraint(" : "models.CheckConstraint(");
    if (c->check) {
        BUF_LIT(b, "condition=");
        write_pred(b, a, c->check);
        BUF_LIT(b, ", ");
    }
    if (c->deferrable)
        BUF_LIT(b, "deferrable=models.Deferrable['DEFERRED'], ");
    if (c->unique) {
        BUF_LIT(b, "fields=");
        write_names(b, c->unique, '(');
        BUF_LIT(b, ", ");
    }
    buf_printf(b, "name='%s'", c->name);
    if (c->nulls_not_distinct)
        BUF_LIT(b, ", nulls_distinct=False");
    BUF_LIT(b, ")");
}

/* --- operations */

typedef struct Option {
    const char *name;
    Str value;
} Option;

static size_t options_of(Arena *a, const Model *m, bool all, Option out[16])
{
    size_t n = 0;
    const struct {
        const char *name, *value;
    } texts[] = { { "verbose_name", m->verbose_name },
                  { "verbose_name_plural", m->verbose_name_plural },
                  { "db_table", all ? m->db_table : NULL },
                  { "db_table_comment", all ? m->db_table_comment : NULL } };
    for (size_t i = 0; i < CLEF_COUNT(texts); i++)
        if (texts[i].value) {
            Buf b = BUF_INIT(a, TEXT_MAX);
            write_str(&b, str_c(texts[i].value));
            out[n++] = (Option){ texts[i].name, buf_view(&b) };
        }
    Buf b = BUF_INIT(a, TEXT_MAX);
    if (m->ordering && m->ordering[0]) {
        write_names(&b, m->ordering, '[');
        out[n++] = (Option){ "ordering", buf_view(&b) };
    }
    if (m->get_latest_by)
        out[n++] = (Option){ "get_latest_by", str_format(a, "'%s'", m->get_latest_by) };
    if (m->unmanaged)
        out[n++] = (Option){ "managed", STR("False") };
    if (!all)
        return n;
    if (m->proxy)
        out[n++] = (Option){ "proxy", STR("True") };
    if (m->order_with_respect_to)
        out[n++] = (Option){ "order_with_respect_to", str_format(a, "'%s'", m->order_with_respect_to) };
    if (m->nindexes || m->proxy || m->unmanaged) {
        Buf x = BUF_INIT(a, TEXT_MAX);
        BUF_LIT(&x, "[");
        for (size_t i = 0; i < m->nindexes; i++) {
            buf_c(&x, i ? ", " : "");
            write_index(&x, a, &m->indexes[i]);
        }
        BUF_LIT(&x, "]");
        out[n++] = (Option){ "indexes", buf_view(&x) };
    }
    if (m->nconstraints || m->proxy || m->unmanaged) {
        Buf x = BUF_INIT(a, TEXT_MAX);
        BUF_LIT(&x, "[");
        for (size_t i = 0; i < m->nconstraints; i++) {
            buf_c(&x, i ? ", " : "");
            write_constraint(&x, a, &m->constraints[i]);
        }
        BUF_LIT(&x, "]");
        out[n++] = (Option){ "constraints", buf_view(&x) };
    }
    if (m->unique_together && m->unique_together[0]) {
        Buf x = BUF_INIT(a, TEXT_MAX);
        write_sets(&x, m->unique_together);
        out[n++] = (Option){ "unique_together", buf_view(&x) };
    }
    return n;
}

static void create_model(Buf *b, Arena *a, const Operation *op)
{
    Option options[16];
    const Model *m = op->table;
    size_t n = options_of(a, m, true, options);
    buf_printf(b, "    name='%s',\n    fields=[\n", op->model);
    for (size_t i = 0; i < m->nfields; i++) {
        buf_printf(b, "        ('%s', ", m->fields[i].name);
        write_field(b, a, &m->fields[i]);
        BUF_LIT(b, "),\n");
    }
    BUF_LIT(b, "    ],\n");
    if (n) {
        BUF_LIT(b, "    options={\n");
        for (size_t i = 0; i < n; i++)
            buf_printf(b, "        '%s': %.*s,\n", options[i].name, STR_FMT(options[i].value));
        BUF_LIT(b, "    },\n");
    }
    if (m->bases) {
        BUF_LIT(b, "    bases=");
        write_names(b, m->bases, '(');
        BUF_LIT(b, ",\n");
    }
}

static void line(Buf *b, const char *name, const char *text)
{
    buf_printf(b, "    %s=", name);
    if (text)
        write_str(b, str_c(text));
    else
        BUF_LIT(b, "None");
    BUF_LIT(b, ",\n");
}

static Str python_of(Arena *a, const Operation *op)
{
    static const char *const names[OPERATION_KINDS] = { "",
                                                        "CreateModel",
                                                        "DeleteModel",
                                                        "RenameModel",
                                                        "AlterModelTable",
                                                        "AlterModelTableComment",
                                                        "AlterModelOptions",
                                                        "AlterUniqueTogether",
                                                        "AlterOrderWithRespectTo",
                                                        "AddField",
                                                        "RemoveField",
                                                        "AlterField",
                                                        "RenameField",
                                                        "AddIndex",
                                                        "RemoveIndex",
                                                        "RenameIndex",
                                                        "AddConstraint",
                                                        "RemoveConstraint",
                                                        "RunSQL",
                                                        "RunPython",
                                                        "SeparateDatabaseAndState" };
    Buf b = BUF_INIT(a, TEXT_MAX);
    buf_printf(&b, "migrations.%s(\n", names[op->kind]);
    switch (op->kind) {
    case OPERATION_CREATE_MODEL:
        create_model(&b, a, op);
        break;
    case OPERATION_DELETE_MODEL:
        line(&b, "name", op->model);
        break;
    case OPERATION_RENAME_MODEL:
        line(&b, "old_name", op->model);
        line(&b, "new_name", op->new_name);
        break;
    case OPERATION_ALTER_MODEL_TABLE:
        line(&b, "name", op->model);
        line(&b, "table", op->name);
        break;
    case OPERATION_ALTER_MODEL_TABLE_COMMENT:
        line(&b, "name", op->model);
        line(&b, "table_comment", op->name);
        break;
    case OPERATION_ALTER_MODEL_OPTIONS: {
        Option options[16];
        size_t n = options_of(a, op->table, false, options);
        line(&b, "name", op->model);
        BUF_LIT(&b, "    options={");
        for (size_t i = 0; i < n; i++)
            buf_printf(&b, "%s'%s': %.*s", i ? ", " : "", options[i].name, STR_FMT(options[i].value));
        BUF_LIT(&b, "},\n");
        break;
    }
    case OPERATION_ALTER_UNIQUE_TOGETHER:
        line(&b, "name", op->model);
        BUF_LIT(&b, "    unique_together=");
        write_sets(&b, op->sets);
        BUF_LIT(&b, ",\n");
        break;
    case OPERATION_ALTER_ORDER_WITH_RESPECT_TO:
        line(&b, "name", op->model);
        line(&b, "order_with_respect_to", op->name);
        break;
    case OPERATION_ADD_FIELD:
    case OPERATION_ALTER_FIELD:
        line(&b, "model_name", op->model);
        line(&b, "name", op->field->name);
        BUF_LIT(&b, "    field=");
        write_field(&b, a, op->field);
        BUF_LIT(&b, ",\n");
        if (op->drop_default)
            BUF_LIT(&b, "    preserve_default=False,\n");
        break;
    case OPERATION_RENAME_FIELD:
        line(&b, "model_name", op->model);
        line(&b, "old_name", op->name);
        line(&b, "new_name", op->new_name);
        break;
    case OPERATION_ADD_INDEX:
        line(&b, "model_name", op->model);
        BUF_LIT(&b, "    index=");
        write_index(&b, a, op->index);
        BUF_LIT(&b, ",\n");
        break;
    case OPERATION_RENAME_INDEX:
        line(&b, "model_name", op->model);
        line(&b, "new_name", op->new_name);
        line(&b, "old_name", op->name);
        break;
    case OPERATION_ADD_CONSTRAINT:
        line(&b, "model_name", op->model);
        BUF_LIT(&b, "    constraint=");
        write_constraint(&b, a, op->constraint);
        BUF_LIT(&b, ",\n");
        break;
    default:
        line(&b, "model_name", op->model);
        line(&b, "name", op->name);
        break;
    }
    BUF_LIT(&b, "),");
    return buf_view(&b);
}

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

static Value map_of(Arena *a, const Change *c)
{
    Map *m = map_new(a);
    List *operations = list_new(a), *words = list_new(a);
    for (const Operation *op = c->operations; op->kind; op++) {
        list_push(a, operations, value_str(python_of(a, op)));
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
        list_push(c->a, c->migrations, map_of(c->a, &changes[i]));
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
