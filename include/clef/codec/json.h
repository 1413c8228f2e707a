/*
 * json.h: JSON (RFC 8259), read and written as Django programs expect of Python's json module, without its liberties.
 *
 * Reading: json_read makes a Value tree; a JsonReader hands out one token after the other, for those who want no tree.
 * Integers of any size stay exact (VALUE_INT, else VALUE_BIGINT); numbers with a fraction or an exponent become doubles,
 * or VALUE_DECIMAL by an option. What the RFC refuses is refused: invalid UTF-8, a byte order mark, NaN, comments, other
 * quotes, control characters in strings, trailing commas and text. A number too large for a double is refused too (Python
 * makes an infinity of it), since it could not be written back. A \u escape of half a surrogate pair is refused unless
 * the options have it replaced by U+FFFD: no UTF-8 text can hold it. Errors are worded and placed as Python 3.12 does.
 *
 * Writing: a JsonWriter checks that its calls make one well-formed text. json_write is a writer over a Value: dates,
 * times, durations, decimals and UUIDs take the form of DjangoJSONEncoder, or of REST framework's encoder. Text that is not
 * valid UTF-8 is written with U+FFFD for each bad part, so that the output is always valid. Doubles are Python's repr().
 *
 * Depth is bounded, and neither direction recurses on a reader's input.
 */
#ifndef CLEF_CODEC_JSON_H
#define CLEF_CODEC_JSON_H

#include <clef/base/buf.h>
#include <clef/base/value.h>

#define JSON_DEPTH_MAX 1024u /* the deepest that the options may allow */
#define JSON_DEPTH     128u  /* lists and objects within each other, when the options do not say */
#define JSON_DIGITS    4300u /* bytes of one number, when the options do not say; Python's limit of int() */

typedef struct JsonOptions {
    size_t size_max;    /* bytes of text; 0: no limit here */
    size_t digits_max;  /* bytes of one number; 0: JSON_DIGITS */
    uint32_t depth_max; /* 0: JSON_DEPTH */
    bool decimals;      /* fractions and exponents as VALUE_DECIMAL, not as doubles */
    bool unique_names;  /* refuse an object that has a name twice; else the last one wins, in the first one's place */
    bool nan;           /* take NaN, Infinity and -Infinity, as Python writes them */
    bool replace_surrogates; /* U+FFFD for a lone surrogate's escape */
    bool borrow;             /* strings without escapes point into the text, which must live as long as the values */
} JsonOptions;

typedef struct JsonError {
    const char *message; /* "Expecting value"; NULL: no error */
    size_t offset;       /* in bytes */
    size_t line, column; /* from 1; the column in code points */
    size_t character;    /* the offset in code points */
} JsonError;

/* The value of the whole text; false with *error filled (NULL: not wanted) when it is not JSON within the limits. */
CLEF_API(bool, json_read, Arena *a, Str text, JsonOptions options, Value *out, JsonError *error) CLEF_MUST_USE;
/* "Expecting value: line 1 column 1 (char 0)". */
CLEF_API(Str, json_error_text, Arena *a, const JsonError *error);

typedef enum JsonToken {
    JSON_END, /* of the text; stays so */
    JSON_ERROR,
    JSON_OBJECT,
    JSON_OBJECT_END,
    JSON_ARRAY,
    JSON_ARRAY_END,
    JSON_NAME, /* of an object's member, the colon included: a value follows */
    JSON_STRING,
    JSON_INT,    /* fits int64_t: `integer` */
    JSON_BIGINT, /* does not: `raw` */
    JSON_REAL,   /* has a fraction or an exponent (or is NaN and the like, if allowed): `raw` */
    JSON_TRUE,
    JSON_FALSE,
    JSON_NULL,
} JsonToken;

/* Reads tokens of a text that the caller keeps. No memory of its own: nothing to finish. */
typedef struct JsonReader {
    Str raw;         /* of the token: a string without its quotes, a number; borrowed from the text */
    bool escaped;    /* the string has escapes: json_reader_text undoes them */
    int64_t integer; /* of JSON_INT */
    uint32_t depth;  /* open lists and objects */
    JsonError error; /* of JSON_ERROR */
    /* Private. */
    Str text;
    const char *at;
    JsonOptions options;
    uint8_t state;
    uint64_t objects[JSON_DEPTH_MAX / 64]; /* which open levels are objects */
} JsonReader;

