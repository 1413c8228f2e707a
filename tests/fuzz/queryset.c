/*
 * queryset.c: chains of filters, excludes, annotations, windows, orders, values, slices, unions, related rows and
 * left-out columns at random: what is not refused is SQL that SQLite accepts, and it counts as many rows as it gives.
 */
#include "orm/queryset.h"
#include <clef/base.h>
#include <clef/db.h>
#include <clef/orm.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

typedef struct Owner {
    MODEL_HEAD;
    Str name;
    REL(struct Owner, boss);
} Owner;
typedef struct Pet {
    MODEL_HEAD;
    Str name;
    REL(Owner, owner);
    OptInt age;
    bool tame;
    Date born;
} Pet;
typedef struct Toy {
    MODEL_HEAD;
    Str name;
} Toy;
extern const Model Owner_model, Pet_model, Toy_model;
const Model Toy_model = { MODEL(Toy), FIELDS(Toy, CharField(name, .max_length = 9)) };
const Model Owner_model = {
    MODEL(Owner), .ordering = ORDER("name"),
    FIELDS(Owner, CharField(name, .max_length = 9),
                                   ForeignKey(boss, Owner, .null = true, .on_delete = SET_NULL)) };
const Model Pet_model = {
    MODEL(Pet), .ordering = ORDER("owner", "-age"),
    FIELDS(Pet, CharField(name, .max_length = 9), ForeignKey(owner, Owner, .on_delete = CASCADE),
                                 OptIntegerField(age), BooleanField(tame), DateField(born),
                                 ManyToManyField(toys, Toy, .related_name = "pets")) };
static const App zoo_app = { .label = "zoo", .models = MODELS(Owner, Pet, Toy) };

typedef struct Input {
    const uint8_t *p, *end;
} Input;

static unsigned next(Input *in) { return in->p < in->end ? *in->p++ : 0; }

/* A text of up to seven bytes of the input. */
static Str text(Input *in)
{
    size_t n = next(in) % 8, left = (size_t)(in->end - in->p);
    Str s = { (const char *)in->p, n < left ? n : left };
    in->p += s.n;
    return s;
}

static const char *const paths[] = { "name",
                                     "owner",
                                     "owner__name",
                                     "owner__boss__name",
                                     "owner__boss",
                                     "age",
                                     "tame",
                                     "born",
                                     "pk",
                                     "owner_id",
                                     "owner__boss__boss__id",
                                     "nothing",
                                     "owner__nothing",
                                     "?",
                                     "pet",
                                     "pet__age",
                                     "pet__toys__name",
                                     "toys",
                                     "toys__name",
                                     "toys__pets__owner",
                                     "pets",
                                     "pets__tame",
                                     "owner__pet__toys",
                                     "owner__owner",
                                     "a",
                                     "b",
                                     "born__year",
                                     "pet__born__month" };
static const char *const lookups[] = { "",           "__exact", "__iexact", "__contains", "__icontains", "__startswith",
                                       "__endswith", "__gt",    "__gte",    "__lt",       "__lte",       "__in",
                                       "__isnull",   "__range", "__nothing" };

static QuerySet *chain(Context *cx, Input *in, unsigned depth);
static Pred pred(Context *cx, Input *in, unsigned depth);

static Value value(Context *cx, Input *in, unsigned depth)
{
    switch (next(in) % 8) {
    case 0:
        return value_int((int8_t)next(in));
    case 1:
        return value_str(text(in));
    case 2:
        return value_bool(next(in) & 1);
    case 3:
        return value_null();
    case 4:
        return value_double(next(in) / 7.0);
    case 5:
        return value_date((Date){ (int32_t)next(in) * 99 });
    case 6:
        return depth ? value_object(chain(cx, in, depth - 1), &queryset_class) : value_int(1);
    default: {
        List *list = list_new(cx->arena);
        for (unsigned i = next(in) % 4; i; i--)
            list_push(cx->arena, list, depth ? value(cx, in, depth - 1) : value_int(2));
        return value_list(list);
    }
    }
}

static Pred pred(Context *cx, Input *in, unsigned depth)
{
    unsigned what = next(in);
    if (depth && what % 4 == 0) {
        size_t n = next(in) % 4;
        Pred *children = NEW_ARRAY(cx->arena, Pred, n + 1);
        for (size_t i = 0; i < n; i++)
            children[i] = pred(cx, in, depth - 1);
        return (Pred){ .connector = (Connector)(1 + what / 4 % 4), .children = children, .nchildren = n };
    }
    Value *v = NEW(cx->arena, Value);
    const char *path = paths[next(in) % CLEF_COUNT(paths)], *lookup = lookups[next(in) % CLEF_COUNT(lookups)];
    *v = value(cx, in, depth);
    return (Pred){ .lookup = str_format(cx->arena, "%s%s", path, lookup).p, .value = { box_value, v } };
}

