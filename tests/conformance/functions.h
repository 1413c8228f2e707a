/* functions.h: what the files of the suite `functions` share: a call, and tables of rows by subject. */
#ifndef TESTS_CONFORMANCE_FUNCTIONS_H
#define TESTS_CONFORMANCE_FUNCTIONS_H

#include "conformance/template_values.h"
#include <clef/i18n.h>
#include <clef/template.h>

typedef struct Call {
    Run *run;
    Arena *arena;
    const Map *record;
    Str fn;
    const Value *args; /* plain: safe and lazy texts are texts */
    size_t nargs;
    const Map *kwargs;
    /* the same as templates see them: dates, decimals, safe texts */
    const Value *values;
    const Map *named;
    TimeZones *zones;
    Value result;
    const char *error; /* type of Python's; NULL: the result counts */
    Str message;
    const Map *error_map; /* instead of type and message */
} Call;

typedef struct Row {
    const char *name; /* ends in '.': all functions of the module */
    void (*call)(Call *c);
    bool lazy; /* a lazy argument gives a lazy result */
} Row;

extern const Row text_rows[], http_rows[], filter_rows[], i18n_rows[], signing_rows[];

/* The argument at i, or that name; null when it was not given. */
Value argument(const Call *c, size_t i, const char *name);
Value value_argument(const Call *c, size_t i, const char *name);
Str text_argument(const Call *c, size_t i);
void give(Call *c, Str s);
void give_safe(Call *c, Str s);
void fail(Call *c, const char *type, Str message);
/* What is active where the case was recorded: `env`, over Django's global defaults. */
const Locale *locale_of_call(Call *c);
/* An engine with the settings of the case. */
TemplateEngine *call_engine(Call *c, Context *cx);
Str value_text_of(Call *c, Value v);

#endif
