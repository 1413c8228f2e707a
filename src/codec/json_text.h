/* json_text.h: what the files of the JSON reader and writer share. */
#ifndef CLEF_CODEC_JSON_TEXT_H
#define CLEF_CODEC_JSON_TEXT_H

#include <clef/codec/json.h>

/* Sets the reader's error at a place of its text, if there is none yet, and stops it. */
CLEF_PRIVATE(JsonToken, json_reader_fail, JsonReader *r, const char *message, const char *at);
/* Where a value may stand: writes the comma and the line break before it. False, with the error set, where it may not. */
CLEF_PRIVATE(bool, json_place, JsonWriter *w);
/* Sets the error, if there is none yet. Returns false. */
CLEF_PRIVATE(bool, json_fail, JsonWriter *w, const char *message);
/* The result of an append: sets the error when it failed. */
CLEF_PRIVATE(bool, json_done, JsonWriter *w, bool appended);

#endif
