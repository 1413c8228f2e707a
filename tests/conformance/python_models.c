/* python_models.c: the recordings' classes and operations as Clef's states and operations. */
#include "conformance/python_models.h"
#include "migrations/operation.h"

#include <clef/base/map.h>
#include <clef/base/vec.h>
#include <clef/validators.h>

static const char APP[] = "app";

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

/* What stands before the keywords: names of fields and expressions; NULL when it is not understood, or nothing. */
static const Expr *const *expressions_of(Context *cx, const Py *p)
{
    size_t n = 0;
    bool ok = true;
    while (n < p->n && !p->keys[n].n)
        n++;
    const Expr **out = NEW_ARRAY(cx->arena, const Expr *, n + 1);
    for (size_t i = 0; i < n && ok; i++) {
        if (p->items[i]->kind == PY_VALUE && p->items[i]->v.tag == VALUE_STR) {
            Expr *e = NEW(cx->arena, Expr);
            *e = (Expr){ .kind = EXPR_FIELD, .name = c_of(cx->arena, p->items[i]->v.s) };
            out[i] = e;
        } else {
            out[i] = py_expr(cx, p->items[i], &ok);
        }
        ok = ok && out[i];
    }
    return n && ok ? out : NULL;
}

static bool condition_of(Context *cx, const Py *p, const char *name, const Pred **out)
{
    const Py *condition = py_argument(p, name, -1);
    Pred *where = NEW(cx->arena, Pred);
    *out = NULL;
    if (!condition || (condition->kind == PY_VALUE && condition->v.tag == VALUE_NULL))
        return true;
    *out = where;
    return py_pred(cx, condition, where);
}

static const char *const *names_argument(Context *cx, const Py *p, const char *name)
{
    const Py *names = py_argument(p, name, -1);
    return names && names->n ? names_of(cx, names) : NULL;
}

static bool index_of(Context *cx, const Py *p, Index *out)
{
    const Py *name = py_argument(p, "name", -1);
    *out = (Index){ .fields = names_argument(cx, p, "fields"),
                    .name = name ? c_of(cx->arena, name->v.s) : NULL,
                    .include = names_argument(cx, p, "include"),
                    .opclasses = names_argument(cx, p, "opclasses") };
    if (!out->fields && !(out->expressions = expressions_of(cx, p)))
        return false;
    return condition_of(cx, p, "condition", &out->condition);
}

static bool constraint_of(Context *cx, const Py *p, Constraint *out)
{
    const Py *name = py_argument(p, "name", -1), *deferrable = py_argument(p, "deferrable", -1),
             *distinct = py_argument(p, "nulls_distinct", -1), *code = py_argument(p, "violation_error_code", -1),
             *message = py_argument(p, "violation_error_message", -1);
    bool unique = str_eq(py_last(p->name), STR("UniqueConstraint"));
    *out = (Constraint){ .name = name ? c_of(cx->arena, name->v.s) : "",
                         .include = names_argument(cx, p, "include"),
                         .opclasses = names_argument(cx, p, "opclasses"),
                         .violation_error_code = code ? c_of(cx->arena, code->v.s) : NULL,
                         .violation_error_message = message ? c_of(cx->arena, message->v.s) : NULL };
    if (unique && !(out->unique = names_argument(cx, p, "fields")) && !(out->expressions = expressions_of(cx, p)))
        return false;
    out->deferrable = deferrable && str_eq(py_last(deferrable->name), STR("DEFERRED"));
    out->deferrable_immediate = deferrable && str_eq(py_last(deferrable->name), STR("IMMEDIATE"));
    out->nulls_distinct = distinct && value_truth(distinct->v);
    out->nulls_not_distinct = distinct && distinct->v.tag == VALUE_BOOL && !distinct->v.b;
    if (!condition_of(cx, p, "condition", &out->check) ||
        (!unique && !out->check && !condition_of(cx, p, "check", &out->check)))
        return false;
    return unique || out->check;
}

/* --- fields */

FieldKind py_kind(Str class)
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

