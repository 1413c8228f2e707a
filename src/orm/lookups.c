/*
 * lookups.c: one comparison: transforms, then a lookup, then a value that fits. What a type does not know is refused with
 * Django's sentences and with the names that were probably meant.
 */
#include "orm/queryset.h"
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
    [OP_REGEX] = "regex",
    [OP_IREGEX] = "iregex",
    [OP_HAS_KEY] = "has_key",
    [OP_HAS_KEYS] = "has_keys",
    [OP_HAS_ANY_KEYS] = "has_any_keys",
    [OP_CONTAINED_BY] = "contained_by",
};

const char *op_name(Op op) { return op_is_custom(op) ? custom_name(op) : op < OP_COUNT ? op_names[op] : ""; }

bool op_find(Str name, Op *op)
{
    for (size_t i = 0; i < OP_COUNT; i++)
        if (str_eq(str_c(op_names[i]), name)) {
            *op = (Op)i;
            return true;
        }
    return false;
}

static bool op_takes_text(Op op)
{
    return (op >= OP_IEXACT && op <= OP_IENDSWITH) || op == OP_REGEX || op == OP_IREGEX;
}

static bool op_of_json(Op op) { return op >= OP_HAS_KEY && op <= OP_CONTAINED_BY; }

/* What a relation can be asked itself: Django's related lookups. */
static bool op_of_relation(Op op)
{
    return op == OP_EQ || (op >= OP_GT && op <= OP_LTE) || op == OP_IN || op == OP_ISNULL;
}

static bool op_fits(Op op, const FieldInfo *type)
{
    if (type && type->to)
        return op_of_relation(op);
    return !op_of_json(op) || (type && type->kind == FIELD_JSON);
}

/* --- what was probably meant */

/* How alike two names are, as difflib's ratio(): twice the characters of their longest common runs, by both lengths. */
static size_t matching(Str a, Str b, unsigned depth)
{
    size_t best = 0, at_a = 0, at_b = 0;
    for (size_t i = 0; i < a.n; i++)
        for (size_t j = 0; j < b.n; j++) {
            size_t k = 0;
            while (i + k < a.n && j + k < b.n && a.p[i + k] == b.p[j + k])
                k++;
            if (k > best)
                best = k, at_a = i, at_b = j;
        }
    if (!best || depth > 16)
        return best;
    return best + matching(str_slice(a, 0, at_a), str_slice(b, 0, at_b), depth + 1) +
           matching(str_from_byte(a, at_a + best), str_from_byte(b, at_b + best), depth + 1);
}

/* Of the names, up to three that are alike, the most alike first: "gt or gte". */
static Str perhaps(Context *cx, Str name, const Str *names, size_t n)
{
    enum { MOST = 3 };
    Str found[MOST];
    double scores[MOST];
    size_t some = 0;
    for (size_t i = 0; name.n <= 64 && i < n; i++) {
        double score = 2.0 * (double)matching(names[i], name, 0) / (double)(names[i].n + name.n);
        if (score < 0.6)
            continue;
        size_t at = some;
        while (at > 0 &&
               (scores[at - 1] < score || (!(scores[at - 1] > score) && str_cmp(found[at - 1], names[i]) < 0)))
            at--;
        if (at == MOST)
            continue;
        some += some < MOST;
        for (size_t j = some - 1; j > at; j--)
            found[j] = found[j - 1], scores[j] = scores[j - 1];
        found[at] = names[i];
        scores[at] = score;
    }
    Buf b = BUF_INIT(cx->arena, 256);
    for (size_t i = 0; i < some; i++) {
        if (i)
            BUF_LIT(&b, " or ");
        buf_str(&b, found[i]);
    }
    return buf_view(&b);
}

static CLEF_COLD CLEF_NORETURN void no_lookup(Context *cx, const FieldInfo *type, Str name, Str all)
{
    Str names[OP_COUNT + 48];
    size_t n = 0;
    for (size_t i = 0; i < OP_COUNT; i++)
        if (op_fits((Op)i, type))
            names[n++] = str_c(op_names[i]);
    if (type)
        n += transform_names(type, names + n, 16);
    n += custom_names(type, names + n, 32);
    Str near = perhaps(cx, name, names, n), field = { 0 };
    if (type && type->to) { /* a member of the related model, misspelt */
        Str *fields = NEW_ARRAY(cx->arena, Str, type->to->nall);
        for (size_t i = 0; i < type->to->nall; i++)
            fields[i] = type->to->all[i]->name;
        field = nearest_of(name, fields, type->to->nall);
    }
    Error e = { .status = 500, .code = "field_error", .file = __FILE__, .line = __LINE__, .function = __func__ };
    e.message = str_format(cx->arena, "Unsupported lookup '%.*s' for %s or join on the field not permitted%s%.*s%s",
                           STR_FMT(all), type ? field_class(type->f) : "an expression",
                           near.n ? ", perhaps you meant " : "", STR_FMT(near), near.n ? "?" : ".");
    if (field.n)
        e.hint = str_format(cx->arena, "Did you mean '%.*s'?", STR_FMT(field));
    context_raise_error(cx, &e);
}

