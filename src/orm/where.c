/* where.c: from Q and LOOKUP to paths over the models and values that fit; wrong names are told what would be right. */
#include "orm/where.h"
#include "orm/queryset.h"
#include <clef/base/double.h>
#include <clef/base/vec.h>

static const char *const op_names[OP_COUNT] = {
    [OP_EQ] = "exact",
    [OP_IEXACT] = "iexact",
    [OP_CONTAINS] = "contains",
    [OP_ICONTAINS] = "icontains",
    [OP_STARTSWITH] = "startswith",
    [OP_ISTARTSWITH] = "istartswith",
    [OP_ENDSWITH] = "endswith",
    [OP_IENDSWITH] = "iendswith",
    [OP_GT] = "gt",
    [OP_GTE] = "gte",
    [OP_LT] = "lt",
    [OP_LTE] = "lte",
    [OP_IN] = "in",
    [OP_ISNULL] = "isnull",
    [OP_RANGE] = "range",
};

/* --- errors */

static CLEF_COLD CLEF_NORETURN void no_field(Context *cx, const ModelInfo *info, Str name)
{
    Arena *a = cx->arena;
    size_t n = 0;
    Str *names = NEW_ARRAY(a, Str, 2 * info->n + 1);
    for (size_t i = 0; i < info->n; i++) {
        names[n++] = info->fields[i].name;
        if (!str_eq(info->fields[i].name, info->fields[i].attname))
            names[n++] = info->fields[i].attname;
    }
    for (size_t i = 1; i < n; i++)
        for (size_t j = i; j > 0 && str_cmp(names[j], names[j - 1]) < 0; j--) {
            Str t = names[j];
            names[j] = names[j - 1];
            names[j - 1] = t;
        }
    Buf b = BUF_INIT(a, 1 << 14);
    for (size_t i = 0; i < n; i++) {
        if (i)
            BUF_LIT(&b, ", ");
        buf_str(&b, names[i]);
    }
    Str near = nearest_of(name, names, n);
    for (size_t i = 0; i < info->nbetween; i++)
        if (str_eq(info->between[i].name, name))
            RAISE(cx, 500, "field_error", "Paths over many-to-many relations ('%.*s' of %.*s) are not followed.",
                  STR_FMT(name), STR_FMT(info->name));
    RAISE(cx, 500, "field_error", "Cannot resolve keyword '%.*s' into field. Choices are: %.*s.%s%.*s%s", STR_FMT(name),
          STR_FMT(buf_view(&b)), near.n ? " Did you mean '" : "", STR_FMT(near), near.n ? "'?" : "");
}

static CLEF_COLD CLEF_NORETURN void no_lookup(Context *cx, const FieldInfo *field, Str name)
{
    Str names[OP_COUNT];
    for (size_t i = 0; i < OP_COUNT; i++)
        names[i] = str_c(op_names[i]);
    Str near = nearest_of(name, names, OP_COUNT);
    RAISE(cx, 500, "field_error", "Unsupported lookup '%.*s' for %s or join on the field not permitted%s%.*s%s",
          STR_FMT(name), field_class(field->f), near.n ? ", perhaps you meant " : "", STR_FMT(near),
          near.n ? "?" : ".");
}

static CLEF_COLD CLEF_NORETURN void bad_value(Context *cx, const FieldInfo *field, const char *expected, Value v)
{
    Str text;
    const char *quoted = value_to_str(v, &text) ? "'" : "";
    if (!*quoted)
        text = v.tag == VALUE_INT ? str_format(cx->arena, "%lld", (long long)v.i) : str_c(value_type_name(v));
    RAISE(cx, 500, "value_error", "Field '%.*s' expected %s but got %s%.*s%s.", STR_FMT(field->name), expected, quoted,
          STR_FMT(text), quoted);
}

/* --- paths */

/* Cuts the next name off: at "->" or "__". */
static bool cut_name(Str *rest, Str *name)
{
    if (!rest->p)
        return false;
    for (size_t i = 0; i + 1 < rest->n; i++) {
        bool arrow = rest->p[i] == '-' && rest->p[i + 1] == '>';
        /* A name may end in '_' itself only where no other follows, so the first two are the separator. */
        if (arrow || (i > 0 && rest->p[i] == '_' && rest->p[i + 1] == '_')) {
            *name = str_trim(str_slice(*rest, 0, i));
            *rest = str_from_byte(*rest, i + 2);
            return true;
        }
    }
    *name = str_trim(*rest);
    *rest = (Str){ 0 };
    return true;
}

static bool op_named(Str name, Op *op)
{
    for (size_t i = 0; i < OP_COUNT; i++)
        if (str_eq(str_c(op_names[i]), name)) {
            *op = (Op)i;
            return true;
        }
    return false;
}

