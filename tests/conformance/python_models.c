/* python_models.c: the recordings' classes and operations as Clef's states and operations. */
#include "conformance/python.h"

#include <clef/base/map.h>
#include <clef/base/vec.h>

static const char APP[] = "app";

static const char *c_of(Arena *a, Str s) { return str_dup_c(a, s); }

/* --- values */

static bool constant(Context *cx, const Py *p, Value *out)
{
    Arena *a = cx->arena;
    if (p->kind == PY_VALUE) {
        *out = p->v;
        return true;
    }
    if (p->kind == PY_SEQUENCE || p->kind == PY_DICT) {
        List *list = list_new(a);
        Map *map = map_new(a);
        for (size_t i = 0; i < p->n; i++) {
            Value v, key;
            if (!constant(cx, p->items[i], &v))
                return false;
            list_push(a, list, v);
            if (p->kind == PY_DICT && i % 2 && constant(cx, p->items[i - 1], &key) && key.tag == VALUE_STR)
                map_set(map, key.s, v);
        }
        *out = p->kind == PY_DICT || (p->open == '{' && !p->n) ? value_map(map) : value_list(list);
        return true;
    }
    Str name = py_last(p->name);
    if (p->kind == PY_CALL && (str_eq(name, STR("D")) || str_eq(name, STR("Decimal"))) && p->n == 1) {
        Decimal *d = NEW(a, Decimal);
        *out = value_decimal(d);
        return p->items[0]->kind == PY_VALUE && p->items[0]->v.tag == VALUE_STR &&
               decimal_parse(a, p->items[0]->v.s, d) == DECIMAL_OK;
    }
    if (p->kind == PY_CALL && str_eq(name, STR("Value")) && p->n >= 1)
        return constant(cx, p->items[0], out);
    if (p->kind == PY_CALL && str_eq(name, STR("datetime")) && p->n >= 3) {
        Date d;
        Time t;
        int64_t n[6] = { 0 };
        for (size_t i = 0; i < p->n && i < 6; i++)
            if (!p->keys[i].n && p->items[i]->kind == PY_VALUE)
                n[i] = p->items[i]->v.i;
        if (!date_parse_iso(str_format(a, "%04d-%02d-%02d", (int)n[0], (int)n[1], (int)n[2]), &d) ||
            !time_parse_iso(str_format(a, "%02d:%02d:%02d", (int)n[3], (int)n[4], (int)n[5]), &t))
            return false;
        NaiveDateTime at = naive_combine(d, t);
        *out = py_argument(p, "tzinfo", -1) ? value_datetime((DateTime){ at.us }, NULL) : value_naive(at);
        return true;
    }
    return false;
}

static bool boxed(Context *cx, const Py *p, Boxed *out)
{
    Value *v = NEW(cx->arena, Value);
    if (!constant(cx, p, v))
        return false;
    *out = (Boxed){ box_value, v };
    return true;
}

/* --- conditions */

static bool pred(Context *cx, const Py *p, Pred *out)
{
    Arena *a = cx->arena;
    if (p->kind == PY_UNARY && str_eq(p->name, STR("~"))) {
        Pred *inner = NEW(a, Pred);
        *out = (Pred){ .connector = CONNECT_NOT, .children = inner, .nchildren = 1 };
        return pred(cx, p->items[0], inner);
    }
    if (p->kind == PY_BINARY && (str_eq(p->name, STR("|")) || str_eq(p->name, STR("&")))) {
        Connector how = str_eq(p->name, STR("|")) ? CONNECT_OR : CONNECT_AND;
        Pred two[2];
        for (size_t i = 0; i < 2; i++)
            if (!pred(cx, p->items[i], &two[i]))
                return false;
        /* a | b | c is one level. */
        size_t n = two[0].connector == how ? two[0].nchildren : 1;
        Pred *children = NEW_ARRAY(a, Pred, n + 1);
        if (two[0].connector == how)
            memcpy(children, two[0].children, n * sizeof *children);
        else
            children[0] = two[0];
        children[n] = two[1];
        *out = (Pred){ .connector = how, .children = children, .nchildren = n + 1 };
        return true;
    }
    if (p->kind != PY_CALL || !str_eq(py_last(p->name), STR("Q")) || !p->n)
        return false;
    Pred *children = NEW_ARRAY(a, Pred, p->n);
    for (size_t i = 0; i < p->n; i++) {
        children[i] = (Pred){ .lookup = c_of(a, p->keys[i]) };
        const Py *item = p->items[i];
        if (!p->keys[i].n) {
            if (!pred(cx, item, &children[i]))
                return false;
        } else if (!boxed(cx, item, &children[i].value)) {
            return false;
        }
    }
    *out = p->n == 1 ? children[0] : (Pred){ .connector = CONNECT_AND, .children = children, .nchildren = p->n };
    return true;
}

