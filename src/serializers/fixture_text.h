/* fixture_text.h: fixtures in XML and YAML: turned into objects of JSON to be read, and written beside JSON. */
#ifndef SERIALIZERS_FIXTURE_TEXT_H
#define SERIALIZERS_FIXTURE_TEXT_H

#include <clef/base/buf.h>
#include <clef/codec/json.h>
#include <sys/types.h>

/* What is read at a time, of a file and of a text. */
enum { FIXTURE_PIECE = 1 << 16 };

/*
 * fixture_source.c: the next bytes: how many; 0: the end, or the source's error is set. Does not raise: libyaml calls
 * it.
 */
typedef struct FixtureSource FixtureSource;
CLEF_PRIVATE(size_t, fixture_pull, FixtureSource *s, char *p, size_t n);

/* One object of a fixture as JSON, in the arena that was given for it, and the line of the original at which it begins. */
typedef struct FixtureLine {
    Str text;
    size_t line;
} FixtureLine;

/*
 * fixture_xml.c, fixture_yaml.c: readers, which hold no more than a piece of the source and one object; their memory
 * ends with the arena. NULL: *error says what is missing. _next: false at the end, or *error is a sentence.
 */
typedef struct FixtureXml FixtureXml;
CLEF_PRIVATE(FixtureXml *, fixture_xml_create, Arena *a, FixtureSource *source, Str *error);
CLEF_PRIVATE(bool, fixture_xml_next, FixtureXml *x, Arena *a, FixtureLine *out, Str *error);
typedef struct FixtureYaml FixtureYaml;
CLEF_PRIVATE(FixtureYaml *, fixture_yaml_create, Arena *a, FixtureSource *source, Str *error);
CLEF_PRIVATE(bool, fixture_yaml_next, FixtureYaml *y, Arena *a, FixtureLine *out, Str *error);

/* fixture_write.c: a value as Django's value_to_string has it: "True", "1.50", "2024-01-31T10:20:30+00:00". */
CLEF_PRIVATE(Str, fixture_value_string, Arena *a, Value v);

/* fixture_xml.c: text and attributes of XML. False: a character that XML cannot have. */
CLEF_PRIVATE(bool, xml_text, Buf *b, Str text);
CLEF_PRIVATE(void, xml_attribute, Buf *b, const char *name, Str value);

/* yaml_types.c: what a plain scalar of YAML 1.1 is. */
typedef enum YamlType { YAML_IS_TEXT, YAML_IS_NULL, YAML_IS_BOOL, YAML_IS_INT, YAML_IS_FLOAT, YAML_IS_OTHER } YamlType;
CLEF_PRIVATE(YamlType, yaml_type, Str scalar);

/* fixture_yaml.c: an emitter, whose text comes by yaml_writer_take. Its memory ends with the arena. */
typedef struct YamlWriter YamlWriter;
/* NULL: *error says what is missing. indent 0: 2. */
CLEF_PRIVATE(YamlWriter *, yaml_writer_create, Arena *a, int indent, Str *error);
CLEF_PRIVATE(void, yaml_begin, YamlWriter *w, bool map);
CLEF_PRIVATE(void, yaml_end, YamlWriter *w, bool map);
CLEF_PRIVATE(void, yaml_value, YamlWriter *w, Arena *scratch, Value v);
/* Appends what was written since; the end of the whole when `last`. False: it could not be written. */
CLEF_PRIVATE(bool, yaml_writer_take, YamlWriter *w, Buf *out, bool last);

#endif
