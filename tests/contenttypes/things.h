/* things.h: models that are referred to by relations to rows of any model. */
#ifndef TESTS_CONTENTTYPES_THINGS_H
#define TESTS_CONTENTTYPES_THINGS_H

#include "../orm/blog.h"
#include <clef/contenttypes.h>

typedef struct Album {
    MODEL_HEAD;
    Str name;
} Album;
typedef struct Song {
    MODEL_HEAD;
    Str title;
    REL(Album, album);
} Song;
typedef Song Single;
typedef struct Remark {
    MODEL_HEAD;
    Str text;
    REL(ContentType, content_type);
    int64_t object_id;
    GENERIC_REL(content_object);
} Remark;
/* With keys that are texts, and may be NULL. */
typedef struct Badge {
    MODEL_HEAD;
    Str text;
    REL(ContentType, kind);
    Str key;
    GENERIC_REL(target);
} Badge;
extern const Model Album_model, Song_model, Single_model, Remark_model, Badge_model;
extern const App things_app;

/* With the tables of these models and of content types. */
void with_things(void (*fn)(Context *cx));

#endif
