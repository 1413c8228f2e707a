/*
 * router.h: which of several databases a model is read from and written to, as Django's database routers say it. The
 * routers of the setting DATABASE_ROUTERS are asked in their order; the first that has an opinion counts. Without one,
 * a row goes back to the database that it came from, and everything else to "default".
 *
 *     static Str replica(Context *cx, const Model *m, const void *row) { return STR("replica"); }
 *     const DatabaseRouter reads = { .db_for_read = replica };
 *     ... s->database_routers = ROUTERS(&reads);
 *
 * Inside an ATOMIC of "default", what would be read from another alias is read from "default", so that a transaction
 * sees its own writes; queryset_using() is never routed.
 */
#ifndef CLEF_ORM_ROUTER_H
#define CLEF_ORM_ROUTER_H

#include <clef/orm/model.h>
#include <clef/rt/context.h>

typedef enum RouterAnswer { ROUTER_NO_OPINION, ROUTER_YES, ROUTER_NO } RouterAnswer;

/* Any member may be NULL: no opinion. An alias is the NULL string for none. */
typedef struct DatabaseRouter {
    Str (*db_for_read)(Context *cx, const Model *m, const void *row);
    Str (*db_for_write)(Context *cx, const Model *m, const void *row);
    /* May rows of these models be related, though they come from different databases? No opinion: they may not. */
    RouterAnswer (*allow_relation)(Context *cx, const Model *a, const Model *b);
    /* Has this model (NULL: the application) its tables on the alias? */
    RouterAnswer (*allow_migrate)(Str alias, Str app_label, const Model *m);
} DatabaseRouter;

#define ROUTERS(...) ((const DatabaseRouter *const[]){ __VA_ARGS__, NULL })

/* The alias; row: what is read or saved, or NULL. `using`: what somebody chose; then it is that. */
CLEF_API(Str, router_db_for_read, Context *cx, Str using, const Model *m, const void *row);
CLEF_API(Str, router_db_for_write, Context *cx, Str using, const Model *m, const void *row);
CLEF_API(bool, router_allow_relation, Context *cx, const Model *a, const Model *b);
CLEF_API(bool, router_allow_migrate, Str alias, Str app_label, const Model *m);

/* The routers of the process, ended by NULL; set at start-up. NULL: none. */
CLEF_API(void, routers_install, const DatabaseRouter *const *routers);
CLEF_API(bool, routers_are_installed, void);

#endif
