/* command_contenttypes.c: remove_stale_contenttypes. */
#include "cli/commands.h"
#include "cli/migration_files.h"
#include <clef/contenttypes.h>

static void run_remove(CommandCall *c);

const Command remove_stale_contenttypes_command = {
    .name = "remove_stale_contenttypes",
    .help = "Deletes content types whose models are gone.",
    .description =
        "What refers to a content type by a key that cascades goes with it, so it asks, and says what would go.",
    .options = OPTIONS({ .name = "database",
                         .kind = OPTION_TEXT,
                         .value = "ALIAS",
                         .fallback = "default",
                         .help = "The database, by its alias in DATABASES." },
                       { .name = "no-input", .help = "Do not ask." },
                       { .name = "include-stale-apps", .help = "Also those of applications that are not installed." }),
    .run = run_remove,
};

static bool is_installed(const CommandCall *c, Str label)
{
    for (const App *const *app = c->settings->installed_apps; app && *app; app++)
        if (str_eq(str_c((*app)->label), label))
            return true;
    return false;
}

static void run_remove(CommandCall *c)
{
    Context *cx = &c->cx;
    Str alias = option_text(c, "database"), answer;
    List *keys = list_new(cx->arena);
    if (!is_installed(c, STR("contenttypes")))
        command_fail(c, "The application contenttypes is not installed: add &contenttypes_app to INSTALLED_APPS.");
    EACH (ContentType, type, content_types_stale(cx, alias)) {
        if (!option_flag(c, "include-stale-apps") && !is_installed(c, type->app_label))
            continue;
        if (!keys->n)
            command_say(c, "Some content types in your database are stale and can be deleted:");
        list_push(cx->arena, keys, value_int(type->id));
        command_write(c, str_format(cx->arena, "    - Content type for %.*s.%.*s\n", STR_FMT(type->app_label),
                                    STR_FMT(type->model)));
    }
    if (!keys->n)
        return;
    if (!option_flag(c, "no-input")) {
        command_write(c, STR("Rows that refer to them by a key that cascades are deleted, too.\n"
                             "Type 'yes' to continue, or 'no' to cancel: "));
        if (!answer_read(c, &answer) || !str_eq(answer, STR("yes"))) {
            command_say(c, "Stale content types remain.");
            return;
        }
    }
    size_t n = queryset_delete(FILTER(queryset_using(OBJECTS(cx, ContentType), alias), Q(ContentType, id, IN, keys)));
    content_types_clear_cache();
    command_write(c, str_format(cx->arena, "Deleted %zu row(s).\n", n));
}