/* --- transforms */

static const Node *key_of_json(Context *cx, const Node *of, Str key)
{
    Node *n = node_new(cx, NODE_KEY, 1);
    bool deeper = of->kind == NODE_KEY;
    size_t before = deeper ? of->nkeys : 0;
    Str *keys = NEW_ARRAY(cx->arena, Str, before + 1);
    if (before)
        memcpy(keys, of->keys, before * sizeof *keys);
    keys[before] = str_copy(cx->arena, key);
    n->args[0] = deeper ? of->args[0] : of;
    n->keys = keys;
    n->nkeys = before + 1;
    n->out = type_field(FIELD_JSON);
    n->nullable = true;
    n->aggregate = of->aggregate;
    return n;
}

/* Numbers name elements of arrays too, so a key of JSON may be any text. */
static bool is_lookup(Str name, const FieldInfo *type, Op *op)
{
    Op found;
    if (!op_find(name, &found) || !op_fits(found, type))
        return custom_find(name, type, op);
    *op = found;
    return true;
}

/* A name behind a column that is no transform of it, where no lookup may stand: in an order, among values, in F. */
static CLEF_COLD CLEF_NORETURN void no_member(Context *cx, const Node *left, const FieldInfo *type, Str name)
{
    if (left->kind == NODE_COLUMN && type && type->to)
        names_unknown(cx, type->to, name, NULL);
    if (left->kind == NODE_COLUMN && type)
        RAISE(cx, 500, "field_error", "Cannot resolve keyword '%.*s' into field. Join on '%.*s' not permitted.",
              STR_FMT(name), STR_FMT(type->name));
    no_lookup(cx, type, name, name);
}

const Node *transformed(Resolving *r, const Node *left, Str rest, Op *op)
{
    Context *cx = r->q->cx;
    Str name, all = rest;
    while (names_cut(&rest, &name)) {
        const FieldInfo *type = node_type(cx, left);
        if (!rest.p && op && is_lookup(name, type, op))
            break;
        if (type && type->kind == FIELD_JSON) {
            left = key_of_json(cx, left, name);
            all = rest;
            continue;
        }
        const Node *next = type ? transform_call(r, name, left) : NULL;
        if (!next && !op)
            no_member(cx, left, type, name);
        if (!next)
            no_lookup(cx, type, name, rest.p ? all : name);
        left = next;
        all = rest;
    }
    return left;
}

/* --- the value */

Right right_side(Resolving *r, const Boxed *b)
{
    Right right = { .value = b->box ? b->box(r->q->cx->arena, b->at) : value_null() };
    right.expr = expr_of(right.value);
    if (right.value.tag == VALUE_OBJECT && right.value.cls == &queryset_class)
        right.query = right.value.object;
    if (right.expr && right.expr->kind == EXPR_SUBQUERY) { /* Subquery(q) is q here */
        right.query = right.expr->query;
        right.expr = NULL;
    }
    return right;
}

/* A row of the model that a relation was followed to, against the relation: its primary key. */
static Value key_of_related(Resolving *r, Value v, const FieldInfo *asked, const FieldInfo *field)
{
    if (v.tag == VALUE_LIST) {
        List *keys = list_new(r->q->cx->arena);
        for (size_t i = 0; i < v.list->n; i++)
            list_push(r->q->cx->arena, keys, key_of_related(r, v.list->p[i], asked, field));
        return value_list(keys);
    }
    if (v.tag != VALUE_OBJECT || v.cls != &row_class || !asked)
        return v;
    /* From the other side, where the row's key is the relation itself: profile of Customer, whose key is its customer. */
    const RowState *state = *row_state_of((void *)v.object);
    bool is_theirs = state && field->to && field == state->info->pk && !info_is_a(state->info, field->to);
    if (field->to && !is_theirs)
        return v;
    return value_for_related(r->q->cx, field, v.object);
}