/* [("a", "A"), ("Group", [("b", "B")])], or a dict of the same. */
static bool choices_of(Context *cx, const Py *p, const Choice **out)
{
    bool dict = p->kind == PY_DICT;
    if (p->kind != PY_SEQUENCE && !dict)
        return false;
    size_t n = dict ? p->n / 2 : p->n;
    Choice *all = NEW_ARRAY(cx->arena, Choice, n + 1);
    for (size_t i = 0; i < n; i++) {
        const Py *pair = dict ? NULL : p->items[i];
        if (!dict && (pair->kind != PY_SEQUENCE || pair->n != 2))
            return false;
        const Py *value = dict ? p->items[2 * i] : pair->items[0], *text = dict ? p->items[2 * i + 1] : pair->items[1];
        if (text->kind == PY_VALUE && py_boxed(cx, value, &all[i].value)) {
            all[i].display = c_of(cx->arena, text->v.s);
            continue;
        }
        all[i].display = c_of(cx->arena, value->v.s);
        if (text->kind == PY_VALUE || !choices_of(cx, text, &all[i].group))
            return false;
    }
    *out = all;
    return true;
}

static const ErrorMessage *messages_of(Context *cx, const Py *p)
{
    ErrorMessage *all = NEW_ARRAY(cx->arena, ErrorMessage, p->n / 2 + 1);
    for (size_t i = 0; i + 1 < p->n; i += 2)
        all[i / 2] = (ErrorMessage){ c_of(cx->arena, p->items[i]->v.s), c_of(cx->arena, p->items[i + 1]->v.s) };
    return p->n ? all : NULL;
}

/* MinValueValidator(1), RegexValidator("^a", message="..."), validate_slug: by the names that Clef has them under. */
static bool validator_of(Context *cx, const Py *p, Validator *out)
{
    const Py *limit = py_argument(p, "limit_value", 0), *message = py_argument(p, "message", -1),
             *code = py_argument(p, "code", -1), *regex = py_argument(p, "regex", 0);
    Str name = py_last(p->name);
    *out = (Validator){ .name = c_of(cx->arena, name) };
    out->check = check_no_nulls; /* any: a list ends where there is none */
    if (message && message->v.tag == VALUE_STR)
        out->message = c_of(cx->arena, message->v.s);
    if (code && code->v.tag == VALUE_STR)
        out->code = c_of(cx->arena, code->v.s);
    if (str_eq(name, STR("RegexValidator")) && regex)
        out->pattern = c_of(cx->arena, regex->v.s);
    else if (str_eq(name, STR("DecimalValidator"))) {
        out->max_digits = (int)py_argument(p, "max_digits", 0)->v.i;
        out->decimal_places = (int)py_argument(p, "decimal_places", 1)->v.i;
    } else if (limit) {
        Value *v = NEW(cx->arena, Value);
        out->limit = v;
        return py_constant(cx, limit, v);
    }
    return true;
}

static bool validators_of(Context *cx, const Py *p, const Validator **out)
{
    Validator *all = NEW_ARRAY(cx->arena, Validator, p->n + 1);
    for (size_t i = 0; i < p->n; i++)
        if (!validator_of(cx, p->items[i], &all[i]))
            return false;
    *out = p->n ? all : NULL;
    return true;
}

/* "timezone.now" by its full name, where the box looks for it. */
static const char *const *callable_name(Context *cx, Str name)
{
    const char **at = NEW(cx->arena, const char *);
    *at = str_format(cx->arena, "%s%.*s", str_starts(name, STR("timezone.")) ? "django.utils." : "", STR_FMT(name)).p;
    return at;
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
                  { "db_persist", offsetof(Field, db_persist), false },
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
                  { "db_collation", offsetof(Field, db_collation) },
                  { "unique_for_date", offsetof(Field, unique_for_date) },
                  { "unique_for_month", offsetof(Field, unique_for_month) },
                  { "unique_for_year", offsetof(Field, unique_for_year) } };
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
    if (str_eq(key, STR("default")) && p->kind == PY_NAME) {
        static const char *const empty = "{}", *const none = "[]";
        if (str_eq(p->name, STR("dict")) || str_eq(p->name, STR("list")))
            f->default_value = (Boxed){ box_json, str_eq(p->name, STR("dict")) ? &empty : &none };
        else
            f->default_value = (Boxed){ py_box_callable, callable_name(cx, p->name) };
        return true;
    }
    if (str_eq(key, STR("default")))
        return py_boxed(cx, p, &f->default_value);
    if (str_eq(key, STR("db_default")))
        return py_boxed_expr(cx, p, &f->db_default);
    if (str_eq(key, STR("validators")))
        return validators_of(cx, p, &f->validators);
    if (str_eq(key, STR("error_messages"))) {
        f->error_messages = messages_of(cx, p);
        return true;
    }
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
    /* These do not reach the database, and Clef has them under other names or not at all. */
    static const char *const beside[] = { "serialize",     "limit_choices_to", "db_tablespace", "allow_unicode",
                                          "unpack_ipv4",   "width_field",      "height_field",  "storage",
                                          "recursive",     "allow_files",      "allow_folders", "match",
                                          "encoder",       "decoder",          "verify_exists", "swappable",
                                          "through_fields" };
    for (size_t i = 0; i < CLEF_COUNT(beside); i++)
        if (str_eq(key, str_c(beside[i])))
            return true;
    return false;
}