Path path_resolve(Context *cx, const ModelInfo *info, Str text, Op *op)
{
    Str rest = text, name;
    const FieldInfo *hops[QUERY_MAX_DEPTH];
    Path path = { 0 };
    while (cut_name(&rest, &name)) {
        const FieldInfo *before = path.field;
        if (before && !before->to) { /* behind a plain column: only a lookup */
            if (!op || !op_named(name, op))
                no_lookup(cx, before, name);
            if (rest.p)
                no_lookup(cx, before, rest);
            break;
        }
        const ModelInfo *at = before ? before->to : info;
        const FieldInfo *field = info_field(at, name);
        if (!field) {
            if (before && op && op_named(name, op) && !rest.p)
                break;
            if (before && op && !rest.p) {
                Str names[OP_COUNT];
                for (size_t i = 0; i < OP_COUNT; i++)
                    names[i] = str_c(op_names[i]);
                if (nearest_of(name, names, OP_COUNT).n)
                    no_lookup(cx, before, name);
            }
            no_field(cx, at, name);
        }
        if (before) {
            if (path.n == QUERY_MAX_DEPTH)
                RAISE(cx, 500, "field_error", "A path goes over more than %d relations.", QUERY_MAX_DEPTH);
            hops[path.n++] = before;
        }
        path.field = field;
    }
    /* The key that a relation leads to stands in the relation's own column. */
    while (path.n && path.field == hops[path.n - 1]->to_field)
        path.field = hops[--path.n];
    path.hops = NEW_ARRAY(cx->arena, const FieldInfo *, path.n ? path.n : 1);
    if (path.n)
        memcpy(path.hops, hops, path.n * sizeof *hops);
    return path;
}

/* --- values */

static bool is_integer_kind(FieldKind k)
{
    return (k >= FIELD_INTEGER && k <= FIELD_POSITIVE_SMALL_INTEGER) || (k >= FIELD_AUTO && k <= FIELD_SMALL_AUTO);
}

static Value key_of_row(Context *cx, const FieldInfo *field, const void *row)
{
    if (!field->to)
        RAISE(cx, 500, "value_error", "Field '%.*s' is no relation, and cannot be compared with a row.",
              STR_FMT(field->name));
    RowState *state = *row_state_of((void *)row);
    if (state && state->info != field->to)
        RAISE(cx, 500, "value_error", "Cannot query \"%.*s\": Must be \"%.*s\" instance.", STR_FMT(state->info->name),
              STR_FMT(field->to->name));
    Value key = member_load(cx->arena, field->to_field->f, row);
    if (key.tag == VALUE_NULL || (key.tag == VALUE_INT && key.i == 0))
        RAISE(cx, 500, "value_error", "Model instances passed to related filters must be saved.");
    return value_copy(cx->arena, key);
}

/* A text that stands for a value of another type, as LOOKUP and forms give it. */
static Value from_text(Context *cx, const FieldInfo *field, Value v)
{
    Arena *a = cx->arena;
    Str s = str_trim(v.s);
    int64_t i;
    double d;
    switch (field->kind) {
    case FIELD_FLOAT:
        if (!double_parse_any(s, &d))
            bad_value(cx, field, "a number", v);
        return value_double(d);
    case FIELD_BOOLEAN:
        if (str_eq(s, STR("True")) || str_eq(s, STR("true")) || str_eq(s, STR("t")) || str_eq(s, STR("1")))
            return value_bool(true);
        if (str_eq(s, STR("False")) || str_eq(s, STR("false")) || str_eq(s, STR("f")) || str_eq(s, STR("0")))
            return value_bool(false);
        RAISE(cx, 500, "value_error", "“%.*s” value must be either True or False.", STR_FMT(s));
    case FIELD_DECIMAL: {
        Decimal *x = NEW(a, Decimal);
        if (decimal_parse(a, s, x) != DECIMAL_OK)
            RAISE(cx, 500, "value_error", "“%.*s” value must be a decimal number.", STR_FMT(s));
        return value_decimal(x);
    }
    case FIELD_DATE: {
        Date x;
        if (date_parse(s, &x) != PARSE_OK)
            RAISE(cx, 500, "value_error", "“%.*s” value has an invalid date format. It must be in YYYY-MM-DD format.",
                  STR_FMT(s));
        return value_date(x);
    }
    case FIELD_TIME: {
        Time x;
        if (time_parse(s, &x) != PARSE_OK)
            RAISE(cx, 500, "value_error",
                  "“%.*s” value has an invalid format. It must be in HH:MM[:ss[.uuuuuu]] format.", STR_FMT(s));
        return value_time(x);
    }
    case FIELD_DATETIME: {
        ParsedDateTime x;
        DateTime t;
        if (datetime_parse(s, &x) != PARSE_OK || !datetime_from_naive(x.local, x.aware ? x.offset : 0, &t))
            RAISE(cx, 500, "value_error",
                  "“%.*s” value has an invalid format. It must be in YYYY-MM-DD HH:MM[:ss[.uuuuuu]][TZ] format.",
                  STR_FMT(s));
        return value_datetime(t, NULL);
    }
    case FIELD_UUID: {
        Uuid *x = NEW(a, Uuid);
        if (!uuid_parse(s, x))
            RAISE(cx, 500, "value_error", "“%.*s” is not a valid UUID.", STR_FMT(s));
        return value_uuid(x);
    }
    case FIELD_DURATION: {
        Duration x;
        if (duration_parse(s, &x) != PARSE_OK)
            bad_value(cx, field, "a duration", v);
        return value_duration(x);
    }
    default:
        if (!is_integer_kind(field->kind))
            return v;
        if (!str_to_i64(s, &i))
            bad_value(cx, field, "a number", v);
        return value_int(i);
    }
}

