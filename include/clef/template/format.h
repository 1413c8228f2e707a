/*
 * format.h: small pieces of markup put together in C: Django's format_html. Every argument is escaped, but for safe texts.
 *
 *     SafeStr link = FORMAT_HTML(r->arena, "<a href=\"{}\">{}</a>", url, title);
 */
#ifndef CLEF_TEMPLATE_FORMAT_H
#define CLEF_TEMPLATE_FORMAT_H

#include <clef/base/macro.h>
#include <clef/base/map.h>

typedef struct FormatArguments {
    const Value *p; /* for {} in order, and for {0}, {1}, ... */
    size_t n;
    const Map *named; /* for {name}; may be NULL */
} FormatArguments;

typedef enum FormatOutcome {
    FORMAT_OK,
    FORMAT_MALFORMED, /* a ValueError of Python: a lone brace, {} beside {0}, a specification that texts do not have */
    FORMAT_NO_ARGUMENT, /* an IndexError */
    FORMAT_NO_NAME,     /* a KeyError; the attributes and items of Python's fields are not there either */
    FORMAT_TOO_LONG,    /* more than 64 MiB */
} FormatOutcome;
/*
 * Braces are written twice to stand for themselves. A field may say "!s" or "!r", and how its (escaped) text is laid out:
 * "{:*^9.3}" as Python's format specification has it for texts. *out is left alone unless FORMAT_OK.
 */
CLEF_API(FormatOutcome, format_html, Arena *a, Str format, const FormatArguments *args, SafeStr *out) CLEF_MUST_USE;
/* The same; a format that does not fit its arguments is a bug (ASSERT). */
CLEF_API(SafeStr, format_html_or_die, Arena *a, const char *format, const Value *args, size_t n);

/* clang-format off */
#define FORMAT_HTML(arena, format, ...) \
    format_html_or_die((arena), (format), (const Value[]){ CLEF_TEMPLATE_VALUES(__VA_ARGS__) { .tag = VALUE_NULL } }, \
                       sizeof((const Value[]){ CLEF_TEMPLATE_VALUES(__VA_ARGS__) { .tag = VALUE_NULL } }) / sizeof(Value) - 1)
#define CLEF_TEMPLATE_VALUES(...)     CLEF_EACH(CLEF_TEMPLATE_VALUE, , __VA_ARGS__)
#define CLEF_TEMPLATE_VALUE(unused, v) VALUE(v)
/* clang-format on */

#endif
