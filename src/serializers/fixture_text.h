/* fixture_text.h: fixtures in XML and YAML: turned into JSON lines to be read, and written beside JSON. */
#ifndef SERIALIZERS_FIXTURE_TEXT_H
#define SERIALIZERS_FIXTURE_TEXT_H

#include <clef/base/buf.h>
#include <clef/base/vec.h>
#include <clef/codec/json.h>

/* The objects of a fixture as JSON lines, and the line of the original at which each begins. */
typedef struct FixtureLines {
    Str text;
    VEC(size_t) lines;
} FixtureLines;

/* fixture_xml.c, fixture_yaml.c: false: *error is a sentence. All of it lives in the arena. */
CLEF_PRIVATE(bool, fixture_from_xml, Arena *a, Str xml, FixtureLines *out, Str *error);
CLEF_PRIVATE(bool, fixture_from_yaml, Arena *a, Str yaml, FixtureLines *out, Str *error);

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
