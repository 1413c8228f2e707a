/*
 * path.h: URL tables. A table is a const array of entries, read from top to bottom: the first entry that matches the path
 * answers. Django's urlpatterns, with Django's names.
 *
 *     const Url blog_urls[] = {
 *         PATH("",                    post_list,   .name = "list"),
 *         PATH("<int:year>/archive/", archive,     .name = "archive", .kwargs = KWARGS("month", 1)),
 *         PATH("<slug:slug>/",        post_detail, .name = "detail"),
 *         RE_PATH("^feed\\.(?P<format>rss|atom)$", feed),
 *         INCLUDE("comments/", comment_urls, .namespace = "comments"),
 *         URLS_END
 *     };
 *
 * A view is a function `Response *view(Request *r)` or a View object (<clef/http/view.h>). Captured values are read by
 * url_str(r, "slug") and its kin. Between angle brackets stands `converter:name`, or a name alone, which means `str`:
 *
 *     str   text without '/', not empty          int   digits                 slug  letters, digits, '-' and '_'
 *     uuid  a UUID in lower case with dashes     path  text with '/', not empty
 *
 * and those that the program adds (UrlConverter). RE_PATH takes a regular expression as Python's re reads it.
 */
#ifndef CLEF_URLS_PATH_H
#define CLEF_URLS_PATH_H

#include <clef/http/view.h>

/* Limits of one table; past them urlconf_compile says which route. */
#define URL_MAX_DEPTH    16u     /* INCLUDEs inside each other */
#define URL_MAX_CAPTURES 64u     /* values captured by an entry and the INCLUDEs around it */
#define URL_MAX_ENTRIES  100000u /* entries of all tables together, each counted as often as it is included */
#define URL_MAX_ROUTE    4096u   /* bytes of one route */

typedef enum UrlKind { URL_PATH, URL_REGEX, URL_LOCALE, URL_HANDLER } UrlKind;

/* A default of KWARGS(...): a text, a number, a truth value, or (for tables made at run time) any value. */
typedef struct UrlDefault {
    const char *name; /* NULL ends the list */
    const char *text;
    int64_t number;
    double real;
    const Value *value;
    uint8_t kind; /* ValueTag of the first three; VALUE_OBJECT: *value */
} UrlDefault;

struct Url {
    const char *route; /* NULL ends the table */
    UrlKind kind;
    Response *(*function)(Request *r);
    const View *view;
    const char *view_name;      /* the view as the table spells it, for entries without a name */
    const Url *include;         /* INCLUDE: the table inside */
    const char *name;           /* for REVERSE */
    const char *namespace;      /* INCLUDE: of this instance; "" and NULL: app_name */
    const char *app_name;       /* INCLUDE: of the application; NULL: namespace */
    const UrlDefault *kwargs;   /* KWARGS(...): given to the view over what was captured */
    const ViewOptions *options; /* exemptions and the like, read by middleware */
    int status;                 /* HANDLER: 400, 403, 404 or 500 */
    bool unprefixed_default;    /* LOCALE_PREFIX: the default language has no prefix */
};

/* The members of an entry, or of a UrlView, that name a view: a function or a const View. */
#define CLEF_URL_VIEW(v) \
    .view = _Generic(&(v), const View *: &(v), default: NULL),                       \
    .function = _Generic(&(v), const View *: NULL, default: (v)), .view_name = #v

/* clang-format off */
#define PATH(route_, v, ...)        { .route = "" route_, CLEF_URL_VIEW(v) __VA_OPT__(,) __VA_ARGS__ }
#define RE_PATH(regex_, v, ...)     { .route = "" regex_, .kind = URL_REGEX, CLEF_URL_VIEW(v) __VA_OPT__(,) __VA_ARGS__ }
#define INCLUDE(route_, urls_, ...) { .route = "" route_, .include = (urls_) __VA_OPT__(,) __VA_ARGS__ }
#define RE_INCLUDE(regex_, urls_, ...) \
    { .route = "" regex_, .kind = URL_REGEX, .include = (urls_) __VA_OPT__(,) __VA_ARGS__ }
/* Django's i18n_patterns: the entries inside stand behind the active language ("nl/"). In the root table only. */
#define LOCALE_PREFIX(urls_, ...)   { .route = "", .kind = URL_LOCALE, .include = (urls_) __VA_OPT__(,) __VA_ARGS__ }
/* Django's handler404 and kin, in the root table: the view for an answer with this status. */
#define HANDLER(status_, v)         { .route = "", .kind = URL_HANDLER, .status = (status_), CLEF_URL_VIEW(v) }
#define URLS_END                    { 0 }

/* Defaults: KWARGS("slug", "home", "page", 1). Texts, integers, doubles; (bool)true for a truth value. */
#define KWARGS(...) ((const UrlDefault[]){ CLEF_URL_DEFAULTS(__VA_ARGS__) { 0 } })
#define CLEF_URL_DEFAULT(unused, name_, v)                                                                              \
    { .name = "" name_,                                                                                         \
      .text = _Generic((v), char *: (v), const char *: (v), default: NULL),                                     \
      .number = _Generic((v), char *: 0, const char *: 0, float: 0, double: 0, default: (v)),                   \
      .real = _Generic((v), float: (v), double: (v), default: 0),                                               \
      .kind = _Generic((v), char *: VALUE_STR, const char *: VALUE_STR, float: VALUE_DOUBLE, double: VALUE_DOUBLE, \
                       bool: VALUE_BOOL, default: VALUE_INT) }
#define CLEF_URL_DEFAULTS(...) CLEF_PAIRS(CLEF_URL_DEFAULT, , __VA_ARGS__)
/* clang-format on */

/*
 * A converter of the program's own. `regex` is Python's, without named groups, and should not match the empty text.
 * Both functions allocate in the arena; one that is NULL takes the text as it is.
 */
typedef struct UrlConverter {
    const char *name;                                 /* as routes write it: <year:published> */
    const char *regex;                                /* "[0-9]{4}" */
    bool (*to_value)(Arena *a, Str text, Value *out); /* false: this route does not match after all */
    bool (*to_url)(Arena *a, Value value, Str *out);  /* false: this route cannot be reversed with that value */
} UrlConverter;

#endif
