/* python_write.c: operations as Django writes them in Python. */
#include "conformance/python.h"
#include "migrations/changes.h"
#include "migrations/operation.h"
#include "orm/node.h"

#include <clef/base/double.h>
#include <clef/validators.h>

enum { TEXT_MAX = 1 << 20 };

static void write_str(Buf *b, Str s)
{
    char quote = str_contains(s, STR("'")) && !str_contains(s, STR("\"")) ? '"' : '\'';
    buf_byte(b, quote);
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i], escape = c == '\n' ? 'n' : c == '\t' ? 't' : c == '\r' ? 'r' : 0;
        if (c == quote || c == '\\' || escape)
            buf_byte(b, '\\');
        if ((unsigned char)c < ' ' && !escape)
            buf_printf(b, "\\x%02x", c);
        else
            buf_byte(b, escape ? escape : c);
    }
    buf_byte(b, quote);
}

static void write_duration(Buf *b, int64_t us)
{
    static const struct {
        const char *name;
        int64_t us;
    } parts[] = { { "days", 86400000000 }, { "seconds", 1000000 }, { "microseconds", 1 } };
    bool any = false;
    BUF_LIT(b, "datetime.timedelta(");
    for (size_t i = 0; i < CLEF_COUNT(parts); i++) {
        int64_t n = us / parts[i].us;
        us -= n * parts[i].us;
        if (!n)
            continue;
        buf_printf(b, "%s%s=%lld", any ? ", " : "", parts[i].name, (long long)n);
        any = true;
    }
    buf_c(b, any ? ")" : "0)");
}

static int64_t number(const char *text, size_t from, size_t n)
{
    int64_t x = 0;
    return str_to_i64(str_from(text + from, n), &x) ? x : 0;
}

static void write_moment(Buf *b, Value v)
{
    char text[DATETIME_TEXT_MAX] = { 0 };
    if (v.tag == VALUE_DATE) {
        date_format_iso((Date){ (int32_t)v.us }, text);
        buf_printf(b, "datetime.date(%d, %d, %d)", (int)number(text, 0, 4), (int)number(text, 5, 2),
                   (int)number(text, 8, 2));
        return;
    }
    size_t n = v.tag == VALUE_TIME ? time_format_iso((Time){ .us = v.us }, text)
                                   : naive_format_iso((NaiveDateTime){ v.us }, ' ', text);
    size_t at = v.tag == VALUE_TIME ? 0 : 11;
    if (v.tag == VALUE_TIME)
        BUF_LIT(b, "datetime.time(");
    else
        buf_printf(b, "datetime.datetime(%d, %d, %d, ", (int)number(text, 0, 4), (int)number(text, 5, 2),
                   (int)number(text, 8, 2));
    buf_printf(b, "%d, %d", (int)number(text, at, 2), (int)number(text, at + 3, 2));
    int seconds = (int)number(text, at + 6, 2), micros = n > at + 9 ? (int)number(text, at + 9, 6) : 0;
    if (seconds || micros)
        buf_printf(b, ", %d", seconds);
    if (micros)
        buf_printf(b, ", %d", micros);
    buf_c(b, v.tag == VALUE_DATETIME && v.zone ? ", tzinfo=datetime.timezone.utc)" : ")");
}

static void write_expr(Buf *b, Arena *a, const Expr *e);
static void write_pred(Buf *b, Arena *a, const Pred *p);

static void write_value(Buf *b, Arena *a, Value v)
{
    char digits[DOUBLE_TEXT_MAX];
    if (v.tag == VALUE_OBJECT && v.cls == &expr_class) {
        write_expr(b, a, v.object);
        return;
    }
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
    case VALUE_BYTES:
        buf_byte(b, 'b');
        write_str(b, v.s);
        break;
    case VALUE_UUID: {
        char text[UUID_TEXT_LEN];
        uuid_format(*v.uuid, text);
        buf_printf(b, "uuid.UUID('%.*s')", UUID_TEXT_LEN, text);
        break;
    }
    case VALUE_DURATION:
        write_duration(b, v.us);
        break;
    case VALUE_DATE:
    case VALUE_TIME:
    case VALUE_DATETIME:
        write_moment(b, v);
        break;
    case VALUE_MAP:
        BUF_LIT(b, "{");
        for (uint32_t i = 0; i < map_count(v.map); i++) {
            buf_c(b, i ? ", " : "");
            write_str(b, map_at(v.map, i)->key);
            BUF_LIT(b, ": ");
            write_value(b, a, map_at(v.map, i)->value);
        }
        BUF_LIT(b, "}");
        break;
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
        buf_c(b, sets ? "set()" : "None");
        return;
    }
    BUF_LIT(b, "{");
    for (size_t i = 0; sets[i]; i++) {
        buf_c(b, i ? ", " : "");
        write_names(b, sets[i], '(');
    }
    BUF_LIT(b, "}");
}

