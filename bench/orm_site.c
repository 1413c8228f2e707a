/*
 * orm_site.c: what `./dev bench orm` measures: questions to a database by the ORM, as whole requests. orm_raw.c answers the
 * same by hand. The tables are made by orm.py; keys and numbers have five digits, so that answers have one length.
 *
 * /one: a row by its key. /twenty: 20 rows by 20 queries. /list: 100 rows of 8 columns as JSON. /fortunes: 12 rows and
 * one more, sorted, in a page. /updates: 5 rows read and saved in a transaction. /bulk: 100,000 rows inserted, /empty:
 * all removed; /bulk_keys and /load: the same rows with keys, and from a stream. /walk and /export: a whole table row
 * by row, and as CSV.
 */
#include <clef/clef.h>
#include <stdlib.h>

enum { WORLDS = 10000, FIRST = 10001, QUERIES = 20, UPDATES = 5, BULK = 100000, LISTED = 100, CHUNK = 10000 };

typedef struct World {
    MODEL_HEAD;
    int32_t number;
} World;
extern const Model World_model;
const Model World_model = { MODEL(World), .db_table = "world", FIELDS(World, IntegerField(number)) };

typedef struct Fortune {
    MODEL_HEAD;
    Str message;
} Fortune;
extern const Model Fortune_model;
const Model Fortune_model = { MODEL(Fortune), .db_table = "fortune",
                              FIELDS(Fortune, CharField(message, .max_length = 2048)) };

typedef struct Item {
    MODEL_HEAD;
    Str name, category;
    int32_t price, stock, weight;
    bool active;
    DateTime created;
} Item;
extern const Model Item_model;
const Model Item_model = {
    MODEL(Item), .db_table = "item",
    FIELDS(Item, CharField(name, .max_length = 100), CharField(category, .max_length = 100),
                                  IntegerField(price), IntegerField(stock), IntegerField(weight), BooleanField(active),
                                  DateTimeField(created)) };

typedef struct Loaded {
    MODEL_HEAD;
    Str name;
    int32_t price;
    DateTime created;
} Loaded;
extern const Model Loaded_model;
const Model Loaded_model = {
    MODEL(Loaded), .db_table = "loaded",
    FIELDS(Loaded, CharField(name, .max_length = 100), IntegerField(price), DateTimeField(created)) };

static const App bench_app = { .label = "bench", .models = MODELS(World, Fortune, Item, Loaded) };

static uint32_t next_random(void)
{
    static uint32_t state = 2463534242u;
    state ^= state << 13, state ^= state >> 17, state ^= state << 5;
    return state;
}

static int64_t some_key(void) { return FIRST + next_random() % WORLDS; }
static int32_t some_number(void) { return (int32_t)(10000 + next_random() % 90000); }

static Map *as_map(Request *r, const World *w)
{
    Map *m = map_create(r->cx.arena, 2);
    map_set(m, STR("id"), value_int(w->id));
    map_set(m, STR("number"), value_int(w->number));
    return m;
}

static Response *one(Request *r)
{
    World *w = GET_ROW(OBJECTS(r, World), World, Q(World, id, EQ, some_key()));
    return JsonResponse(r, VALUE(as_map(r, w)));
}

static Response *twenty(Request *r)
{
    List *rows = list_new(r->cx.arena);
    for (int i = 0; i < QUERIES; i++)
        list_push(r->cx.arena, rows,
                  value_map(as_map(r, GET_ROW(OBJECTS(r, World), World, Q(World, id, EQ, some_key())))));
    return JsonResponse(r, VALUE(rows), .any = true);
}

static Response *list(Request *r)
{
    QuerySet *items = SLICE(ORDER_BY(VALUES_OF(OBJECTS(r, Item)), "id"), 0, LISTED);
    return JsonResponse(r, VALUE(queryset_list(items)), .any = true);
}

static int by_message(const void *a, const void *b)
{
    return str_cmp((*(const Fortune *const *)a)->message, (*(const Fortune *const *)b)->message);
}

static Response *fortunes(Request *r)
{
    QuerySet *all = OBJECTS(r, Fortune);
    size_t n = queryset_length(all);
    Fortune **rows = NEW_ARRAY(r->cx.arena, Fortune *, n + 1);
    for (size_t i = 0; i < n; i++)
        rows[i] = queryset_at(all, &Fortune_model, i);
    rows[n++] = NEW_ROW(r, Fortune, .message = STR("Additional fortune added at request time."));
    qsort(rows, n, sizeof *rows, by_message);
    List *shown = list_new(r->cx.arena);
    for (size_t i = 0; i < n; i++)
        list_push(r->cx.arena, shown, value_object(rows[i], &row_class));
    return RENDER(r, "fortunes.html", "fortunes", shown);
}

