/*
 * fixture_load.c: the rows of fixtures into the database, in one transaction. Rows are made and saved in a context of
 * their own, whose memory is emptied now and then. What needs a row by a natural key that is not there yet waits until
 * all else is there.
 */
#include "orm/dialect.h"
#include "orm/work.h"
#include "serializers/serializers.h"
#include <clef/base/map.h>
#include <clef/base/vec.h>
#include <clef/codec/base64.h>
#include <clef/orm/relatedset.h>
#include <clef/orm/router.h>
#include <clef/orm/row.h>

enum { ROWS_AT_ONCE = 64 };

/* An object that waits for another. */
typedef struct Waiting {
    FixtureText *text;
    Str source;
    size_t line;
    bool saved; /* without the fields that waited, under this key */
    Value pk;
} Waiting;

typedef struct Loading {
    Context *cx;
    const FixtureLoad *o;
    FixtureText *texts;
    size_t ntexts;
    VEC(const ModelInfo *) models; /* of which something was saved */
    VEC(Waiting) waiting;
    Context inner; /* of the rows */
    Arena *scratch;
    size_t rows;       /* since the scratch was emptied */
    const void *hooks; /* the last of the transaction's when it was */
    /* What is at work, for messages. */
    FixtureText *text;
    FixtureObject object;
    const ModelInfo *info;
    const char *field;
    const Value *value;
    bool saving;
    /* Of the object. */
    const Value *pk; /* instead of its own */
    bool last;       /* nobody waits any more */
    bool waits, must_wait;
} Loading;

typedef struct Between {
    const char *name;
    List *keys;
} Between;
typedef VEC(Between) Betweens;

/* --- messages */

static Str shown(Arena *a, const Value *v)
{
    Str text;
    if (v->tag == VALUE_NULL)
        return STR("None");
    if (value_to_str(*v, &text))
        return text;
    Buf b = BUF_INIT(a, 1 << 12);
    return json_write(&b, *v, (JsonStyle){ .unicode = true, .nan = true }) ? buf_view(&b) : STR("...");
}

static CLEF_COLD CLEF_NORETURN void raise_as(Context *cx, const Error *e, const char *code, Str message, Str hint)
{
    context_raise_error(cx, &(Error){ .status = 500,
                                      .code = code,
                                      .message = message,
                                      .hint = hint.n ? hint : str_copy(cx->arena, e->hint),
                                      .file = e->file,
                                      .line = e->line,
                                      .function = e->function });
}

/* What went wrong with an object, with its place. */
static CLEF_COLD CLEF_NORETURN void explain(Loading *l, const Error *e)
{
    Arena *a = l->cx->arena;
    const FixtureObject *o = &l->object;
    Buf b = BUF_INIT(a, 1 << 14);
    Str pk = shown(a, &o->pk), name = l->text->name;
    buf_printf(&b, "Problem installing fixture '%.*s': ", STR_FMT(name));
    if (l->saving)
        buf_printf(&b, "Could not load %.*s.%s(pk=%.*s): ", STR_FMT(l->info->label), l->info->m->name, STR_FMT(pk));
    buf_str(&b, e->message);
    if (!l->saving && l->info)
        buf_printf(&b, ": (%.*s:pk=%.*s)", STR_FMT(o->model), STR_FMT(pk));
    if (!l->saving && l->value)
        buf_printf(&b, " field_value was '%.*s'", STR_FMT(shown(a, l->value)));
    Str hint = str_format(a, "Line %zu of the fixture%s%s%s.", o->line, l->field ? ", field '" : "",
                          l->field ? l->field : "", l->field ? "'" : "");
    raise_as(l->cx, e, l->saving ? e->code : "deserialization_error", buf_view(&b), hint);
}

/* --- one object */

static const ModelInfo *model_of(Str label)
{
    Str name = label, app;
    const Model *m = str_cut(&name, '.', &app) ? model_find(app, name) : NULL;
    return m ? m->slot->info : NULL;
}

static bool is_excluded(const Loading *l, const ModelInfo *info)
{
    for (const Model *const *m = l->o->exclude; m && *m; m++)
        if (*m == info->m)
            return true;
    return !router_allow_migrate(l->o->using, info->label, info->m);
}

static void store(Context *cx, const FieldInfo *field, void *row, Value v)
{
    Str bytes;
    if (field->kind == FIELD_BINARY && value_is_text(v)) {
        if (!base64_decode(cx->arena, v.s, BASE64_MIME, &bytes))
            RAISE(cx, 500, "validation_error", "The value is no base64.");
        v = value_bytes(bytes);
    }
    v = value_for_field(cx, field, v);
    if (!member_store(cx->arena, field->f, field->stored, row, &v, false))
        RAISE(cx, 500, "validation_error", "The value is none of a %s.", field_class(field->f));
}