static const char *const *names_of(Context *cx, const Py *p)
{
    Arena *a = cx->arena;
    size_t n = p->kind == PY_SEQUENCE ? p->n : 1;
    const char **out = NEW_ARRAY(a, const char *, n + 1);
    for (size_t i = 0; i < n; i++) {
        const Py *item = p->kind == PY_SEQUENCE ? p->items[i] : p;
        out[i] = item->kind == PY_VALUE && item->v.tag == VALUE_STR ? c_of(a, item->v.s) : "?";
    }
    return out;
}

/* ('a', 'b') as well as [('a', 'b'), ...]. */
static const char *const *const *sets_of(Context *cx, const Py *p)
{
    static const Py none = { .kind = PY_SEQUENCE }; /* set() */
    if (p->kind != PY_SEQUENCE && p->kind != PY_DICT)
        p = &none;
    bool one = p->n && p->items[0]->kind == PY_VALUE;
    const char *const **out = NEW_ARRAY(cx->arena, const char *const *, p->n + 2);
    if (one)
        out[0] = names_of(cx, p);
    for (size_t i = 0; !one && i < p->n; i++)
        out[i] = names_of(cx, p->items[i]);
    return out;
}

static bool index_of(Context *cx, const Py *p, Index *out)
{
    const Py *fields = py_argument(p, "fields", -1), *name = py_argument(p, "name", -1),
             *condition = py_argument(p, "condition", -1);
    if (!fields)
        return false;
    *out = (Index){ .fields = names_of(cx, fields), .name = name ? c_of(cx->arena, name->v.s) : NULL };
    Pred *where = NEW(cx->arena, Pred);
    out->condition = condition ? where : NULL;
    return !condition || pred(cx, condition, where);
}

static bool constraint_of(Context *cx, const Py *p, Constraint *out)
{
    const Py *fields = py_argument(p, "fields", -1), *name = py_argument(p, "name", -1),
             *condition = py_argument(p, "condition", -1), *distinct = py_argument(p, "nulls_distinct", -1);
    bool unique = str_eq(py_last(p->name), STR("UniqueConstraint"));
    *out = (Constraint){ .name = name ? c_of(cx->arena, name->v.s) : "" };
    if (unique && !fields)
        return false;
    if (unique)
        out->unique = names_of(cx, fields);
    if (condition) {
        Pred *where = NEW(cx->arena, Pred);
        out->check = where;
        if (!pred(cx, condition, where))
            return false;
    }
    out->deferrable = py_argument(p, "deferrable", -1) != NULL;
    out->nulls_not_distinct = distinct && !value_truth(distinct->v);
    return unique || condition;
}

/* --- fields */

static FieldKind kind_of(Str class)
{
    for (int k = FIELD_NONE + 1; k < FIELD_KINDS; k++)
        if (str_eq(class, str_c(field_class(&(Field){ .kind = (FieldKind)k }))))
            return (FieldKind)k;
    return FIELD_NONE;
}

static const char *label_of(Context *cx, const Py *p, Str model)
{
    Str name = p->kind == PY_VALUE ? p->v.s : p->name;
    if (str_eq(name, STR("self")))
        name = model;
    if (str_contains(name, STR(".")) && p->kind == PY_VALUE)
        return c_of(cx->arena, name);
    return str_format(cx->arena, "%s.%.*s", APP, STR_FMT(name)).p;
}

