/*
 * fixture.h: rows of models as text, and back: what dumpdata writes and loaddata reads, as Django's serializers do.
 *
 *     [{"model": "blog.post", "pk": 1, "fields": {"title": "Hello", "author": 3, "tags": [1, 2]}}]
 *
 * JSON is one list of objects; JSON lines one object a line; XML and YAML are Django's, too. A row has its own fields
 * (of a model that inherits those of its own table), keys of relations, and lists of keys of each ManyToManyField
 * without a model of its own between. Values are written as DjangoJSONEncoder does, with microseconds cut to
 * milliseconds. With natural keys a relation is a list of the values that NATURAL_KEY of its model names.
 *
 * Loading saves rows raw: nothing is set at the moment of writing, receivers of pre_save and post_save see `raw`. Relations
 * may lead to rows that come later: foreign keys are looked at when all is there. Columns that the database computes are
 * written, as Django does, and passed over when they are read.
 *
 * https://docs.djangoproject.com/en/6.0/topics/serialization/
 */
#ifndef CLEF_SERIALIZERS_FIXTURE_H
#define CLEF_SERIALIZERS_FIXTURE_H

#include <clef/conf/app.h>
#include <clef/orm/queryset.h>

/* XML is read by libexpat, YAML read and written by libyaml; without them these are refused with the library's name. */
typedef enum FixtureFormat { FIXTURE_JSON, FIXTURE_JSONL, FIXTURE_XML, FIXTURE_YAML, FIXTURE_FORMATS } FixtureFormat;
/* "json", "jsonl", "xml", "yaml", "yml"; false: none of them. */
CLEF_API(bool, fixture_format, Str name, FixtureFormat *out) CLEF_MUST_USE;

/* --- writing */

typedef struct FixtureStyle {
    FixtureFormat format;
    uint8_t indent;       /* spaces for each level; 0: JSON and XML in one line, YAML by 2 */
    bool natural_foreign; /* relations by natural keys, where models have them */
    bool natural_primary; /* no "pk" for rows that have a natural key */
} FixtureStyle;

typedef struct FixtureWriter FixtureWriter;
/* Takes the text of some rows; raises when it cannot. */
typedef void FixtureSink(Context *cx, void *arg, Str text);
CLEF_API(FixtureWriter *, fixture_writer_create, Context *cx, FixtureStyle style, FixtureSink *sink, void *arg)
CLEF_MUST_USE;
/* The rows of the queryset, in constant memory; how many. */
CLEF_API(size_t, fixture_write, FixtureWriter *w, QuerySet *q);
CLEF_API(void, fixture_writer_end, FixtureWriter *w);

/*
 * The models so that those that natural keys need stand before those that need them (Django's sort_dependencies); else
 * they stay as they are. A circle is left as it is when `circles`, and raises 500 "runtime_error" otherwise.
 */
CLEF_API(const Model **, models_by_dependency, Context *cx, const Model *const *models, size_t n, bool circles)
CLEF_MUST_USE;

/* --- reading */

/*
 * Its bytes are those of a text, of a file, or of standard input; files and input are read piece by piece while they
 * are loaded.
 */
typedef struct FixtureText {
    Str name; /* of the file, for messages */
    FixtureFormat format;
    Str text;
    const char *path;
    bool input, packed;     /* packed: by gzip */
    size_t objects, loaded; /* results: what the file has, and what of it was saved */
} FixtureText;

/*
 * Where files are looked for: in the folders `fixtures` of the applications, in FIXTURE_DIRS, from where the program
 * runs.
 */
typedef struct FixtureSearch {
    const Settings *settings;
    Str using;      /* the database's alias: a file may name it, "rows.default.json" */
    const App *app; /* of the applications only this one; NULL: all */
    void (*say)(void *arg, Str line);
    void *arg;
} FixtureSearch;
/*
 * Appends the files that the name stands for: "blog", "blog.json", "blog.json.gz", "more/blog", "/srv/blog.json"; one
 * of each folder that has it. A file is NAME[.DATABASE].FORMAT[.gz]. Raises 500 "command_error" in Django's words: no
 * such fixture, several in one folder, an unknown format; and "improperly_configured" for FIXTURE_DIRS that cannot be.
 */
typedef struct FixtureTexts {
    FixtureText *p;
    size_t n, cap;
} FixtureTexts;
CLEF_API(void, fixtures_find, Context *cx, const FixtureSearch *where, Str name, FixtureTexts *out);

typedef struct FixtureLoad {
    Str using;                   /* the database's alias */
    bool ignore_nonexistent;     /* pass over models and fields that do not exist */
    const Model *const *exclude; /* rows of these are passed over; NULL-terminated; NULL: none */
} FixtureLoad;

/*
 * Saves the rows of these texts, all of them or none: in one transaction. Raises 500 "deserialization_error" for a text
 * that is no fixture, with the file, the model, the key and the field; "integrity_error" for a key that leads nowhere,
 * and what saving raises.
 */
CLEF_API(void, fixtures_load, Context *cx, FixtureText *texts, size_t n, const FixtureLoad *options);

#endif
