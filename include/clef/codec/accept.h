/*
 * accept.h: content negotiation (RFC 9110, 12.5): media types with their parameters and quality as Django's MediaType,
 * and the plainer lists of encodings, charsets and languages. Quality is in thousandths, 0 to 1000.
 */
#ifndef CLEF_CODEC_ACCEPT_H
#define CLEF_CODEC_ACCEPT_H

#include <clef/codec/header.h>

typedef struct MediaType {
    Str main, sub; /* lower case; "*" for any */
    const HeaderParam *params;
    size_t n;              /* parameters, q among them */
    uint16_t quality;      /* of q; 1000 where it is missing or bad */
    uint8_t specificity;   /* 0 any, 1 any of a main type, 2 a type, 3 a type with parameters */
    bool has_range_params; /* parameters other than q */
} MediaType;

/* False where parse_header_parameters says so. Text without a slash has an empty `sub`, and matches nothing. */
CLEF_API(bool, media_type_parse, Arena *a, Str text, MediaType *out) CLEF_MUST_USE;
/*
 * Whether `type` fits `range`: types equal or either "*"; parameters equal when both have some; parameters of `type`
 * alone do not matter, those of `range` alone do.
 */
CLEF_API(bool, media_type_match, const MediaType *type, const MediaType *range) CLEF_PURE;
/* "text/html; level=1" */
CLEF_API(Str, media_type_text, Arena *a, const MediaType *type);

/* An Accept header, read. */
typedef struct Accept {
    const MediaType *types;        /* by quality, then specificity, best first; those with quality 0 left out */
    const uint16_t *by_precedence; /* indexes of `types` by specificity, then quality */
    size_t n;
} Accept;
/* Types past the first ACCEPT_MAX are not read. */
enum { ACCEPT_MAX = 64 };
/* The NULL string (no header) reads as any type. */
CLEF_API(Accept, accept_parse, Arena *a, Str header);
/* The most specific accepted range that fits the type, or NULL. */
CLEF_API(const MediaType *, accept_find, const Accept *accept, const MediaType *type) CLEF_PURE;
CLEF_API(bool, accept_has, Arena *a, const Accept *accept, Str type);
/* Which of the offers the client prefers: its index; STR_NPOS for none. */
CLEF_API(size_t, accept_preferred, Arena *a, const Accept *accept, const Str *offers, size_t n);

/*
 * The quality that an Accept-Encoding or Accept-Charset header gives to a coding: its own, else that of "*", else 0. For
 * "identity" the last is 1000: it is refused only by name or by "*;q=0". An absent header (NULL) gives 1000 to all.
 */
CLEF_API(unsigned, accept_coding, Str header, Str coding);

typedef struct AcceptLanguage {
    Str tag; /* lower case, or "*" */
    uint16_t quality;
} AcceptLanguage;
/* Characters of an Accept-Language header that are read: up to the last comma before, when it is longer. */
enum { ACCEPT_LANGUAGE_MAX = 500 };
/* The languages in the client's order of preference, *n of them; none when the header is malformed. */
CLEF_API(const AcceptLanguage *, parse_accept_lang_header, Arena *a, Str header, size_t *n);

#endif