static bool choices_of(Context *cx, const Py *p, const Choice **out)
{
    if (p->kind != PY_SEQUENCE)
        return false;
    Choice *all = NEW_ARRAY(cx->arena, Choice, p->n + 1);
    for (size_t i = 0; i < p->n; i++) {
        const Py *pair = p->items[i];
        if (pair->kind != PY_SEQUENCE || pair->n != 2 || !boxed(cx, pair->items[0], &all[i].value))
            return false;
        all[i].display = c_of(cx->arena, pair->items[1]->v.s);
    }
    *out = all;
    return true;
}

static bool option(Context *cx, Str key, const Py *p, Str model, Field *f)
{
    static const struct {
        const char *name;
        size_t offset;
        bool negated;
    } flags[] = { { "null", offsetof(Field, null), false },
                  { "blank", offsetof(Field, blank), false },
                  { "unique", offsetof(Field, unique), false },
                  { "primary_key", offsetof(Field, primary_key), false },
                  { "auto_now", offsetof(Field, auto_now), false },
                  { "auto_now_add", offsetof(Field, auto_now_add), false },
                  { "editable", offsetof(Field, not_editable), true },
                  { "db_constraint", offsetof(Field, no_constraint), true },
                  { "parent_link", offsetof(Field, parent_link), false },
                  { "auto_created", offsetof(Field, auto_created), false } };
    static const struct {
        const char *name;
        size_t offset;
    } texts[] = { { "related_name", offsetof(Field, related_name) },
                  { "related_query_name", offsetof(Field, related_query_name) },
                  { "to_field", offsetof(Field, to_field) },
                  { "db_column", offsetof(Field, db_column) },
                  { "db_table", offsetof(Field, db_table) },
                  { "db_comment", offsetof(Field, db_comment) },
                  { "verbose_name", offsetof(Field, verbose_name) },
                  { "help_text", offsetof(Field, help_text) },
                  { "protocol", offsetof(Field, protocol) },
                  { "upload_to", offsetof(Field, upload_to) },
                  { "path", offsetof(Field, path) },
                  { "unique_for_date", offsetof(Field, unique_for_date) } };
    for (size_t i = 0; i < CLEF_COUNT(flags); i++)
        if (str_eq(key, str_c(flags[i].name))) {
            bool v = value_truth(p->v);
            *(bool *)((char *)f + flags[i].offset) = flags[i].negated ? !v : v;
            return true;
        }
    for (size_t i = 0; i < CLEF_COUNT(texts); i++)
        if (str_eq(key, str_c(texts[i].name))) {
            if (p->kind != PY_VALUE || p->v.tag != VALUE_STR)
                return p->kind == PY_VALUE && p->v.tag == VALUE_NULL;
            *(const char **)((char *)f + texts[i].offset) = c_of(cx->arena, p->v.s);
            return true;
        }
    if (str_eq(key, STR("db_index"))) {
        *(value_truth(p->v) ? &f->db_index : &f->no_db_index) = true;
        return true;
    }
    if (str_eq(key, STR("max_length")) || str_eq(key, STR("max_digits")) || str_eq(key, STR("decimal_places"))) {
        int *at = str_eq(key, STR("max_length"))   ? &f->max_length
                  : str_eq(key, STR("max_digits")) ? &f->max_digits
                                                   : &f->decimal_places;
        *at = p->v.tag == VALUE_INT ? (int)p->v.i : 0;
        return true;
    }
    if (str_eq(key, STR("default")))
        return p->kind == PY_NAME || boxed(cx, p, &f->default_value);
    if (str_eq(key, STR("db_default")))
        return boxed(cx, p, &f->db_default);
    if (str_eq(key, STR("choices")))
        return choices_of(cx, p, &f->choices);
    if (str_eq(key, STR("through"))) {
        f->through_label = label_of(cx, p, model);
        return true;
    }
    if (str_eq(key, STR("symmetrical"))) {
        f->symmetrical = value_truth(p->v);
        return true;
    }
    return str_eq(key, STR("serialize"));
}

static OnDelete on_delete_of(Str name)
{
    static const char *const names[] = {
        [CASCADE] = "CASCADE",   [PROTECT] = "PROTECT",         [RESTRICT] = "RESTRICT",
        [SET_NULL] = "SET_NULL", [SET_DEFAULT] = "SET_DEFAULT", [DO_NOTHING] = "DO_NOTHING"
    };
    for (int i = CASCADE; i < ON_DELETE_COUNT; i++)
        if (str_eq(name, str_c(names[i])))
            return (OnDelete)i;
    return ON_DELETE_UNSET;
}