static Node *comparing(Context *cx, const Node *left, Op op, size_t nargs)
{
    Node *n = node_new(cx, NODE_COMPARE, nargs);
    n->args[0] = left;
    n->op = op;
    n->aggregate = left->aggregate;
    n->window = left->window;
    n->out = type_field(FIELD_BOOLEAN);
    return n;
}

static const Node *compare_null(Context *cx, const Node *left, Value v)
{
    if (v.tag != VALUE_BOOL && v.tag != VALUE_INT)
        RAISE(cx, 500, "value_error", "The QuerySet value for an isnull lookup must be True or False.");
    Node *n = comparing(cx, left, OP_ISNULL, 1);
    n->value = value_bool(v.tag == VALUE_BOOL ? v.b : v.i != 0);
    return n;
}

static bool model_is_compatible(const ModelInfo *info, const ModelInfo *to)
{
    return info_is_a(info, to) || info_is_a(to, info);
}

static const Node *compare_query(Resolving *r, const Node *left, Op op, const FieldInfo *asked, const QuerySet *query)
{
    Context *cx = r->q->cx;
    const FieldInfo *relation = left->out && left->out->to ? left->out : asked;
    if (relation && relation->to && query->mode == MODE_ROWS) {
        const ModelInfo *to = asked && model_is_compatible(query->info, asked->model) ? asked->model : relation->to;
        if (!model_is_compatible(query->info, to))
            RAISE(cx, 500, "value_error", "Cannot use QuerySet for \"%s\": Use a QuerySet for \"%s\".",
                  query->info->m->name, to->m->name);
    }
    if (op == OP_IN) {
        if (query->mode != MODE_ROWS && query->nselected != 1)
            RAISE(cx, 500, "value_error",
                  "The QuerySet value for the 'in' lookup must have 1 selected fields (received %zu)",
                  query->nselected);
        if (!query->sliced && query->mode != MODE_ROWS && !query->combinator)
            query = queryset_unordered(query);
        Node *n = (Node *)node_subquery(r, NODE_COMPARE, query);
        n->args[0] = left;
        n->n = 1;
        n->op = op;
        n->out = type_field(FIELD_BOOLEAN);
        n->aggregate = left->aggregate;
        n->window = left->window;
        return n;
    }
    if (op == OP_RANGE || op == OP_ISNULL || op_of_json(op))
        RAISE(cx, 500, "value_error", "A QuerySet is no value for the lookup %s.", op_name(op));
    if (op == OP_EQ && !(query->sliced && query->to == query->from + 1) && query->grouping == GROUP_NOT &&
        !query->outer_asked)
        RAISE(cx, 500, "value_error",
              "The QuerySet value for an exact lookup must be limited to one result using slicing.");
    if (query->mode != MODE_ROWS && query->nselected != 1)
        RAISE(cx, 500, "value_error", "The QuerySet value for the %s lookup must have 1 selected fields (received %zu)",
              op_name(op), query->nselected);
    Node *n = comparing(cx, left, op, 2);
    n->args[1] = node_subquery(r, NODE_SUBQUERY, query);
    return n;
}

static const Dialect *dialect_for(const Resolving *r) { return r->d ? r->d : dialect_of(r->q->cx, r->q->alias); }

/* A value among those of IN or RANGE may be an expression. */
static const Node *element(Resolving *r, const FieldInfo *field, Op op, Value v)
{
    const Expr *e = expr_of(v);
    if (e)
        return expr_resolve(r, e);
    Context *cx = r->q->cx;
    bool json = field && field->kind == FIELD_JSON;
    if (v.tag == VALUE_NULL && !json) /* NULL is in no list, and nothing is between it and another value */
        return op == OP_RANGE ? node_value(cx, v, field) : NULL;
    /* Numbers in JSON are compared as numbers. */
    if (json && op == OP_RANGE && !dialect_for(r)->has.has_native_json_field)
        return node_value(cx, v, NULL);
    return node_value(cx, field ? value_for_lookup(cx, field, OP_EQ, v) : v, field);
}

static const Node *compare_list(Resolving *r, const Node *left, Op op, const FieldInfo *asked, Value v)
{
    Context *cx = r->q->cx;
    const FieldInfo *field = left->out;
    if (field)
        v = key_of_related(r, v, asked, field);
    if (v.tag != VALUE_LIST)
        RAISE(cx, 500, "type_error", "'%s' object is not iterable", value_type_name(v));
    if (op == OP_RANGE && v.list->n != 2)
        RAISE(cx, 500, "value_error", "The lookup range takes two values, not %zu.", v.list->n);
    Node *n = comparing(cx, left, op, v.list->n + 1);
    n->n = 1;
    for (size_t i = 0; i < v.list->n; i++) {
        const Node *one = element(r, field, op, v.list->p[i]);
        bool twice = false;
        for (size_t j = 1; one && op == OP_IN && one->kind == NODE_VALUE && v.list->n <= 64 && j < n->n; j++)
            twice |= n->args[j]->kind == NODE_VALUE && value_eq(n->args[j]->value, one->value);
        if (one && !twice) {
            n->args[n->n++] = one;
            n->aggregate |= one->aggregate;
        }
    }
    return n;
}