static void store_pk(Context *cx, const ModelInfo *info, void *row, Value pk)
{
    if (info->pk->kind != FIELD_COMPOSITE) {
        store(cx, info->pk, row, pk);
        return;
    }
    JsonError e = { 0 };
    if (pk.tag == VALUE_STR && !json_read(cx->arena, pk.s, (JsonOptions){ 0 }, &pk, &e)) /* an attribute of XML */
        pk = value_null();
    if (pk.tag != VALUE_LIST || pk.list->n != info->nkeys)
        RAISE(cx, 500, "value_error", "'pk' of %s must be a list of %zu values.", info->m->name, info->nkeys);
    for (size_t i = 0; i < info->nkeys; i++)
        store(cx, info->keys[i], row, pk.list->p[i]);
}

/* False when the row of that natural key is not there yet. */
static bool key_for(Loading *l, const FieldInfo *field, const FieldInfo *to_field, Value v, Value *out)
{
    Context *cx = &l->inner;
    *out = v;
    if (v.tag != VALUE_LIST || !natural_key_of(field->to))
        return true;
    if (natural_key_find(cx, l->o->using, field->to, v, to_field, out))
        return true;
    if (l->last)
        RAISE(cx, 500, "does_not_exist", "%s matching query does not exist.", field->to->m->name);
    l->waits = true;
    return false;
}

static void read_relation(Loading *l, const FieldInfo *field, void *row, Value v)
{
    Value key;
    if (key_for(l, field, field->to_field, v, &key))
        store(&l->inner, field, row, key);
    else
        l->must_wait |= !field->f->null;
}

static void read_between(Loading *l, const FieldInfo *field, Value v, Betweens *out)
{
    Context *cx = &l->inner;
    List *keys = list_new(cx->arena);
    if (v.tag != VALUE_LIST)
        RAISE(cx, 500, "type_error", "A list of keys is wanted.");
    for (size_t i = 0; i < v.list->n; i++) {
        Value key;
        l->value = &v.list->p[i];
        if (!key_for(l, field, field->to->pk, v.list->p[i], &key))
            return;
        list_push(cx->arena, keys, value_for_field(cx, field->to->pk, key));
    }
    VEC_PUSH(cx->arena, out, ((Between){ field->f->name, keys }));
}

static void read_fields(Loading *l, void *row, Betweens *betweens)
{
    Context *cx = &l->inner;
    size_t at = 0;
    for (const MapEntry *e; (e = map_next(l->object.fields, &at)) != NULL;) {
        const FieldInfo *field = info_field(l->info, e->key), *between = NULL;
        if (!field)
            between = names_between(l->info, e->key);
        l->field = str_dup_c(cx->arena, e->key);
        l->value = NULL;
        if (!field && !between) {
            if (l->o->ignore_nonexistent)
                continue;
            RAISE(cx, 500, "field_error", "%s has no field named '%s'", l->info->m->name, l->field);
        }
        l->value = &e->value;
        if (between)
            read_between(l, between, e->value, betweens);
        else if (field_is_generated(field->f) || field->kind == FIELD_COMPOSITE)
            continue;
        else if (e->value.tag == VALUE_NULL && !field->f->null && field->kind != FIELD_JSON && !field->f->primary_key)
            RAISE(cx, 500, "validation_error", "This field cannot be null.");
        else if (field->to)
            read_relation(l, field, row, e->value);
        else
            store(cx, field, row, e->value);
    }
    l->field = NULL;
    l->value = NULL;
}

/* The key that the row with this natural key has already. */
static void find_pk(Loading *l, void *row)
{
    Context *cx = &l->inner;
    Value pk;
    if (l->must_wait || !natural_key_of(l->info))
        return;
    Value key = natural_key_value(cx, cx->arena, l->info, row);
    if (natural_key_find(cx, l->o->using, l->info, key, l->info->pk, &pk))
        store_pk(cx, l->info, row, pk);
}

static void note_model(Loading *l)
{
    for (size_t i = 0; i < l->models.n; i++)
        if (l->models.p[i] == l->info)
            return;
    VEC_PUSH(l->cx->arena, &l->models, l->info);
}

static void save(Loading *l, void *row, const Betweens *betweens)
{
    Context *cx = &l->inner;
    l->saving = true;
    model_save(cx, l->info->m, row, &(SaveOptions){ .raw = true, .using = l->o->using });
    (*row_state_of(row))->alias = l->o->using;
    for (size_t i = 0; i < betweens->n; i++) {
        const List *keys = betweens->p[i].keys;
        Boxed *boxed = NEW_ARRAY(cx->arena, Boxed, keys->n + 1);
        for (size_t k = 0; k < keys->n; k++)
            boxed[k] = (Boxed){ box_value, &keys->p[k] };
        l->field = betweens->p[i].name;
        related_replace(cx, row, betweens->p[i].name, (Values){ boxed, keys->n });
    }
    l->field = NULL;
    note_model(l);
}