bool py_field(Context *cx, Str name, const Py *call, Str model, Field *out, Str *why)
{
    Field f = { .name = c_of(cx->arena, name), .kind = kind_of(py_last(call->name)) };
    *why = str_format(cx->arena, "the field %.*s is not understood: %.*s", STR_FMT(name), STR_FMT(call->text));
    if (call->kind != PY_CALL || f.kind == FIELD_NONE)
        return false;
    bool relation = field_is_relation(&f) || f.kind == FIELD_MANY_TO_MANY;
    if (relation) {
        const Py *to = py_argument(call, "to", 0), *on_delete = py_argument(call, "on_delete", 1);
        if (!to)
            return false;
        f.to_label = label_of(cx, to, model);
        f.symmetrical = f.kind == FIELD_MANY_TO_MANY && to->kind == PY_VALUE && str_eq(to->v.s, STR("self"));
        if (f.kind != FIELD_MANY_TO_MANY && on_delete)
            f.on_delete = on_delete_of(py_last(on_delete->name));
    }
    for (size_t i = 0; i < call->n; i++) {
        Str key = call->keys[i];
        if (!key.n && relation)
            continue;
        if (!key.n)
            key = STR("verbose_name");
        if (str_eq(key, STR("to")) || str_eq(key, STR("on_delete")))
            continue;
        if (!option(cx, key, call->items[i], model, &f))
            return false;
    }
    *out = f;
    return true;
}

/* --- classes */

typedef struct Class {
    Str name, bases, meta_bases;
    VEC(Str) lines, meta;
    bool has_meta;
} Class;

static Str indented(Str line, size_t by)
{
    for (size_t i = 0; i < by; i++)
        if (i >= line.n || line.p[i] != ' ')
            return (Str){ 0 };
    return line.n > by && line.p[by] != ' ' ? str_from_byte(line, by) : (Str){ 0 };
}

static void read_classes(Arena *a, Str source, Class *out, size_t *n, size_t max)
{
    Str line;
    *n = 0;
    while (str_cut(&source, '\n', &line)) {
        Str body = indented(line, 4), meta = indented(line, 8);
        if (str_starts(line, STR("class ")) && *n < max) {
            Class *c = &out[(*n)++];
            *c = (Class){ 0 };
            size_t open = str_find_byte(line, '('), close = str_rfind_byte(line, ')');
            c->name = str_slice(line, 6, open);
            c->bases = str_slice(line, open + 1, close);
        } else if (*n && str_starts(body, STR("class Meta"))) {
            out[*n - 1].has_meta = true;
            size_t open = str_find_byte(body, '('), close = str_rfind_byte(body, ')');
            if (open != STR_NPOS)
                out[*n - 1].meta_bases = str_slice(body, open + 1, close);
        } else if (*n && body.n) {
            VEC_PUSH(a, &out[*n - 1].lines, body);
        } else if (*n && meta.n) {
            VEC_PUSH(a, &out[*n - 1].meta, meta);
        }
    }
}

typedef struct Building {
    Context *cx;
    Class *classes;
    size_t n;
    Str why;
} Building;

static const Class *class_of(const Building *b, Str name)
{
    for (size_t i = 0; i < b->n; i++)
        if (str_eq(b->classes[i].name, name))
            return &b->classes[i];
    return NULL;
}

static bool assignment(Str line, Str *name, Str *value)
{
    size_t at = str_find(line, STR(" = "));
    if (at == STR_NPOS)
        return false;
    *name = str_slice(line, 0, at);
    *value = str_from_byte(line, at + 3);
    return true;
}

static bool is_abstract(const Class *c)
{
    for (size_t i = 0; i < c->meta.n; i++)
        if (str_eq(c->meta.p[i], STR("abstract = True")))
            return true;
    return false;
}

typedef VEC(Field) Fields;