/* --- expressions */

static const char *module_of(Str name)
{
    static const char *const text[] = { "Lower",   "Upper", "Length", "Concat", "Trim", "LTrim",    "RTrim",
                                        "Substr",  "Left",  "Right",  "LPad",   "RPad", "Repeat",   "Replace",
                                        "Reverse", "Chr",   "Ord",    "MD5",    "SHA1", "StrIndex", NULL };
    static const char *const comparison[] = { "Coalesce", "Greatest", "Least", "NullIf", "Cast", "Collate", NULL };
    for (size_t i = 0; text[i]; i++)
        if (str_eq(name, str_c(text[i])))
            return "text";
    for (size_t i = 0; comparison[i]; i++)
        if (str_eq(name, str_c(comparison[i])))
            return "comparison";
    if (str_starts(name, STR("Trunc")) || str_starts(name, STR("Extract")) || str_eq(name, STR("Now")))
        return "datetime";
    return "math";
}

static void write_args(Buf *b, Arena *a, const Expr *e)
{
    for (size_t i = 0; i < e->n; i++) {
        buf_c(b, i ? ", " : "");
        write_value(b, a, e->args[i].box(a, e->args[i].at));
    }
}

/* What stands beside an operator: a constant becomes a Value. */
static void write_operand(Buf *b, Arena *a, Value v)
{
    bool expression = v.tag == VALUE_OBJECT && v.cls == &expr_class;
    buf_c(b, expression ? "" : "models.Value(");
    write_value(b, a, v);
    buf_c(b, expression ? "" : ")");
}

static void write_when(Buf *b, Arena *a, const Expr *e)
{
    BUF_LIT(b, "models.When(");
    for (const Pred *p = e->where; p->lookup || p->connector; p++) {
        if (p->connector) {
            write_pred(b, a, p);
        } else {
            buf_printf(b, "%s=", p->lookup);
            write_value(b, a, p->value.box(a, p->value.at));
        }
        BUF_LIT(b, ", ");
    }
    BUF_LIT(b, "then=");
    write_args(b, a, e);
    BUF_LIT(b, ")");
}

static void write_expr(Buf *b, Arena *a, const Expr *e)
{
    switch (e->kind) {
    case EXPR_FIELD:
        buf_printf(b, "models.F('%s')", e->name);
        break;
    case EXPR_VALUE:
        BUF_LIT(b, "models.Value(");
        write_args(b, a, e);
        if (e->output)
            buf_printf(b, ", output_field=models.%s()", field_class(&(Field){ .kind = e->output }));
        BUF_LIT(b, ")");
        break;
    case EXPR_ORDER:
        BUF_LIT(b, "models.OrderBy(");
        write_args(b, a, e);
        buf_c(b, e->descending ? ", descending=True" : "");
        buf_c(b, e->nulls_first ? ", nulls_first=True" : "");
        buf_c(b, e->nulls_last ? ", nulls_last=True)" : ")");
        break;
    case EXPR_WHEN:
        write_when(b, a, e);
        break;
    case EXPR_CASE:
        BUF_LIT(b, "models.Case(");
        write_args(b, a, e);
        if (e->otherwise.box) {
            BUF_LIT(b, ", default=");
            write_value(b, a, e->otherwise.box(a, e->otherwise.at));
        }
        BUF_LIT(b, ")");
        break;
    case EXPR_CONDITION:
        write_pred(b, a, e->where);
        break;
    case EXPR_LOOKUP:
        buf_printf(b, "django.db.models.lookups.%s(", py_lookup_class(e->name));
        write_args(b, a, e);
        BUF_LIT(b, ")");
        break;
    case EXPR_WRAPPED:
        BUF_LIT(b, "models.ExpressionWrapper(");
        write_args(b, a, e);
        buf_printf(b, ", output_field=models.%s())", field_class(&(Field){ .kind = e->output }));
        break;
    default: {
        Str name = str_c(e->name);
        bool is_operator = name.p[0] < 'A' || name.p[0] > 'Z';
        if (is_operator) {
            BUF_LIT(b, "django.db.models.expressions.CombinedExpression(");
            write_operand(b, a, e->args[0].box(a, e->args[0].at));
            buf_printf(b, ", '%s', ", str_eq(name, STR("**")) ? "^" : str_eq(name, STR("%")) ? "%%" : e->name);
            write_operand(b, a, e->args[1].box(a, e->args[1].at));
            BUF_LIT(b, ")");
            break;
        }
        buf_printf(b, "django.db.models.functions.%s.%s(", module_of(name), e->name);
        write_args(b, a, e);
        if (str_eq(name, STR("Cast")))
            buf_printf(b, ", models.%s()", field_class(&(Field){ .kind = e->output }));
        if (str_eq(name, STR("Collate")))
            buf_printf(b, ", '%s'", e->detail);
        BUF_LIT(b, ")");
    }
    }
}