static void load_object(Context *cx, void *arg)
{
    Loading *l = arg;
    Betweens betweens = { 0 };
    void *row = model_new(cx, l->info->m);
    (*row_state_of(row))->alias = l->o->using;
    const Value *pk = l->pk ? l->pk : l->object.has_pk && l->object.pk.tag != VALUE_NULL ? &l->object.pk : NULL;
    if (pk) {
        l->value = pk;
        l->field = "pk";
        store_pk(cx, l->info, row, *pk);
    }
    read_fields(l, row, &betweens);
    if (!pk)
        find_pk(l, row);
    if (!l->must_wait)
        save(l, row, &betweens);
    if (l->waits) {
        Waiting w = { .text = l->text,
                      .source = str_copy(l->cx->arena, l->object.source),
                      .line = l->object.line,
                      .saved = !l->must_wait };
        if (w.saved)
            w.pk = value_copy(l->cx->arena, member_load(cx->arena, l->info->pk->f, row));
        VEC_PUSH(l->cx->arena, &l->waiting, w);
    }
}

/* Empties the memory of rows, unless a function that shall run after the commit may have something there. */
static void empty_scratch(Loading *l)
{
    const AtomicScope *scope = db_work(l->cx)->innermost;
    context_finish(&l->inner);
    if (l->scratch && scope->last_hook == l->hooks)
        arena_reset(l->scratch);
    else
        l->scratch = arena_create(l->cx->arena, 0, 0);
    l->hooks = scope->last_hook;
    l->rows = 0;
    context_init(&l->inner, l->scratch);
    l->inner.databases = l->cx->databases;
    l->inner.locale = l->cx->locale;
    db_work(&l->inner)->innermost = db_work(l->cx)->innermost;
}

/* The object that was read, as far as it can be. True when it was saved. */
static bool take_object(Loading *l)
{
    l->info = model_of(l->object.model);
    l->field = NULL;
    l->value = NULL;
    l->saving = l->waits = l->must_wait = false;
    if (!l->info) {
        if (l->o->ignore_nonexistent)
            return false;
        Error e = { .message = str_format(l->cx->arena, "Invalid model identifier: '%.*s'", STR_FMT(l->object.model)) };
        explain(l, &e);
    }
    l->text->objects += l->pk == NULL;
    if (is_excluded(l, l->info))
        return false;
    const Error *e = attempt(&l->inner, load_object, l);
    if (e)
        explain(l, e);
    return true;
}

static void load_text(Loading *l, FixtureText *text)
{
    Arena *a = l->cx->arena;
    FixtureSource *source = NEW(a, FixtureSource);
    FixtureReader *reader = NEW(a, FixtureReader);
    Str error;
    l->text = text;
    l->pk = NULL;
    if (!fixture_source_open(source, a, text))
        RAISE(l->cx, 500, "command_error", "Problem installing fixture '%.*s': %s.", STR_FMT(text->name),
              source->error);
    fixture_reader_init(reader, a, text->format, source);
    empty_scratch(l);
    while (fixture_next(reader, l->scratch, &l->object, &error)) {
        text->loaded += take_object(l) && !l->must_wait;
        if (++l->rows == ROWS_AT_ONCE)
            empty_scratch(l);
    }
    fixture_source_close(source);
    if (error.n)
        RAISE(l->cx, 500, "deserialization_error", "Problem installing fixture '%.*s': %.*s", STR_FMT(text->name),
              STR_FMT(error));
}

/* Those that wait, round after round while that helps; what then still waits is told of. */
static void load_waiting(Loading *l)
{
    size_t before = SIZE_MAX;
    while (l->waiting.n) {
        __typeof__(l->waiting) round = l->waiting;
        Str error;
        l->last = round.n == before;
        before = round.n;
        memset(&l->waiting, 0, sizeof l->waiting);
        for (size_t i = 0; i < round.n; i++) {
            Waiting *w = &round.p[i];
            empty_scratch(l);
            l->text = w->text;
            (void)fixture_object_read(l->scratch, w->source, &l->object, &error);
            l->object.line = w->line;
            l->pk = w->saved ? &w->pk : NULL;
            w->text->objects -= !w->saved; /* it is counted again */
            w->text->loaded += take_object(l) && !l->must_wait && !w->saved;
        }
    }
}