static bool add_fields(Building *b, const Class *c, Str model, Fields *fields)
{
    Str name, value;
    for (size_t i = 0; i < c->lines.n; i++) {
        if (!assignment(c->lines.p[i], &name, &value))
            continue;
        Py *p = py_parse(b->cx->arena, value);
        Field f;
        if (!p || p->kind != PY_CALL || !py_field(b->cx, name, p, model, &f, &b->why))
            return false;
        VEC_PUSH(b->cx->arena, fields, f);
    }
    return true;
}

static bool meta_option(Building *b, Str name, const Py *p, Model *m)
{
    Context *cx = b->cx;
    const char *text = p->kind == PY_VALUE && p->v.tag == VALUE_STR ? c_of(cx->arena, p->v.s) : NULL;
    if (str_eq(name, STR("abstract")))
        return true;
    if (str_eq(name, STR("proxy")))
        m->proxy = value_truth(p->v);
    else if (str_eq(name, STR("managed")))
        m->unmanaged = !value_truth(p->v);
    else if (str_eq(name, STR("ordering")))
        m->ordering = names_of(cx, p);
    else if (str_eq(name, STR("unique_together")))
        m->unique_together = sets_of(cx, p);
    else if (str_eq(name, STR("db_table")))
        m->db_table = text;
    else if (str_eq(name, STR("db_table_comment")))
        m->db_table_comment = text;
    else if (str_eq(name, STR("verbose_name")))
        m->verbose_name = text;
    else if (str_eq(name, STR("verbose_name_plural")))
        m->verbose_name_plural = text;
    else if (str_eq(name, STR("get_latest_by")))
        m->get_latest_by = text;
    else if (str_eq(name, STR("order_with_respect_to")))
        m->order_with_respect_to = text;
    else if (str_eq(name, STR("indexes"))) {
        Index *all = NEW_ARRAY(cx->arena, Index, p->n);
        for (size_t i = 0; i < p->n; i++)
            if (!index_of(cx, p->items[i], &all[i]))
                return false;
        m->indexes = all;
        m->nindexes = p->n;
    } else if (str_eq(name, STR("constraints"))) {
        Constraint *all = NEW_ARRAY(cx->arena, Constraint, p->n);
        for (size_t i = 0; i < p->n; i++)
            if (!constraint_of(cx, p->items[i], &all[i]))
                return false;
        m->constraints = all;
        m->nconstraints = p->n;
    } else {
        return false;
    }
    return true;
}

static bool add_meta(Building *b, const Class *c, Model *m)
{
    Str name, value;
    for (size_t i = 0; i < c->meta.n; i++) {
        if (!assignment(c->meta.p[i], &name, &value))
            continue;
        Py *p = py_parse(b->cx->arena, value);
        b->why = c->meta.p[i];
        if (!p || !meta_option(b, name, p, m))
            return false;
    }
    return true;
}

static bool build(Building *b, const Class *c, ProjectState *s)
{
    Arena *a = b->cx->arena;
    StateModel *out = NEW(a, StateModel);
    Fields fields = { 0 };
    VEC(const char *) bases = { 0 };
    *out = (StateModel){ .app = APP, .lower = lower_c(a, c_of(a, c->name)), .m = { .name = c_of(a, c->name) } };
    Str rest = c->bases, base;
    bool inherits = false;
    for (size_t i = 0; i < c->meta.n; i++)
        inherits |= str_eq(c->meta.p[i], STR("proxy = True"));
    bool proxy = inherits;
    while (str_cut(&rest, ',', &base)) {
        const Class *parent = class_of(b, str_trim(base));
        if (!parent)
            continue;
        if (is_abstract(parent)) {
            if (!add_fields(b, parent, c->name, &fields))
                return false;
            if ((!c->has_meta || c->meta_bases.n) && !add_meta(b, parent, &out->m))
                return false;
            continue;
        }
        inherits = true;
        const char *label = str_format(a, "%s.%s", APP, lower_c(a, c_of(a, parent->name))).p;
        VEC_PUSH(a, &bases, label);
        if (!proxy) {
            Field link = { .name = str_format(a, "%s_ptr", lower_c(a, c_of(a, parent->name))).p,
                           .kind = FIELD_ONE_TO_ONE,
                           .to_label = str_format(a, "%s.%.*s", APP, STR_FMT(parent->name)).p,
                           .on_delete = CASCADE,
                           .primary_key = true,
                           .auto_created = true,
                           .parent_link = true };
            VEC_PUSH(a, &fields, link);
        }
    }
    VEC_PUSH(a, &bases, NULL);
    out->m.bases = bases.n > 1 ? bases.p : NULL;
    if (!add_fields(b, c, c->name, &fields) || !add_meta(b, c, &out->m))
        return false;
    bool has_pk = inherits;
    for (size_t i = 0; i < fields.n; i++)
        has_pk |= fields.p[i].primary_key;
    if (!has_pk) {
        VEC_PUSH(a, &fields, (Field){ 0 });
        memmove(fields.p + 1, fields.p, (fields.n - 1) * sizeof *fields.p);
        fields.p[0] = (Field){ .name = "id", .kind = FIELD_BIG_AUTO, .primary_key = true, .auto_created = true };
    }
    out->m.fields = fields.p;
    out->m.nfields = fields.n;
    state_put(s, out);
    /* As models do, indexes have names. */
    Index *named = NEW_ARRAY(a, Index, out->m.nindexes);
    for (size_t i = 0; i < out->m.nindexes; i++)
        named[i] = out->m.indexes[i];
    out->m.indexes = named;
    return true;
}

