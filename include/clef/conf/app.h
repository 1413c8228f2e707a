/*
 * app.h: an application: what a part of a project brings, in one const table that settings list in INSTALLED_APPS.
 *
 *     const App blog_app = { .label = "blog", .models = MODELS(Post, Tag), .urls = blog_urls, .commands = COMMANDS(&import) };
 *
 *     s->installed_apps = APPS(&blog_app, &shop_app);
 *
 * Each member is looked at by the domain that knows its type; a project that does not use a domain does not link it.
 * Django's page: "Applications".
 */
#ifndef CLEF_CONF_APP_H
#define CLEF_CONF_APP_H

#include <clef/conf/settings.h>

typedef struct Command Command;
typedef struct Context Context;
typedef struct Lookup Lookup;
typedef struct Migration Migration;
typedef struct Model Model;
typedef struct ModelAdmin ModelAdmin;
typedef struct Task Task;
typedef struct TemplateLibrary TemplateLibrary;

/* The lists end at NULL; a NULL list is empty. */
struct App {
    const char *label;        /* a word, not used by another application: in names of tables, of migrations */
    const char *verbose_name; /* for people; NULL: the label with a capital letter */
    const Model *const *models;
    const Url *urls;
    /* URL_CONVERTERS(&year_converter): words between angle brackets of its own, for all routes of the project; Django's
     * register_converter. */
    const struct UrlConverter *const *url_converters;
    /* MIGRATIONS(...). NULL: it has none, and `migrate` makes the tables of its models as they are. */
    const Migration *const *migrations;
    /*
     * Of its sources, from the project's: where makemigrations writes, and whose `templates` are searched after
     * TEMPLATE_DIRS, as Django's APP_DIRS. NULL: the label.
     */
    const char *folder;
    const ModelAdmin *const *admin;
    const Task *const *tasks;
    const TemplateLibrary *const *template_libraries;
    const Command *const *commands;
    const Lookup *const *lookups; /* LOOKUPS(...): lookups and transforms of its own */
    /* Once, in the order of INSTALLED_APPS, before anything is served or run. Raises what is wrong. */
    void (*ready)(Context *cx, Settings *settings);
};

#endif
