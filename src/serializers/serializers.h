/* serializers.h: what the files of this domain offer each other. */
#ifndef SERIALIZERS_SERIALIZERS_H
#define SERIALIZERS_SERIALIZERS_H

#include "orm/queryset.h"
#include "serializers/fixture_text.h"
#include <clef/codec/json.h>
#include <clef/serializers/fixture.h>

/* The most that one fixture may be, unpacked. */
#define FIXTURE_MAX ((size_t)1 << 40)
enum { FIXTURE_ROW_MAX = 1 << 28 /* bytes of one row's text */, FIXTURE_DEPTH = 64 /* of relations in natural keys */ };

/* --- fixture_write.c: the endings of fixtures' names */

typedef struct FixtureEnding {
    const char *text;
    FixtureFormat format;
} FixtureEnding;
enum { FIXTURE_ENDINGS = 5 };
typedef const FixtureEnding FixtureEndings[FIXTURE_ENDINGS];
CLEF_PRIVATE_DATA(FixtureEndings, fixture_endings);

/* --- natural.c */

/* The paths that tell a row of the model from others; NULL: it has no natural key. */
CLEF_PRIVATE(const char *const *, natural_key_of, const ModelInfo *info);
/* Its values, a list. Rows that its paths lead through are read when they were not. */
CLEF_PRIVATE(Value, natural_key_value, Context *cx, Arena *a, const ModelInfo *info, const void *row);
/*
 * The row with this natural key: false when there is none. `field` gets the value of its column. Raises for a list of
 * wrong length.
 */
CLEF_PRIVATE(bool, natural_key_find, Context *cx, Str using, const ModelInfo *info, Value key, const FieldInfo *field,
             Value *out);

/* --- fixture_source.c */

struct FixtureSource {
    Str text; /* what is left of it */
    int file;
    bool of_file, owned, packed;
    struct GzipReader *gzip;
    Buf unpacked;
    size_t at;         /* of it */
    const char *error; /* a sentence */
};
/* Open until the arena ends, or it is closed. False: its error is set. */
CLEF_PRIVATE(bool, fixture_source_open, FixtureSource *s, Arena *a, const FixtureText *text);
CLEF_PRIVATE(void, fixture_source_close, FixtureSource *s);

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
    FixtureSource *source;
    Buf window; /* on the heap */
    size_t from, at;
    size_t line; /* of `from`, or of the object */
    bool begun, ended;
    FixtureXml *xml;
    FixtureYaml *yaml;
    Str error; /* the library that is missing */
} FixtureReader;

/* The reader and what it needs end with the arena. */
CLEF_PRIVATE(void, fixture_reader_init, FixtureReader *r, Arena *a, FixtureFormat format, FixtureSource *source);
/* False at the end, and when *error (a sentence) is set. The object lives in the arena. */
CLEF_PRIVATE(bool, fixture_next, FixtureReader *r, Arena *a, FixtureObject *out, Str *error);
/* Of one object's text. */
CLEF_PRIVATE(bool, fixture_object_read, Arena *a, Str source, FixtureObject *out, Str *error);

#endif