static Value quantized(Context *cx, const FieldInfo *field, Value v)
{
    Decimal d = v.tag == VALUE_INT      ? decimal_from_i64(v.i)
                : v.tag == VALUE_DOUBLE ? decimal_from_double_short(v.d)
                                        : *v.decimal;
    if (field->stored->max_digits && decimal_is_finite(d) &&
        decimal_quantize(cx->arena, d, -field->stored->decimal_places, ROUND_HALF_EVEN, &d) != DECIMAL_OK)
        bad_value(cx, field, "a decimal number that fits", v);
    Decimal *kept = NEW(cx->arena, Decimal);
    *kept = d;
    return value_decimal(kept);
}

Value value_for_field(Context *cx, const FieldInfo *field, Value v)
{
    FieldKind k = field->kind;
    if (v.tag == VALUE_OBJECT && v.cls == &row_class)
        return key_of_row(cx, field, v.object);
    if (v.tag == VALUE_NULL)
        return v;
    if (value_is_text(v))
        v = from_text(cx, field, v);
    ValueTag tag = (ValueTag)v.tag;
    if (is_integer_kind(k)) {
        if (tag == VALUE_BOOL)
            return value_int(v.b);
        if (tag == VALUE_DOUBLE && v.d >= -9e15 && v.d <= 9e15)
            return value_double(v.d);
        if (tag != VALUE_INT)
            bad_value(cx, field, "a number", v);
        return v;
    }
    switch (k) {
    case FIELD_BOOLEAN:
        if (tag == VALUE_INT && (v.i == 0 || v.i == 1))
            return value_bool(v.i);
        if (tag != VALUE_BOOL)
            bad_value(cx, field, "True or False", v);
        return v;
    case FIELD_FLOAT:
        if (tag == VALUE_DECIMAL)
            return value_double(decimal_to_double(*v.decimal));
        if (tag != VALUE_DOUBLE && tag != VALUE_INT)
            bad_value(cx, field, "a number", v);
        return v;
    case FIELD_DECIMAL:
        if (tag != VALUE_DECIMAL && tag != VALUE_INT && tag != VALUE_DOUBLE)
            bad_value(cx, field, "a decimal number", v);
        return quantized(cx, field, v);
    case FIELD_DATE:
        if (tag == VALUE_DATETIME)
            return value_date(naive_date((NaiveDateTime){ v.us }));
        if (tag != VALUE_DATE)
            bad_value(cx, field, "a date", v);
        return v;
    case FIELD_DATETIME:
        if (tag == VALUE_DATE)
            return value_naive(naive_combine((Date){ (int32_t)v.us }, (Time){ 0 }));
        if (tag != VALUE_DATETIME)
            bad_value(cx, field, "an instant", v);
        return v;
    case FIELD_TIME:
        if (tag != VALUE_TIME)
            bad_value(cx, field, "a time", v);
        return v;
    case FIELD_DURATION:
        if (tag != VALUE_DURATION && tag != VALUE_INT)
            bad_value(cx, field, "a duration", v);
        return v;
    case FIELD_UUID:
        if (tag != VALUE_UUID)
            bad_value(cx, field, "a UUID", v);
        return v;
    case FIELD_BINARY:
        if (tag == VALUE_STR)
            v.tag = VALUE_BYTES;
        return v;
    default: /* texts: Django writes str() of whatever it gets */
        if (tag == VALUE_INT)
            return value_str(str_format(cx->arena, "%lld", (long long)v.i));
        if (tag != VALUE_STR && tag != VALUE_SAFE)
            bad_value(cx, field, "a text", v);
        return v;
    }
}

