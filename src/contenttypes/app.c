/* app.c: the application: what listens to migrations. */
#include "contenttypes/contenttypes.h"
#include <clef/orm/router.h>
#include <clef/signals/builtin.h>

static bool has_table(Context *cx, Str alias)
{
    return migration_is_applied(cx, alias, STR("contenttypes"), STR("0002_remove_content_type_name"));
}

static void fill(Context *cx, const SignalEvent *event)
{
    const MigrateSignal *migrated = event->data;
    content_types_clear_cache();
    if (has_table(cx, str_c(migrated->using)))
        (void)content_types_create(cx, str_c(migrated->using), event->sender);
}

typedef struct Renaming {
    const ModelRenamed *what;
    Str old_name, new_name;
} Renaming;

static void rename_now(Context *cx, void *arg)
{
    const Renaming *r = arg;
    Str label = str_c(r->what->app_label), old_name = r->old_name, using = str_c(r->what->using);
    ATOMIC(cx, .using = using)
    {
        UPDATE(queryset_using(OBJECTS(cx, ContentType), using),
               Q_AND(Q(ContentType, app_label, EQ, label), Q(ContentType, model, EQ, old_name)),
               SET("model", r->new_name));
    }
}

/* Where a row has the new name already, that one stays, and the old one is stale. */
static void renamed(Context *cx, const SignalEvent *event)
{
    const ModelRenamed *what = event->data;
    Str alias = str_c(what->using);
    Renaming r = { what, str_lower(cx->arena, str_c(what->old_name)), str_lower(cx->arena, str_c(what->new_name)) };
    content_types_clear_cache();
    if (str_eq(r.old_name, r.new_name) || !has_table(cx, alias) ||
        !router_allow_migrate(alias, STR("contenttypes"), &ContentType_model))
        return;
    const Error *e = attempt(cx, rename_now, &r);
    if (e && !str_eq(str_c(e->code), STR("integrity_error")))
        context_raise_error(cx, e);
}

static void ready(Context *cx, Settings *settings)
{
    (void)cx, (void)settings;
    signal_connect(&post_migrate, fill, .dispatch_uid = "contenttypes.fill");
    signal_connect(&model_renamed, renamed, .dispatch_uid = "contenttypes.renamed");
}

static const Migration *const history[] = { &contenttypes_0001, &contenttypes_0002, NULL };
const App contenttypes_app = { .label = "contenttypes",
                               .verbose_name = "Content Types",
                               .models = MODELS(ContentType),
                               .migrations = history,
                               .ready = ready };
