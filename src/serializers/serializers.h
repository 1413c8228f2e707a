/* serializers.h: what the files of this domain offer each other. */
#ifndef SERIALIZERS_SERIALIZERS_H
#define SERIALIZERS_SERIALIZERS_H

#include "orm/queryset.h"
#include "serializers/fixture_text.h"
#include <clef/codec/json.h>
#include <clef/serializers/fixture.h>

enum { FIXTURE_ROW_MAX = 1 << 28 /* bytes of one row's text */, FIXTURE_DEPTH = 64 /* of relations in natural keys */ };

/* --- natural.c */

/* The paths that tell a row of the model from others; NULL: it has no natural key. */
CLEF_PRIVATE(const char *const *, natural_key_of, const ModelInfo *info);
/* Its values, a list. Rows that its paths lead through are read when they were not. */
CLEF_PRIVATE(Value, natural_key_value, Context *cx, Arena *a, const ModelInfo *info, const void *row);
/* The row with this natural key: false when there is none. `field` gets the value of its column. Raises for a list of wrong length. */
CLEF_PRIVATE(bool, natural_key_find, Context *cx, Str using, const ModelInfo *info, Value key, const FieldInfo *field,
             Value *out);

/* --- fixture_read.c: objects of a text, one after the other. No database is asked. */

typedef struct FixtureObject {
    Str source; /* its text */
    Str model;  /* "blog.post" */
    bool has_pk;
    Value pk;
    const Map *fields;
    size_t line; /* where it begins, from 1 */
} FixtureObject;

typedef struct FixtureReader {
    FixtureFormat format;
    Str text;
    const char *at; /* of JSON lines */
    JsonReader json;
    bool begun, ended;
    size_t line;
    const char *counted; /* up to here */
    FixtureLines lines;  /* of XML and YAML */
    size_t nth;
    Str error; /* what was wrong with these as a whole */
} FixtureReader;

/* XML and YAML become JSON lines in the arena. */
CLEF_PRIVATE(void, fixture_reader_init, FixtureReader *r, Arena *a, FixtureFormat format, Str text);
/* False at the end, and when *error (a sentence) is set. The object lives in the arena. */
CLEF_PRIVATE(bool, fixture_next, FixtureReader *r, Arena *a, FixtureObject *out, Str *error);
/* Of one object's text. */
CLEF_PRIVATE(bool, fixture_object_read, Arena *a, Str source, FixtureObject *out, Str *error);

#endif