static void write_validators(Buf *b, Arena *a, const Validator *v)
{
    BUF_LIT(b, "[");
    for (size_t i = 0; v[i].check; i++) {
        bool function = str_starts(str_c(v[i].name), STR("validate_"));
        if (str_eq(str_c(v[i].name), STR("validate_slug"))) { /* an object, which Django takes to pieces */
            buf_c(b, i ? ", " : "");
            BUF_LIT(b,
                    "django.core.validators.RegexValidator(re.compile('^[-a-zA-Z0-9_]+\\\\Z'), 'Enter a valid “slug” "
                    "consisting of letters, numbers, underscores or hyphens.', 'invalid')");
            continue;
        }
        buf_printf(b, "%sdjango.core.validators.%s%s", i ? ", " : "", v[i].name, function ? "" : "(");
        bool any = true;
        if (v[i].pattern)
            write_str(b, str_c(v[i].pattern));
        else if (v[i].limit)
            write_value(b, a, *v[i].limit);
        else if (v[i].max_digits)
            buf_printf(b, "%d, %d", v[i].max_digits, v[i].decimal_places);
        else
            any = false;
        const char *const texts[][2] = { { "code", v[i].code }, { "message", v[i].message } };
        for (size_t j = 0; j < CLEF_COUNT(texts) && !function; j++)
            if (texts[j][1]) {
                buf_printf(b, "%s%s=", any ? ", " : "", texts[j][0]);
                write_str(b, str_c(texts[j][1]));
                any = true;
            }
        buf_c(b, function ? "" : ")");
    }
    BUF_LIT(b, "]");
}

/* Tuples are told from lists by who boxes them. */
static void write_boxed(Buf *b, Arena *a, Boxed boxed)
{
    Buf one = BUF_INIT(a, TEXT_MAX);
    Value v = boxed.box(a, boxed.at);
    write_value(&one, a, v);
    Str text = buf_view(&one);
    if (boxed.box == py_box_tuple)
        buf_printf(b, v.list->n == 1 ? "(%.*s,)" : "(%.*s)", STR_FMT(str_slice(text, 1, text.n - 1)));
    else
        buf_str(b, text);
}

static void write_pred(Buf *b, Arena *a, const Pred *p)
{
    if (!p->connector && !p->path && !p->lookup[0]) { /* an expression that is true or false */
        write_value(b, a, p->value.box(a, p->value.at));
        return;
    }
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
        write_boxed(b, a, child->value);
        BUF_LIT(b, ")");
    }
    if (p->connector == CONNECT_OR)
        BUF_LIT(b, ", _connector='OR'");
    if (p->connector == CONNECT_XOR)
        BUF_LIT(b, ", _connector='XOR'");
    if (negated)
        BUF_LIT(b, ", _negated=True");
    BUF_LIT(b, ")");
}

/* --- fields: keywords by name */

static void write_field(Buf *b, Arena *a, const Field *f);

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
    Value value = v.box(x->a, v.at);
    if (v.box == box_json) /* of a callable */
        buf_c(&b, value.tag == VALUE_MAP ? "dict" : "list");
    else if (v.box == py_box_callable)
        buf_str(&b, value.s);
    else
        write_value(&b, x->a, value);
    argument(x, name, buf_view(&b));
}

