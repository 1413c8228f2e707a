/* contenttype.c: the rows that stand for models: found, made, and what they stand for. */
#include "contenttypes/contenttypes.h"
#include <clef/orm/router.h>
#include <clef/orm/swap.h>

static Str row_name(Context *cx, const void *row) { return content_type_str(cx, row); }

static int64_t key_of_model(Context *cx, Str alias, const Model *of, bool for_proxies)
{
    return content_type_for_model(cx, of, &(ContentTypeOptions){ .using = alias, .for_proxies = for_proxies })->id;
}

static const Model *model_of_key(Context *cx, Str alias, int64_t key)
{
    const ContentType *type = content_type_for_id(cx, alias, key);
    return type ? content_type_model(type) : NULL;
}

/* clang-format off */
const Model ContentType_model = {
    MODEL(ContentType), .db_table = "django_content_type", .verbose_name = "content type",
    .verbose_name_plural = "content types", .str = row_name, NATURAL_KEY("app_label", "model"),
    UNIQUE_TOGETHER(ORDER("app_label", "model")), .key_of_model = key_of_model, .model_of_key = model_of_key,
    FIELDS(ContentType,
        AutoField(id, .primary_key = true, .auto_created = true, .verbose_name = "ID"),
        CharField(app_label, .max_length = 100),
        CharField(model, .max_length = 100, .verbose_name = "python model class name")),
};
/* clang-format on */

static Str alias_of(Context *cx, Str using)
{
    Str alias = router_db_for_read(cx, using, &ContentType_model, NULL);
    return alias.n ? alias : STR("default");
}

/* The model whose row it is, and its names. */
typedef struct Names {
    Str app_label, model;
} Names;

static Names names_of(Context *cx, const Model *m, bool for_proxies)
{
    const Model *of = for_proxies ? m : model_concrete(m);
    return (Names){ model_app_label(of), str_lower(cx->arena, str_c(of->name)) };
}

static QuerySet *all_of(Context *cx, Str alias) { return queryset_using(OBJECTS(cx, ContentType), alias); }

ContentType *content_type_by_name(Context *cx, Str using, Str app_label, Str model)
{
    Str alias = alias_of(cx, using);
    ContentType *type = cached_by_name(alias, app_label, model);
    if (type)
        return type;
    type = FIRST(FILTER(all_of(cx, alias), Q(ContentType, app_label, EQ, app_label), Q(ContentType, model, EQ, model)),
                 ContentType);
    return type ? cached_keep(alias, type) : NULL;
}

ContentType *content_type_for_id(Context *cx, Str using, int64_t id)
{
    Str alias = alias_of(cx, using);
    ContentType *type = cached_by_id(alias, id);
    if (type)
        return type;
    type = FIRST(FILTER(all_of(cx, alias), Q(ContentType, id, EQ, id)), ContentType);
    return type ? cached_keep(alias, type) : NULL;
}

/*
 * The row that is not there is made. It is not kept: were the transaction rolled back that it is made in, others would
 * go on to refer to it.
 */
static ContentType *make(Context *cx, Str using, Names names)
{
    Str app_label = names.app_label, model = names.model;
    Str alias = router_db_for_write(cx, using, &ContentType_model, NULL);
    return GET_OR_CREATE(all_of(cx, alias), ContentType, CLEF_NAMED(SET("app_label", app_label), SET("model", model)),
                         NULL, NULL);
}

ContentType *content_type_for_model(Context *cx, const Model *m, const ContentTypeOptions *options)
{
    Str using = options ? options->using : (Str){ 0 };
    Names names = names_of(cx, m, options && options->for_proxies);
    ContentType *type = content_type_by_name(cx, using, names.app_label, names.model);
    return type ? type : make(cx, using, names);
}

void content_types_for_models(Context *cx, const Model *const *models, size_t n, const ContentTypeOptions *options,
                              ContentType **out)
{
    Str using = options ? options->using : (Str){ 0 }, alias = alias_of(cx, using);
    List *labels = list_new(cx->arena), *wanted = list_new(cx->arena);
    for (size_t i = 0; i < n; i++) {
        Names names = names_of(cx, models[i], options && options->for_proxies);
        out[i] = cached_by_name(alias, names.app_label, names.model);
        if (out[i])
            continue;
        list_push(cx->arena, labels, value_str(names.app_label));
        list_push(cx->arena, wanted, value_str(names.model));
    }
    if (!wanted->n)
        return;
    EACH (ContentType, type,
          FILTER(all_of(cx, alias), Q(ContentType, app_label, IN, labels), Q(ContentType, model, IN, wanted)))
        (void)cached_keep(alias, type);
    for (size_t i = 0; i < n; i++) {
        Names names = names_of(cx, models[i], options && options->for_proxies);
        if (!out[i])
            out[i] = cached_by_name(alias, names.app_label, names.model);
        if (!out[i])
            out[i] = make(cx, using, names);
    }
}

const Model *content_type_model(const ContentType *type) { return model_find(type->app_label, type->model); }

QuerySet *content_type_all_objects(Context *cx, const ContentType *type)
{
    const Model *m = content_type_model(type);
    if (!m)
        RAISE(cx, 500, "lookup_error", "The content type %lld stands for '%.*s.%.*s', which is no installed model.",
              (long long)type->id, STR_FMT(type->app_label), STR_FMT(type->model));
    return queryset_using(queryset_of(cx, m), row_database(type));
}

void *content_type_get_object(Context *cx, const ContentType *type, Value pk)
{
    QuerySet *q = content_type_all_objects(cx, type);
    return queryset_get(q, queryset_model(q), CLEF_PREDS(LOOKUP("pk", pk)));
}

Str content_type_str(Context *cx, const ContentType *type)
{
    const Model *m = content_type_model(type);
    if (!m)
        return type->model;
    return str_format(cx->arena, "%.*s | %.*s", STR_FMT(model_app_verbose_name(cx->arena, m)),
                      STR_FMT(model_verbose_name(m)));
}

size_t content_types_create(Context *cx, Str using, const App *app)
{
    Str alias = router_db_for_write(cx, using, &ContentType_model, NULL), label = str_c(app->label);
    if (!router_allow_migrate(alias.n ? alias : STR("default"), STR("contenttypes"), &ContentType_model))
        return 0;
    size_t n = 0;
    while (app->models && app->models[n])
        n++;
    List *there = queryset_list(VALUES_FLAT(FILTER(all_of(cx, alias), Q(ContentType, app_label, EQ, label)), "model"));
    ContentType **rows = NEW_ARRAY(cx->arena, ContentType *, n + 1);
    size_t fresh = 0;
    for (size_t i = 0; i < n; i++) {
        Str name = str_lower(cx->arena, str_c(app->models[i]->name));
        bool known = app->models[i]->abstract || model_swapped(app->models[i]).n;
        for (size_t j = 0; j < there->n && !known; j++)
            known = str_eq(there->p[j].s, name);
        if (!known)
            rows[fresh++] = NEW_ROW(cx, ContentType, .app_label = label, .model = name);
    }
    if (fresh)
        BULK_CREATE(cx, ContentType, rows, fresh, .using = alias);
    return fresh;
}

QuerySet *content_types_stale(Context *cx, Str using)
{
    Str alias = alias_of(cx, using);
    List *stale = list_new(cx->arena);
    EACH (ContentType, type, all_of(cx, alias))
        if (!content_type_model(type))
            list_push(cx->arena, stale, value_int(type->id));
    return FILTER(all_of(cx, alias), Q(ContentType, id, IN, stale));
}