static void name_indexes(Context *cx, ProjectState *s)
{
    for (size_t i = 0; i < s->n; i++) {
        const StateModel *m = s->p[i];
        for (size_t j = 0; j < m->m.nindexes; j++)
            if (!m->m.indexes[j].name) {
                TableShape t = ddl_shape(cx->arena, state_info(cx, s, m->app, m->lower));
                ((Index *)m->m.indexes)[j].name = str_dup_c(cx->arena, ddl_meta_index_name(cx, &t, &m->m.indexes[j]));
            }
    }
    s->rendered = NULL;
}

ProjectState *py_state(Context *cx, Str source, Str *why)
{
    Building b = { .cx = cx, .classes = NEW_ARRAY(cx->arena, Class, 64) };
    ProjectState *s = state_new(cx->arena);
    read_classes(cx->arena, source, b.classes, &b.n, 64);
    for (size_t i = 0; i < b.n; i++)
        if (!is_abstract(&b.classes[i]) && !build(&b, &b.classes[i], s)) {
            *why = b.why;
            return NULL;
        }
    name_indexes(cx, s);
    return s;
}

/* --- operations */

static const char *text(Context *cx, const Py *call, const char *key, int position)
{
    const Py *p = py_argument(call, key, position);
    return p && p->kind == PY_VALUE && p->v.tag == VALUE_STR ? c_of(cx->arena, p->v.s) : NULL;
}

static bool create_model(Context *cx, const Py *call, Operation *op, Str *why)
{
    const Py *fields = py_argument(call, "fields", 1), *options = py_argument(call, "options", 2);
    Model *m = NEW(cx->arena, Model);
    Field *all = NEW_ARRAY(cx->arena, Field, fields->n);
    Building b = { .cx = cx };
    op->model = m->name = text(cx, call, "name", 0);
    for (size_t i = 0; i < fields->n; i++) {
        const Py *pair = fields->items[i];
        if (pair->n != 2 || !py_field(cx, pair->items[0]->v.s, pair->items[1], str_c(op->model), &all[i], why))
            return false;
    }
    m->fields = all;
    m->nfields = fields->n;
    op->table = m;
    for (size_t i = 0; options && i + 1 < options->n; i += 2)
        if (!meta_option(&b, options->items[i]->v.s, options->items[i + 1], m))
            return false;
    return true;
}

static bool with_field(Context *cx, const Py *call, Operation *op, Str *why)
{
    const Py *name = py_argument(call, "name", 1), *field = py_argument(call, "field", 2),
             *preserve = py_argument(call, "preserve_default", 3);
    Field *f = NEW(cx->arena, Field);
    op->model = text(cx, call, "model_name", 0);
    op->field = f;
    op->drop_default = preserve && !value_truth(preserve->v);
    return py_field(cx, name->v.s, field, str_c(op->model), f, why);
}