/* --- when all is there */

static void check_key(Loading *l, const ModelInfo *info, const FieldInfo *field)
{
    Context *cx = l->cx;
    const FieldInfo *key = info->keys[0], *to = field->to_field;
    Str sql =
        str_format(cx->arena,
                   "SELECT x.%.*s, x.%.*s FROM %.*s x LEFT JOIN %.*s y ON (x.%.*s = y.%.*s) WHERE x.%.*s IS NOT "
                   "NULL AND y.%.*s IS NULL LIMIT 1",
                   STR_FMT(key->quoted), STR_FMT(field->quoted), STR_FMT(info->quoted), STR_FMT(to->model->quoted),
                   STR_FMT(field->quoted), STR_FMT(to->quoted), STR_FMT(field->quoted), STR_FMT(to->quoted));
    SqlRows bad = sql_query(cx, l->o->using, sql, NULL, 0);
    if (bad.n)
        RAISE(
            cx, 500, "integrity_error",
            "Problem installing fixtures: The row in table '%.*s' with primary key '%.*s' has an invalid foreign key: "
            "%.*s.%.*s contains a value '%.*s' that does not have a corresponding value in %.*s.%.*s.",
            STR_FMT(info->table), STR_FMT(shown(cx->arena, &bad.rows[0][0])), STR_FMT(info->table),
            STR_FMT(field->column), STR_FMT(shown(cx->arena, &bad.rows[0][1])), STR_FMT(to->model->table),
            STR_FMT(to->column));
}

static void check_keys(Loading *l, const ModelInfo *info)
{
    for (size_t i = 0; i < info->n; i++)
        if (info->fields[i].to && !info->fields[i].f->no_constraint)
            check_key(l, info, &info->fields[i]);
}

static void check_all(Loading *l)
{
    for (size_t i = 0; i < l->models.n; i++) {
        const ModelInfo *info = l->models.p[i]->concrete;
        check_keys(l, info);
        for (size_t k = 0; k < info->nbetween; k++)
            if (info->between[k].through && info->between[k].through->between_only)
                check_keys(l, info->between[k].through);
    }
}

/* Keys that the server counts go on behind those that were given. */
static void advance_sequences(Loading *l)
{
    for (size_t i = 0; i < l->models.n; i++) {
        const ModelInfo *info = l->models.p[i]->concrete;
        if (!info->pk || info->pk->model != info || !field_is_auto(info->pk->f))
            continue;
        Str key = info->pk->quoted;
        Str sql = str_format(
            l->cx->arena,
            "SELECT setval(pg_get_serial_sequence('%.*s','%.*s'), coalesce(max(%.*s), 1), max(%.*s) IS NOT "
            "null) FROM %.*s",
            STR_FMT(info->quoted), STR_FMT(info->pk->column), STR_FMT(key), STR_FMT(key), STR_FMT(info->quoted));
        (void)sql_query(l->cx, l->o->using, sql, NULL, 0);
    }
}

static void load_all(Context *cx, void *arg)
{
    Loading *l = arg;
    (void)cx;
    for (size_t i = 0; i < l->ntexts; i++)
        load_text(l, &l->texts[i]);
    load_waiting(l);
    check_all(l);
}

void fixtures_load(Context *cx, FixtureText *texts, size_t n, const FixtureLoad *options)
{
    static const FixtureLoad none = { .ignore_nonexistent = false };
    Loading *l = NEW(cx->arena, Loading);
    *l = (Loading){ .cx = cx, .o = options ? options : &none, .texts = texts, .ntexts = n };
    context_init(&l->inner, cx->arena);
    Str using = l->o->using, vendor = str_c(dialect_of(cx, using)->vendor);
    bool mysql = str_eq(vendor, STR("mysql")) || str_eq(vendor, STR("mariadb"));
    for (size_t i = 0; i < n; i++)
        texts[i].objects = texts[i].loaded = 0;
    ATOMIC(cx, .using = using)
    {
        if (str_eq(vendor, STR("sqlite")))
            sql_execute(cx, using, STR("PRAGMA defer_foreign_keys = ON"), NULL, 0);
        else if (mysql)
            sql_execute(cx, using, STR("SET foreign_key_checks = 0"), NULL, 0);
        const Error *e = attempt(cx, load_all, l);
        Error copy = e ? *e : (Error){ .status = 0 };
        context_finish(&l->inner);
        if (mysql) /* of the connection, which others will have */
            sql_execute(cx, using, STR("SET foreign_key_checks = 1"), NULL, 0);
        if (e)
            context_raise_error(cx, &copy);
        if (str_eq(vendor, STR("postgresql")))
            advance_sequences(l);
    }
}
