/*
 * contenttype.h: a row for each model of the project, in Django's table django_content_type: what permissions, the
 * admin's log and generic relations (generic.h) refer to a model by.
 *
 *     s->installed_apps = APPS(&contenttypes_app, &blog_app);
 *
 *     ContentType *type = CONTENT_TYPE(r, Post);
 *     type->id, type->app_label, type->model                 7, "blog", "post"
 *     const Model *m = content_type_model(type);
 *
 * `migrate` makes the rows of new models, and gives the row of a renamed model its new name. A row that is asked for
 * and not there is made. What was read stays in the memory of the process (one list for each database), so that asking
 * again costs no statement; rows that are made inside a transaction are read once more. The rows are shared: do not
 * write to them.
 *
 * The table and its migrations are Django's: each finds the other's history in django_migrations.
 * https://docs.djangoproject.com/en/6.0/ref/contrib/contenttypes/
 */
#ifndef CLEF_CONTENTTYPES_CONTENTTYPE_H
#define CLEF_CONTENTTYPES_CONTENTTYPE_H

#include <clef/orm.h>

typedef struct ContentType {
    MODEL_HEAD;
    Str app_label; /* "blog" */
    Str model;     /* "post" */
} ContentType;

CLEF_DATA(const Model, ContentType_model);
/* Its App, label "contenttypes". */
CLEF_DATA(const App, contenttypes_app);

typedef struct ContentTypeOptions {
    bool
        for_proxies; /* of a proxy its own row, not that of the model whose table it shows (for_concrete_model=False) */
    Str using;       /* the alias of the database; empty: what the routers say */
} ContentTypeOptions;

/* The row of the model; options may be NULL. Raises "model_not_installed", and what the database says. */
CLEF_API(ContentType *, content_type_for_model, Context *cx, const Model *m, const ContentTypeOptions *options);
#define CONTENT_TYPE(r, T, ...) content_type_for_model(CX(r), &T##_model, &(ContentTypeOptions){ __VA_ARGS__ })
/* The rows of several models into out[0 .. n), by one statement for those that are not known yet. */
CLEF_API(void, content_types_for_models, Context *cx, const Model *const *models, size_t n,
         const ContentTypeOptions *options, ContentType **out);
/* NULL: there is no such row. */
CLEF_API(ContentType *, content_type_for_id, Context *cx, Str using, int64_t id);
/* By its natural key; NULL. The model in small letters. */
CLEF_API(ContentType *, content_type_by_name, Context *cx, Str using, Str app_label, Str model);

/* The model that it stands for; NULL: none that is installed (the row is stale). */
CLEF_API(const Model *, content_type_model, const ContentType *type);
/*
 * The row with this primary key, of the model that it stands for. Raises "does_not_exist"; "lookup_error" for a stale
 * one.
 */
CLEF_API(void *, content_type_get_object, Context *cx, const ContentType *type, Value pk);
/* All rows of the model that it stands for; raises "lookup_error". */
CLEF_API(QuerySet *, content_type_all_objects, Context *cx, const ContentType *type) CLEF_MUST_USE;
/* "Blog | post", as people read it; "post" for a stale one. */
CLEF_API(Str, content_type_str, Context *cx, const ContentType *type);

/* Makes the rows that the models of an application lack; how many. What post_migrate does. */
CLEF_API(size_t, content_types_create, Context *cx, Str using, const App *app);
/* The rows of models that are in no installed application: what `remove_stale_contenttypes` offers to delete. */
CLEF_API(QuerySet *, content_types_stale, Context *cx, Str using) CLEF_MUST_USE;
/* Forgets what was read: after the table was changed by other means. */
CLEF_API(void, content_types_clear_cache, void);

#endif
