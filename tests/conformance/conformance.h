/*
 * conformance.h: recorded cases, run. A case is one JSON object of a line; a suite turns it into what Clef answers and what
 * was recorded, both as values in the notation of the recordings ({"$uuid": "..."}), and the runner compares them. Suites
 * know kinds of cases, never single ones.
 */
#ifndef TESTS_CONFORMANCE_H
#define TESTS_CONFORMANCE_H

#include <clef/base/map.h>
#include <clef/base/value.h>

typedef struct Suite Suite;
typedef struct Run {
    Arena *arena;         /* as long as the run */
    Arena *scratch;       /* of one case */
    const char *file;     /* that is read */
    void *state;          /* the suite's own */
    bool compiled;        /* --compiled: the suite `templates` by way of C */
    const char *database; /* --database: where the suite `orm` runs: "sqlite", "postgresql" or "mariadb" */
} Run;

struct Suite {
    const char *name;
    /* Before the cases of a file; false after printing why not. May be NULL. */
    bool (*open)(Run *run);
    /* False: the case is of a kind that the suite does not know. */
    bool (*answer)(Run *run, const Map *record, Value *got, Value *expected);
    /* After the last file. May be NULL. */
    void (*close)(Run *run);
};

extern const Suite urls_suite, functions_suite, templates_suite, signing_suite;
extern const Suite autodetector_suite, orm_suite, schema_suite;

/* A table of urlconfs.json, beside the file of cases; NULL and *error when it cannot be had. */
typedef struct UrlConf UrlConf;
const UrlConf *recorded_urlconf(Run *run, Str name, Str *error);
extern const Suite validators_suite, fields_suite, forms_suite;

/* A whole file in the arena; the NULL string when it cannot be read. */
Str read_whole_file(Arena *a, const char *path);
/* The member of a record; null when it is not there. */
Value record_get(const Map *record, const char *name);
Str record_text(const Map *record, const char *name);
/* The one `$` name of an object of the notation, and its value; false for anything else. */
bool notation(Value v, Str *name, Value *inside);
Value notation_of(Arena *a, const char *name, Value inside);
/* From the notation: $uuid, $bytes, $tuple, $set, $safe and $lazy become what they stand for, through lists and maps. */
Value from_notation(Arena *a, Value v);
/* Into it: UUIDs, bytes and safe text. */
Value to_notation(Arena *a, Value v);
Value error_value(Arena *a, const char *type, Str message);

#endif
