/*
 * config.h: what it takes to reach one database. Plain parameters: whoever reads settings fills them in. All texts are
 * borrowed and must live as long as the pool that uses them.
 */
#ifndef CLEF_DB_CONFIG_H
#define CLEF_DB_CONFIG_H

#include <clef/base/str.h>

typedef struct DbDriver DbDriver;

/* One of a driver's own options, as Django's OPTIONS: {"timeout", "20"}. The driver's header lists them. */
typedef struct DbOption {
    Str name, value;
} DbOption;

typedef struct DbConfig {
    Str alias; /* "default" */
    const DbDriver *driver;
    Str name; /* SQLite: the path, or ":memory:" */
    Str user, password, host, port;
    const DbOption *options;
    size_t noptions;
    int64_t max_age_ms;   /* an idle connection older than this is closed; 0: kept for good */
    unsigned pool_size;   /* most connections of a loop; 0: the driver's default */
    int64_t pool_wait_ms; /* how long to wait for a free one; 0: DB_POOL_WAIT_MS */
    bool health_checks;   /* ask the server before an idle connection is used again */
    /*
     * Is told what the server remarks (a notice of a trigger, a warning). It must not raise nor use the database. NULL:
     * nobody.
     */
    void (*on_notice)(void *arg, Str alias, Str severity, Str message);
    void *on_notice_arg;
} DbConfig;

#define DB_POOL_WAIT_MS 30000
/* With health checks, a connection that was used less long ago is not asked. */
#define DB_HEALTH_CHECK_NS INT64_C(1000000000)

/* The option's value; the NULL string when it is not given. */
CLEF_API(Str, db_option, const DbConfig *config, const char *name) CLEF_PURE;

#endif
