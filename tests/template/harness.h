/* harness.h: rendering a text over a context, with what went wrong. */
#ifndef TESTS_TEMPLATE_HARNESS_H
#define TESTS_TEMPLATE_HARNESS_H

#include <clef/base.h>
#include <clef/template.h>
#include <clef/test.h>

typedef struct Trial {
    TemplateEngineOptions options;
    Str name, text; /* a template of a text, or (without text) one by name */
    const TemplatePair *pairs;
    Str output;
    const TemplateError *error;
    const Error *raised;
    TemplateEngine *engine; /* NULL: one of the options */
} Trial;

/* Fills output, or error and raised. */
void trial_run(Trial *t);
/* The output; the error as "Type: message" when it failed. */
Str rendered(const char *text, const TemplatePair *pairs);
#define PAIRS(...)                                        \
    (const TemplatePair[])                                \
    {                                                     \
        CLEF_TEMPLATE_PAIRS(__VA_ARGS__) { .name = NULL } \
    }

#endif