/* An expression; what it points at lives in the context's memory. */
static const Expr *expr(Context *cx, Input *in, unsigned depth)
{
    static const char *const calls[] = { "+",       "-",      "*",        "/",        "%",      "Lower",
                                         "Length",  "Concat", "Coalesce", "Greatest", "NullIf", "&",
                                         "**",      "Substr", "Replace",  "Round",    "Sqrt",   "Trunc",
                                         "Extract", "Cast",   "Now",      "JSONArray" };
    static const char *const aggregates[] = { "Count", "Sum", "Avg", "Max", "Min", "AnyValue" };
    static const char *const parts[] = { "year", "month", "week", "hour", "date", "nothing" };
    Expr *e = NEW(cx->arena, Expr);
    unsigned what = next(in) % 8;
    if (what < 3 || !depth) {
        *e = (Expr){ .kind = EXPR_FIELD, .name = paths[next(in) % CLEF_COUNT(paths)] };
        return e;
    }
    Boxed *args = NEW_ARRAY(cx->arena, Boxed, 3);
    size_t n = what < 5 ? 1 : 1 + next(in) % 3;
    for (size_t i = 0; i < n; i++) {
        Value *v = NEW(cx->arena, Value);
        *v = next(in) % 3 ? value_object(expr(cx, in, depth - 1), &expr_class) : value(cx, in, 0);
        args[i] = (Boxed){ box_value, v };
    }
    *e = (Expr){ .kind = EXPR_CALL, .args = args, .n = n };
    e->detail = parts[next(in) % CLEF_COUNT(parts)];
    e->name = what < 5 ? aggregates[next(in) % CLEF_COUNT(aggregates)] : calls[next(in) % CLEF_COUNT(calls)];
    if (what < 5) {
        e->kind = EXPR_AGGREGATE;
        e->distinct = next(in) & 1;
        if (next(in) & 1) {
            Pred *where = NEW_ARRAY(cx->arena, Pred, 2);
            where[0] = pred(cx, in, 0);
            e->where = where;
        }
    }
    return e;
}

/* The rank of a row, or a sum, among those that agree in something. */
static const Expr *window(Context *cx, Input *in)
{
    Boxed *of = NEW(cx->arena, Boxed), *by = NEW_ARRAY(cx->arena, Boxed, 2);
    const Expr **inner = NEW(cx->arena, const Expr *);
    const char **names = NEW_ARRAY(cx->arena, const char *, 2);
    Expr *e = NEW(cx->arena, Expr), *w = NEW(cx->arena, Expr);
    names[0] = paths[next(in) % CLEF_COUNT(paths)], names[1] = paths[next(in) % CLEF_COUNT(paths)];
    by[0] = (Boxed){ box_c, &names[0] }, by[1] = (Boxed){ box_c, &names[1] };
    *e = (Expr){ .kind = EXPR_CALL, .name = "RowNumber" };
    if (next(in) & 1)
        *e = (Expr){ .kind = EXPR_AGGREGATE, .name = "Count", .args = by, .n = 1 };
    *inner = e;
    *of = (Boxed){ box_expr, inner };
    *w = (Expr){ .kind = EXPR_WINDOW, .args = of, .n = 1, .partition = { by, next(in) % 2 }, .order = { by + 1, 1 } };
    return w;
}

static QuerySet *annotated(Context *cx, Input *in, QuerySet *q, unsigned depth)
{
    Value *v = NEW(cx->arena, Value);
    *v = value_object(next(in) % 4 ? expr(cx, in, depth) : window(cx, in), &expr_class);
    return (next(in) % 4 ? queryset_annotate : queryset_alias)(
        q, (NamedExpr[]){ { next(in) & 1 ? "a" : "b", { box_value, v } }, { .name = NULL } });
}

