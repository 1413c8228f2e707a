/* form_tables.h: recorded fields and widgets as the const tables of forms. */
#ifndef TESTS_CONFORMANCE_FORM_TABLES_H
#define TESTS_CONFORMANCE_FORM_TABLES_H

#include "conformance/template_values.h"
#include <clef/forms.h>
#include <clef/forms/class.h>

/* The field of a recorded {name, field, options, args}, its member a Value at `index`; false for a class without a kind. */
bool form_table_field(Arena *a, TimeZones *zones, const Map *recorded, size_t index, FormField *out);
/* The widget of {"$widget": ..., ...}; NULL for a class that is not known. */
const Widget *form_table_widget(Arena *a, TimeZones *zones, const Map *recorded);
/* An upload of {"$file": name, "size": n, "content": ...}. */
const UploadedFile *form_table_file(Arena *a, const Map *recorded);
/* A cleaned value in the notation of the recordings. */
Value form_table_notation(Arena *a, Value v);
/* Python's repr(). */
Str form_table_repr(Arena *a, Value v);
/* Markup with no white space between tags, and one blank where there is some elsewhere. */
Str form_table_markup(Arena *a, Str html);

#endif
