/*
 * checks.h: what Django's system checks warn of in models, by their ids. What is wrong (the ids with an E) is told by
 * apps_populate, and a project with an error does not start; what is told here is odd, but works: `check` prints it.
 */
#ifndef CLEF_ORM_CHECKS_H
#define CLEF_ORM_CHECKS_H

#include <clef/orm/model.h>
#include <clef/rt/context.h>

typedef struct ModelWarning {
    const char *id; /* "fields.W122" */
    Str object;     /* "blog.Post.title", "blog.Post"; of W035 a table */
    Str text, hint; /* hint may be empty */
} ModelWarning;

/* Of all models of the process, in their order; how many. They live in the arena. */
CLEF_API(size_t, models_warnings, Arena *a, const ModelWarning **out);
/* What the database of this alias does not have and models ask for: `check --database`. */
CLEF_API(size_t, models_database_warnings, Context *cx, Str alias, const ModelWarning **out);

#endif
