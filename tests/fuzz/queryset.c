/* queryset.c: chains of filters, excludes, orders and slices at random: what is not refused is SQL that SQLite accepts. */
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
extern const Model Owner_model, Pet_model;
const Model Owner_model = {
    MODEL(Owner), .ordering = ORDER("name"),
    FIELDS(Owner, CharField(name, .max_length = 9),
                                   ForeignKey(boss, Owner, .null = true, .on_delete = SET_NULL)) };
const Model Pet_model = { MODEL(Pet), .ordering = ORDER("owner", "-age"),
                          FIELDS(Pet, CharField(name, .max_length = 9), ForeignKey(owner, Owner, .on_delete = CASCADE),
                                 OptIntegerField(age), BooleanField(tame), DateField(born)) };
static const App zoo_app = { .label = "zoo", .models = MODELS(Owner, Pet) };

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

static const char *const paths[] = {
    "name", "owner",    "owner__name",           "owner__boss__name", "owner__boss",    "age", "tame", "born",
    "pk",   "owner_id", "owner__boss__boss__id", "nothing",           "owner__nothing", "?"
};
static const char *const lookups[] = { "",           "__exact", "__iexact", "__contains", "__icontains", "__startswith",
                                       "__endswith", "__gt",    "__gte",    "__lt",       "__lte",       "__in",
                                       "__isnull",   "__range", "__nothing" };

static QuerySet *chain(Context *cx, Input *in, unsigned depth);

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
        return (Pred){ .connector = (Connector)(1 + what / 4 % 3), .children = children, .nchildren = n };
    }
    Value *v = NEW(cx->arena, Value);
    const char *path = paths[next(in) % CLEF_COUNT(paths)], *lookup = lookups[next(in) % CLEF_COUNT(lookups)];
    *v = value(cx, in, depth);
    return (Pred){ .lookup = str_format(cx->arena, "%s%s", path, lookup).p, .value = { box_value, v } };
}

static QuerySet *chain(Context *cx, Input *in, unsigned depth)
{
    QuerySet *q = queryset_of(cx, next(in) & 1 ? &Owner_model : &Pet_model);
    for (unsigned steps = next(in) % 5; steps; steps--)
        switch (next(in) % 5) {
        case 0:
        case 1:
            q = queryset_filter(q, (Pred[]){ pred(cx, in, depth), { .path = NULL } });
            break;
        case 2:
            q = queryset_exclude(q, (Pred[]){ pred(cx, in, depth), pred(cx, in, depth), { .path = NULL } });
            break;
        case 3:
            q = queryset_order_by(q, (const char *const[]){ paths[next(in) % CLEF_COUNT(paths)], NULL });
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
    ASSERT(queryset_length(q) == counted);
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
        CREATE(cx, Pet, .name = str_format(cx->arena, "p%%%d", i), .owner = owner, .age = OPT(OptInt, i),
               .tame = i % 2);
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
        if (!str_eq(code, STR("field_error")) && !str_eq(code, STR("value_error")) && !str_eq(code, STR("type_error")))
            PANIC("%s: %.*s", e->code, STR_FMT(e->message));
    }
    context_finish(&cx);
    arena_destroy(arena);
    return 0;
}