static OnDelete on_delete_of(Str name)
{
    static const char *const names[] = {
        [CASCADE] = "CASCADE",         [PROTECT] = "PROTECT",       [RESTRICT] = "RESTRICT", [SET_NULL] = "SET_NULL",
        [SET_DEFAULT] = "SET_DEFAULT", [DO_NOTHING] = "DO_NOTHING", [SET_TO] = "SET"
    };
    for (int i = CASCADE; i < ON_DELETE_COUNT; i++)
        if (str_eq(name, str_c(names[i])))
            return (OnDelete)i;
    return ON_DELETE_UNSET;
}

static const char *const *positional_names(Context *cx, const Py *call)
{
    const char **out = NEW_ARRAY(cx->arena, const char *, call->n + 1);
    for (size_t i = 0, n = 0; i < call->n; i++)
        if (!call->keys[i].n && call->items[i]->v.tag == VALUE_STR)
            out[n++] = c_of(cx->arena, call->items[i]->v.s);
    return out;
}

bool py_field(Context *cx, Str name, const Py *call, Str model, Field *out, Str *why)
{
    Field f = { .name = c_of(cx->arena, name), .kind = py_kind(py_last(call->name)) };
    *why = str_format(cx->arena, "the field %.*s is not understood: %.*s", STR_FMT(name), STR_FMT(call->text));
    if (call->kind == PY_CALL && str_eq(py_last(call->name), STR("GeneratedField"))) {
        const Py *output = py_argument(call, "output_field", -1), *expression = py_argument(call, "expression", -1);
        bool ok = true;
        if (!output || !expression || !py_field(cx, name, output, model, &f, why))
            return false;
        f.null = f.blank = f.unique = false;
        f.expression = py_expr(cx, expression, &ok);
        if (expression->kind == PY_VALUE)
            f.expression = py_call(cx, "Coalesce", (const Py *const[]){ expression }, 1, &ok);
        for (size_t i = 0; i < call->n; i++)
            if (!str_eq(call->keys[i], STR("output_field")) && !str_eq(call->keys[i], STR("expression")) &&
                !option(cx, call->keys[i], call->items[i], model, &f))
                return false;
        *out = f;
        return f.expression && ok;
    }
    if (call->kind != PY_CALL || f.kind == FIELD_NONE)
        return false;
    if (f.kind == FIELD_COMPOSITE) {
        f.key_names = positional_names(cx, call);
        f.primary_key = true;
        *out = f;
        return f.key_names[0] != NULL;
    }
    bool relation = field_is_relation(&f) || f.kind == FIELD_MANY_TO_MANY;
    f.not_editable = f.kind == FIELD_BINARY;
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
            c->name = str_slice(line, 6, open == STR_NPOS ? str_find_byte(line, ':') : open);
            c->bases = open == STR_NPOS ? (Str){ 0 } : str_slice(line, open + 1, close);
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

static size_t field_at(const Fields *fields, Str name)
{
    size_t i = 0;
    while (i < fields->n && !str_eq(str_c(fields->p[i].name), name))
        i++;
    return i;
}

static void drop_field(Fields *fields, size_t at)
{
    if (at >= fields->n)
        return;
    memmove(fields->p + at, fields->p + at + 1, (fields->n - at - 1) * sizeof *fields->p);
    fields->n--;
}

/* "%(app_label)s_%(class)s" as a class has it. */
static const char *class_words(Context *cx, const char *text, Str model)
{
    Arena *a = cx->arena;
    if (!text || !str_contains(str_c(text), STR("%(")))
        return text;
    Str out = str_replace(a, str_c(text), STR("%(app_label)s"), str_c(APP));
    return c_of(a, str_replace(a, out, STR("%(class)s"), str_lower(a, model)));
}

/* A class has each name once: it replaces what its abstract bases say, and drops it by None. */
static bool add_fields(Building *b, const Class *c, Str model, Fields *fields)
{
    Str name, value;
    for (size_t i = 0; i < c->lines.n; i++) {
        if (!assignment(c->lines.p[i], &name, &value))
            continue;
        Py *p = py_parse(b->cx->arena, value);
        Field f;
        if (p && p->kind == PY_CALL && str_ends(py_last(p->name), STR("Manager")))
            continue;
        drop_field(fields, field_at(fields, name));
        if (p && p->kind == PY_VALUE && p->v.tag == VALUE_NULL)
            continue;
        if (!p || p->kind != PY_CALL || !py_field(b->cx, name, p, model, &f, &b->why))
            return false;
        f.related_name = class_words(b->cx, f.related_name, model);
        f.related_query_name = class_words(b->cx, f.related_query_name, model);
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
    else if (str_eq(name, STR("index_together")))
        m->index_together = sets_of(cx, p);
    else if (str_eq(name, STR("default_related_name")))
        m->default_related_name = text;
    else if (str_eq(name, STR("base_manager_name")))
        m->base_manager_name = text;
    else if (str_eq(name, STR("default_manager_name")))
        m->default_manager_name = text;
    else if (str_eq(name, STR("swappable")))
        m->swappable = text;
    else if (str_eq(name, STR("select_on_save")))
        m->select_on_save = value_truth(p->v);
    else if (str_eq(name, STR("default_permissions")))
        m->default_permissions = names_of(cx, p);
    else if (str_eq(name, STR("permissions"))) {
        PermissionName *all = NEW_ARRAY(cx->arena, PermissionName, p->n + 1);
        for (size_t i = 0; i < p->n; i++)
            all[i] = (PermissionName){ c_of(cx->arena, p->items[i]->items[0]->v.s),
                                       c_of(cx->arena, p->items[i]->items[1]->v.s) };
        m->permissions = p->n ? all : NULL;
    } else if (str_eq(name, STR("required_db_features")) || str_eq(name, STR("required_db_vendor")) ||
               str_eq(name, STR("db_tablespace")) || str_eq(name, STR("app_label")))
        return true;
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

/* Abstract bases give their fields and their Meta, the farthest first. */
static bool add_abstract(Building *b, const Class *parent, Str model, bool meta, Fields *fields, Model *m,
                         unsigned depth)
{
    Str rest = parent->bases, base;
    bool over = !parent->has_meta || parent->meta_bases.n;
    while (depth < 16 && str_cut(&rest, ',', &base)) {
        const Class *up = class_of(b, str_trim(base));
        if (up && is_abstract(up) && !add_abstract(b, up, model, meta && over, fields, m, depth + 1))
            return false;
    }
    return add_fields(b, parent, model, fields) && (!meta || add_meta(b, parent, m));
}

static void add_link(Building *b, const Class *parent, Fields *fields)
{
    Arena *a = b->cx->arena;
    for (size_t i = 0; i < fields->n; i++) /* declared by itself */
        if (fields->p[i].parent_link &&
            same_ic(fields->p[i].to_label, str_format(a, "%s.%.*s", APP, STR_FMT(parent->name)).p)) {
            fields->p[i].primary_key = true;
            return;
        }
    Field link = { .name = str_format(a, "%s_ptr", lower_c(a, c_of(a, parent->name))).p,
                   .kind = FIELD_ONE_TO_ONE,
                   .to_label = str_format(a, "%s.%.*s", APP, STR_FMT(parent->name)).p,
                   .on_delete = CASCADE,
                   .primary_key = true,
                   .auto_created = true,
                   .parent_link = true };
    VEC_PUSH(a, fields, link);
    memmove(fields->p + 1, fields->p, (fields->n - 1) * sizeof *fields->p);
    fields->p[0] = link;
}

static bool is_proxy(const Class *c)
{
    for (size_t i = 0; i < c->meta.n; i++)
        if (str_eq(c->meta.p[i], STR("proxy = True")))
            return true;
    return false;
}

/* The class whose table a proxy shows. */
static const Class *concrete_of(const Building *b, const Class *c)
{
    for (unsigned depth = 0; c && is_proxy(c) && depth < 16; depth++) {
        Str rest = c->bases, base;
        str_cut(&rest, ',', &base);
        c = class_of(b, str_trim(base));
    }
    return c;
}

/* Classes that are no models are left alone. */
static bool is_model(const Building *b, const Class *c, unsigned depth)
{
    Str rest = c->bases, base;
    while (depth < 16 && str_cut(&rest, ',', &base)) {
        const Class *up = class_of(b, str_trim(base));
        if (str_eq(py_last(str_trim(base)), STR("Model")) || (up && is_model(b, up, depth + 1)))
            return true;
    }
    return false;
}

static bool build(Building *b, const Class *c, ProjectState *s)
{
    Arena *a = b->cx->arena;
    StateModel *out = NEW(a, StateModel);
    Fields fields = { 0 };
    VEC(const char *) bases = { 0 };
    VEC(const Class *) parents = { 0 };
    bool proxy = is_proxy(c), over = !c->has_meta || c->meta_bases.n;
    *out = (StateModel){ .app = APP, .lower = lower_c(a, c_of(a, c->name)), .m = { .name = c_of(a, c->name) } };
    Str rest = c->bases, base;
    while (str_cut(&rest, ',', &base)) {
        const Class *parent = class_of(b, str_trim(base));
        if (!parent || !is_model(b, parent, 0))
            continue;
        if (is_abstract(parent)) {
            if (!add_abstract(b, parent, c->name, over, &fields, &out->m, 0))
                return false;
            continue;
        }
        const char *label = str_format(a, "%s.%s", APP, lower_c(a, c_of(a, parent->name))).p;
        VEC_PUSH(a, &bases, label);
        VEC_PUSH(a, &parents, parent);
    }
    bool inherits = proxy || parents.n;
    VEC_PUSH(a, &bases, NULL);
    out->m.bases = bases.n > 1 ? bases.p : NULL;
    if (!add_fields(b, c, c->name, &fields) || !add_meta(b, c, &out->m))
        return false;
    for (size_t i = 0; i < parents.n && !proxy; i++)
        add_link(b, concrete_of(b, parents.p[i]), &fields);
    bool has_pk = inherits;
    for (size_t i = 0; i < fields.n; i++) {
        Field *f = &fields.p[i];
        has_pk |= f->primary_key;
        /* Of several links the first parent's is the key. */
        if (f->parent_link && f->auto_created && parents.n > 1 && i + 1 < fields.n && fields.p[i + 1].parent_link)
            f->primary_key = false;
    }
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
    for (size_t i = 0; i < out->m.nindexes; i++) {
        named[i] = out->m.indexes[i];
        named[i].name = class_words(b->cx, named[i].name, c->name);
    }
    Constraint *constraints = NEW_ARRAY(a, Constraint, out->m.nconstraints);
    for (size_t i = 0; i < out->m.nconstraints; i++) {
        constraints[i] = out->m.constraints[i];
        constraints[i].name = class_words(b->cx, constraints[i].name, c->name);
    }
    out->m.indexes = named;
    out->m.constraints = constraints;
    return true;
}

/* to_field that names the key says nothing. */
static void forget_plain_keys(ProjectState *s)
{
    for (size_t i = 0; i < s->n; i++)
        for (size_t j = 0; j < s->p[i]->m.nfields; j++) {
            Field *f = (Field *)&s->p[i]->m.fields[j];
            const StateModel *to = f->to_field ? state_find_label(s, f->to_label) : NULL;
            const Field *key = to ? state_field(to, f->to_field) : NULL;
            if (key && key->primary_key)
                f->to_field = NULL;
        }
}

static void name_indexes(Context *cx, ProjectState *s)
{
    for (size_t i = 0; i < s->n; i++) {
        const StateModel *m = s->p[i];
        for (size_t j = 0; j < m->m.nindexes; j++)
            if (!m->m.indexes[j].name) {
                TableShape t = ddl_shape(cx->arena, &dialect_sqlite, state_info(cx, s, m->app, m->lower));
                ((Index *)m->m.indexes)[j].name = str_dup_c(cx->arena, ddl_meta_index_name(cx, &t, &m->m.indexes[j]));
            }
    }
    s->rendered = NULL;
}

bool py_is_concrete(Arena *a, Str source, const char *model)
{
    Building b = { .classes = NEW_ARRAY(a, Class, 64) };
    read_classes(a, source, b.classes, &b.n, 64);
    const Class *c = class_of(&b, str_c(model));
    Str rest = c ? c->bases : (Str){ 0 }, base;
    bool over = c && (!c->has_meta || c->meta_bases.n);
    while (over && str_cut(&rest, ',', &base)) {
        const Class *up = class_of(&b, str_trim(base));
        if (up && is_abstract(up))
            return true;
    }
    return false;
}

ProjectState *py_state(Context *cx, Str source, Str *why)
{
    Building b = { .cx = cx, .classes = NEW_ARRAY(cx->arena, Class, 64) };
    ProjectState *s = state_new(cx->arena);
    read_classes(cx->arena, source, b.classes, &b.n, 64);
    for (size_t i = 0; i < b.n; i++)
        if (!is_abstract(&b.classes[i]) && is_model(&b, &b.classes[i], 0) && !build(&b, &b.classes[i], s)) {
            *why = b.why;
            return NULL;
        }
    forget_plain_keys(s);
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

static bool operations_of(Context *cx, const Py *list, const Operation **out, Str *why)
{
    *out = NULL;
    if (!list || list->kind != PY_SEQUENCE)
        return true;
    Operation *all = NEW_ARRAY(cx->arena, Operation, list->n + 1);
    for (size_t i = 0; i < list->n; i++)
        if (!py_operation(cx, list->items[i], &all[i], why))
            return false;
    *out = all;
    return true;
}

/* One text, or a list of texts and of pairs of a text and its parameters. */
static bool statements_of(Context *cx, const Py *p, const char **sql, const SqlStatement **statements)
{
    Arena *a = cx->arena;
    if (p && p->kind == PY_NAME) /* RunSQL.noop */
        *sql = RUN_NOTHING;
    if (!p || p->kind == PY_NAME || (p->kind == PY_VALUE && p->v.tag == VALUE_NULL))
        return true;
    if (p->kind == PY_VALUE) {
        *sql = c_of(a, p->v.s);
        return true;
    }
    SqlStatement *all = NEW_ARRAY(a, SqlStatement, p->n + 1);
    for (size_t i = 0; i < p->n; i++) {
        const Py *one = p->items[i], *values = one->kind == PY_SEQUENCE && one->n == 2 ? one->items[1] : NULL;
        const Py *statement = one->kind == PY_SEQUENCE ? one->items[0] : one;
        Boxed *boxes = NEW_ARRAY(a, Boxed, values ? values->n : 0);
        for (size_t j = 0; values && j < values->n; j++)
            if (!py_boxed(cx, values->items[j], &boxes[j]))
                return false;
        Str text = statement->v.s;
        if (values)
            text = str_replace(a, text, STR("%s"), STR("?"));
        all[i] = (SqlStatement){ c_of(a, text), boxes, values ? values->n : 0 };
    }
    *statements = all;
    return true;
}

bool py_operation(Context *cx, const Py *call, Operation *op, Str *why)
{
    *op = (Operation){ 0 };
    *why = call->text;
    for (int k = 1; k < OPERATION_KINDS; k++)
        if (str_eq(py_last(call->name), str_c(operation_name((OperationKind)k))))
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
    case OPERATION_ALTER_INDEX_TOGETHER:
        op->sets = sets_of(cx, py_argument(call, "index_together", 1));
        return true;
    case OPERATION_ALTER_MODEL_TABLE_COMMENT:
        op->name = text(cx, call, "table_comment", 1);
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
        op->old_fields = names_argument(cx, call, "old_fields");
        return op->name || op->old_fields;
    case OPERATION_ALTER_CONSTRAINT: {
        Constraint *c = NEW(cx->arena, Constraint);
        op->constraint = c;
        return constraint_of(cx, py_argument(call, "constraint", 2), c);
    }
    case OPERATION_SEPARATE:
        return operations_of(cx, py_argument(call, "database_operations", 0), &op->database, why) &&
               operations_of(cx, py_argument(call, "state_operations", 1), &op->state, why);
    case OPERATION_RUN_FUNCTION:
        op->forwards = op->backwards = migration_nothing;
        return true;
    case OPERATION_ADD_CONSTRAINT: {
        Constraint *c = NEW(cx->arena, Constraint);
        op->constraint = c;
        return constraint_of(cx, py_argument(call, "constraint", 1), c);
    }
    case OPERATION_RUN_SQL:
        return statements_of(cx, py_argument(call, "sql", 0), &op->sql, &op->statements) &&
               statements_of(cx, py_argument(call, "reverse_sql", 1), &op->reverse_sql, &op->reverse_statements) &&
               operations_of(cx, py_argument(call, "state_operations", 2), &op->state, why);
    default:
        return op->model != NULL;
    }
}
