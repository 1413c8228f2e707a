/*
 * urlize.h: addresses in running text as links (Django's urlize): http:// and https:// URLs, names that begin with
 * "www." or end in one of the first top-level domains, and mail addresses. Punctuation around an address stays outside
 * of the link.
 */
#ifndef CLEF_I18N_URLIZE_H
#define CLEF_I18N_URLIZE_H

#include <clef/base/str.h>

typedef struct UrlizeOptions {
    bool trim;          /* longer texts of links are cut to trim_limit characters, the ellipsis included */
    int64_t trim_limit; /* below 1: the ellipsis alone */
    bool nofollow;      /* rel="nofollow" */
    bool escape;        /* the text is no markup: escape it */
    bool assume_https;  /* what names no scheme; else http */
} UrlizeOptions;

CLEF_API(Str, urlize, Arena *a, Str s, UrlizeOptions options);
/* A URL with everything quoted that has to be, whether it was quoted already or not. */
CLEF_API(Str, smart_urlquote, Arena *a, Str url);

#endif