static void write_generated(Buf *b, Arena *a, const Field *f)
{
    Field output = *f;
    output.expression = NULL;
    output.db_column = output.verbose_name = output.help_text = output.db_comment = NULL;
    output.unique = output.db_index = output.primary_key = false;
    Arguments x = { .a = a };
    Buf e = BUF_INIT(a, TEXT_MAX), o = BUF_INIT(a, TEXT_MAX);
    write_expr(&e, a, f->expression);
    write_field(&o, a, &output);
    argument(&x, "db_persist", f->db_persist ? STR("True") : STR("False"));
    argument(&x, "expression", buf_view(&e));
    argument(&x, "output_field", buf_view(&o));
    flag(&x, "unique", f->unique, true);
    flag(&x, "db_index", f->db_index, true);
    text_argument(&x, "db_column", f->db_column);
    text_argument(&x, "verbose_name", f->verbose_name);
    text_argument(&x, "help_text", f->help_text);
    text_argument(&x, "db_comment", f->db_comment);
    BUF_LIT(b, "models.GeneratedField(");
    for (size_t i = 0; i < x.n; i++) {
        buf_c(b, i ? ", " : "");
        buf_str(b, x.all[i]);
    }
    BUF_LIT(b, ")");
}

static void write_choices(Buf *b, Arena *a, const Choice *all, unsigned depth)
{
    BUF_LIT(b, "[");
    for (const Choice *one = all; one->display; one++) {
        buf_c(b, one == all ? "(" : ", (");
        if (one->group && depth < 4) {
            write_str(b, str_c(one->display));
            BUF_LIT(b, ", ");
            write_choices(b, a, one->group, depth + 1);
        } else {
            write_value(b, a, one->value.box(a, one->value.at));
            BUF_LIT(b, ", ");
            write_str(b, str_c(one->display));
        }
        BUF_LIT(b, ")");
    }
    BUF_LIT(b, "]");
}

static void write_field(Buf *b, Arena *a, const Field *f)
{
    if (f->expression) {
        write_generated(b, a, f);
        return;
    }
    if (f->kind == FIELD_COMPOSITE) {
        BUF_LIT(b, "models.CompositePrimaryKey(");
        for (size_t i = 0; f->key_names[i]; i++)
            buf_printf(b, "'%s', ", f->key_names[i]);
        BUF_LIT(b, "blank=True, editable=False, primary_key=True, serialize=False)");
        return;
    }
    static const char *const on_delete[] = {
        [CASCADE] = "CASCADE",   [PROTECT] = "PROTECT",         [RESTRICT] = "RESTRICT",
        [SET_NULL] = "SET_NULL", [SET_DEFAULT] = "SET_DEFAULT", [DO_NOTHING] = "DO_NOTHING"
    };
    Arguments x = { .a = a };
    flag(&x, "null", f->null, true);
    bool itself = f->auto_now || f->auto_now_add; /* says so by itself */
    flag(&x, "blank", f->blank && !itself, true);
    flag(&x, "unique", f->unique && f->kind != FIELD_ONE_TO_ONE, true);
    flag(&x, "primary_key", f->primary_key, true);
    flag(&x, "serialize", f->primary_key, false);
    flag(&x, "auto_created", f->auto_created, true);
    flag(&x, "parent_link", f->parent_link, true);
    flag(&x, "auto_now", f->auto_now, true);
    flag(&x, "auto_now_add", f->auto_now_add, true);
    if (f->kind == FIELD_BINARY)
        flag(&x, "editable", !f->not_editable, true);
    else
        flag(&x, "editable", f->not_editable && !itself, false);
    flag(&x, "db_constraint", f->no_constraint, false);
    bool indexed = f->kind == FIELD_SLUG || f->kind == FIELD_FOREIGN_KEY || f->kind == FIELD_ONE_TO_ONE;
    flag(&x, "db_index", f->db_index && !indexed, true);
    flag(&x, "db_index", f->no_db_index && indexed, false);

    int length = field_max_length(f);
    bool implied = f->kind != FIELD_EMAIL && field_max_length(&(Field){ .kind = f->kind }) != 0 &&
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
    text_argument(&x, "unique_for_month", f->unique_for_month);
    text_argument(&x, "unique_for_year", f->unique_for_year);
    text_argument(&x, "db_collation", f->db_collation);
    text_argument(&x, "path", f->path);
    if (f->validators) {
        Buf v = BUF_INIT(a, TEXT_MAX);
        write_validators(&v, a, f->validators);
        argument(&x, "validators", buf_view(&v));
    }
    text_argument(&x, "protocol", f->protocol);
    label_argument(&x, "to", f->to_label);
    text_argument(&x, "through", f->through_label);
    boxed_argument(&x, "default", f->default_value);
    boxed_argument(&x, "db_default", f->db_default);
    if (field_is_relation(f))
        argument(&x, "on_delete", str_format(a, "django.db.models.deletion.%s", on_delete[f->on_delete]));
    if (f->choices) {
        Buf c = BUF_INIT(a, TEXT_MAX);
        write_choices(&c, a, f->choices, 0);
        argument(&x, "choices", buf_view(&c));
    }
    if (f->error_messages) {
        Buf c = BUF_INIT(a, TEXT_MAX);
        for (const ErrorMessage *m = f->error_messages; m->code; m++) {
            buf_c(&c, m == f->error_messages ? "{" : ", ");
            write_str(&c, str_c(m->code));
            BUF_LIT(&c, ": ");
            write_str(&c, str_c(m->message));
        }
        BUF_LIT(&c, "}");
        argument(&x, "error_messages", buf_view(&c));
    }
    buf_printf(b, "models.%s(", field_class(f));
    for (size_t i = 0; i < x.n; i++) {
        buf_c(b, i ? ", " : "");
        buf_str(b, x.all[i]);
    }
    BUF_LIT(b, ")");
}