static const Node *compare_keys(Resolving *r, const Node *left, Op op, Value v)
{
    Context *cx = r->q->cx;
    Node *n = comparing(cx, left, op, 2);
    n->n = 1;
    if (op == OP_CONTAINED_BY || op == OP_CONTAINS) {
        n->args[n->n++] = node_value(cx, value_as_json(cx, v), type_field(FIELD_JSON));
        return n;
    }
    List *all = v.tag == VALUE_LIST ? v.list : list_new(cx->arena);
    if (v.tag != VALUE_LIST)
        list_push(cx->arena, all, v);
    Str *keys = NEW_ARRAY(cx->arena, Str, all->n + 1);
    for (size_t i = 0; i < all->n; i++) {
        Str text;
        if (all->p[i].tag == VALUE_INT)
            text = str_format(cx->arena, "%lld", (long long)all->p[i].i);
        else if (!value_to_str(all->p[i], &text))
            RAISE(cx, 500, "value_error", "The lookup %s takes names of keys, not a %s.", op_name(op),
                  value_type_name(all->p[i]));
        keys[i] = str_copy(cx->arena, text);
    }
    n->keys = keys;
    n->nkeys = all->n;
    return n;
}

/* Between the first and the last day of a year an index helps; the part of a date it does not. */
static const Node *compare_year(Resolving *r, const Node *left, Op op, Value v)
{
    Context *cx = r->q->cx;
    bool iso = str_eq(left->detail, STR("iso_year")), instant = left->args[0]->out->kind == FIELD_DATETIME;
    Date first, last;
    Value a, b;
    if (!str_eq(str_c(left->fn->name), STR("Extract")) || v.tag != VALUE_INT ||
        !(iso || str_eq(left->detail, STR("year"))) || v.i < 1 || v.i > 9998 ||
        !(op == OP_EQ || (op >= OP_GT && op <= OP_LTE)))
        return NULL;
    if (iso ? !(date_from_iso_week((IsoWeek){ .year = (int)v.i, .week = 1, .weekday = 1 }, &first) &&
                date_from_iso_week((IsoWeek){ .year = (int)v.i + 1, .week = 1, .weekday = 1 }, &last) &&
                date_add_days(last, -1, &last))
            : !(date_make((int)v.i, 1, 1, &first) && date_make((int)v.i, 12, 31, &last)))
        return NULL;
    if (instant) {
        DateTime from, to;
        Time end = { .us = 86400000000 - 1 };
        if (!timezone_instant(left->zone, naive_combine(first, (Time){ 0 }), 0, &from) ||
            !timezone_instant(left->zone, naive_combine(last, end), 0, &to))
            return NULL;
        a = value_datetime(from, NULL), b = value_datetime(to, NULL);
    } else {
        a = value_date(first), b = value_date(last);
    }
    Node *n = comparing(cx, left->args[0], op == OP_EQ ? OP_RANGE : op, op == OP_EQ ? 3 : 2);
    const FieldInfo *type = left->args[0]->out;
    n->args[1] = node_value(cx, op == OP_EQ || op == OP_GTE || op == OP_LT ? a : b, type);
    if (op == OP_EQ)
        n->args[2] = node_value(cx, b, type);
    return n;
}

/* An integer that no column can hold: the answer is known. */
static const Node *beyond(Context *cx, const Node *left, Op op, Decimal d)
{
    int order = 0;
    bool above = decimal_cmp(d, (Decimal){ .exponent = 0 }, &order) && order > 0;
    bool holds = above ? op == OP_LT || op == OP_LTE : op == OP_GT || op == OP_GTE;
    Node *n = holds ? node_new(cx, NODE_AND, 0) : comparing(cx, left, OP_IN, 1);
    return n;
}