static QuerySet *chain(Context *cx, Input *in, unsigned depth)
{
    static const Model *const models[] = { &Owner_model, &Pet_model, &Toy_model };
    QuerySet *q = queryset_of(cx, models[next(in) % 3]);
    for (unsigned steps = next(in) % 6; steps; steps--)
        switch (next(in) % 14) {
        case 5:
        case 6:
            q = annotated(cx, in, q, depth);
            break;
        case 7:
            q = queryset_distinct(q);
            break;
        case 8: {
            const char *names[] = { paths[next(in) % CLEF_COUNT(paths)], paths[next(in) % CLEF_COUNT(paths)], NULL };
            q = queryset_values(q, names);
            break;
        }
        case 9: {
            QuerySet *other[] = { depth ? chain(cx, in, depth - 1) : q };
            if (queryset_model(other[0]) != queryset_model(q))
                break;
            unsigned how = next(in) % 4;
            q = how == 0   ? queryset_union(q, other, 1, next(in) & 1)
                : how == 1 ? queryset_intersection(q, other, 1)
                : how == 2 ? queryset_difference(q, other, 1)
                           : queryset_combine(q, other[0], next(in) & 1 ? CONNECT_OR : CONNECT_AND);
            break;
        }
        case 10:
            q = queryset_select_related(q, (const char *const[]){ next(in) & 1 ? "owner" : "owner__boss", NULL });
            break;
        case 11:
            q = (next(in) & 1 ? queryset_only
                              : queryset_defer)(q, (const char *const[]){ paths[next(in) % CLEF_COUNT(paths)], NULL });
            break;
        case 12: {
            static const char *const ways[] = { "owner", "pet", "toys", "pets", "owner__boss", "pet__toys", "nothing" };
            q = queryset_prefetch_related(
                q, (const Prefetch[]){ { .path = ways[next(in) % CLEF_COUNT(ways)] }, { .path = NULL } });
            break;
        }
        case 13:
            q = queryset_reverse(q);
            break;
        case 0:
        case 1:
            q = queryset_filter(q, (Pred[]){ pred(cx, in, depth), { .path = NULL } });
            break;
        case 2:
            q = queryset_exclude(q, (Pred[]){ pred(cx, in, depth), pred(cx, in, depth), { .path = NULL } });
            break;
        case 3:
            /* Not over many rows: such an order repeats rows, and count() knows nothing of it, in Django too. */
            q = queryset_order_by(q, (const char *const[]){ paths[next(in) % 13], NULL });
            break;
        default: {
            unsigned from = next(in) % 9;
            q = queryset_slice(q, from, from + next(in) % 9);
        }
        }
    return q;
}

static void run(Context *cx, void *arg)
{
    QuerySet *q = chain(cx, arg, 2);
    size_t counted = queryset_count(q);
    ASSERT(queryset_exists(q) == (counted > 0));
    /* Distinct rows are selected with what sorts them, and counted without: as in Django. */
    ASSERT(q->distinct ? queryset_length(q) >= counted : queryset_length(q) == counted);
}

static Databases *zoo(void)
{
    static Databases *databases;
    if (databases)
        return databases;
    Arena *arena = arena_create(NULL, 0, 0);
    DbConfig config = { .driver = &sqlite_driver, .name = STR(":memory:") };
    databases = databases_create(arena, &config, 1);
    return databases;
}

static void fill(Context *cx, void *arg)
{
    (void)arg;
    schema_create(cx, STR(""), &zoo_app);
    for (int i = 0; i < 4; i++) {
        Owner *owner = CREATE(cx, Owner, .name = str_format(cx->arena, "o%d", i), .boss_id = i);
        Pet *pet = CREATE(cx, Pet, .name = str_format(cx->arena, "p%%%d", i), .owner = owner, .age = OPT(OptInt, i),
                          .tame = i % 2);
        Toy *toy = CREATE(cx, Toy, .name = str_format(cx->arena, "t%d", i));
        for (int j = 1; j <= i; j++)
            RELATED_ADD(cx, pet, "toys", toy, j);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static Arena *models;
    Databases *databases = zoo();
    Arena *arena = arena_create(NULL, 0, 0);
    Context cx;
    context_init(&cx, arena);
    cx.databases = databases;
    if (!models) {
        Str error;
        models = arena_create(NULL, 0, 0);
        ASSERT(apps_populate(models, (const App *const[]){ &zoo_app, NULL }, &error));
        const Error *failed = attempt(&cx, fill, NULL);
        ASSERT(!failed);
    }
    Input in = { data, data + n };
    const Error *e = attempt(&cx, run, &in);
    if (e) {
        Str code = str_c(e->code);
        static const char *const refusals[] = { "field_error",         "value_error",
                                                "type_error",          "validation_error",
                                                "not_supported_error", "database_error",
                                                "attribute_error",     "output_field_is_none_error",
                                                "field_does_not_exist" };
        bool refused = false;
        for (size_t i = 0; i < CLEF_COUNT(refusals); i++)
            refused |= str_eq(code, str_c(refusals[i]));
        if (!refused)
            PANIC("%s: %.*s", e->code, STR_FMT(e->message));
    }
    context_finish(&cx);
    arena_destroy(arena);
    return 0;
}
