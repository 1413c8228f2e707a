/*
 * error.h: what goes wrong in a template, in Django's words, with the place. Everything in this domain that raises, raises
 * an Error of status 500 whose payload is a TemplateError; a page of development shows from it the lines around the place
 * and the way from the page's template to the one that failed.
 */
#ifndef CLEF_TEMPLATE_ERROR_H
#define CLEF_TEMPLATE_ERROR_H

#include <clef/rt/context.h>

/* One template on the way to the error. */
typedef struct TemplatePlace {
    Str name;      /* "blog/post.html"; empty for a template made of a text */
    Str origin;    /* the file, or what the loader calls it */
    uint32_t line; /* from 1; 0: not known */
} TemplatePlace;

typedef struct TemplateError {
    const char *type; /* Django's or Python's class: "TemplateSyntaxError", "TemplateDoesNotExist", "ValueError", ... */
    Str message;      /* what str(exception) is there */
    TemplatePlace place;
    Str source;                 /* the whole text of the template; NULL string: not known */
    size_t start, end;          /* the tag in it, in bytes */
    const TemplatePlace *chain; /* who rendered it, outermost first: includes and extends */
    size_t nchain;
    const Str *tried; /* TemplateDoesNotExist: "path/to/x.html (Source does not exist)" */
    size_t ntried;
    const Str *tried_by; /* the engine of each; NULL: there was but one to ask */
} TemplateError;

/* The payload of an error that this domain raised; NULL for any other. */
CLEF_API(const TemplateError *, template_error_of, const Error *e);
/* Raises one made by hand: for engines beside Clef's. *e is copied; what it points at is in the arena of cx, or static. */
CLEF_API(void, template_error_raise, Context *cx, const TemplateError *e) CLEF_NORETURN CLEF_COLD;

/* One line of source for a page that explains an error. */
typedef struct TemplateErrorLine {
    uint32_t number;
    Str before, during, after; /* `during` is the tag, on the line where it begins; else all is in `before` */
    bool marked;
} TemplateErrorLine;
/* Up to `context` lines before and behind the place. Returns how many were put at `out` (room for 2 * context + 1). */
CLEF_API(size_t, template_error_lines, const TemplateError *e, size_t context, TemplateErrorLine *out);

#endif