/* One of these keys of several columns: databases differ in lists of tuples, so each is compared by itself. */
static const Node *composite_in(Resolving *r, const Node *left, Value v)
{
    Context *cx = r->q->cx;
    if (v.tag != VALUE_LIST)
        RAISE(cx, 500, "value_error", "'in' lookup of 'pk' must be a list or tuple");
    if (!v.list->n)
        return comparing(cx, left, OP_IN, 1);
    Node *either = node_new(cx, NODE_OR, v.list->n);
    for (size_t i = 0; i < v.list->n; i++)
        either->args[i] = compare(r, left, OP_EQ, NULL, (Right){ .value = v.list->p[i] });
    return either;
}

/* A column that is NULL when the key is: none of them may be. */
static const Node *part_of_key(Context *cx, const Node *left)
{
    Node *part = node_new(cx, NODE_COLUMN, 0);
    *part = *left;
    part->field = part->out = left->field->model->keys[0];
    return part;
}

static void check_composite(Context *cx, const FieldInfo *field, Op op, Value v)
{
    if (v.tag == VALUE_OBJECT && v.cls == &row_class)
        return;
    if (v.tag != VALUE_LIST)
        RAISE(cx, 500, "value_error", "'%s' lookup of '%.*s' must be a tuple or a list", op_name(op),
              STR_FMT(field->name));
    if (v.list->n != field->model->nkeys)
        RAISE(cx, 500, "value_error", "'%s' lookup of '%.*s' must have %zu elements", op_name(op), STR_FMT(field->name),
              field->model->nkeys);
}

/* Where an UUID is a text without dashes, what is searched for has none. */
static Value without_dashes(Context *cx, Value v)
{
    return value_is_text(v) ? value_str(str_replace(cx->arena, v.s, STR("-"), STR(""))) : v;
}

const Node *compare(Resolving *r, const Node *left, Op op, const FieldInfo *asked, Right right)
{
    Context *cx = r->q->cx;
    const FieldInfo *field = node_type(cx, left);
    if (CLEF_UNLIKELY(op_is_custom(op)))
        return custom_compare(r, left, op, right);
    bool composite = left->kind == NODE_COLUMN && left->field->kind == FIELD_COMPOSITE;
    if (composite && op == OP_IN && !right.query && !right.expr)
        return composite_in(r, left, right.value);
    if (composite && op == OP_ISNULL)
        return compare_null(cx, part_of_key(cx, left), right.value);
    if (composite && !right.query && !right.expr)
        check_composite(cx, left->field, op, right.value);
    if (CLEF_UNLIKELY(!op_fits(op, field)))
        no_lookup(cx, field, str_c(op_name(op)), str_c(op_name(op)));
    if (op == OP_ISNULL)
        return compare_null(cx, left, right.value);
    if (right.query)
        return compare_query(r, left, op, asked, right.query);
    if (right.expr) {
        const Node *e = expr_resolve(r, right.expr);
        Node *n = comparing(cx, left, op, 2);
        n->args[1] = e;
        n->aggregate |= e->aggregate;
        n->window |= e->window;
        n->nullable = e->nullable;
        return n;
    }
    if (op == OP_IN || op == OP_RANGE)
        return compare_list(r, left, op, asked, right.value);
    Value v = field ? key_of_related(r, right.value, asked, field) : right.value;
    bool json = field && field->kind == FIELD_JSON;
    if (op_of_json(op) || (json && op == OP_CONTAINS))
        return compare_keys(r, left, op, v);
    if (v.tag == VALUE_NULL && !(json && op == OP_EQ)) {
        if (op != OP_EQ && op != OP_IEXACT)
            RAISE(cx, 500, "value_error", "Cannot use None as a query value");
        return compare_null(cx, left, value_bool(true));
    }
    if (left->kind == NODE_CALL && left->detail.n && left->n == 1 && left->args[0]->out) {
        const Node *year = compare_year(r, left, op, v);
        if (year)
            return year;
    }
    if (v.tag == VALUE_BIGINT && field && kind_is_integer(field->kind) && !op_takes_text(op))
        return beyond(cx, left, op, *v.decimal);
    Node *n = comparing(cx, left, op, 2);
    bool number = json && left->kind == NODE_KEY && op >= OP_GT && op <= OP_LTE;
    if (op_takes_text(op) && field && field->kind == FIELD_UUID && op != OP_REGEX && op != OP_IREGEX &&
        !dialect_of(cx, r->q->alias)->has.has_native_uuid_field)
        v = without_dashes(cx, v);
    if (op_takes_text(op))
        v = value_for_pattern(cx, op, v);
    else if (field && !(number && !dialect_for(r)->has.has_native_json_field))
        v = value_for_lookup(cx, field, op, v);
    n->args[1] = node_value(cx, v, number ? NULL : field);
    return n;
}