static Response *updates(Request *r)
{
    List *rows = list_new(r->cx.arena);
    ATOMIC(r)
    {
        for (int i = 0; i < UPDATES; i++) {
            World *w = GET_ROW(OBJECTS(r, World), World, Q(World, id, EQ, some_key()));
            w->number = some_number();
            SAVE(r, w, .update_fields = ORDER("number"));
            list_push(r->cx.arena, rows, value_map(as_map(r, w)));
        }
    }
    return JsonResponse(r, VALUE(rows), .any = true);
}

static Response *bulk(Request *r)
{
    Loaded **rows = NEW_ARRAY(r->cx.arena, Loaded *, BULK);
    DateTime now = datetime_now();
    for (int i = 0; i < BULK; i++)
        rows[i] = NEW_ROW(r, Loaded, .name = STR("a row of many"), .price = i, .created = now);
    BULK_CREATE(r, Loaded, rows, BULK);
    return HttpResponse(r, "done");
}

/* The same rows with keys of their own, and from a stream: by COPY on PostgreSQL. */
static Response *bulk_keys(Request *r)
{
    Loaded **rows = NEW_ARRAY(r->cx.arena, Loaded *, BULK);
    DateTime now = datetime_now();
    for (int i = 0; i < BULK; i++)
        rows[i] = NEW_ROW(r, Loaded, .id = i + 1, .name = STR("a row of many"), .price = i, .created = now);
    BULK_CREATE(r, Loaded, rows, BULK);
    return HttpResponse(r, "done");
}

static bool next_row(Context *cx, void *row, void *arg)
{
    int *i = arg;
    Loaded *loaded = row;
    (void)cx;
    if (*i == BULK)
        return false;
    loaded->name = STR("a row of many");
    loaded->price = (*i)++;
    loaded->created = datetime_now();
    return true;
}

static Response *load(Request *r)
{
    int i = 0;
    (void)BULK_LOAD(r, Loaded, next_row, &i);
    return HttpResponse(r, "done");
}

static Response *empty(Request *r)
{
    queryset_delete(OBJECTS(r, Loaded));
    return HttpResponse(r, "done");
}

/* --- a table that does not fit into memory */

static bool add_number(Context *cx, void *row, void *arg)
{
    (void)cx;
    *(int64_t *)arg += ((const Item *)row)->price;
    return true;
}

static Response *walk(Request *r)
{
    int64_t sum = 0;
    size_t n = queryset_iterate(OBJECTS(r, Item), 0, add_number, &sum);
    return HttpResponse(r, str_format(r->cx.arena, "%zu %lld", n, (long long)sum));
}

typedef struct Exporting {
    ResponseStream *stream;
    Buf line;
} Exporting;

static bool write_line(Context *cx, void *row, void *arg)
{
    const Item *i = row;
    Exporting *e = arg;
    char when[DATETIME_TEXT_MAX];
    (void)cx;
    buf_truncate(&e->line, 0);
    size_t n = naive_format_iso(datetime_utc(i->created), ' ', when);
    buf_printf(&e->line, "%lld,%.*s,%.*s,%d,%d,%d,%d,%.*s\r\n", (long long)i->id, STR_FMT(i->name),
               STR_FMT(i->category), i->price, i->stock, i->weight, i->active, (int)n, when);
    response_write(e->stream, buf_view(&e->line));
    return true;
}

static void export_rows(Request *r, ResponseStream *stream, void *arg)
{
    Exporting e = { stream, BUF_INIT(r->cx.arena, 1 << 16) };
    (void)arg;
    queryset_iterate(OBJECTS(r, Item), 0, write_line, &e);
}

static Response *export(Request *r) { return StreamingHttpResponse(r, export_rows, NULL, .content_type = "text/csv"); }

static const Url urls[] = {
    PATH("one", one),         PATH("twenty", twenty), PATH("list", list),           PATH("fortunes", fortunes),
    PATH("updates", updates), PATH("bulk", bulk),     PATH("bulk_keys", bulk_keys), PATH("load", load),
    PATH("empty", empty),     PATH("walk", walk),     PATH("export", export),       URLS_END,
};

static void settings(Settings *s)
{
    s->secret_key = STR("this server answers benchmarks, and nothing in it is secret");
    s->allowed_hosts = STRS("*");
    s->root_urlconf = urls;
    s->installed_apps = APPS(&bench_app);
    s->time_zone = STR("UTC");
    s->use_tz = true;
    env_database(s, "default", "DATABASE_URL", STR("sqlite:///orm.sqlite3"));
}

int main(int argc, char **argv)
{
    static const SettingsProfile profiles[] = { { "production", settings }, { 0 } };
    return clef_main(argc, argv, &(Project){ .name = "orm", .settings = profiles });
}