/* The pattern of LIKE in which the text stands for itself. */
static Value pattern_of(Context *cx, Op op, Value v)
{
    Str text;
    if (v.tag == VALUE_INT)
        text = str_format(cx->arena, "%lld", (long long)v.i);
    else if (!value_to_str(v, &text))
        RAISE(cx, 500, "value_error", "The lookup %s searches for a text, not for a %s.", op_names[op],
              value_type_name(v));
    bool before = op == OP_CONTAINS || op == OP_ICONTAINS || op == OP_ENDSWITH || op == OP_IENDSWITH;
    bool after = op == OP_CONTAINS || op == OP_ICONTAINS || op == OP_STARTSWITH || op == OP_ISTARTSWITH;
    Buf b = BUF_INIT(cx->arena, 2 * text.n + 2);
    if (before)
        buf_byte(&b, '%');
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '%' || text.p[i] == '_' || text.p[i] == '\\')
            buf_byte(&b, '\\');
        buf_byte(&b, text.p[i]);
    }
    if (after)
        buf_byte(&b, '%');
    return value_str(buf_view(&b));
}

static Value list_for_field(Context *cx, const FieldInfo *field, Op op, Value v)
{
    if (v.tag != VALUE_LIST)
        RAISE(cx, 500, "value_error", "The lookup %s takes a list of values, not a %s.", op_names[op],
              value_type_name(v));
    if (op == OP_RANGE && v.list->n != 2)
        RAISE(cx, 500, "value_error", "The lookup range takes two values, not %zu.", v.list->n);
    List *out = list_new(cx->arena);
    for (size_t i = 0; i < v.list->n; i++) {
        Value one = value_for_field(cx, field, v.list->p[i]);
        if (one.tag == VALUE_NULL && op == OP_RANGE)
            RAISE(cx, 500, "value_error", "Cannot use None as a query value");
        if (one.tag != VALUE_NULL) /* NULL is in no list */
            list_push(cx->arena, out, one);
    }
    return value_list(out);
}

/* --- conditions */

static void build_leaf(Context *cx, const ModelInfo *info, const Pred *p, Where *w)
{
    w->op = p->op;
    w->path = path_resolve(cx, info, str_c(p->path ? p->path : p->lookup), p->path ? NULL : &w->op);
    Value v = p->value.box ? p->value.box(cx->arena, p->value.at) : value_null();
    const FieldInfo *field = w->path.field;
    if (w->op == OP_ISNULL) {
        if (v.tag != VALUE_BOOL && v.tag != VALUE_INT)
            RAISE(cx, 500, "value_error", "The QuerySet value for an isnull lookup must be True or False.");
        w->value = value_bool(v.tag == VALUE_BOOL ? v.b : v.i != 0);
        return;
    }
    if (v.tag == VALUE_OBJECT && v.cls == &queryset_class) {
        if (w->op != OP_IN)
            RAISE(cx, 500, "value_error", "A QuerySet is a value for the lookup in only.");
        w->subquery = v.object;
        if (w->subquery->cx != cx)
            RAISE(cx, 500, "value_error", "A QuerySet of another context cannot be part of this one.");
        return;
    }
    if (v.tag == VALUE_NULL && (w->op == OP_EQ || w->op == OP_IEXACT)) {
        w->op = OP_ISNULL;
        w->value = value_bool(true);
        return;
    }
    if (v.tag == VALUE_NULL)
        RAISE(cx, 500, "value_error", "Cannot use None as a query value");
    if (w->op == OP_IN || w->op == OP_RANGE)
        w->value = list_for_field(cx, field, w->op, v);
    else if (w->op >= OP_IEXACT && w->op <= OP_IENDSWITH)
        w->value = pattern_of(cx, w->op, v);
    else
        w->value = value_for_field(cx, field, v);
}

static Where *build(Context *cx, const ModelInfo *info, const Pred *preds, size_t n, Connector connector,
                    unsigned depth)
{
    if (depth > QUERY_MAX_DEPTH)
        RAISE(cx, 500, "field_error", "Conditions are nested deeper than %d.", QUERY_MAX_DEPTH);
    Where *children = NEW_ARRAY(cx->arena, Where, n ? n : 1);
    for (size_t i = 0; i < n; i++)
        if (preds[i].connector)
            children[i] = *build(cx, info, preds[i].children, preds[i].nchildren, preds[i].connector, depth + 1);
        else
            build_leaf(cx, info, &preds[i], &children[i]);
    Where *w = NEW(cx->arena, Where);
    *w = (Where){ .connector = connector, .children = children, .nchildren = n };
    return w;
}

Where *where_build(Context *cx, const ModelInfo *info, const Pred *preds, Connector connector)
{
    size_t n = 0;
    while (preds && (preds[n].path || preds[n].lookup || preds[n].connector))
        n++;
    return build(cx, info, preds, n, connector, 0);
}