static void write_list(Arguments *x, const char *name, const char *const *names, char open)
{
    Buf b = BUF_INIT(x->a, TEXT_MAX);
    if (!names || !names[0])
        return;
    write_names(&b, names, open);
    argument(x, name, buf_view(&b));
}

static void condition_argument(Arguments *x, const char *name, const Pred *p)
{
    Buf b = BUF_INIT(x->a, TEXT_MAX);
    if (!p)
        return;
    write_pred(&b, x->a, p);
    argument(x, name, buf_view(&b));
}

static void close_call(Buf *b, Arena *a, const Arguments *x, const Expr *const *expressions)
{
    bool any = false;
    for (; expressions && *expressions; expressions++) {
        buf_c(b, any ? ", " : "");
        write_expr(b, a, *expressions);
        any = true;
    }
    for (size_t i = 0; i < x->n; i++) {
        buf_c(b, any ? ", " : "");
        buf_str(b, x->all[i]);
        any = true;
    }
    BUF_LIT(b, ")");
}

static void write_index(Buf *b, Arena *a, const Index *index)
{
    Arguments x = { .a = a };
    condition_argument(&x, "condition", index->condition);
    write_list(&x, "fields", index->fields, '[');
    write_list(&x, "include", index->include, '(');
    write_list(&x, "opclasses", index->opclasses, '[');
    text_argument(&x, "name", index->name);
    BUF_LIT(b, "models.Index(");
    close_call(b, a, &x, index->expressions);
}

static void write_constraint(Buf *b, Arena *a, const Constraint *c)
{
    Arguments x = { .a = a };
    condition_argument(&x, "condition", c->check);
    if (c->deferrable || c->deferrable_immediate)
        argument(&x, "deferrable",
                 c->deferrable ? STR("django.db.models.constraints.Deferrable['DEFERRED']")
                               : STR("django.db.models.constraints.Deferrable['IMMEDIATE']"));
    write_list(&x, "fields", c->unique, '(');
    write_list(&x, "include", c->include, '(');
    write_list(&x, "opclasses", c->opclasses, '[');
    text_argument(&x, "name", c->name);
    flag(&x, "nulls_distinct", c->nulls_distinct || c->nulls_not_distinct, c->nulls_distinct);
    text_argument(&x, "violation_error_code", c->violation_error_code);
    text_argument(&x, "violation_error_message", c->violation_error_message);
    buf_c(b, constraint_is_unique(c) ? "models.UniqueConstraint(" : "models.CheckConstraint(");
    close_call(b, a, &x, c->expressions);
}

/* --- operations */

typedef struct Option {
    const char *name;
    Str value;
} Option;

static void add_option(Option *out, size_t *n, const char *name, Str value) { out[(*n)++] = (Option){ name, value }; }

static void text_option(Arena *a, Option *out, size_t *n, const char *name, const char *text)
{
    Buf b = BUF_INIT(a, TEXT_MAX);
    if (!text)
        return;
    write_str(&b, str_c(text));
    add_option(out, n, name, buf_view(&b));
}