CLEF_API(void, json_reader_init, JsonReader *r, Str text, JsonOptions options);
CLEF_API(JsonToken, json_next, JsonReader *r);
/* The text of the last JSON_STRING or JSON_NAME: the raw one, or a copy in the arena when it has escapes. */
CLEF_API(Str, json_reader_text, const JsonReader *r, Arena *a);
/* The double of the last number. False when it is too large; then the reader is at an error. */
CLEF_API(bool, json_reader_double, JsonReader *r, double *out) CLEF_MUST_USE;
/* After JSON_OBJECT or JSON_ARRAY: to its end. After JSON_NAME: over its value. False at an error. */
CLEF_API(bool, json_skip, JsonReader *r) CLEF_MUST_USE;

typedef enum JsonForms {
    JSON_DJANGO, /* DjangoJSONEncoder: milliseconds, Z for UTC, durations in ISO 8601 */
    JSON_REST,   /* REST framework's encoder: microseconds, Z for UTC, durations in seconds */
} JsonForms;

/* {0} is json.dumps' default: one line, ", " and ": ", ASCII only. */
typedef struct JsonStyle {
    JsonForms forms;
    uint32_t depth_max;   /* 0: JSON_DEPTH */
    uint8_t indent;       /* spaces for each level, each member on its line; 0: one line */
    bool compact;         /* "," and ":" */
    bool spaced_names;    /* with compact: "," and ": " */
    bool unicode;         /* text as UTF-8; else \u escapes for all that is not ASCII */
    bool line_separators; /* with unicode: U+2028 and U+2029 as escapes, for old JavaScript */
    bool html_safe;       /* < > & as escapes, for a script element (Django's json_script) */
    bool sort_names;      /* json_write: members of a map by name */
    bool decimals;        /* VALUE_DECIMAL as a number; else, as both encoders do, as a string */
    bool nan;             /* write NaN, Infinity and -Infinity; else they are refused */
} JsonStyle;

typedef struct JsonWriter {
    Buf *out;
    JsonStyle style;
    const char *error; /* NULL: none so far. After an error the calls do nothing and return false. */
    const char *type;  /* of a value that cannot be written: "bytes" */
    /* Private. */
    uint32_t depth;
    uint8_t state;
    uint64_t objects[JSON_DEPTH_MAX / 64];
} JsonWriter;

/*
 * Appends to `out`. Each call returns false when it cannot be: in the wrong place (a value where a name has to be, an
 * unmatched end, a second value), too deep, NaN, or the Buf's maximum is passed. So a run of calls needs one check, of
 * json_writer_end: true when one whole value was written.
 */
CLEF_API(void, json_writer_init, JsonWriter *w, Buf *out, JsonStyle style);
CLEF_API(bool, json_writer_end, JsonWriter *w);
CLEF_API(bool, json_object, JsonWriter *w);
CLEF_API(bool, json_object_end, JsonWriter *w);
CLEF_API(bool, json_array, JsonWriter *w);
CLEF_API(bool, json_array_end, JsonWriter *w);
CLEF_API(bool, json_name, JsonWriter *w, Str name);
CLEF_API(bool, json_str, JsonWriter *w, Str s);
CLEF_API(bool, json_int, JsonWriter *w, int64_t v);
CLEF_API(bool, json_uint, JsonWriter *w, uint64_t v);
CLEF_API(bool, json_double, JsonWriter *w, double v);
CLEF_API(bool, json_bool, JsonWriter *w, bool v);
CLEF_API(bool, json_null, JsonWriter *w);
/* A value that is JSON text already; it is not checked. */
CLEF_API(bool, json_raw, JsonWriter *w, Str json);
/* Any value but bytes and objects: who has an object (a model row, a lazy text) says by which value it is written. */
CLEF_API(bool, json_value, JsonWriter *w, Value v);

/* Appends one value. False: see json_writer_end; a part of it may have been appended. */
CLEF_API(bool, json_write, Buf *out, Value v, JsonStyle style);
/* Appends a string with its quotes, escaped in that style. */
CLEF_API(bool, json_string_add, Buf *out, Str s, JsonStyle style);

#endif