bool py_operation(Context *cx, const Py *call, Operation *op, Str *why)
{
    static const char *const kinds[OPERATION_KINDS] = {
        [OPERATION_CREATE_MODEL] = "CreateModel",
        [OPERATION_DELETE_MODEL] = "DeleteModel",
        [OPERATION_RENAME_MODEL] = "RenameModel",
        [OPERATION_ALTER_MODEL_TABLE] = "AlterModelTable",
        [OPERATION_ALTER_MODEL_TABLE_COMMENT] = "AlterModelTableComment",
        [OPERATION_ALTER_MODEL_OPTIONS] = "AlterModelOptions",
        [OPERATION_ALTER_UNIQUE_TOGETHER] = "AlterUniqueTogether",
        [OPERATION_ALTER_ORDER_WITH_RESPECT_TO] = "AlterOrderWithRespectTo",
        [OPERATION_ADD_FIELD] = "AddField",
        [OPERATION_REMOVE_FIELD] = "RemoveField",
        [OPERATION_ALTER_FIELD] = "AlterField",
        [OPERATION_RENAME_FIELD] = "RenameField",
        [OPERATION_ADD_INDEX] = "AddIndex",
        [OPERATION_REMOVE_INDEX] = "RemoveIndex",
        [OPERATION_RENAME_INDEX] = "RenameIndex",
        [OPERATION_ADD_CONSTRAINT] = "AddConstraint",
        [OPERATION_REMOVE_CONSTRAINT] = "RemoveConstraint",
        [OPERATION_RUN_SQL] = "RunSQL",
    };
    *op = (Operation){ 0 };
    *why = call->text;
    for (int k = 1; k < OPERATION_KINDS; k++)
        if (kinds[k] && str_eq(py_last(call->name), str_c(kinds[k])))
            op->kind = (OperationKind)k;
    op->model = text(cx, call, "name", 0);
    if (!op->model)
        op->model = text(cx, call, "model_name", 0);
    op->name = text(cx, call, "name", 1);
    switch (op->kind) {
    case OPERATION_NONE:
        return false;
    case OPERATION_CREATE_MODEL:
        return create_model(cx, call, op, why);
    case OPERATION_RENAME_MODEL:
        op->model = text(cx, call, "old_name", 0);
        op->new_name = text(cx, call, "new_name", 1);
        return true;
    case OPERATION_ALTER_MODEL_TABLE:
        op->name = text(cx, call, "table", 1);
        return true;
    case OPERATION_ALTER_MODEL_OPTIONS: {
        const Py *options = py_argument(call, "options", 1);
        Model *m = NEW(cx->arena, Model);
        Building b = { .cx = cx };
        op->table = m;
        for (size_t i = 0; i + 1 < options->n; i += 2)
            if (!meta_option(&b, options->items[i]->v.s, options->items[i + 1], m))
                return false;
        return true;
    }
    case OPERATION_ALTER_UNIQUE_TOGETHER:
        op->sets = sets_of(cx, py_argument(call, "unique_together", 1));
        return true;
    case OPERATION_ALTER_ORDER_WITH_RESPECT_TO:
        op->name = text(cx, call, "order_with_respect_to", 1);
        return true;
    case OPERATION_ADD_FIELD:
    case OPERATION_ALTER_FIELD:
        return with_field(cx, call, op, why);
    case OPERATION_RENAME_FIELD:
        op->name = text(cx, call, "old_name", 1);
        op->new_name = text(cx, call, "new_name", 2);
        return true;
    case OPERATION_ADD_INDEX: {
        Index *index = NEW(cx->arena, Index);
        op->index = index;
        return index_of(cx, py_argument(call, "index", 1), index);
    }
    case OPERATION_RENAME_INDEX:
        op->new_name = text(cx, call, "new_name", 1);
        op->name = text(cx, call, "old_name", 2);
        return op->name != NULL;
    case OPERATION_ADD_CONSTRAINT: {
        Constraint *c = NEW(cx->arena, Constraint);
        op->constraint = c;
        return constraint_of(cx, py_argument(call, "constraint", 1), c);
    }
    case OPERATION_RUN_SQL:
        op->sql = text(cx, call, "sql", 0);
        op->reverse_sql = text(cx, call, "reverse_sql", 1);
        return op->sql != NULL;
    default:
        return op->model != NULL;
    }
}