/* In the order of Django's DEFAULT_NAMES; what operations of their own made behind that. */
static size_t options_of(Arena *a, const Model *m, bool all, bool concrete, Option out[32])
{
    size_t n = 0;
    text_option(a, out, &n, "verbose_name", m->verbose_name);
    text_option(a, out, &n, "verbose_name_plural", m->verbose_name_plural);
    text_option(a, out, &n, "db_table", all ? m->db_table : NULL);
    text_option(a, out, &n, "db_table_comment", all ? m->db_table_comment : NULL);
    if (m->ordering && m->ordering[0]) {
        Buf b = BUF_INIT(a, TEXT_MAX);
        write_names(&b, m->ordering, '[');
        add_option(out, &n, "ordering", buf_view(&b));
    }
    if (m->permissions) {
        Buf b = BUF_INIT(a, TEXT_MAX);
        for (const PermissionName *p = m->permissions; p->codename; p++) {
            buf_c(&b, b.n ? ", " : "[");
            write_names(&b, (const char *const[]){ p->codename, p->name, NULL }, '(');
        }
        BUF_LIT(&b, "]");
        add_option(out, &n, "permissions", buf_view(&b));
    }
    text_option(a, out, &n, "get_latest_by", m->get_latest_by);
    if (concrete)
        add_option(out, &n, "abstract", STR("False"));
    if (m->unmanaged)
        add_option(out, &n, "managed", STR("False"));
    if (all && m->proxy)
        add_option(out, &n, "proxy", STR("True"));
    text_option(a, out, &n, "swappable", all ? m->swappable : NULL);
    if (m->default_permissions) {
        Buf b = BUF_INIT(a, TEXT_MAX);
        write_names(&b, m->default_permissions, '(');
        add_option(out, &n, "default_permissions", buf_view(&b));
    }
    if (m->select_on_save)
        add_option(out, &n, "select_on_save", STR("True"));
    text_option(a, out, &n, "default_related_name", m->default_related_name);
    text_option(a, out, &n, "base_manager_name", m->base_manager_name);
    text_option(a, out, &n, "default_manager_name", m->default_manager_name);
    if (!all)
        return n;
    text_option(a, out, &n, "order_with_respect_to", m->order_with_respect_to);
    if (m->nindexes || m->proxy) {
        Buf x = BUF_INIT(a, TEXT_MAX);
        BUF_LIT(&x, "[");
        for (size_t i = 0; i < m->nindexes; i++) {
            buf_c(&x, i ? ", " : "");
            write_index(&x, a, &m->indexes[i]);
        }
        BUF_LIT(&x, "]");
        add_option(out, &n, "indexes", buf_view(&x));
    }
    if (m->nconstraints || m->proxy) {
        Buf x = BUF_INIT(a, TEXT_MAX);
        BUF_LIT(&x, "[");
        for (size_t i = 0; i < m->nconstraints; i++) {
            buf_c(&x, i ? ", " : "");
            write_constraint(&x, a, &m->constraints[i]);
        }
        BUF_LIT(&x, "]");
        add_option(out, &n, "constraints", buf_view(&x));
    }
    if (m->unique_together && m->unique_together[0]) {
        Buf x = BUF_INIT(a, TEXT_MAX);
        write_sets(&x, m->unique_together);
        add_option(out, &n, "unique_together", buf_view(&x));
    }
    return n;
}

static void create_model(Buf *b, Arena *a, const Operation *op, bool concrete)
{
    Option options[32];
    const Model *m = op->table;
    size_t n = options_of(a, m, true, concrete, options);
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

Str py_write_operation(Arena *a, const Operation *op, bool concrete)
{
    Buf b = BUF_INIT(a, TEXT_MAX);
    buf_printf(&b, "migrations.%s(\n", operation_name(op->kind));
    switch (op->kind) {
    case OPERATION_CREATE_MODEL:
        create_model(&b, a, op, concrete);
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
        Option options[32];
        size_t n = options_of(a, op->table, false, false, options);
        line(&b, "name", op->model);
        for (size_t i = 1; i < n; i++)
            for (size_t j = i; j > 0 && strcmp(options[j].name, options[j - 1].name) < 0; j--) {
                Option t = options[j];
                options[j] = options[j - 1];
                options[j - 1] = t;
            }
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
    case OPERATION_ALTER_CONSTRAINT:
        line(&b, "model_name", op->model);
        line(&b, "name", op->constraint->name);
        BUF_LIT(&b, "    constraint=");
        write_constraint(&b, a, op->constraint);
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
